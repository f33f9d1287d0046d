import type { Tx } from '../../../platform/database/index.js';
import type { NewEvent } from '../event.js';

/** Appends to the history. Numbering and chaining follow later, by the sequencer (ENGINE G5). */
export abstract class HistoryStore {
  /** Events of one call are told in their order. */
  abstract append(tx: Tx, events: readonly NewEvent[]): Promise<void>;
}
