import { createHash, randomUUID } from 'node:crypto';
import { Logger, type LoggerService } from '@nestjs/common';
import {
  ACCESS_ENTITIES,
  BooksLines,
  Connecting,
  Connections,
  CONNECTION_ENTITIES,
  type ConnectRefusal,
  type ConnectRequest,
  Journeys,
  KeepAlive,
} from '../../src/modules/auth/index.js';
import { HISTORY_ENTITIES } from '../../src/modules/history/store/tables.js';
import { SYNC_ENTITIES } from '../../src/modules/sync/index.js';
import { type Application, startApplication } from './auth/application.js';
import { Browser } from './auth/browser.js';
import { CANARY, OAuthProvider } from './auth/oauth-provider.js';
import { stubDefinition } from './auth/stub-definition.js';
import { type FreshDatabase, freshDatabase } from './database.js';

const MINUTE = 60_000;
const RETURN = 'https://app.example.com/books/done?from=settings#top';
const ANA = 'connect:ana@example.com';

let fresh: FreshDatabase;
let provider: Awaited<ReturnType<typeof OAuthProvider.start>>;
let application: Application;
let tenant: string;
const logged: string[] = [];

beforeAll(async () => {
  fresh = await freshDatabase([...CONNECTION_ENTITIES, ...ACCESS_ENTITIES, ...HISTORY_ENTITIES, ...SYNC_ENTITIES]);
  provider = await OAuthProvider.start();
  application = await startApplication({
    fresh,
    definitions: [stubDefinition(), stubDefinition({ name: 'plain', pkce: false })],
    providerUrl: provider.url,
  });
  const note = (...parts: unknown[]): void => void logged.push(parts.map(String).join(' '));
  Logger.overrideLogger({ log: note, error: note, warn: note, debug: note, verbose: note } satisfies LoggerService);
});
afterAll(async () => {
  Logger.overrideLogger(false);
  await application.close();
  await provider.stop();
  await fresh.drop();
});
beforeEach(async () => {
  tenant = await newTenant('Acme & Sons <Ltd>');
  provider.consent = { companies: [randomUUID()] };
  provider.faults.length = 0;
  provider.revocations.length = 0;
  provider.revocationStatus = 200;
});

const newTenant = async (name: string): Promise<string> => {
  const id = randomUUID();
  await fresh.asOwner('insert into tenant (id, name, created_at) values ($1, $2, now())', [id, name]);
  return id;
};
const browser = (): Browser => new Browser([application.url, provider.url]);
const begin = async (more: Partial<ConnectRequest> = {}, of = tenant): Promise<string> =>
  (await application.get(Connecting).beginConnection(of, ANA, { provider: 'stub', returnUrl: RETURN, ...more }))
    .authorizeUrl;
const reconnect = async (connection: string): Promise<string> =>
  (await application.get(Connecting).reconnect(tenant, ANA, { connection, returnUrl: RETURN })).authorizeUrl;
/** The whole way of a person who confirms everything; where the browser ends up. */
const travel = async (ticket: string, by: Browser = browser()): Promise<URL> => by.follow(await by.submit(ticket));
const connect = async (more: Partial<ConnectRequest> = {}, of = tenant): Promise<string> =>
  (await travel(await begin(more, of))).searchParams.get('connection')!;
const resultOf = (url: URL): string | null => url.searchParams.get('result');
const connectionRow = async (id: string): Promise<Record<string, unknown>> =>
  (await fresh.asOwner('select * from connection where id = $1', [id]))[0]!;
const grantRow = async (id: unknown): Promise<Record<string, unknown>> =>
  (await fresh.asOwner('select * from oauth_grant where id = $1', [id]))[0]!;
const eventsOf = (connection: string) =>
  fresh.asOwner<{ type: string; cause: { actor?: string }; detail: Record<string, unknown> }>(
    'select type, cause, detail from event where connection_id = $1 order by id',
    [connection],
  );
