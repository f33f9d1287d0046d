import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Identifiers } from '../../../platform/clock/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import type { NewEvent } from '../event.js';
import { HistoryStore } from './history-store.js';
import type { HistoryTables } from './tables.js';

@Injectable()
export class PostgresHistoryStore extends HistoryStore {
  constructor(private readonly identifiers: Identifiers) {
    super();
  }

  override async append(tx: Tx, events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    tx.wakes.add('history');
    // Events of one moment are told in the order of their ids.
    const ids = events.map(() => this.identifiers.id()).sort();
    const fresh = events.map(({ connection, twin, appId, booksId, ...event }, index) => ({
      ...event,
      id: ids[index]!,
      connection_id: connection,
      twin_id: twin,
      app_id: appId,
      books_id: booksId,
    }));
    await sql`
      with fresh as (
        insert into event (id, tenant_id, at, type, cause, connection_id, twin_id, kind, app_id, books_id, number, detail)
        select e.id, ${tx.tenant}, ${tx.now}, e.type, e.cause, e.connection_id, e.twin_id, e.kind, e.app_id, e.books_id,
               e.number, e.detail
          from jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb)
               as e (id uuid, type text, cause jsonb, connection_id uuid, twin_id uuid, kind text, app_id text,
                     books_id text, number text, detail jsonb)
        returning id, tenant_id
      )
      insert into unchained (event_id, tenant_id) select id, tenant_id from fresh`.execute(rowsOf<HistoryTables>(tx));
  }
}
