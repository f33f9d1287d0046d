import {
  authorize,
  callbackOf,
  exchange,
  HARBOUR,
  openShop,
  REDIRECT,
  refresh,
  request,
  startSandbox,
  WIDGETS,
  type Client,
  type Reply,
  type TestSandbox,
} from './test-client.ts';

const MINUTE = 60_000;

describe('authorization (sheet 2, acceptance 1 to 6)', () => {
  let sandbox: TestSandbox;

  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.close());

  const advance = (advanceMs: number) => sandbox.control('POST', '/clock', { advanceMs });
  const code = async (change: Record<string, string> = {}) =>
    callbackOf(await authorize(sandbox.base, change)).get('code') ?? '';

  describe('1. the authorize endpoint', () => {
    it('sends the browser back with code, scope, state and the company file', async () => {
      const reply = await authorize(sandbox.base, { scope: 'sme-sales sme-purchases', prompt: 'consent' });
      expect(reply.status).toBe(302);
      expect(reply.headers.get('location')).toMatch(/^http:\/\/localhost:9\/callback\?/);
      const back = callbackOf(reply);
      expect(back.get('code')).toBeTruthy();
      expect(Object.fromEntries([...back].filter(([name]) => name !== 'code'))).toEqual({
        scope: 'sme-sales sme-purchases',
        state: 'state-1',
        businessId: WIDGETS,
        businessName: 'Widgets Inc',
      });
    });

    it.each([
      ['a client that is not registered', { client_id: 'nobody' }],
      ['a redirect that is not registered', { redirect_uri: 'https://elsewhere.example/cb' }],
      ['another response type', { response_type: 'token' }],
      ['no state', { state: '' }],
    ])('shows a page and redirects nowhere for %s', async (_case, change) => {
      const reply = await authorize(sandbox.base, change as Record<string, string>);
      expect([reply.status, reply.headers.get('location')]).toEqual([400, null]);
      expect(reply.text).toContain('This request cannot be followed');
    });

    it('tells of a refusal and of unknown scopes by the redirect', async () => {
      const denied = callbackOf(await authorize(sandbox.base, { deny: '1' }));
      expect(Object.fromEntries(denied)).toEqual({ error: 'access_denied', state: 'state-1' });
      await sandbox.control('POST', '/consent', { mode: 'deny' });
      expect(callbackOf(await authorize(sandbox.base)).get('error')).toBe('access_denied');
      expect(callbackOf(await authorize(sandbox.base, { scope: 'everything' })).get('error')).toBe('invalid_scope');
    });

    it('shows a page with the company files, and follows its form', async () => {
      await sandbox.control('POST', '/consent', { mode: 'page' });
      const page = await authorize(sandbox.base);
      expect(page.status).toBe(200);
      expect(page.text).toContain('Harbour Tools Pty Ltd');
      expect(page.text).not.toContain('<script');
      const form = { client_id: 'sandbox-client', response_type: 'code', scope: 'sme-sales', redirect_uri: REDIRECT };
      const submit = (more: Record<string, string>) =>
        request(`${sandbox.base}/oauth2/account/authorize`, {
          method: 'POST',
          body: new URLSearchParams({ ...form, state: 's', ...more }),
        });
      expect(callbackOf(await submit({ decision: 'connect', businessId: HARBOUR })).get('businessId')).toBe(HARBOUR);
      expect(callbackOf(await submit({ decision: 'cancel' })).get('error')).toBe('access_denied');
      expect((await submit({ decision: 'connect', businessId: 'none' })).status).toBe(400);
    });
  });

  describe('2. the token endpoint', () => {
    it('exchanges a code for tokens, with the life as text and the user', async () => {
      const reply = await exchange(sandbox.base, { code: await code(), scope: 'CompanyFile' });
      expect(reply.status).toBe(200);
      expect(reply.json).toMatchObject({
        token_type: 'bearer',
        expires_in: '1200',
        user: { username: expect.any(String) },
      });
      expect(String(reply.json.access_token)).toMatch(/^at_/);
      expect(reply.headers.get('x-accountedge-token-generation')).toBe('1');
    });

    it('takes the path with a slash at its end', async () => {
      const body = new URLSearchParams({
        client_id: 'sandbox-client',
        client_secret: 'sandbox-secret',
        grant_type: 'authorization_code',
        redirect_uri: REDIRECT,
        code: await code(),
      });
      expect((await request(`${sandbox.base}/oauth2/v1/authorize/`, { method: 'POST', body })).status).toBe(200);
    });

    it.each<[string, (once: string) => Promise<Reply>, number, string]>([
      ['an unknown code', () => exchange(sandbox.base, { code: 'none' }), 400, 'invalid_grant'],
      ['a code used before', (once) => exchange(sandbox.base, { code: once }), 400, 'invalid_grant'],
      ['an unknown refresh token', () => refresh(sandbox.base, 'none'), 400, 'invalid_grant'],
      ['no code', () => exchange(sandbox.base, {}), 400, 'invalid_request'],
      ['another kind of grant', () => exchange(sandbox.base, { grant_type: 'password' }), 400, 'invalid_request'],
      ['a wrong secret', () => exchange(sandbox.base, { client_secret: 'x', code: 'x' }), 401, 'invalid_client'],
    ])('refuses %s', async (_case, call, status, error) => {
      const once = await code();
      await exchange(sandbox.base, { code: once });
      const reply = await call(once);
      expect([reply.status, reply.json.error]).toEqual([status, error]);
    });

    it('refuses another redirect without using the code up, and a code after five minutes', async () => {
      const value = await code();
      const other = await exchange(sandbox.base, { code: value, redirect_uri: 'http://localhost:9/callback/' });
      expect([other.status, other.json.error]).toEqual([400, 'invalid_request']);
      await advance(299_000);
      expect((await exchange(sandbox.base, { code: value })).status).toBe(200);
      const late = await code();
      await advance(300_000);
      expect((await exchange(sandbox.base, { code: late })).json.error).toBe('invalid_grant');
    });

    it('gives a new refresh token each time; the old one works once and dies unused after seven days', async () => {
      const client = await sandbox.connect();
      const first = await refresh(sandbox.base, client.refreshToken);
      expect([first.status, first.headers.get('x-accountedge-token-generation')]).toEqual([200, '2']);
      expect(first.json.refresh_token).not.toBe(client.refreshToken);
      expect((await refresh(sandbox.base, client.refreshToken)).json.error).toBe('invalid_grant');
      await advance(6 * 24 * 60 * MINUTE);
      const second = await refresh(sandbox.base, String(first.json.refresh_token));
      expect(second.status).toBe(200);
      await advance(7 * 24 * 60 * MINUTE);
      expect((await refresh(sandbox.base, String(second.json.refresh_token))).json.error).toBe('invalid_grant');
    });

    it('can lose the answer of a refresh, after which only the grace of the old access token is left', async () => {
      const client = await sandbox.connect();
      await sandbox.control('POST', '/tokens', { action: 'dropNextRefreshAnswer' });
      await expect(refresh(sandbox.base, client.refreshToken)).rejects.toThrow();
      expect((await refresh(sandbox.base, client.refreshToken)).json.error).toBe('invalid_grant');
      const reply = await client.get('Company');
      expect([reply.status, reply.headers.get('x-accountedge-token-generation')]).toEqual([200, '2']);
      client.accessToken = reply.headers.get('x-accountedge-access-token') ?? '';
      await advance(2 * MINUTE);
      expect((await client.get('Company')).status).toBe(200);
    });
  });

  describe('3. what does not count as a token', () => {
    const rotated = (reply: Reply) => reply.headers.get('x-accountedge-access-token');

    it.each<[string, (client: Client) => Promise<unknown> | void]>([
      ['none', (client) => void (client.accessToken = '')],
      ['an unknown one', (client) => void (client.accessToken = 'at_unknown')],
      ['an expired one', () => advance(1200 * 1000)],
      ['one that was made to expire', () => sandbox.control('POST', '/tokens', { action: 'expireAccess' })],
      ['one of a grant that was revoked', () => sandbox.control('POST', '/tokens', { action: 'revoke' })],
      [
        'one that was superseded longer ago than the grace',
        async (client) => {
          await refresh(sandbox.base, client.refreshToken);
          await advance(61_000);
        },
      ],
    ])('is answered 401 without a word of newer ones: %s', async (_case, prepare) => {
      const client = await sandbox.connect();
      await prepare(client);
      const reply = await client.get('Company');
      expect([reply.status, reply.name, reply.code, rotated(reply)]).toEqual([401, 'OAuthTokenIsInvalid', 31001, null]);
    });

    it('nor does a token without the scope, or cut down later', async () => {
      const client = await sandbox.connect(WIDGETS, ['sme-sales']);
      expect((await client.get('Sale/Invoice')).status).toBe(200);
      const reply = await client.get('Purchase/Bill');
      expect([reply.status, reply.name, rotated(reply)]).toEqual([401, 'OAuthTokenIsInvalid', null]);
      const scopes = ['sme-purchases'];
      await sandbox.control('POST', '/tokens', { action: 'setScopes', realm: WIDGETS, scopes });
      expect([(await client.get('Sale/Invoice')).status, (await client.get('Purchase/Bill')).status]).toEqual([
        401, 200,
      ]);
    });
  });

  describe('4. silent rotation', () => {
    const told = (reply: Reply) => ({
      token: reply.headers.get('x-accountedge-access-token'),
      generation: reply.headers.get('x-accountedge-token-generation'),
    });

    it('follows the timeline of the sheet', async () => {
      const client = await sandbox.connect();
      const old = client.accessToken;
      expect(told(await client.get('Company')).token).toBeNull();
      await advance(612_000);
      const a = await client.get('Company');
      expect(told(a)).toEqual({ token: expect.stringMatching(/^at_/), generation: '2' });
      expect(a.headers.get('x-accountedge-token-expires-in')).toBe('1200');
      expect(a.headers.get('cache-control')).toBe('no-store');
      await advance(28_000);
      expect(told(await client.get('Company'))).toEqual(told(a));
      await advance(32_000);
      expect((await client.get('Company')).status).toBe(401);
      client.accessToken = told(a).token ?? '';
      const next = await client.get('Company');
      expect([next.status, told(next).token]).toEqual([200, null]);
      expect(client.accessToken).not.toBe(old);
    });

    it('tells the same successor to fifty callers at once, and leaves the refresh token alone', async () => {
      const client = await sandbox.connect();
      await advance(700_000);
      const replies = await Promise.all(Array.from({ length: 50 }, () => client.get('Company')));
      expect(new Set(replies.map((reply) => told(reply).token)).size).toBe(1);
      expect(replies.every((reply) => reply.status === 200 && told(reply).generation === '2')).toBe(true);
      const refreshed = await refresh(sandbox.base, client.refreshToken);
      expect([refreshed.status, refreshed.headers.get('x-accountedge-token-generation')]).toEqual([200, '3']);
      expect((await sandbox.control('GET', '/stats')).tokens).toMatchObject({ rotations: 1, refreshes: 1 });
    });

    it('keeps generations rising through a hundred rotations by number of calls', async () => {
      const client = await sandbox.connect();
      await sandbox.control('POST', '/tokens', { rotate_every_n: 1 });
      for (let generation = 2; generation <= 101; generation++) {
        const { token, generation: now } = told(await client.get('Company'));
        expect(now).toBe(String(generation));
        client.accessToken = token ?? '';
      }
    });

    it('never lets the grace outlive the token', async () => {
      const client = await sandbox.connect();
      await advance(1_190_000);
      expect(told(await client.get('Company')).generation).toBe('2');
      await advance(11_000);
      expect((await client.get('Company')).status).toBe(401);
    });

    it('comes with whatever the answer is, unless nobody looked at the token', async () => {
      const client = await sandbox.connect();
      const shop = await openShop(client);
      const etag = (await client.get('Company')).headers.get('etag') ?? '';
      const fault = (kind: string) => sandbox.control('POST', '/faults', { rules: [{ fault: kind, times: 1 }] });
      const expected: [number, () => Promise<Reply>][] = [
        [200, () => client.get('Company')],
        [201, () => client.post('GeneralLedger/Category', { DisplayID: 'NEW' })],
        [304, () => client.get('Company', { 'if-none-match': etag })],
        [400, () => client.post('Sale/Invoice/Service', { Customer: shop.customer })],
        [403, () => client.get(`/${HARBOUR}`)],
        [404, () => client.get('Nowhere')],
        [405, () => client.put('Company', {})],
        [409, () => client.post('GeneralLedger/Category', { DisplayID: 'X', RowVersion: '1' })],
        [500, () => fault('500').then(() => client.get('Company'))],
        [503, () => fault('503').then(() => client.get('Company'))],
        [504, () => fault('504').then(() => client.get('Company'))],
      ];
      for (const [status, call] of expected) {
        await sandbox.control('POST', '/tokens', { action: 'rotate' });
        const reply = await call();
        expect([reply.status, told(reply).token]).toEqual([status, expect.stringMatching(/^at_/)]);
        client.accessToken = told(reply).token ?? '';
      }
      await sandbox.control('POST', '/tokens', { action: 'rotate' });
      for (const kind of ['rateLimit', 'html403', '429']) {
        await fault(kind);
        expect(told(await client.get('Company')).token).toBeNull();
      }
      const withoutKey = await client.get('Company', { 'x-myobapi-key': '' });
      expect([withoutKey.status, told(withoutKey).token]).toEqual([403, null]);
    });

    it('survives an answer that got lost: the next one says the same', async () => {
      const client = await sandbox.connect();
      await advance(650_000);
      await sandbox.control('POST', '/faults', { rules: [{ fault: 'cut', when: 'after', times: 1 }] });
      await expect(client.get('Company')).rejects.toThrow();
      expect(told(await client.get('Company')).generation).toBe('2');
    });
  });

  describe('5. key and company file login', () => {
    it('wants an active key', async () => {
      const client = await sandbox.connect();
      for (const headers of [{ 'x-myobapi-key': '' }, { 'x-myobapi-key': 'somebody' }]) {
        const reply = await client.get('Company', headers);
        expect([reply.status, reply.name, reply.code]).toEqual([403, 'DeveloperInactive', null]);
      }
      await sandbox.control('POST', '/key', { active: false });
      expect((await client.get('Company')).name).toBe('DeveloperInactive');
    });

    it('wants the login of a file that has one, and none of a file that has none', async () => {
      const client = await sandbox.connect();
      const token = (text: string) => ({ 'x-myobapi-cftoken': Buffer.from(text).toString('base64') });
      const outcome = async (headers?: Record<string, string>) => {
        const reply = await client.get('Company', headers);
        return reply.name ?? reply.status;
      };
      expect(await outcome()).toBe(200);
      expect(await outcome(token('Administrator:'))).toBe(200);
      expect(await outcome({ 'x-myobapi-cftoken': '' })).toBe('CompanyFileLoginInvalid');
      await sandbox.control('POST', '/login', { realm: WIDGETS, user: 'Kim', password: 'secret' });
      const missing = await client.get('Company');
      expect([missing.status, missing.name, missing.code]).toEqual([401, 'CompanyFileLoginInvalid', 90001]);
      expect(await outcome(token('Kim:wrong'))).toBe('CompanyFileLoginInvalid');
      expect(await outcome(token('Kim:secret'))).toBe(200);
      expect((await client.get('')).status).toBe(200);
    });
  });

  it('6. a grant for one file opens no other', async () => {
    const client = await sandbox.connect(WIDGETS);
    for (const realm of [HARBOUR, '00000000-0000-4000-8000-000000000000']) {
      const reply = await client.get(`/${realm}/Company`);
      expect([reply.status, reply.name, reply.code]).toEqual([403, 'AccessDenied', null]);
    }
    const other = await sandbox.connect(HARBOUR);
    expect((await other.get('Company')).json.CompanyName).toBe('Harbour Tools Pty Ltd');
    expect((await client.get('Company')).json.CompanyName).toBe('Widgets Inc');
  });
});
