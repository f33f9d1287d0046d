import { Injectable } from '@nestjs/common';
import type { Selectable } from 'kysely';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import { type ProblemFilter, type ProblemView, ProblemViews } from './problem-views.js';
import type { SyncTables } from './tables.js';

@Injectable()
export class PostgresProblemViews extends ProblemViews {
  override async page(
    tx: Tx,
    { open, connection, codes }: ProblemFilter,
    first: number,
    before: { readonly raisedAt: Date; readonly id: string } | undefined,
  ): Promise<ProblemView[]> {
    let query = rowsOf<SyncTables>(tx).selectFrom('problem').selectAll();
    if (open !== undefined) query = query.where('open', '=', open);
    if (connection !== undefined) query = query.where('connectionId', '=', connection);
    if (codes) query = query.where('code', 'in', [...codes]);
    if (before) {
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('raisedAt', 'id'), '<', tuple(before.raisedAt, before.id)),
      );
    }
    const rows = await query.orderBy('raisedAt', 'desc').orderBy('id', 'desc').limit(first).execute();
    return rows.map(problemOf);
  }

  override async openOfTwins(tx: Tx, twins: readonly string[]): Promise<ProblemView[]> {
    if (twins.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('problem')
      .selectAll()
      .where('open', '=', true)
      .where('twinId', 'in', [...twins])
      .orderBy('raisedAt')
      .orderBy('id')
      .execute();
    return rows.map(problemOf);
  }

  override async openByConnection(tx: Tx): Promise<ReadonlyMap<string, number>> {
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('problem')
      .select(({ fn }) => ['connectionId', fn.countAll<string>().as('count')])
      .where('open', '=', true)
      .where('connectionId', 'is not', null)
      .groupBy('connectionId')
      .execute();
    return new Map(rows.map(({ connectionId, count }) => [connectionId!, Number(count)]));
  }
}

const problemOf = (row: Selectable<SyncTables['problem']>): ProblemView => ({
  id: row.id,
  code: row.code,
  message: row.message,
  connection: row.connectionId ?? undefined,
  twin: row.twinId ?? undefined,
  detail: row.detail,
  open: row.open,
  times: row.times,
  raisedAt: row.raisedAt,
  lastAt: row.lastAt,
  closedAt: row.closedAt ?? undefined,
});
