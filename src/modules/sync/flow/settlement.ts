import { type Base, imageOf, masks, NO_BASE, readingOf } from '../../../domain/comparison/index.js';
import { type ConflictDraft, EXISTENCE_GROUP, moneyEffect, type Testimony } from '../../../domain/conflict/index.js';
import {
  type Content,
  fieldsOf,
  fingerprint,
  groupFields,
  groupNames,
  type KindName,
  type Ref,
} from '../../../domain/contract/index.js';
import {
  type Confirmed,
  type Hold,
  namesakeConflict,
  type Plan,
  type PlannedWrite,
  settle,
} from '../../../domain/planning/index.js';
import type { ConflictEnding } from '../../conflicts/index.js';
import type { Cause, NewEvent } from '../../history/index.js';
import type { AppRecord, RecordWrite } from '../../records/index.js';
import {
  type Intent,
  isReplacing,
  type ItemOutcome,
  type ItemPlan,
  type PlannedWait,
  type Problem,
  type Reached,
  type Refusal,
  type Release,
  type WalkItem,
  type Written,
} from '../store/index.js';
import { hasEnded, isToEnd } from './endings.js';
import { applyToRecord, existenceOf } from './facets.js';
import { backoffMs } from './releases.js';
import type { Entry, Scene } from './scene.js';

/** Everything that settling one item comes to, before any of it is stored. */
export interface Settlement {
  readonly twin: string;
  readonly kind: KindName;
  /** Names the record in events. */
  readonly about: Omit<NewEvent, 'type' | 'detail'>;
  readonly outcome: ItemOutcome;
  readonly base: Base | undefined;
  readonly holds: readonly Hold[];
  readonly refusal: Refusal | undefined;
  /** Intents whose answers are in the base now. */
  readonly intents: readonly string[];
  readonly app: { readonly record: RecordWrite; readonly born: boolean } | undefined;
  readonly facts: { readonly ref: Ref; readonly facts: Content } | undefined;
  readonly conflict: { readonly draft: ConflictDraft; readonly moneyEffect: string | undefined } | undefined;
  readonly closesConflict: ConflictEnding | undefined;
  /** The answer to the conflict could not be carried out: it is asked anew. */
  readonly reopensConflict: boolean;
  readonly problems: readonly Problem[];
  readonly clearsProblems: boolean;
  /** What the record waits for now; undefined leaves its waits as they are. */
  readonly waits: readonly PlannedWait[] | undefined;
  /** What others may have waited for. */
  readonly reached: readonly Omit<Reached, 'twin'>[];
  /** The record was there in the books, and has ended. */
  readonly ended: boolean;
  readonly events: readonly NewEvent[];
  /** The same when the app's record has moved on since it was compared: that part is walked again (ENGINE B2). */
  withoutApp(): Settlement;
}

type CarryOut = Extract<ItemPlan, { do: 'carry_out' }>;
type Refused = Extract<Written, { outcome: 'refused' }>;

/** Works out how an item leaves its walk; decides nothing that the plan has not decided. */
export const settlementOf = (scene: Scene, item: WalkItem, newId: () => string): Settlement => {
  const entry = scene.entries.get(item.twin);
  if (!entry) return leaving(item, { twin: item.twin, leave: 'settled', again: undefined, look: false });
  const { plan, written } = item;
  if (!plan) return released(entry, item, { why: 'superseded', waitMs: 0, look: true });
  if (plan.do === 'release') return released(entry, item, plan.release);
  if (written?.outcome === 'release') return released(entry, item, written.release);
  if (plan.do === 'recover' || written?.outcome === 'recovered') return recovered(entry, item);
  return carriedOut(entry, item, plan, newId, true);
};

const answered = (entry: Entry): readonly Intent[] =>
  entry.intents.filter(({ state }) => state === 'confirmed' || state === 'void');

