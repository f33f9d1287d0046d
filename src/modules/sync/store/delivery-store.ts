import type { RawDelivery } from '../../../domain/provider/index.js';
import type { DispatchTx, Tx } from '../../../platform/database/index.js';

/** A webhook delivery as it was stored, before anybody read it. */
export interface StoredDelivery extends RawDelivery {
  readonly id: string;
  readonly provider: string;
  readonly receivedAt: Date;
}

export interface Unpacked {
  readonly id: string;
  readonly notices: number;
  /** Notices about companies that no tenant has connected. */
  readonly orphans: number;
  readonly unreadable: string | undefined;
}

/** What is only counted: it leaves no row of its own. */
export type Counted = 'forged' | 'orphan' | 'unreadable' | 'accepted';

export interface IntakeCount {
  readonly provider: string;
  readonly what: Counted;
  readonly count: number;
  readonly lastAt: Date;
}

/** Deliveries belong to no tenant; one may carry several tenants' notices (ENGINE F2). */
export abstract class DeliveryStore {
  abstract add(tx: DispatchTx, deliveries: readonly StoredDelivery[]): Promise<void>;
  /** Claims deliveries that nobody has unpacked, oldest first. */
  abstract claim(tx: DispatchTx, most: number): Promise<StoredDelivery[]>;
  abstract unpacked(tx: DispatchTx, unpacked: readonly Unpacked[]): Promise<void>;
  abstract count(tx: DispatchTx, provider: string, what: Counted, times: number): Promise<void>;
  abstract counts(tx: DispatchTx): Promise<IntakeCount[]>;
  /** Of these event ids, those that the connection has not heard before; they count as heard from now on (F3). */
  abstract unheard(tx: Tx, connection: string, delivery: string, events: readonly string[]): Promise<Set<string>>;
}
