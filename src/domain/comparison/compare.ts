import type { Existence } from '../contract/content.js';
import { groupFields, groupNames } from '../contract/kinds.js';
import { differingFields, normalGroup, sameNormal, type NormalGroup } from '../contract/normal-form.js';
import type { Content } from '../contract/content.js';
import type { KindName } from '../contract/kind-names.js';
import { readingOf, SIDES, type Meeting, type Side } from './meeting.js';

export const VERDICTS = ['same', 'app_changed', 'books_changed', 'both_alike', 'clash'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One customer's choice for a kind: whether edits of different groups may be merged (`group`) or not (`record`). */
export type Granularity = 'record' | 'group';

export interface Comparison {
  readonly existence: Verdict;
  readonly groups: Readonly<Record<string, Verdict>>;
}

/** An existence that hides what the record says: a voided document shows zeroes, a deleted one shows nothing (A4). */
export const masks = (existence: Existence): boolean =>
  existence === 'voided' || existence === 'deleted' || existence === 'merged';

/** The fields of one group that a content mentions. */
export const imageOf = (kind: KindName, group: string, content: Content): Content =>
  Object.fromEntries(
    Object.keys(groupFields(kind, group))
      .filter((name) => (content[name] ?? null) !== null)
      .map((name) => [name, content[name]!]),
  );

/**
 * Three-way comparison of a record that both sides show (SPEC.md, C1 to C9). *Changed* compares a side with its own
 * image in the base; *alike* compares the two sides with each other.
 */
export const compare = (meeting: Meeting, granularity: Granularity): Comparison => {
  const { app, books } = meeting;
  if (!app || !books) {
    const verdict: Verdict = app ? 'app_changed' : books ? 'books_changed' : 'same';
    return {
      existence: verdict,
      groups: Object.fromEntries(groupNames(meeting.kind).map((group) => [group, verdict])),
    };
  }

  const groups = Object.fromEntries(groupNames(meeting.kind).map((group) => [group, groupVerdict(meeting, group)]));
  const existence = existenceVerdict(meeting);

  if (masks(app.existence) || masks(books.existence)) {
    return { existence: maskedVerdict(meeting, existence, groups), groups: every(groups, 'same') };
  }
  if (granularity === 'record' && touched('app', existence, groups) && touched('books', existence, groups)) {
    return { existence: hardened(existence), groups: mapped(groups, hardened) };
  }
  return { existence, groups };
};

const groupVerdict = (meeting: Meeting, group: string): Verdict => {
  const { app, books, base, pending } = meeting;
  const now = {
    app: normalOf(meeting, 'app', group, app!.content),
    books: normalOf(meeting, 'books', group, books!.content),
  };

  const push = pending[group];
  if (push && !sameNormal(normalOf(meeting, 'app', group, push.pushed), now.app)) return 'clash';

  const alike = sidesAlike(now.app, now.books, meeting.decides);
  const images = base.groups[group];
  if (!images) return alike ? 'both_alike' : firstVerdict(now);

  const [appChanged, booksChanged] = SIDES.map(
    (side) => !sameNormal(now[side], normalOf(meeting, side, group, images[side])),
  );
  if (!appChanged && !booksChanged) return 'same';
  if (alike) return 'both_alike';
  if (appChanged && booksChanged) return 'clash';
  return appChanged ? 'app_changed' : 'books_changed';
};

/** Of records that never agreed: a side that says nothing is filled from the other; two that differ are a clash. */
const firstVerdict = ({ app, books }: Record<Side, NormalGroup>): Verdict => {
  const differing = differingFields(app, books);
  if (differing.every((field) => app[field] === undefined)) return 'books_changed';
  return differing.every((field) => books[field] === undefined) ? 'app_changed' : 'clash';
};

/** Equal, where a value that only the provider chose does not count as a difference (ENGINE A1). */
const sidesAlike = (app: NormalGroup, books: NormalGroup, decides: ReadonlySet<string>): boolean =>
  differingFields(app, books).every(
    (field) => decides.has(field) && (app[field] === undefined || books[field] === undefined),
  );

/** Whether both sides show the same in a group now. */
export const agree = (meeting: Meeting, group: string): boolean =>
  sidesAlike(
    normalOf(meeting, 'app', group, meeting.app!.content),
    normalOf(meeting, 'books', group, meeting.books!.content),
    meeting.decides,
  );

const existenceVerdict = ({ app, books, base }: Meeting): Verdict => {
  const alike = app!.existence === books!.existence;
  if (!base.existence) return alike ? 'both_alike' : 'clash';
  const appChanged = app!.existence !== base.existence.app;
  const booksChanged = books!.existence !== base.existence.books;
  if (!appChanged && !booksChanged) return 'same';
  if (alike) return 'both_alike';
  if (appChanged && booksChanged) return 'clash';
  return appChanged ? 'app_changed' : 'books_changed';
};

/** A void or delete against any edit of the other side is a clash of existence (ENGINE A4). */
const maskedVerdict = (meeting: Meeting, existence: Verdict, groups: Readonly<Record<string, Verdict>>): Verdict => {
  const ended = existence === 'app_changed' ? 'app' : existence === 'books_changed' ? 'books' : undefined;
  if (!ended || !masks(meeting[ended]!.existence)) return existence;
  const editor: Side = ended === 'app' ? 'books' : 'app';
  return Object.keys(groups).some((group) => changedAt(meeting, editor, group)) ? 'clash' : existence;
};

const changedAt = (meeting: Meeting, side: Side, group: string): boolean => {
  const image = meeting.base.groups[group]?.[side];
  const push = side === 'app' && meeting.pending[group] !== undefined;
  return (
    push ||
    (image !== undefined &&
      !sameNormal(normalOf(meeting, side, group, meeting[side]!.content), normalOf(meeting, side, group, image)))
  );
};

const normalOf = (meeting: Meeting, side: Side, group: string, content: Content): NormalGroup =>
  normalGroup(meeting.kind, group, content, readingOf(meeting, side));

const touched = (side: Side, existence: Verdict, groups: Readonly<Record<string, Verdict>>): boolean =>
  [existence, ...Object.values(groups)].some((verdict) => verdict === `${side}_changed` || verdict === 'clash');

const hardened = (verdict: Verdict): Verdict =>
  verdict === 'app_changed' || verdict === 'books_changed' ? 'clash' : verdict;

const mapped = (
  groups: Readonly<Record<string, Verdict>>,
  to: (verdict: Verdict) => Verdict,
): Record<string, Verdict> =>
  Object.fromEntries(Object.entries(groups).map(([group, verdict]) => [group, to(verdict)]));

const every = (groups: Readonly<Record<string, Verdict>>, verdict: Verdict): Record<string, Verdict> =>
  mapped(groups, () => verdict);
