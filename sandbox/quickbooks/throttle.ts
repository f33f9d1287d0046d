import type { Clock } from '../clock.ts';
import { SlidingWindow } from '../sliding-window.ts';
import type { Meter } from './meter.ts';

export interface Limits {
  enabled: boolean;
  perMinute: number;
  perSecond: number;
  batchPerMinute: number;
  /** Calls of one company in flight at once; null means no limit. */
  concurrent: number | null;
  /** The form of the 429 body: XML even though JSON was asked for, or the lower-case JSON of other gateway faults. */
  body: 'xml' | 'json';
  retryAfter: boolean;
  /** Metered reads of all companies in a calendar month; null means no quota. */
  monthlyReadQuota: number | null;
}

export function initialLimits(): Limits {
  return {
    enabled: true,
    perMinute: 500,
    perSecond: 10,
    batchPerMinute: 40,
    concurrent: null,
    body: 'xml',
    retryAfter: false,
    monthlyReadQuota: null,
  };
}

interface RealmWindows {
  minute: SlidingWindow;
  batch: SlidingWindow;
  /** One per app and realm. */
  second: Map<string, SlidingWindow>;
  inFlight: number;
}

export interface Refusal {
  retryAfterSeconds: number;
}

/** Sliding windows per company, and per app and company (sheet 7.1). */
export class Throttle {
  limits: Limits = initialLimits();
  private realms = new Map<string, RealmWindows>();
  private readonly clock: Clock;
  private readonly meter: Meter;

  constructor(clock: Clock, meter: Meter) {
    this.clock = clock;
    this.meter = meter;
  }

  /** Applies changed limits from now on. */
  set(limits: Partial<Limits>): void {
    this.limits = { ...this.limits, ...limits };
    this.reset();
  }

  reset(): void {
    const inFlight = [...this.realms].map(([realm, windows]) => [realm, windows.inFlight] as const);
    this.realms = new Map();
    for (const [realm, count] of inFlight) this.windowsOf(realm).inFlight = count;
  }

  /** Counts the call, or says how long to wait. Refused calls do not fill the windows. */
  refuse(realm: string, app: string, isBatch: boolean, isRead: boolean): Refusal | undefined {
    if (!this.limits.enabled) return undefined;
    const now = this.clock.now();
    const windows = this.windowsOf(realm);
    let second = windows.second.get(app);
    if (!second) windows.second.set(app, (second = new SlidingWindow(this.limits.perSecond)));
    const waits = [windows.minute.waitFor(60_000, now), second.waitFor(1000, now)];
    if (isBatch) waits.push(windows.batch.waitFor(60_000, now));
    if (this.limits.concurrent !== null && windows.inFlight > this.limits.concurrent) waits.push(1000);
    const { monthlyReadQuota } = this.limits;
    const month = new Date(now).toISOString().slice(0, 7);
    if (isRead && monthlyReadQuota !== null && this.meter.readsThisMonth(month) >= monthlyReadQuota) {
      const [year, number] = month.split('-').map(Number) as [number, number];
      waits.push(Date.UTC(year, number, 1) - now);
    }
    const wait = Math.max(...waits);
    if (wait > 0) return { retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)) };
    windows.minute.add(now);
    second.add(now);
    if (isBatch) windows.batch.add(now);
    return undefined;
  }

  enter(realm: string): void {
    const windows = this.windowsOf(realm);
    windows.inFlight++;
    const counts = this.meter.of(realm);
    counts.concurrencyPeak = Math.max(counts.concurrencyPeak, windows.inFlight);
  }

  leave(realm: string): void {
    this.windowsOf(realm).inFlight--;
  }

  private windowsOf(realm: string): RealmWindows {
    let windows = this.realms.get(realm);
    if (!windows) {
      windows = {
        minute: new SlidingWindow(this.limits.perMinute),
        batch: new SlidingWindow(this.limits.batchPerMinute),
        second: new Map(),
        inFlight: 0,
      };
      this.realms.set(realm, windows);
    }
    return windows;
  }
}
