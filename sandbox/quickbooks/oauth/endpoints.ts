import { generateKeyPairSync, createSign, type KeyObject } from 'node:crypto';
import { cut, page, redirect, type Answer } from '../../answer.ts';
import { header, type Incoming } from '../../incoming.ts';
import { json } from '../answer.ts';
import { CLIENT, CONNECTED_USER, type Vendor } from '../vendor.ts';
import { consentPage, refusalPage } from './consent-page.ts';
import { ACCESS_TOKEN_SECONDS, ACCOUNTING_SCOPE, REFRESH_TOKEN_SECONDS, type Grant, type Issued } from './grants.ts';

const ISSUER = 'https://oauth.platform.intuit.com/op/v1';
const SCOPES = [ACCOUNTING_SCOPE, 'com.intuit.quickbooks.payment', 'openid', 'profile', 'email', 'phone', 'address'];
const KEY_ID = 'sandbox-key-1';

/** Discovery, consent, tokens, revocation, user info and signing keys (sheet 1). */
export class OAuthEndpoints {
  private readonly vendor: Vendor;
  private keys: { publicKey: KeyObject; privateKey: KeyObject } | undefined;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  /** The answer to a path of the authorisation server; undefined when it is none. */
  answer(request: Incoming): Answer | undefined {
    const path = request.path.replace(/\/$/, '');
    switch (`${request.method} ${path}`) {
      case 'GET /.well-known/openid_configuration':
      case 'GET /.well-known/openid_sandbox_configuration':
        return json(200, discovery(request.base));
      case 'GET /connect/oauth2':
        return this.authorize(request);
      case 'POST /connect/oauth2':
        return this.decide(request);
      case 'POST /oauth2/v1/tokens/bearer':
        return this.token(request);
      case 'POST /v2/oauth2/tokens/revoke':
        return this.revoke(request);
      case 'GET /v1/openid_connect/userinfo':
        return this.userInfo(request);
      case 'GET /op/v1/jwks':
        return json(200, { keys: [this.publicKey()] });
      default:
        return undefined;
    }
  }

  private authorize(request: Incoming): Answer {
    const problem = problemWith(request.params);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    const { consent, companies } = this.vendor;
    if (consent.mode === 'deny') return this.deny(request.params);
    if (consent.mode === 'auto') {
      const realm = consent.realm ?? [...companies.keys()][0];
      if (realm === undefined) return page(refusalPage('There is no company to connect.'), 400);
      return this.grant(request.params, realm);
    }
    const choices = [...companies.values()].map((company) => ({
      realmId: company.realmId,
      name: String(company.object('CompanyInfo', '1')?.CompanyName ?? company.realmId),
      country: String(company.object('CompanyInfo', '1')?.Country ?? ''),
    }));
    return page(consentPage(request.params, choices, consent.realm));
  }

  /** The form of the consent page. */
  private decide(request: Incoming): Answer {
    const form = new URLSearchParams(request.body);
    const problem = problemWith(form);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    if (form.get('decision') !== 'connect') return this.deny(form);
    const realm = form.get('realm') ?? '';
    if (!this.vendor.companies.has(realm)) return page(refusalPage('Choose a company to connect.'), 400);
    return this.grant(form, realm);
  }

  private deny(params: URLSearchParams): Answer {
    return back(params, { error: 'access_denied' });
  }

  private grant(params: URLSearchParams, realm: string): Answer {
    const scopes = scopesOf(params);
    const code = this.vendor.grants.issueCode({
      realm,
      clientId: params.get('client_id') ?? '',
      redirectUri: params.get('redirect_uri') ?? '',
      scopes,
    });
    this.vendor.changed();
    const hasCompany = scopes.some((scope) => scope.startsWith('com.intuit.quickbooks.'));
    return back(params, { code, ...(hasCompany && { realmId: realm }) });
  }

