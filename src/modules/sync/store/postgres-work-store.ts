import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { KindName } from '../../../domain/contract/index.js';
import { type DispatchTx, rowsOf, type Tx } from '../../../platform/database/index.js';
import type { SyncTables } from './tables.js';
import {
  type Attempt,
  BATCH,
  GRAPH_VERSION,
  type ItemOutcome,
  type ItemPlan,
  LANES,
  LEASE_MS,
  leavingOf,
  type OpenedWalk,
  type Raise,
  type Seen,
  type Step,
  type StepNote,
  PRESENCE_MS,
  Superseded,
  type WalkItem,
  WorkStore,
  type Written,
} from './work-store.js';

@Injectable()
export class PostgresWorkStore extends WorkStore {
  override async raise(tx: Tx, raises: readonly Raise[]): Promise<void> {
    if (raises.length === 0) return;
    tx.wakes.add('work');
    const offered = [...Map.groupBy(raises, ({ twin }) => twin)].map(([twin, of]) => ({
      twin,
      times: of.length,
      lane: Math.min(...of.map(({ lane }) => LANES.indexOf(lane))),
      look: of.some(({ look }) => look),
      cause: of.at(-1)!.cause,
      not_before: dueOf(of, tx.now),
    }));
    await sql`
      insert into work_item as w (twin_id, tenant_id, connection_id, kind, lane, wanted, look, not_before, cause)
      select t.id, t.tenant_id, t.connection_id, t.kind, r.lane, r.times, r.look, r.not_before, r.cause
        from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb)
             as r (twin uuid, times int, lane smallint, look boolean, cause jsonb, not_before timestamptz)
        join twin t on t.id = r.twin
       order by t.id
      on conflict (twin_id) do update
         set kind = excluded.kind,
             lane = case when w.wanted = w.done then excluded.lane else least(w.lane, excluded.lane) end,
             wanted = w.wanted + excluded.wanted,
             look = w.look or excluded.look,
             not_before = case when w.wanted = w.done then excluded.not_before
                               when w.not_before = excluded.not_before then least(w.not_before, ${tx.now})
                               else least(w.not_before, excluded.not_before) end,
             cause = excluded.cause`.execute(rowsOf<SyncTables>(tx));
  }

  override async open(tx: DispatchTx, room: number, newId: () => string, batch = BATCH): Promise<OpenedWalk[]> {
    const opened: OpenedWalk[] = [];
    for (const group of await this.dueGroups(tx, room)) {
      const walk = await this.claim(tx, group, newId(), batch);
      if (walk) opened.push(walk);
    }
    return opened;
  }

  /**
   * Connections and kinds with due work: each tenant's most urgent first, then each one's second, so that a tenant with
   * much work takes nothing from one with little. The distinct groups are found by hopping along the index.
   */
  private async dueGroups(tx: DispatchTx, room: number): Promise<DueGroup[]> {
    const { rows } = await sql<DueGroup>`
      with recursive groups as (
        (select tenant_id, connection_id, kind, lane from work_item
          where wanted > done and walk_id is null
          order by connection_id, kind, lane limit 1)
        union all
        select next.* from groups cross join lateral (
          select tenant_id, connection_id, kind, lane from work_item w
           where wanted > done and walk_id is null
             and (w.connection_id, w.kind, w.lane) > (groups.connection_id, groups.kind, groups.lane)
           order by connection_id, kind, lane limit 1) next
      ), due as (
        select groups.*, first.not_before, c.served_at
          from groups
          join connection c on c.id = groups.connection_id
          cross join lateral (
            select w.not_before from work_item w
             where w.wanted > w.done and w.walk_id is null and w.connection_id = groups.connection_id
               and w.kind = groups.kind and w.lane = groups.lane
             order by w.not_before limit 1) first
         where first.not_before <= ${tx.now}
           and c.state in ('active', 'suspended') and (c.not_before is null or c.not_before <= ${tx.now})
      )
      select tenant_id as tenant, connection_id as connection, kind, lane from (
        select due.*, row_number() over (partition by tenant_id order by lane, not_before) as turn from due
      ) ranked
      order by lane, turn, served_at, not_before
      limit ${room}`.execute(rowsOf<SyncTables>(tx));
    return rows;
  }

  private async claim(tx: DispatchTx, group: DueGroup, walk: string, batch: number): Promise<OpenedWalk | undefined> {
    const { tenant, connection, kind, lane } = group;
    const { rows } = await sql<{ items: number }>`
      with chosen as (
        select twin_id, wanted, look, attempts from work_item
         where wanted > done and walk_id is null and connection_id = ${connection} and kind = ${kind}
           and lane = ${lane} and not_before <= ${tx.now}
         order by not_before
         limit ${batch}
         for update skip locked
      ), opened as (
        insert into walk (id, tenant_id, connection_id, kind, lane, graph, lease_until, items, started_at)
        select ${walk}, ${tenant}, ${connection}, ${kind}, ${lane}, ${GRAPH_VERSION},
               ${tx.now}::timestamptz + ${LEASE_MS} * interval '1 millisecond', count(*), ${tx.now}
          from chosen having count(*) > 0
      ), claimed as (
        update work_item w set walk_id = ${walk}, look = false, not_before = 'infinity'
          from chosen where w.twin_id = chosen.twin_id
      ), listed as (
        insert into walk_item (walk_id, twin_id, tenant_id, position, wanted, look, attempts)
        select ${walk}, twin_id, ${tenant}, row_number() over (), wanted, look, attempts from chosen
      ), served as (
        update connection set served_at = ${tx.now} where id = ${connection}
      )
      select count(*)::int as items from chosen`.execute(rowsOf<SyncTables>(tx));
    const items = rows[0]?.items ?? 0;
    return items === 0 ? undefined : { walk, tenant, connection, kind, lane: LANES[lane]!, items };
  }

