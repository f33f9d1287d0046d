import { cut, page, redirect, type Answer } from '../../answer.ts';
import { header, type Incoming } from '../../incoming.ts';
import { gateway, json } from '../answer.ts';
import { CLIENT, PERSON, type Vendor } from '../vendor.ts';
import { consentPage, refusalPage } from './consent-page.ts';
import { ACCESS_TOKEN_SECONDS, type Grant, type Refused } from './grants.ts';
import { isScope } from './scopes.ts';

/** Where a person is sent back to when the request names no redirect. */
export const FIRST_REDIRECT = 'http://localhost:3000/callback';

const PATHS: Readonly<Record<string, 'authorize' | 'token' | 'revoke'>> = {
  '/oauth2/authorize': 'authorize',
  '/oauth2/token': 'token',
  '/oauth2/token-revoke': 'revoke',
};

export function oauthOperation(path: string): 'authorize' | 'token' | 'revoke' | undefined {
  return PATHS[path.replace(/\/$/, '')];
}

/** Consent, tokens and their revocation (sheet 1). */
export class OAuthEndpoints {
  private readonly vendor: Vendor;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  /** The answer to a path of the authorisation server; undefined when it is none. */
  answer(request: Incoming): Answer | undefined {
    const operation = oauthOperation(request.path);
    if (operation === undefined) return undefined;
    const isSlashless = !request.path.endsWith('/');
    if (isSlashless && request.method === 'GET') {
      const query = request.params.toString();
      return redirect(`${request.base}${request.path}/${query === '' ? '' : `?${query}`}`);
    }
    if (isSlashless && this.vendor.switches.slashlessToken === 'redirect') {
      return { ...redirect(`${request.base}${request.path}/`), status: 301 };
    }
    switch (`${request.method} ${operation}`) {
      case 'GET authorize':
        return this.authorize(request.params);
      case 'POST authorize':
        return this.decide(new URLSearchParams(request.body));
      case 'POST token':
        return this.token(request);
      case 'POST revoke':
        return this.revoke(request);
      default:
        return gateway(405, '405 Method Not Allowed', { Allow: operation === 'authorize' ? 'GET' : 'POST' });
    }
  }

  private authorize(params: URLSearchParams): Answer {
    const problem = problemWith(params);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    if (!hasScopes(params)) return back(params, { error: 'invalid_scope' });
    const scopes = scopesOf(params);
    const { consent, businesses, grants } = this.vendor;
    const wanted = params.get('businessId') ?? params.get('business_id') ?? undefined;
    if (consent.mode === 'deny') return back(params, { error: 'access_denied' });
    if (consent.mode === 'auto') {
      const chosen = consent.realms ?? [wanted ?? [...businesses.keys()][0] ?? ''];
      return this.grant(params, chosen);
    }
    if (params.get('approval_prompt') !== 'force') {
      const same = grants.hasSame(scopes, wanted);
      if (same?.businesses) return this.grant(params, same.businesses);
    }
    const choices = [...businesses.values()].map(({ id, settings }) => ({
      id,
      name: settings.name,
      note: `${settings.currency} · ${this.vendor.isEntitled(id) ? 'Pro' : 'needs the Pro plan'}`,
      isEntitled: this.vendor.isEntitled(id),
    }));
    return page(consentPage(params, choices, wanted));
  }

  /** The form of the consent page. */
  private decide(form: URLSearchParams): Answer {
    const problem = problemWith(form);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    if (!hasScopes(form)) return back(form, { error: 'invalid_scope' });
    if (form.get('decision') !== 'connect') return back(form, { error: 'access_denied' });
    const chosen = form.getAll('business');
    if (chosen.length === 0) return page(refusalPage('Choose a business to connect.'), 400);
    return this.grant(form, chosen);
  }

  /** Consent needs a plan with API access for every business. */
  private grant(params: URLSearchParams, businesses: string[]): Answer {
    const known = businesses.every((id) => this.vendor.businesses.has(id) && this.vendor.isEntitled(id));
    if (!known) return back(params, { error: 'access_denied' });
    const code = this.vendor.grants.issueCode({
      businesses,
      scopes: scopesOf(params),
      redirectUri: redirectOf(params),
      challenge: params.get('code_challenge') ?? undefined,
    });
    this.vendor.changed();
    return back(params, { code });
  }

