import { KIND_NAMES, type KindName } from '../../../src/domain/contract/index.js';
import type {
  AbsentKind,
  LimitDefinition,
  ProviderAdapter,
  ProviderDefinition,
  ProviderResponse,
  Session,
  TokenSet,
} from '../../../src/domain/provider/index.js';

export interface StubTraits {
  readonly name: string;
  readonly pkce: boolean;
  readonly lostRefreshRetryMs: number;
  readonly limits: readonly LimitDefinition[];
}

/** The adapter of the stub hands out its session, so that tests can send through it. */
export interface StubAdapter extends ProviderAdapter {
  readonly session: Session;
}

/** The definition of the provider that `OAuthProvider` plays. */
export const stubDefinition = (traits: Partial<StubTraits> = {}): ProviderDefinition => {
  const { name = 'stub', pkce = true, lostRefreshRetryMs = 30 * 60_000, limits = [] } = traits;
  const url = (settings: Readonly<Record<string, string>>): string => settings.STUB_URL!;
  return {
    name,
    title: 'Stub Books',
    settings: [
      { name: 'STUB_URL', says: 'where it is', secret: false, inSandbox: '{sandbox}' },
      { name: 'STUB_CLIENT_ID', says: 'client id', secret: false, inSandbox: 'stub-client' },
      { name: 'STUB_CLIENT_SECRET', says: 'client secret', secret: true, inSandbox: 'stub-secret' },
    ],
    baseUrl: (settings) => `${url(settings)}/api`,
    oauth: {
      authorizationUrl: (settings) => `${url(settings)}/authorize`,
      tokenUrl: (settings) => `${url(settings)}/token`,
      revocationUrl: (settings) => `${url(settings)}/revoke`,
      clientIdSetting: 'STUB_CLIENT_ID',
      clientSecretSetting: 'STUB_CLIENT_SECRET',
      scopes: ['books', 'offline'],
      pkce,
      tokenHeaders: { 'x-stub': 'yes' },
      readTokens: tokensIn,
      companies: async ({ query, send }) => {
        const exchange = await send({ method: 'GET', path: '/companies', label: 'list companies' });
        if (!('status' in exchange) || exchange.status !== 200) return [];
        const { path } = JSON.parse(exchange.body) as { path: string };
        if (path !== '/api/companies' || !query.company) return [];
        return query.company.split(',').map((id) => ({ id, name: `Company ${id}` }));
      },
      refreshRefused: ({ status, body }) => {
        if (status === 403) return 'paused';
        return status === 400 && body.includes('invalid_grant') ? 'revoked' : 'unavailable';
      },
      lostRefreshRetryMs,
      revocation: (token) => ({ contentType: 'application/json', body: JSON.stringify({ token }) }),
    },
    kinds: Object.fromEntries(KIND_NAMES.map((kind) => [kind, { absent: 'the stub has none' }])) as Record<
      KindName,
      AbsentKind
    >,
    streams: [],
    limits,
    requestId: ({ headers }) => headers['x-request-id'],
    tokenRefused: ({ status }) => status === 401,
    rotatedTokens: ({ headers }: ProviderResponse): TokenSet | undefined =>
      headers['x-new-tokens'] === undefined ? undefined : tokensIn(headers['x-new-tokens']),
    connect: (session): StubAdapter => ({
      session,
      observe: () => Promise.resolve([]),
      list: () => Promise.resolve({ sightings: [] }),
      poll: () => Promise.resolve({ sightings: [], notices: [], cursor: '', more: false }),
      namesakes: (wanted) => Promise.resolve(wanted.map(() => [])),
      preflight: () => [],
      draft: () => [],
      interpret: () => [],
    }),
  };
};

const tokensIn = (body: string): TokenSet => {
  const tokens = JSON.parse(body) as Record<string, unknown>;
  if (typeof tokens.access_token !== 'string') throw new Error(`no tokens in ${body}`);
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token as string | undefined,
    accessExpiresIn: tokens.expires_in as number,
    refreshExpiresIn: tokens.refresh_expires_in as number | undefined,
    grantExpiresIn: tokens.grant_expires_in as number | undefined,
  };
};
