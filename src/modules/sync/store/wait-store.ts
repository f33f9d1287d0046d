import type { Side } from '../../../domain/comparison/index.js';
import type { Tx } from '../../../platform/database/index.js';

/** This twin needs that twin to exist at a side first (ENGINE E5). */
export interface Wait {
  readonly twin: string;
  readonly needs: string;
  readonly side: Side;
  /** Where the reference stands, such as `lines[2].item`. */
  readonly path: string;
}

export abstract class WaitStore {
  abstract of(tx: Tx, twins: readonly string[]): Promise<Wait[]>;
  /** Replaces what these twins wait for, one wait for each need and side; returns those that are new. */
  abstract replace(tx: Tx, twins: readonly string[], waits: readonly Wait[]): Promise<Wait[]>;
  /** Ends the waits on these twins at a side where they now exist; returns the twins that waited. */
  abstract end(tx: Tx, needs: readonly { readonly twin: string; readonly side: Side }[]): Promise<string[]>;
  /** Of these twins, which wait, directly or not, for `twin`; it is taken to wait for itself. */
  abstract waitingFor(tx: Tx, twin: string, among: readonly string[]): Promise<string[]>;
  /**
   * Whoever waited for a twin that vanished waits for its survivor. What the vanished one waited for is forgotten: the
   * survivor's next plan says anew what it needs.
   */
  abstract absorb(tx: Tx, gone: string, survivor: string): Promise<void>;
}
