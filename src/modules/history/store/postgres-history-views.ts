import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { KindName } from '../../../domain/contract/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import { type EventView, HistoryViews, type Trail } from './history-views.js';
import { eventOf } from './postgres-chain-store.js';
import type { HistoryTables } from './tables.js';

const NUMBERED_MOST = 100;

@Injectable()
export class PostgresHistoryViews extends HistoryViews {
  override async page(
    tx: Tx,
    { twins, records, books }: Trail,
    first: number,
    before: { readonly at: Date; readonly id: string } | undefined,
  ): Promise<EventView[]> {
    if (twins.length + records.length + books.length === 0) return [];
    let query = rowsOf<HistoryTables>(tx)
      .selectFrom('event')
      .leftJoin('chain', 'chain.eventId', 'event.id')
      .selectAll('event')
      .select(['chain.sequence', 'chain.hash'])
      .where(({ eb, or, refTuple, tuple }) =>
        or([
          ...(twins.length > 0 ? [eb('event.twinId', 'in', [...twins])] : []),
          ...(records.length > 0
            ? [
                eb(
                  refTuple('event.kind', 'event.appId'),
                  'in',
                  records.map(({ kind, id }) => tuple(kind, id)),
                ),
              ]
            : []),
          ...books.map(({ connection, kind, id }) =>
            eb.and([
              eb('event.connectionId', '=', connection),
              eb('event.kind', '=', kind),
              eb('event.booksId', '=', id),
            ]),
          ),
        ]),
      );
    if (before) {
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('event.at', 'event.id'), '<', tuple(before.at, before.id)),
      );
    }
    const rows = await query.orderBy('event.at', 'desc').orderBy('event.id', 'desc').limit(first).execute();
    return rows.map((row) => ({
      ...eventOf(row),
      sequence: row.sequence ?? undefined,
      hash: row.hash === null ? undefined : Buffer.from(row.hash).toString('hex'),
    }));
  }

  override async withNumber(tx: Tx, number: string): Promise<Pick<Trail, 'twins' | 'records'>> {
    const { rows } = await sql<{ twin: string | null; kind: KindName | null; appId: string | null }>`
      select distinct twin_id as twin, kind, app_id as "appId" from event
       where number = ${number} limit ${NUMBERED_MOST}`.execute(rowsOf<HistoryTables>(tx));
    return {
      twins: rows.flatMap(({ twin }) => twin ?? []),
      records: rows.flatMap(({ kind, appId }) => (kind === null || appId === null ? [] : [{ kind, id: appId }])),
    };
  }
}
