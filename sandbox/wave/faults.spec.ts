import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULT_KINDS } from './misbehaviour.ts';
import { CA, Client, exchange, NEW, request, startSandbox, US, type Json, type TestSandbox } from './test-client.ts';

describe('faults on demand', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterAll(() => sandbox.close());
  afterEach(() => sandbox.control('DELETE', '/faults'));

  const rule = (...rules: object[]) => sandbox.control('POST', '/faults', { rules });
  const create = (name: string) => client.mutate('customerCreate', { businessId: US, name }, 'customer { id }');
  const exists = async (name: string) =>
    (await client.nodes('customers', 'name')).some((customer) => String(customer.name) === name);

  it.each([
    ['429', 429, undefined],
    ['500', 500, 'INTERNAL_SERVER_ERROR'],
    ['502', 502, undefined],
    ['503', 503, undefined],
    ['504', 504, undefined],
    ['html200', 200, undefined],
    ['fault200', 200, 'INTERNAL_SERVER_ERROR'],
    ['nodeNotFound', 200, 'NOT_FOUND'],
    ['nullPayload', 200, undefined],
    ['unauthenticated', 200, 'UNAUTHENTICATED'],
    ['401', 401, undefined],
    ['403', 403, undefined],
  ])('%s before the commit leaves nothing done, after it everything', async (fault, status, code) => {
    for (const when of ['before', 'after']) {
      await rule({ match: { entity: 'Customer', operation: 'customerCreate' }, fault, when, times: 1 });
      const name = `${fault} ${when}`;
      const reply = await create(name);
      expect([reply.status, reply.didSucceed]).toEqual([status, false]);
      if (code !== undefined) expect(reply.code).toBe(code);
      expect(await exists(name)).toBe(when === 'after');
    }
  });

  it.each(['cut', 'hang', 'half'])('%s loses the answer before or after the commit', async (fault) => {
    for (const when of ['before', 'after']) {
      await rule({ match: { operation: 'customerCreate' }, fault, when, times: 1, ms: 30 });
      const name = `${fault} ${when}`;
      await expect(create(name)).rejects.toThrow();
      // Half an answer is the answer to what was done, so it was done either way.
      expect(await exists(name)).toBe(when === 'after' || fault === 'half');
    }
  });

  it('speaks each kind the way the vendor does', async () => {
    const seen = async (fault: string, more: object = {}) => {
      await rule({ fault, times: 1, ...more });
      return client.ask('query($b: ID!) { mine: business(id: $b) { id } }', { b: US });
    };
    const node = await seen('nodeNotFound');
    expect(node.errors?.[0]).toMatchObject({
      message: 'Node could not be found',
      path: ['mine'],
      extensions: { id: expect.any(String) },
    });
    expect(node.data).toEqual({ mine: null });
    expect((await seen('nullPayload')).text).toBe('{"data":{"mine":null}}');
    expect((await seen('fault200')).data).toEqual({ mine: null });
    expect((await seen('502')).text).toContain('<html>');
    const started = Date.now();
    expect((await seen('latency', { ms: 80 })).status).toBe(200);
    expect(Date.now() - started).toBeGreaterThanOrEqual(75);
    await rule({ fault: '503', retryAfter: 7, times: 1 });
    const limited = await request(`${sandbox.base}/graphql/public`, { method: 'POST', body: '{}' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([503, '7']);
  });

  it('fires as often as told, only where it matches, and counts its hits', async () => {
    await rule(
      { match: { realm: US, path: 'business\\.customers' }, fault: '503', times: 2 },
      { match: { realm: CA }, fault: '500' },
    );
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++)
      statuses.push((await client.ask('{ business { customers { pageInfo { totalCount } } } }')).status);
    expect(statuses).toEqual([503, 503, 200]);
    expect((await client.ask('{ business { accounts { pageInfo { totalCount } } } }')).status).toBe(200);
    const { rules } = await sandbox.control('GET', '/faults');
    expect((rules as unknown as Json[]).map((each) => each.hits)).toEqual([2, 0]);
  });

  it('finds the business of a token for several in the ids of the request', async () => {
    const { access_token: token } = await sandbox.control('POST', '/tokens/full-access');
    const full = new Client(sandbox.base, CA, String(token));
    await rule({ match: { realm: CA, operation: 'query' }, fault: '503' });
    const ask = (b: string) => full.ask('query($b: ID!) { business(id: $b) { id } }', { b });
    expect([(await ask(CA)).status, (await ask(US)).status]).toEqual([503, 200]);
  });

  it('fires with a probability that a seed repeats', async () => {
    const pattern = async () => {
      const own = await startSandbox({ seed: 11 });
      const there = await own.connect();
      await own.control('POST', '/faults', { rules: [{ fault: '503', probability: 0.5 }] });
      const statuses: number[] = [];
      for (let count = 0; count < 20; count++) statuses.push((await there.ask('{ user { id } }')).status);
      await own.close();
      return statuses;
    };
    const [first, second] = [await pattern(), await pattern()];
    expect(first).toEqual(second);
    expect(new Set(first)).toEqual(new Set([200, 503]));
  });

  it('reaches the token endpoint too', async () => {
    await rule({ match: { operation: 'token' }, fault: '503', times: 1 });
    const form = { grant_type: 'refresh_token', refresh_token: client.refreshToken };
    expect((await exchange(sandbox.base, form)).status).toBe(503);
    expect((await exchange(sandbox.base, form)).status).toBe(200);
  });
});