  private token(request: Incoming): Answer {
    const refused = refuseClient(request);
    if (refused) return refused;
    if (header(request, 'content-type').split(';')[0]?.trim() !== 'application/x-www-form-urlencoded') {
      return json(400, { error: 'invalid_request', error_description: 'The body has to be a form' });
    }
    const form = new URLSearchParams(request.body);
    const { grants, meter } = this.vendor;
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const issued = grants.exchange(form.get('code') ?? '', form.get('redirect_uri') ?? '', CLIENT.id);
        if ('grant' in issued) meter.tokens.exchanges++;
        return this.issue(request, issued);
      }
      case 'refresh_token': {
        const issued = grants.refresh(form.get('refresh_token') ?? '', CLIENT.id);
        if ('refused' in issued) return this.issue(request, issued);
        meter.tokens.refreshes++;
        const drops = issued.grant.dropNextAnswer;
        issued.grant.dropNextAnswer = false;
        const answer = this.issue(request, issued);
        return drops ? cut() : answer;
      }
      case null:
        return json(400, { error: 'invalid_request' });
      default:
        return json(400, { error: 'unsupported_grant_type' });
    }
  }

  private issue(request: Incoming, issued: Issued): Answer {
    if ('refused' in issued) return json(400, { error: 'invalid_grant', error_description: issued.refused });
    this.vendor.changed();
    const { grant, accessToken } = issued;
    const wantsHardExpiry = header(request, 'x-include-refresh-token-hard-expires-in') === 'true';
    const secondsLeft = Math.max(0, Math.floor((grant.hardExpiresAt - this.vendor.clock.now()) / 1000));
    return json(200, {
      token_type: 'bearer',
      access_token: accessToken,
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: grant.refreshToken,
      x_refresh_token_expires_in: REFRESH_TOKEN_SECONDS,
      ...(wantsHardExpiry && { x_refresh_token_hard_expires_in: secondsLeft }),
      ...(grant.scopes.includes('openid') && { id_token: this.idToken(grant) }),
    });
  }

  private revoke(request: Incoming): Answer {
    const refused = refuseClient(request);
    if (refused) return refused;
    const isForm = header(request, 'content-type').startsWith('application/x-www-form-urlencoded');
    let token: string | null = null;
    if (isForm) token = new URLSearchParams(request.body).get('token');
    else {
      try {
        token = (JSON.parse(request.body) as { token?: string }).token ?? null;
      } catch {
        return json(400, { error: 'invalid_request' });
      }
    }
    if (token === null || !this.vendor.grants.revoke(token)) return json(400, { error: 'invalid_request' });
    this.vendor.meter.tokens.revocations++;
    this.vendor.changed();
    return { ...json(200, ''), body: '' };
  }

  private userInfo(request: Incoming): Answer {
    const check = this.vendor.grants.check(header(request, 'authorization').replace(/^bearer /i, ''));
    if (!('grant' in check) || !check.grant.scopes.includes('openid')) return json(401, { error: 'invalid_token' });
    const { scopes } = check.grant;
    const [givenName, familyName] = CONNECTED_USER.name.split(' ');
    return json(200, {
      sub: CONNECTED_USER.id,
      ...(scopes.includes('email') && { email: 'admin@company.example', emailVerified: true }),
      ...(scopes.includes('profile') && { givenName, familyName }),
      ...(scopes.includes('phone') && { phoneNumber: '+1 5555550100', phoneNumberVerified: false }),
      ...(scopes.includes('address') && { address: { streetAddress: '1 Main St', locality: 'Salem', country: 'US' } }),
    });
  }

  private idToken(grant: Grant): string {
    const now = Math.floor(this.vendor.clock.now() / 1000);
    const claims = {
      sub: CONNECTED_USER.id,
      aud: [grant.clientId],
      realmid: grant.realm,
      auth_time: now,
      iss: ISSUER,
      exp: now + ACCESS_TOKEN_SECONDS,
      iat: now,
    };
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const content = `${encode({ kid: KEY_ID, typ: 'JWT', alg: 'RS256' })}.${encode(claims)}`;
    const signature = createSign('RSA-SHA256').update(content).sign(this.keyPair().privateKey, 'base64url');
    return `${content}.${signature}`;
  }

  private publicKey(): object {
    const { n, e } = this.keyPair().publicKey.export({ format: 'jwk' });
    return { kty: 'RSA', use: 'sig', alg: 'RS256', kid: KEY_ID, n, e };
  }

  /** Made when first needed: most clients never ask for an id token. */
  private keyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
    this.keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return this.keys;
  }
}

function discovery(base: string): object {
  return {
    issuer: ISSUER,
    authorization_endpoint: `${base}/connect/oauth2`,
    token_endpoint: `${base}/oauth2/v1/tokens/bearer`,
    userinfo_endpoint: `${base}/v1/openid_connect/userinfo`,
    revocation_endpoint: `${base}/v2/oauth2/tokens/revoke`,
    jwks_uri: `${base}/op/v1/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: SCOPES.filter((scope) => !scope.startsWith('com.')),
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: ['aud', 'exp', 'iat', 'iss', 'realmid', 'sub'],
  };
}

function scopesOf(params: URLSearchParams): string[] {
  return (params.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
}

/** What is wrong with an authorize request, in words for the person who sees it: it must not be redirected anywhere. */
function problemWith(params: URLSearchParams): string | undefined {
  if (params.get('client_id') !== CLIENT.id) return 'The client_id is not registered.';
  const redirectUri = params.get('redirect_uri') ?? '';
  if (!/^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/.test(redirectUri)) {
    return 'The redirect_uri is not registered for this app.';
  }
  if (params.get('response_type') !== 'code') return 'The response_type has to be "code".';
  const scopes = scopesOf(params);
  if (scopes.length === 0 || scopes.some((scope) => !SCOPES.includes(scope))) return 'A scope is missing or unknown.';
  return undefined;
}

function back(params: URLSearchParams, members: Record<string, string>): Answer {
  const target = new URL(params.get('redirect_uri') as string);
  const state = params.get('state');
  for (const [name, value] of Object.entries({ ...members, ...(state !== null && { state }) })) {
    target.searchParams.set(name, value);
  }
  return redirect(target.toString());
}

function refuseClient(request: Incoming): Answer | undefined {
  const [scheme, value = ''] = header(request, 'authorization').split(' ');
  const expected = `${CLIENT.id}:${CLIENT.secret}`;
  const given = scheme?.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
  return given === expected ? undefined : json(401, { error: 'invalid_client' });
}
