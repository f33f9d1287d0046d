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
  keptOf,
  type NewSnapshot,
  receive,
  type Reception,
  type Snapshot,
  SnapshotStore,
  understood,
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
    const receptions: Reception[] = [];
    let offered = snapshots.map((snapshot, index) => ({ ...snapshot, index }));
    while (offered.length > 0) {
      const refs = offered.map(({ sighting: { kind, id } }) => ({ kind, id }));
      const known = new Map((await this.select(tx, connection, refs, true)).map((one) => [refKey(one), one]));
      const kept = new Map<string, Snapshot>();
      for (const { sighting, asOf, index } of offered) {
        const key = refKey(sighting);
        const before = kept.get(key) ?? known.get(key);
        const look = { sighting: understood(before, sighting), asOf };
        const reception = receive(before, look, orderOf(sighting.kind));
        receptions[index] = reception;
        if (reception !== 'older') kept.set(key, keptOf(before, look, tx.now));
      }
      const stored = await this.upsert(tx, connection, [...kept.values()], [...known.keys()]);
      // What another transaction saw first meanwhile is compared with what that one saw.
      offered = offered.filter(({ sighting }) => kept.has(refKey(sighting)) && !stored.has(refKey(sighting)));
    }
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

  override async unseenSince(tx: Tx, connection: string, kind: KindName, since: Date): Promise<Ref[]> {
    return rowsOf<SyncTables>(tx)
      .selectFrom('snapshot')
      .select(['kind', 'booksId as id'])
      .where('connectionId', '=', connection)
      .where('kind', '=', kind)
      .where('existence', 'not in', ['deleted', 'merged'])
      .where('asOf', '<', since)
      .execute();
  }

  override async end(tx: Tx, connection: string, ref: Ref, existence: Existence, asOf: Date): Promise<Reception> {
    const [known] = await this.select(tx, connection, [ref], true);
    if (known && asOf < known.asOf) return 'older';
    const before: Snapshot = known ?? { ...ref, existence, content: {}, version: '', raw: null, asOf };
    const ended = keptOf(known, { sighting: { ...before, existence: inLightOf(known, existence) }, asOf }, tx.now);
    const stored = await this.upsert(tx, connection, [ended], known ? [refKey(ref)] : []);
    if (!stored.has(refKey(ref))) return this.end(tx, connection, ref, existence, asOf);
    return !known ? 'new' : known.existence === ended.existence ? 'same' : 'changed';
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

  /** Stores snapshots, replacing only those that this transaction has locked; returns the keys of those stored. */
  private async upsert(
    tx: Tx,
    connection: string,
    snapshots: readonly Snapshot[],
    locked: readonly string[],
  ): Promise<Set<string>> {
    if (snapshots.length === 0) return new Set();
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
        ended_at: one.endedAt ?? null,
      }));
    const { rows } = await sql<Ref>`
      insert into snapshot (tenant_id, connection_id, contract, kind, books_id, facet, existence, content, version, raw,
                            number, created_there, changed_there, changed_by, merged_into, as_of, ended_at)
      select ${tx.tenant}, ${connection}, ${CONTRACT_VERSION}, s.*
        from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb) as s (
          kind text, books_id text, facet text, existence text, content jsonb, version text, raw jsonb, number text,
          created_there text, changed_there text, changed_by text, merged_into text, as_of timestamptz,
          ended_at timestamptz)
      on conflict (connection_id, kind, books_id) do update
         set facet = excluded.facet, existence = excluded.existence, contract = excluded.contract,
             content = excluded.content, version = excluded.version, raw = excluded.raw, number = excluded.number,
             created_there = excluded.created_there, changed_there = excluded.changed_there,
             changed_by = excluded.changed_by, merged_into = excluded.merged_into, as_of = excluded.as_of,
             ended_at = excluded.ended_at
       where snapshot.kind || ':' || snapshot.books_id = any(${sql.val([...locked])}::text[])
      returning kind, books_id as id`.execute(rowsOf<SyncTables>(tx));
    return new Set(rows.map(refKey));
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
  ...(row.endedAt !== null && { endedAt: row.endedAt }),
});
