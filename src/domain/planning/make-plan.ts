import type { Content, Existence } from '../contract/content.js';
import { groupFields, groupNames } from '../contract/kinds.js';
import { fingerprint } from '../contract/fingerprint.js';
import { normalGroup } from '../contract/normal-form.js';
import { agree, compare, imageOf, masks, type Comparison, type Verdict } from '../comparison/compare.js';
import { otherSide, readingOf, SIDES, type Meeting, type Side, type View } from '../comparison/meeting.js';
import { EXISTENCE_GROUP, type PolicyBook, type Rule } from '../conflict/policy.js';
import type { Choice, ConflictDraft, ConflictReason, Decision, Testimony } from '../conflict/conflict.js';
import type { Operation } from '../provider/write.js';
import { EMPTY_PLAN, type Hold, type Need, type Plan, type PlannedWrite, type Settling } from './plan.js';
import { translateGroup } from './translate.js';

/** What one side can do with this kind. */
export interface SideAbility {
  readonly operations: ReadonlySet<Operation>;
  /** Ends from which a record can live again there, be it under a new id. */
  readonly revives: ReadonlySet<Existence>;
  /** Document states that it can hold; absent: all. */
  readonly states?: ReadonlySet<string>;
  /** Why an operation is impossible, in the provider's README's words. */
  readonly impossible: Readonly<Partial<Record<string, string>>>;
}

/** What the customer allows: a hold where something is not allowed at that side. */
export interface SidePermission {
  readonly write?: Hold;
  readonly create?: Hold;
}

export interface PlanInput {
  readonly meeting: Meeting;
  readonly policies: PolicyBook;
  readonly decision: Decision | undefined;
  readonly abilities: Readonly<Record<Side, SideAbility>>;
  readonly permissions: Readonly<Record<Side, SidePermission>>;
  /** Ids of records at a side that carry the natural key of the record to be created there (ENGINE C4). */
  readonly namesakes: Readonly<Record<Side, readonly string[]>>;
  /** Twins that wait, directly or not, for this one (ENGINE E5). */
  readonly cut: ReadonlySet<string>;
}

/**
 * The plan for one record: pure, and the same for the same input. It never writes over a change that nobody decided
 * about, never posts what is held back, and once carried out plans nothing more (SPEC.md P1 to P9).
 */
export const makePlan = (input: PlanInput): Plan => {
  const { app, books, base } = input.meeting;
  if (base.apart || (!app && !books)) return EMPTY_PLAN;
  const born: Side | undefined = !books ? 'app' : !app ? 'books' : undefined;
  return born ? planCreation(input, born) : planMeeting(input);
};

/**
 * How the verdict on a group is carried out. A version that was *chosen* over another one must prevail also where it is
 * silent; a version that merely changed leaves alone what it never spoke of.
 */
type Course =
  | { readonly take: 'app' | 'books'; readonly chosen: boolean; readonly rule?: Rule }
  | Extract<Choice, { take: 'edited' }>
  | { readonly take: 'nothing' | 'settled' | 'apart' | 'ask' };

const planMeeting = (input: PlanInput): Plan => {
  const { meeting, policies } = input;
  const { kind } = meeting;
  const comparison = compare(meeting, policies.granularityOf(kind));
  const verdicts: Record<string, Verdict> = { ...comparison.groups, [EXISTENCE_GROUP]: comparison.existence };
  const clashing = Object.keys(verdicts).filter((group) => verdicts[group] === 'clash');
  const answer = answerTo(input, clashing, comparison);
  const courseOf = (group: string): Course => {
    switch (verdicts[group]!) {
      case 'same':
        return { take: 'nothing' };
      case 'both_alike':
        return { take: 'settled' };
      case 'app_changed':
        return { take: 'app', chosen: false };
      case 'books_changed':
        return { take: 'books', chosen: false };
      case 'clash':
        return clashCourse(policies.ruleFor(kind, group), answer?.choices[group]);
    }
  };
  const courses = Object.fromEntries(Object.keys(verdicts).map((group) => [group, courseOf(group)]));
  const stillAsked = clashing.filter((group) => courses[group]!.take === 'ask');

  const course = courses[EXISTENCE_GROUP]!;
  const outcome =
    course.take === 'app' || course.take === 'books'
      ? carryExistence(input, course.take, courses)
      : moveGroups(
          input,
          courses,
          course.take === 'apart' || course.take === 'settled' ? existences(meeting) : undefined,
        );
  const intoApp = outcome.writes.find((write) => write.side === 'app')?.groups ?? [];
  const answered = (group: string): boolean => {
    const { take } = courses[group]!;
    return take === 'app' || take === 'edited' ? intoApp.includes(group) : take !== 'ask';
  };

  return {
    ...outcome,
    writes: outcome.writes.map((write) => ({ ...write, policies: policiesOf(write, courses) })),
    verdicts,
    ...(stillAsked.length > 0 && { conflict: conflictOf(meeting, stillAsked, comparison) }),
    pushesAnswered: Object.keys(meeting.pending).filter(answered),
  };
};