  override async room(tx: DispatchTx): Promise<number> {
    const { rows } = await sql<{ room: number }>`
      select (2 * (select coalesce(sum(places), 0) from worker
                    where seen_at > ${tx.now}::timestamptz - ${PRESENCE_MS} * interval '1 millisecond')
              - (select count(*) from walk where open))::int as room`.execute(rowsOf<SyncTables>(tx));
    return rows[0]!.room;
  }

  override async present(tx: DispatchTx, worker: string, places: number): Promise<void> {
    await sql`
      insert into worker (name, places, seen_at) values (${worker}, ${places}, ${tx.now})
      on conflict (name) do update set places = excluded.places, seen_at = excluded.seen_at`.execute(
      rowsOf<SyncTables>(tx),
    );
    await sql`delete from worker where seen_at < ${tx.now}::timestamptz - interval '1 hour'`.execute(
      rowsOf<SyncTables>(tx),
    );
  }

  override async begin(tx: DispatchTx | Tx, walk: string, step: Step): Promise<Attempt | undefined> {
    const { rows } = await sql<Omit<Attempt, 'walk' | 'step' | 'lane'> & { lane: number }>`
      with held as (
        update walk set lease_until = ${tx.now}::timestamptz + ${LEASE_MS} * interval '1 millisecond'
         where id = ${walk} and open and graph = ${GRAPH_VERSION}
        returning id, tenant_id, connection_id, kind, lane
      ), begun as (
        insert into walk_step (walk_id, tenant_id, step, epoch, started_at)
        select id, tenant_id, ${step}, 1, ${tx.now} from held
        on conflict (walk_id, step) do update set epoch = walk_step.epoch + 1, started_at = excluded.started_at
         where not walk_step.done
        returning epoch
      )
      select epoch, tenant_id as tenant, connection_id as connection, kind, lane from held, begun`.execute(
      rowsOf<SyncTables>(tx),
    );
    const row = rows[0];
    return row && { ...row, walk, step, lane: LANES[row.lane]! };
  }

  override async extend(tx: DispatchTx, { walk, step, epoch }: Attempt): Promise<boolean> {
    const { numAffectedRows } = await sql`
      update walk w set lease_until = ${tx.now}::timestamptz + ${LEASE_MS} * interval '1 millisecond'
        from walk_step s
       where w.id = ${walk} and w.open and s.walk_id = w.id and s.step = ${step} and s.epoch = ${epoch} and not s.done`.execute(
      rowsOf<SyncTables>(tx),
    );
    return (numAffectedRows ?? 0n) > 0n;
  }

  override async fence(tx: Tx, attempt: Attempt): Promise<void> {
    const { walk, step, epoch } = attempt;
    const { rows } = await sql`
      select 1 from walk_step s join walk w on w.id = s.walk_id
       where s.walk_id = ${walk} and s.step = ${step} and s.epoch = ${epoch} and not s.done and w.open
         for no key update of s for key share of w`.execute(rowsOf<SyncTables>(tx));
    if (rows.length === 0) throw new Superseded(attempt);
  }

  override async items(tx: Tx, walk: string): Promise<WalkItem[]> {
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('walk_item as i')
      .leftJoin('work_item as w', 'w.twinId', 'i.twinId')
      .select(['i.twinId', 'i.wanted', 'i.look', 'i.attempts', 'i.seen', 'i.plan', 'i.written', 'w.cause'])
      .where('i.walkId', '=', walk)
      .orderBy('i.position')
      .execute();
    return rows.map(({ twinId, seen, plan, written, cause, ...row }) => ({
      ...row,
      twin: twinId,
      cause: cause ?? { by: 'system' },
      seen: seen ?? undefined,
      plan: plan ?? undefined,
      written: written ?? undefined,
    }));
  }

  override async saveSeen(tx: Tx, walk: string, seen: readonly (Seen & { readonly twin: string })[]): Promise<void> {
    if (seen.length === 0) return;
    const offered = [...Map.groupBy(seen, ({ twin }) => twin)].map(([twin, of]) => ({
      twin,
      seen: Object.assign({}, ...of.map(({ twin: _twin, ...rest }) => rest)) as Seen,
    }));
    await sql`
      update walk_item i set seen = coalesce(i.seen, '{}') || s.seen
        from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb) as s (twin uuid, seen jsonb)
       where i.walk_id = ${walk} and i.twin_id = s.twin`.execute(rowsOf<SyncTables>(tx));
  }

