import type { Content, Existence } from '../contract/content.js';
import { exact, isDecimal, type Exact } from '../contract/decimal.js';
import { fieldsOf } from '../contract/kinds.js';
import type { KindName } from '../contract/kind-names.js';
import type { Side } from '../comparison/meeting.js';

/** Why a person is asked. */
export const CONFLICT_REASONS = [
  /** Both sides edited the same group to different values. */
  'both_edited',
  /** Both sides have the record, they differ, and nothing tells who changed what. */
  'never_agreed',
  /** One side ended the record (delete, void…) while the other side edited or ended it differently. */
  'ended_and_edited',
  /** The SaaS pushed an edit that was made without knowing the books' edit of the same group. */
  'push_on_old_version',
  /** The record to be created seems to exist on the other side already. */
  'namesake',
  /** The answer to a create was lost and the provider offers no way to find out what became of it. */
  'outcome_unknown',
] as const;
export type ConflictReason = (typeof CONFLICT_REASONS)[number];

/** What one side says in a conflict. */
export interface Testimony {
  readonly existence: Existence | undefined;
  /** Only the fields of the groups that clash. */
  readonly content: Content;
}

/** A clash that the policy leaves to a person. */
export interface ConflictDraft {
  readonly reason: ConflictReason;
  /** The clashing groups; `existence` among them when the clash is about that. */
  readonly groups: readonly string[];
  readonly base: Testimony | undefined;
  readonly app: Testimony | undefined;
  readonly books: Testimony | undefined;
  /** Records of the other side that seem to be the same, as that side names them. */
  readonly candidates: readonly { readonly side: Side; readonly id: string }[];
  /** Equal as long as the clash is the same clash; a decision answers exactly one. */
  readonly fingerprint: string;
}

export type Take = 'app' | 'books' | 'apart' | 'edited';

/** A person's answer, group by group. Edited values are in the app's refs. */
export type Choice =
  | { readonly take: 'app' | 'books' }
  | { readonly take: 'apart' }
  | { readonly take: 'edited'; readonly content: Content };

export interface Decision {
  readonly id: string;
  /** The clash that it answers; once the clash has changed, the decision says nothing any more. */
  readonly fingerprint: string;
  readonly choices: Readonly<Record<string, Choice>>;
}

/**
 * How much money the two versions are apart: the difference of the documents' amounts (books less app), or undefined
 * where the kind or the clash has no amount.
 */
export const moneyEffect = (kind: KindName, app: Content, books: Content): string | undefined => {
  const [one, other] = [amountOf(kind, app), amountOf(kind, books)];
  return one === undefined || other === undefined ? undefined : other.minus(one).toFixed();
};

const amountOf = (kind: KindName, content: Content): Exact | undefined => {
  if (isDecimal(content.amount)) return exact(content.amount);
  const shape = fieldsOf(kind).lines?.shape;
  if (shape?.is !== 'list' || !Array.isArray(content.lines)) return undefined;
  return (content.lines as Content[])
    .map((line) => shape.derive?.(line, content) ?? line)
    .filter((line) => line.side !== 'credit')
    .reduce((total, line) => (isDecimal(line.amount) ? total.plus(line.amount) : total), exact('0'));
};
