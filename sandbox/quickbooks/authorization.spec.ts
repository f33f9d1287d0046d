import {
  authorize,
  BASIC,
  callbackOf,
  codeOf,
  exchange,
  REDIRECT,
  request,
  startSandbox,
  UK,
  US,
  type Json,
  type TestSandbox,
} from './test-client.ts';

const DAY = 86_400_000;

describe('authorisation (sheet 9.1, items 1 to 7)', () => {
  let sandbox: TestSandbox;

  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.close());

  const refresh = (token: string, headers = {}) =>
    exchange(sandbox.base, { grant_type: 'refresh_token', refresh_token: token }, headers);

  describe('1. every endpoint is found through the discovery document', () => {
    it.each(['openid_configuration', 'openid_sandbox_configuration', 'openid_sandbox_configuration/'])(
      'serves %s with its own URLs',
      async (name) => {
        const { json } = await request(`${sandbox.base}/.well-known/${name}`);
        const endpoints = ['authorization', 'token', 'userinfo', 'revocation'].map((each) => json[`${each}_endpoint`]);
        for (const url of [...endpoints, json.jwks_uri]) expect(String(url)).toContain(sandbox.base);
        expect(json).toMatchObject({ issuer: expect.any(String), response_types_supported: ['code'] });
      },
    );

    it('shows a person the companies with Connect and Cancel, and follows the choice', async () => {
      await sandbox.control('POST', '/consent', { mode: 'page' });
      const shown = await authorize(sandbox.base, { state: '<b>x</b>' });
      expect(shown.status).toBe(200);
      expect(shown.text).toContain('value="connect"');
      expect(shown.text).toContain('value="cancel"');
      expect(shown.text).toContain(UK);
      expect(shown.text).not.toContain('<b>x</b>');

      const fields = [...shown.text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
      const form = new URLSearchParams(fields.filter(([name]) => name !== 'decision') as [string, string][]);
      const decide = (decision: string) => {
        form.set('decision', decision);
        form.set('realm', UK);
        return request(`${sandbox.base}/connect/oauth2`, { method: 'POST', body: form });
      };
      expect(callbackOf(await decide('connect')).get('realmId')).toBe(UK);
      expect(callbackOf(await decide('cancel')).get('error')).toBe('access_denied');
    });

    it('tells who the user is and publishes the keys that sign id tokens', async () => {
      const code = codeOf(
        await authorize(sandbox.base, { scope: 'openid profile email com.intuit.quickbooks.accounting' }),
      );
      const { json } = await exchange(sandbox.base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
      const info = await request(`${sandbox.base}/v1/openid_connect/userinfo`, {
        headers: { authorization: `Bearer ${String(json.access_token)}` },
      });
      expect(info.json).toMatchObject({ sub: expect.any(String), email: expect.any(String), givenName: 'Company' });
      expect(String(json.id_token).split('.')).toHaveLength(3);
      const keys = await request(`${sandbox.base}/op/v1/jwks`);
      expect(keys.json.keys).toEqual([expect.objectContaining({ kty: 'RSA', kid: expect.any(String) })]);
    });
  });

  describe('2. the redirect carries code, state and realmId, and a code works once', () => {
    it('gives all three back', async () => {
      const callback = callbackOf(await authorize(sandbox.base, { state: 'a b&c' }));
      expect(Object.fromEntries(callback)).toEqual({ code: expect.any(String), state: 'a b&c', realmId: US });
    });

    it('carries no realmId without an accounting scope', async () => {
      expect(callbackOf(await authorize(sandbox.base, { scope: 'openid' })).get('realmId')).toBeNull();
    });

    it('answers a denial with access_denied and the state', async () => {
      await sandbox.control('POST', '/consent', { mode: 'deny' });
      const callback = callbackOf(await authorize(sandbox.base));
      expect(Object.fromEntries(callback)).toEqual({ error: 'access_denied', state: 'state-1' });
    });

    it.each([
      ['an unknown client', { client_id: 'other' }],
      ['a redirect that is not registered', { redirect_uri: 'https://evil.example/callback' }],
      ['a redirect that only begins like localhost', { redirect_uri: 'http://localhost.evil.example/' }],
      ['an unknown scope', { scope: 'everything' }],
      ['a response type other than code', { response_type: 'token' }],
    ])('never redirects %s', async (_what, change) => {
      const reply = await authorize(sandbox.base, change);
      expect(reply.status).toBe(400);
      expect(reply.headers.get('location')).toBeNull();
    });

    it('refuses a code the second time, after ten minutes, and for another redirect', async () => {
      const use = (code: string, redirect_uri = REDIRECT) =>
        exchange(sandbox.base, { grant_type: 'authorization_code', code, redirect_uri });
      const code = codeOf(await authorize(sandbox.base));
      expect((await use(code)).status).toBe(200);
      const again = await use(code);
      expect([again.status, String(again.json.error)]).toEqual([400, 'invalid_grant']);

      const elsewhere = await use(codeOf(await authorize(sandbox.base)), 'http://localhost:9/other');
      expect(String(elsewhere.json.error)).toBe('invalid_grant');

      const late = codeOf(await authorize(sandbox.base));
      await sandbox.control('POST', '/clock', { advanceMs: 10 * 60_000 + 1 });
      expect(String((await use(late)).json.error)).toBe('invalid_grant');
    });
  });

  describe('3. tokens and revocation need the client and a form', () => {
    it.each(['/oauth2/v1/tokens/bearer', '/v2/oauth2/tokens/revoke'])('refuses a wrong client at %s', async (path) => {
      for (const authorization of ['Basic d3Jvbmc6c2VjcmV0', '']) {
        const reply = await request(`${sandbox.base}${path}`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
          body: 'grant_type=refresh_token&refresh_token=x&token=x',
        });
        expect([reply.status, reply.json]).toEqual([401, { error: 'invalid_client' }]);
      }
    });

    it('refuses a JSON body at the token endpoint', async () => {
      const reply = await exchange(sandbox.base, {}, { 'content-type': 'application/json' });
      expect([reply.status, String(reply.json.error)]).toEqual([400, 'invalid_request']);
    });

    it('refuses an unknown grant type', async () => {
      const reply = await exchange(sandbox.base, { grant_type: 'password' });
      expect([reply.status, reply.json]).toEqual([400, { error: 'unsupported_grant_type' }]);
    });

    it('revokes the whole grant by either token, with an empty answer', async () => {
      const revoke = (token: string) =>
        request(`${sandbox.base}/v2/oauth2/tokens/revoke`, {
          method: 'POST',
          headers: { authorization: BASIC, 'content-type': 'application/json' },
          body: JSON.stringify({ token }),
        });
      for (const kind of ['accessToken', 'refreshToken'] as const) {
        const client = await sandbox.connect();
        const reply = await revoke(client[kind]);
        expect([reply.status, reply.text]).toEqual([200, '']);
        expect((await client.get('preferences')).status).toBe(401);
        expect(String((await refresh(client.refreshToken)).json.error)).toBe('invalid_grant');
      }
      expect((await revoke('unknown')).status).toBe(400);
    });
  });

  it('4. token answers state the documented lifetimes, the hard end only on request', async () => {
    const client = await sandbox.connect();
    const plain = await refresh(client.refreshToken);
    expect(plain.json).toMatchObject({ token_type: 'bearer', expires_in: 3600, x_refresh_token_expires_in: 8_726_400 });
    expect(plain.json).not.toHaveProperty('x_refresh_token_hard_expires_in');
    expect(plain.headers.get('intuit_tid')).toBeTruthy();
    const asked = await refresh(client.refreshToken, { 'x-include-refresh-token-hard-expires-in': 'true' });
    expect(Number(asked.json.x_refresh_token_hard_expires_in)).toBeGreaterThan(4 * 365 * 86_400);
  });

  describe('5. the refresh value changes about once a day', () => {
    it('repeats the value within a day and changes it after', async () => {
      const client = await sandbox.connect();
      expect(String((await refresh(client.refreshToken)).json.refresh_token)).toBe(client.refreshToken);
      await sandbox.control('POST', '/clock', { advanceMs: DAY + 1 });
      const rotated = await refresh(client.refreshToken);
      expect(String(rotated.json.refresh_token)).not.toBe(client.refreshToken);
      const old = await refresh(client.refreshToken);
      expect([old.status, old.json]).toEqual([
        400,
        { error: 'invalid_grant', error_description: 'Incorrect or invalid refresh token' },
      ]);
      expect((await refresh(String(rotated.json.refresh_token))).status).toBe(200);
    });

    it('changes it on each use when told so, with a day of grace for the old one when told so', async () => {
      const client = await sandbox.connect();
      await sandbox.control('POST', '/tokens', { rotation: 'eachUse', graceHours: 24 });
      const first = await refresh(client.refreshToken);
      const second = await refresh(client.refreshToken);
      expect(second.status).toBe(200);
      expect(first.json.refresh_token).not.toEqual(client.refreshToken);
      await sandbox.control('POST', '/clock', { advanceMs: DAY + 1 });
      expect((await refresh(String(first.json.refresh_token))).status).toBe(400);
    });

    it('changes it at the next refresh after the action rotate', async () => {
      const client = await sandbox.connect();
      await sandbox.control('POST', '/tokens', { action: 'rotate', realm: US });
      expect(String((await refresh(client.refreshToken)).json.refresh_token)).not.toBe(client.refreshToken);
    });

    it('performs a refresh whose answer never arrives', async () => {
      const client = await sandbox.connect();
      await sandbox.control('POST', '/tokens', { rotation: 'eachUse', action: 'dropNextRefreshAnswer' });
      await expect(refresh(client.refreshToken)).rejects.toThrow();
      expect((await refresh(client.refreshToken)).status).toBe(400);
    });

    it('forgets a value that was not used for 101 days', async () => {
      const client = await sandbox.connect();
      await sandbox.control('POST', '/clock', { advanceMs: 101 * DAY });
      expect(String((await refresh(client.refreshToken)).json.error)).toBe('invalid_grant');
    });

    it('can refuse a second refresh soon after the first', async () => {
      const client = await sandbox.connect();
      await sandbox.control('POST', '/switches', { refreshMinimumIntervalMs: 60_000 });
      expect((await refresh(client.refreshToken)).status).toBe(400);
      await sandbox.control('POST', '/clock', { advanceMs: 60_000 });
      expect((await refresh(client.refreshToken)).status).toBe(200);
    });
  });

  describe('6. access refused before the API looks at the request', () => {
    const failure = (detail: string | null) => ({
      warnings: null,
      fault: {
        error: [
          {
            message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
            detail,
            code: '3200',
            element: null,
          },
        ],
        type: 'AUTHENTICATION',
      },
      time: expect.any(Number) as unknown,
    });

    it('answers 401 in lower camel case to a missing, malformed, expired or revoked token', async () => {
      const client = await sandbox.connect();
      const good = client.accessToken;
      const read = async (token: string) => {
        client.accessToken = token;
        return client.get('preferences');
      };
      expect((await read('x')).json).toMatchObject(failure('Malformed bearer token: too short or too long'));
      expect((await client.call('GET', 'preferences', undefined, { authorization: '' })).json).toMatchObject(
        failure(null),
      );
      await sandbox.control('POST', '/clock', { advanceMs: 3_600_000 });
      const expired = await read(good);
      expect([expired.status, expired.json]).toMatchObject([401, failure('Token expired')]);
    });

    it('answers 403 with code 3100 to a good token of another company', async () => {
      const client = await sandbox.connect(US);
      const other = await request(`${sandbox.base}/v3/company/${UK}/preferences`, {
        headers: { authorization: `Bearer ${client.accessToken}`, accept: 'application/json' },
      });
      expect([other.status, other.code, String(other.json.fault?.type)]).toEqual([403, '3100', 'SERVICE']);
    });

    it.each(['401', '403'])('answers %s after a person disconnected the company', async (status) => {
      await sandbox.control('POST', '/switches', { disconnectAnswers: status });
      const client = await sandbox.connect();
      await sandbox.control('POST', '/tokens', { action: 'revoke', realm: US });
      expect((await client.get('preferences')).status).toBe(Number(status));
      expect(String((await refresh(client.refreshToken)).json.error)).toBe('invalid_grant');
    });

    it('can answer with the older XML fault', async () => {
      await sandbox.control('POST', '/switches', { authFailureEnvelope: 'xml' });
      const client = await sandbox.connect();
      client.accessToken = 'x';
      const reply = await client.get('preferences');
      expect(reply.headers.get('content-type')).toContain('xml');
      expect(reply.text).toContain('AuthenticationFault');
    });
  });

  it('7. tokens expire, companies disconnect and grants end on command, without showing a value', async () => {
    const client = await sandbox.connect();
    await sandbox.control('POST', '/tokens', { action: 'expireAccess' });
    expect((await client.get('preferences')).status).toBe(401);
    expect((await refresh(client.refreshToken)).status).toBe(200);
    await sandbox.control('POST', '/tokens', { action: 'hardExpire' });
    expect(String((await refresh(client.refreshToken)).json.error)).toBe('invalid_grant');
    const counts: Json = await sandbox.control('GET', '/tokens');
    expect(counts).toMatchObject({ grants: 1 });
    expect(JSON.stringify(counts)).not.toContain(client.refreshToken);
  });
});
