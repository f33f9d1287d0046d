import { CONFLICT_ENTITIES } from '../../../src/modules/conflicts/index.js';
import { PostgresConflictStore } from '../../../src/modules/conflicts/store/postgres-conflict-store.js';
import { HISTORY_ENTITIES, type HistoryEvent } from '../../../src/modules/history/index.js';
import { PostgresChainStore } from '../../../src/modules/history/store/postgres-chain-store.js';
import { PostgresHistoryStore } from '../../../src/modules/history/store/postgres-history-store.js';
import { RECORD_ENTITIES } from '../../../src/modules/records/index.js';
import { PostgresRecordStore } from '../../../src/modules/records/store/postgres-record-store.js';
import { SYNC_ENTITIES } from '../../../src/modules/sync/index.js';
import { PostgresDeliveryStore } from '../../../src/modules/sync/store/postgres-delivery-store.js';
import { PostgresProblemStore } from '../../../src/modules/sync/store/postgres-problem-store.js';
import { PostgresSnapshotStore } from '../../../src/modules/sync/store/postgres-snapshot-store.js';
import { PostgresStreamStore } from '../../../src/modules/sync/store/postgres-stream-store.js';
import { PostgresTwinStore } from '../../../src/modules/sync/store/postgres-twin-store.js';
import { PostgresWaitStore } from '../../../src/modules/sync/store/postgres-wait-store.js';
import { PostgresWorkStore } from '../../../src/modules/sync/store/postgres-work-store.js';
import { PostgresWriteStore } from '../../../src/modules/sync/store/postgres-write-store.js';
import type { Database } from '../../../src/platform/database/index.js';
import { type FreshDatabase, freshDatabase } from '../../integration/database.js';
import { type ConnectionChange, CountedIdentifiers, type Harness, type OpenProblem } from './harness.js';

export interface PostgresHarness extends Harness {
  readonly transactions: Database;
  readonly deliveries: PostgresDeliveryStore;
  readonly streams: PostgresStreamStore;
  readonly chain: PostgresChainStore;
}

const ENTITIES = [...RECORD_ENTITIES, ...CONFLICT_ENTITIES, ...HISTORY_ENTITIES, ...SYNC_ENTITIES];

/** What the owner keeps when everything else is emptied. */
const KEPT = ['mikro_orm_migrations', 'test_clock'];

/** The stores that Concord runs on, on a database of one's own that is emptied for each test. */
export class PostgresForm {
  private constructor(readonly fresh: FreshDatabase) {}

  static async start(): Promise<PostgresForm> {
    return new PostgresForm(await freshDatabase(ENTITIES));
  }

  async open(): Promise<PostgresHarness> {
    await this.empty();
    const identifiers = new CountedIdentifiers();
    const newId = (): string => identifiers.id();
    const addTenant = async (): Promise<string> => {
      const id = newId();
      await this.fresh.asOwner(`insert into tenant (id, name, created_at) values ($1, 'Acme', concord_now())`, [id]);
      return id;
    };
    const addConnection = async (of: string): Promise<string> => {
      const id = newId();
      await this.fresh.asOwner(
        `insert into connection (id, tenant_id, provider, company, state, go_live, connected_at, connected_by)
         values ($1::uuid, $2, 'model', $1::uuid::text, 'active', '2026-01-01', concord_now(), 'ana')`,
        [id, of],
      );
      return id;
    };
    const tenant = await addTenant();
    return {
      transactions: this.fresh.database,
      twins: new PostgresTwinStore(identifiers),
      snapshots: new PostgresSnapshotStore(),
      work: new PostgresWorkStore(),
      writes: new PostgresWriteStore(),
      waits: new PostgresWaitStore(),
      problems: new PostgresProblemStore(identifiers),
      records: new PostgresRecordStore(),
      conflicts: new PostgresConflictStore(identifiers),
      history: new PostgresHistoryStore(identifiers),
      deliveries: new PostgresDeliveryStore(),
      streams: new PostgresStreamStore(),
      chain: new PostgresChainStore(),
      ...{ tenant, connection: await addConnection(tenant) },
      ...{ newId, addTenant, addConnection },
      setConnection: (id, change) => this.setConnection(id, change),
      pass: (milliseconds) => this.fresh.pass(milliseconds),
      openProblems: (of) => this.openProblems(of),
      events: (of) => this.events(of),
    };
  }

  async stop(): Promise<void> {
    await this.fresh.drop();
  }

  private async empty(): Promise<void> {
    const tables = await this.fresh.asOwner<{ tablename: string }>(
      `select tablename from pg_tables where schemaname = 'public' and not tablename = any($1)`,
      [KEPT],
    );
    // As a replica, the owner is asked for no order among tables that refer to each other.
    await this.fresh.asOwner(
      `begin; set local session_replication_role = replica;
       ${tables.map(({ tablename }) => `delete from ${tablename};`).join(' ')} commit`,
    );
  }

  private async setConnection(id: string, { state, notBefore }: ConnectionChange): Promise<void> {
    await this.fresh.asOwner(
      `update connection set state = coalesce($2, state), not_before = coalesce($3, not_before) where id = $1`,
      [id, state ?? null, notBefore ?? null],
    );
  }

  private async openProblems(tenant: string): Promise<OpenProblem[]> {
    const rows = await this.fresh.asOwner<OpenProblemRow>(
      `select code, message, connection_id as connection, twin_id as twin, detail, times from problem
        where tenant_id = $1 and open order by raised_at, id`,
      [tenant],
    );
    return rows.map((row) => ({
      ...row,
      connection: row.connection ?? undefined,
      twin: row.twin ?? undefined,
    }));
  }

  /** Numbers whatever has been committed, and reads it back. */
  private async events(tenant: string): Promise<HistoryEvent[]> {
    const chain = new PostgresChainStore();
    return this.fresh.database.inTenant(tenant, async (tx) => {
      await chain.chain(tx, 1_000);
      return chain.after(tx, 0, 1_000, {});
    });
  }
}

type OpenProblemRow = Omit<OpenProblem, 'connection' | 'twin'> & {
  readonly connection: string | null;
  readonly twin: string | null;
};
