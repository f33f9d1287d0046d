import { type DispatchTx, Transactions, type Tx } from '../../../src/platform/database/index.js';

/** Rows by key; rows are replaced, never changed in place, so that a transaction can be undone. */
export class MemoryTable<Row> {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly database: MemoryDatabase) {}

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  all(): Row[] {
    return [...this.rows.values()];
  }

  entries(): [string, Row][] {
    return [...this.rows.entries()];
  }

  set(key: string, row: Row): void {
    const before = this.rows.get(key);
    const had = this.rows.has(key);
    this.database.undoWith(() => (had ? this.rows.set(key, before as Row) : this.rows.delete(key)));
    this.rows.set(key, row);
  }

  delete(key: string): void {
    const before = this.rows.get(key);
    if (before === undefined) return;
    this.database.undoWith(() => this.rows.set(key, before));
    this.rows.delete(key);
  }
}

/** Where a transaction may be interrupted: the simulation parks tasks here and kills them here. */
export type Checkpoint = (what: string) => Promise<void>;

/**
 * Transactions over memory: one at a time, whole or not at all. A checkpoint before each of them and after each commit
 * lets the simulation interleave tasks and kill them on either side of a commit.
 */
export class MemoryDatabase extends Transactions {
  private undo: (() => void)[] | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly clock: () => Date,
    private readonly checkpoint: Checkpoint = () => Promise.resolve(),
  ) {
    super();
  }

  table<Row>(): MemoryTable<Row> {
    return new MemoryTable<Row>(this);
  }

  undoWith(step: () => void): void {
    this.undo?.push(step);
  }

  override async inTenant<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.transaction(() => work({ tenant, now: this.clock(), wakes: new Set() }));
  }

  override async dispatching<T>(work: (tx: DispatchTx) => Promise<T>): Promise<T> {
    return this.transaction(() => work({ dispatch: true, now: this.clock() }));
  }

  private async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.checkpoint('transaction');
    const turn = this.queue.then(async () => {
      this.undo = [];
      try {
        const result = await work();
        this.undo = undefined;
        return result;
      } catch (error) {
        for (const step of this.undo!.reverse()) step();
        this.undo = undefined;
        throw error;
      }
    });
    this.queue = turn.catch(() => undefined);
    const result = await turn;
    await this.checkpoint('committed');
    return result;
  }
}
