import type { KindName, Ref } from '../../../domain/contract/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { HistoryEvent } from '../event.js';

/** An event as people look at it: also one that was committed a moment ago and has no number yet. */
export interface EventView extends HistoryEvent {
  readonly sequence: number | undefined;
  /** SHA-256 in hex of the previous link's hash and this event. */
  readonly hash: string | undefined;
}

/** What a trail is about; an event belongs to it that belongs to any of these. */
export interface Trail {
  readonly twins: readonly string[];
  /** Records of the app. */
  readonly records: readonly Ref[];
  /** Records of the books, as they were called when it happened. */
  readonly books: readonly { readonly connection: string; readonly kind: KindName; readonly id: string }[];
}

/** What people read of the history. */
export abstract class HistoryViews {
  /** Events of a trail, the newest first; those before the given place in that order. */
  abstract page(
    tx: Tx,
    trail: Trail,
    first: number,
    before: { readonly at: Date; readonly id: string } | undefined,
  ): Promise<EventView[]>;
  /** What events have borne this document number; a hundred of each at most. */
  abstract withNumber(tx: Tx, number: string): Promise<Pick<Trail, 'twins' | 'records'>>;
}
