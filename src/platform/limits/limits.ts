/** How many calls may begin: at most `calls` in any span of `perMs`, whoever makes them. */
export interface Rate {
  /** Names those whose calls count together. */
  readonly key: string;
  readonly calls: number;
  readonly perMs: number;
}

/** How many calls may be under way at once. */
export interface Concurrency {
  readonly key: string;
  readonly concurrent: number;
}

export type Limit = Rate | Concurrency;

export const isRate = (limit: Limit): limit is Rate => 'calls' in limit;

/**
 * Limits that all processes share. A call takes its place in all limits that it draws from at once, or in none; time is
 * the store's own.
 */
export abstract class Limits {
  /**
   * Takes a place for `holder` in all the limits, for at most `leaseMs` where places are few. Returns 0, or, if there
   * is none, the milliseconds after which it is worth asking again.
   */
  abstract take(limits: readonly Limit[], holder: string, leaseMs: number): Promise<number>;
  /** Gives back what the holder has of places that are few. */
  abstract release(holder: string): Promise<void>;
}

/** When a place that somebody holds is asked for again; nobody knows when it will be given back. */
export const BUSY_WAIT_MS = 50;

/**
 * A rate as a leaky bucket (the generic cell rate algorithm): `burst` calls at once, and one every `everyMs` after that.
 * Both together never pass `calls` in any span of `perMs`, not even when a burst meets the end of the span before it;
 * that costs an eighth of the steady rate.
 */
export const bucketOf = ({ calls, perMs }: Rate): { readonly everyMs: number; readonly slackMs: number } => {
  const burst = Math.max(1, Math.floor(calls / 8));
  const everyMs = perMs / Math.max(1, calls - burst);
  return { everyMs, slackMs: (burst - 1) * everyMs };
};
