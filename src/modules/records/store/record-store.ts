import type { Content, Existence, KindName, Ref } from '../../../domain/contract/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { Cause } from '../../history/index.js';
import type { AppRecord, RecordWrite } from '../app-record.js';

export interface RecordVersion {
  readonly version: number;
  readonly existence: Existence;
  readonly content: Content;
  readonly cause: Cause;
}

/** The app side's records and every content that the SaaS has seen. */
export abstract class RecordStore {
  abstract get(tx: Tx, refs: readonly Ref[]): Promise<AppRecord[]>;
  /** The versions of one record from `from` on, oldest first; for merging a push with its ancestor. */
  abstract versions(tx: Tx, ref: Ref, from: number): Promise<RecordVersion[]>;
  /** Compare-and-set on the version; returns the refs of those that lost (ENGINE B2). */
  abstract save(tx: Tx, writes: readonly RecordWrite[]): Promise<Ref[]>;
  /** Stores facts from the books; returns the refs whose facts differ from before. Leaves the version alone. */
  abstract saveFacts(tx: Tx, facts: readonly { readonly ref: Ref; readonly facts: Content }[]): Promise<Ref[]>;
  /** Ids of present records of a kind with all the given values; texts are compared trimmed and caseless, null means absent. */
  abstract withNaturalKey(tx: Tx, kind: KindName, key: Content): Promise<string[]>;
  /** The result of an earlier push under the same key, and the fingerprint of what was pushed (ENGINE B3). */
  abstract pushOf(tx: Tx, key: string): Promise<{ readonly fingerprint: string; readonly result: unknown } | undefined>;
  abstract savePush(tx: Tx, key: string, fingerprint: string, result: unknown): Promise<void>;
}
