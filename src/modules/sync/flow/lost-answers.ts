import { Injectable } from '@nestjs/common';
import { type Meeting, readingOf } from '../../../domain/comparison/index.js';
import { type Content, differingFields, fingerprint, normalGroup } from '../../../domain/contract/index.js';
import {
  isAbsent,
  type KindDefinition,
  type Observation,
  ProviderFailureError,
  type Recovery,
  type Sighting,
  type Trace,
} from '../../../domain/provider/index.js';
import { Transactions } from '../../../platform/database/index.js';
import type { BooksLine } from '../../auth/index.js';
import {
  type Attempt,
  type Call,
  hasBegun,
  type Intent,
  type IntentOutcome,
  isOpen,
  refusalBeingUndone,
  type Release,
  TwinStore,
  WriteStore,
} from '../store/index.js';
import { Answers } from './answers.js';
import { writeOf } from './books-write.js';
import { releaseAfter, releaseOfOpen } from './releases.js';
import type { Entry, Scene } from './scene.js';

/** What recovering came to: an outcome that is now known, a call that must follow, or when to try again. */
export type Recovered =
  | { readonly then: 'settle' }
  /** The calls so far are known; the write goes on from there (ENGINE D1). */
  | { readonly then: 'go_on' }
  | { readonly then: 'wait'; readonly release: Release };

const KNOWN: Recovered = { then: 'settle' };
const GOES_ON: Recovered = { then: 'go_on' };

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
    if (intent.state === 'planned' || !call) return this.again(attempt, intent);
    const ability = scene.definition.kinds[intent.kind];
    if (isAbsent(ability)) return KNOWN;
    const { recovery } = ability;
    try {
      return isMakingRecord(intent)
        ? await this.recoverCreate(attempt, line, entry, intent, call, recovery, now)
        : await this.recoverChange(attempt, line, entry, intent, call, ability, now);
    } catch (error) {
      if (!(error instanceof ProviderFailureError)) throw error;
      return { then: 'wait', release: releaseAfter(error.failure, intent.looks) };
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
    const trace = recovery.untraceable ? undefined : await line.adapter.trace?.(writeOf(intent, entry.snapshot));
    const certain = trace?.trace === 'found' && (await this.isOnlyOurs(attempt, intent, trace.sighting.id));
    if (trace?.trace === 'found' && certain) {
      const outcome = outcomeOf(trace, intent);
      await this.note(attempt, outcome);
      return outcome.state === 'planned' ? GOES_ON : KNOWN;
    }
    if (withinKeyWindow(recovery, call, now)) return this.resend(attempt, line, entry, intent, call);
    if (trace?.trace === 'several') return this.decidedByPerson(attempt, entry, intent, SEVERAL, trace.ids);
    if (trace?.trace === 'found') return this.decidedByPerson(attempt, entry, intent, SEVERAL, [trace.sighting.id]);
    if (!trace) return this.decidedByPerson(attempt, entry, intent, UNKNOWN, []);
    const absentFor = intent.absentSince ? now.getTime() - intent.absentSince.getTime() : undefined;
    if (absentFor !== undefined && absentFor >= recovery.settleMs) return this.again(attempt, intent);
    await this.transactions.inTenant(attempt.tenant, (tx) => this.writes.noteAbsent(tx, intent.id));
    return { then: 'wait', release: { why: 'lost_answer', waitMs: recovery.settleMs, look: false } };
  }

  /** Nothing came of the last call: what has begun goes on with another one like it, all else is planned anew. */
  private async again(attempt: Attempt, intent: Intent): Promise<Recovered> {
    await this.note(
      attempt,
      hasBegun(intent)
        ? { intent: intent.id, state: 'planned', sighting: undefined }
        : { intent: intent.id, state: 'void', failure: undefined },
    );
    return hasBegun(intent) ? GOES_ON : KNOWN;
  }

  /** The found record is nobody else's twin, and no other create under way would look the same. */
  private async isOnlyOurs(attempt: Attempt, intent: Intent, found: string): Promise<boolean> {
    return this.transactions.inTenant(attempt.tenant, async (tx) => {
      const [owner] = await this.twins.byRefs(tx, attempt.connection, 'books', [{ kind: intent.kind, id: found }]);
      if (owner && owner.twin.id !== intent.twin && owner.twin.app !== undefined) return false;
      const others = await this.writes.openCreates(tx, attempt.connection, intent.kind);
      const text = fingerprint(wantedBy(intent));
      return others.every((other) => other.id === intent.id || fingerprint(wantedBy(other)) !== text);
    });
  }

  /** A change of a record that exists, or the end of one that is replaced: the record itself shows what became of it. */
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
    const replaces = intent.write.operation === 'replace';
    if ((!guardsVersions || replaces) && sinceSent < recovery.settleMs) {
      // Without a version to guard it, the first write could still land after a second one; and an end that comes after
      // we have looked would be taken for somebody else's.
      return { then: 'wait', release: { why: 'lost_answer', waitMs: recovery.settleMs - sinceSent, look: false } };
    }
    const target = { candidates: [intent.kind], id: intent.target!.id };
    const [observation] = await line.adapter.observe([target]);
    if (observation?.found === 'unreadable') throw new ProviderFailureError(observation.failure);
    const ended = replaces ? endSeenIn(observation, entry, intent) : undefined;
    await this.note(
      attempt,
      ended
        ? { intent: intent.id, state: 'planned', sighting: ended }
        : outcomeSeenIn(observation, intent, entry.meeting),
    );
    return ended ? GOES_ON : KNOWN;
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
    await this.answers.take(attempt, line, call, writes, exchange, true);
    const { intent: after } = await this.reload(attempt, intent.id);
    if (!after || !isOpen(after.state)) return KNOWN;
    if (after.state === 'planned') return GOES_ON;
    return { then: 'wait', release: { ...releaseOfOpen(after, intent.looks), look: false } };
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
      return { then: 'wait', release: { why: 'lost_answer', waitMs: 0, look: false, message, asks } };
    }
    if (choice.take !== 'apart') return this.again(attempt, intent);
    await this.note(attempt, {
      intent: intent.id,
      state: 'confirmed',
      answer: { sighting: undefined, exact: false },
    });
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

