import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const QUIET_MS = 250;
const LONGEST_WAIT_MS = 2000;

/**
 * Keeps the sandboxes' state in one file: written whole beside it and renamed, so that a kill at any time leaves a
 * readable file. Writing waits for a quiet moment, but not for ever.
 */
export class StateFile {
  private readonly path: string;
  private readonly collect: () => unknown;
  private timer: NodeJS.Timeout | undefined;
  private unsavedSince: number | undefined;

  constructor(path: string, collect: () => unknown) {
    this.path = path;
    this.collect = collect;
  }

  read(): Record<string, unknown> {
    if (!existsSync(this.path)) return {};
    return JSON.parse(readFileSync(this.path, 'utf8')) as Record<string, unknown>;
  }

  changed(): void {
    const now = performance.now();
    this.unsavedSince ??= now;
    const overdue = now - this.unsavedSince > LONGEST_WAIT_MS;
    if (this.timer && overdue) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), QUIET_MS);
    this.timer.unref();
  }

  /** Writes now what is not written yet. */
  save(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.unsavedSince === undefined) return;
    this.unsavedSince = undefined;
    const beside = `${this.path}.${process.pid}.tmp`;
    writeFileSync(beside, JSON.stringify(this.collect()), { mode: 0o600 });
    renameSync(beside, this.path);
  }
}
