import {
  type Content,
  type Existence,
  type KindName,
  type Ref,
  referencesIn,
  refKey,
  sameRef,
} from '../../../domain/contract/index.js';
import type { Tx } from '../../../platform/database/index.js';
import type { Cause } from '../../history/index.js';
import type { AppRecord, RecordWrite } from '../app-record.js';

export interface RecordVersion {
  readonly version: number;
  readonly existence: Existence;
  readonly content: Content;
  readonly cause: Cause;
}

/** One answer for a ref could not tell which of two writes to it was lost. */
export const writtenOnce = (writes: readonly RecordWrite[]): void => {
  const seen = new Set<string>();
  for (const write of writes) {
    if (seen.has(refKey(write))) throw new Error(`${refKey(write)} is written twice in one call`);
    seen.add(refKey(write));
  }
};

/** Whether a record refers to this one in a field that is declared as a reference. */
export const refersTo = ({ kind, content }: Pick<AppRecord, 'kind' | 'content'>, to: Ref): boolean =>
  referencesIn(kind, content).some(({ ref }) => sameRef(ref, to));

/** The app side's records and every content that the SaaS has seen. */
export abstract class RecordStore {
  abstract get(tx: Tx, refs: readonly Ref[]): Promise<AppRecord[]>;
  /** The versions of one record from `from` on, oldest first; for merging a push with its ancestor. */
  abstract versions(tx: Tx, ref: Ref, from: number): Promise<RecordVersion[]>;
  /**
   * Compare-and-set on the version, each record for itself; returns the refs of those that lost (ENGINE B2). Throws when
   * a record is written twice in one call.
   */
  abstract save(tx: Tx, writes: readonly RecordWrite[]): Promise<Ref[]>;
  /**
   * Stores facts from the books, the last ones given for a record; returns the refs whose facts differ from before.
   * Leaves the version alone.
   */
  abstract saveFacts(tx: Tx, facts: readonly { readonly ref: Ref; readonly facts: Content }[]): Promise<Ref[]>;
  /** Ids of present records of a kind with all the given values; texts are compared trimmed and caseless, null means absent. */
  abstract withNaturalKey(tx: Tx, kind: KindName, key: Content): Promise<string[]>;
  /** Records that are not present any more, whatever their end, and refer to this one. */
  abstract endedNaming(tx: Tx, ref: Ref): Promise<AppRecord[]>;
  /**
   * Forgets contents that were replaced before a time, oldest first, `most` of them; the newest content of a record is
   * kept. A push that is based on what was forgotten is stale. Returns how many were forgotten.
   */
  abstract dropReplaced(tx: Tx, before: Date, most: number): Promise<number>;
  /** The result of an earlier push under the same key, and the fingerprint of what was pushed (ENGINE B3). */
  abstract pushOf(tx: Tx, key: string): Promise<{ readonly fingerprint: string; readonly result: unknown } | undefined>;
  /** Throws when the key is used already: another push under it won, and the transaction is to be repeated. */
  abstract savePush(tx: Tx, key: string, fingerprint: string, result: unknown): Promise<void>;
}
