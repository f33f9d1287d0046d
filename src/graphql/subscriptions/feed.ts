import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type ChainedEvent, ChainStore, type EventType } from '../../modules/history/index.js';
import { Clock, Timers } from '../../platform/clock/index.js';
import { PostgresWakeups, Transactions } from '../../platform/database/index.js';
import { Follower } from './follower.js';

/** How often followers look without having been woken: a wake-up is a hint, and may be lost. */
const BEAT_MS = 5_000;
const BATCH = 100;

export interface Following {
  readonly tenant: string;
  readonly types: readonly EventType[];
  /** The number after which to begin; the newest one if absent. */
  readonly after: number | undefined;
  /** Throws when the caller may not go on. */
  readonly check: () => Promise<void>;
}

/**
 * Follows the numbered history of a tenant. Numbers have no gaps and are given after commit, so nothing is skipped, in
 * whichever process it was written (ENGINE G5).
 */
@Injectable()
export class Feed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly followers = new Map<string, Set<Follower<ChainedEvent>>>();
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly transactions: Transactions,
    private readonly chain: ChainStore,
    private readonly wakeups: PostgresWakeups,
    private readonly timers: Timers,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.ends.push(this.wakeups.on('feed', (tenant) => this.rouse(tenant)));
    this.ends.push(
      this.timers.every(BEAT_MS, () => {
        for (const tenant of this.followers.keys()) this.rouse(tenant);
      }),
    );
  }

  /** Whoever follows is let go before the sockets are closed. */
  async onModuleDestroy(): Promise<void> {
    for (const end of this.ends.splice(0)) end();
    const all = [...this.followers.values()].flatMap((followers) => [...followers]);
    await Promise.all(all.map((follower) => follower.return()));
  }

  async follow({ tenant, types, after, check }: Following): Promise<AsyncIterableIterator<ChainedEvent>> {
    let position = after ?? (await this.transactions.inTenant(tenant, (tx) => this.chain.head(tx)));
    const read = (): Promise<readonly ChainedEvent[]> =>
      this.transactions.inTenant(tenant, async (tx) => {
        // Read first: whatever is numbered by now is in what is read next, wanted or not, and is not looked through again.
        const head = await this.chain.head(tx);
        const events = await this.chain.after(tx, position, BATCH, { types });
        const last = events.at(-1)?.sequence ?? position;
        position = events.length < BATCH ? Math.max(head, last) : last;
        return events;
      });
    const followers = this.followers.get(tenant) ?? new Set();
    this.followers.set(tenant, followers);
    const follower = new Follower<ChainedEvent>(read, check, this.clock, () => {
      followers.delete(follower);
      if (followers.size === 0 && this.followers.get(tenant) === followers) this.followers.delete(tenant);
    });
    followers.add(follower);
    return follower;
  }

  private rouse(tenant: string): void {
    for (const follower of this.followers.get(tenant) ?? []) follower.rouse();
  }
}
