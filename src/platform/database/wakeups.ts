import pg from 'pg';
import type { WakeTopic } from './transactions.js';

/** Tells sleepers, in this process and others, that there is something for them. A hint: timers find it all anyway. */
export abstract class Wakeups {
  abstract wake(topic: WakeTopic, tenant: string): void;
}

export class NobodyToWake extends Wakeups {
  override wake(): void {
    // Whoever sleeps has a timer.
  }
}

const CHANNEL = 'concord';
/** Wakes of one moment are told to other processes together: each NOTIFY takes a lock of the whole database. */
const GATHER_MS = 25;

type Sleeper = (tenant: string) => void;

/** Wakeups over LISTEN and NOTIFY on one connection of its own, which comes back by itself after an outage. */
export class PostgresWakeups extends Wakeups {
  private readonly sleepers = new Map<WakeTopic, Set<Sleeper>>();
  private readonly gathered = new Set<string>();
  private readonly self = Math.random().toString(36).slice(2);
  private client: pg.Client | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private reconnecting: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly url: string) {
    super();
  }

  async open(): Promise<void> {
    await this.connect();
  }

  /** Calls back for each wake of the topic until the returned function is called. */
  on(topic: WakeTopic, sleeper: Sleeper): () => void {
    const sleepers = this.sleepers.get(topic) ?? new Set();
    this.sleepers.set(topic, sleepers.add(sleeper));
    return () => sleepers.delete(sleeper);
  }

  override wake(topic: WakeTopic, tenant: string): void {
    this.rouse(topic, tenant);
    this.gathered.add(`${topic}:${tenant}`);
    this.gathering ??= setTimeout(() => void this.notify(), GATHER_MS).unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.gathering);
    clearTimeout(this.reconnecting);
    await this.client?.end().catch(() => undefined);
  }

  private rouse(topic: WakeTopic, tenant: string): void {
    for (const sleeper of this.sleepers.get(topic) ?? []) sleeper(tenant);
  }

  private async notify(): Promise<void> {
    this.gathering = undefined;
    const wakes = [...this.gathered];
    this.gathered.clear();
    // A payload holds 8,000 bytes; nobody is lost over that many tenants at once, timers find the rest.
    const payload = `${this.self} ${wakes.slice(0, 120).join(' ')}`;
    await this.client?.query('select pg_notify($1, $2)', [CHANNEL, payload]).catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true });
    client.on('error', () => undefined);
    client.on('end', () => this.reconnect());
    client.on('notification', ({ payload = '' }) => {
      const [from, ...wakes] = payload.split(' ');
      if (from === this.self) return;
      for (const wake of wakes) {
        const [topic, tenant] = wake.split(':');
        this.rouse(topic as WakeTopic, tenant ?? '');
      }
    });
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.client = client;
  }

  private reconnect(): void {
    this.client = undefined;
    if (this.closed || this.reconnecting) return;
    this.reconnecting = setTimeout(() => {
      this.reconnecting = undefined;
      void this.connect().catch(() => this.reconnect());
    }, 1_000).unref();
  }
}
