import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import type { KindName } from '../../../domain/contract/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import {
  type ConflictFilter,
  type ConflictView,
  ConflictViews,
  type DecisionView,
  type GranularityView,
  type PolicyView,
} from './conflict-views.js';
import { openConflictOf } from './postgres-conflict-store.js';
import type { ConflictTables } from './tables.js';

@Injectable()
export class PostgresConflictViews extends ConflictViews {
  override async page(
    tx: Tx,
    { open, connection, kinds, reasons, decided, twins }: ConflictFilter,
    first: number,
    before: { readonly raisedAt: Date; readonly id: string } | undefined,
  ): Promise<ConflictView[]> {
    let query = rowsOf<ConflictTables>(tx).selectFrom('conflict').selectAll();
    if (open !== undefined) query = query.where('open', '=', open);
    if (connection !== undefined) query = query.where('connectionId', '=', connection);
    if (kinds) query = query.where('kind', 'in', [...kinds]);
    if (reasons) query = query.where('reason', 'in', [...reasons]);
    if (decided !== undefined) query = query.where('decision', decided ? 'is not' : 'is', null);
    if (twins) query = query.where('twinId', 'in', [...twins]);
    if (before) {
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('raisedAt', 'id'), '<', tuple(before.raisedAt, before.id)),
      );
    }
    const rows = await query.orderBy('raisedAt', 'desc').orderBy('id', 'desc').limit(first).execute();
    return rows.map(viewOf);
  }

  override async get(tx: Tx, ids: readonly string[]): Promise<ConflictView[]> {
    if (ids.length === 0) return [];
    const rows = await rowsOf<ConflictTables>(tx)
      .selectFrom('conflict')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute();
    const views = new Map(rows.map((row) => [row.id, viewOf(row)]));
    return ids.flatMap((id) => views.get(id) ?? []);
  }

  override async openByConnection(tx: Tx): Promise<ReadonlyMap<string, number>> {
    const rows = await rowsOf<ConflictTables>(tx)
      .selectFrom('conflict')
      .select(({ fn }) => ['connectionId', fn.countAll<string>().as('count')])
      .where('open', '=', true)
      .groupBy('connectionId')
      .execute();
    return new Map(rows.map(({ connectionId, count }) => [connectionId, Number(count)]));
  }

  override async decisionsOf(tx: Tx, conflicts: readonly string[]): Promise<DecisionView[]> {
    if (conflicts.length === 0) return [];
    const rows = await this.decided(tx)
      .where('conflictId', 'in', [...conflicts])
      .execute();
    return rows.map(decisionOf);
  }

  override async decisions(tx: Tx, ids: readonly string[]): Promise<DecisionView[]> {
    if (ids.length === 0) return [];
    const rows = await this.decided(tx)
      .where('id', 'in', [...ids])
      .execute();
    return rows.map(decisionOf);
  }

  override async askedOf(tx: Tx, kind: KindName, groups: readonly string[] | undefined): Promise<string[]> {
    let query = rowsOf<ConflictTables>(tx)
      .selectFrom('conflict')
      .select('twinId')
      .where('open', '=', true)
      .where('kind', '=', kind);
    if (groups) {
      query = query.where(({ or }) =>
        or(groups.map((group) => sql<boolean>`groups @> ${JSON.stringify([group])}::jsonb`)),
      );
    }
    return (await query.execute()).map(({ twinId }) => twinId);
  }

  override async policies(tx: Tx): Promise<PolicyView[]> {
    const rows = await rowsOf<ConflictTables>(tx)
      .selectFrom('policy')
      .select(['kind', 'fieldGroup', 'rule', 'setBy', 'setAt'])
      .execute();
    return rows.map(({ fieldGroup, ...policy }) => ({ ...policy, ...(fieldGroup && { group: fieldGroup }) }));
  }

  override async granularities(tx: Tx): Promise<GranularityView[]> {
    return rowsOf<ConflictTables>(tx)
      .selectFrom('granularity')
      .select(['kind', 'granularity', 'setBy', 'setAt'])
      .execute();
  }

  private decided(tx: Tx) {
    return rowsOf<ConflictTables>(tx).selectFrom('decision').selectAll().orderBy('at').orderBy('id');
  }
}

const viewOf = (row: Selectable<ConflictTables['conflict']>): ConflictView => ({
  ...openConflictOf(row),
  open: row.open,
  raisedAt: row.raisedAt,
  updatedAt: row.updatedAt,
  closedAt: row.closedAt ?? undefined,
  ending: row.ending ?? undefined,
});

const decisionOf = ({
  id,
  conflictId,
  verb,
  choices,
  fingerprint,
  actor,
  at,
}: Selectable<ConflictTables['decision']>): DecisionView => ({
  id,
  conflict: conflictId,
  verb,
  choices,
  fingerprint,
  actor,
  at,
});
