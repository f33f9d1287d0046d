import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../platform/database/index.js';
import type { HistoryEvent } from '../event.js';
import { GENESIS, linkHash } from '../link.js';
import { type ChainedEvent, ChainStore, type EventFilter } from './chain-store.js';
import type { HistoryTables } from './tables.js';

@Injectable()
export class PostgresChainStore extends ChainStore {
  override async waiting(tx: DispatchTx): Promise<string[]> {
    const rows = await rowsOf<HistoryTables>(tx)
      .selectFrom('unchained')
      .select('tenantId')
      .distinct()
      .limit(200)
      .execute();
    return rows.map(({ tenantId }) => tenantId);
  }

  override async chain(tx: Tx, most: number): Promise<number | undefined> {
    const rows = rowsOf<HistoryTables>(tx);
    const head = (await this.lockHead(tx)) ?? ((await this.beginChain(tx)) ? await this.lockHead(tx) : undefined);
    if (!head) return undefined;
    const events = await rows
      .selectFrom('unchained')
      .innerJoin('event', 'event.id', 'unchained.eventId')
      .selectAll('event')
      .orderBy('event.at')
      .orderBy('event.id')
      .limit(most)
      .execute();
    if (events.length === 0) return 0;

    let { sequence } = head;
    let previous: Uint8Array = head.hash;
    const links = events.map((row) => {
      sequence += 1;
      const hash = linkHash(previous, sequence, eventOf(row));
      const link = { sequence, event: row.id, previous: hex(previous), hash: hex(hash) };
      previous = hash;
      return link;
    });
    await sql`
      with link as (
        select * from jsonb_to_recordset(${JSON.stringify(links)}::jsonb)
                      as l (sequence bigint, event uuid, previous text, hash text)
      ), linked as (
        insert into chain (tenant_id, sequence, event_id, previous, hash)
        select ${tx.tenant}, sequence, event, decode(previous, 'hex'), decode(hash, 'hex') from link
      ), told as (
        delete from unchained where event_id in (select event from link)
      )
      update chain_head set sequence = ${sequence}, hash = ${previous} where tenant_id = ${tx.tenant}`.execute(rows);
    tx.wakes.add('feed');
    return events.length;
  }

  /** The locked head is the lease: whoever does not get it leaves the work to the one who has it. */
  private lockHead(tx: Tx): Promise<{ sequence: number; hash: Uint8Array } | undefined> {
    return rowsOf<HistoryTables>(tx)
      .selectFrom('chain_head')
      .select(['sequence', 'hash'])
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
  }

  /** Only where there is none: a conflict with a head that somebody has locked would wait for them. */
  private async beginChain(tx: Tx): Promise<boolean> {
    const { numAffectedRows } = await sql`
      insert into chain_head (tenant_id, sequence, hash)
      select ${tx.tenant}, 0, ${Buffer.from(GENESIS)} where not exists (select from chain_head)
      on conflict do nothing`.execute(rowsOf<HistoryTables>(tx));
    return (numAffectedRows ?? 0n) > 0n;
  }

  override async after(tx: Tx, sequence: number, first: number, filter: EventFilter): Promise<ChainedEvent[]> {
    const rows = await this.links(tx, filter)
      .where('chain.sequence', '>', sequence)
      .orderBy('chain.sequence')
      .limit(first)
      .execute();
    return rows.map(chainedOf);
  }

  override async before(
    tx: Tx,
    sequence: number | undefined,
    first: number,
    filter: EventFilter,
  ): Promise<ChainedEvent[]> {
    const links = this.links(tx, filter).orderBy('chain.sequence', 'desc').limit(first);
    const rows = await (sequence === undefined ? links : links.where('chain.sequence', '<', sequence)).execute();
    return rows.map(chainedOf);
  }

  override async head(tx: Tx): Promise<number> {
    const head = await rowsOf<HistoryTables>(tx).selectFrom('chain_head').select('sequence').executeTakeFirst();
    return head?.sequence ?? 0;
  }

  override async firstBroken(tx: Tx): Promise<number | undefined> {
    let previous: Uint8Array = GENESIS;
    for (let sequence = 0; ;) {
      const links = await this.links(tx, {})
        .where('chain.sequence', '>', sequence)
        .orderBy('chain.sequence')
        .limit(1000)
        .execute();
      for (const link of links) {
        // An emptied event can no longer prove its hash, but what follows it still rests on it.
        const hash = link.emptied ? link.hash : linkHash(previous, sequence + 1, eventOf(link));
        const whole = link.sequence === sequence + 1 && same(hash, link.hash) && same(previous, link.previous);
        if (!whole) return sequence + 1;
        sequence += 1;
        previous = hash;
      }
      if (links.length === 0) return sequence === (await this.head(tx)) ? undefined : sequence + 1;
    }
  }

  private links(tx: Tx, { types, twins }: EventFilter) {
    let query = rowsOf<HistoryTables>(tx)
      .selectFrom('chain')
      .innerJoin('event', 'event.id', 'chain.eventId')
      .selectAll('event')
      .select(['chain.sequence', 'chain.hash', 'chain.previous']);
    if (types?.length === 0 || twins?.length === 0) return query.where(sql<boolean>`false`);
    if (types) query = query.where('event.type', 'in', [...types]);
    if (twins) query = query.where('event.twinId', 'in', [...twins]);
    return query;
  }
}

/** A row as the event that it keeps. */
export const eventOf = (row: Selectable<HistoryTables['event']>): HistoryEvent => ({
  id: row.id,
  at: row.at,
  type: row.type,
  cause: row.cause,
  ...(row.connectionId !== null && { connection: row.connectionId }),
  ...(row.twinId !== null && { twin: row.twinId }),
  ...(row.kind !== null && { kind: row.kind }),
  ...(row.appId !== null && { appId: row.appId }),
  ...(row.booksId !== null && { booksId: row.booksId }),
  ...(row.number !== null && { number: row.number }),
  detail: row.detail,
});

const chainedOf = (row: Selectable<HistoryTables['event']> & { sequence: number; hash: Uint8Array }): ChainedEvent => ({
  ...eventOf(row),
  sequence: row.sequence,
  hash: Buffer.from(row.hash).toString('hex'),
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