const leaving = (item: WalkItem, outcome: ItemOutcome, more: Partial<Settlement> = {}): Settlement => {
  const settlement: Settlement = {
    twin: item.twin,
    kind: 'company',
    about: { cause: item.cause },
    outcome,
    base: undefined,
    holds: [],
    refusal: undefined,
    intents: [],
    app: undefined,
    facts: undefined,
    conflict: undefined,
    closesConflict: undefined,
    reopensConflict: false,
    problems: [],
    clearsProblems: false,
    waits: undefined,
    reached: [],
    ended: false,
    events: [],
    withoutApp: () => settlement,
    ...more,
  };
  return settlement;
};

const aboutOf = ({ twin, record, snapshot }: Entry, cause: Cause): Settlement['about'] => {
  const number = record?.content.number ?? snapshot?.content.number;
  return {
    cause,
    connection: twin.connection,
    twin: twin.id,
    kind: twin.kind,
    ...(twin.app !== undefined && { appId: twin.app }),
    ...(twin.books !== undefined && { booksId: twin.books }),
    ...(typeof number === 'string' && { number }),
  };
};

/** What every settlement of a known twin has: answers are folded in even when the item itself must come back. */
const common = (entry: Entry, item: WalkItem): Partial<Settlement> => ({
  kind: entry.twin.kind,
  about: aboutOf(entry, item.cause),
  intents: answered(entry).map(({ id }) => id),
  holds: entry.twin.holds,
  refusal: entry.twin.refusal,
  reached: reachedBy(entry, entry.meeting.base, entry.twin.holds, entry.record),
  ended: hasEnded(entry),
  facts: entry.record && factsOf(entry, entry.record),
  ...(answered(entry).length > 0 && { base: entry.meeting.base }),
});

/** The sides at which the record exists; and that it has ended in the books, or will not end there. */
const reachedBy = (
  { twin, facet, snapshot, intents }: Entry,
  base: Base,
  holds: readonly Hold[],
  record: Pick<AppRecord, 'existence' | 'content'> | undefined,
): Settlement['reached'] => [
  ...(record ? [{ side: 'app', until: 'exists' } as const] : []),
  ...(twin.books !== undefined && !intents.some(isReplacing) ? [{ side: 'books', until: 'exists' } as const] : []),
  ...(isToEnd({ base, holds, app: record && existenceOf(record, facet), books: snapshot?.existence })
    ? []
    : [{ side: 'books', until: 'ended' } as const]),
];

/** Comes back later by itself; or, where only a person's word can help, when that word is given. */
const released = (entry: Entry, item: WalkItem, release: Release): Settlement =>
  leaving(
    item,
    release.asks
      ? { twin: item.twin, leave: 'settled', again: undefined, look: false }
      : { twin: item.twin, leave: 'released', release },
    {
      ...common(entry, item),
      events: writtenEvents(entry, item),
      ...(release.asks && { conflict: askingConflict(entry, release.asks) }),
      ...(release.why === 'unreadable' && {
        problems: [problemOf(entry, 'unreadable_record', release.message ?? 'the record cannot be read', {})],
      }),
    },
  );

/** A lost answer has been found; what it means is for the next walk to compare. */
const recovered = (entry: Entry, item: WalkItem): Settlement => {
  const refused = item.written?.outcome === 'refused' ? item.written : undefined;
  const events = writtenEvents(entry, item);
  return leaving(
    item,
    {
      twin: item.twin,
      leave: 'settled',
      again: soon(item),
      look: answered(entry).some(({ state }) => state === 'void'),
    },
    {
      ...common(entry, item),
      events: refused ? [...events, ...refusedEvents(refused, aboutOf(entry, item.cause))] : events,
      // A taken name is asked about when the write is refused once more.
      ...(refused && refused.failure.is !== 'duplicate' && { problems: [refusedProblem(entry, refused)] }),
    },
  );
};