/**
 * The person's decision, if the clash that it answered is unchanged. It was about these very values, so it comes before a
 * policy that was set meanwhile for clashes in general.
 */
const answerTo = (
  { meeting, policies, decision }: PlanInput,
  clashing: readonly string[],
  comparison: Comparison,
): Decision | undefined => {
  if (!decision) return undefined;
  const asked = clashing.filter((group) => policies.ruleFor(meeting.kind, group) === 'review');
  const answered = clashing.filter((group) => decision.choices[group] !== undefined);
  const counts = [asked, answered].some(
    (groups) => groups.length > 0 && conflictOf(meeting, groups, comparison).fingerprint === decision.fingerprint,
  );
  return counts ? decision : undefined;
};

/** Which policies this write carries out: those of its groups, or of existence if it moves that. */
const policiesOf = (write: PlannedWrite, courses: Readonly<Record<string, Course>>): Record<string, Rule> =>
  Object.fromEntries(
    [...write.groups, ...(write.existence ? [EXISTENCE_GROUP] : [])].flatMap((group) => {
      const course = courses[group];
      return course && 'rule' in course && course.rule ? [[group, course.rule]] : [];
    }),
  );

const WINNERS = { app_wins: 'app', books_wins: 'books' } as const;

const clashCourse = (rule: Rule, choice: Choice | undefined): Course => {
  if (!choice) return rule === 'review' ? { take: 'ask' } : { take: WINNERS[rule], chosen: true, rule };
  switch (choice.take) {
    case 'app':
    case 'books':
      return { take: choice.take, chosen: true };
    case 'apart':
    case 'edited':
      return choice;
  }
};

type Outcome = Omit<Plan, 'verdicts' | 'conflict' | 'pushesAnswered'>;

const existences = ({ app, books }: Meeting): Record<Side, Existence> => ({
  app: app!.existence,
  books: books!.existence,
});

/** Moves the groups that have a course; `settled` is the existence that becomes base by the way. */
const moveGroups = (
  input: PlanInput,
  courses: Readonly<Record<string, Course>>,
  settled: Record<Side, Existence> | undefined,
): Outcome => {
  const { meeting } = input;
  const groups: Record<string, Settling['groups'][string]> = {};
  const moves: Record<Side, Move[]> = { app: [], books: [] };
  for (const group of groupNames(meeting.kind)) {
    const course = withoutRepeating(meeting, group, courses[group] ?? { take: 'nothing' });
    switch (course.take) {
      case 'settled':
      case 'apart':
        groups[group] = {
          app: imageOf(meeting.kind, group, meeting.app!.content),
          books: imageOf(meeting.kind, group, meeting.books!.content),
        };
        break;
      case 'app':
      case 'books':
        for (const move of movesOf(meeting, group, course)) moves[move.to].push(move);
        break;
      case 'edited':
        for (const to of SIDES) moves[to].push({ to, group, source: course.content, chosen: true, paired: true });
        break;
      case 'nothing':
      case 'ask':
        break;
    }
  }
  const intoBooks = writeGroups(input, 'books', moves.books);
  // What goes to both sides goes to neither alone.
  const heldFromBooks = new Set(moves.books.map(({ group }) => group).filter((group) => !writes(intoBooks, group)));
  const intoApp = writeGroups(
    input,
    'app',
    moves.app.filter(({ group }) => !heldFromBooks.has(group)),
  );
  const written = [intoApp, intoBooks];
  return {
    writes: written.flatMap(({ write }) => (write ? [write] : [])),
    needs: written.flatMap(({ needs }) => needs),
    holds: written.flatMap(({ holds }) => holds),
    settle: { groups, ...(settled && { existence: settled }) },
    again: written.some(({ again }) => again),
  };
};

/** A late push that is dropped for what the books say, which the app has learnt already, leaves nothing to write. */
const withoutRepeating = (meeting: Meeting, group: string, course: Course): Course =>
  course.take === 'books' && meeting.pending[group] && agree(meeting, group) ? { take: 'settled' } : course;

interface Move {
  readonly to: Side;
  readonly group: string;
  /** The content, in the source's refs, whose group moves. */
  readonly source: Content;
  /** The target must end equal, also where the source is silent. */
  readonly chosen: boolean;
  /** The same content goes to the other side too. */
  readonly paired: boolean;
}

