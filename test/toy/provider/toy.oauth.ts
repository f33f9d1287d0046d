import { isWireNumber, isWireObject, type WireObject } from '../../../src/domain/provider/mapping/index.js';
import type { OAuthDefinition, SettingDeclaration, TokenSet } from '../../../src/domain/provider/index.js';
import { outcomeOf } from './toy.failures.js';
import { parsed, rowsIn, textIn } from './toy.wire.js';

export const settings: readonly SettingDeclaration[] = [
  { name: 'TOY_CLIENT_ID', says: 'The client id of the app.', secret: false, inSandbox: 'toy-client' },
  { name: 'TOY_CLIENT_SECRET', says: 'The secret that belongs to it.', secret: true, inSandbox: 'toy-secret' },
  {
    name: 'TOY_WEBHOOK_SECRET',
    says: 'The secret that webhooks are signed with.',
    secret: true,
    inSandbox: 'toy-signing',
  },
  { name: 'TOY_URL', says: 'Where the toy books are found.', secret: false, inSandbox: '{sandbox}' },
];

export const tokensIn = (body: WireObject): TokenSet | undefined => {
  const access = textIn(body, 'access_token');
  const { expires_in: life } = body;
  return access === undefined || !isWireNumber(life)
    ? undefined
    : {
        accessToken: access,
        refreshToken: textIn(body, 'refresh_token'),
        accessExpiresIn: Number(life.rawJSON),
        refreshExpiresIn: undefined,
        grantExpiresIn: undefined,
      };
};

/** Consent with PKCE; it reaches one company or all of a person's, and the API tells which. */
export const oauth: OAuthDefinition = {
  authorizationUrl: ({ TOY_URL }) => `${TOY_URL}/authorize`,
  tokenUrl: ({ TOY_URL }) => `${TOY_URL}/token`,
  revocationUrl: ({ TOY_URL }) => `${TOY_URL}/revoke`,
  clientIdSetting: 'TOY_CLIENT_ID',
  clientSecretSetting: 'TOY_CLIENT_SECRET',
  scopes: ['books'],
  pkce: true,
  readTokens: (body) => {
    const wire = parsed(body);
    const tokens = isWireObject(wire) ? tokensIn(wire) : undefined;
    if (!tokens) throw new Error('the token endpoint of the toy answered no tokens');
    return tokens;
  },
  companies: async ({ send }) => {
    const outcome = outcomeOf(await send({ method: 'GET', path: '/companies', label: 'list companies' }), 'read');
    const rows = 'body' in outcome ? (rowsIn(outcome.body, 'companies') ?? []) : [];
    return rows.flatMap((row) => {
      const [id, name] = [textIn(row, 'id'), textIn(row, 'name')];
      return id === undefined ? [] : [{ id, ...(name !== undefined && { name }) }];
    });
  },
  refreshRefused: ({ status, body }) => {
    const wire = parsed(body);
    return status === 400 && isWireObject(wire) && wire.error === 'invalid_grant' ? 'revoked' : 'unavailable';
  },
  lostRefreshRetryMs: 60_000,
  revocation: (refreshToken) => ({
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ token: refreshToken }).toString(),
  }),
};
