import { type ChildProcess, spawn } from 'node:child_process';
import * as path from 'node:path';
import { eventually } from '../../demo/eventually.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
/** As much as helps whoever reads why a test failed. */
const TAIL = 6_000;

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** Concord as operators run it: the built program in a process of its own, with the end of what it logs. */
export class Program {
  private log = '';
  private exited: Exit | undefined;
  private readonly exit: Promise<Exit>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.log = (this.log + text).slice(-TAIL)));
    }
    this.exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve((this.exited = { code, signal })));
    });
  }

  /** Starts the program in a role and waits until it says that it can work. */
  static async start(
    name: string,
    role: 'api' | 'worker',
    environment: Readonly<Record<string, string>>,
  ): Promise<Program> {
    const child = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js', `--role=${role}`], {
      cwd: ROOT,
      env: { PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const program = new Program(name, child);
    try {
      await eventually(`${name} to be ready`, async () => {
        if (program.exited) throw new Error(`${name} ended at its start:\n${program.log}`);
        return (await isReady(environment.PORT!)) || undefined;
      });
    } catch (error) {
      await program.kill();
      throw error;
    }
    return program;
  }

  /** What it logged last. */
  get tail(): string {
    return `── ${this.name} (${this.child.pid}) ──\n${this.log}`;
  }

  get ended(): boolean {
    return this.exited !== undefined;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.exited) this.child.kill(signal);
  }

  /** Asks it to end, as an operator does; answers how it ended. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exit;
  }

  /** kill -9: nothing of it runs any more when this settles. */
  async kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exit;
  }
}

const isReady = async (port: string): Promise<boolean> => {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
};
