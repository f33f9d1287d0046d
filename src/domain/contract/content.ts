import type { KindName } from './kind-names.js';
import type { Ref } from './ref.js';

/**
 * What a record says, in the contract's shapes. Decimals are strings, dates `YYYY-MM-DD`, whole numbers are counts and
 * never money. An absent field was not mentioned; null clears it on purpose.
 */
export type Value = string | number | boolean | null | Ref | Value[] | { [name: string]: Value };
export type Content = { [field: string]: Value };

/** How a record exists at a side. Delete, void, archive and merge are four different things (ENGINE A4). */
export const EXISTENCES = ['present', 'archived', 'voided', 'deleted', 'merged'] as const;
export type Existence = (typeof EXISTENCES)[number];

/** Stored content names the contract version that wrote it; reading upcasts. */
export interface VersionedContent {
  readonly kind: KindName;
  readonly contract: number;
  readonly content: Content;
}
