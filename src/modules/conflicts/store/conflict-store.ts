import type { Granularity } from '../../../domain/comparison/index.js';
import type { ConflictDraft, Decision, Policy } from '../../../domain/conflict/index.js';
import type { KindName } from '../../../domain/contract/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { ConflictEnding, OpenConflict } from '../open-conflict.js';

export interface PolicySet {
  readonly policies: readonly Policy[];
  readonly granularities: Readonly<Partial<Record<KindName, Granularity>>>;
}

export interface ConflictRaise {
  readonly connection: string;
  readonly twin: string;
  readonly kind: KindName;
  readonly draft: ConflictDraft;
  readonly moneyEffect: string | undefined;
}

/** Open conflicts, at most one for each twin, their decisions, and the tenant's policies. */
export abstract class ConflictStore {
  abstract policies(tx: Tx): Promise<PolicySet>;
  abstract openOf(tx: Tx, twins: readonly string[]): Promise<OpenConflict[]>;
  /** An open conflict by its own id. */
  abstract get(tx: Tx, id: string): Promise<OpenConflict | undefined>;
  /** Stores a person's answer to an open conflict; the newest one counts. One to a conflict that is over is not kept. */
  abstract decide(
    tx: Tx,
    conflict: string,
    decision: Decision & { readonly actor: string; readonly verb: string },
  ): Promise<void>;
  /** Takes back the answers to the open conflicts of these twins: they could not be carried out. */
  abstract reopen(tx: Tx, twins: readonly string[]): Promise<void>;
  /** Of a kind, or of one group of it; replaces the one before. */
  abstract setPolicy(tx: Tx, policy: Policy, actor: string): Promise<void>;
  /** Returns whether there was one. */
  abstract clearPolicy(tx: Tx, kind: KindName, group: string | undefined): Promise<boolean>;
  abstract setGranularity(tx: Tx, kind: KindName, granularity: Granularity, actor: string): Promise<void>;
  /**
   * Opens a conflict, or updates the twin's open one when the clash has changed; says what happened. An answer stays with
   * the conflict: its fingerprint tells whether it still counts.
   */
  abstract raise(
    tx: Tx,
    raises: readonly ConflictRaise[],
  ): Promise<{ twin: string; id: string; was: 'opened' | 'updated' | 'unchanged' }[]>;
  /** Closes the open conflicts of these twins, if any; returns the twins that had one. */
  abstract close(tx: Tx, twins: readonly { readonly twin: string; readonly how: ConflictEnding }[]): Promise<string[]>;
}
