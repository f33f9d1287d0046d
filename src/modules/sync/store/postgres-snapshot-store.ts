import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import {
  CONTRACT_VERSION,
  type Existence,
  type KindName,
  type Ref,
  refKey,
  upcast,
} from '../../../domain/contract/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import {
  inLightOf,
  type NewSnapshot,
  receive,
  type Reception,
  type Snapshot,
  SnapshotStore,
  type VersionOrder,
} from './snapshot-store.js';
import type { SyncTables } from './tables.js';

@Injectable()
export class PostgresSnapshotStore extends SnapshotStore {
  override async get(tx: Tx, connection: string, refs: readonly Ref[]): Promise<Snapshot[]> {
    return refs.length === 0 ? [] : this.select(tx, connection, refs, false);
  }

  override async save(
    tx: Tx,
    connection: string,
    snapshots: readonly NewSnapshot[],
    orderOf: (kind: KindName) => VersionOrder,
  ): Promise<Reception[]> {
    if (snapshots.length === 0) return [];
    const refs = snapshots.map(({ sighting: { kind, id } }) => ({ kind, id }));
    const known = new Map((await this.select(tx, connection, refs, true)).map((one) => [refKey(one), one]));
    const kept = new Map<string, Snapshot>();
    const receptions = snapshots.map((offered): Reception => {
      const { sighting, asOf } = offered;
      const key = refKey(sighting);
      const before = kept.get(key) ?? known.get(key);
      const reception = receive(before, offered, orderOf(sighting.kind));
      if (reception === 'older') return reception;
      const mergedInto = before?.mergedInto ?? sighting.mergedInto;
      const light = mergedInto === undefined ? undefined : { mergedInto };
      kept.set(key, { ...sighting, ...light, existence: inLightOf(light, sighting.existence), asOf });
      return reception;
    });
    await this.upsert(tx, connection, [...kept.values()]);
    return receptions;
  }

  override async hintMerged(tx: Tx, connection: string, { kind, id }: Ref, into: string): Promise<void> {
    await rowsOf<SyncTables>(tx)
      .updateTable('snapshot')
      .set({ mergedInto: into })
      .where('connectionId', '=', connection)
      .where('kind', '=', kind)
      .where('booksId', '=', id)
      .execute();
  }

  override async end(tx: Tx, connection: string, ref: Ref, existence: Existence, asOf: Date): Promise<Reception> {
    const [known] = await this.select(tx, connection, [ref], true);
    if (known && asOf < known.asOf) return 'older';
    const before: Snapshot = known ?? { ...ref, existence, content: {}, version: '', raw: null, asOf };
    await this.upsert(tx, connection, [{ ...before, existence: inLightOf(known, existence), asOf }]);
    return known ? 'changed' : 'new';
  }

  private async select(tx: Tx, connection: string, refs: readonly Ref[], lock: boolean): Promise<Snapshot[]> {
    const query = rowsOf<SyncTables>(tx)
      .selectFrom('snapshot')
      .selectAll()
      .where('connectionId', '=', connection)
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('kind', 'booksId'),
          'in',
          refs.map(({ kind, id }) => tuple(kind, id)),
        ),
      );
    const rows = await (lock ? query.orderBy('kind').orderBy('booksId').forUpdate() : query).execute();
    return rows.map(snapshotOf);
  }

  private async upsert(tx: Tx, connection: string, snapshots: readonly Snapshot[]): Promise<void> {
    if (snapshots.length === 0) return;
    const offered = [...snapshots]
      .sort((one, other) => (refKey(one) < refKey(other) ? -1 : 1))
      .map((one) => ({
        kind: one.kind,
        books_id: one.id,
        facet: one.facet ?? null,
        existence: one.existence,
        content: one.content,
        version: one.version,
        raw: one.raw,
        number: typeof one.content.number === 'string' ? one.content.number : null,
        created_there: one.createdAt ?? null,
        changed_there: one.changedAt ?? null,
        changed_by: one.changedBy ?? null,
        merged_into: one.mergedInto ?? null,
        as_of: one.asOf,
      }));
    await sql`
      insert into snapshot (tenant_id, connection_id, contract, kind, books_id, facet, existence, content, version, raw,
                            number, created_there, changed_there, changed_by, merged_into, as_of)
      select ${tx.tenant}, ${connection}, ${CONTRACT_VERSION}, s.*
        from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb) as s (
          kind text, books_id text, facet text, existence text, content jsonb, version text, raw jsonb, number text,
          created_there text, changed_there text, changed_by text, merged_into text, as_of timestamptz)
      on conflict (connection_id, kind, books_id) do update
         set facet = excluded.facet, existence = excluded.existence, contract = excluded.contract,
             content = excluded.content, version = excluded.version, raw = excluded.raw, number = excluded.number,
             created_there = excluded.created_there, changed_there = excluded.changed_there,
             changed_by = excluded.changed_by, merged_into = excluded.merged_into, as_of = excluded.as_of
       where snapshot.as_of <= excluded.as_of`.execute(rowsOf<SyncTables>(tx));
  }
}

/** A row as the look that it keeps. */
export const snapshotOf = (row: Selectable<SyncTables['snapshot']>): Snapshot => ({
  kind: row.kind,
  id: row.booksId,
  existence: row.existence,
  content: upcast({ kind: row.kind, contract: row.contract, content: row.content }),
  version: row.version,
  raw: row.raw ?? null,
  asOf: row.asOf,
  ...(row.facet !== null && { facet: row.facet }),
  ...(row.createdThere !== null && { createdAt: row.createdThere }),
  ...(row.changedThere !== null && { changedAt: row.changedThere }),
  ...(row.changedBy !== null && { changedBy: row.changedBy }),
  ...(row.mergedInto !== null && { mergedInto: row.mergedInto }),
});
