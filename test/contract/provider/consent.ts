import { createHash, randomBytes } from 'node:crypto';
import {
  answered,
  type CompanyIdentity,
  type ProviderDefinition,
  type ProviderResponse,
  type ProviderSettings,
  type TokenSet,
} from '../../../src/domain/provider/index.js';
import { Browser } from './browser.js';
import { requestOf, sendOver } from './http.js';
import type { CompanyOnTrial, Stand } from './trial.js';

/** What one person's consent gives. */
export interface Consent {
  readonly tokens: TokenSet;
  /** The companies that it reaches, as the definition tells them. */
  readonly companies: readonly CompanyIdentity[];
  /** What the browser was sent back with. */
  readonly callback: URL;
}

/** Nothing listens there: the browser stops before it opens it. */
const REDIRECT_URI = 'http://localhost:9/callback';

/** The whole dance: the page that asks, the way back with a code, the token endpoint, the companies. */
export const giveConsent = async (
  definition: ProviderDefinition,
  stand: Stand,
  company: CompanyOnTrial,
): Promise<Consent> => {
  const { oauth } = definition;
  const { settings } = stand;
  const [state, verifier] = [randomBytes(16).toString('hex'), randomBytes(32).toString('base64url')];
  const question = new URL(oauth.authorizationUrl(settings));
  const asked = {
    client_id: settings[oauth.clientIdSetting]!,
    response_type: 'code',
    scope: oauth.scopes.join(' '),
    redirect_uri: REDIRECT_URI,
    state,
    ...(oauth.pkce && {
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }),
  };
  for (const [name, value] of Object.entries(asked)) question.searchParams.set(name, value);
  const callback = await new Browser().travel(question.href, REDIRECT_URI, stand.consentTo(company));
  const query = Object.fromEntries(callback.searchParams);
  if (query.state !== state) throw new Error(`the consent came back with another state: ${callback.search}`);
  if (query.code === undefined) throw new Error(`the consent came back without a code: ${callback.search}`);

  const answer = await askForTokens(definition, settings, {
    grant_type: 'authorization_code',
    code: query.code,
    redirect_uri: REDIRECT_URI,
    ...(oauth.pkce && { code_verifier: verifier }),
  });
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.body}`);
  const tokens = oauth.readTokens(answer.body);
  const companies = await oauth.companies({
    query,
    send: (request) => sendOver(requestOf(definition, settings, request, tokens.accessToken)),
  });
  return { tokens, companies, callback };
};

/** One request to the token endpoint, with the client's own credentials. */
export const askForTokens = async (
  definition: ProviderDefinition,
  settings: ProviderSettings,
  form: Readonly<Record<string, string>>,
): Promise<ProviderResponse> => {
  const { oauth } = definition;
  const exchange = await sendOver({
    url: oauth.tokenUrl(settings),
    method: 'POST',
    ...authenticated(definition, settings, {
      contentType: 'application/x-www-form-urlencoded',
      body: new URLSearchParams(form).toString(),
      ...(oauth.tokenHeaders && { headers: oauth.tokenHeaders }),
    }),
  });
  if (!answered(exchange)) throw new Error('the token endpoint did not answer');
  return exchange;
};

/** A form with the client's own credentials, where the provider wants them. */
export const authenticated = (
  { oauth }: ProviderDefinition,
  settings: ProviderSettings,
  {
    contentType,
    body,
    headers = {},
  }: { readonly contentType: string; readonly body: string; readonly headers?: Readonly<Record<string, string>> },
): { readonly headers: Record<string, string>; readonly body: string } => {
  const [id, secret] = [oauth.clientIdSetting, oauth.clientSecretSetting].map((name) => settings[name] ?? '');
  const common = { accept: 'application/json', ...headers, 'content-type': contentType };
  if (oauth.clientCredentials === 'form') {
    const form = new URLSearchParams(body);
    form.set('client_id', id!);
    form.set('client_secret', secret!);
    return { headers: common, body: form.toString() };
  }
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  return { headers: { ...common, authorization }, body };
};