describe('control endpoints', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  const send = (path: string, body: unknown) =>
    request(`${sandbox.base}/_control${path}`, { method: 'POST', body: JSON.stringify(body) });

  it('list themselves in words', async () => {
    const { endpoints, faults } = await sandbox.control('GET', '/');
    expect(Object.keys(endpoints ?? {})).toContain('POST /faults');
    expect(faults).toEqual([...FAULT_KINDS]);
    expect((await send('/nowhere', {})).status).toBe(404);
  });

  it.each([
    ['/faults', { rules: [{ fault: 'boom' }] }, 'rules.0.fault', 'nodeNotFound'],
    ['/faults', { rules: [{ match: { path: '(' }, fault: '500' }] }, 'rules.0.match.path', 'regular expression'],
    ['/webhooks', { colour: 'red' }, 'colour', 'verifierToken'],
    ['/webhooks', { events: ['customer.created'] }, 'events.0', 'invoice.paid'],
    ['/tokens', { action: 'explode' }, 'action', 'expireAccess'],
    ['/tokens', { action: 'revoke', realm: 'x' }, 'realm', '3f6d1c52'],
    ['/clock', { now: 'soon' }, 'now', 'ISO'],
    ['/consent', { mode: 'maybe' }, 'mode', 'deny'],
    ['/limits', { perHour: 3 }, 'perHour', 'perMinute'],
    ['/switches', { gravity: false }, 'switches', 'unknownReference'],
    ['/switches', { unknownReference: 'maybe' }, 'switches', 'NOT_FOUND'],
    ['/companies', { flavour: 'mars' }, 'flavour', 'us'],
    ['/companies', { flavour: 'us', uuid: '3f6d1c52-8a4e-4b7d-9c01-5e2a7f000001' }, 'uuid', 'exists already'],
    [`/business/${US}`, { plan: 'free' }, 'plan', 'starter'],
    [`/business/${US}`, { timezone: 'Mars/Olympus' }, 'timezone', 'time zone'],
    ['/business/x', {}, 'realm', '3f6d1c52'],
    ['/vendors', { realm: US, vendor: { name: 'x', colour: 'red' } }, 'vendor', 'colour'],
    ['/vendors', { realm: US, vendor: { name: '' } }, 'vendor', 'required'],
    ['/vendors', { realm: US, id: 'x', vendor: {} }, 'id', 'x'],
    ['/view', { realm: US, id: 'x' }, 'id', 'x'],
    ['/decide', { realm: US, id: 'x', decision: 'accept' }, 'id', 'x'],
    ['/card-payment', { realm: US, id: 'x' }, 'id', 'approved'],
    ['/bulk', { realm: US, entity: 'Nothing', objects: [] }, 'entity', 'Invoice'],
    [
      '/bulk',
      { realm: US, entity: 'Product', objects: [{ name: 'x', unitPrice: 'y' }] },
      'objects.0.unitPrice',
      'Decimal',
    ],
    ['/webhooks/forge', { realm: US, id: 'x', event: 'invoice.exploded' }, 'event', 'invoice.paid'],
  ])('answer 400 to a bad %s, naming the field and what is allowed', async (path, body, field, allowed) => {
    const reply = await send(path, body);
    expect([reply.status, String(reply.json.field)]).toEqual([400, field]);
    expect(String(reply.json.error)).toContain(allowed);
  });

  it('change nothing when one of several switches is wrong', async () => {
    await send('/switches', { moneySeparators: false, unknownReference: 'maybe' });
    const switches = await sandbox.control('GET', '/switches');
    expect(switches.moneySeparators).toMatchObject({ value: true, default: true, about: expect.any(String) });
  });

  it('make another business, named by its uuid or its id', async () => {
    const uuid = '11111111-2222-4333-8444-555555555555';
    const made = await sandbox.control('POST', '/companies', { flavour: 'ca', uuid, name: 'Newcomer Inc.' });
    expect(made).toMatchObject({ uuid, name: 'Newcomer Inc.', homeCurrency: 'CAD', plan: 'pro' });
    const client = await sandbox.connect(uuid);
    const { data } = await client.ask('{ business { name invoices { pageInfo { totalCount } } } }');
    expect(Number(data?.business?.invoices?.pageInfo?.totalCount)).toBeGreaterThan(50);
  });

  it('create many objects by the same rules and say which were refused', async () => {
    const objects = [{ name: 'Bulk 1' }, { name: ' ' }, { name: 'Bulk 2' }];
    const { created, failed } = await sandbox.control('POST', '/bulk', { realm: US, entity: 'Customer', objects });
    expect((created as unknown as string[]).length).toBe(2);
    expect(failed).toEqual([{ index: 1, path: ['input', 'name'], message: expect.any(String), code: 'REQUIRED' }]);
    const client = await sandbox.connect();
    const invoice = await client.invoice('20');
    const account = await client.account('Checking');
    const payments = [
      {
        invoiceId: invoice.id,
        paymentAccountId: account,
        amount: 20,
        paymentDate: '2026-03-10',
        paymentMethod: 'CASH',
        exchangeRate: 1,
      },
    ];
    await sandbox.control('POST', '/bulk', { realm: US, entity: 'InvoicePayment', objects: payments });
    expect(await client.one('invoice', invoice.id, 'status')).toEqual({ status: 'PAID' });
  });

  it('reset to the seed data, which is the same every time', async () => {
    const dump = async () => {
      const body = await sandbox.control('GET', `/dump/${CA}`);
      // Days follow the clock, which has moved on meanwhile.
      return JSON.stringify(body.entities).replace(/:\d{13}\b/g, ':0');
    };
    await sandbox.control('POST', '/reset', {});
    const first = await dump();
    await sandbox.control('POST', '/switches', { moneySeparators: false });
    await sandbox.control('POST', '/reset', {});
    expect(await dump()).toBe(first);
    expect((await sandbox.control('GET', '/switches')).moneySeparators).toMatchObject({ value: true });
    await sandbox.control('POST', '/reset', { seed: 2 });
    expect(await dump()).not.toBe(first);
  });
});

