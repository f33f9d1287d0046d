import { wireAt } from '../../../domain/provider/mapping/index.js';
import {
  ProviderFailureError,
  type OAuthDefinition,
  type ProviderRequest,
  type ProviderSettings,
  type SettingDeclaration,
} from '../../../domain/provider/index.js';
import { answerOf } from './xero.failures.js';
import { asConnections, asTokens, parsed } from './xero.wire.js';

/** Consent and tokens (sheet 1). A token reaches every organisation that its person has connected with the app. */

export const settings: readonly SettingDeclaration[] = [
  {
    name: 'XERO_CLIENT_ID',
    says: 'Client id of the app at developer.xero.com, a web app with granular scopes.',
    secret: false,
    inSandbox: 'sandbox-client',
  },
  {
    name: 'XERO_CLIENT_SECRET',
    says: 'Client secret that belongs to the client id.',
    secret: true,
    inSandbox: 'sandbox-secret',
  },
  {
    name: 'XERO_WEBHOOK_SECRET',
    says: 'Signing key of the webhooks; several live ones are separated by spaces.',
    secret: true,
    inSandbox: 'sandbox-verifier',
  },
  {
    name: 'XERO_BASE_URL',
    says: 'Where everything of Xero is found instead of at Xero; empty to use Xero.',
    secret: false,
    default: '',
    inSandbox: '{sandbox}/xero',
  },
];

const LOGIN = 'https://login.xero.com';
const IDENTITY = 'https://identity.xero.com';
const API = 'https://api.xero.com';

const overridden = (given: ProviderSettings): string | undefined =>
  given.XERO_BASE_URL ? given.XERO_BASE_URL.replace(/\/+$/, '') : undefined;

export const baseUrl = (given: ProviderSettings): string => overridden(given) ?? API;

const connections: ProviderRequest = {
  method: 'GET',
  path: '/connections',
  headers: { accept: 'application/json' },
  label: 'read connections',
};

/** An unused refresh token lives for sixty days (sheet 1.3). */
const REFRESH_LIFE_S = 60 * 24 * 3600;

export const oauth: OAuthDefinition = {
  authorizationUrl: (given) => `${overridden(given) ?? LOGIN}/identity/connect/authorize`,
  tokenUrl: (given) => `${overridden(given) ?? IDENTITY}/connect/token`,
  revocationUrl: (given) => `${overridden(given) ?? IDENTITY}/connect/revocation`,
  clientIdSetting: 'XERO_CLIENT_ID',
  clientSecretSetting: 'XERO_CLIENT_SECRET',
  // Apps of today get granular scopes only (sheet 1.4).
  scopes: [
    'offline_access',
    'accounting.settings',
    'accounting.contacts',
    'accounting.invoices',
    'accounting.payments',
    'accounting.banktransactions',
    'accounting.manualjournals',
  ],
  // That flow is for apps that keep no secret (sheet 1.2).
  pkce: false,

  readTokens: (body) => {
    const tokens = asTokens(body);
    return {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      accessExpiresIn: tokens.expires_in,
      refreshExpiresIn: tokens.refresh_token === undefined ? undefined : REFRESH_LIFE_S,
      grantExpiresIn: undefined,
    };
  },

  /** The organisations that the person has connected, the one that was connected last before the others (sheet 1.5). */
  companies: async ({ send }) => {
    const answer = answerOf(await send(connections), 'read');
    if ('failure' in answer) {
      if (answer.failure.is === 'access_revoked' || answer.failure.is === 'token_refused') return [];
      throw new ProviderFailureError(answer.failure);
    }
    const connected = asConnections(answer.body);
    if (!connected) throw new ProviderFailureError({ is: 'unreadable', message: 'Xero named no connections' });
    return connected
      .filter(({ tenantType }) => tenantType === 'ORGANISATION')
      .sort((one, other) => ((one.updatedDateUtc ?? '') < (other.updatedDateUtc ?? '') ? 1 : -1))
      .map(({ tenantId, tenantName }) => ({ id: tenantId, ...(tenantName && { name: tenantName }) }));
  },

  /** Only `invalid_grant` ends the grant; `invalid_client` is a mistake in our own settings (sheet 1.3). */
  refreshRefused: ({ status, body }) =>
    status === 400 && wireAt(parsed(body), 'error') === 'invalid_grant' ? 'revoked' : 'unavailable',

  /** The token before the last one is good for half an hour after its use (sheet 1.3). */
  lostRefreshRetryMs: 30 * 60_000,

  revocation: (refreshToken) => ({
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ token: refreshToken }).toString(),
  }),
};
