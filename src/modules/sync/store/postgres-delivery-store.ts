import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../platform/database/index.js';
import { type Counted, DeliveryStore, type IntakeCount, type StoredDelivery, type Unpacked } from './delivery-store.js';
import type { SyncTables } from './tables.js';

@Injectable()
export class PostgresDeliveryStore extends DeliveryStore {
  override async add(tx: DispatchTx, deliveries: readonly StoredDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    await rowsOf<SyncTables>(tx)
      .insertInto('delivery')
      .values(
        deliveries.map(({ headers, body, ...delivery }) => ({
          ...delivery,
          headers: { ...headers },
          body,
          claimedUntil: null,
          unpackedAt: null,
          notices: null,
          orphans: null,
          unreadable: null,
        })),
      )
      .execute();
  }

  override async claim(tx: DispatchTx, most: number): Promise<StoredDelivery[]> {
    const rows = rowsOf<SyncTables>(tx);
    const claimed = await rows
      .updateTable('delivery')
      .set({ claimedUntil: new Date(tx.now.getTime() + 30_000) })
      .where('id', 'in', (from) =>
        from
          .selectFrom('delivery')
          .select('id')
          .where('unpackedAt', 'is', null)
          .where(({ eb, or }) => or([eb('claimedUntil', 'is', null), eb('claimedUntil', '<', tx.now)]))
          .orderBy('receivedAt')
          .limit(most)
          .forUpdate()
          .skipLocked(),
      )
      .returning(['id', 'provider', 'headers', 'body', 'receivedAt'])
      .execute();
    return claimed.sort((one, other) => one.receivedAt.getTime() - other.receivedAt.getTime());
  }

  override async unpacked(tx: DispatchTx, unpacked: readonly Unpacked[]): Promise<void> {
    if (unpacked.length === 0) return;
    const offered = unpacked.map((one) => ({ ...one, unreadable: one.unreadable ?? null }));
    await sql`
      update delivery d
         set unpacked_at = ${tx.now}, notices = u.notices, orphans = u.orphans, unreadable = u.unreadable
        from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb)
             as u (id uuid, notices int, orphans int, unreadable text)
       where d.id = u.id`.execute(rowsOf<SyncTables>(tx));
  }

  override async count(tx: DispatchTx, provider: string, what: Counted, times: number): Promise<void> {
    await rowsOf<SyncTables>(tx)
      .insertInto('intake_counter')
      .values({ provider, what, count: times, lastAt: tx.now })
      .onConflict((conflict) =>
        conflict
          .columns(['provider', 'what'])
          .doUpdateSet(({ eb }) => ({ count: eb('intake_counter.count', '+', times), lastAt: tx.now })),
      )
      .execute();
  }

  override async counts(tx: DispatchTx): Promise<IntakeCount[]> {
    const rows = await rowsOf<SyncTables>(tx).selectFrom('intake_counter').selectAll().execute();
    return rows.map((row) => ({ ...row, what: row.what as Counted }));
  }

  override async unheard(
    tx: Tx,
    connection: string,
    delivery: string,
    events: readonly string[],
  ): Promise<Set<string>> {
    if (events.length === 0) return new Set();
    const rows = await rowsOf<SyncTables>(tx)
      .insertInto('heard_event')
      .values(
        [...new Set(events)].map((eventId) => ({
          tenantId: tx.tenant,
          connectionId: connection,
          eventId,
          deliveryId: delivery,
          at: tx.now,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning('eventId')
      .execute();
    return new Set(rows.map(({ eventId }) => eventId));
  }
}