  override async savePlans(
    tx: Tx,
    walk: string,
    plans: readonly { readonly twin: string; readonly plan: ItemPlan }[],
  ): Promise<void> {
    if (plans.length === 0) return;
    await sql`
      update walk_item i set plan = s.plan
        from jsonb_to_recordset(${JSON.stringify(lastOfEach(plans))}::jsonb) as s (twin uuid, plan jsonb)
       where i.walk_id = ${walk} and i.twin_id = s.twin`.execute(rowsOf<SyncTables>(tx));
  }

  override async saveWritten(
    tx: Tx,
    walk: string,
    written: readonly { readonly twin: string; readonly written: Written }[],
  ): Promise<void> {
    if (written.length === 0) return;
    await sql`
      update walk_item i set written = s.written
        from jsonb_to_recordset(${JSON.stringify(lastOfEach(written))}::jsonb) as s (twin uuid, written jsonb)
       where i.walk_id = ${walk} and i.twin_id = s.twin`.execute(rowsOf<SyncTables>(tx));
  }

  override async finishStep(tx: Tx, { walk, step }: Attempt, { calls }: StepNote): Promise<void> {
    await rowsOf<SyncTables>(tx)
      .updateTable('walk_step')
      .set({ done: true, finishedAt: tx.now, calls })
      .where('walkId', '=', walk)
      .where('step', '=', step)
      .execute();
  }

  override async close(tx: Tx, { walk }: Attempt, outcomes: readonly ItemOutcome[]): Promise<void> {
    // A place for another walk is free, and some items may be due again.
    tx.wakes.add('work');
    const offered = outcomes.map((outcome) => ({ twin: outcome.twin, outcome, ...leavingOf(outcome, tx.now) }));
    await sql`
      with leaving as (
        select l.*, i.wanted as claimed, i.attempts as tried
          from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb)
               as l (twin uuid, outcome jsonb, settled boolean, again boolean, look boolean, "notBefore" timestamptz)
          join walk_item i on i.walk_id = ${walk} and i.twin_id = l.twin
      ), noted as (
        update walk_item i set outcome = leaving.outcome
          from leaving where i.walk_id = ${walk} and i.twin_id = leaving.twin
      ), ended as (
        update walk set open = false, ended_at = ${tx.now}, ending = 'done' where id = ${walk}
      )
      update work_item w
         set walk_id = null,
             done = case when leaving.settled then leaving.claimed else w.done end,
             wanted = w.wanted + case when leaving.again then 1 else 0 end,
             look = w.look or leaving.look,
             attempts = case when leaving.settled and not leaving.again then 0 else leaving.tried + 1 end,
             not_before = least(w.not_before, leaving."notBefore")
        from leaving
       where w.twin_id = leaving.twin and w.walk_id = ${walk}`.execute(rowsOf<SyncTables>(tx));
  }

  override async sweep(tx: DispatchTx): Promise<number> {
    // A walk that a transaction has fenced is at work, however late: it is left until that transaction ends.
    const { rows } = await sql<{ id: string }>`
      update walk set open = false, ended_at = ${tx.now}, ending = 'dropped'
       where id in (select id from walk
                     where open and (lease_until < ${tx.now} or graph <> ${GRAPH_VERSION})
                       for update skip locked)
      returning id`.execute(rowsOf<SyncTables>(tx));
    if (rows.length === 0) return 0;
    await sql`
      update work_item w set walk_id = null, look = w.look or i.look, not_before = least(w.not_before, ${tx.now})
        from walk_item i
       where i.walk_id = w.walk_id and i.twin_id = w.twin_id
         and w.walk_id in (${sql.join(rows.map(({ id }) => id))})`.execute(rowsOf<SyncTables>(tx));
    return rows.length;
  }

  override async absorb(tx: Tx, gone: string, survivor: string): Promise<void> {
    const item = await rowsOf<SyncTables>(tx)
      .deleteFrom('work_item')
      .where('twinId', '=', gone)
      .returningAll()
      .executeTakeFirst();
    if (!item || item.wanted === item.done) return;
    // A walk that holds it has taken the question along, and will not find the twin any more.
    const look = item.look || item.walkId !== null;
    await this.raise(tx, [{ twin: survivor, lane: LANES[item.lane]!, look, cause: item.cause }]);
  }
}

/** The earliest time that is asked for; now, where two ask for the same later one. */
const dueOf = (raises: readonly Raise[], now: Date): Date => {
  const times = raises.map(({ notBefore }) => (notBefore ?? now).getTime());
  const first = Math.min(...times);
  return times.filter((time) => time === first).length > 1 ? now : new Date(first);
};

/** Of several words on one item, the last one counts. */
const lastOfEach = <Word extends { readonly twin: string }>(words: readonly Word[]): Word[] => [
  ...new Map(words.map((word) => [word.twin, word])).values(),
];

interface DueGroup {
  readonly tenant: string;
  readonly connection: string;
  readonly kind: KindName;
  readonly lane: number;
}
