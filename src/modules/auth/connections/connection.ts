import type { KindName } from '../../../domain/contract/index.js';

/**
 * `needs_reconnect`: the consent is gone and only a person can renew it. `suspended`: the provider paused the company.
 * `disconnected`: ended by a person; its history stays.
 */
export const CONNECTION_STATES = ['active', 'needs_reconnect', 'suspended', 'disconnected'] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** One authorised company of one provider, for one tenant. */
export interface Connection {
  readonly id: string;
  readonly tenant: string;
  readonly provider: string;
  /** The provider's id of the company. */
  readonly company: string;
  readonly companyName: string | undefined;
  readonly grant: string | undefined;
  readonly state: ConnectionState;
  /** Why it is in that state, in words. */
  readonly stateReason: string | undefined;
  /** Documents dated before are read for reference and not written (ENGINE C6). `YYYY-MM-DD`. */
  readonly goLive: string;
  /** Reference kinds that may be created in the books; all others are off. */
  readonly creates: readonly KindName[];
  /** What the company can do, as its own record last said. */
  readonly features: Readonly<Record<string, string>>;
  readonly baseCurrency: string | undefined;
  /** No calls before this time: a limit of the provider, or an outage. */
  readonly notBefore: Date | undefined;
  /** When the company was last connected, and by whom. */
  readonly connectedAt?: Date;
  readonly connectedBy?: string;
  readonly disconnectedAt?: Date;
  /** When the company and its reference records had been read for the first time; absent until then. */
  readonly firstLookAt?: Date;
}

/** A company that a consent reaches, about to be connected. */
export interface NewConnection {
  /** Its id, unless the tenant has had a connection to this company before. */
  readonly id: string;
  readonly provider: string;
  readonly company: string;
  readonly companyName: string | undefined;
  readonly grant: string;
  /** Today for a new connection, and unchanged for one that is renewed, unless given. */
  readonly goLive: string | undefined;
  readonly by: string;
}
