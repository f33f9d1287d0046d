import { type EntityManager, type EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { type Kysely, sql } from 'kysely';
import { type DispatchTx, Transactions, type Tx, type WakeTopic } from './transactions.js';
import { NobodyToWake, type Wakeups } from './wakeups.js';

/** How Kysely sees the tables: rows as the entities declare them, with dates as Date and JSON as values. */
export const ROW_OPTIONS = {
  tableNamingStrategy: 'table',
  columnNamingStrategy: 'property',
  convertValues: true,
} as const;

/** A transaction on PostgreSQL; stores reach its query builder through `rowsOf`. */
class PostgresTx implements Tx {
  readonly wakes = new Set<WakeTopic>();

  constructor(
    readonly tenant: string,
    readonly now: Date,
    readonly em: EntityManager,
  ) {}
}

class PostgresDispatchTx implements DispatchTx {
  readonly dispatch = true;

  constructor(
    readonly now: Date,
    readonly em: EntityManager,
  ) {}
}

/** The query builder of a transaction, typed by the tables that a store declares. Only store folders call this. */
export const rowsOf = <Tables>(tx: Tx | DispatchTx): Kysely<Tables> => {
  if (!(tx instanceof PostgresTx) && !(tx instanceof PostgresDispatchTx)) {
    throw new Error('this store works on PostgreSQL transactions');
  }
  // MikroORM would type the tables by entities given at init; each store knows its own better.
  return tx.em.getKysely(ROW_OPTIONS) as unknown as Kysely<Tables>;
};

export interface DatabaseOptions {
  readonly appUrl: string;
  readonly dispatchUrl: string;
  readonly entities: readonly EntitySchema[];
  /** Connections for tenants' transactions; a quarter as many serve dispatching. */
  readonly poolSize: number;
}

/** Transactions on PostgreSQL, under the role that fits each. */
export class Database extends Transactions {
  private wakeups: Wakeups = new NobodyToWake();

  private constructor(
    private readonly app: MikroORM,
    private readonly dispatch: MikroORM,
  ) {
    super();
  }

  static async open({ appUrl, dispatchUrl, entities, poolSize }: DatabaseOptions): Promise<Database> {
    const connect = (clientUrl: string, max: number): Promise<MikroORM> =>
      MikroORM.init({
        clientUrl,
        entities: [...entities],
        discovery: { warnWhenNoEntities: false },
        forceUtcTimezone: true,
        pool: { min: 0, max, idleTimeoutMillis: 30_000 },
      });
    return new Database(await connect(appUrl, poolSize), await connect(dispatchUrl, Math.max(4, poolSize / 4)));
  }

  /** From now on, those whom a transaction names are woken once it is committed. */
  wakeWith(wakeups: Wakeups): void {
    this.wakeups = wakeups;
  }

  override async inTenant<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    let wakes: ReadonlySet<WakeTopic> = new Set();
    const result = await persistently(() =>
      this.app.em.fork().transactional(async (em) => {
        const { rows } = await sql<{ now: string }>`
          select set_config('concord.tenant', ${tenant}, true), concord_now() as now`.execute(em.getKysely());
        const tx = new PostgresTx(tenant, new Date(rows[0]!.now), em);
        wakes = tx.wakes;
        return work(tx);
      }),
    );
    for (const topic of wakes) this.wakeups.wake(topic, tenant);
    return result;
  }

  override dispatching<T>(work: (tx: DispatchTx) => Promise<T>): Promise<T> {
    return persistently(() =>
      this.dispatch.em.fork().transactional(async (em) => {
        const { rows } = await sql<{ now: string }>`select concord_now() as now`.execute(em.getKysely());
        return work(new PostgresDispatchTx(new Date(rows[0]!.now), em));
      }),
    );
  }

  /** Whether both roles can be reached. */
  async ping(): Promise<void> {
    await Promise.all([this.app, this.dispatch].map((orm) => orm.em.fork().execute('select 1')));
  }

  async close(): Promise<void> {
    await Promise.all([this.app.close(), this.dispatch.close()]);
  }
}

/** Deadlocks and serialization failures say "again" and mean nothing else. */
const AGAIN = new Set(['40001', '40P01']);

/**
 * Somebody else has just stored what this transaction could not see yet. It is given up like a serialization failure:
 * repeated, it sees the other's work.
 */
export class Collision extends Error {
  readonly code = '40001';
}

const persistently = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= 5 || !AGAIN.has(sqlState(error) ?? '')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** attempt));
    }
  }
};

/** PostgreSQL's code of an error, however deep the driver has wrapped it. */
export const sqlState = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
  }
  return undefined;
};
