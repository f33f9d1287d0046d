import { cut, page, redirect, type Answer } from '../../answer.ts';
import { header, type Incoming } from '../../incoming.ts';
import { bare, json, notFound } from '../answer.ts';
import { CLIENTS, type Client, type Vendor } from '../vendor.ts';
import { consentPage, refusalPage } from './consent-page.ts';
import type { Connection, Issued, TokenSet } from './grants.ts';
import { personNamed, USUAL_PERSON, type Person } from './people.ts';
import { isKnownScope, scopesIn, SUPPORTED } from './scopes.ts';
import { publicKey, signedToken } from './signing.ts';

/** Discovery, consent, tokens, revocation and the list of connections (sheet 1). */
export class OAuthEndpoints {
  private readonly vendor: Vendor;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  /** The answer to a path of the identity server; undefined when it is none. */
  answer(request: Incoming): Answer | undefined {
    const path = request.path.replace(/\/$/, '');
    this.vendor.issuer = request.base;
    if (/^\/connections(\/|$)/i.test(path)) return this.connections(request, path.split('/')[2]);
    switch (`${request.method} ${path}`) {
      case 'GET /.well-known/openid-configuration':
        return json(200, discovery(request.base));
      case 'GET /.well-known/openid-configuration/jwks':
        return json(200, { keys: [publicKey()] });
      case 'GET /identity/connect/authorize':
        return this.authorize(request);
      case 'POST /identity/connect/authorize':
        return this.decide(request);
      case 'POST /connect/token':
        return this.token(request);
      case 'POST /connect/revocation':
        return this.revoke(request);
      default:
        return undefined;
    }
  }

  private authorize(request: Incoming): Answer {
    const { consent, organisations } = this.vendor;
    const problem = this.problemWith(request.params);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    if (consent.mode === 'deny') return back(request.params, { error: 'access_denied' });
    const person = personNamed(consent.person) ?? USUAL_PERSON;
    if (consent.mode === 'auto') {
      const tenantId = consent.realm ?? [...organisations.keys()][0];
      if (tenantId === undefined) return page(refusalPage('There is no organisation to connect.'), 400);
      return this.grant(request.params, tenantId, person);
    }
    const choices = [...organisations.values()].map(({ tenantId, settings }) => ({
      tenantId,
      name: String(settings.Name),
      country: `${String(settings.CountryCode)} · ${String(settings.BaseCurrency)}`,
    }));
    return page(consentPage(request.params, choices, consent.realm, person));
  }

  /** The form of the consent page. */
  private decide(request: Incoming): Answer {
    const form = new URLSearchParams(request.body);
    const problem = this.problemWith(form);
    if (problem !== undefined) return page(refusalPage(problem), 400);
    if (form.get('decision') !== 'connect') return back(form, { error: 'access_denied' });
    const tenantId = form.get('realm') ?? '';
    if (!this.vendor.organisations.has(tenantId)) return page(refusalPage('Choose an organisation to connect.'), 400);
    return this.grant(form, tenantId, personNamed(form.get('person') ?? undefined) ?? USUAL_PERSON);
  }

  private grant(params: URLSearchParams, tenantId: string, person: Person): Answer {
    const scopes = scopesIn(params.get('scope'));
    const code = this.vendor.grants.consent(
      {
        person: person.id,
        clientId: params.get('client_id') ?? '',
        redirectUri: params.get('redirect_uri') ?? '',
        scopes,
        challenge: params.get('code_challenge') ?? undefined,
      },
      tenantId,
    );
    this.vendor.changed();
    const extras = {
      scope: scopes.join(' '),
      session_state: `${this.vendor.random.letters(43)}.${this.vendor.random.letters(32)}`,
    };
    return back(params, { code, ...(this.vendor.switches.callbackExtras && extras) });
  }

