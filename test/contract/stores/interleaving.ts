import type { Transactions, Tx } from '../../../src/platform/database/index.js';
import type { FreshDatabase } from '../../integration/database.js';
import { eventually } from '../../integration/street-harness.js';

/** A transaction that has done its work and is not committed yet. */
export interface Standing<T> {
  readonly result: T;
  /** Commits; what was waiting for it goes on. */
  commit(): Promise<void>;
}

/** Does the work in a transaction of the tenant and lets it stand, with the locks that it has. */
export const standing = async <T>(
  transactions: Transactions,
  tenant: string,
  work: (tx: Tx) => Promise<T>,
): Promise<Standing<T>> => {
  let goOn: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (goOn = resolve));
  return new Promise((resolve, reject) => {
    const ended = transactions.inTenant(tenant, async (tx) => {
      const result = await work(tx);
      resolve({
        result,
        commit: async () => {
          goOn();
          await ended;
        },
      });
      await told;
    });
    ended.catch(reject);
  });
};

/** Waits until so many transactions wait for locks of others. */
export const waiting = (database: FreshDatabase, many = 1): Promise<unknown> =>
  eventually(
    () =>
      database.asOwner<{ waiting: number }>(
        `select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      ),
    ([row]) => row!.waiting >= many,
  );