describe('seed data', () => {
  it('holds two businesses with two years of trade, one of them in several currencies, and one without any', async () => {
    const sandbox = await startSandbox({ empty: false });
    const of = async (realm: string) => (await sandbox.control('GET', `/dump/${realm}`)).entities as Json;
    const rows = (entities: Json, name: string) => entities[name] as unknown as Json[];
    const [us, ca, fresh] = [await of(US), await of(CA), await of(NEW)];
    expect(rows(us, 'Invoice').length).toBeGreaterThan(250);
    expect(rows(ca, 'Invoice').length).toBeGreaterThan(150);
    expect(rows(fresh, 'Invoice')).toHaveLength(0);
    expect(rows(fresh, 'Account').length).toBeGreaterThan(40);
    expect(new Set(rows(ca, 'Invoice').map((invoice) => String(invoice.currency)))).toEqual(
      new Set(['CAD', 'USD', 'EUR']),
    );
    const days = rows(us, 'Invoice').map((invoice) => String(invoice.invoiceDate));
    expect(Math.min(...days.map((day) => Date.parse(day)))).toBeLessThan(Date.UTC(2024, 4, 1));
    expect(new Set(rows(us, 'Estimate').map((estimate) => String(estimate.stage))).size).toBeGreaterThanOrEqual(4);
    expect(rows(us, 'Vendor').some((vendor) => String(vendor.isArchived) === 'true')).toBe(true);
    expect(rows(us, 'Customer').some((customer) => String(customer.isArchived) === 'true')).toBe(true);
    expect(rows(us, 'InvoicePayment').some((payment) => String(payment.provider) === 'WAVE')).toBe(true);
    expect(rows(us, 'Customer').some((customer) => String(customer.name).includes("'"))).toBe(true);
    for (const business of sandbox.vendor.businesses.values()) expect(business.ledger.difference.toString()).toBe('0');
    const client = await sandbox.connect();
    const statuses = new Set((await client.nodes('invoices', 'status')).map((invoice) => String(invoice.status)));
    for (const status of ['PAID', 'OVERDUE', 'DRAFT']) expect(statuses).toContain(status);
    await sandbox.close();
  });
});

