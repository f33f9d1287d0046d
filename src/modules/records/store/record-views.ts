import type { Existence, KindName, Ref } from '../../../domain/contract/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { AppRecord } from '../app-record.js';

export interface RecordFilter {
  readonly kind?: KindName;
  readonly existence?: Existence;
  /** The document's number. */
  readonly number?: string;
  /** The name that people know it by (display name, name or number); trimmed and caseless. Needs a kind. */
  readonly name?: string;
  readonly changedAfter?: Date;
}

/** By id: the same order for ever. By change: the last one to change first, and a record that changes moves to the front. */
export type RecordOrder = 'id' | 'changed';

/** A record's place in either order. */
export interface RecordPlace extends Ref {
  readonly updatedAt: Date;
}

/** What people read of the app's records. */
export abstract class RecordViews {
  /** Records after a place in the given order. */
  abstract page(
    tx: Tx,
    filter: RecordFilter,
    order: RecordOrder,
    first: number,
    after: RecordPlace | undefined,
  ): Promise<AppRecord[]>;
  /** The records that have this document number now, a hundred at most. */
  abstract withNumber(tx: Tx, number: string): Promise<Ref[]>;
}
