import type { Pauses } from '../clock/index.js';
import type { Limit, Limits } from './limits.js';

/** Whoever would have to wait longer than this goes away and comes back (ENGINE E4). */
export const PATIENCE_MS = 2_000;

export type Entry = { readonly entered: true } | { readonly entered: false; readonly waitMs: number };

/** Waits for a place where the wait is short, and says how long it is where it is not. */
export class Pacing {
  constructor(
    private readonly limits: Limits,
    private readonly pauses: Pauses,
  ) {}

  async enter(limits: readonly Limit[], holder: string, leaseMs: number): Promise<Entry> {
    if (limits.length === 0) return { entered: true };
    for (let waited = 0; ;) {
      const wait = await this.limits.take(limits, holder, leaseMs);
      if (wait === 0) return { entered: true };
      if (waited + wait > PATIENCE_MS) return { entered: false, waitMs: wait };
      await this.pauses.wait(wait);
      waited += wait;
    }
  }

  leave(holder: string): Promise<void> {
    return this.limits.release(holder);
  }
}
