import { Injectable } from '@nestjs/common';
import { type Kysely, sql } from 'kysely';
import { rowsOf, Transactions } from '../database/index.js';
import { BUSY_WAIT_MS, bucketOf, isRate, type Limit, Limits } from './limits.js';

/**
 * The limits in two tables: a row for each rate (`limit_bucket`) and a row for each place where places are few
 * (`limit_slot`). They are unlogged: what a crash forgets is a moment's worth of calls.
 */
@Injectable()
export class PostgresLimits extends Limits {
  constructor(private readonly transactions: Transactions) {
    super();
  }

  override async take(limits: readonly Limit[], holder: string, leaseMs: number): Promise<number> {
    const first = await this.transactions.dispatchingOnce((statement) =>
      take(rowsOf(statement), limits, holder, leaseMs),
    );
    if (first !== UNKNOWN) return first;
    return this.transactions.dispatching(async (tx) => {
      await introduce(rowsOf(tx), limits);
      const second = await take(rowsOf(tx), limits, holder, leaseMs);
      if (second === UNKNOWN) throw new Error('limits that were just introduced are not there');
      return second;
    });
  }

  override async release(holder: string): Promise<void> {
    await this.transactions.dispatchingOnce((statement) =>
      sql`update limit_slot set holder = null, until = '-infinity' where holder = ${holder}`.execute(
        rowsOf<object>(statement),
      ),
    );
  }
}

/** Some of the limits have no rows yet. */
const UNKNOWN = -1;

/**
 * One statement judges all limits and moves them, or none. The rows of the rates are locked in the order of their keys,
 * and a free place is one that nobody is about to take.
 */
const take = async (
  rows: Kysely<object>,
  limits: readonly Limit[],
  holder: string,
  leaseMs: number,
): Promise<number> => {
  const rates = limits.filter(isRate).map((rate) => ({ key: rate.key, ...bucketOf(rate) }));
  const gates = limits.flatMap((limit) => (isRate(limit) ? [] : [{ key: limit.key, places: limit.concurrent }]));
  const {
    rows: [verdict],
  } = await sql<{ unknown: boolean; seated: boolean; waitMs: number }>`
    with moment as materialized (select concord_now() as now),
    rate as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rates)}::jsonb) as r (key text, "everyMs" float8, "slackMs" float8)
    ),
    gate as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(gates)}::jsonb) as g (key text, places int)
    ),
    bucket as materialized (
      select key, empty_at from limit_bucket where key in (select key from rate) order by key for update
    ),
    judged as materialized (
      select b.key,
             greatest(b.empty_at, m.now) + r."everyMs" * interval '1 millisecond' as next,
             extract(epoch from greatest(b.empty_at, m.now) - m.now)::float8 * 1000 - r."slackMs" as wait
        from rate r join bucket b using (key) cross join moment m
    ),
    place as materialized (
      select g.key, free.slot
        from gate g cross join moment m cross join lateral (
          select s.slot from limit_slot s
           where s.key = g.key and s.slot <= g.places and s.until <= m.now
           order by s.slot limit 1 for update skip locked) free
    ),
    verdict as materialized (
      select (select count(*) from rate) > (select count(*) from judged)
             or exists (select from gate g
                         where (select count(*) from limit_slot s where s.key = g.key and s.slot <= g.places) < g.places)
               as unknown,
             (select count(*) from place) = (select count(*) from gate) as seated,
             greatest((select max(wait) from judged), 0) as wait
    ),
    drawn as (
      update limit_bucket b set empty_at = j.next from judged j, verdict v
       where b.key = j.key and not v.unknown and v.seated and v.wait = 0
    ),
    taken as (
      update limit_slot s set holder = ${holder}, until = m.now + ${leaseMs}::float8 * interval '1 millisecond'
        from place p, verdict v, moment m
       where s.key = p.key and s.slot = p.slot and not v.unknown and v.seated and v.wait = 0
    )
    select unknown, seated, wait as "waitMs" from verdict`.execute(rows);
  const { unknown, seated, waitMs } = verdict!;
  if (unknown) return UNKNOWN;
  return Math.max(Math.ceil(waitMs), seated ? 0 : BUSY_WAIT_MS);
};

/** The rows of limits that are drawn from for the first time. */
const introduce = async (rows: Kysely<object>, limits: readonly Limit[]): Promise<void> => {
  const keys = limits.filter(isRate).map(({ key }) => ({ key }));
  const gates = limits.flatMap((limit) => (isRate(limit) ? [] : [{ key: limit.key, places: limit.concurrent }]));
  await sql`
    insert into limit_bucket (key, empty_at)
    select key, '-infinity' from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as r (key text)
    order by key on conflict do nothing`.execute(rows);
  await sql`
    insert into limit_slot (key, slot, until)
    select key, generate_series(1, places), '-infinity'
      from jsonb_to_recordset(${JSON.stringify(gates)}::jsonb) as g (key text, places int)
    order by 1, 2 on conflict do nothing`.execute(rows);
};
