import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../platform/database/index.js';
import { RetentionStore } from './retention-store.js';
import type { SyncTables } from './tables.js';
import { OPEN_STATES } from './write-store.js';

@Injectable()
export class PostgresRetentionStore extends RetentionStore {
  override async tenants(tx: DispatchTx, after: string, most: number): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select id from tenant where id > ${after} and deleted_at is null order by id limit ${most}`.execute(
      rowsOf<SyncTables>(tx),
    );
    return rows.map(({ id }) => id);
  }

  override async emptyDeliveries(tx: DispatchTx, before: Date, most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      update delivery set headers = '{}', body = ''
       where id in (select id from delivery
                     where received_at < ${before} and unpacked_at is not null and body <> ''
                     order by received_at limit ${most} for update skip locked)`.execute(rowsOf<SyncTables>(tx));
    return Number(numAffectedRows);
  }

  override async emptyCalls(tx: Tx, before: Date, most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      update call set request = request - 'body' - 'headers' - 'query'
       where id in (select c.id from call c
                     where c.tenant_id = ${tx.tenant} and c.sent_at < ${before} and c.request ? 'body'
                       and not exists (select from intent i
                                        where i.id = any(c.intents) and i.state = any(${sql.val([...OPEN_STATES])}))
                     order by c.sent_at limit ${most} for update skip locked)`.execute(rowsOf<SyncTables>(tx));
    return Number(numAffectedRows);
  }

  override async dropWalks(tx: Tx, before: Date, most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from walk
       where id in (select id from walk
                     where tenant_id = ${tx.tenant} and not open and ended_at < ${before}
                     order by ended_at limit ${most} for update skip locked)`.execute(rowsOf<SyncTables>(tx));
    return Number(numAffectedRows);
  }

  override async dropHeardEvents(tx: Tx, before: Date, most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from heard_event
       where (connection_id, event_id) in (select connection_id, event_id from heard_event
                                            where tenant_id = ${tx.tenant} and at < ${before}
                                            limit ${most} for update skip locked)`.execute(rowsOf<SyncTables>(tx));
    return Number(numAffectedRows);
  }
}
