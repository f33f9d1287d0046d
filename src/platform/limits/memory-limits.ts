import { BUSY_WAIT_MS, bucketOf, isRate, type Limit, Limits } from './limits.js';

/** The same limits within one process, for tests and benches. */
export class MemoryLimits extends Limits {
  private readonly emptyAt = new Map<string, number>();
  private readonly slots = new Map<string, Map<string, number>>();

  constructor(private readonly now: () => Date) {
    super();
  }

  override take(limits: readonly Limit[], holder: string, leaseMs: number): Promise<number> {
    const now = this.now().getTime();
    const next = new Map<string, number>();
    let wait = 0;
    for (const limit of limits) {
      if (isRate(limit)) {
        const { everyMs, slackMs } = bucketOf(limit);
        const from = Math.max(this.emptyAt.get(limit.key) ?? now, now);
        wait = Math.max(wait, from - slackMs - now);
        next.set(limit.key, from + everyMs);
      } else if (this.taken(limit.key, now) >= limit.concurrent) {
        wait = Math.max(wait, BUSY_WAIT_MS);
      }
    }
    if (wait > 0) return Promise.resolve(Math.ceil(wait));
    for (const [key, at] of next) this.emptyAt.set(key, at);
    for (const limit of limits) if (!isRate(limit)) this.slotsOf(limit.key).set(holder, now + leaseMs);
    return Promise.resolve(0);
  }

  override release(holder: string): Promise<void> {
    for (const slots of this.slots.values()) slots.delete(holder);
    return Promise.resolve();
  }

  private taken(key: string, now: number): number {
    return [...this.slotsOf(key).values()].filter((until) => until > now).length;
  }

  private slotsOf(key: string): Map<string, number> {
    const slots = this.slots.get(key) ?? new Map<string, number>();
    this.slots.set(key, slots);
    return slots;
  }
}
