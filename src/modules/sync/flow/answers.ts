import { Injectable } from '@nestjs/common';
import { type Ref, sameRef } from '../../../domain/contract/index.js';
import type { ProviderExchange, Sighting, Write, WriteAnswer } from '../../../domain/provider/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import type { BooksLine } from '../../auth/index.js';
import { HistoryStore, type NewEvent } from '../../history/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { ConnectionStore } from '../../auth/index.js';
import {
  type Attempt,
  type Call,
  type CallNote,
  hasBegun,
  type Intent,
  type IntentOutcome,
  makesRecord,
  SnapshotStore,
  TwinStore,
  WriteStore,
} from '../store/index.js';
import { Absorption } from './absorption.js';
import { versionOrders } from './observe-books.js';

/**
 * Takes in what a provider answered to a write. The intent's state, the twin's new ref and the snapshot are one
 * transaction, and it is never fenced off: an answer counts whoever brings it (ENGINE C2, D5).
 */
@Injectable()
export class Answers {
  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly writes: WriteStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
    private readonly absorption: Absorption,
    private readonly history: HistoryStore,
  ) {}

  /** `sentBefore`: the same call was sent before, and nobody knows what came of that. */
  async take(
    attempt: Attempt,
    line: BooksLine,
    call: Pick<Call, 'id' | 'draft'>,
    writes: readonly Write[],
    exchange: ProviderExchange,
    sentBefore = false,
  ): Promise<readonly WriteAnswer[]> {
    const answers = line.adapter.interpret(call.draft, writes, exchange);
    const outcomes = answers.map((answer) =>
      outcomeOf(
        answer,
        writes.find(({ intent }) => intent === answer.intent)!,
        sentBefore,
      ),
    );
    await this.record(attempt, call.id, line.notes.at(-1), outcomes);
    return answers;
  }

  async record(
    attempt: Pick<Attempt, 'tenant' | 'connection'>,
    call: string | undefined,
    note: CallNote | undefined,
    outcomes: readonly IntentOutcome[],
  ): Promise<void> {
    await this.transactions.inTenant(attempt.tenant, async (tx) => {
      const carried = await this.writes.get(
        tx,
        outcomes.map(({ intent }) => intent),
      );
      const intents = new Map(carried.map((intent) => [intent.id, intent]));
      const believed = await this.believe(tx, attempt.connection, intents, outcomes);
      const changed = new Set(await this.writes.record(tx, call, note, believed));
      const shown: Sighting[] = [];
      for (const outcome of believed) {
        if (!changed.has(outcome.intent)) continue;
        const sighting = await this.showIn(tx, attempt.connection, intents.get(outcome.intent)!, outcome);
        if (sighting) shown.push(sighting);
      }
      await this.keep(tx, attempt.connection, shown);
      const givenUp = believed.filter((outcome) => outcome.state === 'void' && !outcome.failure);
      await this.history.append(
        tx,
        givenUp.flatMap(({ intent }) => uncertainEvent(intents.get(intent)!)),
      );
    });
  }

  /** A new record that is another one's twin already was not made by this write. */
  private async believe(
    tx: Tx,
    connection: string,
    intents: ReadonlyMap<string, Intent>,
    outcomes: readonly IntentOutcome[],
  ): Promise<IntentOutcome[]> {
    const made = new Map<IntentOutcome, Ref>();
    for (const outcome of outcomes) {
      const { kind, target } = intents.get(outcome.intent)!;
      const id = sightingIn(outcome)?.id;
      if (id !== undefined && id !== target?.id) made.set(outcome, { kind, id });
    }
    const owners = await this.twins.byRefs(tx, connection, 'books', [...made.values()]);
    return outcomes.map((outcome) => {
      const ref = made.get(outcome);
      const owner = ref && owners.find((one) => sameRef(one.ref, ref));
      const { twin } = intents.get(outcome.intent)!;
      if (!owner || owner.twin.id === twin || owner.twin.app === undefined) return outcome;
      const message = 'the provider answered with a record that belongs to another one of the app';
      const failure = { is: 'duplicate', message, candidates: [ref.id] } as const;
      return { intent: outcome.intent, state: 'refused', failure };
    });
  }

  /** What the answer shows of the record becomes known at once; returns what is to be kept of it. */
  private async showIn(
    tx: Tx,
    connection: string,
    intent: Intent,
    outcome: IntentOutcome,
  ): Promise<Sighting | undefined> {
    const sighting = sightingIn(outcome);
    if (sighting) return this.showRecord(tx, intent, sighting);
    if (hasLost(intent, outcome)) {
      await this.twins.loseBooks(tx, intent.twin, intent.target!.id);
      await this.history.append(tx, [lostEvent(intent, outcome)]);
    }
    if (outcome.state !== 'confirmed') return undefined;
    if (makesRecord(intent)) return this.showRecord(tx, intent, unseen(intent));
    if (intent.target && intent.write.existence) {
      const ref = { kind: intent.kind, id: intent.target.id };
      await this.snapshots.end(tx, connection, ref, intent.write.existence.books, tx.now);
    }
    return undefined;
  }

  private async showRecord(tx: Tx, intent: Intent, sighting: Sighting): Promise<Sighting> {
    const { absorbed } = await this.twins.tell(tx, intent.twin, 'books', sighting.id);
    if (absorbed !== undefined) await this.absorption.into(tx, absorbed, intent.twin);
    return sighting;
  }

  private async keep(tx: Tx, connection: string, shown: readonly Sighting[]): Promise<void> {
    if (shown.length === 0) return;
    const definition = this.registry.of((await this.connections.get(tx, connection))!.provider);
    const offered = shown.map((sighting) => ({ sighting, asOf: tx.now }));
    await this.snapshots.save(tx, connection, offered, versionOrders(definition));
  }
}

