import type { Existence, KindName } from '../../../domain/contract/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { Snapshot } from './snapshot-store.js';

/** A record of the books as it was last seen, and what it is linked with. */
export interface BooksView extends Snapshot {
  readonly connection: string;
  readonly twin: string | undefined;
  /** The app's record that it is the same as; absent for one that the app does not have. */
  readonly appId: string | undefined;
}

export interface BooksFilter {
  readonly connection: string;
  readonly kind: KindName;
  readonly existence?: Existence;
  /** Whether it is linked with a record of the app. */
  readonly linked?: boolean;
  /** Part of its name, number or code, caseless. */
  readonly search?: string;
}

/** What people read of the books' records. */
export abstract class BooksViews {
  /** By the books' id; those after the given one. */
  abstract page(tx: Tx, filter: BooksFilter, first: number, after: string | undefined): Promise<BooksView[]>;
  /** The records that have this document number, a hundred at most. */
  abstract withNumber(
    tx: Tx,
    number: string,
  ): Promise<{ readonly connection: string; readonly kind: KindName; readonly id: string }[]>;
}
