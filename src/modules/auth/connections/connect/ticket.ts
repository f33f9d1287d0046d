/** `open`: the page was not confirmed yet. `started`: one browser is on its way. `ended`: it came back, or never may. */
export const TICKET_STATES = ['open', 'started', 'ended'] as const;
export type TicketState = (typeof TICKET_STATES)[number];

/** Leave to connect a company once: made by the API, carried by a person's browser, bound to it when confirmed. */
export interface Ticket {
  readonly id: string;
  readonly tenant: string;
  readonly provider: string;
  /** The connection to be renewed; undefined where any company may be connected. */
  readonly connection: string | undefined;
  readonly actor: string;
  readonly returnUrl: string;
  readonly goLive: string | undefined;
  readonly state: TicketState;
  readonly browserHash: Uint8Array | undefined;
  readonly expiresAt: Date;
}

/** A ticket may be opened for so long, and from its confirmation the browser may be away for so long. */
export const TICKET_MS = 15 * 60_000;

/**
 * How a journey ended, as `result` at the return URL tells. `denied`: the person said no. `expired`: it took longer than
 * a quarter of an hour. `invalid`: it was used before, or by another browser. `wrong_company`: another company than the
 * one to be reconnected was chosen. `no_company`: the consent reaches no company. `failed`: the provider did not do its
 * part; it may be tried again.
 */
export const CONNECT_RESULTS = [
  'connected',
  'denied',
  'expired',
  'invalid',
  'wrong_company',
  'no_company',
  'failed',
] as const;
export type ConnectResultCode = (typeof CONNECT_RESULTS)[number];
