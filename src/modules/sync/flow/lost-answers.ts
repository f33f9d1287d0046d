import { Injectable } from '@nestjs/common';
import { type Meeting, readingOf } from '../../../domain/comparison/index.js';
import { differingFields, fingerprint, normalGroup } from '../../../domain/contract/index.js';
import {
  isAbsent,
  type KindDefinition,
  type Observation,
  ProviderFailureError,
  type Recovery,
} from '../../../domain/provider/index.js';
import { Transactions } from '../../../platform/database/index.js';
import type { BooksLine } from '../../auth/index.js';
import {
  type Attempt,
  type Call,
  type Intent,
  type IntentOutcome,
  isOpen,
  type Release,
  TwinStore,
  WriteStore,
} from '../store/index.js';
import { Answers } from './answers.js';
import { writeOf } from './books-write.js';
import { backoffMs, releaseAfter } from './releases.js';
import type { Entry, Scene } from './scene.js';

/** What recovering came to: an outcome that is now known, or when to try again. */
export type Recovered = { readonly known: true } | { readonly known: false; readonly release: Release };

const KNOWN: Recovered = { known: true };

/**
 * Finds out what became of writes whose answers were lost (ENGINE D3 to D5; reliability.md 3.2). In this order: look for
 * the trace, and believe it if it can be no other's; send the identical call again while the provider's key is trusted; wait out the time in which a write
 * may stay invisible and look once more; and where none of these is possible, ask a person.
 */
@Injectable()
export class LostAnswers {
  constructor(
    private readonly transactions: Transactions,
    private readonly writes: WriteStore,
    private readonly twins: TwinStore,
    private readonly answers: Answers,
  ) {}

  async recover(attempt: Attempt, line: BooksLine, scene: Scene, entry: Entry, intentId: string): Promise<Recovered> {
    const { intent, call, now } = await this.reload(attempt, intentId);
    if (!intent || !isOpen(intent.state)) return KNOWN;
    if (intent.state === 'planned' || !call) {
      // Never sent, or stopped between two calls: what the provider shows now is where to go on (ENGINE D1).
      await this.note(attempt, { intent: intent.id, state: 'void', failure: undefined });
      return KNOWN;
    }
    const ability = scene.definition.kinds[intent.kind];
    if (isAbsent(ability)) return KNOWN;
    const { recovery } = ability;
    try {
      return intent.target === undefined
        ? await this.recoverCreate(attempt, line, entry, intent, call, recovery, now)
        : await this.recoverChange(attempt, line, entry, intent, call, ability, now);
    } catch (error) {
      if (!(error instanceof ProviderFailureError)) throw error;
      return { known: false, release: releaseAfter(error.failure, intent.looks) };
    }
  }

  private async recoverCreate(
    attempt: Attempt,
    line: BooksLine,
    entry: Entry,
    intent: Intent,
    call: Call,
    recovery: Recovery,
    now: Date,
  ): Promise<Recovered> {
    const trace = await line.adapter.trace?.(writeOf(intent, undefined));
    const certain = trace?.trace === 'found' && (await this.isOnlyOurs(attempt, intent, trace.sighting.id));
    if (trace?.trace === 'found' && certain) {
      const answer = { sighting: trace.sighting, exact: trace.exact };
      await this.note(attempt, { intent: intent.id, state: 'confirmed', answer });
      return KNOWN;
    }
    if (withinKeyWindow(recovery, call, now)) return this.resend(attempt, line, entry, intent, call);
    if (trace?.trace === 'several') return this.decidedByPerson(attempt, entry, intent, SEVERAL, trace.ids);
    if (trace?.trace === 'found') return this.decidedByPerson(attempt, entry, intent, SEVERAL, [trace.sighting.id]);
    if (!trace) return this.decidedByPerson(attempt, entry, intent, UNKNOWN, []);
    const absentFor = intent.absentSince ? now.getTime() - intent.absentSince.getTime() : undefined;
    if (absentFor !== undefined && absentFor >= recovery.settleMs) {
      await this.note(attempt, { intent: intent.id, state: 'void', failure: undefined });
      return KNOWN;
    }
    await this.transactions.inTenant(attempt.tenant, (tx) => this.writes.noteAbsent(tx, intent.id));
    return { known: false, release: { why: 'lost_answer', waitMs: recovery.settleMs, look: false } };
  }

  /** The found record is nobody else's twin, and no other create under way would look the same. */
  private async isOnlyOurs(attempt: Attempt, intent: Intent, found: string): Promise<boolean> {
    return this.transactions.inTenant(attempt.tenant, async (tx) => {
      const [owner] = await this.twins.byRefs(tx, attempt.connection, 'books', [{ kind: intent.kind, id: found }]);
      if (owner && owner.twin.id !== intent.twin && owner.twin.app !== undefined) return false;
      const others = await this.writes.openCreates(tx, attempt.connection, intent.kind);
      const text = fingerprint(intent.write.content);
      return others.every(({ id, write }) => id === intent.id || fingerprint(write.content) !== text);
    });
  }

