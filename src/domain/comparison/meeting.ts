import type { Content, Existence } from '../contract/content.js';
import type { ContactRole } from '../contract/field.js';
import type { KindName } from '../contract/kind-names.js';
import type { LinePair } from '../contract/lines.js';
import type { Reading } from '../contract/normal-form.js';
import type { Ref } from '../contract/ref.js';

export const SIDES = ['app', 'books'] as const;
export type Side = (typeof SIDES)[number];

export const otherSide = (side: Side): Side => (side === 'app' ? 'books' : 'app');

/** A record as one side shows it now, in that side's own refs. */
export interface View {
  readonly existence: Existence;
  readonly content: Content;
  readonly version: string;
}

/** A group's fields as each side showed them when the group was last settled (ENGINE A1). */
export type Images = Readonly<Record<Side, Content>>;

/** What the two sides last agreed on; it moves group by group (ENGINE A2). */
export interface Base {
  readonly existence?: Readonly<Record<Side, Existence>>;
  readonly groups: Readonly<Record<string, Images>>;
  readonly lines: readonly LinePair[];
  /** A person decided that this record stays on its own side. */
  readonly apart?: boolean;
}

export const NO_BASE: Base = { groups: {}, lines: [] };

/** An edit that the SaaS made on an older version of its record than the books had meanwhile given it (ENGINE B1). */
export interface PendingPush {
  /** The fields of one group as pushed, and as they were in the version that the push was based on. */
  readonly pushed: Content;
  readonly ancestor: Content;
}

/** Joins the refs of the two sides. */
export interface RefBook {
  /** The twin that a side's ref belongs to. */
  twinOf(side: Side, ref: Ref, role: ContactRole | undefined): string | undefined;
  /** What a twin is called at a side; absent for a half twin of the other side. */
  refAt(side: Side, twin: string): Ref | undefined;
}

/** One record as both sides show it, and what is needed to compare it. */
export interface Meeting {
  readonly kind: KindName;
  /** Absent: never met at that side. A record that is gone has a view whose existence says so. */
  readonly app: View | undefined;
  readonly books: View | undefined;
  readonly base: Base;
  readonly pending: Readonly<Record<string, PendingPush>>;
  readonly refs: RefBook;
  /** What both sides can hold. */
  carries(path: string): boolean;
  /** Elements of keyed lists that one side has no place for. */
  lacks?(path: string): boolean;
  /** Fields that the provider may choose or reshape by itself. */
  readonly decides: ReadonlySet<string>;
}

/** How one side's content of this meeting is read for comparison. */
export const readingOf = (
  { refs, carries, lacks }: Pick<Meeting, 'refs' | 'carries' | 'lacks'>,
  side: Side,
): Reading => ({
  nameOf: (ref, role) => refs.twinOf(side, ref, role) ?? `${side}:${ref.kind}:${ref.id}`,
  carries,
  ...(lacks && { lacks }),
});
