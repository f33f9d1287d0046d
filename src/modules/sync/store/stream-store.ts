import type { DispatchTx, Tx } from '../../../platform/database/index.js';

/** One polled source of changes of one connection, and where we stand in it. */
export interface Stream {
  readonly connection: string;
  readonly name: string;
  readonly cursor: string | undefined;
  readonly everyMs: number;
  readonly dueAt: Date;
  readonly lookedAt: Date | undefined;
  /** How many changes the last look found. */
  readonly found: number;
  readonly failure: string | undefined;
  /** Why the interval is what it is, in words. */
  readonly why: string;
}

export interface DueStream {
  readonly tenant: string;
  readonly connection: string;
  readonly name: string;
}

/** What a look at a stream, or one page of it, came to. */
export interface Look {
  readonly cursor: string;
  /** How many changes it found. */
  readonly found: number;
  /** Database time at which it began, with its first page. */
  readonly began: Date;
  /** When to look again, unless somebody was in a hurry meanwhile; absent while pages remain. */
  readonly dueAt: Date | undefined;
}

export abstract class StreamStore {
  /** Makes the streams of a new connection; those that exist are left alone. */
  abstract ensure(
    tx: Tx,
    connection: string,
    streams: readonly Pick<Stream, 'name' | 'everyMs' | 'why'>[],
  ): Promise<void>;
  abstract of(tx: Tx, connection: string): Promise<Stream[]>;
  /** Due streams of living connections, claimed for a minute. */
  abstract claimDue(tx: DispatchTx, most: number): Promise<DueStream[]>;
  /** The stream has served its purpose. */
  abstract end(tx: Tx, connection: string, name: string): Promise<void>;
  /** Makes streams due at once, those being looked at when that is done; all of the connection's without names. */
  abstract hurry(tx: Tx, connection: string, names?: readonly string[]): Promise<void>;
  /** The cursor moves in the transaction of the rows that it covers (invariant I9). */
  abstract advance(tx: Tx, connection: string, name: string, look: Look): Promise<void>;
  abstract failed(tx: Tx, connection: string, name: string, failure: string, dueAt: Date): Promise<void>;
}