const call = async (connection: string) => {
  const known = await application.get(Connections).connectionOf(tenant, connection);
  const line = application.get(BooksLines).open(known!);
  return line.send({ method: 'GET', path: '/things', label: 'read thing' });
};
const refusalOf = async (work: Promise<unknown>): Promise<ConnectRefusal | undefined> =>
  work.then(
    () => undefined,
    (error: { code: ConnectRefusal }) => error.code,
  );

describe('the way to a provider and back', () => {
  test('connects the company that a person chose, and its line works', async () => {
    const end = await travel(await begin({ goLive: '2026-01-31' }));
    expect(`${end.origin}${end.pathname}`).toBe('https://app.example.com/books/done');
    expect(end.searchParams.get('from')).toBe('settings');
    expect(end.hash).toBe('#top');
    expect(resultOf(end)).toBe('connected');
    const connection = end.searchParams.get('connection')!;
    const [company] = provider.consent.companies;
    expect(await application.get(Connections).connectionOf(tenant, connection)).toMatchObject({
      ...{ tenant, company, provider: 'stub', state: 'active', goLive: '2026-01-31', creates: [] },
      ...{ companyName: `Company ${company}`, connectedBy: ANA },
    });
    expect(await call(connection)).toMatchObject({ status: 200 });
    expect(await eventsOf(connection)).toMatchObject([
      { type: 'connection_made', cause: { by: 'person', actor: ANA }, detail: { provider: 'stub', company } },
    ]);
    expect(application.connected.told.at(-1)).toEqual({ tenant, connection });
  });

  test('shows a page that says who asks for what, runs nothing and is kept by nobody', async () => {
    const response = await browser().get(await begin());
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain('<h1>Connect Stub Books</h1>');
    expect(html).toContain('<strong>Acme &amp; Sons &lt;Ltd&gt;</strong> asks for access');
    expect(html).toContain('started by <strong>ana@example.com</strong>');
    expect(html).toContain('Continue to Stub Books</button>');
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|https?:\/\/(?!app\.example\.com)/i);
    const { headers } = response;
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none';style-src 'sha256-${hash}';base-uri 'none';frame-ancestors 'none'`,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('x-powered-by') ?? '').not.toMatch(/concord/i);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test('a name cannot put anything into the page', async () => {
    const odd = await newTenant('"><script>alert(1)</script><img src=x onerror=alert(1)>');
    const html = await (await browser().get(await begin({}, odd))).text();
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('<img');
  });

  test('binds the browser by a cookie that scripts and other sites cannot use', async () => {
    const response = await browser().submit(await begin());
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^concord_connect=[A-Za-z0-9_-]{43};/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).toContain('Path=/');
    expect(cookie).not.toContain('Secure');
  });

  test('in production the cookie travels encrypted only and is bound to the host', async () => {
    const production = await startApplication({
      fresh,
      definitions: [stubDefinition()],
      providerUrl: provider.url,
      production: true,
    });
    try {
      const { authorizeUrl } = await production
        .get(Connecting)
        .beginConnection(tenant, ANA, { provider: 'stub', returnUrl: RETURN });
      const response = await new Browser([]).submit(authorizeUrl);
      const [cookie] = response.headers.getSetCookie();
      expect(cookie).toMatch(/^__Host-concord_connect=/);
      expect(cookie).toContain('Secure');
    } finally {
      await production.close();
    }
  });

  test('asks for the scopes with a state and a PKCE challenge, and proves the challenge when it fetches the tokens', async () => {
    await travel(await begin());
    const asked = provider.authorizations.at(-1)!;
    expect(asked.get('response_type')).toBe('code');
    expect(asked.get('client_id')).toBe('stub-client');
    expect(asked.get('scope')).toBe('books offline');
    expect(asked.get('redirect_uri')).toBe(`${application.url}/connect/callback/stub`);
    expect(asked.get('state')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(asked.get('code_challenge_method')).toBe('S256');
    const { form, authorization } = provider.tokenCalls.at(-1)!;
    const verifier = form.get('code_verifier')!;
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(asked.get('code_challenge'));
    expect(authorization).toBe(`Basic ${Buffer.from('stub-client:stub-secret').toString('base64')}`);
    expect(form.has('client_secret')).toBe(false);
  });

  test('leaves PKCE out where the provider does not take part', async () => {
    expect(resultOf(await travel(await begin({ provider: 'plain' })))).toBe('connected');
    expect(provider.authorizations.at(-1)!.has('code_challenge')).toBe(false);
    expect(provider.tokenCalls.at(-1)!.form.has('code_verifier')).toBe(false);
  });

  test('opening the page changes nothing: link previews and scanners open pages, too', async () => {
    const ticket = await begin();
    for (let visit = 0; visit < 3; visit++) expect((await browser().get(ticket)).status).toBe(200);
    expect(resultOf(await travel(ticket))).toBe('connected');
  });

  test('pressing the button twice in one browser makes one connection', async () => {
    const [ticket, one] = [await begin(), browser()];
    const [first, second] = [await one.submit(ticket), await one.submit(ticket)];
    expect(resultOf(await one.follow(second))).toBe('connected');
    expect(resultOf(await one.follow(first))).toBe('invalid');
    expect(await application.get(Connections).list(tenant)).toHaveLength(1);
  });

  test('two journeys in two tabs of one browser do not disturb each other', async () => {
    const one = browser();
    const [first, second] = [await one.submit(await begin()), await one.submit(await begin({ provider: 'plain' }))];
    expect(resultOf(await one.follow(first))).toBe('connected');
    expect(resultOf(await one.follow(second))).toBe('connected');
  });

  test('today is the go-live date where none is given', async () => {
    const [{ today }] = (await fresh.asOwner<{ today: string }>('select concord_now()::date::text as today')) as [
      { today: string },
    ];
    const connection = await application.get(Connections).connectionOf(tenant, await connect());
    expect(connection!.goLive).toBe(today);
  });

  test('one consent that reaches several companies makes a connection of each', async () => {
    provider.consent = { companies: ['org-1', 'org-2', 'org-3'] };
    const end = await travel(await begin());
    expect(resultOf(end)).toBe('connected');
    const ids = end.searchParams.getAll('connection');
    expect(ids).toHaveLength(3);
    const rows = await Promise.all(ids.map(connectionRow));
    expect(rows.map(({ company }) => company)).toEqual(['org-1', 'org-2', 'org-3']);
    expect(new Set(rows.map(({ grant_id }) => grant_id)).size).toBe(1);
  });

  test('the same company connected twice by a tenant is one connection with the newer consent', async () => {
    const first = await connect();
    const { grant_id: former } = await connectionRow(first);
    await application.get(Connections).setCreates(tenant, ANA, first, ['contact']);
    const again = await connect();
    expect(again).toBe(first);
    const row = await connectionRow(first);
    expect(row.grant_id).not.toBe(former);
    expect(row.creates).toEqual(['contact']);
    // The former consent is wiped and not revoked: at some providers that would end the new one, too.
    expect(await grantRow(former)).toMatchObject({ state: 'ended', access_sealed: null, refresh_sealed: null });
    expect(provider.revocations).toEqual([]);
    expect((await eventsOf(first)).at(-1)).toMatchObject({ type: 'connection_changed', detail: { reconnected: true } });
  });

  test('two tenants may connect the same company, each with a consent of its own', async () => {
    const other = await newTenant('Other');
    const [mine, theirs] = [await connect(), await connect({}, other)];
    expect(mine).not.toBe(theirs);
    expect((await connectionRow(mine)).grant_id).not.toBe((await connectionRow(theirs)).grant_id);
  });
});