/** Where a group goes when one side's version is taken. A pending push is taken by writing it to both sides. */
const movesOf = (meeting: Meeting, group: string, course: { take: Side; chosen: boolean }): Move[] => {
  const push = meeting.pending[group];
  if (course.take === 'app' && push) {
    return SIDES.map((to) => ({ to, group, source: push.pushed, chosen: true, paired: true }));
  }
  return [
    { to: otherSide(course.take), group, source: meeting[course.take]!.content, chosen: course.chosen, paired: false },
  ];
};

interface Written {
  readonly write?: PlannedWrite;
  readonly needs: readonly Need[];
  readonly holds: readonly Hold[];
  readonly again: boolean;
}

const writes = ({ write }: Written, group: string): boolean => write?.groups.includes(group) ?? false;

const NOTHING_WRITTEN: Written = { needs: [], holds: [], again: false };

/** One update of one side with all groups that can move to it now. */
const writeGroups = (input: PlanInput, to: Side, moves: readonly Move[]): Written => {
  if (moves.length === 0) return NOTHING_WRITTEN;
  const { meeting } = input;
  const ability = input.abilities[to];
  const operation = (['update', 'replace'] as const).find((one) => ability.operations.has(one));
  const hold =
    input.permissions[to].write ?? stateHold(input, to) ?? (operation ? undefined : cannot(input, to, 'update'));
  if (hold) return { ...NOTHING_WRITTEN, holds: [hold] };

  const content: Content = {};
  const sources: Record<string, Content> = {};
  const needs: Need[] = [];
  let again = false;
  for (const { group, source, chosen } of moves) {
    // Edited values and pushes are worded in the app's refs, so the app takes them as they are.
    const translated =
      to === 'app' && source !== meeting.books!.content
        ? { content: imageOf(meeting.kind, group, source), needs: [], omitted: [] }
        : translateGroup({ meeting, to, cut: input.cut }, group, source);
    if (translated.needs.length > 0) {
      needs.push(...translated.needs);
      continue;
    }
    again ||= translated.omitted.length > 0;
    Object.assign(content, translated.content, clearings(meeting, to, group, source, chosen));
    sources[group] = without(imageOf(meeting.kind, group, source), translated.omitted);
  }
  const groups = Object.keys(sources);
  if (groups.length === 0) return { ...NOTHING_WRITTEN, needs };
  const whole = operation === 'replace' ? overlaid(writable(meeting, meeting[to]!.content), content) : content;
  const paired = moves.filter((move) => move.paired && groups.includes(move.group)).map(({ group }) => group);
  return {
    write: { side: to, operation: operation!, groups, content: whole, policies: {}, paired, sources },
    needs,
    holds: [],
    again,
  };
};

/** A record that is replaced is written whole: the moving fields over what the target shows. */
const overlaid = (current: Content, moving: Content): Content =>
  Object.fromEntries(Object.entries({ ...current, ...moving }).filter(([, value]) => value !== null));

const writable = (meeting: Meeting, content: Content): Content =>
  Object.assign({}, ...groupNames(meeting.kind).map((group) => imageOf(meeting.kind, group, content))) as Content;

/**
 * Fields of the target that the source's version lacks. A field that the source once showed was emptied on purpose; a
 * field on which it was always silent is left alone, unless its version was chosen over the target's.
 */
const clearings = (meeting: Meeting, to: Side, group: string, source: Content, chosen: boolean): Content => {
  const from = otherSide(to);
  const image = meeting.base.groups[group]?.[from] ?? {};
  const cleared: Content = {};
  for (const name of Object.keys(groupFields(meeting.kind, group))) {
    if (!meeting.carries(name) || (source[name] ?? null) !== null) continue;
    if ((meeting[to]!.content[name] ?? null) === null) continue;
    const emptied = (image[name] ?? null) !== null;
    if (emptied || (chosen && !meeting.decides.has(name))) cleared[name] = null;
  }
  return cleared;
};

