import type { DispatchTx, Tx } from '../../../platform/database/index.js';
import type { EventType, HistoryEvent } from '../event.js';

/** An event with its place in the tenant's chain. */
export interface ChainedEvent extends HistoryEvent {
  /** Counts from 1, without gaps. */
  readonly sequence: number;
  /** SHA-256 in hex of the previous link's hash and this event. */
  readonly hash: string;
}

export interface EventFilter {
  readonly types?: readonly EventType[];
  readonly twins?: readonly string[];
}

/** The numbered, hash-chained history. */
export abstract class ChainStore {
  /** Tenants with events that are not numbered yet. */
  abstract waiting(tx: DispatchTx): Promise<string[]>;
  /**
   * Numbers and chains up to `most` committed events; undefined when another process is at it. A late commit only gets
   * a later number (ENGINE G5).
   */
  abstract chain(tx: Tx, most: number): Promise<number | undefined>;
  /** Numbered events after a sequence number, in order. */
  abstract after(tx: Tx, sequence: number, first: number, filter: EventFilter): Promise<ChainedEvent[]>;
  /** The newest numbered events before a sequence number (or of all), newest first. */
  abstract before(tx: Tx, sequence: number | undefined, first: number, filter: EventFilter): Promise<ChainedEvent[]>;
  /** Sequence of the tenant's newest numbered event; 0 when there is none. */
  abstract head(tx: Tx): Promise<number>;
  /** The first link that does not follow from its predecessor and its event, if there is one. */
  abstract firstBroken(tx: Tx): Promise<number | undefined>;
}
