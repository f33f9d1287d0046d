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

export type ProviderExchange = ProviderResponse | NoResponse;

export const answered = (exchange: ProviderExchange): exchange is ProviderResponse => 'status' in exchange;