/** Whether the call whose answer was lost makes a record, or goes on with one that the write itself has made. */
const isMakingRecord = (intent: Intent): boolean =>
  intent.target === undefined || (intent.write.operation === 'replace' && hasBegun(intent));

/** What the books are to say: what was written, or what they said before if that is to be undone. */
const wantedBy = (intent: Intent): Content =>
  refusalBeingUndone(intent) && intent.target ? intent.target.content : intent.write.content;

/**
 * What the found trace means. Of a record that somebody may have changed since, it cannot be said which part is missing
 * because no call has written it yet: it is compared as one that was never agreed on.
 */
const outcomeOf = ({ sighting, exact, more }: Extract<Trace, { trace: 'found' }>, intent: Intent): IntentOutcome => {
  const refusal = refusalBeingUndone(intent);
  if (refusal) return { intent: intent.id, state: 'refused', failure: refusal, sighting };
  if (!more) return { intent: intent.id, state: 'confirmed', answer: { sighting, exact } };
  return exact
    ? { intent: intent.id, state: 'planned', sighting }
    : { intent: intent.id, state: 'void', failure: undefined, sighting };
};

/** The record as it was, with the existence that it has by now; undefined while it is there. */
const endSeenIn = (
  observation: Observation | undefined,
  { snapshot }: Entry,
  { kind, target }: Intent,
): Sighting | undefined => {
  if (observation?.found === 'record') {
    return observation.sighting.existence === 'present' ? undefined : observation.sighting;
  }
  const { id, version, content } = target!;
  return observation?.found === 'gone'
    ? { kind, id, version, content, existence: 'deleted', raw: snapshot?.raw ?? null }
    : undefined;
};

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
