import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** How long a companion may take to end before it is made to. */
const PATIENCE_MS = 5_000;

export interface CompanionOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Receives each line that it prints. */
  readonly say: (line: string) => void;
  /** Told when it has ended without having been asked to. */
  readonly ended: (code: number | null) => void;
}

/**
 * A program of this repository that runs beside Concord in development: the sandboxes, the demonstration. It is started
 * by its path and spoken to over HTTP, so that nothing here imports it; it leads a process group of its own, so that
 * Ctrl-C reaches Concord first; and it ends when the line between us is cut, so that it survives no kill -9.
 */
export class Companion {
  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<void>,
    private readonly stopping: { yes: boolean },
  ) {}

  /** `program` relative to the repository's root. Settles when it says that it is ready; throws when it ends before. */
  static async start(program: string, { environment, say, ended }: CompanionOptions): Promise<Companion> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const stopping = { yes: false };
    const lines: string[] = [];
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > 20) lines.shift();
        say(line);
      });
    }
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`${program} ended at its start (${code}): ${lines.join(' ')}`)));
    });
    child.once('exit', (code) => {
      if (!stopping.yes) ended(code);
    });
    return new Companion(child, exited, stopping);
  }

  async stop(): Promise<void> {
    this.stopping.yes = true;
    this.child.kill('SIGTERM');
    const impatient = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    await this.exited;
    clearTimeout(impatient);
  }
}