const carriedOut = (
  entry: Entry,
  item: WalkItem,
  itemPlan: CarryOut,
  newId: () => string,
  withApp: boolean,
): Settlement => {
  const { plan, findings, mark, refusedBefore, waits, circle } = itemPlan;
  const { twin, meeting } = entry;
  const { written } = item;
  const refused = written?.outcome === 'refused' ? written : undefined;
  const refusal = refused?.failure;
  const toBooks = plan.writes.find(({ side }) => side === 'books');
  const booksDone = written?.outcome === 'confirmed';
  const toApp = withApp ? appWriteOf(plan, booksDone) : undefined;
  const pushes = withApp ? pushesAnswered(plan, booksDone) : [];
  const record = toApp || pushes.length > 0 ? recordAfter(entry, itemPlan, toApp, pushes, newId) : undefined;

  const confirmed: Confirmed[] = [
    ...(toApp && record ? [{ write: toApp, before: entry.record?.content, after: record.content }] : []),
    ...(booksDone && toBooks && toBooks.paired.length > 0 ? [booksConfirmed(entry, toBooks, written.intent)] : []),
  ];
  const readings = { app: readingOf(meeting, 'app'), books: readingOf(meeting, 'books') };
  const isLost = refused?.ended && !refused.ended.madeAgain;
  const base = isLost
    ? NO_BASE
    : settle({ kind: twin.kind, base: meeting.base, settling: plan.settle, confirmed, readings });

  // Another walk of the same record had its own intent open: this plan comes again.
  const unwritten = toBooks !== undefined && !booksDone && !refusal && !refusedBefore && findings.length === 0;
  const failed = refusal !== undefined || refusedBefore !== undefined || findings.length > 0 || unwritten;
  const conflict =
    plan.conflict ?? (refusal?.is === 'duplicate' ? takenName(entry, toBooks!, refusal.candidates) : undefined);
  const more = plan.again || !withApp || unwritten || (written?.outcome === 'confirmed' && written.again);
  const asksAboutName = refusal?.is === 'duplicate' && toBooks?.operation === 'create';
  const stuck = failed || waits.length > 0 || plan.holds.length > 0 || !withApp;
  const about = aboutOf(entry, item.cause);
  return leaving(
    item,
    {
      twin: item.twin,
      leave: 'settled',
      again: more ? soon(item) : undefined,
      look: false,
    },
    {
      ...common(entry, item),
      base,
      holds: plan.holds,
      refusal: refused
        ? { write: refused.ended?.madeAgain?.mark ?? mark!, at: refused.at, failure: refused.failure }
        : refusedBefore && twin.refusal,
      app: record && { record, born: twin.app === undefined },
      facts: record ? factsOf(entry, record) : entry.record && factsOf(entry, entry.record),
      ...(conflict && { conflict: { draft: conflict, moneyEffect: effectOf(entry, conflict) } }),
      closesConflict: closing(entry, itemPlan, conflict, stuck),
      reopensConflict: itemPlan.decision !== undefined && (refusal !== undefined || findings.length > 0),
      problems: [
        // A taken name is a question to a person, unless that person has just tried to answer it.
        ...(refusal && (!asksAboutName || itemPlan.decision !== undefined) ? [refusedProblem(entry, refused!)] : []),
        ...(findings.length > 0 ? [findingsProblem(entry, findings)] : []),
        ...(circle ? [problemOf(entry, 'waits_in_a_circle', 'these records wait for each other', { waits })] : []),
      ],
      clearsProblems: !failed && !circle,
      waits,
      reached: reachedBy(entry, base, plan.holds, record ?? entry.record),
      ended: hasEnded(entry),
      events: [
        ...writtenEvents(entry, item),
        ...(record ? [appWrittenEvent(entry, itemPlan, toApp, record, about)] : []),
        ...heldEvents(entry, plan, about),
        ...(waits.length > 0 ? [{ ...about, type: 'waiting' as const, detail: { for: waits } }] : []),
        ...(refused ? refusedEvents(refused, about) : []),
      ],
      withoutApp: () => carriedOut(entry, item, itemPlan, newId, false),
    },
  );
};

/** At once, but not in a tight circle. */
const soon = ({ attempts }: WalkItem): { inMs: number } => ({ inMs: attempts < 5 ? 0 : backoffMs(attempts - 5) });

/** The write to the app less what may only happen together with a write to the books that did not happen. */
const appWriteOf = (plan: Plan, booksDone: boolean): PlannedWrite | undefined => {
  const write = plan.writes.find(({ side }) => side === 'app');
  if (!write || booksDone || write.paired.length === 0) return write;
  const groups = write.groups.filter((group) => !write.paired.includes(group));
  return groups.length === 0 ? undefined : { ...write, groups, paired: [] };
};

