import type { Answer } from '../answer.ts';
import type { Clock } from '../clock.ts';
import { SlidingWindow } from '../sliding-window.ts';
import { json, plainText } from './answer.ts';
import { DAY, SECOND, utcDay } from './calendar.ts';
import { RATE_LIMIT_DETAILS } from './misbehaviour.ts';
import { envelope } from './problem.ts';

export interface Limits {
  enabled: boolean;
  perSecond: number;
  perDay: number;
  /** Documented is 403; third parties report 429. */
  status: 403 | 429;
  /** Older front ends answered plain text. */
  body: 'json' | 'text';
  retryAfter: boolean;
}

export const initialLimits = (): Limits => ({
  enabled: true,
  perSecond: 8,
  perDay: 1_000_000,
  status: 403,
  body: 'json',
  retryAfter: true,
});

/** Calls of one API key, whichever files they go to (sheet 4.10). Refused calls do not count. */
export class Throttle {
  limits: Limits = initialLimits();
  private readonly clock: Clock;
  private seconds = new Map<string, SlidingWindow>();
  private days = new Map<string, { day: string; calls: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Applies changed limits from now on. */
  set(limits: Partial<Limits>): void {
    this.limits = { ...this.limits, ...limits };
    this.seconds = new Map();
  }

  clear(): void {
    this.seconds = new Map();
    this.days = new Map();
  }

  today(key: string): number {
    const known = this.days.get(key);
    return known?.day === utcDay(this.clock.now()) ? known.calls : 0;
  }

  /** Counts the call, or answers that there were too many. */
  refuse(key: string): Answer | undefined {
    const now = this.clock.now();
    const window = this.windowOf(key);
    if (this.limits.enabled) {
      const wait = window.waitFor(SECOND, now);
      if (wait > 0) return this.tooMany('per second', Math.max(1, Math.ceil(wait / SECOND)));
      if (this.today(key) >= this.limits.perDay) {
        return this.tooMany('per day', Math.ceil((DAY - (now % DAY)) / SECOND));
      }
    }
    window.add(now);
    this.days.set(key, { day: utcDay(now), calls: this.today(key) + 1 });
    return undefined;
  }

  private windowOf(key: string): SlidingWindow {
    let window = this.seconds.get(key);
    if (!window) this.seconds.set(key, (window = new SlidingWindow(this.limits.perSecond)));
    return window;
  }

  private tooMany(which: string, seconds: number): Answer {
    const { status, body, retryAfter } = this.limits;
    const headers = retryAfter ? { 'Retry-After': String(seconds) } : undefined;
    if (body === 'text') return { ...plainText(status, '<h1>403 Developer Over Qps</h1>'), headers };
    const message = `API key has been rate limited ${which}`;
    return { ...json(status, envelope([{ name: 'RateLimitError', details: RATE_LIMIT_DETAILS, message }])), headers };
  }
}
