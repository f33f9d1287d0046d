import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import {
  authorize,
  BASIC,
  callbackOf,
  Client,
  codeOf,
  exchange,
  NZ,
  REDIRECT,
  request,
  SCOPES,
  startSandbox,
  UK,
  US,
  type Json,
  type Reply,
  type TestSandbox,
} from './test-client.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The content of a signed token. */
const claimsOf = (token: unknown): Json =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Json;

describe('authorisation (sheet 9.2, Auth)', () => {
  let sandbox: TestSandbox;

  beforeEach(async () => {
    // Time stands still but for what `pass` adds.
    const start = Date.UTC(2026, 10, 2, 1);
    sandbox = await startSandbox({ clock: { now: () => start } });
  });
  afterEach(() => sandbox.close());

  const pass = (advanceMs: number) => sandbox.control('POST', '/clock', { advanceMs });
  const switchTo = (values: object) => sandbox.control('POST', '/switches', values);
  const exchangeCode = (code: string, more = {}, headers?: Record<string, string>) =>
    exchange(sandbox.base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...more }, headers);
  const refresh = (token: unknown, headers?: Record<string, string>) =>
    exchange(sandbox.base, { grant_type: 'refresh_token', refresh_token: String(token) }, headers);
  const tokens = async (change: Record<string, string> = {}) =>
    (await exchangeCode(codeOf(await authorize(sandbox.base, change)))).json;
  const organisation = (token: unknown, realm: string | undefined = NZ): Promise<Reply> =>
    request(`${sandbox.base}/api.xro/2.0/Organisation`, {
      headers: {
        authorization: `Bearer ${String(token)}`,
        accept: 'application/json',
        ...(realm !== undefined && { 'Xero-Tenant-Id': realm }),
      },
    });

  describe('1. discovery, keys, consent, tokens, revocation, connections', () => {
    it('serves discovery with its own addresses, and keys that verify its tokens', async () => {
      const { json } = await request(`${sandbox.base}/.well-known/openid-configuration`);
      const endpoints = ['authorization', 'token', 'revocation'].map((each) => json[`${each}_endpoint`]);
      for (const url of [json.issuer, json.jwks_uri, ...endpoints]) expect(String(url)).toContain(sandbox.base);
      const keys = (await request(String(json.jwks_uri))).json.keys as unknown as Json[];
      const { id_token, access_token } = await tokens({ scope: 'openid profile email accounting.contacts' });
      const key = createPublicKey({ key: keys[0] as unknown as JsonWebKey, format: 'jwk' });
      for (const token of [id_token, access_token]) {
        const [head, content, signature = ''] = String(token).split('.');
        const isSigned = verify(
          'RSA-SHA256',
          Buffer.from(`${head}.${content}`),
          key,
          Buffer.from(signature, 'base64url'),
        );
        expect(isSigned).toBe(true);
      }
      expect(claimsOf(id_token)).toMatchObject({ iss: json.issuer, aud: 'sandbox-client', given_name: 'Ada' });
      expect(claimsOf(access_token)).toMatchObject({
        client_id: 'sandbox-client',
        scope: ['openid', 'profile', 'email', 'accounting.contacts'],
        authentication_event_id: expect.any(String) as string,
      });
    });

    it('shows a person the organisations, and follows the choice', async () => {
      await sandbox.control('POST', '/consent', { mode: 'page' });
      const shown = await authorize(sandbox.base, { state: '<b>x</b>' });
      expect(shown.status).toBe(200);
      for (const part of ['value="connect"', 'value="cancel"', UK, 'Ben Bookkeeper'])
        expect(shown.text).toContain(part);
      expect(shown.text).not.toContain('<b>x</b>');
      const decide = (decision: string) => {
        const form = new URLSearchParams({
          client_id: 'sandbox-client',
          response_type: 'code',
          scope: SCOPES,
          redirect_uri: REDIRECT,
          state: 's',
          realm: UK,
          person: 'ben@books.example',
          decision,
        });
        return request(`${sandbox.base}/identity/connect/authorize`, { method: 'POST', body: form });
      };
      const { json } = await exchangeCode(codeOf(await decide('connect')));
      expect((await organisation(json.access_token, UK)).status).toBe(200);
      expect(Object.fromEntries(callbackOf(await decide('cancel')))).toEqual({ error: 'access_denied', state: 's' });
    });

    it('gives back code, state, scope and session state, and a denial with the state', async () => {
      const callback = Object.fromEntries(callbackOf(await authorize(sandbox.base, { state: 'a b&c' })));
      expect(callback).toEqual({
        code: expect.any(String) as string,
        state: 'a b&c',
        scope: SCOPES,
        session_state: expect.any(String) as string,
      });
      await sandbox.control('POST', '/consent', { mode: 'deny' });
      const denial = Object.fromEntries(callbackOf(await authorize(sandbox.base)));
      expect(denial).toEqual({ error: 'access_denied', state: 'state-1' });
    });

    it.each([
      ['an unknown client', { client_id: 'other' }],
      ['a redirect that is not registered', { redirect_uri: 'https://evil.example/callback' }],
      ['a redirect that only begins like localhost', { redirect_uri: 'http://localhost.evil.example/' }],
      ['an unknown scope', { scope: 'accounting.everything' }],
      ['a broad scope, which newer apps may not ask for', { scope: 'accounting.transactions' }],
      ['a response type other than code', { response_type: 'token' }],
      ['a plain challenge', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
    ])('never redirects %s', async (_what, change) => {
      const reply = await authorize(sandbox.base, change);
      expect(reply.status).toBe(400);
      expect(reply.headers.get('location')).toBeNull();
    });

    it('lists connections with times of seven fraction digits and no zone, by consent if asked', async () => {
      const client = await sandbox.connect(NZ);
      const second = await sandbox.connect(US);
      const all = await second.connections();
      expect(all).toHaveLength(2);
      expect(all[0]).toMatchObject({ tenantId: NZ, tenantType: 'ORGANISATION', tenantName: 'Demo Company (NZ)' });
      expect(String(all[0]?.createdDateUtc)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}$/);
      const event = claimsOf(second.accessToken).authentication_event_id;
      const { json } = await request(`${sandbox.base}/Connections?authEventId=${String(event)}`, {
        headers: { authorization: `Bearer ${client.accessToken}` },
      });
      expect((json as unknown as Json[]).map((each) => each.tenantId)).toEqual([US]);
    });

    it('disconnects one tenant by connection id, and keeps id and birth when it comes back', async () => {
      const client = await sandbox.connect(NZ);
      await sandbox.connect(US);
      const [before] = await client.connections();
      const remove = (id: unknown) =>
        request(`${sandbox.base}/connections/${String(id)}`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${client.accessToken}` },
        });
      expect((await remove(NZ)).status).toBe(404);
      expect((await remove(before?.id)).status).toBe(204);
      expect((await remove(before?.id)).status).toBe(404);
      expect((await organisation(client.accessToken, NZ)).status).toBe(403);
      expect((await organisation(client.accessToken, US)).status).toBe(200);
      await pass(MINUTE);
      const again = await (await sandbox.connect(NZ)).connections();
      const after = again.find((each) => String(each.tenantId) === NZ);
      expect(after).toMatchObject({ id: before?.id, createdDateUtc: before?.createdDateUtc });
      expect(String(after?.updatedDateUtc) > String(after?.createdDateUtc)).toBe(true);
    });
  });

  describe('2. codes and tokens live as long as the vendor says', () => {
    it('exchanges a code once, within five minutes, with its redirect', async () => {
      const code = codeOf(await authorize(sandbox.base));
      expect((await exchangeCode(code, { redirect_uri: 'http://localhost:9/other' })).json).toEqual({
        error: 'invalid_grant',
      });
      expect((await exchangeCode(code)).status).toBe(200);
      expect(await exchangeCode(code)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
      const late = codeOf(await authorize(sandbox.base));
      await pass(5 * MINUTE);
      expect((await exchangeCode(late)).json).toEqual({ error: 'invalid_grant' });
    });

    it('holds a verifier against its S256 challenge, and an app without secret needs one', async () => {
      const verifier = 'v'.repeat(50);
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const native = { client_id: 'sandbox-native', code_challenge: challenge, code_challenge_method: 'S256' };
      expect((await authorize(sandbox.base, { client_id: 'sandbox-native' })).status).toBe(400);
      const attempt = async (code_verifier: string) =>
        exchangeCode(codeOf(await authorize(sandbox.base, native)), { client_id: 'sandbox-native', code_verifier }, {});
      expect((await attempt('w'.repeat(50))).json).toEqual({ error: 'invalid_grant' });
      expect((await attempt('short')).json).toEqual({ error: 'invalid_grant' });
      const { json } = await attempt(verifier);
      expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 1800 });
      const again = await exchange(
        sandbox.base,
        { grant_type: 'refresh_token', refresh_token: String(json.refresh_token), client_id: 'sandbox-native' },
        {},
      );
      expect(again.status).toBe(200);
    });

    it('knows the client by header or body, and refuses any other', async () => {
      const { refresh_token } = await tokens();
      const inBody = { client_id: 'sandbox-client', client_secret: 'sandbox-secret' };
      const byBody = await exchange(
        sandbox.base,
        { grant_type: 'refresh_token', refresh_token: String(refresh_token), ...inBody },
        {},
      );
      expect(byBody.status).toBe(200);
      const wrong = { authorization: `Basic ${Buffer.from('sandbox-client:wrong').toString('base64')}` };
      expect(await refresh(byBody.json.refresh_token, wrong)).toMatchObject({
        status: 401,
        json: { error: 'invalid_client' },
      });
      expect(await exchange(sandbox.base, { grant_type: 'password' })).toMatchObject({
        status: 400,
        json: { error: 'unsupported_grant_type' },
      });
    });

    it('rotates the refresh token on each use, and takes the one before for half an hour after its first use', async () => {
      const first = await tokens();
      await pass(DAY);
      const second = await refresh(first.refresh_token);
      expect(second.json.refresh_token).not.toBe(first.refresh_token);
      await pass(30 * MINUTE - 1);
      const retried = await refresh(first.refresh_token);
      expect(retried.status).toBe(200);
      await pass(1);
      expect(await refresh(first.refresh_token)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
      expect((await refresh(second.json.refresh_token)).status).toBe(200);
      expect((await refresh(retried.json.refresh_token)).status).toBe(200);
    });

    it('lets a refresh token die sixty days after its issue, and an access token after half an hour', async () => {
      const first = await tokens();
      await pass(30 * MINUTE - 1);
      expect((await organisation(first.access_token)).status).toBe(200);
      await pass(1);
      const expired = await organisation(first.access_token);
      expect(expired).toMatchObject({ status: 401, json: { Title: 'Unauthorized', Status: 401 } });
      expect(String(expired.json.Detail)).toMatch(/^TokenExpired: token expired at \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/);
      await pass(60 * DAY - 30 * MINUTE - 1);
      const second = await refresh(first.refresh_token);
      expect(second.status).toBe(200);
      await pass(60 * DAY);
      expect((await refresh(second.json.refresh_token)).json).toEqual({ error: 'invalid_grant' });
    });

    it('can lose the answer of a refresh, which the token before survives', async () => {
      const { refresh_token } = await tokens();
      await sandbox.control('POST', '/tokens', { action: 'dropNextRefreshAnswer', realm: NZ });
      await expect(refresh(refresh_token)).rejects.toThrow();
      expect((await refresh(refresh_token)).status).toBe(200);
    });

    it('does not let the refresh of one consent end another', async () => {
      const [nz, us] = [await sandbox.connect(NZ), await sandbox.connect(US)];
      for (let round = 0; round < 3; round++) {
        nz.refreshToken = String((await refresh(nz.refreshToken)).json.refresh_token);
        us.refreshToken = String((await refresh(us.refreshToken)).json.refresh_token);
      }
      expect((await organisation(nz.accessToken, NZ)).status).toBe(200);
      expect((await organisation(us.accessToken, US)).status).toBe(200);
    });
  });

  describe('3. scopes', () => {
    it('gives no refresh token without offline_access', async () => {
      const given = await tokens({ scope: 'accounting.settings' });
      expect(given.refresh_token).toBeUndefined();
      expect(given.access_token).toBeDefined();
    });

    it('are fixed at consent and gather over consents of one person', async () => {
      const first = await tokens({ scope: 'offline_access accounting.contacts' });
      const second = await tokens({ scope: 'offline_access accounting.settings' });
      expect(String(second.scope)).toBe('offline_access accounting.contacts accounting.settings');
      const { json } = await refresh(first.refresh_token);
      expect(String(json.scope)).toBe('offline_access accounting.contacts');
    });

    it.each([
      ['accounting.settings', 'GET', 'Accounts'],
      ['accounting.settings.read', 'GET', 'Organisation'],
      ['accounting.contacts', 'PUT', 'Contacts'],
      ['accounting.invoices.read', 'GET', 'Invoices'],
      ['accounting.invoices', 'GET', 'Items'],
      ['accounting.payments', 'GET', 'Payments'],
      ['accounting.banktransactions', 'GET', 'BankTransfers'],
      ['accounting.manualjournals', 'GET', 'ManualJournals'],
    ])('%s opens %s %s', async (scope, method, path) => {
      const client = await sandbox.connect(NZ, scope);
      const body = method === 'PUT' ? { Name: 'Opened' } : undefined;
      expect((await client.call(method, path, body)).status).toBe(200);
    });

    it.each([
      ['accounting.contacts', 'GET', 'Invoices'],
      ['accounting.contacts.read', 'PUT', 'Contacts'],
      ['accounting.invoices', 'GET', 'Payments'],
      ['accounting.payments', 'GET', 'Organisation'],
      ['accounting.settings', 'GET', 'Contacts'],
    ])('%s alone does not open %s %s', async (scope, method, path) => {
      const client = await sandbox.connect(NZ, scope);
      const reply = await client.call(method, path, method === 'PUT' ? { Name: 'Closed' } : undefined);
      expect(reply).toMatchObject({ status: 401, json: { Detail: 'AuthorizationUnsuccessful' } });
      expect(reply.headers.get('www-authenticate')).toContain('insufficent_scope');
    });

    it('of the broad kind open what the granular ones do, for an app that may have them', async () => {
      await switchTo({ appScopes: 'any' });
      const client = await sandbox.connect(NZ, 'accounting.transactions');
      for (const path of ['Invoices', 'Payments', 'BankTransactions', 'ManualJournals']) {
        expect((await client.get(path)).status).toBe(200);
      }
      expect((await client.get('Contacts')).status).toBe(401);
    });

    it('of files are asked for apart', async () => {
      const client = await sandbox.connect(NZ, 'accounting.invoices accounting.contacts');
      const { ContactID } = await client.make('Contacts', { Name: 'Files' });
      expect((await client.get(`Contacts/${String(ContactID)}/Attachments`)).status).toBe(401);
      expect((await client.get(`Contacts/${String(ContactID)}/History`)).status).toBe(200);
    });
  });

  describe('4. what opens nothing', () => {
    it.each([
      ['garbage', 'Bearer garbage'],
      ['nothing', ''],
      ['another scheme', BASIC],
    ])('is told AuthenticationUnsuccessful: %s', async (_what, authorization) => {
      const reply = await request(`${sandbox.base}/api.xro/2.0/Organisation`, {
        headers: { authorization, accept: 'application/json', 'xero-tenant-id': NZ },
      });
      expect(reply).toMatchObject({ status: 401, json: { Detail: 'AuthenticationUnsuccessful', Type: null } });
    });

    it.each([
      ['another tenant', US],
      ['an unknown tenant', 'c0ffee00-9999-4000-8000-000000000009'],
      ['no tenant', undefined],
    ])('is 403 for %s', async (_what, realm) => {
      const client = await sandbox.connect(NZ);
      const reply = await request(`${sandbox.base}/api.xro/2.0/Organisation`, {
        headers: {
          authorization: `Bearer ${client.accessToken}`,
          accept: 'application/json',
          ...(realm !== undefined && { 'xero-tenant-id': realm }),
        },
      });
      expect(reply).toMatchObject({
        status: 403,
        json: { Title: 'Forbidden', Status: 403, Detail: 'AuthenticationUnsuccessful', Extensions: {} },
      });
    });
  });

  describe('5. what people do on their side', () => {
    it('disconnects an organisation without a word to the app', async () => {
      const client = await sandbox.connect(NZ);
      await sandbox.control('POST', '/tokens', { action: 'revoke', realm: NZ });
      expect((await organisation(client.accessToken)).status).toBe(403);
      expect(await client.connections()).toEqual([]);
      expect((await refresh(client.refreshToken)).status).toBe(200);
    });

    it('takes everything back at once', async () => {
      const client = await sandbox.connect(NZ);
      await sandbox.control('POST', '/tokens', { action: 'revokeAll' });
      expect(await organisation(client.accessToken)).toMatchObject({ status: 401 });
      expect((await refresh(client.refreshToken)).json).toEqual({ error: 'invalid_grant' });
    });

    it('lets the app itself revoke, with an empty answer', async () => {
      const client = await sandbox.connect(NZ);
      const reply = await request(`${sandbox.base}/connect/revocation`, {
        method: 'POST',
        headers: { authorization: BASIC, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token: client.refreshToken }).toString(),
      });
      expect(reply).toMatchObject({ status: 200, text: '' });
      expect((await refresh(client.refreshToken)).json).toEqual({ error: 'invalid_grant' });
      expect((await organisation(client.accessToken)).status).toBe(401);
    });

    it('lets two people connect the same organisation without being in each other’s way', async () => {
      const ada = await sandbox.connect(NZ);
      await sandbox.control('POST', '/consent', { mode: 'auto', realm: NZ, person: 'ben@books.example' });
      const given = await tokens();
      const ben = new Client(sandbox.base, NZ, String(given.access_token), String(given.refresh_token));
      const [ofAda] = await ada.connections();
      await request(`${sandbox.base}/connections/${String(ofAda?.id)}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${ada.accessToken}` },
      });
      expect((await ada.get('Organisation')).status).toBe(403);
      expect((await ben.get('Organisation')).status).toBe(200);
    });

    it('gives a custom connection its one organisation without a tenant header', async () => {
      await sandbox.control('POST', '/consent', { mode: 'auto', realm: UK });
      const { json } = await exchange(sandbox.base, {
        grant_type: 'client_credentials',
        scopes: 'accounting.settings accounting.contacts',
      });
      expect(json.refresh_token).toBeUndefined();
      const reply = await request(`${sandbox.base}/api.xro/2.0/Organisation`, {
        headers: { authorization: `Bearer ${String(json.access_token)}`, accept: 'application/json' },
      });
      expect((reply.json.Organisations as unknown as Json[])[0]).toMatchObject({ OrganisationID: UK });
    });
  });
});
