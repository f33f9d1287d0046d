import type { KindName } from '../../domain/contract/index.js';
import type { ConflictDraft, Decision } from '../../domain/conflict/index.js';

/** A clash that waits for a person, or that one has answered but that is not carried out yet. */
export interface OpenConflict extends ConflictDraft {
  readonly id: string;
  readonly connection: string;
  readonly twin: string;
  readonly kind: KindName;
  readonly moneyEffect: string | undefined;
  /** The newest answer; it counts only while its fingerprint is the conflict's. */
  readonly decision: (Decision & { readonly actor: string }) | undefined;
}

export type ConflictEnding =
  /** A decision was carried out. */
  | 'decided'
  /** The two sides came to agree, or a policy settled it. */
  | 'resolved_itself'
  /** The records were linked or unlinked. */
  | 'relinked';
