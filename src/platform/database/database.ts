import { type EntitySchema, MikroKyselyPlugin, MikroORM } from '@mikro-orm/postgresql';
import { CompiledQuery, type Kysely } from 'kysely';
import { CHANGED, PreparingClient } from './preparing-client.js';
import { type DispatchStatement, type DispatchTx, Transactions, type Tx, type WakeTopic } from './transactions.js';
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
    readonly rows: Kysely<unknown>,
  ) {}
}

class PostgresDispatchStatement implements DispatchStatement {
  readonly dispatch = true;

  constructor(readonly rows: Kysely<unknown>) {}
}

class PostgresDispatchTx extends PostgresDispatchStatement implements DispatchTx {
  constructor(
    readonly now: Date,
    rows: Kysely<unknown>,
  ) {
    super(rows);
  }
}

/** The query builder of a transaction, typed by the tables that a store declares. Only store folders call this. */
export const rowsOf = <Tables>(tx: Tx | DispatchStatement): Kysely<Tables> => {
  if (!(tx instanceof PostgresTx) && !(tx instanceof PostgresDispatchStatement)) {
    throw new Error('this store works on PostgreSQL transactions');
  }
  // MikroORM would type the tables by entities given at init; each store knows its own better.
  return tx.rows as Kysely<Tables>;
};

export interface DatabaseOptions {
  readonly appUrl: string;
  readonly dispatchUrl: string;
  readonly entities: readonly EntitySchema[];
  /** Connections for tenants' transactions; a quarter as many serve dispatching. */
  readonly poolSize: number;
}

/** The connections of one role. */
class RolePool {
  /** Translates between columns and properties; it keeps nothing from one statement to the next. */
  private readonly translation: MikroKyselyPlugin;

  private constructor(private readonly orm: MikroORM) {
    this.translation = new MikroKyselyPlugin(orm.em, ROW_OPTIONS);
  }

  static async open(clientUrl: string, max: number, entities: readonly EntitySchema[]): Promise<RolePool> {
    const orm = await MikroORM.init({
      clientUrl,
      entities: [...entities],
      discovery: { warnWhenNoEntities: false },
      forceUtcTimezone: true,
      pool: { min: 0, max, idleTimeoutMillis: 30_000 },
      driverOptions: { Client: PreparingClient },
    });
    return new RolePool(orm);
  }

  /** One transaction; `opening` is its first statement, answers `now`, and has no parameters. */
  transaction<T>(opening: string, work: (now: Date, rows: Kysely<unknown>) => Promise<T>): Promise<T> {
    return persistently(() =>
      this.orm.em.getConnection().transactional(async (trx) => {
        const { rows } = await trx.executeQuery<{ now: string }>(CompiledQuery.raw(opening));
        return work(new Date(rows[0]!.now), trx.withPlugin(this.translation) as unknown as Kysely<unknown>);
      }),
    );
  }

  /** Each statement on its own. */
  statement<T>(work: (rows: Kysely<unknown>) => Promise<T>): Promise<T> {
    return persistently(() =>
      work(this.orm.em.getConnection().getClient().withPlugin(this.translation) as Kysely<unknown>),
    );
  }

  async ping(): Promise<void> {
    await this.orm.em.fork().execute('select 1');
  }

  async close(): Promise<void> {
    await this.orm.close();
  }
}

/** Transactions on PostgreSQL, under the role that fits each. */
export class Database extends Transactions {
  private wakeups: Wakeups = new NobodyToWake();

  private constructor(
    private readonly app: RolePool,
    private readonly dispatch: RolePool,
  ) {
    super();
  }

  static async open({ appUrl, dispatchUrl, entities, poolSize }: DatabaseOptions): Promise<Database> {
    return new Database(
      await RolePool.open(appUrl, poolSize, entities),
      await RolePool.open(dispatchUrl, Math.max(4, poolSize / 4), entities),
    );
  }

  /** From now on, those whom a transaction names are woken once it is committed. */
  wakeWith(wakeups: Wakeups): void {
    this.wakeups = wakeups;
  }

  override async inTenant<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!UUID.test(tenant)) throw new Error('a tenant is named by its id');
    let wakes: ReadonlySet<WakeTopic> = new Set();
    const opening = `select set_config('concord.tenant', '${tenant}', true), concord_now() as now`;
    const result = await this.app.transaction(opening, (now, rows) => {
      const tx = new PostgresTx(tenant, now, rows);
      wakes = tx.wakes;
      return work(tx);
    });
    for (const topic of wakes) this.wakeups.wake(topic, tenant);
    return result;
  }

  override dispatching<T>(work: (tx: DispatchTx) => Promise<T>): Promise<T> {
    return this.dispatch.transaction('select concord_now() as now', (now, rows) =>
      work(new PostgresDispatchTx(now, rows)),
    );
  }

  override dispatchingOnce<T>(work: (statement: DispatchStatement) => Promise<T>): Promise<T> {
    return this.dispatch.statement((rows) => work(new PostgresDispatchStatement(rows)));
  }

  /** Whether both roles can be reached. */
  async ping(): Promise<void> {
    await Promise.all([this.app, this.dispatch].map((role) => role.ping()));
  }

  async close(): Promise<void> {
    await Promise.all([this.app.close(), this.dispatch.close()]);
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Deadlocks, serialization failures and statements that a migration has changed say "again" and mean nothing else. */
const AGAIN = new Set(['40001', '40P01', CHANGED]);

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