  /** What is wrong with an authorize request, in words for the person who sees it: it must not be redirected anywhere. */
  private problemWith(params: URLSearchParams): string | undefined {
    const { loopbackAddresses, appScopes } = this.vendor.switches;
    const client = CLIENTS.find(({ id }) => id === params.get('client_id'));
    if (!client) return 'unauthorized_client: the client_id is not registered.';
    const hosts = loopbackAddresses ? 'localhost|127\\.0\\.0\\.1' : 'localhost';
    if (!new RegExp(`^http://(${hosts})(:\\d+)?(/|$)`).test(params.get('redirect_uri') ?? '')) {
      return 'invalid_request: the redirect_uri is not registered for this app.';
    }
    if (params.get('response_type') !== 'code') return 'unsupported_response_type: it has to be "code".';
    const scopes = scopesIn(params.get('scope'));
    const unknown = scopes.find((scope) => !isKnownScope(scope, appScopes));
    if (scopes.length === 0 || unknown !== undefined) return `invalid_scope: ${unknown ?? 'a scope has to be given.'}`;
    const challenge = params.get('code_challenge');
    if (challenge === null && client.secret === undefined) return 'invalid_request: this app needs a code_challenge.';
    if (challenge !== null && params.get('code_challenge_method') !== 'S256') {
      return 'invalid_request: the code_challenge_method has to be S256.';
    }
    return undefined;
  }

  private token(request: Incoming): Answer {
    if (header(request, 'content-type').split(';')[0]?.trim() !== 'application/x-www-form-urlencoded') {
      return this.refusal('invalid_request');
    }
    const form = new URLSearchParams(request.body);
    const client = clientOf(request, form);
    if (!client) return this.refusal('invalid_client', Number(this.vendor.switches.badClientStatus));
    const { grants, meter } = this.vendor;
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const code = form.get('code') ?? '';
        const issued = grants.exchange(code, form.get('redirect_uri') ?? '', client.id, form.get('code_verifier'));
        if (issued) meter.tokens.exchanges++;
        return this.issue(issued);
      }
      case 'refresh_token': {
        const issued = grants.refresh(form.get('refresh_token') ?? '', client.id);
        if (!issued) return this.issue(undefined);
        meter.tokens.refreshes++;
        const drops = issued.set.dropNextAnswer;
        issued.set.dropNextAnswer = false;
        const answer = this.issue(issued);
        return drops ? cut() : answer;
      }
      case 'client_credentials':
        return this.clientCredentials(client, form);
      case null:
      default:
        return this.refusal('unsupported_grant_type');
    }
  }

  /** Custom connections; the vendor's own client says `scopes`. */
  private clientCredentials(client: Client, form: URLSearchParams): Answer {
    if (client.secret === undefined) return this.refusal('unauthorized_client');
    const scopes = scopesIn(form.get('scope') ?? form.get('scopes'));
    const { consent, organisations, switches, grants } = this.vendor;
    if (scopes.some((scope) => !isKnownScope(scope, switches.appScopes))) return this.refusal('invalid_scope');
    const tenantId = consent.realm ?? [...organisations.keys()][0];
    if (tenantId === undefined) return this.refusal('invalid_grant');
    return this.issue(
      grants.clientCredentials(
        client.id,
        scopes.filter((scope) => scope !== 'offline_access'),
        tenantId,
      ),
    );
  }

  private issue(issued: Issued | undefined): Answer {
    if (!issued) return this.refusal('invalid_grant');
    this.vendor.changed();
    const { set, accessToken, refreshToken, expiresIn } = issued;
    return json(200, {
      ...(set.scopes.includes('openid') && { id_token: this.idToken(set) }),
      access_token: accessToken,
      expires_in: expiresIn,
      token_type: 'Bearer',
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      scope: set.scopes.join(' '),
    });
  }

  private refusal(error: string, status = 400): Answer {
    const described = this.vendor.switches.tokenErrorDescription;
    return json(status, { error, ...(described && { error_description: `The request failed: ${error}` }) });
  }

  private revoke(request: Incoming): Answer {
    const form = new URLSearchParams(request.body);
    const client = clientOf(request, form);
    if (!client) return this.refusal('invalid_client', Number(this.vendor.switches.badClientStatus));
    this.vendor.grants.revoke(form.get('token') ?? '');
    this.vendor.meter.tokens.revocations++;
    this.vendor.changed();
    return bare(200);
  }

  private idToken(set: TokenSet): string {
    const { vendor } = this;
    const now = Math.floor(vendor.clock.now() / 1000);
    const person = vendor.personOf(set);
    return signedToken({
      nbf: now,
      exp: now + 300,
      iss: vendor.issuer,
      aud: set.clientId,
      iat: now,
      sid: set.id.replaceAll('-', ''),
      sub: set.person.replaceAll('-', ''),
      auth_time: Math.floor(set.authorisedAt / 1000),
      xero_userid: set.person,
      global_session_id: set.id.replaceAll('-', ''),
      ...(set.scopes.includes('profile') && { given_name: person.given, family_name: person.family }),
      ...(set.scopes.includes('email') && { preferred_username: person.email, email: person.email }),
      amr: ['pwd', 'mfa'],
    });
  }

  private connections(request: Incoming, id: string | undefined): Answer {
    const { vendor } = this;
    const token = header(request, 'authorization').replace(/^bearer /i, '');
    const check = vendor.grants.check(token);
    if ('refused' in check) return vendor.unauthorised(check);
    if (request.method === 'DELETE' && id !== undefined) {
      if (!vendor.grants.disconnect(check.set, id)) return notFound(vendor.switches);
      vendor.changed();
      return bare(204);
    }
    if (request.method !== 'GET' || id !== undefined) return bare(405);
    const event = request.params.get('authEventId');
    const found = vendor.grants.connectionsOf(check.set).filter((each) => event === null || each.authEventId === event);
    return json(
      200,
      found.map((each) => this.shown(each)),
    );
  }

  private shown({ id, authEventId, tenantId, createdAt, updatedAt }: Connection): object {
    // Seven fraction digits and no zone, as the vendor writes them.
    const stamp = (instant: number) => new Date(instant).toISOString().replace('Z', '0000');
    return {
      id,
      authEventId,
      tenantId,
      tenantType: 'ORGANISATION',
      tenantName: this.vendor.organisations.get(tenantId)?.settings.Name ?? null,
      createdDateUtc: stamp(createdAt),
      updatedDateUtc: stamp(updatedAt),
    };
  }
}

