import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../platform/database/index.js';
import type { SyncTables } from './tables.js';
import { LANES, type Lane, PRESENCE_MS } from './work-store.js';
import { type IntakeFigures, type WorkFigures, type WorkView, WorkViews } from './work-views.js';

/** Counting stops here, so that a look at a long queue does not lengthen it. */
const COUNTED_MOST = 100_000;

@Injectable()
export class PostgresWorkViews extends WorkViews {
  override async of(tx: Tx, twins: readonly string[]): Promise<WorkView[]> {
    if (twins.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('work_item')
      .select(['twinId', 'lane', 'wanted', 'done', 'walkId', 'attempts'])
      // An item that a walk holds has no time of its own; PostgreSQL says infinity, which is no Date.
      .select(sql<Date>`case when isfinite(not_before) then not_before else ${tx.now} end`.as('notBefore'))
      .where('twinId', 'in', [...twins])
      .execute();
    return rows.map(({ twinId, lane, wanted, done, walkId, attempts, notBefore }) => ({
      twin: twinId,
      state: walkId !== null ? 'walking' : wanted > done ? 'due' : 'none',
      lane: LANES[lane]!,
      notBefore: new Date(notBefore),
      attempts,
    }));
  }

  override async pendingByConnection(tx: Tx): Promise<ReadonlyMap<string, number>> {
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('work_item')
      .select(({ fn }) => ['connectionId', fn.countAll<string>().as('count')])
      .whereRef('wanted', '>', 'done')
      .groupBy('connectionId')
      .execute();
    return new Map(rows.map(({ connectionId, count }) => [connectionId, Number(count)]));
  }

  override async figures(tx: Tx | DispatchTx): Promise<WorkFigures> {
    const rows = rowsOf<SyncTables>(tx);
    const { rows: lanes } = await sql<{ lane: number; due: number; later: number; oldest: string | null }>`
      select lane, (count(*) filter (where not_before <= ${tx.now}))::int as due,
             (count(*) filter (where not_before > ${tx.now}))::int as later, min(not_before) as oldest
        from (select lane, not_before from work_item
               where wanted > done and walk_id is null limit ${COUNTED_MOST}) waiting
       group by lane`.execute(rows);
    const { rows: walks } = await sql<{ open: number; unbegun: string | null }>`
      select count(*)::int as open,
             min(started_at) filter (where not exists (select from walk_step s where s.walk_id = w.id)) as unbegun
        from walk w where open`.execute(rows);
    const { rows: history } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from (select from unchained limit ${COUNTED_MOST}) events`.execute(rows);
    const { rows: states } = await sql<{ state: string; count: number }>`
      select state, count(*)::int as count from connection group by state order by state`.execute(rows);

    const oldest = lanes
      .flatMap((lane) => (lane.oldest === null ? [] : [new Date(lane.oldest)]))
      .filter((time) => time <= tx.now)
      .sort((one, other) => one.getTime() - other.getTime());
    const due = Object.fromEntries(
      LANES.map((lane, index) => [lane, lanes.find((row) => row.lane === index)?.due ?? 0]),
    ) as Record<Lane, number>;
    return {
      due,
      oldestDueAt: oldest[0],
      later: lanes.reduce((sum, lane) => sum + lane.later, 0),
      openWalks: walks[0]!.open,
      unbegunSince: walks[0]!.unbegun === null ? undefined : new Date(walks[0]!.unbegun),
      unnumberedEvents: history[0]!.waiting,
      connectionsByState: Object.fromEntries(states.map(({ state, count }) => [state, count])),
    };
  }

  override async intake(tx: DispatchTx): Promise<IntakeFigures> {
    const { rows } = await sql<{ waiting: number; oldest: string | null; places: number }>`
      select (select count(*)::int from (select from delivery where unpacked_at is null limit ${COUNTED_MOST}) d) as waiting,
             (select min(received_at) from delivery where unpacked_at is null) as oldest,
             (select coalesce(sum(places), 0)::int from worker
               where seen_at > ${tx.now}::timestamptz - ${PRESENCE_MS} * interval '1 millisecond') as places`.execute(
      rowsOf<SyncTables>(tx),
    );
    const { waiting, oldest, places } = rows[0]!;
    return { waiting, oldestWaitingAt: oldest === null ? undefined : new Date(oldest), workerPlaces: places };
  }
}