describe('an invitation is refused', () => {
  test.each<[string, string]>([
    ['another host', 'https://evil.example.com/books'],
    ['another scheme', 'http://app.example.com/books'],
    ['another port', 'https://app.example.com:8443/books'],
    ['a path that only begins alike', 'https://app.example.com/bookshop'],
    ['a path that climbs out', 'https://app.example.com/books/../admin'],
    ['the same in disguise', 'https://app.example.com/books/%2e%2e/admin'],
    ['and with backslashes', 'https://app.example.com/books\\..\\..\\admin'],
    ['a host hidden behind a name', 'https://app.example.com@evil.example.com/books'],
    ['a name in front of the host', 'https://ana@app.example.com/books'],
    ['a host that only begins alike', 'https://app.example.com.evil.example/books'],
    ['a script', 'javascript:alert(1)//https://app.example.com/books'],
    ['no address at all', 'books'],
    ['nothing', ''],
  ])('for a return URL with %s', async (_what, returnUrl) => {
    expect(await refusalOf(begin({ returnUrl }))).toBe('return_url_not_allowed');
  });

  test.each([
    'https://app.example.com/books',
    'https://app.example.com/books/a/b?c=d#e',
    'https://APP.example.com/books/',
  ])('not for the return URL %s', async (returnUrl) => expect(await refusalOf(begin({ returnUrl }))).toBeUndefined());

  test.each(['2026-02-30', '2026-2-3', '31.01.2026', '', '2026-01-31T00:00:00Z'])(
    'for the go-live date "%s"',
    async (goLive) => expect(await refusalOf(begin({ goLive }))).toBe('invalid_go_live'),
  );

  test('for a provider that there is not, or that is not set up here', async () => {
    expect(await refusalOf(begin({ provider: 'nobody' }))).toBe('unknown_provider');
    const bare = await startApplication({ fresh, definitions: [stubDefinition()], providerUrl: undefined });
    try {
      const asked = bare.get(Connecting).beginConnection(tenant, ANA, { provider: 'stub', returnUrl: RETURN });
      expect(await refusalOf(asked)).toBe('provider_not_set_up');
      expect((await fetch(`${bare.url}/connect/callback/stub?code=x&state=y`)).status).toBe(404);
    } finally {
      await bare.close();
    }
  });

  test('for reconnecting what is another tenant’s as for what is not there', async () => {
    const other = await newTenant('Other');
    const theirs = await connect({}, other);
    expect(await refusalOf(reconnect(theirs))).toBe('unknown_connection');
    expect(await refusalOf(reconnect(randomUUID()))).toBe('unknown_connection');
    expect(await refusalOf(reconnect('no id at all'))).toBe('unknown_connection');
  });
});

