import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import type { Operation } from '../../../domain/provider/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import type { SyncTables } from './tables.js';
import {
  type CallView,
  type IntentView,
  type StepView,
  type WalkFilter,
  type WalkItemView,
  type WalkView,
  WalkViews,
} from './walk-views.js';
import { LANES } from './work-store.js';

@Injectable()
export class PostgresWalkViews extends WalkViews {
  override async page(
    tx: Tx,
    { open, connection, kind, twins }: WalkFilter,
    first: number,
    before: { readonly startedAt: Date; readonly id: string } | undefined,
  ): Promise<WalkView[]> {
    let query = rowsOf<SyncTables>(tx).selectFrom('walk').selectAll();
    if (open !== undefined) query = query.where('open', '=', open);
    if (connection !== undefined) query = query.where('connectionId', '=', connection);
    if (kind !== undefined) query = query.where('kind', '=', kind);
    if (twins?.length === 0) return [];
    if (twins) {
      query = query.where('id', 'in', ({ selectFrom }) =>
        selectFrom('walk_item')
          .select('walkId')
          .where('twinId', 'in', [...twins]),
      );
    }
    if (before) {
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('startedAt', 'id'), '<', tuple(before.startedAt, before.id)),
      );
    }
    const rows = await query.orderBy('startedAt', 'desc').orderBy('id', 'desc').limit(first).execute();
    return rows.map(walkOf);
  }

  override async get(tx: Tx, id: string): Promise<WalkView | undefined> {
    const row = await rowsOf<SyncTables>(tx).selectFrom('walk').selectAll().where('id', '=', id).executeTakeFirst();
    return row && walkOf(row);
  }

  override async stepsOf(tx: Tx, walks: readonly string[]): Promise<StepView[]> {
    if (walks.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('walk_step')
      .selectAll()
      .where('walkId', 'in', [...walks])
      .orderBy('startedAt')
      .orderBy('step')
      .execute();
    return rows.map(({ walkId, epoch, finishedAt, step, done, startedAt, calls }) => ({
      ...{ walk: walkId, attempts: epoch, finishedAt: finishedAt ?? undefined },
      ...{ step, done, startedAt, calls },
    }));
  }

  override async itemsOf(tx: Tx, walks: readonly string[]): Promise<WalkItemView[]> {
    if (walks.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('walk_item')
      .selectAll()
      .where('walkId', 'in', [...walks])
      .orderBy('position')
      .execute();
    return rows.map((row) => ({
      walk: row.walkId,
      twin: row.twinId,
      look: row.look,
      attempts: row.attempts,
      seen: row.seen ?? undefined,
      plan: row.plan ?? undefined,
      written: row.written ?? undefined,
      outcome: row.outcome ?? undefined,
    }));
  }

  override async callsOf(tx: Tx, walks: readonly string[]): Promise<CallView[]> {
    if (walks.length === 0) return [];
    const rows = await this.calls(tx)
      .where('walkId', 'in', [...walks])
      .execute();
    return rows.map(callOf);
  }

  override async intents(tx: Tx, ids: readonly string[]): Promise<IntentView[]> {
    if (ids.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('intent')
      .select(['id', 'twinId', 'state', 'failure', sql<Operation>`write->>'operation'`.as('operation')])
      .where('id', 'in', [...ids])
      .execute();
    return rows.map(({ twinId, failure, ...row }) => ({ ...row, twin: twinId, failure: failure?.message }));
  }

  override async callsWith(tx: Tx, intents: readonly string[]): Promise<CallView[]> {
    if (intents.length === 0) return [];
    // A call that was drafted anew for the same intent belongs to the same walk or to a later one of its twin.
    const rows = await this.calls(tx)
      .where('walkId', 'in', ({ selectFrom }) =>
        selectFrom('walk_item')
          .innerJoin('intent', 'intent.twinId', 'walk_item.twinId')
          .select('walk_item.walkId')
          .where('intent.id', 'in', [...intents]),
      )
      .where(sql<boolean>`intents && ${sql.val([...intents])}::uuid[]`)
      .execute();
    return rows.map(callOf);
  }

  override async refusedAt(tx: Tx, twin: string, at: Date): Promise<string | undefined> {
    const row = await rowsOf<SyncTables>(tx)
      .selectFrom('intent')
      .select('id')
      .where('twinId', '=', twin)
      .where('state', '=', 'refused')
      .where('answeredAt', '<=', at)
      .orderBy('answeredAt', 'desc')
      .executeTakeFirst();
    return row?.id;
  }

  private calls(tx: Tx) {
    return rowsOf<SyncTables>(tx)
      .selectFrom('call')
      .select(['id', 'walkId', 'connectionId', 'intents', 'state', 'attempts', 'sentAt', 'answeredAt'])
      .select(['status', 'requestId', 'ms', sql<string>`request->>'label'`.as('label')])
      .orderBy('sentAt')
      .orderBy('id');
  }
}

const walkOf = (row: Selectable<SyncTables['walk']>): WalkView => ({
  id: row.id,
  connection: row.connectionId,
  kind: row.kind,
  lane: LANES[row.lane]!,
  open: row.open,
  items: row.items,
  startedAt: row.startedAt,
  endedAt: row.endedAt ?? undefined,
  ending: (row.ending as WalkView['ending']) ?? undefined,
});

const callOf = ({
  walkId,
  connectionId,
  answeredAt,
  status,
  requestId,
  ms,
  ...row
}: Omit<Selectable<SyncTables['call']>, 'tenantId' | 'request' | 'providerKey'> & { label: string }): CallView => ({
  ...row,
  walk: walkId,
  connection: connectionId,
  answeredAt: answeredAt ?? undefined,
  status: status ?? undefined,
  requestId: requestId ?? undefined,
  ms: ms ?? undefined,
});
