import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import * as path from 'node:path';
import { eventually } from './eventually.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

export interface Programs {
  concordUrl: string;
  sandboxUrl: string;
  adminKey: string;
  stop(): Promise<void>;
}

/** Concord and the sandboxes as two programs on ports of their own, with everything they keep in one directory. */
export const startPrograms = async (dataDir: string): Promise<Programs> => {
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const [concordUrl, sandboxUrl] = [`http://localhost:${port}`, `http://127.0.0.1:${sandboxPort}`];
  const adminKey = randomBytes(32).toString('base64url');
  const programs: Program[] = [];
  const stop = async (): Promise<void> => {
    for (const program of programs.splice(0).reverse()) await program.stop();
  };
  try {
    programs.push(new Program('sandbox/main.ts', { SANDBOX_PORT: String(sandboxPort), SANDBOX_SEED: '1' }));
    programs.push(
      new Program('dist/main.js', {
        PORT: String(port),
        CONCORD_DATA_DIR: dataDir,
        CONCORD_SANDBOX_URL: sandboxUrl,
        CONCORD_BOOTSTRAP_KEY: adminKey,
        LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
      }),
    );
    await eventually('Concord to be ready', async () => {
      const ended = programs.find((program) => program.ended);
      if (ended) throw new Error(`${ended.name} ended at its start:\n${ended.output}`);
      const answers = await Promise.all([`${concordUrl}/readyz`, `${sandboxUrl}/`].map(isUp));
      return answers.every(Boolean) || undefined;
    });
    return { concordUrl, sandboxUrl, adminKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** One child process, with the end of what it printed. */
class Program {
  readonly name: string;
  output = '';
  ended = false;
  private readonly child: ChildProcess;

  constructor(name: string, environment: Record<string, string>) {
    this.name = name;
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', name], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output = (this.output + text).slice(-4000)));
    }
    this.child.once('exit', () => (this.ended = true));
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
  }
}

const isUp = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
