import type { Base, Side } from '../../../domain/comparison/index.js';
import type { KindName, Ref } from '../../../domain/contract/index.js';
import type { Hold } from '../../../domain/planning/index.js';
import type { ProviderFailure } from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';

/** The pair of refs that are the same record on both sides of one connection; a half twin knows one side so far. */
export interface Twin {
  readonly id: string;
  readonly connection: string;
  readonly kind: KindName;
  /** Which card of the record, where the provider keeps several; else the empty text (ENGINE C1). */
  readonly facet: string;
  readonly app: string | undefined;
  readonly books: string | undefined;
  readonly base: Base;
  /** What is not moved at this moment, and why. */
  readonly holds: readonly Hold[];
  /** The last write that the provider refused; it is not sent again just because something was heard. */
  readonly refusal: Refusal | undefined;
  readonly createdAt: Date;
}

export interface Refusal {
  /** Of the write as it would be sent: what, and on which version. */
  readonly write: string;
  readonly failure: ProviderFailure;
}

/** What a walk leaves in the twin. */
export interface TwinSettlement {
  readonly twin: string;
  readonly base: Base;
  readonly holds: readonly Hold[];
  readonly refusal: Refusal | undefined;
}

export interface HalfTwin {
  readonly connection: string;
  readonly kind: KindName;
  readonly facet: string;
  readonly side: Side;
  readonly ref: string;
}

export abstract class TwinStore {
  abstract get(tx: Tx, ids: readonly string[]): Promise<Twin[]>;
  /** Twins of one connection by what a side calls or used to call them; every facet of a ref. */
  abstract byRefs(tx: Tx, connection: string, side: Side, refs: readonly Ref[]): Promise<TwinByRef[]>;
  /** The twins of the app's records over all connections. */
  abstract ofRecords(tx: Tx, refs: readonly Ref[]): Promise<Twin[]>;
  /** Twins of a connection that are held, refused or waiting, so that another try may help. */
  abstract restless(tx: Tx, connection: string): Promise<Twin[]>;
  /** The twins of these halves, in order; those that do not exist are made. */
  abstract ensure(tx: Tx, halves: readonly HalfTwin[]): Promise<Twin[]>;
  /**
   * Tells a twin its ref at a side. If another half twin holds that ref already (a webhook that overtook the answer),
   * the two become one in the same transaction, locks in id order (ENGINE C2, C3). Returns the twin that vanished.
   * A ref that changes (replaced, created anew) stays as a former ref.
   */
  abstract tell(tx: Tx, twin: string, side: Side, ref: string): Promise<{ readonly absorbed: string | undefined }>;
  /** Parts a twin into two halves; the given one keeps its side, a new one gets the books' ref. */
  abstract part(tx: Tx, twin: string): Promise<Twin>;
  abstract settle(tx: Tx, settled: readonly TwinSettlement[]): Promise<void>;
  /** Corrects the kind of a half twin that was noticed before its kind could be known (ENGINE C5). */
  abstract rekind(
    tx: Tx,
    twin: string,
    kind: KindName,
    facet: string,
  ): Promise<{ readonly absorbedBy: string | undefined }>;
}

/** A twin found by a ref: `former` when the side calls it by another ref now. */
export interface TwinByRef {
  readonly ref: Ref;
  readonly twin: Twin;
  readonly former: boolean;
}
