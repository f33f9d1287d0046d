import { wireAt } from '../../../domain/provider/mapping/index.js';
import type { OAuthDefinition, ProviderSettings, SettingDeclaration } from '../../../domain/provider/index.js';
import { get } from './quickbooks.client.js';
import { outcomeOf } from './quickbooks.failures.js';
import { isVendorId } from './quickbooks.entities.js';
import { asTokens, parsed } from './quickbooks.wire.js';

/** Consent and tokens (sheet 1). One consent reaches one company. */

export const settings: readonly SettingDeclaration[] = [
  {
    name: 'QUICKBOOKS_CLIENT_ID',
    says: 'Client id of the app at developer.intuit.com; development keys reach sandbox companies only.',
    secret: false,
    inSandbox: 'sandbox-client',
  },
  {
    name: 'QUICKBOOKS_CLIENT_SECRET',
    says: 'Client secret that belongs to the client id.',
    secret: true,
    inSandbox: 'sandbox-secret',
  },
  {
    name: 'QUICKBOOKS_WEBHOOK_SECRET',
    says: 'Verifier token of the webhook; several live ones are separated by spaces.',
    secret: true,
    inSandbox: 'sandbox-verifier',
  },
  {
    name: 'QUICKBOOKS_ENVIRONMENT',
    says: 'production, or sandbox for the vendor’s own sandbox companies.',
    secret: false,
    default: 'production',
    inSandbox: 'sandbox',
  },
  {
    name: 'QUICKBOOKS_BASE_URL',
    says: 'Where everything of QuickBooks is found instead of at Intuit; empty to use Intuit.',
    secret: false,
    default: '',
    inSandbox: '{sandbox}/quickbooks',
  },
];

const AUTHORIZE = 'https://appcenter.intuit.com';
const TOKENS = 'https://oauth.platform.intuit.com';
const REVOKE = 'https://developer.api.intuit.com';
const API = {
  production: 'https://quickbooks.api.intuit.com',
  sandbox: 'https://sandbox-quickbooks.api.intuit.com',
} as const;

const overridden = (given: ProviderSettings): string | undefined =>
  given.QUICKBOOKS_BASE_URL ? given.QUICKBOOKS_BASE_URL.replace(/\/+$/, '') : undefined;

/** Keys of one environment are good for its companies only, so the two are never mixed. */
export const baseUrl = (given: ProviderSettings): string =>
  overridden(given) ?? (given.QUICKBOOKS_ENVIRONMENT === 'sandbox' ? API.sandbox : API.production);

export const oauth: OAuthDefinition = {
  authorizationUrl: (given) => `${overridden(given) ?? AUTHORIZE}/connect/oauth2`,
  tokenUrl: (given) => `${overridden(given) ?? TOKENS}/oauth2/v1/tokens/bearer`,
  revocationUrl: (given) => `${overridden(given) ?? REVOKE}/v2/oauth2/tokens/revoke`,
  clientIdSetting: 'QUICKBOOKS_CLIENT_ID',
  clientSecretSetting: 'QUICKBOOKS_CLIENT_SECRET',
  scopes: ['com.intuit.quickbooks.accounting'],
  pkce: false,
  // Without the header the answer does not tell when the grant ends for good (sheet 1.3, 1.4).
  tokenHeaders: { accept: 'application/json', 'x-include-refresh-token-hard-expires-in': 'true' },

  readTokens: (body) => {
    const tokens = asTokens(body);
    return {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      accessExpiresIn: tokens.expires_in,
      refreshExpiresIn: tokens.x_refresh_token_expires_in,
      grantExpiresIn: tokens.x_refresh_token_hard_expires_in,
    };
  },

  /**
   * The callback's query names the company. Anybody can write a query, so the company is asked for its name: a token
   * that does not reach it says so, and then there is no company.
   */
  companies: async ({ query, send }) => {
    const id = query.realmId ?? '';
    if (!isVendorId(id)) return [];
    const outcome = outcomeOf(await send(get(id, `companyinfo/${id}`, 'read CompanyInfo')), 'read');
    if ('failure' in outcome) {
      return outcome.failure.is === 'access_revoked' || outcome.failure.is === 'token_refused' ? [] : [{ id }];
    }
    const name = wireAt(outcome.body, 'CompanyInfo.CompanyName');
    return [{ id, ...(typeof name === 'string' && { name }) }];
  },

  /** Only `invalid_grant` ends the grant; `invalid_client` is a mistake in our own settings (sheet 1.5). */
  refreshRefused: ({ status, body }) =>
    status === 400 && wireAt(parsed(body), 'error') === 'invalid_grant' ? 'revoked' : 'unavailable',

  /** The value changes about once a day and is repeated in between, so the stored one is tried again (sheet 1.4). */
  lostRefreshRetryMs: 24 * 3_600_000,

  revocation: (refreshToken) => ({
    contentType: 'application/json',
    body: JSON.stringify({ token: refreshToken }),
  }),
};
