import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import type { KindName } from '../../../../domain/contract/index.js';
import { isId } from '../../../../platform/clock/index.js';
import { type DispatchTx, rowsOf, type Tx } from '../../../../platform/database/index.js';
import type { Connection, ConnectionState, NewConnection } from '../connection.js';
import { type ConnectResult, ConnectionStore, type Route } from './connection-store.js';
import type { ConnectionTables } from './tables.js';

type Row = ConnectionTables['connection'];

@Injectable()
export class PostgresConnectionStore extends ConnectionStore {
  override async get(tx: Tx, id: string): Promise<Connection | undefined> {
    if (!isId(id)) return undefined;
    const row = await this.rows(tx).where('id', '=', id).executeTakeFirst();
    return row && connectionOf(row);
  }

  override async all(tx: Tx): Promise<Connection[]> {
    return (await this.rows(tx).orderBy('id').execute()).map(connectionOf);
  }

  override async setState(tx: Tx, id: string, state: ConnectionState, reason: string | undefined): Promise<boolean> {
    const rows = rowsOf<ConnectionTables>(tx);
    const before = await rows.selectFrom('connection').select('state').where('id', '=', id).forUpdate().execute();
    await rows
      .updateTable('connection')
      .set({ state, stateReason: reason ?? null })
      .where('id', '=', id)
      .execute();
    return before.some((row) => row.state !== state);
  }

  override async pause(tx: Tx, id: string, until: Date): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('connection')
      .set({ notBefore: sql<Date>`greatest(not_before, ${until}::timestamptz)` })
      .where('id', '=', id)
      .execute();
  }

  override async describe(
    tx: Tx,
    id: string,
    {
      name,
      baseCurrency,
      features,
    }: { name: string | undefined; baseCurrency: string | undefined; features: Readonly<Record<string, string>> },
  ): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('connection')
      .set({ companyName: name ?? null, baseCurrency: baseCurrency ?? null, features })
      .where('id', '=', id)
      .execute();
  }

  override async routesTo(tx: DispatchTx, provider: string, companies: readonly string[]): Promise<Route[]> {
    if (companies.length === 0) return [];
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('connection')
      .select(['company', 'tenantId as tenant', 'id as connection'])
      .where('provider', '=', provider)
      .where('company', 'in', [...companies])
      .where('state', '<>', 'disconnected')
      .execute();
  }

  override async firstLooked(tx: Tx, id: string): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('connection')
      .set({ firstLookAt: tx.now })
      .where('id', '=', id)
      .execute();
  }

  override async unlooked(tx: DispatchTx): Promise<{ tenant: string; connection: string }[]> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('connection')
      .select(['tenantId as tenant', 'id as connection'])
      .where('state', '=', 'active')
      .where('firstLookAt', 'is', null)
      .execute();
  }

  override async ofCompany(tx: Tx, provider: string, company: string): Promise<Connection | undefined> {
    const row = await this.rows(tx).where('provider', '=', provider).where('company', '=', company).executeTakeFirst();
    return row && connectionOf(row);
  }

  override async ofGrant(tx: Tx, grant: string): Promise<Connection[]> {
    const rows = await this.rows(tx).where('grantId', '=', grant).where('state', '<>', 'disconnected').execute();
    return rows.map(connectionOf);
  }

  override async connect(tx: Tx, fresh: NewConnection): Promise<ConnectResult> {
    const { id, provider, company, companyName = null, grant, goLive, by } = fresh;
    const rows = rowsOf<ConnectionTables>(tx);
    const added = await rows
      .insertInto('connection')
      .values({
        ...{ id, tenantId: tx.tenant, provider, company, companyName, grantId: grant, state: 'active' as const },
        ...{ goLive: goLive ?? dateOf(tx.now), connectedAt: tx.now, connectedBy: by, creates: [], features: {} },
        ...{ stateReason: null, baseCurrency: null, notBefore: null, firstLookAt: null, disconnectedAt: null },
      })
      .onConflict((conflict) => conflict.columns(['tenantId', 'provider', 'company']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (added) return { connection: connectionOf(added), was: 'new', formerGrant: undefined };

    const before = await this.rows(tx)
      .where('provider', '=', provider)
      .where('company', '=', company)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const renewed = await rows
      .updateTable('connection')
      .set({
        ...{ grantId: grant, state: 'active' as const, stateReason: null, notBefore: null, disconnectedAt: null },
        ...{ connectedAt: tx.now, connectedBy: by, companyName: companyName ?? before.companyName },
        goLive: goLive ?? before.goLive,
        // After an end nobody has listened for a while: everything is looked at again.
        firstLookAt: before.state === 'disconnected' ? null : before.firstLookAt,
      })
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const formerGrant = before.grantId !== null && before.grantId !== grant ? before.grantId : undefined;
    return { connection: connectionOf(renewed), was: 'known', formerGrant };
  }

  override async end(tx: Tx, id: string): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('connection')
      .set({ state: 'disconnected', stateReason: null, grantId: null, notBefore: null, disconnectedAt: tx.now })
      .where('id', '=', id)
      .execute();
  }

  override async setGoLive(tx: Tx, id: string, goLive: string): Promise<void> {
    await rowsOf<ConnectionTables>(tx).updateTable('connection').set({ goLive }).where('id', '=', id).execute();
  }

  override async setCreates(tx: Tx, id: string, kinds: readonly KindName[]): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('connection')
      .set({ creates: [...kinds] })
      .where('id', '=', id)
      .execute();
  }

  private rows(tx: Tx) {
    return rowsOf<ConnectionTables>(tx).selectFrom('connection').selectAll();
  }
}

const dateOf = (time: Date): string => time.toISOString().slice(0, 10);

const connectionOf = (row: Selectable<Row>): Connection => ({
  id: row.id,
  tenant: row.tenantId,
  provider: row.provider,
  company: row.company,
  companyName: row.companyName ?? undefined,
  grant: row.grantId ?? undefined,
  state: row.state,
  stateReason: row.stateReason ?? undefined,
  goLive: row.goLive,
  creates: row.creates,
  features: row.features,
  baseCurrency: row.baseCurrency ?? undefined,
  notBefore: row.notBefore ?? undefined,
  connectedAt: row.connectedAt,
  connectedBy: row.connectedBy,
  ...(row.disconnectedAt && { disconnectedAt: row.disconnectedAt }),
  ...(row.firstLookAt && { firstLookAt: row.firstLookAt }),
});
