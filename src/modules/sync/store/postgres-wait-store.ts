import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import type { SyncTables } from './tables.js';
import { type Reached, type Wait, WaitStore } from './wait-store.js';

@Injectable()
export class PostgresWaitStore extends WaitStore {
  override async of(tx: Tx, twins: readonly string[]): Promise<Wait[]> {
    if (twins.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('wait')
      .selectAll()
      .where('twinId', 'in', [...twins])
      .execute();
    return rows.map(waitOf);
  }

  /**
   * A wait that is said again keeps its row: somebody may be about to end it, and would not see one that takes its place.
   */
  override async replace(tx: Tx, twins: readonly string[], waits: readonly Wait[]): Promise<Wait[]> {
    if (twins.length === 0) return [];
    const wanted = new Map(waits.map((wait) => [keyOf(wait), wait]));
    const offered = JSON.stringify([...wanted.values()]);
    await sql`
      delete from wait w
       where w.twin_id = any(${sql.val([...twins])}::uuid[])
         and not exists (select from jsonb_to_recordset(${offered}::jsonb)
                                  as said (twin uuid, needs uuid, side text, until text)
                          where said.twin = w.twin_id and said.needs = w.needs_twin
                            and said.side = w.side and said.until = w.until)`.execute(rowsOf<SyncTables>(tx));
    if (wanted.size === 0) return [];
    // A row that was inserted, and not updated, has no xmax.
    const { rows } = await sql<Omit<Wait, 'path'> & { isNew: boolean }>`
      insert into wait (tenant_id, twin_id, needs_twin, side, until, path)
      select ${tx.tenant}, said.twin, said.needs, said.side, said.until, said.path
        from jsonb_to_recordset(${offered}::jsonb)
             as said (twin uuid, needs uuid, side text, until text, path text)
       order by said.twin, said.needs, said.side, said.until
      on conflict (twin_id, needs_twin, side, until) do update set path = excluded.path
      returning twin_id as twin, needs_twin as needs, side, until, xmax = 0 as "isNew"`.execute(rowsOf<SyncTables>(tx));
    return rows.flatMap(({ isNew, ...wait }) => (isNew ? (wanted.get(keyOf(wait)) ?? []) : []));
  }

  override async end(tx: Tx, reached: readonly Reached[]): Promise<string[]> {
    if (reached.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .deleteFrom('wait')
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('needsTwin', 'side', 'until'),
          'in',
          reached.map(({ twin, side, until }) => tuple(twin, side, until)),
        ),
      )
      .returning('twinId')
      .execute();
    return [...new Set(rows.map(({ twinId }) => twinId))];
  }

  override async waitingFor(tx: Tx, twin: string, among: readonly string[]): Promise<string[]> {
    if (among.length === 0) return [];
    const { rows } = await sql<{ start: string }>`
      with recursive path (start, at) as (
        select start, start from unnest(${sql.val([...among])}::uuid[]) as start
        union
        select path.start, wait.needs_twin from path join wait on wait.twin_id = path.at
      )
      select distinct start from path where at = ${twin}`.execute(rowsOf<SyncTables>(tx));
    return rows.map(({ start }) => start);
  }

  override async absorb(tx: Tx, gone: string, survivor: string): Promise<void> {
    const rows = rowsOf<SyncTables>(tx);
    await rows.deleteFrom('wait').where('twinId', '=', gone).execute();
    await sql`
      update wait set needs_twin = ${survivor}
       where needs_twin = ${gone}
         and not exists (select from wait other where other.twin_id = wait.twin_id
                            and other.needs_twin = ${survivor} and other.side = wait.side
                            and other.until = wait.until)`.execute(rows);
    await rows.deleteFrom('wait').where('needsTwin', '=', gone).execute();
  }
}

const waitOf = ({ twinId, needsTwin, side, until, path }: Selectable<SyncTables['wait']>): Wait => ({
  ...{ twin: twinId, needs: needsTwin },
  ...{ side, until, path },
});

const keyOf = ({ twin, needs, side, until }: Omit<Wait, 'path'>): string => `${twin}/${needs}/${side}/${until}`;