  /** A change of a record that exists: the record itself shows what became of it. */
  private async recoverChange(
    attempt: Attempt,
    line: BooksLine,
    entry: Entry,
    intent: Intent,
    call: Call,
    ability: KindDefinition,
    now: Date,
  ): Promise<Recovered> {
    const { recovery, guardsVersions } = ability;
    if (withinKeyWindow(recovery, call, now)) return this.resend(attempt, line, entry, intent, call);
    const sinceSent = now.getTime() - call.sentAt.getTime();
    if (!guardsVersions && sinceSent < recovery.settleMs) {
      // Without a version to guard it, the first write could still land after a second one.
      return { known: false, release: { why: 'lost_answer', waitMs: recovery.settleMs - sinceSent, look: false } };
    }
    const target = { candidates: [intent.kind], id: intent.target!.id };
    const [observation] = await line.adapter.observe([target]);
    if (observation?.found === 'unreadable') throw new ProviderFailureError(observation.failure);
    await this.note(attempt, outcomeSeenIn(observation, intent, entry.meeting));
    return KNOWN;
  }

  /** The same call, the same bytes, the same key: whatever it answers now is definite (ENGINE D3). */
  private async resend(
    attempt: Attempt,
    line: BooksLine,
    entry: Entry,
    intent: Intent,
    call: Call,
  ): Promise<Recovered> {
    const carried = await this.transactions.inTenant(attempt.tenant, async (tx) => {
      await this.writes.resend(tx, call.id);
      return this.writes.get(tx, call.draft.intents);
    });
    const exchange = await line.send(call.draft.request);
    const writes = carried.map((one) => writeOf(one, one.id === intent.id ? entry.snapshot : undefined));
    await this.answers.take(attempt, line, call, writes, exchange);
    const { intent: after } = await this.reload(attempt, intent.id);
    return after && isOpen(after.state)
      ? { known: false, release: { why: 'lost_answer', waitMs: backoffMs(intent.looks), look: false } }
      : KNOWN;
  }

  /** Neither look-up nor key can tell: only a person can know, and answers by a decision on the conflict. */
  private async decidedByPerson(
    attempt: Attempt,
    { conflict }: Entry,
    intent: Intent,
    message: string,
    candidates: readonly string[],
  ): Promise<Recovered> {
    const choice =
      conflict?.reason === 'outcome_unknown' && conflict.decision?.fingerprint === conflict.fingerprint
        ? conflict.decision.choices.existence
        : undefined;
    if (!choice) {
      const asks = { reason: 'outcome_unknown', candidates } as const;
      return { known: false, release: { why: 'lost_answer', waitMs: 0, look: false, message, asks } };
    }
    await this.note(
      attempt,
      choice.take === 'apart'
        ? { intent: intent.id, state: 'confirmed', answer: { sighting: undefined, exact: false } }
        : { intent: intent.id, state: 'void', failure: undefined },
    );
    return KNOWN;
  }

  private async note(attempt: Attempt, outcome: IntentOutcome): Promise<void> {
    await this.answers.record(attempt, undefined, undefined, [outcome]);
  }

  private async reload(
    attempt: Attempt,
    id: string,
  ): Promise<{ intent: Intent | undefined; call: Call | undefined; now: Date }> {
    return this.transactions.inTenant(attempt.tenant, async (tx) => {
      const [intent] = await this.writes.get(tx, [id]);
      return { intent, call: intent && (await this.writes.callOf(tx, id)), now: tx.now };
    });
  }
}

/**
 * Carried out, if the record shows what was sent; the exact answer is not known, so whatever else it shows counts as
 * somebody's edit. Otherwise the write is planned anew from what is seen.
 */
const outcomeSeenIn = (observation: Observation | undefined, intent: Intent, meeting: Meeting): IntentOutcome => {
  const { id, kind, write, target } = intent;
  const unchanged: IntentOutcome = { intent: id, state: 'void', failure: undefined };
  if (observation?.found === 'gone') {
    return write.operation === 'delete'
      ? { intent: id, state: 'confirmed', answer: { sighting: undefined, exact: false } }
      : unchanged;
  }
  if (observation?.found !== 'record' || observation.sighting.version === target!.version) return unchanged;
  const { sighting } = observation;
  const reading = readingOf(meeting, 'books');
  const sent = Object.fromEntries(
    Object.entries({ ...target!.content, ...write.content }).filter(([, value]) => value !== null),
  );
  const shown =
    write.existence === undefined
      ? write.groups.every((group) => {
          const differing = differingFields(
            normalGroup(kind, group, sent, reading),
            normalGroup(kind, group, sighting.content, reading),
          );
          return differing.every((field) => !(field in write.content));
        })
      : sighting.existence === write.existence.books;
  return shown ? { intent: id, state: 'confirmed', answer: { sighting, exact: false } } : unchanged;
};

const UNKNOWN = 'The answer to this create was lost and the provider offers no way to find out what became of it.';
const SEVERAL = 'The answer to this create was lost and several records could be its result.';

const withinKeyWindow = ({ keyWindowMs }: Recovery, call: Call, now: Date): boolean =>
  keyWindowMs !== undefined && call.draft.key !== undefined && now.getTime() - call.sentAt.getTime() < keyWindowMs;