type Ended = Extract<IntentOutcome, { state: 'refused' | 'void' }>;

/** What was ended to be replaced is not there again, and it was nobody's wish to end it. */
const hasLost = (intent: Intent, outcome: IntentOutcome): outcome is Ended =>
  (outcome.state === 'refused' || outcome.state === 'void') && intent.write.operation === 'replace' && hasBegun(intent);

/** Told whole, and in the transaction in which it is lost: nobody else knows by now what the record said. */
const lostEvent = ({ id, kind, twin, connection, target }: Intent, { failure }: Ended): NewEvent => ({
  ...{ type: 'books_refused', cause: { by: 'system' }, connection, twin, kind, booksId: target!.id },
  detail: { intent: id, failure: failure ?? null, ended: target!.id, madeAgain: null, before: target!.content },
});

/** A write that was sent, and of which nothing shows whether it was carried out: it may have been, for a while. */
const uncertainEvent = ({ id, kind, twin, connection, write, target, sentAt, decision }: Intent): NewEvent[] =>
  sentAt === undefined
    ? []
    : [
        {
          type: 'books_uncertain',
          cause: { by: 'system' },
          connection,
          twin,
          kind,
          ...(target && { booksId: target.id }),
          detail: {
            intent: id,
            operation: write.operation,
            groups: write.groups,
            before: target?.content ?? {},
            after: write.content,
            decision: decision ?? null,
            policies: write.policies,
          },
        },
      ];

/** A record that was written and cannot be read back is taken to be what was sent. */
const unseen = (intent: Intent): Sighting => ({
  kind: intent.kind,
  id: `sent:${intent.id}`,
  existence: intent.write.existence?.books ?? 'present',
  content: intent.write.content,
  version: `sent:${intent.id}`,
  raw: null,
  ...(intent.facet !== '' && { facet: intent.facet }),
});

const sightingIn = (outcome: IntentOutcome): Sighting | undefined => {
  switch (outcome.state) {
    case 'confirmed':
      return outcome.answer.sighting;
    case 'planned':
    case 'refused':
    case 'void':
      return outcome.sighting;
    case 'uncertain':
      return undefined;
  }
};

/** What a replacement ends by its first call, as it was. */
const endedBy = ({ kind, operation, target, done }: Write): Sighting | undefined =>
  operation === 'replace' && target && done.length === 0 ? { kind, ...target, existence: 'deleted' } : undefined;

const outcomeOf = (answer: WriteAnswer, write: Write, sentBefore: boolean): IntentOutcome => {
  const { intent, sighting } = answer;
  const { done, refused } = write;
  if (answer.outcome === 'done') {
    return answer.more
      ? { intent, state: 'planned', sighting }
      : { intent, state: 'confirmed', answer: { sighting, exact: true } };
  }
  const { failure } = answer;
  switch (failure.is) {
    case 'invalid':
    case 'duplicate':
      return answer.more
        ? { intent, state: 'planned', sighting: undefined, failure }
        : { intent, state: 'refused', failure: refused ?? failure, ...(sighting && { sighting }) };
    case 'lost_answer':
    case 'unreadable':
      return { intent, state: 'uncertain', failure };
    case 'stale':
    case 'gone': {
      if (refused) return { intent, state: 'refused', failure: refused };
      const ended = sentBefore && failure.is === 'gone' ? endedBy(write) : undefined;
      return ended ? { intent, state: 'planned', sighting: ended } : { intent, state: 'void', failure };
    }
    case 'rate_limited':
    case 'token_refused':
    case 'access_revoked':
    case 'suspended':
    case 'unavailable':
      // Nothing came of this time; of an earlier time that is not known, and what has begun is gone on with.
      if (sentBefore) return { intent, state: 'uncertain', failure };
      return done.length > 0 ? { intent, state: 'planned', sighting: undefined } : { intent, state: 'void', failure };
  }
};
