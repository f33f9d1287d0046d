import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import type { KindName } from '../../../domain/contract/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import type { SyncTables } from './tables.js';
import type { CallNote } from './work-store.js';
import {
  answerIn,
  type Call,
  type Intent,
  type IntentOutcome,
  makesRecord,
  type NewCall,
  type NewIntent,
  OPEN_STATES,
  WriteStore,
} from './write-store.js';

/** In the words of the partial indexes; parameters would hide from the planner that they apply. */
const OPEN = OPEN_STATES.map((state) => sql.lit(state));

@Injectable()
export class PostgresWriteStore extends WriteStore {
  override async get(tx: Tx, ids: readonly string[]): Promise<Intent[]> {
    if (ids.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('intent')
      .selectAll()
      .where('id', 'in', [...ids])
      .execute();
    const intents = new Map(rows.map((row) => [row.id, intentOf(row)]));
    return ids.flatMap((id) => intents.get(id) ?? []);
  }

  override async unfinishedOf(tx: Tx, twins: readonly string[]): Promise<Intent[]> {
    if (twins.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('intent')
      .selectAll()
      .where('twinId', 'in', [...twins])
      .where(({ eb, and, or }) =>
        or([
          eb('state', 'in', OPEN),
          and([eb('state', '=', sql.lit('confirmed')), eb('settledAt', 'is', null)]),
          and([
            eb('state', '=', sql.lit('void')),
            eb('settledAt', 'is', null),
            sql<boolean>`jsonb_array_length(done) > 0`,
          ]),
        ]),
      )
      .orderBy('createdAt')
      .orderBy('id')
      .execute();
    return rows.map(intentOf);
  }

  override async openCreates(tx: Tx, connection: string, kind: KindName): Promise<Intent[]> {
    const rows = await rowsOf<SyncTables>(tx)
      .selectFrom('intent')
      .selectAll()
      .where('connectionId', '=', connection)
      .where('kind', '=', kind)
      .where('creates', '=', sql.lit(true))
      .where('state', 'in', OPEN)
      .execute();
    return rows.map(intentOf);
  }

  override async plan(tx: Tx, intents: readonly NewIntent[]): Promise<string[]> {
    if (intents.length === 0) return [];
    const rows = await rowsOf<SyncTables>(tx)
      .insertInto('intent')
      .values(
        intents.map((intent) => ({
          id: intent.id,
          tenantId: tx.tenant,
          connectionId: intent.connection,
          twinId: intent.twin,
          walkId: intent.walk,
          kind: intent.kind,
          facet: intent.facet,
          side: intent.write.side,
          creates: makesRecord(intent),
          write: intent.write,
          target: intent.target ?? null,
          marker: intent.marker,
          decisionId: intent.decision ?? null,
          state: 'planned' as const,
          createdAt: tx.now,
          sentAt: null,
          answeredAt: null,
          done: [],
          answer: null,
          failure: null,
          looks: 0,
          absentSince: null,
          callId: null,
          settledAt: null,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .execute();
    return rows.map(({ id }) => id);
  }

  override async send(tx: Tx, { id, connection, walk, draft }: NewCall): Promise<void> {
    const rows = rowsOf<SyncTables>(tx);
    await rows
      .insertInto('call')
      .values({
        id,
        tenantId: tx.tenant,
        connectionId: connection,
        walkId: walk,
        intents: sql`${sql.val([...draft.intents])}::uuid[]` as never,
        request: draft.request,
        providerKey: draft.key ?? null,
        state: 'in_flight',
        attempts: 1,
        sentAt: tx.now,
        answeredAt: null,
        status: null,
        requestId: null,
        ms: null,
      })
      .execute();
    await rows
      .updateTable('intent')
      .set(({ eb, fn, val }) => ({
        // What has ended meanwhile stays so: the call carries it, but nobody waits for its answer.
        state: eb
          .case()
          .when('state', 'in', [...OPEN_STATES])
          .then('in_flight' as const)
          .else(eb.ref('state'))
          .end(),
        callId: id,
        sentAt: fn.coalesce('sentAt', val(tx.now)),
      }))
      .where('id', 'in', [...draft.intents])
      .execute();
  }

  override async callOf(tx: Tx, intent: string): Promise<Call | undefined> {
    const row = await rowsOf<SyncTables>(tx)
      .selectFrom('intent')
      .innerJoin('call', 'call.id', 'intent.callId')
      .selectAll('call')
      .where('intent.id', '=', intent)
      .executeTakeFirst();
    return (
      row && {
        id: row.id,
        connection: row.connectionId,
        walk: row.walkId,
        draft: {
          intents: row.intents,
          request: row.request,
          ...(row.providerKey !== null && { key: row.providerKey }),
        },
        sentAt: row.sentAt,
        attempts: row.attempts,
        state: row.state,
      }
    );
  }

  override async resend(tx: Tx, call: string): Promise<void> {
    await rowsOf<SyncTables>(tx)
      .updateTable('call')
      .set(({ eb }) => ({ attempts: eb('attempts', '+', 1), state: 'in_flight' as const }))
      .where('id', '=', call)
      .execute();
  }

  override async record(
    tx: Tx,
    call: string | undefined,
    note: CallNote | undefined,
    outcomes: readonly IntentOutcome[],
  ): Promise<string[]> {
    if (call !== undefined) {
      const known = outcomes.some(({ state }) => state !== 'uncertain');
      await rowsOf<SyncTables>(tx)
        .updateTable('call')
        .set({
          state: known ? 'answered' : 'unanswered',
          answeredAt: tx.now,
          status: note?.status ?? null,
          requestId: note?.requestId ?? null,
          ms: note?.ms ?? null,
        })
        .where('id', '=', call)
        .execute();
    }
    if (outcomes.length === 0) return [];
    const offered = outcomes.map((outcome) => ({
      intent: outcome.intent,
      state: outcome.state,
      answer: answerIn(outcome) ?? null,
      sighting: outcome.state === 'planned' ? (outcome.sighting ?? null) : null,
      failure: 'failure' in outcome ? (outcome.failure ?? null) : null,
    }));
    // From an open state to any other; an answer that turns up late still turns a void into a confirmation (D5).
    const { rows } = await sql<{ id: string }>`
      update intent i
         set state = o.state, answered_at = ${tx.now},
             answer = coalesce(o.answer, i.answer),
             failure = case when o.state = 'confirmed' then i.failure
                            when o.state = 'planned' then coalesce(o.failure, i.failure)
                            when o.state = 'uncertain' and i.failure ->> 'is' in ('invalid', 'duplicate') then i.failure
                            else o.failure end,
             absent_since = case when o.state = 'planned' then null else i.absent_since end,
             settled_at = null,
             done = case when o.sighting is null then i.done else i.done || jsonb_build_array(o.sighting) end,
             looks = i.looks + case when o.state = 'uncertain' then 1 else 0 end
        from jsonb_to_recordset(${JSON.stringify(offered)}::jsonb)
             as o (intent uuid, state text, answer jsonb, sighting jsonb, failure jsonb)
       where i.id = o.intent
         and (i.state in ('planned', 'in_flight', 'uncertain') or (i.state = 'void' and o.state = 'confirmed'))
      returning i.id`.execute(rowsOf<SyncTables>(tx));
    return rows.map(({ id }) => id);
  }

  override async noteAbsent(tx: Tx, intent: string): Promise<void> {
    await rowsOf<SyncTables>(tx)
      .updateTable('intent')
      .set(({ eb, fn, val }) => ({ absentSince: fn.coalesce('absentSince', val(tx.now)), looks: eb('looks', '+', 1) }))
      .where('id', '=', intent)
      .execute();
  }

  override async settle(tx: Tx, intents: readonly string[]): Promise<void> {
    if (intents.length === 0) return;
    await rowsOf<SyncTables>(tx)
      .updateTable('intent')
      .set({ settledAt: tx.now })
      .where('id', 'in', [...intents])
      .execute();
  }

  override async absorb(tx: Tx, gone: string, survivor: string): Promise<void> {
    await rowsOf<SyncTables>(tx).updateTable('intent').set({ twinId: survivor }).where('twinId', '=', gone).execute();
  }
}

const intentOf = (row: Selectable<SyncTables['intent']>): Intent => ({
  id: row.id,
  connection: row.connectionId,
  twin: row.twinId,
  walk: row.walkId,
  kind: row.kind,
  facet: row.facet,
  write: row.write,
  target: row.target ?? undefined,
  marker: row.marker,
  decision: row.decisionId ?? undefined,
  state: row.state,
  createdAt: row.createdAt,
  sentAt: row.sentAt ?? undefined,
  done: row.done,
  answer: row.answer ?? undefined,
  failure: row.failure ?? undefined,
  looks: row.looks,
  absentSince: row.absentSince ?? undefined,
  settled: row.settledAt !== null,
});
