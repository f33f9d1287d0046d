import type { Side } from '../../../domain/comparison/index.js';
import type { Tx } from '../../../platform/database/index.js';

/**
 * What is waited for at a side: that the record exists there, for whatever refers to it; or that it has ended there,
 * because it refers to a record that is to end after it.
 */
export const WAITS_UNTIL = ['exists', 'ended'] as const;
export type WaitsUntil = (typeof WAITS_UNTIL)[number];

/** This twin needs that twin to exist, or to have ended, at a side first (ENGINE E5). */
export interface Wait {
  readonly twin: string;
  readonly needs: string;
  readonly side: Side;
  readonly until: WaitsUntil;
  /** Where the reference stands, such as `lines[2].item`: in the record that waits, or, until it has ended, in the other. */
  readonly path: string;
}

/** Something that others may have waited for, and that is so now. */
export interface Reached {
  readonly twin: string;
  readonly side: Side;
  readonly until: WaitsUntil;
}

export abstract class WaitStore {
  abstract of(tx: Tx, twins: readonly string[]): Promise<Wait[]>;
  /** Replaces what these twins wait for, one wait for each need, side and `until`; returns those that are new. */
  abstract replace(tx: Tx, twins: readonly string[], waits: readonly Wait[]): Promise<Wait[]>;
  /** Ends the waits for what has been reached; returns the twins that waited. */
  abstract end(tx: Tx, reached: readonly Reached[]): Promise<string[]>;
  /** Of these twins, which wait, directly or not, for `twin`; it is taken to wait for itself. */
  abstract waitingFor(tx: Tx, twin: string, among: readonly string[]): Promise<string[]>;
  /**
   * Whoever waited for a twin that vanished waits for its survivor. What the vanished one waited for is forgotten: the
   * survivor's next plan says anew what it needs.
   */
  abstract absorb(tx: Tx, gone: string, survivor: string): Promise<void>;
}
