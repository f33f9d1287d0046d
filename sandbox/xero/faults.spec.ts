import { bill, exchange, NZ, request, startSandbox, UK, type Client, type TestSandbox } from './test-client.ts';

describe('faults (sheet 9.2, Fault scripting)', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeEach(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterEach(() => sandbox.close());

  const put = (rule: object) => sandbox.control('POST', '/faults', { rules: [rule] });
  const bills = async () => {
    await sandbox.control('DELETE', '/faults');
    return (await client.list('Invoices')).length;
  };

  it.each<[string, object, number, string]>([
    ['429', { retryAfter: 5 }, 429, ''],
    ['500', {}, 500, 'InternalServerException'],
    ['502', {}, 502, 'Bad Gateway'],
    ['503', {}, 503, 'The Xero API is temporarily unavailable'],
    ['offline', {}, 503, 'The Organisation is offline'],
    ['maintenance', {}, 503, 'offline for maintenance'],
    ['504', {}, 504, 'Gateway Time-out'],
    ['html200', {}, 200, '<html>'],
    ['401', {}, 401, 'AuthenticationUnsuccessful'],
    ['403', {}, 403, 'AuthenticationUnsuccessful'],
    ['409', {}, 409, 'Conflict'],
    ['412', {}, 412, 'Precondition Failed'],
  ])('44. %s before the work leaves nothing done, after it everything', async (fault, more, status, words) => {
    await put({ match: { operation: 'create' }, fault, ...more });
    const before = await client.put('Invoices', bill());
    expect([before.status, before.text]).toEqual([status, expect.stringContaining(words)]);
    expect(await bills()).toBe(0);
    await put({ match: { operation: 'create' }, fault, when: 'after', ...more });
    expect((await client.put('Invoices', bill())).status).toBe(status);
    expect(await bills()).toBe(1);
  });

  it('45. loses answers: the connection is cut, hangs, or ends half way', async () => {
    await put({ match: { operation: 'create' }, fault: 'cut', when: 'after', times: 1 });
    await expect(client.put('Invoices', bill())).rejects.toThrow();
    await put({ match: { operation: 'create' }, fault: 'hang', ms: 40, when: 'before', times: 1 });
    await expect(client.put('Invoices', bill())).rejects.toThrow();
    await put({ match: { operation: 'create' }, fault: 'halfBody', when: 'after', times: 1 });
    const half = await client.put('Invoices', bill());
    expect([half.status, Object.keys(half.json)]).toEqual([200, []]);
    expect(await bills()).toBe(2);
  });

  it('46. slows calls down', async () => {
    await put({ match: { entity: 'Contacts' }, fault: 'latency', ms: 120 });
    const started = Date.now();
    await client.get('Contacts');
    expect(Date.now() - started).toBeGreaterThanOrEqual(115);
  });

  it('47. fails at the token endpoint without touching the tokens', async () => {
    const refresh = () => exchange(sandbox.base, { grant_type: 'refresh_token', refresh_token: client.refreshToken });
    await put({ match: { operation: 'token' }, fault: '503', times: 1 });
    expect((await refresh()).status).toBe(503);
    expect((await refresh()).status).toBe(200);
    await put({ match: { operation: 'connections' }, fault: '500', times: 1 });
    const connections = () =>
      request(`${sandbox.base}/connections`, { headers: { authorization: `Bearer ${client.accessToken}` } });
    expect((await connections()).status).toBe(500);
    expect((await connections()).status).toBe(200);
  });

  it('48. finds calls by method, path, realm, entity and operation, so often and with a probability', async () => {
    await put({ match: { realm: UK }, fault: '500' });
    expect((await client.get('Contacts')).status).toBe(200);
    const uk = await sandbox.connect(UK);
    expect((await uk.get('Contacts')).status).toBe(500);
    await sandbox.control('DELETE', '/faults');
    client = await sandbox.connect(NZ);
    await put({ match: { path: 'page=2' }, fault: '500', times: 1 });
    expect((await client.get('Contacts?page=1')).status).toBe(200);
    expect((await client.get('Contacts?page=2')).status).toBe(500);
    expect((await client.get('Contacts?page=2')).status).toBe(200);
    expect(await sandbox.control('GET', '/faults')).toMatchObject({ rules: [{ hits: 1, fault: '500' }] });
    await sandbox.control('DELETE', '/faults');
    await put({ match: { entity: 'items', method: 'get' }, fault: '500', probability: 0.5 });
    const statuses: number[] = [];
    for (let call = 0; call < 40; call++) statuses.push((await client.get('Items')).status);
    const failed = statuses.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(35);
  });

  it.each<[string, string, unknown, string]>([
    ['/faults', 'POST', { rules: [{ match: { colour: 'red' }, fault: '500' }] }, 'rules.0.match.colour'],
    ['/faults', 'POST', { rules: [{ fault: '418' }] }, 'rules.0.fault'],
    ['/webhooks', 'POST', { address: 'http://localhost' }, 'address'],
    ['/tokens', 'POST', { action: 'burn' }, 'action'],
    ['/tokens', 'POST', { action: 'revoke', realm: 'nowhere' }, 'realm'],
    ['/clock', 'POST', { now: 'soon' }, 'now'],
    ['/consent', 'POST', { mode: 'auto', realm: 'nowhere' }, 'realm'],
    ['/limits', 'POST', { perHour: 5 }, 'perHour'],
    ['/switches', 'POST', { gravity: true }, 'switches'],
    ['/switches', 'POST', { midpoint: 'up' }, 'switches'],
    ['/companies', 'POST', { flavour: 'mars' }, 'flavour'],
    [`/preferences/${NZ}`, 'POST', { Mood: 'good' }, 'Mood'],
    [`/preferences/${NZ}`, 'POST', { PeriodLockDate: 'soon' }, 'PeriodLockDate'],
    ['/bulk', 'POST', { realm: NZ, entity: 'Elephants', objects: [] }, 'entity'],
    ['/reset', 'POST', { seeds: 1 }, 'seeds'],
  ])('49. %s refuses %s %j by field', async (path, method, body, field) => {
    const reply = await request(`${sandbox.base}/_control${path}`, { method, body: JSON.stringify(body) });
    expect(reply).toMatchObject({ status: 400, json: { field, error: expect.any(String) as string } });
  });

  it('50. makes organisations and many objects at once, as a person would', async () => {
    const { realmId } = await sandbox.control('POST', '/companies', { flavour: 'uk', name: 'Another', empty: false });
    const realm = String(realmId);
    const made = await sandbox.control('POST', '/bulk', {
      realm,
      entity: 'Contacts',
      objects: [{ Name: 'Bulk 1' }, { Name: 'Bulk 1' }, { Name: '' }],
    });
    expect([made.created?.length, made.failed]).toEqual([2, [expect.objectContaining({ index: 2 })]]);
    const other = await sandbox.connect(realm);
    expect((await other.list('Invoices')).length).toBeGreaterThan(50);
    expect(await other.list('Invoices?createdByMyApp=true')).toEqual([]);
    expect(
      await sandbox.control('POST', '/restore', { realm, entity: 'Contacts', id: made.created?.[0] }),
    ).toMatchObject({
      ContactStatus: 'ACTIVE',
    });
  });
});
