import type { Clock } from '../clock.ts';
import { SlidingWindow } from '../sliding-window.ts';

/** The vendor publishes no limits; these are the narrowest that clients tell of (sheet 2.6). */
export interface Limits {
  enabled: boolean;
  /** Calls of one token in flight at once; null means no limit. */
  concurrent: number | null;
  /** Calls of one token a minute; null means no limit. */
  perMinute: number | null;
  retryAfter: boolean;
  /** The form of the 429 body. */
  body: 'graphql' | 'html';
}

export function initialLimits(): Limits {
  return { enabled: true, concurrent: 2, perMinute: 60, retryAfter: true, body: 'graphql' };
}

const MINUTE = 60_000;

interface Use {
  window: SlidingWindow | undefined;
  inFlight: number;
}

/** A sliding minute and a count of calls in flight for every token. */
export class Throttle {
  limits: Limits = initialLimits();
  private uses = new Map<string, Use>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Applies changed limits from now on. */
  set(limits: Partial<Limits>): void {
    this.limits = { ...this.limits, ...limits };
    const inFlight = [...this.uses].filter(([, use]) => use.inFlight > 0);
    this.uses = new Map();
    for (const [token, { inFlight: count }] of inFlight) this.of(token).inFlight = count;
  }

  /** Takes note that a call is under way; answers how many there are of this token now. */
  enter(token: string): number {
    return ++this.of(token).inFlight;
  }

  leave(token: string): void {
    this.of(token).inFlight--;
  }

  /** Seconds to wait, or undefined when the call may go on. Refused calls do not fill the minute. */
  refuse(token: string): number | undefined {
    const { enabled, concurrent } = this.limits;
    if (!enabled) return undefined;
    const { window, inFlight } = this.of(token);
    if (concurrent !== null && inFlight > concurrent) return 1;
    const now = this.clock.now();
    const wait = window?.waitFor(MINUTE, now) ?? 0;
    if (wait > 0) return Math.max(1, Math.ceil(wait / 1000));
    window?.add(now);
    return undefined;
  }

  private of(token: string): Use {
    let use = this.uses.get(token);
    if (!use) {
      const { perMinute } = this.limits;
      use = { window: perMinute === null ? undefined : new SlidingWindow(perMinute), inFlight: 0 };
      this.uses.set(token, use);
    }
    return use;
  }
}
