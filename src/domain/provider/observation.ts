import type { Content, Existence } from '../contract/content.js';
import type { KindName } from '../contract/kind-names.js';
import type { ProviderFailure } from './failure.js';

/** A record to look at in the books. The kind may be known only after reading (ENGINE C5). */
export interface Target {
  readonly candidates: readonly KindName[];
  /** The books' id, unique within a kind; adapters prefix where the vendor's own ids are not. */
  readonly id: string;
}

/** A record as the books showed it. */
export interface Sighting {
  readonly kind: KindName;
  readonly id: string;
  /** Which of several cards of one record this is, where the provider keeps several (ENGINE C1). */
  readonly facet?: string;
  readonly existence: Existence;
  /** Contract content in the books' own refs, computed fields included. */
  readonly content: Content;
  /** The provider's version; equal versions mean an unchanged record. */
  readonly version: string;
  /** What the provider sent, for rewriting a record without losing what the contract does not know. */
  readonly raw: unknown;
  /** Instants in UTC ISO 8601, where the provider tells. */
  readonly createdAt?: string;
  readonly changedAt?: string;
  /** Who changed it last, where the provider tells. */
  readonly changedBy?: string;
  /** The survivor, where the record was merged away. */
  readonly mergedInto?: string;
}

export type Observation =
  | { readonly found: 'record'; readonly target: Target; readonly sighting: Sighting }
  /** The provider says that the record is deleted. "Could not read" is never this. */
  | { readonly found: 'gone'; readonly target: Target }
  | { readonly found: 'unreadable'; readonly target: Target; readonly failure: ProviderFailure };

/** A hint that a record may have changed; it carries no truth. */
export interface ChangeNotice {
  /** The provider's id of the company. */
  readonly company: string;
  readonly candidates: readonly KindName[];
  readonly id: string;
  /** Equal to a sighting's version only where the provider's notices name versions (ENGINE F3). */
  readonly version?: string;
  /** When the provider says that it happened; with whatever precision it has. */
  readonly at?: string;
  /** The provider's own id of the event, for telling repeats. */
  readonly eventId?: string;
  /** The survivor, where the event says that this record was merged away. */
  readonly mergedInto?: string;
}
