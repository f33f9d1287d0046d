import type { DispatchTx, Tx } from '../../../platform/database/index.js';
import type { Lane } from './work-store.js';

/** Where a twin's work stands. */
export interface WorkView {
  readonly twin: string;
  readonly state: 'none' | 'walking' | 'due';
  readonly lane: Lane;
  /** Not before this time; only meaningful while due. */
  readonly notBefore: Date;
  /** How often it was walked in a row without being settled. */
  readonly attempts: number;
}

/** How busy the street is. Counts end at a hundred thousand: more than that is said as that. */
export interface WorkFigures {
  /** Items that may be walked now, by lane. */
  readonly due: Readonly<Record<Lane, number>>;
  /** Since when the oldest of them may be walked. */
  readonly oldestDueAt: Date | undefined;
  /** Items that wait for a time of their own: a limit, an outage, a back-off. */
  readonly later: number;
  readonly openWalks: number;
  /** Since when the oldest opened walk waits for a worker: the lag of the queue. */
  readonly unbegunSince: Date | undefined;
  /** Events that are committed and not numbered yet. */
  readonly unnumberedEvents: number;
  readonly connectionsByState: Readonly<Record<string, number>>;
}

export interface IntakeFigures {
  /** Deliveries that nobody has unpacked, and since when the oldest waits. */
  readonly waiting: number;
  readonly oldestWaitingAt: Date | undefined;
  /** Places of all workers that gave a sign of life lately. */
  readonly workerPlaces: number;
}

/** What people and probes read of the work list. */
export abstract class WorkViews {
  abstract of(tx: Tx, twins: readonly string[]): Promise<WorkView[]>;
  /** Items wanted and not done, by connection. */
  abstract pendingByConnection(tx: Tx): Promise<ReadonlyMap<string, number>>;
  /** Of one tenant, or across all of them, depending on the transaction. */
  abstract figures(tx: Tx | DispatchTx): Promise<WorkFigures>;
  abstract intake(tx: DispatchTx): Promise<IntakeFigures>;
}
