import type {
  NoResponse,
  ProviderDefinition,
  ProviderRequest,
  ProviderResponse,
  ProviderSettings,
} from '../../../src/domain/provider/index.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const requestOf = (
  definition: ProviderDefinition,
  settings: ProviderSettings,
  { method, path, query = {}, headers = {}, body }: ProviderRequest,
  accessToken: string,
): WireRequest => {
  const search = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    url: `${definition.baseUrl(settings)}${path}${search && `?${search}`}`,
    method,
    headers: { ...headers, authorization: `Bearer ${accessToken}` },
    ...(body !== undefined && { body }),
  };
};

/** Sends for real, and never throws for what a server does or fails to do. */
export const sendOver = async ({ url, ...init }: WireRequest): Promise<ProviderResponse | NoResponse> => {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual' });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  } catch (error) {
    const refused = error instanceof Error && String((error.cause as Error | undefined)?.message).includes('REFUSED');
    return { unanswered: refused ? 'not_sent' : 'maybe_sent', message: 'the connection was cut' };
  }
};
