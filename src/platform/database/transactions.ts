/**
 * One tenant's transaction. Everything tenanted happens inside one: the database role behind it sees only rows of this
 * tenant (ENGINE G1).
 */
export interface Tx {
  readonly tenant: string;
  /** The database's time when the transaction began (ENGINE G4). */
  readonly now: Date;
  /** Whom to wake once this is committed, such as `work`; nobody, if it is not. */
  readonly wakes: Set<WakeTopic>;
}

/** `work`: something is due. `history`: events wait to be numbered. `feed`: numbered events are there to be read. */
export type WakeTopic = 'work' | 'history' | 'feed';

/** One statement across tenants that may touch only ids, due times, leases, key hashes and routing. */
export interface DispatchStatement {
  readonly dispatch: true;
}

/** A transaction of such statements. */
export interface DispatchTx extends DispatchStatement {
  readonly now: Date;
}

/** Visible blocks of work: what happens inside `work` is committed together, or not at all if it throws. */
export abstract class Transactions {
  abstract inTenant<T>(tenant: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  abstract dispatching<T>(work: (tx: DispatchTx) => Promise<T>): Promise<T>;
  /** For work that is a single statement, and by that a transaction of its own. */
  dispatchingOnce<T>(work: (statement: DispatchStatement) => Promise<T>): Promise<T> {
    return this.dispatching(work);
  }
}
