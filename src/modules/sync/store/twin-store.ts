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
  /** Database time at which it was sent, in ISO 8601. */
  readonly at: string;
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
  /**
   * Twins of one connection by what a side calls or used to call them; every facet of a ref. Within a facet a ref is
   * one twin's: whoever has it now, or else whoever gave it up last.
   */
  abstract byRefs(tx: Tx, connection: string, side: Side, refs: readonly Ref[]): Promise<TwinByRef[]>;
  /** The same for both sides at once. */
  async byRefsOfBoth(
    tx: Tx,
    connection: string,
    { app, books }: Readonly<Record<Side, readonly Ref[]>>,
  ): Promise<Readonly<Record<Side, readonly TwinByRef[]>>> {
    return {
      app: await this.byRefs(tx, connection, 'app', app),
      books: await this.byRefs(tx, connection, 'books', books),
    };
  }
  /** The twins of the app's records over all connections. */
  abstract ofRecords(tx: Tx, refs: readonly Ref[]): Promise<Twin[]>;
  /** Twins of a connection that are held, refused or waiting, so that another try may help. */
  abstract restless(tx: Tx, connection: string): Promise<Twin[]>;
  /**
   * The twins of these halves, in order; those that do not exist are made. Until the transaction ends, none of them
   * vanishes into another one, so that work raised for it is not lost.
   */
  abstract ensure(tx: Tx, halves: readonly HalfTwin[]): Promise<Twin[]>;
  /**
   * Tells a twin its ref at a side. If another half twin holds that ref already (a webhook that overtook the answer),
   * the two become one in the same transaction, locks in id order (ENGINE C2, C3). Returns the twin that vanished;
   * its former refs lead to the survivor. A ref that changes (replaced, created anew) stays as a former ref. Throws when
   * the ref is another full twin's, or when the twin itself has vanished.
   */
  abstract tell(tx: Tx, twin: string, side: Side, ref: string): Promise<{ readonly absorbed: string | undefined }>;
  /**
   * The books have the record of that ref no more, and not by anybody's wish: the pair is the app's bare half again, and
   * the ref stays as a former one. A twin that is no such pair is left alone.
   */
  abstract loseBooks(tx: Tx, twin: string, ref: string): Promise<void>;
  /** Parts a twin into two bare halves; the given one keeps the app's refs, a new one gets the books', former ones too. */
  abstract part(tx: Tx, twin: string): Promise<Twin>;
  /** What the provider refused up to a time may be tried again, whoever asks; returns those of them with such a refusal. */
  abstract forgetRefusals(tx: Tx, twins: readonly string[], upTo: Date): Promise<string[]>;
  /** Twins that have vanished meanwhile are left out. */
  abstract settle(tx: Tx, settled: readonly TwinSettlement[]): Promise<void>;
  /**
   * Corrects the kind of a half twin that was noticed before its kind could be known (ENGINE C5). Where the record has a
   * twin of that kind already, the half vanishes into it.
   */
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