describe('a journey that ends elsewhere', () => {
  test('when the person says no', async () => {
    provider.consent = { companies: [], deny: true };
    const end = await travel(await begin());
    expect(resultOf(end)).toBe('denied');
    expect(end.searchParams.has('connection')).toBe(false);
    expect(await application.get(Connections).list(tenant)).toEqual([]);
  });

  test('when the provider has a problem of its own', async () => {
    provider.consent = { companies: [], error: 'temporarily_unavailable' };
    expect(resultOf(await travel(await begin()))).toBe('failed');
  });

  test.each(['status_500', 'cut_before', 'not_json', 'invalid_client'] as const)(
    'when no tokens come (%s)',
    async (fault) => {
      provider.faults.push(fault);
      expect(resultOf(await travel(await begin()))).toBe('failed');
      expect(await application.get(Connections).list(tenant)).toEqual([]);
    },
  );

  test('when the consent reaches no company, and its tokens are revoked', async () => {
    provider.consent = { companies: [] };
    expect(resultOf(await travel(await begin()))).toBe('no_company');
    expect(provider.revocations).toHaveLength(1);
  });

  test('when the page is opened after a quarter of an hour', async () => {
    const ticket = await begin();
    await fresh.pass(15 * MINUTE);
    for (const response of [await browser().get(ticket), await browser().submit(ticket)]) {
      expect(resultOf(new URL(response.headers.get('location')!))).toBe('expired');
    }
  });

  test('when the person takes longer than a quarter of an hour at the provider', async () => {
    const one = browser();
    const away = await one.submit(await begin());
    const back = await one.get(away.headers.get('location')!);
    await fresh.pass(15 * MINUTE);
    expect(resultOf(await one.follow(back))).toBe('expired');
    expect(provider.tokenCalls.filter(({ form }) => form.get('code') === codeIn(back))).toEqual([]);
  });

  test('when a callback is replayed: the state is good once', async () => {
    const one = browser();
    const back = await one.get((await one.submit(await begin())).headers.get('location')!);
    const callback = back.headers.get('location')!;
    expect(resultOf(await one.follow(await one.get(callback)))).toBe('connected');
    expect(resultOf(await one.follow(await one.get(callback)))).toBe('invalid');
    expect(await application.get(Connections).list(tenant)).toHaveLength(1);
  });

  test('when a callback comes twice at the same moment, one of them wins', async () => {
    const one = browser();
    const back = await one.get((await one.submit(await begin())).headers.get('location')!);
    const ends = await Promise.all(
      Array.from({ length: 5 }, async () => one.follow(await one.get(back.headers.get('location')!))),
    );
    expect(ends.map(resultOf).sort()).toEqual(['connected', 'invalid', 'invalid', 'invalid', 'invalid']);
  });

  test('when another browser brings the callback back; the right one still goes on', async () => {
    const [one, thief] = [browser(), browser()];
    await thief.submit(await begin());
    const back = await one.get((await one.submit(await begin())).headers.get('location')!);
    const callback = back.headers.get('location')!;
    expect(resultOf(await thief.follow(await thief.get(callback)))).toBe('invalid');
    expect(resultOf(await browser().follow(await browser().get(callback)))).toBe('invalid');
    expect(resultOf(await one.follow(await one.get(callback)))).toBe('connected');
  });

  test('when another browser opens a ticket that is on its way', async () => {
    const ticket = await begin();
    await browser().submit(ticket);
    for (const response of [await browser().get(ticket), await browser().submit(ticket)]) {
      expect(resultOf(new URL(response.headers.get('location')!))).toBe('invalid');
    }
  });

  test('when a used ticket is opened again', async () => {
    const [ticket, one] = [await begin(), browser()];
    await travel(ticket, one);
    expect(resultOf(new URL((await one.submit(ticket)).headers.get('location')!))).toBe('invalid');
  });

  test('when a state comes back at another provider’s callback', async () => {
    const one = browser();
    const back = await one.get((await one.submit(await begin())).headers.get('location')!);
    const mixed = back.headers.get('location')!.replace('/callback/stub', '/callback/plain');
    const before = provider.tokenCalls.length;
    expect(resultOf(await one.follow(await one.get(mixed)))).toBe('invalid');
    expect(provider.tokenCalls).toHaveLength(before);
  });

  test('when a callback brings neither a code nor an error', async () => {
    const one = browser();
    const back = await one.get((await one.submit(await begin())).headers.get('location')!);
    const url = new URL(back.headers.get('location')!);
    url.searchParams.delete('code');
    expect(resultOf(await one.follow(await one.get(url.href)))).toBe('failed');
  });

  test('when the tenant is deleted meanwhile, and its tokens are revoked', async () => {
    const one = browser();
    const back = await one.get((await one.submit(await begin())).headers.get('location')!);
    await fresh.asOwner('update tenant set deleted_at = now() where id = $1', [tenant]);
    expect(resultOf(await one.follow(back))).toBe('invalid');
    expect(provider.revocations).toHaveLength(1);
    expect(await fresh.asOwner('select 1 from connection where tenant_id = $1', [tenant])).toEqual([]);
  });

  test('on a page of ours, where there is no address to trust', async () => {
    for (const path of [
      '/connect/made-up',
      `/connect/${'x'.repeat(43)}`,
      '/connect/callback/stub?code=x&state=made-up',
      '/connect/callback/stub?code=x',
      '/connect/callback/stub?code=x&state=a&state=b',
      '/connect/callback/stub?error=access_denied',
      '/connect/callback/nobody?code=x&state=y',
      '/connect/callback/__proto__?code=x&state=y',
    ]) {
      const response = await browser().get(`${application.url}${path}`);
      expect(response.status).toBe(404);
      expect(response.headers.get('location')).toBeNull();
      expect(await response.text()).toContain('This link leads nowhere');
    }
  });

  test('when another site makes a browser press the button, and the ticket stays good', async () => {
    const ticket = await begin();
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example.com' },
      { origin: 'null' },
    ]) {
      expect((await browser().submit(ticket, headers as unknown as Record<string, string>)).status).toBe(403);
    }
    expect(resultOf(await travel(ticket))).toBe('connected');
  });
});