  private token(request: Incoming): Answer {
    const form = formOf(request);
    if (!form) return json(400, { error: 'invalid_request' });
    const refused = this.refuseClient(request, form);
    if (refused) return refused;
    const { grants, meter } = this.vendor;
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const redirectUri = form.get('redirect_uri') ?? FIRST_REDIRECT;
        const issued = grants.exchange(form.get('code') ?? '', redirectUri, form.get('code_verifier'));
        if (!('refused' in issued)) meter.tokens.exchanges++;
        return this.issue(issued);
      }
      case 'refresh_token':
        return this.refresh(form);
      case null:
        return json(400, { error: 'invalid_request' });
      default:
        return json(400, { error: 'unsupported_grant_type' });
    }
  }

  private refresh(form: URLSearchParams): Answer {
    const { grants, meter, switches } = this.vendor;
    const token = form.get('refresh_token');
    if (token === null) return json(400, { error: 'invalid_request' });
    if (switches.refreshNeeds === 'redirectUri' && form.get('redirect_uri') === null) {
      return json(400, { error: 'invalid_request' });
    }
    if (switches.refreshNeeds === 'scope' && form.get('scope') === null) return json(400, { error: 'invalid_scope' });
    const issued = grants.refresh(token);
    if ('refused' in issued) {
      this.vendor.changed();
      return this.issue(issued);
    }
    meter.tokens.refreshes++;
    const drops = issued.dropNextAnswer;
    issued.dropNextAnswer = false;
    const answer = this.issue(issued);
    return drops ? cut() : answer;
  }

  private issue(issued: Grant | Refused): Answer {
    const { switches } = this.vendor;
    if ('refused' in issued) {
      if (issued.refused !== 'access_denied') return json(400, { error: issued.refused });
      if (switches.lapsedPlanBody === 'html') return gateway(403, '403 Forbidden');
      const words = 'The business needs an active Pro plan or Wave Advisor';
      return json(403, { error: 'access_denied', error_description: words });
    }
    this.vendor.changed();
    const { accessToken, refreshToken, scopes, businesses } = issued;
    const [only, ...others] = businesses ?? [];
    const isSingle = only !== undefined && others.length === 0;
    return json(200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      scope: scopes.join(' '),
      userId: PERSON.id,
      ...(isSingle ? { businessId: only } : switches.businessIdOfSeveral === 'null' && { businessId: null }),
    });
  }

  private revoke(request: Incoming): Answer {
    const form = formOf(request);
    const token = form?.get('token') ?? null;
    if (!form || token === null) return json(400, { error: 'invalid_request' });
    const refused = this.refuseClient(request, form);
    if (refused) return refused;
    this.vendor.grants.revoke(token);
    this.vendor.meter.tokens.revocations++;
    this.vendor.changed();
    return json(200, {});
  }

  private refuseClient(request: Incoming, form: URLSearchParams): Answer | undefined {
    const { basicCredentials, invalidClientStatus } = this.vendor.switches;
    const [scheme = '', value = ''] = header(request, 'authorization').split(' ');
    const isBasic = basicCredentials && scheme.toLowerCase() === 'basic';
    const given = isBasic
      ? Buffer.from(value, 'base64').toString('utf8')
      : `${form.get('client_id') ?? ''}:${form.get('client_secret') ?? ''}`;
    if (given === `${CLIENT.id}:${CLIENT.secret}`) return undefined;
    return json(Number(invalidClientStatus), { error: 'invalid_client' });
  }
}

function formOf(request: Incoming): URLSearchParams | undefined {
  const type = header(request, 'content-type').split(';')[0]?.trim();
  return type === 'application/x-www-form-urlencoded' ? new URLSearchParams(request.body) : undefined;
}

function scopesOf(params: URLSearchParams): string[] {
  return (params.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
}

function hasScopes(params: URLSearchParams): boolean {
  const scopes = scopesOf(params);
  return scopes.length > 0 && scopes.every(isScope);
}

function redirectOf(params: URLSearchParams): string {
  return params.get('redirect_uri') ?? FIRST_REDIRECT;
}

/** What is wrong with a request, in words for the person who sees it: it must not be redirected anywhere. */
function problemWith(params: URLSearchParams): string | undefined {
  if (params.get('client_id') !== CLIENT.id) return 'invalid_request: the client_id is not registered.';
  if (!/^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/.test(redirectOf(params))) {
    return 'invalid_request: the redirect_uri is not registered for this application.';
  }
  if (params.get('response_type') !== 'code') return 'invalid_request: the response_type has to be "code".';
  const method = params.get('code_challenge_method');
  if (params.has('code_challenge') && method !== null && method !== 'S256') {
    return 'invalid_request: the code_challenge_method has to be S256.';
  }
  return undefined;
}

function back(params: URLSearchParams, members: Record<string, string>): Answer {
  const target = new URL(redirectOf(params));
  const state = params.get('state');
  for (const [name, value] of Object.entries({ ...members, ...(state !== null && { state }) })) {
    target.searchParams.set(name, value);
  }
  return redirect(target.toString());
}
