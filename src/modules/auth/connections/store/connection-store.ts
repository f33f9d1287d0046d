import type { DispatchTx, Tx } from '../../../../platform/database/index.js';
import type { Connection, ConnectionState } from '../connection.js';

export abstract class ConnectionStore {
  abstract get(tx: Tx, id: string): Promise<Connection | undefined>;
  /** The tenant's connections, ended ones included. */
  abstract all(tx: Tx): Promise<Connection[]>;
  /** Returns whether the state is a new one. */
  abstract setState(tx: Tx, id: string, state: ConnectionState, reason: string | undefined): Promise<boolean>;
  /** No calls for this connection before `until`; the later of two pauses counts. */
  abstract pause(tx: Tx, id: string, until: Date): Promise<void>;
  /** What the company's own record says. */
  abstract describe(
    tx: Tx,
    id: string,
    company: {
      readonly name: string | undefined;
      readonly baseCurrency: string | undefined;
      readonly features: Readonly<Record<string, string>>;
    },
  ): Promise<void>;
  /** Where notices about these companies go: every tenant that has a living connection to one of them. */
  abstract routesTo(tx: DispatchTx, provider: string, companies: readonly string[]): Promise<Route[]>;
  /** The company, its settings and reference records were read for the first time. */
  abstract firstLooked(tx: Tx, id: string): Promise<void>;
  /** Connections whose first look is still to be done. */
  abstract unlooked(tx: DispatchTx): Promise<{ readonly tenant: string; readonly connection: string }[]>;
}

export interface Route {
  readonly company: string;
  readonly tenant: string;
  readonly connection: string;
}