const codeIn = (back: Response): string | null => new URL(back.headers.get('location')!).searchParams.get('code');

describe('reconnecting', () => {
  test('renews the consent and keeps the identity of the connection', async () => {
    const connection = await connect({ goLive: '2025-12-31' });
    provider.revokeEverything();
    expect(await call(connection)).toMatchObject({ held: { is: 'access_revoked' } });
    expect((await connectionRow(connection)).state).toBe('needs_reconnect');
    const problems = () =>
      fresh.asOwner<{ open: boolean }>('select open from problem where connection_id = $1', [connection]);
    expect(await problems()).toEqual([{ open: true }]);

    const page = await (await browser().get(await reconnect(connection))).text();
    expect(page).toContain('<h1>Reconnect Stub Books</h1>');
    const end = await travel(await reconnect(connection));
    expect(resultOf(end)).toBe('connected');
    expect(end.searchParams.getAll('connection')).toEqual([connection]);
    expect(await application.get(Connections).connectionOf(tenant, connection)).toMatchObject({
      ...{ state: 'active', goLive: '2025-12-31', stateReason: undefined },
    });
    expect(await call(connection)).toMatchObject({ status: 200 });
    expect(await problems()).toEqual([{ open: false }]);
  });

  test('to another company is refused, and its tokens are revoked', async () => {
    const connection = await connect();
    const before = await connectionRow(connection);
    provider.consent = { companies: ['somebody-else'] };
    const end = await travel(await reconnect(connection));
    expect(resultOf(end)).toBe('wrong_company');
    expect(end.searchParams.has('connection')).toBe(false);
    expect(provider.revocations).toHaveLength(1);
    expect(await connectionRow(connection)).toEqual(before);
    expect(await call(connection)).toMatchObject({ status: 200 });
    expect(await application.get(Connections).list(tenant)).toHaveLength(1);
  });

  test('to another company that is connected itself does not end that one’s consent', async () => {
    const connection = await connect();
    provider.consent = { companies: [randomUUID()] };
    const other = await connect();
    expect(resultOf(await travel(await reconnect(connection)))).toBe('wrong_company');
    expect(provider.revocations).toEqual([]);
    expect(await call(other)).toMatchObject({ status: 200 });
  });

  test('a company of several renews those that the consent reaches, and connects no others', async () => {
    provider.consent = { companies: ['a', 'b'] };
    const ids = (await travel(await begin())).searchParams.getAll('connection');
    const { grant_id: former } = await connectionRow(ids[0]!);
    provider.consent = { companies: ['c', 'b', 'a'] };
    const end = await travel(await reconnect(ids[0]!));
    expect(end.searchParams.getAll('connection').sort()).toEqual([...ids].sort());
    expect(await grantRow(former)).toMatchObject({ state: 'ended' });
    expect(await application.get(Connections).list(tenant)).toHaveLength(2);
  });

  test('only some companies of a consent leaves the others on the old one', async () => {
    provider.consent = { companies: ['d', 'e'] };
    const [d, e] = (await travel(await begin())).searchParams.getAll('connection') as [string, string];
    const { grant_id: former } = await connectionRow(d);
    provider.consent = { companies: ['d'] };
    await travel(await reconnect(d));
    expect((await connectionRow(e)).grant_id).toBe(former);
    expect(await grantRow(former)).toMatchObject({ state: 'ok' });
    expect(await call(e)).toMatchObject({ status: 200 });
  });
});

