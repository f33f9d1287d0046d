import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import {
  type Content,
  CONTRACT_VERSION,
  KIND_NAMES,
  type KindName,
  mayRefer,
  type Ref,
  refKey,
  upcast,
} from '../../../domain/contract/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import type { AppRecord, RecordWrite } from '../app-record.js';
import { RecordStore, type RecordVersion, refersTo, writtenOnce } from './record-store.js';
import type { RecordTables } from './tables.js';

@Injectable()
export class PostgresRecordStore extends RecordStore {
  override async get(tx: Tx, refs: readonly Ref[]): Promise<AppRecord[]> {
    if (refs.length === 0) return [];
    const rows = await rowsOf<RecordTables>(tx)
      .selectFrom('record')
      .selectAll()
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('kind', 'id'),
          'in',
          refs.map(({ kind, id }) => tuple(kind, id)),
        ),
      )
      .execute();
    return rows.map(appRecordOf);
  }

  override async versions(tx: Tx, { kind, id }: Ref, from: number): Promise<RecordVersion[]> {
    const rows = await rowsOf<RecordTables>(tx)
      .selectFrom('record_version')
      .select(['version', 'existence', 'contract', 'content', 'cause'])
      .where('kind', '=', kind)
      .where('id', '=', id)
      .where('version', '>=', from)
      .orderBy('version')
      .execute();
    return rows.map(({ contract, content, ...row }) => ({ ...row, content: upcast({ kind, contract, content }) }));
  }

  override async save(tx: Tx, writes: readonly RecordWrite[]): Promise<Ref[]> {
    if (writes.length === 0) return [];
    writtenOnce(writes);
    const offered = writes.map((write) => ({ ...write, number: textOf(write.content.number) }));
    const { rows: won } = await sql<Ref>`
      with offered as (
        select * from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb) as o (
          kind text, id text, expected int, existence text, content jsonb, pending jsonb, number text, cause jsonb)
      ), updated as (
        update record r
           set version = o.expected + 1, existence = o.existence, contract = ${CONTRACT_VERSION}, content = o.content,
               pending = o.pending, number = o.number, cause = o.cause, updated_at = ${tx.now}
          from offered o
         where r.tenant_id = ${tx.tenant} and r.kind = o.kind and r.id = o.id
           and r.version = o.expected and o.expected > 0
        returning r.kind, r.id
      ), inserted as (
        insert into record (tenant_id, kind, id, version, existence, contract, content, pending, number, cause,
                            created_at, updated_at)
        select ${tx.tenant}, kind, id, 1, existence, ${CONTRACT_VERSION}, content, pending, number, cause,
               ${tx.now}, ${tx.now}
          from offered where expected = 0
        on conflict do nothing
        returning kind, id
      ), won as (
        select kind, id from updated union all select kind, id from inserted
      ), kept as (
        insert into record_version (tenant_id, kind, id, version, existence, contract, content, cause, at)
        select ${tx.tenant}, o.kind, o.id, o.expected + 1, o.existence, ${CONTRACT_VERSION}, o.content, o.cause, ${tx.now}
          from won join offered o using (kind, id)
      )
      select kind, id from won`.execute(rowsOf<RecordTables>(tx));
    const winners = new Set(won.map(({ kind, id }) => `${kind}/${id}`));
    return writes.filter(({ kind, id }) => !winners.has(`${kind}/${id}`)).map(({ kind, id }) => ({ kind, id }));
  }

  override async saveFacts(tx: Tx, facts: readonly { readonly ref: Ref; readonly facts: Content }[]): Promise<Ref[]> {
    if (facts.length === 0) return [];
    const last = new Map(facts.map(({ ref, facts: known }) => [refKey(ref), { ...ref, facts: known }]));
    const { rows } = await sql<Ref>`
      update record r set facts = o.facts
        from jsonb_to_recordset(${JSON.stringify([...last.values()])}::jsonb) as o (kind text, id text, facts jsonb)
       where r.tenant_id = ${tx.tenant} and r.kind = o.kind and r.id = o.id and r.facts is distinct from o.facts
      returning r.kind, r.id`.execute(rowsOf<RecordTables>(tx));
    return rows;
  }

  override async withNaturalKey(tx: Tx, kind: KindName, key: Content): Promise<string[]> {
    let query = rowsOf<RecordTables>(tx)
      .selectFrom('record')
      .select('id')
      .where('kind', '=', kind)
      .where('existence', '=', 'present');
    for (const [name, value] of Object.entries(key)) {
      query = query.where(
        value === null
          ? sql<boolean>`coalesce(content->${name}, 'null') = 'null'`
          : typeof value === 'string'
            ? sql<boolean>`lower(btrim(content->>${name}, ${WHITESPACE})) = lower(${value.trim()})`
            : sql<boolean>`content->${name} = ${JSON.stringify(value)}::jsonb`,
      );
    }
    return (await query.execute()).map(({ id }) => id);
  }

  override async endedNaming(tx: Tx, ref: Ref): Promise<AppRecord[]> {
    const kinds = KIND_NAMES.filter((kind) => mayRefer(kind, ref.kind));
    if (kinds.length === 0) return [];
    // Only those of the ended ones that could refer to it are looked into; of them there are few.
    const named = `$.** ? (@.kind == ${JSON.stringify(ref.kind)} && @.id == ${JSON.stringify(ref.id)})`;
    const rows = await rowsOf<RecordTables>(tx)
      .selectFrom('record')
      .selectAll()
      .where('existence', '<>', 'present')
      .where('kind', 'in', kinds)
      .where(sql<boolean>`content @? ${named}::jsonpath`)
      .execute();
    return rows.map(appRecordOf).filter((record) => refersTo(record, ref));
  }

  override async dropReplaced(tx: Tx, before: Date, most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from record_version v
       using (select old.kind, old.id, old.version
                from record_version old
                join record_version next on next.tenant_id = old.tenant_id and next.kind = old.kind
                                        and next.id = old.id and next.version = old.version + 1
               where old.tenant_id = ${tx.tenant} and next.at < ${before}
               order by old.at, old.version limit ${most}) gone
       where v.tenant_id = ${tx.tenant} and v.kind = gone.kind and v.id = gone.id and v.version = gone.version`.execute(
      rowsOf<RecordTables>(tx),
    );
    return Number(numAffectedRows);
  }

  override async pushOf(tx: Tx, key: string): Promise<{ fingerprint: string; result: unknown } | undefined> {
    return rowsOf<RecordTables>(tx)
      .selectFrom('push')
      .select(['fingerprint', 'result'])
      .where('key', '=', key)
      .executeTakeFirst();
  }

  override async savePush(tx: Tx, key: string, fingerprint: string, result: unknown): Promise<void> {
    await rowsOf<RecordTables>(tx)
      .insertInto('push')
      .values({ tenantId: tx.tenant, key, fingerprint, result, at: tx.now })
      .execute();
  }
}

/** What `trim` takes away from a text's ends. */
const WHITESPACE =
  ' \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** A row as the record that it keeps. */
export const appRecordOf = ({ contract, content, ...row }: Selectable<RecordTables['record']>): AppRecord => ({
  ...row,
  content: upcast({ kind: row.kind, contract, content }),
});

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
