import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { KindName } from '../../../domain/contract/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import { type BooksFilter, type BooksView, BooksViews } from './books-views.js';
import { snapshotOf } from './postgres-snapshot-store.js';
import type { SyncTables } from './tables.js';

const NUMBERED_MOST = 100;

@Injectable()
export class PostgresBooksViews extends BooksViews {
  override async page(
    tx: Tx,
    { connection, kind, existence, linked, search }: BooksFilter,
    first: number,
    after: string | undefined,
  ): Promise<BooksView[]> {
    let query = rowsOf<SyncTables>(tx)
      .selectFrom('snapshot as s')
      .leftJoin('twin as t', (join) =>
        join
          .onRef('t.connectionId', '=', 's.connectionId')
          .onRef('t.kind', '=', 's.kind')
          .onRef('t.booksId', '=', 's.booksId'),
      )
      .selectAll('s')
      .select(['t.id as twin', 't.appId'])
      .where('s.connectionId', '=', connection)
      .where('s.kind', '=', kind);
    if (existence !== undefined) query = query.where('s.existence', '=', existence);
    if (linked !== undefined) query = query.where('t.appId', linked ? 'is not' : 'is', null);
    if (search !== undefined) query = query.where(sql<boolean>`strpos(lower(${NAMES}), lower(${search})) > 0`);
    if (after !== undefined) query = query.where('s.booksId', '>', after);
    const rows = await query.orderBy('s.booksId').limit(first).execute();
    return rows.map(({ twin, appId, ...row }) => ({
      ...snapshotOf(row),
      connection: row.connectionId,
      twin: twin ?? undefined,
      appId: appId ?? undefined,
    }));
  }

  override async withNumber(
    tx: Tx,
    number: string,
  ): Promise<{ readonly connection: string; readonly kind: KindName; readonly id: string }[]> {
    return rowsOf<SyncTables>(tx)
      .selectFrom('snapshot')
      .select(['connectionId as connection', 'kind', 'booksId as id'])
      .where('number', '=', number)
      .orderBy('connectionId')
      .orderBy('kind')
      .orderBy('booksId')
      .limit(NUMBERED_MOST)
      .execute();
  }
}

const NAMES = sql`concat_ws(' ', s.content->>'displayName', s.content->>'name', s.content->>'number', s.content->>'code')`;
