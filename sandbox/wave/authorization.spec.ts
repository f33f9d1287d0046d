import { challengeOf } from './oauth/grants.ts';
import {
  ALL_SCOPES,
  authorize,
  CA,
  callbackOf,
  Client,
  exchange,
  REDIRECT,
  request,
  startSandbox,
  US,
  type Json,
  type TestSandbox,
} from './test-client.ts';

describe('authorisation (sheet 1 and 8.1)', () => {
  let sandbox: TestSandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.close());

  const newCode = async (change: Record<string, string | undefined> = {}) =>
    callbackOf(await authorize(sandbox.base, change)).get('code') ?? '';
  const grantOf = async (code: string, more: Record<string, string> = {}) =>
    exchange(sandbox.base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...more });
  const refresh = async (token: unknown, more: Record<string, string> = {}) =>
    exchange(sandbox.base, {
      grant_type: 'refresh_token',
      refresh_token: String(token),
      redirect_uri: REDIRECT,
      ...more,
    });
  const works = async (token: Json | string | undefined) =>
    (await new Client(sandbox.base, US, String(token)).ask('{ user { id } }')).code ?? 'yes';

  it('sends code and state back and exchanges the code for tokens with camelCase ids', async () => {
    const reply = await authorize(sandbox.base);
    expect(reply.status).toBe(302);
    expect(callbackOf(reply).get('state')).toBe('state-1');
    const tokens = await grantOf(callbackOf(reply).get('code') ?? '');
    expect(tokens.json).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 7200,
      refresh_token: expect.any(String),
      scope: ALL_SCOPES,
      userId: expect.stringMatching(/^VXNlcjo/),
      businessId: US,
    });
    expect(await works(tokens.json.access_token)).toBe('yes');
    await sandbox.control('POST', '/clock', { advanceMs: 7200_000 });
    expect(await works(tokens.json.access_token)).toBe('UNAUTHENTICATED');
  });

  it('issues no refresh token without offline_access', async () => {
    const tokens = await grantOf(await newCode({ scope: 'user:read' }));
    expect(tokens.json).not.toHaveProperty('refresh_token');
  });

  it('ends the old access token and the old refresh token with every refresh', async () => {
    const first = (await grantOf(await newCode())).json;
    const second = (await refresh(first.refresh_token)).json;
    expect(second.refresh_token).not.toEqual(first.refresh_token);
    expect(second).toMatchObject({ token_type: 'Bearer', expires_in: 7200, businessId: US });
    expect([await works(first.access_token), await works(second.access_token)]).toEqual(['UNAUTHENTICATED', 'yes']);
    const replay = await refresh(first.refresh_token);
    expect([replay.status, replay.json]).toEqual([400, { error: 'invalid_grant' }]);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  it('loses the answer of a refresh on demand, after both tokens changed', async () => {
    const first = (await grantOf(await newCode())).json;
    await sandbox.control('POST', '/tokens', { action: 'dropNextRefreshAnswer', realm: US });
    await expect(refresh(first.refresh_token)).rejects.toThrow();
    expect(await works(first.access_token)).toBe('UNAUTHENTICATED');
    expect((await refresh(first.refresh_token)).json).toEqual({ error: 'invalid_grant' });
  });

  it.each([
    ['a code that was used', async (code: string) => (await grantOf(code), grantOf(code)), 400, 'invalid_grant'],
    ['a code nobody issued', async () => grantOf('nonsense'), 400, 'invalid_grant'],
    [
      'a code after a minute',
      async (code: string) => (await sandbox.control('POST', '/clock', { advanceMs: 61_000 }), grantOf(code)),
      400,
      'invalid_grant',
    ],
    [
      'another redirect',
      async (code: string) => grantOf(code, { redirect_uri: 'http://localhost:9/other' }),
      400,
      'invalid_grant',
    ],
    ['a wrong secret', async (code: string) => grantOf(code, { client_secret: 'guess' }), 401, 'invalid_client'],
    ['a refresh token nobody issued', async () => refresh('nonsense'), 400, 'invalid_grant'],
    [
      'another grant type',
      async () => exchange(sandbox.base, { grant_type: 'password' }),
      400,
      'unsupported_grant_type',
    ],
    ['no grant type', async () => exchange(sandbox.base, {}), 400, 'invalid_request'],
  ])('refuses %s', async (_what, attempt, status, error) => {
    const reply = await attempt(await newCode());
    expect([reply.status, String(reply.json.error)]).toEqual([status, error]);
  });

  it('refuses a body that is no form, and credentials as Basic', async () => {
    const json = await request(`${sandbox.base}/oauth2/token/`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.json).toEqual({ error: 'invalid_request' });
    const basic = await request(`${sandbox.base}/oauth2/token/`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'authorization_code', code: await newCode(), redirect_uri: REDIRECT }),
      headers: { authorization: `Basic ${Buffer.from('sandbox-client:sandbox-secret').toString('base64')}` },
    });
    expect([basic.status, basic.json]).toEqual([401, { error: 'invalid_client' }]);
  });

  it.each(['invoice:create', 'accounting', 'invoice:read:all', 'journal:read', ''])(
    'redirects with invalid_scope for the scope "%s"',
    async (scope) => {
      const reply = await authorize(sandbox.base, { scope });
      expect([reply.status, callbackOf(reply).get('error'), callbackOf(reply).get('state')]).toEqual([
        302,
        'invalid_scope',
        'state-1',
      ]);
    },
  );

  it.each([
    [{ client_id: 'somebody' }, 'client_id'],
    [{ redirect_uri: 'https://elsewhere.example/' }, 'redirect_uri'],
    [{ response_type: 'token' }, 'response_type'],
    [{ code_challenge: 'x', code_challenge_method: 'plain' }, 'S256'],
  ])('refuses %j on a page of its own, without a redirect', async (change, words) => {
    const reply = await authorize(sandbox.base, change);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(words);
  });

  it('uses the first registered redirect when none is named', async () => {
    const reply = await authorize(sandbox.base, { redirect_uri: undefined });
    expect(reply.headers.get('location')).toContain('http://localhost:3000/callback?code=');
    const code = callbackOf(reply).get('code') ?? '';
    expect((await exchange(sandbox.base, { grant_type: 'authorization_code', code })).status).toBe(200);
  });

  it('holds a code to its PKCE verifier', async () => {
    const verifier = 'a-verifier-of-some-length-that-nobody-guesses';
    const change = { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' };
    expect((await grantOf(await newCode(change))).json).toEqual({ error: 'invalid_grant' });
    expect((await grantOf(await newCode(change), { code_verifier: 'another' })).json).toEqual({
      error: 'invalid_grant',
    });
    expect((await grantOf(await newCode(change), { code_verifier: verifier })).status).toBe(200);
  });

  it('revokes a grant by either token', async () => {
    for (const kind of ['access_token', 'refresh_token']) {
      const tokens = (await grantOf(await newCode())).json;
      const reply = await exchange(sandbox.base, { token: String(tokens[kind]) }, '/oauth2/token-revoke/');
      expect(reply.status).toBe(200);
      expect(await works(tokens.access_token)).toBe('UNAUTHENTICATED');
      expect((await refresh(tokens.refresh_token)).json).toEqual({ error: 'invalid_grant' });
    }
  });

  it('refuses consent and refresh with 403 while the plan of the business is lapsed', async () => {
    const tokens = (await grantOf(await newCode())).json;
    await sandbox.control('POST', `/business/${US}`, { plan: 'starter' });
    expect(callbackOf(await authorize(sandbox.base)).get('error')).toBe('access_denied');
    expect(await works(tokens.access_token)).toBe('yes');
    const refused = await refresh(tokens.refresh_token);
    expect([refused.status, String(refused.json.error)]).toEqual([403, 'access_denied']);
    await sandbox.control('POST', `/business/${US}`, { plan: 'advisor' });
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('makes full-access tokens: all businesses, no scopes, no refresh, no plan, no application', async () => {
    await sandbox.control('POST', `/business/${US}`, { plan: 'starter' });
    const { access_token: token } = await sandbox.control('POST', '/tokens/full-access');
    const client = new Client(sandbox.base, US, String(token));
    const { data } = await client.ask(
      '{ oAuthApplication { name } business { id } businesses { pageInfo { totalCount } } }',
    );
    expect(data).toEqual({ oAuthApplication: null, business: { id: US }, businesses: { pageInfo: { totalCount: 3 } } });
    expect((await client.customer()).id).toBeDefined();
    await sandbox.control('POST', '/clock', { advanceMs: 400 * 86_400_000 });
    expect(await works(token)).toBe('yes');
    await sandbox.control('POST', '/tokens', { action: 'revoke' });
    expect(await works(token)).toBe('UNAUTHENTICATED');
  });

  it('asks the person on a page, escaped and without scripts, and takes no for an answer', async () => {
    await sandbox.control('POST', '/consent', { mode: 'page' });
    await sandbox.control('POST', `/business/${CA}`, { plan: 'starter', name: '<script>"x"' });
    const asked = await authorize(sandbox.base, { businessId: US });
    expect(asked.status).toBe(200);
    expect(asked.text).not.toContain('<script');
    expect(asked.text).toContain('needs the Pro plan');
    expect(asked.text).toMatch(new RegExp(`value="${US}"\\s+checked`));
    const form = (change: Record<string, string>) =>
      request(`${sandbox.base}/oauth2/authorize/`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: 'sandbox-client',
          response_type: 'code',
          scope: ALL_SCOPES,
          redirect_uri: REDIRECT,
          state: 's',
          ...change,
        }),
      });
    expect(callbackOf(await form({ decision: 'cancel', business: US })).get('error')).toBe('access_denied');
    expect((await form({ decision: 'connect' })).status).toBe(400);
    expect(callbackOf(await form({ decision: 'connect', business: CA })).get('error')).toBe('access_denied');
    const code = callbackOf(await form({ decision: 'connect', business: US })).get('code') ?? '';
    expect((await grantOf(code)).json).toMatchObject({ businessId: US });
    // Who was asked once is not asked again, unless the application insists.
    expect((await authorize(sandbox.base, { businessId: US })).status).toBe(302);
    expect((await authorize(sandbox.base, { businessId: US, approval_prompt: 'force' })).status).toBe(200);
    expect((await authorize(sandbox.base, { businessId: US, scope: 'user:read' })).status).toBe(200);
    await sandbox.control('POST', '/consent', { mode: 'deny' });
    expect(callbackOf(await authorize(sandbox.base)).get('error')).toBe('access_denied');
  });

  it('redirects who forgets the trailing slash', async () => {
    const get = await request(`${sandbox.base}/oauth2/authorize?client_id=sandbox-client`);
    expect([get.status, get.headers.get('location')]).toEqual([
      302,
      `${sandbox.base}/oauth2/authorize/?client_id=sandbox-client`,
    ]);
    const post = await exchange(sandbox.base, { grant_type: 'refresh_token' }, '/oauth2/token');
    expect([post.status, post.headers.get('location')]).toEqual([301, `${sandbox.base}/oauth2/token/`]);
    expect((await request(`${sandbox.base}/oauth2/token/`)).status).toBe(405);
  });

  it('counts grants and tokens without ever telling one', async () => {
    const tokens = (await grantOf(await newCode())).json;
    const counts = await sandbox.control('GET', '/tokens');
    expect(counts).toMatchObject({ grants: 1, live: 1, accessTokens: 1, byRealm: { [US]: 1 } });
    expect(JSON.stringify(counts)).not.toContain(String(tokens.access_token));
    expect((await sandbox.control('GET', '/stats')).tokens).toMatchObject({ exchanges: 1, refreshes: 0 });
  });
});