describe('disconnecting', () => {
  const disconnect = (id: string, of = tenant) => application.get(Connections).disconnect(of, ANA, id);

  test('stops the work, revokes the consent, wipes the tokens and keeps the history', async () => {
    const connection = await connect();
    const { grant_id: grant } = await connectionRow(connection);
    expect(await disconnect(connection)).toMatchObject({ state: 'disconnected', grant: undefined });
    expect(provider.revocations).toHaveLength(1);
    expect(await grantRow(grant)).toMatchObject({
      ...{ state: 'ended', access_sealed: null, refresh_sealed: null, previous_refresh_sealed: null },
    });
    expect(await call(connection)).toMatchObject({ held: { is: 'access_revoked' } });
    expect((await eventsOf(connection)).map(({ type }) => type)).toEqual(['connection_made', 'connection_ended']);
    expect((await eventsOf(connection)).at(-1)).toMatchObject({ cause: { actor: ANA } });
  });

  test('twice changes nothing the second time', async () => {
    const connection = await connect();
    await disconnect(connection);
    await disconnect(connection);
    expect(provider.revocations).toHaveLength(1);
    expect(await eventsOf(connection)).toHaveLength(2);
  });

  test('a line that is open meanwhile sends nothing more after its next look', async () => {
    const connection = await connect();
    const known = await application.get(Connections).connectionOf(tenant, connection);
    await disconnect(connection);
    const line = application.get(BooksLines).open(known!);
    const before = provider.apiCalls.length;
    expect(await line.send({ method: 'GET', path: '/things', label: 'read thing' })).toMatchObject({
      held: { is: 'access_revoked' },
    });
    expect(provider.apiCalls).toHaveLength(before);
  });

  test('one of several companies leaves the consent to the others; the last one ends it', async () => {
    provider.consent = { companies: ['f', 'g'] };
    const [f, g] = (await travel(await begin())).searchParams.getAll('connection') as [string, string];
    await disconnect(f);
    expect(provider.revocations).toEqual([]);
    expect(await call(g)).toMatchObject({ status: 200 });
    await disconnect(g);
    expect(provider.revocations).toHaveLength(1);
  });

  test('while the provider is down is finished by the sweep, and gives no token in between', async () => {
    const connection = await connect();
    const { grant_id: grant } = await connectionRow(connection);
    provider.revocationStatus = 503;
    expect(await disconnect(connection)).toMatchObject({ state: 'disconnected' });
    expect(await grantRow(grant)).toMatchObject({ state: 'ending', access_sealed: null });
    provider.revocationStatus = 200;
    await application.get(KeepAlive).run();
    expect(await grantRow(grant)).toMatchObject({ state: 'ending' });
    await fresh.pass(MINUTE);
    await application.get(KeepAlive).run();
    expect(await grantRow(grant)).toMatchObject({ state: 'ended', refresh_sealed: null });
    expect(provider.revocations).toHaveLength(2);
  });

  test.each([400, 403, 404])('what the provider has forgotten already counts as revoked (%i)', async (status) => {
    const connection = await connect();
    provider.revocationStatus = status;
    const { grant_id: grant } = await connectionRow(connection);
    await disconnect(connection);
    expect(await grantRow(grant)).toMatchObject({ state: 'ended' });
    await fresh.pass(MINUTE);
    await application.get(KeepAlive).run();
    expect(provider.revocations).toHaveLength(1);
  });

  test('what is another tenant’s is as what is not there', async () => {
    const other = await newTenant('Other');
    const connection = await connect();
    expect(await refusalOf(disconnect(connection, other))).toBe('unknown_connection');
    expect(await refusalOf(disconnect(randomUUID()))).toBe('unknown_connection');
    expect(await call(connection)).toMatchObject({ status: 200 });
  });

  test('and connecting the company again is the same connection', async () => {
    const connection = await connect();
    await disconnect(connection);
    expect(await connect()).toBe(connection);
    expect(await call(connection)).toMatchObject({ status: 200 });
  });

  test('and reconnecting, of what was ended, too', async () => {
    const connection = await connect();
    await disconnect(connection);
    expect(resultOf(await travel(await reconnect(connection)))).toBe('connected');
    expect((await connectionRow(connection)).state).toBe('active');
  });
});

