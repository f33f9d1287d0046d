import type { DispatchTx, Tx } from '../../../platform/database/index.js';

/**
 * What is kept only for a while. Each call does a batch of at most `most` of what is older than `before`, and returns how
 * many it did; nothing that is still needed is touched.
 */
export abstract class RetentionStore {
  /** Tenants by id, after a place in that order. */
  abstract tenants(tx: DispatchTx, after: string, most: number): Promise<string[]>;
  /** Empties headers and bodies of deliveries that were unpacked. */
  abstract emptyDeliveries(tx: DispatchTx, before: Date, most: number): Promise<number>;
  /** Empties headers, query and body of calls, unless one of their intents is still open: that may be sent again. */
  abstract emptyCalls(tx: Tx, before: Date, most: number): Promise<number>;
  /** Removes walks that are over, with their steps and items. */
  abstract dropWalks(tx: Tx, before: Date, most: number): Promise<number>;
  /** Forgets event ids that were heard so long ago that no provider tells of them again. */
  abstract dropHeardEvents(tx: Tx, before: Date, most: number): Promise<number>;
}
