import type { Tx } from '../../../platform/database/index.js';
import type { HistoryEvent, NewEvent } from '../event.js';

/** An event with its place in the tenant's chain. */
export interface ChainedEvent extends HistoryEvent {
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
}

/** Appends to the history. Numbering and chaining follow later, by the sequencer (ENGINE G5). */
export abstract class HistoryStore {
  abstract append(tx: Tx, events: readonly NewEvent[]): Promise<void>;
}
