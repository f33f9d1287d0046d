import type { ProviderFailure } from './failure.js';

/** One HTTP request as an adapter words it. The session adds the token, the limits, the deadline and the record. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the provider's base URL for this connection, starting with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The exact bytes to send; a resend after a lost answer sends these again (ENGINE D3). */
  readonly body?: string;
  /** Names of limits that this request draws from besides those every request draws from, such as `batch`. */
  readonly draws?: readonly string[];
  /** A short name for the history and the metrics, without ids: `query Invoice`, `create Customer`. */
  readonly label: string;
  /** For how long an answer is waited for, where the usual 30 seconds do not fit. */
  readonly deadlineMs?: number;
}

export interface ProviderResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Nobody answered: the connection was refused, cut or timed out, before or after the request may have been executed. */
export interface NoResponse {
  readonly unanswered: 'not_sent' | 'maybe_sent';
  readonly message: string;
}

/**
 * The request was never sent, and it is known already what that means: the limits leave no room for it now
 * (`rate_limited`), the consent is gone (`access_revoked`) or paused (`suspended`), or no token can be had right now
 * (`unavailable`). An adapter takes the failure as it is.
 */
export interface HeldBack {
  readonly held: ProviderFailure;
}

export type ProviderExchange = ProviderResponse | NoResponse | HeldBack;

export const answered = (exchange: ProviderExchange): exchange is ProviderResponse => 'status' in exchange;

export const heldBack = (exchange: ProviderExchange): exchange is HeldBack => 'held' in exchange;
