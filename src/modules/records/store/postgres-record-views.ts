import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Ref } from '../../../domain/contract/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import type { AppRecord } from '../app-record.js';
import { appRecordOf } from './postgres-record-store.js';
import { type RecordFilter, type RecordOrder, type RecordPlace, RecordViews } from './record-views.js';
import type { RecordTables } from './tables.js';

const NUMBERED_MOST = 100;

@Injectable()
export class PostgresRecordViews extends RecordViews {
  override async page(
    tx: Tx,
    { kind, existence, number, name, changedAfter }: RecordFilter,
    order: RecordOrder,
    first: number,
    after: RecordPlace | undefined,
  ): Promise<AppRecord[]> {
    let query = rowsOf<RecordTables>(tx).selectFrom('record').selectAll().limit(first);
    if (kind !== undefined) query = query.where('kind', '=', kind);
    if (existence !== undefined) query = query.where('existence', '=', existence);
    if (number !== undefined) query = query.where('number', '=', number);
    if (name !== undefined) query = query.where(sql<boolean>`${NAME} = lower(btrim(${name}))`);
    if (changedAfter !== undefined) query = query.where('updatedAt', '>', changedAfter);
    if (order === 'id') {
      query = query.orderBy('kind').orderBy('id');
      if (after) {
        query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('kind', 'id'), '>', tuple(after.kind, after.id)));
      }
    } else {
      query = query.orderBy('updatedAt', 'desc').orderBy('kind', 'desc').orderBy('id', 'desc');
      if (after) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('updatedAt', 'kind', 'id'), '<', tuple(after.updatedAt, after.kind, after.id)),
        );
      }
    }
    return (await query.execute()).map(appRecordOf);
  }

  override async withNumber(tx: Tx, number: string): Promise<Ref[]> {
    return rowsOf<RecordTables>(tx)
      .selectFrom('record')
      .select(['kind', 'id'])
      .where('number', '=', number)
      .orderBy('kind')
      .orderBy('id')
      .limit(NUMBERED_MOST)
      .execute();
  }
}

/** As the index has it. */
const NAME = sql`lower(btrim(coalesce(content->>'displayName', content->>'name', content->>'number')))`;