/** Groups whose pending push is answered now: what goes to both sides at once only if it went to the books. */
const pushesAnswered = (plan: Plan, booksDone: boolean): readonly string[] =>
  plan.pushesAnswered.filter((group) => booksDone || !plan.writes.some(({ paired }) => paired.includes(group)));

const booksConfirmed = (entry: Entry, write: PlannedWrite, id: string): Confirmed => {
  const intent = entry.intents.find((one) => one.id === id);
  const after = intent?.answer?.exact ? intent.answer.sighting?.content : undefined;
  return { write, before: intent?.target?.content, after };
};

/** The app's record as it will be; a record born in the books gets an id of ours. */
const recordAfter = (
  entry: Entry,
  { appVersion, decision }: CarryOut,
  toApp: PlannedWrite | undefined,
  pushes: readonly string[],
  newId: () => string,
): RecordWrite => {
  const { twin, record, ability, facet, conflict, snapshot } = entry;
  const moving = toApp && {
    ...toApp,
    // Fields of groups that do not move after all stay as they are.
    content: Object.fromEntries(
      Object.entries(toApp.content).filter(
        ([name]) => toApp.groups.length === 0 || toApp.groups.some((group) => name in groupFields(twin.kind, group)),
      ),
    ),
  };
  const after = moving
    ? applyToRecord(record, moving, facet, ability.facets ?? [], newId)
    : { existence: record!.existence, content: record!.content };
  const cause: Cause =
    decision !== undefined && conflict?.decision
      ? { by: 'person', actor: conflict.decision.actor, id: decision }
      : { by: 'books', id: twin.id, ...(snapshot?.changedBy !== undefined && { actor: snapshot.changedBy }) };
  return {
    kind: twin.kind,
    id: twin.app ?? newId(),
    expected: appVersion,
    ...after,
    pending: Object.fromEntries(Object.entries(record?.pending ?? {}).filter(([group]) => !pushes.includes(group))),
    cause,
  };
};

const closing = (
  { conflict: open }: Entry,
  { decision }: CarryOut,
  conflict: ConflictDraft | undefined,
  stuck: boolean,
): ConflictEnding | undefined => {
  if (!open || conflict) return undefined;
  if (decision === undefined) return 'resolved_itself';
  return stuck ? undefined : 'decided';
};

const takenName = (
  { meeting }: Entry,
  write: PlannedWrite,
  candidates: readonly string[],
): ConflictDraft | undefined =>
  write.operation === 'create' ? namesakeConflict(meeting, 'app', candidates) : undefined;

const askingConflict = (
  { meeting, intents }: Entry,
  { reason, candidates }: NonNullable<Release['asks']>,
): Settlement['conflict'] => ({
  draft: {
    reason,
    groups: [EXISTENCE_GROUP],
    base: undefined,
    app: { existence: meeting.app?.existence, content: meeting.app?.content ?? {} },
    books: endedByReplacing(intents),
    candidates: candidates.map((id) => ({ side: 'books', id })),
    // Each lost answer is a question of its own.
    fingerprint: fingerprint({ reason, intents: intents.map(({ id }) => id), candidates }),
  },
  moneyEffect: undefined,
});

/** What the books had, where it was to be replaced: of the rest of the question it is known that it has ended. */
const endedByReplacing = (intents: readonly Intent[]): Testimony | undefined => {
  const target = intents.find(isReplacing)?.target;
  return target && { existence: 'deleted', content: target.content };
};

const effectOf = ({ twin }: Entry, { app, books }: ConflictDraft): string | undefined =>
  app && books ? moneyEffect(twin.kind, app.content, books.content) : undefined;

/**
 * What the books computed, and what they chose where the app is silent: the SaaS is told, but it is nobody's edit. Refs
 * are left out, they are the books' own.
 */