/** The course of existence is decided: one side ends, archives or brings back the record at the other side. */
const carryExistence = (input: PlanInput, from: Side, courses: Readonly<Record<string, Course>>): Outcome => {
  const { meeting } = input;
  const to = otherSide(from);
  const wanted = meeting[from]!.existence;
  const current = meeting[to]!.existence;
  if (masks(current)) return bringBack(input, from);

  // Edits that move to the same side go first; the existence follows in the next walk (one open intent for each side).
  const moved = masks(wanted) ? undefined : moveGroups(input, courses, undefined);
  if (moved?.writes.some((write) => write.side === to)) return { ...moved, again: true };

  const rest = moved ?? { ...EMPTY_OUTCOME };
  const operation = endingOf(wanted, current);
  const hold =
    input.permissions[to].write ??
    (operation === undefined || (to === 'books' && wanted === 'merged')
      ? ({ code: 'ended_for_good', side: to, existence: wanted } as const)
      : input.abilities[to].operations.has(operation)
        ? undefined
        : cannot(input, to, operation));
  if (hold) return { ...rest, holds: [...rest.holds, hold] };
  const write: PlannedWrite = {
    side: to,
    operation: operation!,
    groups: [],
    content: {},
    paired: [],
    policies: {},
    sources: {},
    existence: { app: wanted, books: wanted },
  };
  return { ...rest, writes: [...rest.writes, write] };
};

const EMPTY_OUTCOME: Outcome = { writes: [], needs: [], holds: [], settle: { groups: {} }, again: false };

const endingOf = (wanted: Existence, current: Existence): Operation | undefined => {
  switch (wanted) {
    case 'present':
      return current === 'archived' ? 'restore' : undefined;
    case 'archived':
      return 'archive';
    case 'voided':
      return 'void';
    case 'deleted':
    case 'merged':
      return 'delete';
  }
};

/** The record lives on at `from` by somebody's decision, though it ended at the other side: it is written there anew. */
const bringBack = (input: PlanInput, from: Side): Outcome => {
  const { meeting } = input;
  const to = otherSide(from);
  const wanted = meeting[from]!.existence;
  const current = meeting[to]!.existence;
  if (masks(wanted)) {
    // Both ended, each in its own way; nothing can be moved any more.
    return { ...EMPTY_OUTCOME, settle: { groups: {}, existence: existences(meeting) } };
  }
  const operation: Operation = to === 'app' ? 'restore' : 'create';
  const hold =
    input.permissions[to].write ??
    stateHold(input, to) ??
    (input.abilities[to].revives.has(current)
      ? undefined
      : ({ code: 'ended_for_good', side: to, existence: current } as const)) ??
    (input.abilities[to].operations.has(operation) ? undefined : cannot(input, to, operation));
  if (hold) return { ...EMPTY_OUTCOME, holds: [hold] };
  // What is gone has no elements to keep.
  const fresh: Meeting = { ...meeting, [to]: undefined, base: { ...meeting.base, lines: [] } };
  return writeWhole({ ...input, meeting: fresh }, from, operation);
};

const planCreation = (input: PlanInput, from: Side): Plan => {
  const { meeting } = input;
  const to = otherSide(from);
  const view = meeting[from]!;
  const verdict: Verdict = from === 'app' ? 'app_changed' : 'books_changed';
  const verdicts = Object.fromEntries([...groupNames(meeting.kind), EXISTENCE_GROUP].map((group) => [group, verdict]));
  if (view.existence !== 'present') return { ...EMPTY_PLAN, verdicts };

  const hold =
    input.permissions[to].write ??
    input.permissions[to].create ??
    stateHold(input, to) ??
    (input.abilities[to].operations.has('create') ? undefined : cannot(input, to, 'create'));
  if (hold) return { ...EMPTY_PLAN, verdicts, holds: [hold] };

  const namesakes = input.namesakes[to];
  if (namesakes.length === 0) return { ...EMPTY_PLAN, verdicts, ...writeWhole(input, from, 'create') };

  const conflict = namesakeConflict(meeting, from, namesakes);
  const choice =
    input.decision?.fingerprint === conflict.fingerprint ? input.decision.choices[EXISTENCE_GROUP] : undefined;
  if (!choice) return { ...EMPTY_PLAN, verdicts, conflict };
  if (choice.take === 'edited') {
    return { ...EMPTY_PLAN, verdicts, ...writeWhole(input, from, 'create', choice.content) };
  }
  // To keep the side that has the namesake is to leave the record where it was born.
  return choice.take === from
    ? { ...EMPTY_PLAN, verdicts, ...writeWhole(input, from, 'create') }
    : { ...EMPTY_PLAN, verdicts, settle: { groups: {}, apart: true } };
};

/**
 * Writes the whole record to the side that does not have it. `edited` (in the app's refs) is what a person wants to be
 * different over there, such as a name that is still free; the source keeps its own.
 */
