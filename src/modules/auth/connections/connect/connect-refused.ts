/** Why a person cannot be sent to connect a company, or a connection not be changed. */
export const CONNECT_REFUSALS = {
  unknown_provider: 'There is no provider of that name.',
  provider_not_set_up: 'The provider is not set up here: the operator has given no credentials for it.',
  return_url_not_allowed: 'The return URL is not one of those that the operator allows.',
  invalid_go_live: 'The go-live date is a calendar date such as 2026-01-31.',
  unknown_connection: 'There is no such connection.',
  connection_ended: 'The connection was ended; connect the company anew.',
  not_a_reference_kind: 'Only reference kinds are created on request; documents always are, and a company never is.',
} as const;
export type ConnectRefusal = keyof typeof CONNECT_REFUSALS;

export class ConnectRefusedError extends Error {
  constructor(readonly code: ConnectRefusal) {
    super(CONNECT_REFUSALS[code]);
    this.name = 'ConnectRefusedError';
  }
}

/** A calendar date `YYYY-MM-DD` that exists; throws ConnectRefusedError. */
export const asGoLive = (text: string): string => {
  const date = new Date(`${text}T00:00:00Z`);
  const exists =
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  if (!exists) throw new ConnectRefusedError('invalid_go_live');
  return text;
};
