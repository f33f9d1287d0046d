import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { NO_BASE, type Side } from '../../../domain/comparison/index.js';
import { type KindName, type Ref, refKey } from '../../../domain/contract/index.js';
import { Identifiers } from '../../../platform/clock/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import type { SyncTables } from './tables.js';
import { type HalfTwin, type Twin, type TwinByRef, type TwinSettlement, TwinStore } from './twin-store.js';

const COLUMN = { app: 'appId', books: 'booksId' } as const;

@Injectable()
export class PostgresTwinStore extends TwinStore {
  constructor(private readonly identifiers: Identifiers) {
    super();
  }

  override async get(tx: Tx, ids: readonly string[]): Promise<Twin[]> {
    if (ids.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('twin')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute();
    const twins = new Map(rows.map((row) => [row.id, twinOf(row)]));
    return ids.flatMap((id) => twins.get(id) ?? []);
  }

  override async byRefs(tx: Tx, connection: string, side: Side, refs: readonly Ref[]): Promise<TwinByRef[]> {
    if (refs.length === 0) return [];
    const rows = rowsOf<SyncTables>(tx);
    const current = await rows
      .selectFrom('twin')
      .selectAll()
      .where('connectionId', '=', connection)
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('kind', COLUMN[side]),
          'in',
          refs.map(({ kind, id }) => tuple(kind, id)),
        ),
      )
      .execute();
    const found = current.map((row): TwinByRef => {
      const twin = twinOf(row);
      return { ref: { kind: twin.kind, id: twin[side]! }, twin, former: false };
    });
    const missing = refs.filter((ref) => !found.some((one) => refKey(one.ref) === refKey(ref)));
    if (missing.length === 0) return found;
    const former = await rows
      .selectFrom('former_ref')
      .innerJoin('twin', 'twin.id', 'former_ref.twinId')
      .selectAll('twin')
      .select('former_ref.ref as formerRef')
      .where('former_ref.connectionId', '=', connection)
      .where('former_ref.side', '=', side)
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('former_ref.kind', 'former_ref.ref'),
          'in',
          missing.map(({ kind, id }) => tuple(kind, id)),
        ),
      )
      .execute();
    return [
      ...found,
      ...former.map(({ formerRef, ...row }) => ({
        ref: { kind: row.kind, id: formerRef },
        twin: twinOf(row),
        former: true,
      })),
    ];
  }

  override async ofRecords(tx: Tx, refs: readonly Ref[]): Promise<Twin[]> {
    if (refs.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('twin')
      .selectAll()
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('kind', 'appId'),
          'in',
          refs.map(({ kind, id }) => tuple(kind, id)),
        ),
      )
      .execute();
    return rows.map(twinOf);
  }

  override async restless(tx: Tx, connection: string): Promise<Twin[]> {
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('twin')
      .selectAll()
      .where('connectionId', '=', connection)
      .where(({ eb, exists, or, selectFrom }) =>
        or([
          sql<boolean>`jsonb_array_length(holds) > 0`,
          eb('refusal', 'is not', null),
          exists(selectFrom('wait').select('wait.needsTwin').whereRef('wait.twinId', '=', 'twin.id')),
        ]),
      )
      .execute();
    return rows.map(twinOf);
  }

  override async ensure(tx: Tx, halves: readonly HalfTwin[]): Promise<Twin[]> {
    const known = await this.find(tx, halves);
    const missing = new Map(halves.filter((half) => !known.has(keyOf(half))).map((half) => [keyOf(half), half]));
    if (missing.size > 0) {
      await rowsOf<SyncTables>(tx)
        .insertInto('twin')
        .values(
          // In one order everywhere, so that two transactions do not wait for each other.
          [...missing]
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([, { connection, kind, facet, side, ref }]) => ({
              id: this.identifiers.id(),
              tenantId: tx.tenant,
              connectionId: connection,
              kind,
              facet,
              appId: side === 'app' ? ref : null,
              booksId: side === 'books' ? ref : null,
              base: NO_BASE,
              holds: [],
              refusal: null,
              createdAt: tx.now,
            })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      for (const [key, twin] of await this.find(tx, [...missing.values()])) known.set(key, twin);
    }
    return halves.map((half) => known.get(keyOf(half))!);
  }

  override async tell(tx: Tx, id: string, side: Side, ref: string): Promise<{ absorbed: string | undefined }> {
    const rows = rowsOf<SyncTables>(tx);
    const own = await rows.selectFrom('twin').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    if (own[COLUMN[side]] === ref) return { absorbed: undefined };
    // Both halves are locked in the order of their ids (ENGINE C3).
    const locked = await rows
      .selectFrom('twin')
      .selectAll()
      .where(({ eb, and, or }) =>
        or([
          eb('id', '=', id),
          and([
            eb('connectionId', '=', own.connectionId),
            eb('kind', '=', own.kind),
            eb('facet', '=', own.facet),
            eb(COLUMN[side], '=', ref),
          ]),
        ]),
      )
      .orderBy('id')
      .forUpdate()
      .execute();
    const twin = locked.find((row) => row.id === id)!;
    const other = locked.find((row) => row.id !== id);
    if (other) {
      if (other.appId !== null && other.booksId !== null) throw new Error(`${ref} belongs to another full twin`);
      await rows.updateTable('former_ref').set({ twinId: id }).where('twinId', '=', other.id).execute();
      await rows.deleteFrom('twin').where('id', '=', other.id).execute();
    }
    const before = twin[COLUMN[side]];
    if (before !== null) {
      const { connectionId, kind, facet } = twin;
      await rows
        .insertInto('former_ref')
        .values({ tenantId: tx.tenant, connectionId, kind, facet, side, ref: before, twinId: id, at: tx.now })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await rows
      .updateTable('twin')
      .set({ [COLUMN[side]]: ref })
      .where('id', '=', id)
      .execute();
    return { absorbed: other?.id };
  }

  override async part(tx: Tx, id: string): Promise<Twin> {
    const rows = rowsOf<SyncTables>(tx);
    const twin = await rows.selectFrom('twin').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
    await rows
      .updateTable('twin')
      .set({ booksId: null, base: NO_BASE, holds: [], refusal: null })
      .where('id', '=', id)
      .execute();
    const half = {
      ...twin,
      ...{ id: this.identifiers.id(), appId: null, base: NO_BASE, holds: [], refusal: null, createdAt: tx.now },
    };
    await rows.insertInto('twin').values(half).execute();
    return twinOf(half);
  }

  override async settle(tx: Tx, settled: readonly TwinSettlement[]): Promise<void> {
    if (settled.length === 0) return;
    const offered = settled.map((one) => ({ ...one, refusal: one.refusal ?? null }));
    await sql`
      update twin t set base = s.base, holds = s.holds, refusal = s.refusal
        from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb)
             as s (twin uuid, base jsonb, holds jsonb, refusal jsonb)
       where t.id = s.twin`.execute(rowsOf<SyncTables>(tx));
  }

  override async rekind(
    tx: Tx,
    id: string,
    kind: KindName,
    facet: string,
  ): Promise<{ absorbedBy: string | undefined }> {
    const rows = rowsOf<SyncTables>(tx);
    const twin = await rows.selectFrom('twin').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const half: HalfTwin = { connection: twin.connectionId, kind, facet, side: 'books', ref: twin.booksId! };
    const known = (await this.find(tx, [half])).get(keyOf(half));
    if (known) {
      await rows.deleteFrom('twin').where('id', '=', id).execute();
      return { absorbedBy: known.id };
    }
    await rows.updateTable('twin').set({ kind, facet }).where('id', '=', id).execute();
    return { absorbedBy: undefined };
  }

  /** The twins of halves, by key; a side's former ref still finds its twin. */
  private async find(tx: Tx, halves: readonly HalfTwin[]): Promise<Map<string, Twin>> {
    const found = new Map<string, Twin>();
    for (const [, group] of Map.groupBy(halves, ({ connection, side }) => `${connection}/${side}`)) {
      const { connection, side } = group[0]!;
      const refs = group.map(({ kind, ref }): Ref => ({ kind, id: ref }));
      for (const { ref, twin } of await this.byRefs(tx, connection, side, refs)) {
        found.set(keyOf({ connection, kind: ref.kind, facet: twin.facet, side, ref: ref.id }), twin);
      }
    }
    return found;
  }
}

const keyOf = ({ connection, kind, facet, side, ref }: HalfTwin): string =>
  `${connection}/${kind}/${facet}/${side}/${ref}`;

const twinOf = (row: Selectable<SyncTables['twin']>): Twin => ({
  id: row.id,
  connection: row.connectionId,
  kind: row.kind,
  facet: row.facet,
  app: row.appId ?? undefined,
  books: row.booksId ?? undefined,
  base: row.base,
  holds: row.holds,
  refusal: row.refusal ?? undefined,
  createdAt: row.createdAt,
});
