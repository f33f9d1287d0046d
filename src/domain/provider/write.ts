import type { Content } from '../contract/content.js';
import type { KindName } from '../contract/kind-names.js';
import type { ProviderRequest } from './exchange.js';
import type { ProviderFailure } from './failure.js';
import type { Sighting } from './observation.js';

/**
 * `restore` undoes `archive`. `replace` is an update of a record that the provider cannot change, by two calls: the first
 * one ends it, the second one makes another in its place.
 */
export const OPERATIONS = ['create', 'update', 'delete', 'void', 'archive', 'restore', 'replace'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One wanted change of one record in the books. */
export interface Write {
  /** The intent's id. */
  readonly intent: string;
  readonly kind: KindName;
  readonly facet?: string;
  readonly operation: Operation;
  /** The record as last seen; absent when it is to be created. */
  readonly target?: Pick<Sighting, 'id' | 'version' | 'raw' | 'content'>;
  /**
   * In the books' own refs. To create or replace: the whole record. To update: the fields of the groups that move, null
   * where a field is to be cleared; elements of a list carry the books' ids where they are the same elements.
   */
  readonly content: Content;
  /**
   * What the records that the content refers to say in the books, where it is known: some vendors want a record named by
   * its code, which is no part of a ref.
   */
  readonly referred?: readonly Pick<Sighting, 'kind' | 'id' | 'content'>[];
  /** A short unguessable text that only this write carries, for finding it again (ENGINE D4). */
  readonly marker: string;
  /** Instant of the first send in UTC ISO 8601; present when a lost answer is looked for. */
  readonly sentAt?: string;
  /** What the earlier calls of this write answered, in order; a write of several calls goes on from here. */
  readonly done: readonly Sighting[];
  /**
   * Present where a call was refused after earlier ones had been carried out: the next call undoes what these did, so
   * that the books say again what they said before (ENGINE D1).
   */
  readonly refused?: ProviderFailure;
}

/** A call as an adapter drafts it: one request that carries one or several writes. */
export interface CallDraft {
  /** The intents of its items, in the order of the items. */
  readonly intents: readonly string[];
  readonly request: ProviderRequest;
  /** The provider's own idempotency key in the request, where it has one. */
  readonly key?: string;
}

/** What came of one write in one call. */
export type WriteAnswer =
  | {
      readonly intent: string;
      readonly outcome: 'done';
      /**
       * The record after the call; absent when it is gone (deleted) or the provider cannot show it. Present wherever
       * further calls must follow: of a record that the call has ended, as it was, with its new existence.
       */
      readonly sighting?: Sighting;
      /** Further calls must follow before the write is complete. */
      readonly more?: boolean;
    }
  | {
      readonly intent: string;
      readonly outcome: 'failed';
      readonly failure: ProviderFailure;
      /** Refused after earlier calls had been carried out: another one must follow, which undoes them. */
      readonly more?: boolean;
      /** What the write has left behind all the same: the record that was made again under another id. */
      readonly sighting?: Sighting;
    };

/** What a look for the trace of a call whose answer was lost found (ENGINE D4). */
export type Trace =
  /**
   * It was carried out; `exact` when the sighting is the very answer, before anybody could change the record again, and
   * `more` when further calls must follow as they would have after the answer.
   */
  | { readonly trace: 'found'; readonly sighting: Sighting; readonly exact: boolean; readonly more?: boolean }
  /** It was not, as far as the provider shows now. */
  | { readonly trace: 'absent' }
  /** Several records could be it: a person decides. */
  | { readonly trace: 'several'; readonly ids: readonly string[] };

/** Something the provider is certain to refuse, found before sending. */
export interface Finding {
  /** The contract's path, such as `number`. */
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}
