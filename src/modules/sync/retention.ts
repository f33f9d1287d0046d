import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../../platform/database/index.js';
import { RecordStore } from '../records/index.js';
import { WorkerSettings } from './flow/worker-settings.js';
import { RetentionStore } from './store/index.js';

const DAY_MS = 24 * 3_600_000;
/** Rows of one transaction at most, and tenants that are read at once. */
const BATCH = 500;

/**
 * Keeps what only explains the past for CONCORD_RETENTION_DAYS: bodies of deliveries and calls, walks, and contents of
 * records that were replaced that long ago. What both sides last agreed on, what was last seen, the newest content of
 * each record and the history stay. Any number of processes may run it.
 */
@Injectable()
export class Retention {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: RetentionStore,
    private readonly records: RecordStore,
    private readonly settings: WorkerSettings,
  ) {}

  async run(): Promise<void> {
    await whole(() =>
      this.transactions.dispatching((tx) => this.store.emptyDeliveries(tx, this.before(tx.now), BATCH)),
    );
    for (let after = NOBODY; ;) {
      const tenants = await this.transactions.dispatching((tx) => this.store.tenants(tx, after, BATCH));
      for (const tenant of tenants) await this.runFor(tenant);
      if (tenants.length < BATCH) return;
      after = tenants.at(-1)!;
    }
  }

  private async runFor(tenant: string): Promise<void> {
    const batches = [
      (tx: Tx, before: Date) => this.store.emptyCalls(tx, before, BATCH),
      (tx: Tx, before: Date) => this.store.dropWalks(tx, before, BATCH),
      (tx: Tx, before: Date) => this.store.dropHeardEvents(tx, before, BATCH),
      (tx: Tx, before: Date) => this.records.dropReplaced(tx, before, BATCH),
    ];
    for (const batch of batches) {
      await whole(() => this.transactions.inTenant(tenant, (tx) => batch(tx, this.before(tx.now))));
    }
  }

  private before(now: Date): Date {
    return new Date(now.getTime() - this.settings.retentionDays * DAY_MS);
  }
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Batch after batch, each a transaction of its own, until one is not full. */
const whole = async (batch: () => Promise<number>): Promise<void> => {
  while ((await batch()) === BATCH);
};
