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
  const adminKey = randomBytes(32).toString('base64url');
  const sandbox = await startSandbox();
  try {
    const concord = await startConcord({ dataDir, adminKey, sandboxUrl: sandbox.url });
    const stop = async (): Promise<void> => {
      await concord.stop();
      await sandbox.stop();
    };
    return { concordUrl: concord.url, sandboxUrl: sandbox.url, adminKey, stop };
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
};

/** The sandboxes, with the same companies every time. */
export const startSandbox = async (): Promise<Program> => {
  const port = await freePort();
  const environment = { SANDBOX_PORT: String(port), SANDBOX_SEED: '1' };
  return Program.start('sandbox/main.ts', environment, `http://127.0.0.1:${port}`, '/');
};

export interface ConcordOptions {
  dataDir: string;
  adminKey: string;
  sandboxUrl: string;
  /** A free one where none is given. */
  port?: number;
  /** More settings, in place of the defaults. */
  environment?: Record<string, string>;
  /** Node's own options for the process. */
  nodeOptions?: string[];
}

export const startConcord = async (options: ConcordOptions): Promise<Program> => {
  const port = options.port ?? (await freePort());
  const environment = {
    PORT: String(port),
    CONCORD_DATA_DIR: options.dataDir,
    CONCORD_SANDBOX_URL: options.sandboxUrl,
    CONCORD_BOOTSTRAP_KEY: options.adminKey,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
    ...options.environment,
  };
  return Program.start('dist/main.js', environment, `http://localhost:${port}`, '/readyz', options.nodeOptions);
};

/** One child process, with the end of what it printed. */
export class Program {
  readonly name: string;
  readonly url: string;
  output = '';
  ended = false;
  private readonly child: ChildProcess;

  private constructor(name: string, environment: Record<string, string>, url: string, nodeOptions: string[]) {
    this.name = name;
    this.url = url;
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...nodeOptions, name], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output = (this.output + text).slice(-4000)));
    }
    this.child.once('exit', () => (this.ended = true));
  }

  /** Starts it and waits until `ready` below its URL answers well. Throws an Error with its last words if it ends before. */
  static async start(
    name: string,
    environment: Record<string, string>,
    url: string,
    ready: string,
    nodeOptions: string[] = [],
  ): Promise<Program> {
    const program = new Program(name, environment, url, nodeOptions);
    try {
      await eventually(`${name} to be ready`, async () => {
        if (program.ended) throw new Error(`${name} ended at its start:\n${program.output}`);
        return (await isUp(`${url}${ready}`)) || undefined;
      });
      return program;
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.child.pid!;
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

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
