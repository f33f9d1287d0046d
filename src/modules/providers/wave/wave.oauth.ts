import { isWireObject, wireAt } from '../../../domain/provider/mapping/index.js';
import type {
  CompanyIdentity,
  OAuthDefinition,
  ProviderSettings,
  SettingDeclaration,
} from '../../../domain/provider/index.js';
import { count, PAGE_SIZE, requestOf } from './wave.client.js';
import { BUSINESSES } from './wave.documents.js';
import { outcomeOf } from './wave.failures.js';
import { asTokens, pageIn, parsed, textIn, type VendorRecord } from './wave.wire.js';

/** Consent and tokens (sheet 1). One consent reaches one business, or all that its person has. */

export const settings: readonly SettingDeclaration[] = [
  {
    name: 'WAVE_CLIENT_ID',
    says: 'Client id of the application in the developer portal of Wave.',
    secret: false,
    inSandbox: 'sandbox-client',
  },
  {
    name: 'WAVE_CLIENT_SECRET',
    says: 'Client secret that belongs to the client id.',
    secret: true,
    inSandbox: 'sandbox-secret',
  },
  {
    name: 'WAVE_WEBHOOK_SECRET',
    says: 'Secret of the webhook subscription, several live ones separated by spaces; empty where there is none.',
    secret: true,
    default: '',
    inSandbox: 'sandbox-verifier',
  },
  {
    name: 'WAVE_BASE_URL',
    says: 'Where everything of Wave is found instead of at Wave; empty to use Wave.',
    secret: false,
    default: '',
    inSandbox: '{sandbox}/wave',
  },
];

const AUTHORISATION = 'https://api.waveapps.com';
const API = 'https://gql.waveapps.com';

const overridden = (given: ProviderSettings): string | undefined =>
  given.WAVE_BASE_URL ? given.WAVE_BASE_URL.replace(/\/+$/, '') : undefined;

export const baseUrl = (given: ProviderSettings): string => overridden(given) ?? API;

/** The slash at the end belongs to the paths: without it a POST may be sent elsewhere and lose its body (sheet 1.1). */
const endpoint =
  (name: string) =>
  (given: ProviderSettings): string =>
    `${overridden(given) ?? AUTHORISATION}/oauth2/${name}/`;

const MAX_PAGES = 20;

export const oauth: OAuthDefinition = {
  // Without the prompt a second consent would silently be given for the business of the first one (sheet 1.2).
  authorizationUrl: (given) => `${endpoint('authorize')(given)}?approval_prompt=force`,
  tokenUrl: endpoint('token'),
  revocationUrl: endpoint('token-revoke'),
  clientIdSetting: 'WAVE_CLIENT_ID',
  clientSecretSetting: 'WAVE_CLIENT_SECRET',
  // To write does not include to read; without the last one there is no refresh token (sheet 1.3).
  scopes: [
    'user:read',
    'business:read',
    'account:read',
    'account:write',
    'customer:read',
    'customer:write',
    'vendor:read',
    'product:read',
    'product:write',
    'sales_tax:read',
    'sales_tax:write',
    'invoice:read',
    'invoice:write',
    'estimate:read',
    'estimate:write',
    'transaction:write',
    'offline_access',
  ],
  pkce: true,
  clientCredentials: 'form',

  readTokens: (body) => {
    const tokens = asTokens(body);
    return {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token ?? undefined,
      accessExpiresIn: tokens.expires_in,
      // How long a refresh token lives is not published.
      refreshExpiresIn: undefined,
      grantExpiresIn: undefined,
    };
  },

  /** The callback names no business, so the token is asked which it reaches. Archived ones are nobody's wish. */
  companies: async ({ send }) => {
    const found = new Map<string, CompanyIdentity>();
    const add = (row: VendorRecord): void => {
      const name = textIn(row, 'name');
      if (row.isArchived !== true) found.set(row.id, { id: row.id, ...(name !== undefined && { name }) });
    };
    for (let at = 1, pages = 1; at <= Math.min(pages, MAX_PAGES); at++) {
      const variables = { page: count(at), pageSize: count(PAGE_SIZE) };
      const outcome = outcomeOf(await send(requestOf(BUSINESSES, variables, 'list businesses')), 'read');
      if ('failure' in outcome) break;
      const { business, businesses } = outcome.data;
      if (isWireObject(business) && typeof business.id === 'string') add(business as VendorRecord);
      const page = isWireObject(businesses) ? pageOf(businesses) : undefined;
      page?.rows.forEach(add);
      pages = page?.totalPages ?? 1;
    }
    return [...found.values()];
  },

  /** A plan that lapsed answers 403 and comes back with the plan; the consent itself is not gone (sheet 1.5). */
  refreshRefused: ({ status, body }) =>
    status === 403
      ? 'paused'
      : status === 400 && wireAt(parsed(body), 'error') === 'invalid_grant'
        ? 'revoked'
        : 'unavailable',

  /**
   * A refresh ends the old tokens at once, so after a lost answer the stored one either still works, because the request
   * never arrived, or is refused for good.
   */
  lostRefreshRetryMs: 24 * 3_600_000,

  revocation: (refreshToken) => ({
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ token: refreshToken }).toString(),
  }),
};

const pageOf = (wire: Parameters<typeof pageIn>[0]): ReturnType<typeof pageIn> | undefined => {
  try {
    return pageIn(wire, 'businesses');
  } catch {
    return undefined;
  }
};