const factsOf = (
  { twin, snapshot, meeting }: Entry,
  record: Pick<RecordWrite, 'id' | 'content'>,
): Settlement['facts'] => {
  if (!snapshot) return undefined;
  const facts: Content = {};
  for (const [name, { shape, readOnly }] of Object.entries(fieldsOf(twin.kind))) {
    const value = snapshot.content[name] ?? null;
    if (value === null || shape.is === 'ref' || shape.is === 'list') continue;
    const chosen = meeting.decides.has(name) && (record.content[name] ?? null) === null;
    if (readOnly || chosen) facts[name] = value;
  }
  return { ref: { kind: twin.kind, id: record.id }, facts };
};

const writtenEvents = (entry: Entry, item: WalkItem): NewEvent[] => {
  const about = aboutOf(entry, item.cause);
  return answered(entry)
    .filter(({ state }) => state === 'confirmed')
    .map((intent) => ({
      ...about,
      ...(intent.answer?.sighting && { booksId: intent.answer.sighting.id }),
      type: 'books_written' as const,
      detail: {
        intent: intent.id,
        operation: intent.write.operation,
        groups: intent.write.groups,
        before: fieldsIn(intent.kind, groupsLost(intent), intent.target?.content),
        after: intent.write.content,
        decision: intent.decision ?? null,
        policies: intent.write.policies,
      },
    }));
};

/** What of the record the write took away: the groups that it moved, or all that a record which ended had said. */
const groupsLost = ({ kind, write: { groups, existence } }: Intent): readonly string[] =>
  existence && masks(existence.books) ? groupNames(kind) : groups;

const appWrittenEvent = (
  { twin, record: before }: Entry,
  { decision }: CarryOut,
  write: PlannedWrite | undefined,
  record: RecordWrite,
  about: Settlement['about'],
): NewEvent => {
  const groups = write?.groups ?? [];
  return {
    ...about,
    cause: record.cause,
    appId: record.id,
    type: 'app_written',
    detail: {
      version: record.expected + 1,
      operation: write?.operation ?? 'update',
      existence: record.existence,
      groups,
      before: fieldsIn(twin.kind, groups, before?.content),
      after: fieldsIn(twin.kind, groups, record.content),
      content: record.content,
      decision: decision ?? null,
      policies: write?.policies ?? {},
      // Pushes that were too late, and are answered hereby.
      pushes: Object.fromEntries(
        Object.entries(before?.pending ?? {}).filter(([group]) => record.pending[group] === undefined),
      ),
    },
  };
};

const fieldsIn = (kind: KindName, groups: readonly string[], content: Content | undefined): Content =>
  Object.assign({}, ...groups.map((group) => imageOf(kind, group, content ?? {}))) as Content;

const heldEvents = ({ twin }: Entry, { holds }: Plan, about: Settlement['about']): NewEvent[] =>
  holds.length > 0 && fingerprint(holds) !== fingerprint(twin.holds)
    ? [{ ...about, type: 'held', detail: { holds } }]
    : [];

const problemOf = ({ twin }: Entry, code: Problem['code'], message: string, detail: Problem['detail']): Problem => ({
  code,
  message,
  connection: twin.connection,
  twin: twin.id,
  detail,
});

const refusedProblem = (entry: Entry, { failure, ended }: Refused): Problem => {
  const field = failure.is === 'invalid' ? failure.field : undefined;
  const isGone = ended && !ended.madeAgain;
  return problemOf(entry, 'refused_by_provider', isGone ? `${failure.message} ${GONE}` : failure.message, {
    ...{ code: failure.code ?? null, field: field ?? null },
    ...(ended && { ended: ended.id, madeAgain: ended.madeAgain?.id ?? null }),
  });
};

const GONE = 'What was to be replaced had been deleted by then, and could not be made again.';

/** Where a record was lost by the write, its answer has told it already. */
const refusedEvents = ({ intent, failure, ended }: Refused, about: Settlement['about']): NewEvent[] =>
  ended && !ended.madeAgain
    ? []
    : [
        {
          ...about,
          type: 'books_refused',
          detail: { intent, failure, ...(ended?.madeAgain && { ended: ended.id, madeAgain: ended.madeAgain.id }) },
        },
      ];

const findingsProblem = (entry: Entry, findings: CarryOut['findings']): Problem =>
  problemOf(entry, 'refused_before_sending', findings.map(({ path, message }) => `${path} ${message}`).join('; '), {
    findings,
  });
