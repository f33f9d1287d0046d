import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../platform/database/index.js';
import { type DueStream, type Look, type Stream, StreamStore } from './stream-store.js';
import type { SyncTables } from './tables.js';

const LEASE_MS = 60_000;

const leaseFrom = (now: Date): Date => new Date(now.getTime() + LEASE_MS);

@Injectable()
export class PostgresStreamStore extends StreamStore {
  override async ensure(
    tx: Tx,
    connection: string,
    streams: readonly Pick<Stream, 'name' | 'everyMs' | 'why'>[],
  ): Promise<void> {
    if (streams.length === 0) return;
    await rowsOf<SyncTables>(tx)
      .insertInto('stream')
      .values(
        streams.map(({ name, everyMs, why }) => ({
          ...{ tenantId: tx.tenant, connectionId: connection, name, everyMs, why, dueAt: tx.now },
          ...{ cursor: null, leaseUntil: null, lookedAt: null, found: 0, failure: null },
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  override async end(tx: Tx, connection: string, name: string): Promise<void> {
    await rowsOf<SyncTables>(tx)
      .deleteFrom('stream')
      .where('connectionId', '=', connection)
      .where('name', '=', name)
      .execute();
  }

  override async of(tx: Tx, connection: string): Promise<Stream[]> {
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('stream')
      .selectAll()
      .where('connectionId', '=', connection)
      .orderBy('name')
      .execute();
    return rows.map((row) => ({
      connection: row.connectionId,
      name: row.name,
      cursor: row.cursor ?? undefined,
      everyMs: row.everyMs,
      dueAt: row.dueAt,
      lookedAt: row.lookedAt ?? undefined,
      found: row.found,
      failure: row.failure ?? undefined,
      why: row.why,
    }));
  }

  override async claimDue(tx: DispatchTx, most: number): Promise<DueStream[]> {
    const { rows } = await sql<DueStream>`
      update stream s set lease_until = ${leaseFrom(tx.now)}
       where (s.connection_id, s.name) in (
         select d.connection_id, d.name from stream d join connection c on c.id = d.connection_id
          where d.due_at <= ${tx.now} and (d.lease_until is null or d.lease_until < ${tx.now})
            and c.state = 'active' and (c.not_before is null or c.not_before <= ${tx.now})
          order by d.due_at limit ${most} for update of d skip locked)
      returning s.tenant_id as tenant, s.connection_id as connection, s.name`.execute(rowsOf<SyncTables>(tx));
    return rows;
  }

  override async hurry(tx: Tx, connection: string, names?: readonly string[]): Promise<void> {
    if (names?.length === 0) return;
    let query = rowsOf<SyncTables>(tx)
      .updateTable('stream')
      .set({ dueAt: tx.now })
      .where('connectionId', '=', connection)
      .where(({ eb, or }) => or([eb('dueAt', '>', tx.now), eb('leaseUntil', '>', tx.now)]));
    if (names) query = query.where('name', 'in', [...names]);
    await query.execute();
    tx.wakes.add('work');
  }

  override async advance(
    tx: Tx,
    connection: string,
    name: string,
    { cursor, found, began, dueAt }: Look,
  ): Promise<void> {
    const done = dueAt && {
      // What became due since the look began was made so by somebody in a hurry.
      dueAt: sql<Date>`case when due_at > ${began} then due_at else ${dueAt} end`,
      leaseUntil: null,
    };
    await rowsOf<SyncTables>(tx)
      .updateTable('stream')
      .set({ cursor, found, lookedAt: tx.now, failure: null, ...(done ?? { leaseUntil: leaseFrom(tx.now) }) })
      .where('connectionId', '=', connection)
      .where('name', '=', name)
      .execute();
  }

  override async failed(tx: Tx, connection: string, name: string, failure: string, dueAt: Date): Promise<void> {
    await rowsOf<SyncTables>(tx)
      .updateTable('stream')
      .set({ failure, dueAt, leaseUntil: null })
      .where('connectionId', '=', connection)
      .where('name', '=', name)
      .execute();
  }
}
