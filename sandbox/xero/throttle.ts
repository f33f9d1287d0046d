import type { Clock } from '../clock.ts';
import { DAY, MINUTE } from './calendar.ts';
import type { Meter } from './meter.ts';
import type { Switches } from './switches.ts';

export const TIERS = ['starter', 'core', 'plus', 'advanced'] as const;
export type Tier = (typeof TIERS)[number];

export interface Limits {
  enabled: boolean;
  concurrent: number;
  perMinute: number;
  /** Calls a day; null follows the tier. */
  perDay: number | null;
  appPerMinute: number;
  tier: Tier;
  /** Lifts the minute and day limits for the first half hour of a connection, from the Plus tier up. */
  rapidSync: boolean;
}

export function initialLimits(): Limits {
  return {
    enabled: true,
    concurrent: 5,
    perMinute: 60,
    perDay: null,
    appPerMinute: 10_000,
    tier: 'core',
    rapidSync: false,
  };
}

const RAPID_SYNC = 30 * MINUTE;

/** Calls within a length of time: since a set moment, or of the last so many milliseconds. */
class Window {
  private readonly length: number;
  /** Fixed windows start at another moment for every tenant. */
  private readonly offset: number;
  private current = Number.NaN;
  private used = 0;
  private instants: number[] = [];

  constructor(length: number, offset: number) {
    this.length = length;
    this.offset = offset % length;
  }

  count(now: number, rolling: boolean): number {
    if (rolling) {
      while ((this.instants[0] ?? now) <= now - this.length) this.instants.shift();
      return this.instants.length;
    }
    const window = Math.floor((now + this.offset) / this.length);
    if (window !== this.current) {
      this.current = window;
      this.used = 0;
      this.instants = [];
    }
    return this.used;
  }

  add(now: number, rolling: boolean): void {
    this.used++;
    if (rolling) this.instants.push(now);
  }

  /** Milliseconds until there is room again. */
  wait(now: number, rolling: boolean): number {
    if (rolling) return (this.instants[0] ?? now) + this.length - now;
    return this.length - ((((now + this.offset) % this.length) + this.length) % this.length);
  }
}

interface Windows {
  minute: Window;
  day: Window;
  inFlight: number;
}

export interface Refusal {
  problem: string;
  retryAfterSeconds: number | undefined;
}

/** Limits per app and tenant, and over all tenants of the app (sheet 7). */
export class Throttle {
  limits: Limits = initialLimits();
  private tenants = new Map<string, Windows>();
  private app = new Window(MINUTE, 0);
  private readonly clock: Clock;
  private readonly meter: Meter;
  private readonly switches: Switches;

  constructor(clock: Clock, meter: Meter, switches: Switches) {
    this.clock = clock;
    this.meter = meter;
    this.switches = switches;
  }

  /** Applies changed limits, and starts counting anew. */
  set(limits: Partial<Limits>): void {
    this.limits = { ...this.limits, ...limits };
    const inFlight = [...this.tenants].map(([tenant, windows]) => [tenant, windows.inFlight] as const);
    this.tenants = new Map();
    this.app = new Window(MINUTE, 0);
    for (const [tenant, count] of inFlight) this.of(tenant).inFlight = count;
  }

  get perDay(): number {
    return this.limits.perDay ?? (this.limits.tier === 'starter' ? 1000 : 5000);
  }

  /** Counts the call, or says why not. `connectedAt` is when the tenant was connected. */
  refuse(tenant: string, connectedAt: number): Refusal | undefined {
    const { limits, switches } = this;
    if (!limits.enabled) return undefined;
    const now = this.clock.now();
    const rolling = switches.limitWindows === 'rolling';
    const windows = this.of(tenant);
    const seconds = (window: Window) => Math.max(1, Math.ceil(window.wait(now, rolling) / 1000));
    if (windows.inFlight > limits.concurrent) return this.refusal('concurrent', undefined);
    const lifted =
      limits.rapidSync && limits.tier !== 'starter' && limits.tier !== 'core' && now < connectedAt + RAPID_SYNC;
    if (!lifted && windows.day.count(now, rolling) >= this.perDay) return this.refusal('day', seconds(windows.day));
    if (!lifted && windows.minute.count(now, rolling) >= limits.perMinute) {
      return this.refusal('minute', seconds(windows.minute));
    }
    if (this.app.count(now, rolling) >= limits.appPerMinute) {
      return this.refusal(switches.appMinuteProblem, switches.retryAfterOnAppMinute ? seconds(this.app) : undefined);
    }
    if (!lifted) {
      windows.day.add(now, rolling);
      windows.minute.add(now, rolling);
    }
    this.app.add(now, rolling);
    return undefined;
  }

  private refusal(problem: string, retryAfterSeconds: number | undefined): Refusal {
    const isCapital = this.switches.limitProblemCase === 'capital';
    return { problem: isCapital ? `${problem[0]?.toUpperCase()}${problem.slice(1)}` : problem, retryAfterSeconds };
  }

  /** What is left, as every answer tells. */
  headers(tenant: string): Record<string, string> {
    if (!this.switches.limitHeaders) return {};
    const { limits } = this;
    const now = this.clock.now();
    const rolling = this.switches.limitWindows === 'rolling';
    const windows = this.of(tenant);
    const left = (limit: number, window: Window) => String(Math.max(0, limit - window.count(now, rolling)));
    return {
      'X-DayLimit-Remaining': left(this.perDay, windows.day),
      'X-MinLimit-Remaining': left(limits.perMinute, windows.minute),
      'X-AppMinLimit-Remaining': left(limits.appPerMinute, this.app),
    };
  }

  enter(tenant: string): void {
    const windows = this.of(tenant);
    windows.inFlight++;
    const counts = this.meter.of(tenant);
    counts.concurrencyPeak = Math.max(counts.concurrencyPeak, windows.inFlight);
  }

  leave(tenant: string): void {
    this.of(tenant).inFlight--;
  }

  private of(tenant: string): Windows {
    let windows = this.tenants.get(tenant);
    if (!windows) {
      const offset = Number.parseInt(tenant.replace(/\D/g, '').slice(-9) || '0', 10) * 7919;
      windows = { minute: new Window(MINUTE, offset), day: new Window(DAY, offset), inFlight: 0 };
      this.tenants.set(tenant, windows);
    }
    return windows;
  }
}
