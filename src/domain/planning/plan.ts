import type { Content, Existence } from '../contract/content.js';
import type { ContactRole } from '../contract/field.js';
import type { Ref } from '../contract/ref.js';
import type { Verdict } from '../comparison/compare.js';
import type { Images, Side } from '../comparison/meeting.js';
import type { ConflictDraft } from '../conflict/conflict.js';
import type { Rule } from '../conflict/policy.js';
import type { Operation } from '../provider/write.js';

/** What follows from comparing a record's two sides: writes, conflicts and waits, and what is settled without a write. */
export interface Plan {
  /** Per field group, and under `existence`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** At most one for each side. */
  readonly writes: readonly PlannedWrite[];
  readonly settle: Settling;
  readonly conflict?: ConflictDraft;
  /** Records that the target side must have first. */
  readonly needs: readonly Need[];
  /** What is not moved, and why. */
  readonly holds: readonly Hold[];
  /** More remains to be done when the writes are; the record is to be walked again. */
  readonly again: boolean;
  /** Groups whose pending push is answered once this plan's writes are confirmed. */
  readonly pushesAnswered: readonly string[];
}

export interface PlannedWrite {
  /** The side that is written to. */
  readonly side: Side;
  readonly operation: Operation;
  /** The groups that move; none when only the existence does. */
  readonly groups: readonly string[];
  /**
   * In the refs of the side written to. To create: the whole record; to update: the fields that move, null where one is
   * cleared. Elements that stay the same element carry that side's ids.
   */
  readonly content: Content;
  /** The policies by which a clash was decided, per group and under `existence`. */
  readonly policies: Readonly<Record<string, Rule>>;
  /** Groups that go to both sides at once; they are settled only together. */
  readonly paired: readonly string[];
  /** Per moving group, what the other side showed: its image in the base once the write is confirmed (ENGINE A7). */
  readonly sources: Readonly<Record<string, Content>>;
  /** The existences of both sides once the write is confirmed; absent where the write says nothing about them. */
  readonly existence?: Readonly<Record<Side, Existence>>;
}

/** What becomes base without any write: nothing had to move. */
export interface Settling {
  readonly groups: Readonly<Record<string, Images>>;
  readonly existence?: Readonly<Record<Side, Existence>>;
  readonly apart?: boolean;
}

/** The record that `ref` names must exist at `side` before the write can be made. */
export interface Need {
  readonly side: Side;
  /** As the other side names it. */
  readonly ref: Ref;
  readonly role: ContactRole | undefined;
  /** The twin, if the ref is known already. */
  readonly twin: string | undefined;
  /** Where it is referred to, such as `lines[2].item`. */
  readonly path: string;
  /** A write without it would be wrong; an optional one may follow in a second walk (ENGINE E5). */
  readonly required: boolean;
}

/** Something that stays where it is, and the reason in a code that `explain` puts into words. */
export type Hold =
  | { readonly code: 'state_not_held'; readonly side: Side; readonly state: string }
  | { readonly code: 'cannot'; readonly side: Side; readonly operation: Operation; readonly reason: string | undefined }
  | { readonly code: 'before_go_live'; readonly side: Side; readonly date: string; readonly goLive: string }
  | { readonly code: 'creation_off'; readonly side: Side }
  | { readonly code: 'ended_for_good'; readonly side: Side; readonly existence: Existence };

export const EMPTY_PLAN: Plan = {
  verdicts: {},
  writes: [],
  settle: { groups: {} },
  needs: [],
  holds: [],
  again: false,
  pushesAnswered: [],
};
