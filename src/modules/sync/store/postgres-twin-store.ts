import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { NO_BASE, type Side, SIDES } from '../../../domain/comparison/index.js';
import { type KindName, type Ref, refKey } from '../../../domain/contract/index.js';
import { Identifiers } from '../../../platform/clock/index.js';
import { Collision, rowsOf, sqlState, type Tx } from '../../../platform/database/index.js';
import type { SyncTables } from './tables.js';
import { type HalfTwin, type Twin, type TwinByRef, type TwinSettlement, TwinStore } from './twin-store.js';

const NO_REFS: Readonly<Record<Side, readonly Ref[]>> = { app: [], books: [] };
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
    return (await this.search(tx, connection, { ...NO_REFS, [side]: refs }, false))[side];
  }

  override byRefsOfBoth(
    tx: Tx,
    connection: string,
    refs: Readonly<Record<Side, readonly Ref[]>>,
  ): Promise<Readonly<Record<Side, readonly TwinByRef[]>>> {
    return this.search(tx, connection, refs, false);
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
    const known = await this.find(tx, halves, true);
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
      for (const [key, twin] of await this.find(tx, [...missing.values()], true)) known.set(key, twin);
    }
    return halves.map((half) => {
      const twin = known.get(keyOf(half));
      if (!twin) throw new Collision('a twin has got another kind just now');
      return twin;
    });
  }

  override async tell(tx: Tx, id: string, side: Side, ref: string): Promise<{ absorbed: string | undefined }> {
    const rows = rowsOf<SyncTables>(tx);
    const own = await rows.selectFrom('twin').selectAll().where('id', '=', id).executeTakeFirst();
    if (!own) throw new Error(`twin ${id} is not there`);
    if (own[COLUMN[side]] === ref) return { absorbed: undefined };
    const { connectionId, kind, facet } = own;
    // Both halves are locked in the order of their ids (ENGINE C3).
    const locked = await rows
      .selectFrom('twin')
      .selectAll()
      .where(({ eb, and, or }) =>
        or([
          eb('id', '=', id),
          and([
            eb('connectionId', '=', connectionId),
            eb('kind', '=', kind),
            eb('facet', '=', facet),
            eb(COLUMN[side], '=', ref),
          ]),
        ]),
      )
      .orderBy('id')
      .forUpdate()
      .execute();
    // Whoever held the locks before may have told it the same, or made it vanish.
    const twin = locked.find((row) => row.id === id);
    if (!twin) throw new Error(`twin ${id} is not there`);
    const before = twin[COLUMN[side]];
    if (before === ref) return { absorbed: undefined };
    const other = locked.find((row) => row.id !== id);
    if (other) {
      if (other.appId !== null && other.booksId !== null) throw new Error(`${ref} belongs to another full twin`);
      await this.vanish(tx, other.id, id);
    }
    const named = { connectionId, kind, facet, side };
    await rows
      .deleteFrom('former_ref')
      .where(({ and }) => and({ ...named, ref }))
      .execute();
    if (before !== null) {
      await rows
        .insertInto('former_ref')
        .values({ ...named, ref: before, twinId: id, tenantId: tx.tenant, at: tx.now })
        .execute();
    }
    await rows
      .updateTable('twin')
      .set({ [COLUMN[side]]: ref })
      .where('id', '=', id)
      .execute()
      .catch(takenJustNow);
    return { absorbed: other?.id };
  }

  override async loseBooks(tx: Tx, id: string, ref: string): Promise<void> {
    const rows = rowsOf<SyncTables>(tx);
    const [twin] = await this.lock(tx, [id]);
    if (!twin || twin.appId === null || twin.booksId !== ref) return;
    const { connectionId, kind, facet } = twin;
    await rows
      .updateTable('twin')
      .set({ booksId: null, base: NO_BASE, holds: [], refusal: null })
      .where('id', '=', id)
      .execute();
    const former = {
      connectionId,
      kind,
      facet,
      side: 'books' as const,
      ref,
      twinId: id,
      tenantId: tx.tenant,
      at: tx.now,
    };
    await rows.insertInto('former_ref').values(former).execute();
  }

  override async part(tx: Tx, id: string): Promise<Twin> {
    const rows = rowsOf<SyncTables>(tx);
    const [twin] = await this.lock(tx, [id]);
    if (!twin) throw new Error(`twin ${id} is not there`);
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
    await rows
      .updateTable('former_ref')
      .set({ twinId: half.id })
      .where(({ and }) => and({ twinId: id, side: 'books' }))
      .execute();
    return twinOf(half);
  }

  override async forgetRefusals(tx: Tx, twins: readonly string[], upTo: Date): Promise<string[]> {
    if (twins.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .updateTable('twin')
      .set({ refusal: null })
      .where('id', 'in', [...twins])
      .where(sql<boolean>`refusal->>'at' <= ${upTo.toISOString()}`)
      .returning('id')
      .execute();
    return rows.map(({ id }) => id);
  }

  override async settle(tx: Tx, settled: readonly TwinSettlement[]): Promise<void> {
    if (settled.length === 0) return;
    const last = new Map(settled.map((one) => [one.twin, { ...one, refusal: one.refusal ?? null }]));
    await sql`
      update twin t set base = s.base, holds = s.holds, refusal = s.refusal
        from jsonb_to_recordset(${JSON.stringify([...last.values()])}::jsonb)
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
    const twin = await rows.selectFrom('twin').selectAll().where('id', '=', id).executeTakeFirst();
    if (!twin) throw new Error(`twin ${id} is not there`);
    const half: HalfTwin = { connection: twin.connectionId, kind, facet, side: 'books', ref: twin.booksId! };
    const known = (await this.find(tx, [half], false)).get(keyOf(half));
    if (known?.id === id) return { absorbedBy: undefined };
    const locked = await this.lock(tx, known ? [id, known.id] : [id]);
    if (!locked.some((row) => row.id === id)) throw new Error(`twin ${id} is not there`);
    if (known) {
      if (locked.length < 2) throw new Collision('the twin of the true kind has vanished just now');
      await this.vanish(tx, id, known.id);
      return { absorbedBy: known.id };
    }
    await rows.updateTable('twin').set({ kind, facet }).where('id', '=', id).execute().catch(takenJustNow);
    await rows.updateTable('former_ref').set({ kind, facet }).where('twinId', '=', id).execute();
    return { absorbedBy: undefined };
  }

  /** The twins of halves, by key; a side's former ref still finds its twin. `keep`: they cannot vanish from now on. */
  private async find(tx: Tx, halves: readonly HalfTwin[], keep: boolean): Promise<Map<string, Twin>> {
    const found = new Map<string, Twin>();
    for (const [, group] of Map.groupBy(halves, ({ connection, side }) => `${connection}/${side}`)) {
      const { connection, side } = group[0]!;
      const refs = group.map(({ kind, ref }): Ref => ({ kind, id: ref }));
      const named = await this.search(tx, connection, { ...NO_REFS, [side]: refs }, keep);
      for (const { ref, twin } of named[side]) {
        found.set(keyOf({ connection, kind: ref.kind, facet: twin.facet, side, ref: ref.id }), twin);
      }
    }
    return found;
  }

  private async search(
    tx: Tx,
    connection: string,
    refs: Readonly<Record<Side, readonly Ref[]>>,
    keep: boolean,
  ): Promise<Record<Side, TwinByRef[]>> {
    const found: Record<Side, TwinByRef[]> = { app: [], books: [] };
    const asked = SIDES.filter((side) => refs[side].length > 0);
    if (asked.length === 0) return found;
    const rows = rowsOf<SyncTables>(tx);
    const present = rows
      .selectFrom('twin')
      .selectAll()
      .where('connectionId', '=', connection)
      .where(({ eb, or, refTuple, tuple }) =>
        or(
          asked.map((side) =>
            eb(
              refTuple('kind', COLUMN[side]),
              'in',
              refs[side].map(({ kind, id }) => tuple(kind, id)),
            ),
          ),
        ),
      )
      .orderBy('id');
    const twins = (await (keep ? present.forKeyShare() : present).execute()).map(twinOf);
    const rest: Record<Side, Ref[]> = { app: [], books: [] };
    for (const side of asked) {
      const wanted = new Map(refs[side].map((ref) => [refKey(ref), ref]));
      for (const twin of twins) {
        const ref = { kind: twin.kind, id: twin[side] ?? '' };
        if (twin[side] !== undefined && wanted.has(refKey(ref))) found[side].push({ ref, twin, former: false });
      }
      // Where a record has several facets, a ref may be in use for one of them and given up for another.
      for (const { ref, twin } of found[side]) if (twin.facet === '') wanted.delete(refKey(ref));
      rest[side] = [...wanted.values()];
    }
    const unfound = SIDES.filter((side) => rest[side].length > 0);
    if (unfound.length === 0) return found;
    const former = rows
      .selectFrom('former_ref')
      .innerJoin('twin', 'twin.id', 'former_ref.twinId')
      .selectAll('twin')
      .select(['former_ref.ref as formerRef', 'former_ref.side as formerSide'])
      .where('former_ref.connectionId', '=', connection)
      .where(({ and, eb, or, refTuple, tuple }) =>
        or(
          unfound.map((side) =>
            and([
              eb('former_ref.side', '=', side),
              eb(
                refTuple('former_ref.kind', 'former_ref.ref'),
                'in',
                rest[side].map(({ kind, id }) => tuple(kind, id)),
              ),
            ]),
          ),
        ),
      )
      .orderBy('twin.id');
    for (const { formerRef, formerSide, ...row } of await (keep ? former.forKeyShare('twin') : former).execute()) {
      found[formerSide].push({ ref: { kind: row.kind, id: formerRef }, twin: twinOf(row), former: true });
    }
    return found;
  }

  /** Those of these twins that are there, locked in the order of their ids (ENGINE C3). */
  private async lock(tx: Tx, ids: readonly string[]): Promise<Selectable<SyncTables['twin']>[]> {
    return rowsOf<SyncTables>(tx)
      .selectFrom('twin')
      .selectAll()
      .where('id', 'in', [...ids])
      .orderBy('id')
      .forUpdate()
      .execute();
  }

  /** What used to lead to a twin that vanishes leads to its survivor. */
  private async vanish(tx: Tx, gone: string, survivor: string): Promise<void> {
    const rows = rowsOf<SyncTables>(tx);
    await rows.updateTable('former_ref').set({ twinId: survivor }).where('twinId', '=', gone).execute();
    await rows.deleteFrom('twin').where('id', '=', gone).execute();
  }
}

/** A webhook that overtakes the answer to a create (ENGINE C3). */
const takenJustNow = (error: unknown): never => {
  if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
  throw new Collision('another twin has taken this ref just now', { cause: error });
};

const UNIQUE_VIOLATION = '23505';

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