function discovery(base: string): object {
  return {
    issuer: base,
    jwks_uri: `${base}/.well-known/openid-configuration/jwks`,
    authorization_endpoint: `${base}/identity/connect/authorize`,
    token_endpoint: `${base}/connect/token`,
    revocation_endpoint: `${base}/connect/revocation`,
    scopes_supported: SUPPORTED,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
  };
}

function back(params: URLSearchParams, members: Record<string, string>): Answer {
  const target = new URL(params.get('redirect_uri') as string);
  const state = params.get('state');
  for (const [name, value] of Object.entries({ ...members, ...(state !== null && { state }) })) {
    target.searchParams.set(name, value);
  }
  return redirect(target.toString());
}

/** By Basic header, by the body, or, for an app without a secret, by its id alone. */
function clientOf(request: Incoming, form: URLSearchParams): Client | undefined {
  const [scheme, value = ''] = header(request, 'authorization').split(' ');
  const basic = scheme?.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : undefined;
  const [id, secret] = basic === undefined ? [form.get('client_id'), form.get('client_secret')] : splitPair(basic);
  const client = CLIENTS.find((each) => each.id === id);
  return client && (client.secret ?? '') === (secret ?? '') ? client : undefined;
}

function splitPair(basic: string): [string, string] {
  const mark = basic.indexOf(':');
  const decoded = [basic.slice(0, mark), basic.slice(mark + 1)].map((part) => {
    try {
      return decodeURIComponent(part.replaceAll('+', ' '));
    } catch {
      return part;
    }
  });
  return decoded as [string, string];
}
