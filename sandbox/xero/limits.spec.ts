import {
  bill,
  invoice,
  NZ,
  payment,
  rowsOf,
  startSandbox,
  UK,
  type Client,
  type Json,
  type TestSandbox,
} from './test-client.ts';

const MINUTE = 60_000;

describe('sparing use (sheet 9.2, Semantics; sheets 5 and 7)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let now: number;

  beforeEach(async () => {
    // Time stands still but for what is added, so that windows end when the test says.
    now = Date.UTC(2026, 10, 2, 1);
    sandbox = await startSandbox({ clock: { now: () => now } });
    client = await sandbox.connect();
  });
  afterEach(() => sandbox.close());

  const keyed = (key: string) => ({ 'Idempotency-Key': key });
  const limit = (limits: object) => sandbox.control('POST', '/limits', { enabled: true, ...limits });
  const left = (headers: Headers) =>
    ['Day', 'Min', 'AppMin'].map((name) => Number(headers.get(`x-${name}limit-remaining`)));

  describe('36. an Idempotency-Key', () => {
    it('has the same write done once, and its answer repeated', async () => {
      const [first, second] = [
        await client.put('Invoices', bill(), keyed('a')),
        await client.put('Invoices', bill(), keyed('a')),
      ];
      expect(second.text).toBe(first.text);
      expect(await client.list('Invoices')).toHaveLength(1);
    });

    it('repeats refusals too', async () => {
      const bad = { Name: '' };
      const [first, second] = [
        await client.put('Contacts', bad, keyed('b')),
        await client.put('Contacts', bad, keyed('b')),
      ];
      expect([first.status, second.text]).toEqual([400, first.text]);
    });

    it('is forgotten after six minutes: then the same bill is made twice', async () => {
      await client.put('Invoices', bill(), keyed('c'));
      now += 6 * MINUTE - 1;
      await client.put('Invoices', bill(), keyed('c'));
      expect(await client.list('Invoices')).toHaveLength(1);
      now += 1;
      await client.put('Invoices', bill(), keyed('c'));
      expect(await client.list('Invoices')).toHaveLength(2);
    });

    it.each<[string, (client: Client) => Promise<{ status: number; text: string }>]>([
      ['body', (client) => client.put('Contacts', { Name: 'Other' }, keyed('d'))],
      ['method', (client) => client.post('Contacts', { Name: 'One' }, keyed('d'))],
      ['address', (client) => client.put('Contacts?summarizeErrors=false', { Name: 'One' }, keyed('d'))],
    ])('with another %s is refused', async (_what, again) => {
      await client.put('Contacts', { Name: 'One' }, keyed('d'));
      const reply = await again(client);
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('Idempotency Key: d is used with a different request.');
    });

    it('means nothing on GET', async () => {
      expect((await client.list('Contacts', keyed('e'))).length).toBe(0);
      await client.make('Contacts', { Name: 'New' });
      expect((await client.list('Contacts', keyed('e'))).length).toBe(1);
    });

    it('lets a second caller wait for the first', async () => {
      await sandbox.control('POST', '/faults', {
        rules: [{ match: { method: 'PUT' }, fault: 'latency', ms: 150, when: 'after', times: 1 }],
      });
      const [first, second] = await Promise.all([
        client.put('Invoices', bill(), keyed('f')),
        client.put('Invoices', bill(), keyed('f')),
      ]);
      expect(second?.text).toBe(first?.text);
      expect(await client.list('Invoices')).toHaveLength(1);
    });

    it('remembers a 500 that came after the commit, while the work is done', async () => {
      await sandbox.control('POST', '/faults', {
        rules: [{ match: { method: 'PUT' }, fault: '500', when: 'after', times: 1 }],
      });
      expect((await client.put('Invoices', bill(), keyed('g'))).status).toBe(500);
      expect((await client.put('Invoices', bill(), keyed('g'))).status).toBe(500);
      expect((await client.put('Invoices', bill(), keyed('h'))).status).toBe(200);
      expect(await client.list('Invoices')).toHaveLength(2);
    });

    it('gives the answer that was lost on the way', async () => {
      await sandbox.control('POST', '/faults', {
        rules: [{ match: { method: 'PUT' }, fault: 'cut', when: 'after', times: 1 }],
      });
      await expect(client.put('Invoices', bill(), keyed('i'))).rejects.toThrow();
      const [made] = rowsOf(await client.put('Invoices', bill(), keyed('i')));
      expect((await client.list('Invoices')).map((row) => row.InvoiceID)).toEqual([made?.InvoiceID]);
    });

    it('may not be longer than 128 characters', async () => {
      expect((await client.put('Contacts', { Name: 'Long' }, keyed('x'.repeat(129)))).status).toBe(400);
      expect((await client.put('Contacts', { Name: 'Long' }, keyed('x'.repeat(128)))).status).toBe(200);
    });

    it('comes after the limits: replays count, and what was refused is not remembered', async () => {
      await client.put('Invoices', bill(), keyed('j'));
      await limit({ perMinute: 1 });
      expect((await client.put('Invoices', bill(), keyed('j'))).status).toBe(200);
      expect((await client.put('Invoices', bill(), keyed('j'))).status).toBe(429);
      expect((await client.put('Invoices', bill(), keyed('k'))).status).toBe(429);
      now += MINUTE;
      expect((await client.put('Invoices', bill(), keyed('k'))).status).toBe(200);
    });
  });

  describe('37. limits', () => {
    it('allow sixty calls a minute, and say in headers what is left', async () => {
      await limit({});
      expect(left((await client.get('Organisation')).headers)).toEqual([4999, 59, 9999]);
      for (let call = 0; call < 59; call++) await client.get('Organisation');
      const refused = await client.get('Organisation');
      expect(refused).toMatchObject({ status: 429, text: '' });
      expect(refused.headers.get('content-type')).toBeNull();
      expect(refused.headers.get('x-rate-limit-problem')).toBe('minute');
      const wait = Number(refused.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
      expect(left(refused.headers)).toEqual([4940, 0, 9940]);
      now += wait * 1000 - 1000;
      expect((await client.get('Organisation')).status).toBe(429);
      now += 1000;
      expect((await client.get('Organisation')).status).toBe(200);
    });

    it('start anew at another moment for each tenant', async () => {
      await limit({ perMinute: 1 });
      const uk = await sandbox.connect(UK);
      const wait = async (each: Client) => {
        await each.get('Organisation');
        return Number((await each.get('Organisation')).headers.get('retry-after'));
      };
      expect(await wait(uk)).not.toBe(await wait(client));
    });

    it('allow so many calls a day by tier, with a wait of hours', async () => {
      await limit({ perMinute: 100_000, tier: 'starter' });
      expect(left((await client.get('Organisation')).headers)[0]).toBe(999);
      await limit({ perMinute: 100_000, perDay: 2 });
      await client.get('Organisation');
      await client.get('Organisation');
      const refused = await client.get('Organisation');
      expect(refused.headers.get('x-rate-limit-problem')).toBe('day');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    });

    it('allow five at a time, and tell no time to wait', async () => {
      await limit({});
      await sandbox.control('POST', '/faults', { rules: [{ match: {}, fault: 'latency', ms: 150 }] });
      const replies = await Promise.all(Array.from({ length: 7 }, () => client.get('Organisation')));
      const refused = replies.filter((reply) => reply.status === 429);
      expect(refused).toHaveLength(2);
      for (const { headers } of refused) {
        expect([headers.get('x-rate-limit-problem'), headers.get('retry-after')]).toEqual(['concurrent', null]);
      }
      const stats = await sandbox.control('GET', '/stats');
      expect(stats.realms?.[NZ]).toMatchObject({ throttled: 2, concurrencyPeak: 7 });
    });

    it('count all tenants of the app together', async () => {
      await limit({ appPerMinute: 3 });
      const uk = await sandbox.connect(UK);
      for (const each of [client, uk, client]) expect((await each.get('Organisation')).status).toBe(200);
      const refused = await uk.get('Organisation');
      expect([refused.status, refused.headers.get('x-rate-limit-problem')]).toEqual([429, 'appminute']);
    });

    it('are lifted for the first half hour of a connection with Rapid Sync', async () => {
      await limit({ perMinute: 2, perDay: 2, tier: 'plus', rapidSync: true });
      for (let call = 0; call < 5; call++) expect((await client.get('Organisation')).status).toBe(200);
      now += 30 * MINUTE;
      const fresh = await sandbox.connect(UK);
      await limit({ perMinute: 2, perDay: 2, tier: 'core', rapidSync: true });
      for (let call = 0; call < 2; call++) await fresh.get('Organisation');
      expect((await fresh.get('Organisation')).status).toBe(429);
    });
  });

  it('38. counts bytes that go out, but not what the organisation says of itself', async () => {
    const egress = async () => Number((await sandbox.control('GET', '/stats')).realms?.[NZ]?.egressBytes);
    await sandbox.control('DELETE', '/stats');
    await client.get('Organisation');
    expect(await egress()).toBe(0);
    const read = await client.get('Accounts');
    expect(await egress()).toBe(Buffer.byteLength(read.text));
    const write = await client.put('Contacts', { Name: 'Counted' });
    expect(await egress()).toBe(Buffer.byteLength(read.text) + Buffer.byteLength(write.text));
  });

  it('39. counts calls by organisation and endpoint', async () => {
    await sandbox.control('DELETE', '/stats');
    const made = await client.make('Invoices', invoice());
    await client.make('Payments', payment(made, 1));
    await client.list('Invoices');
    await client.read(`Invoices/${String(made.InvoiceID)}`);
    const stats = await sandbox.control('GET', '/stats');
    expect(stats.realms?.[NZ]).toMatchObject({
      calls: 4,
      byEndpoint: {
        'PUT create Invoices': 1,
        'PUT create Payments': 1,
        'GET list Invoices': 1,
        'GET read Invoices': 1,
      },
    } as unknown as Json);
  });
});