describe('settings of a connection', () => {
  test('the go-live date moves, with who moved it', async () => {
    const connection = await connect({ goLive: '2026-01-01' });
    const changed = await application.get(Connections).setGoLive(tenant, ANA, connection, '2026-07-01');
    expect(changed.goLive).toBe('2026-07-01');
    expect((await eventsOf(connection)).at(-1)).toMatchObject({
      ...{ type: 'connection_changed', cause: { by: 'person', actor: ANA } },
      detail: { goLive: { from: '2026-01-01', to: '2026-07-01' } },
    });
  });

  test('reference kinds are created on request, and no others', async () => {
    const connections = application.get(Connections);
    const connection = await connect();
    expect((await connections.setCreates(tenant, ANA, connection, ['item', 'contact', 'item'])).creates).toEqual([
      'contact',
      'item',
    ]);
    expect(await refusalOf(connections.setCreates(tenant, ANA, connection, ['invoice']))).toBe('not_a_reference_kind');
    expect(await refusalOf(connections.setCreates(tenant, ANA, connection, ['company']))).toBe('not_a_reference_kind');
    expect((await connections.setCreates(tenant, ANA, connection, [])).creates).toEqual([]);
  });

  test('of an ended connection or somebody else’s cannot be changed', async () => {
    const connections = application.get(Connections);
    const other = await newTenant('Other');
    const connection = await connect();
    expect(await refusalOf(connections.setGoLive(other, ANA, connection, '2026-07-01'))).toBe('unknown_connection');
    expect(await refusalOf(connections.setGoLive(tenant, ANA, connection, 'soon'))).toBe('invalid_go_live');
    await connections.disconnect(tenant, ANA, connection);
    expect(await refusalOf(connections.setGoLive(tenant, ANA, connection, '2026-07-01'))).toBe('connection_ended');
  });
});