describe('the state file', () => {
  it('keeps businesses, balances, tokens and settings over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
    const stateFile = join(folder, 'state.json');
    const first = await startSandbox({ stateFile, seed: 3, empty: false });
    const client = await first.connect();
    const invoice = await client.invoice('50');
    await client.pay(invoice.id, '20');
    await client.mutate('customerDelete', { id: (await client.customer({ name: 'Gone' })).id });
    await first.control('POST', '/webhooks', { url: 'http://127.0.0.1:9/hook', events: ['invoice.paid'] });
    await first.control('POST', '/switches', { moneySeparators: false });
    await first.control('POST', `/business/${CA}`, { plan: 'starter' });
    const balances = (one: Client) => one.nodes('accounts', 'name balance balanceInBusinessCurrency sequence');
    const [dump, before] = [await first.control('GET', `/dump/${US}`), await balances(client)];
    await first.close();
    expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toHaveProperty('wave');

    const second = await startSandbox({ stateFile, seed: 4 });
    expect(await second.control('GET', `/dump/${US}`)).toEqual(dump);
    const again = new Client(second.base, US, client.accessToken, client.refreshToken);
    expect(await balances(again)).toEqual(before);
    expect(await again.one('invoice', invoice.id, 'status amountDue { value }')).toEqual({
      status: 'PARTIAL',
      amountDue: { value: '30.00' },
    });
    expect((await second.control('GET', '/webhooks')).settings).toMatchObject({ events: ['invoice.paid'] });
    expect((await second.control('GET', '/switches')).moneySeparators).toMatchObject({ value: false });
    const refreshed = await exchange(second.base, { grant_type: 'refresh_token', refresh_token: client.refreshToken });
    expect(refreshed.status).toBe(200);
    expect(Number((await again.ask('{ user { id } }')).code === 'UNAUTHENTICATED')).toBe(1);
    const { id } = await new Client(second.base, US, String(refreshed.json.access_token)).customer({ name: 'Next' });
    expect(JSON.stringify(dump)).not.toContain(String(id));
    await second.close();
    rmSync(folder, { recursive: true });
  });
});