const writeWhole = (input: PlanInput, from: Side, operation: Operation, edited: Content = {}): Outcome => {
  const { meeting, cut } = input;
  const to = otherSide(from);
  const source = meeting[from]!.content;
  const wanted = from === 'app' ? { ...source, ...edited } : source;
  const parts = groupNames(meeting.kind).map((group) => ({
    group,
    ...translateGroup({ meeting, to, cut }, group, wanted),
  }));
  const needs = parts.flatMap((part) => part.needs);
  if (needs.length > 0) return { ...EMPTY_OUTCOME, needs };
  const write: PlannedWrite = {
    side: to,
    operation,
    groups: parts.map(({ group }) => group),
    content: Object.assign({}, ...parts.map(({ content }) => content), from === 'books' ? edited : {}) as Content,
    paired: [],
    policies: {},
    sources: Object.fromEntries(
      parts.map(({ group, omitted }) => [group, without(imageOf(meeting.kind, group, source), omitted)]),
    ),
    existence: { app: meeting[from]!.existence, books: meeting[from]!.existence },
  };
  return { ...EMPTY_OUTCOME, writes: [write], again: parts.some(({ omitted }) => omitted.length > 0) };
};

const without = (content: Content, names: readonly string[]): Content =>
  Object.fromEntries(Object.entries(content).filter(([name]) => !names.includes(name)));

/** A draft is never posted: a state that the target cannot hold keeps the record back (ENGINE A5). */
const stateHold = ({ meeting, abilities }: PlanInput, to: Side): Hold | undefined => {
  const state = meeting[otherSide(to)]?.content.state;
  const { states } = abilities[to];
  return typeof state === 'string' && states && !states.has(state)
    ? { code: 'state_not_held', side: to, state }
    : undefined;
};

const cannot = ({ abilities }: PlanInput, side: Side, operation: Operation): Hold => ({
  code: 'cannot',
  side,
  operation,
  reason: abilities[side].impossible[operation],
});

const conflictOf = (meeting: Meeting, groups: readonly string[], comparison: Comparison): ConflictDraft => {
  const ended = groups.includes(EXISTENCE_GROUP);
  const shown = ended ? groupNames(meeting.kind) : groups;
  const testimony = (side: Side): Testimony => ({
    existence: meeting[side]?.existence,
    content: Object.assign({}, ...shown.map((group) => spoken(meeting, side, group))) as Content,
  });
  const base = shown.some((group) => meeting.base.groups[group] !== undefined)
    ? {
        existence: meeting.base.existence?.app,
        content: Object.assign({}, ...shown.map((group) => agreed(meeting, group))) as Content,
      }
    : undefined;
  return {
    reason: reasonOf(meeting, groups, comparison),
    groups: [...groups].sort(),
    base,
    app: testimony('app'),
    books: testimony('books'),
    candidates: [],
    fingerprint: clashFingerprint(meeting, groups, shown),
  };
};

/** What a side says of a group; for the app, a push that waits speaks louder than the record it was too late for. */
const spoken = (meeting: Meeting, side: Side, group: string): Content =>
  (side === 'app' ? meeting.pending[group]?.pushed : undefined) ??
  imageOf(meeting.kind, group, meeting[side]?.content ?? {});

const agreed = (meeting: Meeting, group: string): Content =>
  meeting.pending[group]?.ancestor ?? meeting.base.groups[group]?.app ?? {};

const reasonOf = (meeting: Meeting, groups: readonly string[], comparison: Comparison): ConflictReason => {
  if (groups.some((group) => meeting.pending[group])) return 'push_on_old_version';
  if (comparison.existence === 'clash' && groups.includes(EXISTENCE_GROUP)) return 'ended_and_edited';
  return groups.some((group) => meeting.base.groups[group]) ? 'both_edited' : 'never_agreed';
};

const clashFingerprint = (meeting: Meeting, groups: readonly string[], shown: readonly string[]): string =>
  fingerprint({
    groups: [...groups].sort(),
    sides: SIDES.map((side) => ({
      existence: meeting[side]?.existence,
      groups: shown.map((group) =>
        normalGroup(meeting.kind, group, spoken(meeting, side, group), readingOf(meeting, side)),
      ),
    })),
  });

/** The review entry of a create whose natural key is taken; `ids` are the holders as the target side names them. */
export const namesakeConflict = (meeting: Meeting, from: Side, ids: readonly string[]): ConflictDraft => {
  const to = otherSide(from);
  const view: View = meeting[from]!;
  const testimony: Testimony = { existence: view.existence, content: writable(meeting, view.content) };
  return {
    reason: 'namesake',
    groups: [EXISTENCE_GROUP],
    base: undefined,
    app: from === 'app' ? testimony : undefined,
    books: from === 'books' ? testimony : undefined,
    candidates: [...ids].sort().map((id) => ({ side: to, id })),
    fingerprint: fingerprint({ namesakes: [...ids].sort(), side: to }),
  };
};
