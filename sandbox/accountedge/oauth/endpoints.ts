import { cut, page, redirect, type Answer } from '../../answer.ts';
import type { Incoming } from '../../incoming.ts';
import { json } from '../answer.ts';
import { CLIENT, CONSENTING_USER, type Gateway } from '../gateway.ts';
import { consentPage, refusalPage } from './consent-page.ts';
import { ACCESS_TOKEN_SECONDS, type Issued } from './grants.ts';
import { LEGACY_SCOPE, SCOPES } from './scopes.ts';

/** Consent and tokens (sheet 2.1). */
export class OAuthEndpoints {
  private readonly gateway: Gateway;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
  }

  /** The answer to a path of the authorisation server; undefined when it is none. */
  answer(request: Incoming): Answer | undefined {
    switch (`${request.method} ${operationOf(request.path)}`) {
      case 'GET authorize':
        return this.authorize(request);
      case 'POST authorize':
        return this.decide(request);
      case 'POST token':
        return this.token(request);
      default:
        return undefined;
    }
  }

  private authorize(request: Incoming): Answer {
    const problem = problemWith(request.params);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    if (!this.knowsScopes(request.params)) return back(request.params, { error: 'invalid_scope' });
    const { consent, files } = this.gateway;
    if (consent.mode === 'deny' || request.params.get('deny') === '1') {
      return back(request.params, { error: 'access_denied' });
    }
    if (consent.mode === 'auto') {
      const realm = consent.realm ?? [...files.keys()][0];
      if (realm === undefined) return page(refusalPage('There is no company file to connect.'), 400);
      return this.grant(request.params, realm);
    }
    const choices = [...files.values()].map((file) => ({
      uid: file.uid,
      name: file.name,
      about: `${file.country} · ${file.currency} · ${file.uid}`,
    }));
    return page(consentPage(request.params, choices, consent.realm));
  }

  /** The form of the consent page. */
  private decide(request: Incoming): Answer {
    const form = new URLSearchParams(request.body);
    const problem = problemWith(form);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    if (!this.knowsScopes(form)) return back(form, { error: 'invalid_scope' });
    if (form.get('decision') !== 'connect') return back(form, { error: 'access_denied' });
    const realm = form.get('businessId') ?? '';
    if (!this.gateway.files.has(realm)) return page(refusalPage('Choose a company file to connect.'), 400);
    return this.grant(form, realm);
  }

  private knowsScopes(params: URLSearchParams): boolean {
    const known: readonly string[] = this.gateway.switches.legacyScope ? [...SCOPES, LEGACY_SCOPE] : SCOPES;
    const scopes = scopesOf(params);
    return scopes.length > 0 && scopes.every((scope) => known.includes(scope));
  }

  /** Always with the company file, since the list of files may not name it (sheet 2.1, 3.1). */
  private grant(params: URLSearchParams, realm: string): Answer {
    const scopes = scopesOf(params);
    const code = this.gateway.grants.issueCode({
      realm,
      clientId: params.get('client_id') ?? '',
      redirectUri: params.get('redirect_uri') ?? '',
      scopes,
    });
    this.gateway.changed();
    const businessName = this.gateway.files.get(realm)?.name ?? '';
    return back(params, { code, scope: scopes.join(' '), businessId: realm, businessName });
  }

  private token(request: Incoming): Answer {
    const form = new URLSearchParams(request.body);
    const { grants, meter } = this.gateway;
    if (form.get('client_id') !== CLIENT.id || form.get('client_secret') !== CLIENT.secret) {
      return json(401, { error: 'invalid_client' });
    }
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const [code, redirectUri] = [form.get('code'), form.get('redirect_uri')];
        if (code === null || redirectUri === null) return json(400, { error: 'invalid_request' });
        const issued = grants.exchange(code, redirectUri, CLIENT.id);
        if ('grant' in issued) meter.tokens.exchanges++;
        return this.issue(issued);
      }
      case 'refresh_token': {
        const token = form.get('refresh_token');
        if (token === null) return json(400, { error: 'invalid_request' });
        const issued = grants.refresh(token, CLIENT.id);
        if ('refused' in issued) {
          meter.tokens.refusedRefreshes++;
          return this.issue(issued);
        }
        meter.tokens.refreshes++;
        const isDropped = issued.grant.dropNextAnswer;
        issued.grant.dropNextAnswer = false;
        const answer = this.issue(issued);
        return isDropped ? cut() : answer;
      }
      case null:
      default:
        return json(400, { error: 'invalid_request' });
    }
  }

  private issue(issued: Issued): Answer {
    if ('refused' in issued) return json(400, { error: issued.refused });
    this.gateway.changed();
    const { grant } = issued;
    const { expiresIn, profile } = this.gateway.switches;
    const body = {
      access_token: grant.accessToken,
      token_type: 'bearer',
      expires_in: expiresIn === 'string' ? String(ACCESS_TOKEN_SECONDS) : ACCESS_TOKEN_SECONDS,
      refresh_token: grant.refreshToken,
      scope: grant.scopes.join(' '),
      user: CONSENTING_USER,
    };
    const headers: Record<string, string> = { 'Cache-Control': 'no-store' };
    if (profile === 'gateway') headers['X-AccountEdge-Token-Generation'] = String(grant.generation);
    return { ...json(200, body), headers };
  }
}

/** The name under which fault rules find a call of the authorisation server. */
export function operationOf(path: string): 'authorize' | 'token' | 'unknown' {
  switch (path.replace(/\/$/, '')) {
    case '/oauth2/account/authorize':
      return 'authorize';
    case '/oauth2/v1/authorize':
      return 'token';
    default:
      return 'unknown';
  }
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
  if ((params.get('state') ?? '') === '') return 'The state is missing.';
  return undefined;
}

function back(params: URLSearchParams, members: Record<string, string>): Answer {
  const target = new URL(params.get('redirect_uri') as string);
  for (const [name, value] of Object.entries({ ...members, state: params.get('state') as string })) {
    target.searchParams.set(name, value);
  }
  return redirect(target.toString());
}
