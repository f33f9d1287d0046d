import type { ConnectionState } from '../../../src/modules/auth/index.js';
import type { ConflictStore } from '../../../src/modules/conflicts/index.js';
import type { HistoryEvent, HistoryStore } from '../../../src/modules/history/index.js';
import type { RecordStore } from '../../../src/modules/records/index.js';
import type {
  Problem,
  ProblemStore,
  SnapshotStore,
  TwinStore,
  WaitStore,
  WorkStore,
  WriteStore,
} from '../../../src/modules/sync/index.js';
import { Identifiers, uuidV7 } from '../../../src/platform/clock/index.js';
import type { Transactions, Tx } from '../../../src/platform/database/index.js';

/** All stores in one form, empty but for one tenant with one active connection. */
export interface Harness {
  readonly transactions: Transactions;
  readonly twins: TwinStore;
  readonly snapshots: SnapshotStore;
  readonly work: WorkStore;
  readonly writes: WriteStore;
  readonly waits: WaitStore;
  readonly problems: ProblemStore;
  readonly records: RecordStore;
  readonly conflicts: ConflictStore;
  readonly history: HistoryStore;
  readonly tenant: string;
  readonly connection: string;
  /** Another id than any before. */
  newId(): string;
  addTenant(): Promise<string>;
  addConnection(tenant: string): Promise<string>;
  setConnection(id: string, change: ConnectionChange): Promise<void>;
  /** Lets time pass for everything that is stored (ENGINE G4). */
  pass(milliseconds: number): Promise<void>;
  /** The tenant's open problems, as people are shown them. */
  openProblems(tenant: string): Promise<OpenProblem[]>;
  /** The tenant's events, in the order in which they are told. */
  events(tenant: string): Promise<HistoryEvent[]>;
}

export interface ConnectionChange {
  readonly state?: ConnectionState;
  readonly notBefore?: Date;
}

export interface OpenProblem extends Problem {
  readonly times: number;
}

/** How a form of the stores is opened anew for a test. */
export type Open = () => Promise<Harness>;

/** Ids in the order in which they are asked for, the same in every run. */
export class CountedIdentifiers extends Identifiers {
  private count = 0;

  override id(): string {
    return uuidV7(++this.count, new Uint8Array(10));
  }

  override secret(): string {
    return `secret-${++this.count}`;
  }
}

/** Does the work in a transaction that is given up at its end. */
export const giveUp = async (harness: Harness, work: (tx: Tx) => Promise<unknown>): Promise<void> => {
  const givenUp = new Error('given up');
  const attempt = harness.transactions.inTenant(harness.tenant, async (tx) => {
    await work(tx);
    throw givenUp;
  });
  await expect(attempt).rejects.toBe(givenUp);
};
