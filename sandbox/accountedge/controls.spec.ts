import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BLANK,
  customerBody,
  HARBOUR,
  invoiceBody,
  openShop,
  paymentBody,
  request,
  startReceiver,
  startSandbox,
  TODAY,
  WIDGETS,
  type Client,
  type Json,
  type Shop,
  type TestSandbox,
} from './test-client.ts';
import { FAULT_KINDS } from './misbehaviour.ts';

const SERVICE = 'Sale/Invoice/Service';
const MINUTE = 60_000;

describe('the control endpoints', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let shop: Shop;

  beforeEach(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    shop = await openShop(client);
  });
  afterEach(() => sandbox.close());

  const control = (path: string, body?: unknown) => sandbox.control('POST', path, body);
  const invoice = (amount = 10) => client.create(SERVICE, invoiceBody(shop, amount));
  const count = async (resource = SERVICE) => Number((await client.get(resource)).json.Count);

  it('list themselves', async () => {
    const { endpoints, faults } = await sandbox.control('GET', '/');
    expect(Object.keys(endpoints ?? {})).toContain('POST /faults');
    expect(faults).toEqual(FAULT_KINDS);
  });

  it.each<[string, unknown, string, string]>([
    ['/faults', { rules: [{ fault: 'flood' }] }, 'rules.0.fault', 'latency'],
    ['/faults', { rules: [{ fault: '500', mach: {} }] }, 'rules.0.mach', ''],
    ['/faults', { rules: [{ fault: '500', match: { path: '(' } }] }, 'rules.0.match.path', 'regular expression'],
    ['/webhooks', { widowMs: 5 }, 'widowMs', 'windowMs'],
    ['/tokens', { action: 'explode' }, 'action', 'expireAccess'],
    ['/tokens', { action: 'setScopes' }, 'scopes', 'scopes'],
    ['/clock', { now: 'yesterday' }, 'now', 'ISO'],
    ['/consent', { mode: 'auto', realm: 'none' }, 'realm', WIDGETS],
    ['/limits', { perMinute: 4 }, 'perMinute', 'perSecond'],
    ['/companies', { flavour: 'fr' }, 'flavour', 'us'],
    ['/companies', { flavour: 'us', realmId: WIDGETS }, 'realmId', 'exists'],
    [`/preferences/${WIDGETS}`, { 'System.Nothing': 1 }, 'System.Nothing', 'LockPeriodPriorTo'],
    ['/edit', { realm: WIDGETS, id: 'none', members: {} }, 'id', 'no record'],
    ['/bulk', { realm: WIDGETS, entity: 'Sale/Invoice', objects: [] }, 'entity', 'Sale/Invoice'],
    ['/restore', { realm: WIDGETS }, 'realm', 'backup'],
    ['/webhooks/forge', { realm: WIDGETS, entity: 'x', id: 'x', operation: 'Created' }, 'realm', 'subscribed'],
  ])('%s refuses %j by field', async (path, body, field, words) => {
    const reply = await request(`${sandbox.base}/_control${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect([reply.status, reply.json.field]).toEqual([400, field]);
    expect(String(reply.json.error)).toContain(words);
  });

  it('refuse what there is not', async () => {
    expect((await request(`${sandbox.base}/_control/nothing`)).status).toBe(404);
    expect((await request(`${sandbox.base}/_control/webhooks/nothing`, { method: 'POST' })).status).toBe(404);
  });

  describe('faults', () => {
    it.each<[string, number, string | undefined]>([
      ['429', 429, 'RateLimitError'],
      ['rateLimit', 403, 'RateLimitError'],
      ['html403', 403, undefined],
      ['500', 500, 'InternalError'],
      ['502', 502, undefined],
      ['503', 503, 'CompanyFileBusy'],
      ['504', 504, 'GatewayTimeout'],
      ['401', 401, 'OAuthTokenIsInvalid'],
      ['403', 403, 'AccessDenied'],
      ['unwrapped403', 403, undefined],
      ['404', 404, 'ResourceNotFound'],
      ['409', 409, 'IncorrectRowVersionSupplied'],
      ['410', 410, 'ResourceGone'],
      ['html200', 200, undefined],
    ])('%s before the commit: nothing was written', async (fault, status, name) => {
      await control('/faults', { rules: [{ match: { operation: 'create', entity: SERVICE }, fault, times: 1 }] });
      const reply = await client.post(SERVICE, invoiceBody(shop, 1));
      expect([reply.status, reply.name]).toEqual([status, name]);
      expect(await count()).toBe(0);
      expect((await client.post(SERVICE, invoiceBody(shop, 1))).status).toBe(201);
    });

    it.each(['500', '504', 'cut'])('%s after the commit: everything was written', async (fault) => {
      await control('/faults', { rules: [{ match: { method: 'POST' }, fault, when: 'after', times: 1 }] });
      const reply = await client.post(SERVICE, invoiceBody(shop, 1)).catch(() => undefined);
      expect(reply?.status).toBe(fault === 'cut' ? undefined : Number(fault));
      expect(await count()).toBe(1);
    });

    it('hang breaks off after its time, latency only takes it', async () => {
      await control('/faults', { rules: [{ fault: 'hang', ms: 50, times: 1 }] });
      await expect(client.get('Company')).rejects.toThrow();
      await control('/faults', { rules: [{ fault: 'latency', ms: 80, times: 1 }] });
      const started = performance.now();
      expect((await client.get('Company')).status).toBe(200);
      expect(performance.now() - started).toBeGreaterThanOrEqual(75);
    });

    it('match by method, path, company file, resource and operation, and count their hits', async () => {
      await control('/faults', {
        rules: [
          { match: { path: 'filter.*Memo' }, fault: '500' },
          { match: { realm: HARBOUR }, fault: '502' },
          { match: { entity: 'company' }, fault: '503', retryAfter: 7 },
          { match: { operation: 'token' }, fault: '504', times: 1 },
        ],
      });
      expect((await client.get(`${SERVICE}?$filter=JournalMemo eq 'x'`)).status).toBe(500);
      const busy = await client.get('Company');
      expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '7']);
      expect((await client.get('Contact/Customer')).status).toBe(200);
      await sandbox.connect(HARBOUR);
      const other = await sandbox.connect(HARBOUR);
      expect((await other.get('Contact/Customer')).status).toBe(502);
      const { rules } = await sandbox.control('GET', '/faults');
      expect((rules as unknown as { hits: number }[]).map(({ hits }) => hits)).toEqual([1, 1, 1, 1]);
      await sandbox.control('DELETE', '/faults');
      expect((await client.get('Company')).status).toBe(200);
    });
  });

  it('busy: the file alone is busy until the time is over, and nothing is written', async () => {
    const other = await sandbox.connect(HARBOUR);
    await control('/busy', { realm: WIDGETS, seconds: 90 });
    const reply = await client.post(SERVICE, invoiceBody(shop, 1));
    expect([reply.status, reply.name, reply.code]).toEqual([503, 'CompanyFileBusy', 90009]);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(85);
    expect((await other.get('Company')).status).toBe(200);
    await control('/clock', { advanceMs: 90_000 });
    expect(await count()).toBe(0);
  });

  it('edit and remove: a person changes any record by the same rules, and it is told', async () => {
    const receiver = await startReceiver();
    const made = await invoice();
    await client.create('Sale/CustomerPayment', paymentBody(shop, made, 4));
    await client.post('Webhooks/Subscription', {
      TargetUrl: receiver.url,
      Topics: ['Sale/Invoice', 'Sale/CustomerPayment'],
    });
    const customer = await control('/edit', {
      realm: WIDGETS,
      id: shop.customer.UID,
      members: { Notes: 'By hand', SellingDetails: { Credit: { Limit: 500 } } },
    });
    expect(customer).toMatchObject({
      Notes: 'By hand',
      SellingDetails: { Credit: { Limit: 500 }, TaxCode: { Code: 'TAX' } },
    });
    const edited = await control('/edit', { realm: WIDGETS, id: made.UID, members: { Comment: 'By hand' } });
    const current = await client.read(SERVICE, made.UID);
    expect([current.Comment, current.RowVersion]).toEqual(['By hand', edited.RowVersion]);
    expect((await client.put(`${SERVICE}/${String(made.UID)}`, made)).status).toBe(409);
    const [payment] = await client.list('Sale/CustomerPayment');
    await control('/remove', { realm: WIDGETS, id: payment?.UID });
    expect((await client.read(SERVICE, made.UID)).BalanceDueAmount).toBe(10);
    await control('/webhooks/flush');
    const told = receiver.received.flatMap(
      ({ body }) => (JSON.parse(body) as { Events: { Action: string; Resource: string }[] }).Events,
    );
    expect(told.map(({ Action, Resource }) => `${Action} ${Resource}`).sort()).toEqual([
      'Deleted Sale/CustomerPayment',
      'Updated Sale/Invoice/Service',
    ]);
    const refused = await request(`${sandbox.base}/_control/remove`, {
      method: 'POST',
      body: JSON.stringify({ realm: WIDGETS, id: shop.customer.UID }),
    });
    expect([refused.status, refused.json.code]).toEqual([400, 'RecordInUse']);
    await receiver.close();
  });

  it('freeze: the next changes move the version but not LastModified', async () => {
    const made = await invoice();
    await control('/clock', { advanceMs: 5000 });
    await control('/freeze', { realm: WIDGETS, changes: 1 });
    const after = await client.change(SERVICE, made, { Comment: 'unseen' });
    expect([after.LastModified, after.RowVersion === made.RowVersion]).toEqual([made.LastModified, false]);
    const later = await client.change(SERVICE, after, { Comment: 'seen' });
    expect(String(later.LastModified) > String(made.LastModified)).toBe(true);
  });

  it('backup and restore: what was deleted is back, versions and times go back, new records are gone', async () => {
    const [kept, lost] = [await invoice(1), await invoice(2)];
    await control('/backup', { realm: WIDGETS });
    await control('/clock', { advanceMs: MINUTE });
    const changed = await client.change(SERVICE, kept, { Comment: 'later' });
    await client.delete(`${SERVICE}/${String(lost.UID)}`);
    const added = await invoice(3);
    await control('/restore', { realm: WIDGETS });
    expect(await client.read(SERVICE, kept.UID)).toEqual(kept);
    expect(changed.RowVersion).not.toBe(kept.RowVersion);
    expect((await client.read(SERVICE, lost.UID)).TotalAmount).toBe(2);
    expect((await client.get(`${SERVICE}/${String(added.UID)}`)).status).toBe(404);
    expect((await sandbox.control('GET', `/dump/${WIDGETS}`)).ledger?.difference).toBe('0');
  });

  it('bulk: imports by the rules at one moment, and tells what was refused', async () => {
    const objects = [invoiceBody(shop, 1), { Date: TODAY }, invoiceBody(shop, 2)];
    const { created, failed } = await control('/bulk', { realm: WIDGETS, entity: SERVICE, objects });
    expect((created as unknown as string[]).length).toBe(2);
    expect(failed).toMatchObject([{ index: 1, code: 'Required' }]);
    expect(new Set((await client.list(SERVICE)).map((each) => String(each.LastModified))).size).toBe(1);
  });

  it('dump: everything there is, and what was deleted', async () => {
    const [first, second] = [await invoice(1), await invoice(2)];
    await client.delete(`${SERVICE}/${String(first.UID)}`);
    const { entities, deleted, ledger } = await sandbox.control('GET', `/dump/${WIDGETS}`);
    expect(entities?.[SERVICE]).toEqual([await client.read(SERVICE, second.UID)]);
    expect(deleted).toEqual([{ entity: SERVICE, id: first.UID, at: expect.any(String) }]);
    expect(ledger?.trialBalance).toEqual({ '1-1200': '2.00', '4-1000': '-2.00' });
  });

  it('stats: calls by file and endpoint, and what became of tokens and events', async () => {
    await sandbox.control('DELETE', '/stats');
    const etag = (await client.get('Company')).headers.get('etag') ?? '';
    await client.get('Company', { 'if-none-match': etag });
    await client.get('sale/invoice');
    await client.get('Nowhere');
    await control('/limits', { enabled: true, perSecond: 1 });
    await Promise.all([client.get('Company'), client.get('Company')]);
    const { realms, throttled } = await sandbox.control('GET', '/stats');
    expect(realms?.[WIDGETS]).toEqual({
      calls: 6,
      byEndpoint: { 'GET list Company': 4, 'GET list Sale/Invoice': 1, 'GET unknown': 1 },
      notModified: 1,
      refused: 1,
    });
    expect(throttled).toBe(1);
  });

  it('companies: more of them, with a past or without', async () => {
    const { companies } = await sandbox.control('GET', '/companies');
    expect((companies as unknown as Json[]).map((each) => each.realmId)).toEqual([WIDGETS, HARBOUR, BLANK]);
    const made = await control('/companies', { flavour: 'au', name: 'Another Pty Ltd' });
    const other = await sandbox.connect(String(made.realmId));
    expect((await other.get('Company')).json.CompanyName).toBe('Another Pty Ltd');
    expect(Number((await other.get('Sale/Invoice')).json.Count)).toBeGreaterThan(30);
    const empty = await control('/companies', { flavour: 'us', empty: true });
    expect(Number((await (await sandbox.connect(String(empty.realmId))).get('Sale/Invoice')).json.Count)).toBe(0);
  });

  it('reset: back to the seed data, with nothing that was set', async () => {
    await invoice();
    await control('/switches', { listCount: false });
    await control('/faults', { rules: [{ fault: '500' }] });
    await control('/clock', { advanceMs: MINUTE });
    await control('/reset', { empty: true });
    expect((await client.get('Company')).status).toBe(401);
    await control('/limits', { enabled: false });
    const again = await sandbox.connect();
    expect((await again.get(SERVICE)).json).toMatchObject({ Items: [], Count: 0 });
    expect((await sandbox.control('GET', '/clock')).offsetMs).toBe(0);
  });

  it('the state file keeps files, tokens, subscriptions and settings over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'accountedge-'));
    const stateFile = join(folder, 'state.json');
    const receiver = await startReceiver();
    try {
      const first = await startSandbox({ stateFile });
      const before = await first.connect();
      const trade = await openShop(before);
      const made = await before.create(SERVICE, invoiceBody(trade, 30));
      await before.create('Sale/CustomerPayment', paymentBody(trade, made, 10));
      const paid = await before.read(SERVICE, made.UID);
      const TargetUrl = receiver.url;
      await before.post('Webhooks/Subscription', { TargetUrl, Topics: ['Contact/Customer'] });
      await first.control('POST', '/switches', { listCount: false });
      await first.control('POST', '/clock', { advanceMs: 10 * MINUTE });
      await first.close();

      const second = await startSandbox({ stateFile });
      const after = new (before.constructor as new (...parts: string[]) => Client)(
        second.base,
        WIDGETS,
        before.accessToken,
        before.refreshToken,
      );
      const read = await after.read(SERVICE, made.UID);
      const noAddress = (record: Json) => JSON.stringify(record).replaceAll(/"http:[^"]*"/g, '""');
      expect(noAddress(read)).toBe(noAddress(paid));
      expect((await after.get(SERVICE)).json.Count).toBeNull();
      await after.create('Contact/Customer', customerBody('After', trade.tax));
      await second.control('POST', '/webhooks/flush');
      expect(receiver.received.length).toBe(1);
      const { ledger } = await second.control('GET', `/dump/${WIDGETS}`);
      expect(ledger?.difference).toBe('0');
      await second.close();
    } finally {
      await receiver.close();
      rmSync(folder, { recursive: true });
    }
  });
});
