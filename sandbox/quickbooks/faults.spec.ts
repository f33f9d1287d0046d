import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULT_KINDS } from './misbehaviour.ts';
import {
  exchange,
  request,
  startSandbox,
  UK,
  US,
  US_AUTOMATED,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

describe('faults on demand', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterAll(() => sandbox.close());
  afterEach(() => sandbox.control('DELETE', '/faults'));

  let count = 0;
  const create = (DisplayName = `Customer ${++count}`) => client.post('customer', { DisplayName });
  const exists = async (name: string) =>
    (await client.rows('Customer', `select * from Customer where DisplayName = '${name}'`)).length === 1;
  const rule = (...rules: object[]) => sandbox.control('POST', '/faults', { rules });

  it.each([
    ['429', 429],
    ['500', 500],
    ['502', 502],
    ['503', 503],
    ['504', 504],
    ['html200', 200],
    ['fault200', 200],
    ['6190', 403],
    ['4002', 400],
    ['401', 401],
    ['403', 403],
  ])('%s before the commit leaves nothing done, after it everything', async (fault, status) => {
    for (const when of ['before', 'after']) {
      await rule({ match: { entity: 'Customer', operation: 'create' }, fault, when, times: 1 });
      const name = `${fault} ${when}`;
      expect((await create(name)).status).toBe(status);
      expect(await exists(name)).toBe(when === 'after');
    }
  });

  it.each(['cut', 'hang'])('%s loses the answer before or after the commit', async (fault) => {
    for (const when of ['before', 'after']) {
      await rule({ match: { entity: 'Customer', operation: 'create' }, fault, when, times: 1, ms: 30 });
      const name = `${fault} ${when}`;
      await expect(create(name)).rejects.toThrow();
      expect(await exists(name)).toBe(when === 'after');
    }
  });

  it('a lost answer is found again by its requestid, without a second object', async () => {
    await rule({ match: { method: 'POST', path: 'requestid=lost' }, fault: 'cut', when: 'after', times: 1 });
    const send = () => client.post('customer?requestid=lost', { DisplayName: 'Lost answer' });
    await expect(send()).rejects.toThrow();
    const again = await send();
    expect(again.json.Customer).toMatchObject({ DisplayName: 'Lost answer', SyncToken: '0' });
  });

  it('speaks each kind the way the vendor does', async () => {
    const seen = async (fault: string, more: object = {}) => {
      await rule({ fault, times: 1, ...more });
      return client.get('preferences');
    };
    expect(await seen('500')).toMatchObject({ code: '10000', json: { Fault: { type: 'SystemFault' } } });
    expect((await seen('502')).headers.get('content-type')).toContain('text/html');
    expect((await seen('503', { retryAfter: 7 })).headers.get('retry-after')).toBe('7');
    expect((await seen('html200')).text).toContain('<html>');
    expect(await seen('fault200')).toMatchObject({ status: 200, code: '10000' });
    expect(await seen('6190')).toMatchObject({ code: '6190' });
    expect(await seen('4002')).toMatchObject({ status: 400, code: '4002' });
    expect(await seen('401')).toMatchObject({ code: '3200' });
    expect(await seen('403')).toMatchObject({ code: '3100' });
    const throttled = await seen('429', { retryAfter: 3 });
    expect(throttled.text).toContain('errorCode=003001');
    expect(throttled.headers.get('retry-after')).toBe('3');
    const started = Date.now();
    expect((await seen('latency', { ms: 80 })).status).toBe(200);
    expect(Date.now() - started).toBeGreaterThanOrEqual(75);
  });

  it('fires as often as told, only where it matches, and counts its hits', async () => {
    await rule({ match: { realm: US, path: '^/v3/.*customer/\\d+$' }, fault: '503', times: 2 });
    await rule({ match: { realm: UK }, fault: '500' });
    const statuses: number[] = [];
    for (let index = 0; index < 3; index++) statuses.push((await client.get('customer/1')).status);
    expect(statuses).toEqual([503, 503, 200]);
    const { rules } = await sandbox.control('GET', '/faults');
    expect((rules as unknown as Json[]).map((each) => each.hits)).toEqual([2, 0]);
  });

  it('fires with a probability that a seed repeats', async () => {
    const pattern = async () => {
      const own = await startSandbox({ seed: 11 });
      const there = await own.connect();
      await own.control('POST', '/faults', { rules: [{ fault: '503', probability: 0.5 }] });
      const statuses: number[] = [];
      for (let index = 0; index < 20; index++) statuses.push((await there.get('preferences')).status);
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
  });

  it.each([
    ['/faults', { rules: [{ fault: 'boom' }] }, 'rules.0.fault', 'latency'],
    ['/faults', { rules: [{ match: { path: '(' }, fault: '500' }] }, 'rules.0.match.path', 'regular expression'],
    ['/faults', { rules: [{ match: { verb: 'GET' }, fault: '500' }] }, 'rules.0.match.verb', 'verb'],
    ['/webhooks', { colour: 'red' }, 'colour', 'verifierToken'],
    ['/webhooks', { format: 'soap' }, 'format', 'cloudevents'],
    ['/tokens', { action: 'explode' }, 'action', 'expireAccess'],
    ['/tokens', { graceHours: 3 }, 'graceHours', ''],
    ['/clock', { now: 'soon' }, 'now', 'ISO'],
    ['/consent', { mode: 'maybe' }, 'mode', 'deny'],
    ['/limits', { perHour: 3 }, 'perHour', 'perMinute'],
    ['/switches', { gravity: false }, 'switches', 'requestIdConflict'],
    ['/switches', { requestIdConflict: 'maybe' }, 'switches', 'replay'],
    ['/companies', { flavour: 'mars' }, 'flavour', 'us-ast'],
    [`/preferences/${US}`, { 'AccountingInfoPrefs.Nothing': 1 }, 'AccountingInfoPrefs.Nothing', 'BookCloseDate'],
    ['/merge', { realm: US, entity: 'Invoice', winner: '1', loser: '2' }, 'entity', 'Customer'],
    ['/bulk', { realm: '1', entity: 'Customer', objects: [] }, 'realm', US],
    ['/bulk', { realm: US, entity: 'Nothing', objects: [] }, 'entity', 'Invoice'],
  ])('answer 400 to a bad %s, naming the field and what is allowed', async (path, body, field, allowed) => {
    const reply = await send(path, body);
    expect([reply.status, String(reply.json.field)]).toEqual([400, field]);
    expect(String(reply.json.error)).toContain(allowed);
  });

  it('change nothing when one of several switches is wrong', async () => {
    await send('/switches', { longIds: true, requestIdConflict: 'maybe' });
    const switches = await sandbox.control('GET', '/switches');
    expect(switches.longIds).toMatchObject({ value: false, default: false, about: expect.any(String) });
  });

  it('make another company of any flavour', async () => {
    const made = await sandbox.control('POST', '/companies', { flavour: 'uk', name: 'Newcomer Ltd' });
    expect(made).toMatchObject({ flavour: 'uk', name: 'Newcomer Ltd', homeCurrency: 'GBP' });
    const client = await sandbox.connect(String(made.realmId));
    expect((await client.rows('Invoice', 'select * from Invoice')).length).toBeGreaterThan(10);
  });

  it('create many objects by the same rules and say which were refused', async () => {
    const objects = [{ DisplayName: 'Bulk 1' }, { DisplayName: 'bulk 1' }, { DisplayName: 'Bulk 2' }];
    const { created, failed } = await sandbox.control('POST', '/bulk', { realm: US, entity: 'Customer', objects });
    expect((created as unknown as string[]).length).toBe(2);
    expect(failed).toEqual([{ index: 1, code: 6240, detail: expect.any(String) }]);
  });

  it('dump everything there is, inactive and deleted objects included', async () => {
    const client = await sandbox.connect();
    const off = await client.save('Customer', { DisplayName: 'Dump me' });
    await client.save('Customer', { Id: off.Id, SyncToken: '0', sparse: true, Active: false });
    const note = await client.save('Attachable', { Note: 'x' });
    await client.remove('Attachable', note);
    const dump = await sandbox.control('GET', `/dump/${US}`);
    expect(dump.realmId).toBe(US);
    const customers = dump.entities?.Customer as unknown as Json[];
    expect(customers.find((each) => each.Id === off.Id)).toMatchObject({ Active: false });
    expect(dump.deleted).toEqual([{ entity: 'Attachable', id: note.Id, at: expect.any(String) }]);
    for (const name of ['Invoice', 'Preferences', 'CompanyInfo', 'TaxCode']) expect(dump.entities).toHaveProperty(name);
  });

  it('reset to the seed data, which is the same every time', async () => {
    const dump = async () => {
      const body = await sandbox.control('GET', `/dump/${US_AUTOMATED}`);
      return JSON.stringify(body.entities).replace(/"(CreateTime|LastUpdatedTime)":"[^"]*"/g, '');
    };
    await sandbox.control('POST', '/reset', {});
    const first = await dump();
    await sandbox.control('POST', '/switches', { longIds: true });
    await sandbox.control('POST', '/reset', {});
    expect(await dump()).toBe(first);
    expect((await sandbox.control('GET', '/switches')).longIds).toMatchObject({ value: false });
    await sandbox.control('POST', '/reset', { seed: 2 });
    expect(await dump()).not.toBe(first);
  });
});

describe('seed data', () => {
  it('holds a US company, one with automated tax and one with several currencies, with all sorts of names', async () => {
    const sandbox = await startSandbox({ empty: false });
    const { companies } = await sandbox.control('GET', '/companies');
    expect((companies as unknown as Json[]).map((each) => each.flavour)).toEqual(['us', 'us-ast', 'uk']);
    const { entities } = await sandbox.control('GET', `/dump/${US}`);
    const all = (name: string) => entities?.[name] as unknown as Json[];
    expect(all('Account').length).toBeGreaterThanOrEqual(90);
    expect(all('Customer')).toHaveLength(30);
    expect(all('Vendor')).toHaveLength(25);
    expect(all('Invoice').length).toBeGreaterThan(1000);
    expect(new Set(all('Item').map((each) => each.Type))).toEqual(
      new Set(['Service', 'NonInventory', 'Inventory', 'Category', 'Group']),
    );
    expect(all('Customer').filter((each) => each.Active === (false as never))).toHaveLength(2);
    expect(all('Customer').some((each) => String(each.DisplayName).includes("O'Neil's"))).toBe(true);
    expect(all('Customer').some((each) => each.Job === (true as never))).toBe(true);
    for (const company of sandbox.vendor.companies.values()) expect(company.ledger.difference.toString()).toBe('0');
    await sandbox.close();
  });
});

describe('the state file', () => {
  it('keeps companies, tokens, request memory and settings over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
    const stateFile = join(folder, 'state.json');
    const first = await startSandbox({ stateFile, seed: 3 });
    const client = await first.connect();
    const made = await client.post('customer?requestid=kept', { DisplayName: 'Kept' });
    const gone = await client.save('Attachable', { Note: 'gone' });
    await client.remove('Attachable', gone);
    await first.control('POST', '/webhooks', { url: 'http://127.0.0.1:9/hook', format: 'cloudevents' });
    await first.control('POST', '/switches', { longIds: true });
    const before = await first.control('GET', `/dump/${US}`);
    await first.close();
    expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toHaveProperty('quickbooks');

    const second = await startSandbox({ stateFile, seed: 4 });
    expect(await second.control('GET', `/dump/${US}`)).toEqual(before);
    const call = (path: string, body?: object) =>
      request(`${second.base}/v3/company/${US}/${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${client.accessToken}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
      });
    expect((await call('customer?requestid=kept', { DisplayName: 'Kept' })).text).toBe(made.text);
    expect((await call('customer', { DisplayName: 'kept' })).code).toBe('6240');
    expect((await second.control('GET', '/webhooks')).settings).toMatchObject({ format: 'cloudevents' });
    const next = await call('customer', { DisplayName: 'Next' });
    expect(String(next.json.Customer?.Id)).toMatch(/^\d{19}$/);
    await second.close();
    rmSync(folder, { recursive: true });
  });
});
