import type { Content, Existence, KindName } from '../../domain/contract/index.js';
import type { PendingPush } from '../../domain/comparison/index.js';
import type { Cause } from '../history/index.js';

/** One of the SaaS's own records, as Concord keeps it for comparison. */
export interface AppRecord {
  readonly kind: KindName;
  /** The SaaS's own id, or one that Concord gave to a record born in the books. */
  readonly id: string;
  /** Counts the contents; a push says on which one it is based (ENGINE B1). */
  readonly version: number;
  readonly existence: Existence;
  readonly content: Content;
  /** What the books computed or chose and the app is silent about: totals, balance, an assigned number. */
  readonly facts: Content;
  /** Edits of groups that were pushed on too old a version and await a decision, by group. */
  readonly pending: Readonly<Record<string, PendingPush>>;
  readonly updatedAt: Date;
  readonly cause: Cause;
}

/** A new version of a record, to be stored only if the record still is at `expected` (0: does not exist). */
export interface RecordWrite {
  readonly kind: KindName;
  readonly id: string;
  readonly expected: number;
  readonly existence: Existence;
  readonly content: Content;
  readonly pending: Readonly<Record<string, PendingPush>>;
  readonly cause: Cause;
}