test('old tickets and states are swept away', async () => {
  const one = browser();
  await one.submit(await begin());
  await fresh.pass(26 * 60 * MINUTE);
  await begin();
  await application.get(Journeys).sweep();
  expect(await fresh.asOwner('select 1 from oauth_state')).toHaveLength(0);
  expect(await fresh.asOwner('select 1 from connect_ticket')).toHaveLength(1);
});

test('no secret of a journey stands anywhere in the database or the log', async () => {
  const ticket = await begin();
  const one = browser();
  await travel(ticket, one);
  const asked = provider.authorizations.at(-1)!;
  const verifier = provider.tokenCalls.at(-1)!.form.get('code_verifier')!;
  const code = provider.tokenCalls.at(-1)!.form.get('code')!;
  const secrets = [ticket.split('/').at(-1)!, asked.get('state')!, verifier, code, CANARY];
  for (const { name } of await fresh.asOwner<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )) {
    const [row] = await fresh.asOwner<{ text: string | null }>(
      `select string_agg(t::text, E'\\n') as text from "${name}" t`,
    );
    for (const secret of secrets) {
      expect(row!.text ?? '').not.toContain(secret);
      expect(row!.text ?? '').not.toContain(Buffer.from(secret).toString('hex'));
    }
  }
  for (const secret of secrets) expect(logged.join('\n')).not.toContain(secret);
});
