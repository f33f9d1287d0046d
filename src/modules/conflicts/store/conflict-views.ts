import type { Granularity } from '../../../domain/comparison/index.js';
import type { Choice, ConflictReason, Policy } from '../../../domain/conflict/index.js';
import type { KindName } from '../../../domain/contract/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { ConflictEnding, OpenConflict } from '../open-conflict.js';

/** A conflict as people look at it, open or not. */
export interface ConflictView extends OpenConflict {
  readonly open: boolean;
  readonly raisedAt: Date;
  readonly updatedAt: Date;
  readonly closedAt: Date | undefined;
  readonly ending: ConflictEnding | undefined;
}

export interface ConflictFilter {
  readonly open?: boolean;
  readonly connection?: string;
  readonly kinds?: readonly KindName[];
  readonly reasons?: readonly ConflictReason[];
  /** Answered by a person and not carried out yet, or not answered. */
  readonly decided?: boolean;
  readonly twins?: readonly string[];
}

/** One answer of a person to a conflict, whether or not it was carried out. */
export interface DecisionView {
  readonly id: string;
  readonly conflict: string;
  readonly verb: string;
  readonly choices: Readonly<Record<string, Choice>>;
  readonly fingerprint: string;
  readonly actor: string;
  readonly at: Date;
}

export interface PolicyView extends Policy {
  readonly setBy: string;
  readonly setAt: Date;
}

export interface GranularityView {
  readonly kind: KindName;
  readonly granularity: Granularity;
  readonly setBy: string;
  readonly setAt: Date;
}

/** What people read of conflicts, decisions and policies; nothing here locks or changes anything. */
export abstract class ConflictViews {
  /** The newest first; those before the given place in that order. */
  abstract page(
    tx: Tx,
    filter: ConflictFilter,
    first: number,
    before: { readonly raisedAt: Date; readonly id: string } | undefined,
  ): Promise<ConflictView[]>;
  /** In the order of the ids; unknown ones are left out. */
  abstract get(tx: Tx, ids: readonly string[]): Promise<ConflictView[]>;
  /** Open conflicts by connection. */
  abstract openByConnection(tx: Tx): Promise<ReadonlyMap<string, number>>;
  /** Every answer to these conflicts, oldest first. */
  abstract decisionsOf(tx: Tx, conflicts: readonly string[]): Promise<DecisionView[]>;
  abstract decisions(tx: Tx, ids: readonly string[]): Promise<DecisionView[]>;
  /** Twins with an open conflict of a kind, in any of the groups or at all. */
  abstract askedOf(tx: Tx, kind: KindName, groups: readonly string[] | undefined): Promise<string[]>;
  abstract policies(tx: Tx): Promise<PolicyView[]>;
  abstract granularities(tx: Tx): Promise<GranularityView[]>;
}
