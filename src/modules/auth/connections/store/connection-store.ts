import type { KindName } from '../../../../domain/contract/index.js';
import type { DispatchTx, Tx } from '../../../../platform/database/index.js';
import type { Connection, ConnectionState, NewConnection } from '../connection.js';

export abstract class ConnectionStore {
  abstract get(tx: Tx, id: string): Promise<Connection | undefined>;
  /** The tenant's connections in the order of their ids, ended ones included. */
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
  abstract ofCompany(tx: Tx, provider: string, company: string): Promise<Connection | undefined>;
  /** The connections that live on a grant. */
  abstract ofGrant(tx: Tx, grant: string): Promise<Connection[]>;
  /**
   * Connects a company under a grant. A tenant has one connection to a company for ever: an earlier one, ended or not,
   * keeps its id, its settings and its history, and is active again.
   */
  abstract connect(tx: Tx, connection: NewConnection): Promise<ConnectResult>;
  /** Ends a connection: it lets go of its grant and keeps everything else. */
  abstract end(tx: Tx, id: string): Promise<void>;
  abstract setGoLive(tx: Tx, id: string, goLive: string): Promise<void>;
  abstract setCreates(tx: Tx, id: string, kinds: readonly KindName[]): Promise<void>;
}

export interface ConnectResult {
  readonly connection: Connection;
  readonly was: 'new' | 'known';
  /** The grant that the connection had until now, if it was another one. */
  readonly formerGrant: string | undefined;
}

export interface Route {
  readonly company: string;
  readonly tenant: string;
  readonly connection: string;
}
