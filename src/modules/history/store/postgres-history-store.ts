import { Injectable } from '@nestjs/common';
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
    const rows = rowsOf<HistoryTables>(tx);
    // Events of one moment are told in the order of their ids.
    const ids = events.map(() => this.identifiers.id()).sort();
    const fresh = events.map((event, index) => ({
      id: ids[index]!,
      tenantId: tx.tenant,
      at: tx.now,
      type: event.type,
      cause: event.cause,
      connectionId: event.connection ?? null,
      twinId: event.twin ?? null,
      kind: event.kind ?? null,
      appId: event.appId ?? null,
      booksId: event.booksId ?? null,
      number: event.number ?? null,
      detail: event.detail,
      emptied: false,
    }));
    await rows.insertInto('event').values(fresh).execute();
    await rows
      .insertInto('unchained')
      .values(fresh.map(({ id }) => ({ eventId: id, tenantId: tx.tenant })))
      .execute();
  }
}
