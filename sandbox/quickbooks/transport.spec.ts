import { request, startSandbox, US, type Client, type TestSandbox } from './test-client.ts';

describe('transport (sheet 9.1, items 8 to 14)', () => {
  let sandbox: TestSandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
  });
  afterAll(() => sandbox.close());

  describe('8. only known methods, resources and bodies', () => {
    it.each(['PUT', 'DELETE', 'PATCH'])('refuses %s', async (method) => {
      const reply = await client.call(method, 'customer/1');
      expect([reply.status, reply.code]).toEqual([400, '500']);
    });

    it.each(['customers', 'nothing/1', 'customer/1/2/3', 'reports/ProfitAndLoss', 'upload'])(
      'answers 500 Unsupported Operation for %s',
      async (path) => {
        const reply = await client.get(path);
        expect([reply.status, reply.code]).toEqual([400, '500']);
      },
    );

    it('answers XML to who does not ask for JSON, faults included', async () => {
      const good = await client.call('GET', 'companyinfo/' + US, undefined, { accept: '*/*' });
      expect(good.headers.get('content-type')).toContain('application/xml');
      expect(good.text).toContain('<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"');
      expect(good.text).toContain('<CompanyInfo domain="QBO" sparse="false">');
      const fault = await client.call('GET', 'invoice/999999', undefined, { accept: 'application/xml' });
      expect(fault.text).toMatch(/<Fault type="ValidationFault"><Error code="610"/);
    });

    it.each(['text/xml', 'text/plain', 'application/x-www-form-urlencoded'])(
      'answers 415 to a body of %s',
      async (type) => {
        const reply = await client.call('POST', 'customer', '{"DisplayName":"A"}', { 'content-type': type });
        expect(reply.status).toBe(415);
      },
    );

    it('answers 2010 to a body that is not JSON', async () => {
      const reply = await client.call('POST', 'customer', '{"DisplayName":');
      expect([reply.status, reply.code]).toEqual([400, '2010']);
    });

    it('answers 413 to a body that is too large', async () => {
      const reply = await client.call('POST', 'customer', JSON.stringify({ Notes: 'x'.repeat(11 * 1024 * 1024) }));
      expect(reply.status).toBe(413);
    });
  });

  it('9. every answer has a trace id of its own, a version and the documented content type', async () => {
    const replies = await Promise.all([
      client.get('preferences'),
      client.get('invoice/999999'),
      request(`${sandbox.base}/v3/company/${US}/preferences`),
      request(`${sandbox.base}/nowhere`),
    ]);
    const ids = replies.map((reply) => reply.headers.get('intuit_tid'));
    expect(new Set(ids).size).toBe(replies.length);
    for (const reply of replies) expect(reply.headers.get('qbo-version')).toBeTruthy();
    expect(replies[0]?.headers.get('content-type')).toBe('application/json;charset=UTF-8');
  });

  it('10. minor versions below 75 behave as 75', async () => {
    const [old, none] = await Promise.all([client.get('preferences?minorversion=4'), client.get('preferences')]);
    expect(old.json.Preferences).toEqual(none.json.Preferences);
  });

  it('11. objects come in the documented envelope, without nulls', async () => {
    const reply = await client.post('customer', { DisplayName: 'Envelope', Notes: null, Suffix: '' });
    expect(String(reply.json.time)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-0[78]:00$/);
    const customer = reply.json.Customer;
    expect(customer).toMatchObject({ domain: 'QBO', sparse: false, Id: expect.any(String), SyncToken: '0' });
    const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]:00$/;
    expect(String(customer?.MetaData?.CreateTime)).toMatch(stamp);
    expect(String(customer?.MetaData?.LastUpdatedTime)).toMatch(stamp);
    expect(reply.text).not.toContain('null');
    expect(customer).not.toHaveProperty('Suffix');
  });

  it('12. business faults are 400 and successes 200, whatever HTTP would suggest', async () => {
    const created = await client.post('customer', { DisplayName: 'Status' });
    const { Id, SyncToken } = created.json.Customer as never;
    const stale = await client.post('customer', { Id, SyncToken: '7', sparse: true, DisplayName: 'Status 2' });
    const missing = await client.get('customer/999999');
    expect([created.status, stale.status, missing.status]).toEqual([200, 400, 400]);
    expect([stale.code, missing.code]).toEqual(['5010', '610']);
    const stillGood = await client.post('customer', { Id, SyncToken, sparse: true, DisplayName: 'Status 2' });
    expect(stillGood.status).toBe(200);
  });

  describe('13. limits by company', () => {
    beforeEach(() =>
      sandbox.control('POST', '/limits', { enabled: true, perSecond: 10, perMinute: 500, batchPerMinute: 40 }),
    );
    afterAll(() =>
      sandbox.control('POST', '/limits', {
        enabled: false,
        body: 'xml',
        retryAfter: false,
        monthlyReadQuota: null,
        concurrent: null,
      }),
    );

    it('answers 429 to the eleventh call within a second, as XML although JSON was asked for', async () => {
      const replies = await Promise.all(Array.from({ length: 14 }, () => client.get('preferences')));
      expect(replies.filter((reply) => reply.status === 200)).toHaveLength(10);
      const refused = replies.find((reply) => reply.status === 429);
      expect(refused?.headers.get('content-type')).toContain('xml');
      expect(refused?.text).toContain('errorCode=003001');
      expect(refused?.headers.get('retry-after')).toBeNull();
      await sandbox.control('POST', '/clock', { advanceMs: 1001 });
      expect((await client.get('preferences')).status).toBe(200);
    });

    it('answers 429 beyond 500 calls a minute and 40 batches a minute', async () => {
      await sandbox.control('POST', '/limits', { perSecond: 1000, perMinute: 12, batchPerMinute: 3 });
      const batch = { BatchItemRequest: [{ bId: '1', Query: 'select count(*) from Term' }] };
      const batches = await Promise.all(Array.from({ length: 5 }, () => client.post('batch', batch)));
      expect(batches.filter((reply) => reply.status === 429)).toHaveLength(2);
      const reads = await Promise.all(Array.from({ length: 12 }, () => client.get('preferences')));
      expect(reads.filter((reply) => reply.status === 429)).toHaveLength(3);
    });

    it('can answer as JSON with Retry-After', async () => {
      await sandbox.control('POST', '/limits', { perSecond: 1, body: 'json', retryAfter: true });
      await client.get('preferences');
      const refused = await client.get('preferences');
      expect([refused.status, refused.code]).toEqual([429, '3001']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('can limit calls in flight', async () => {
      await sandbox.control('POST', '/limits', { perSecond: 1000, concurrent: 2 });
      await sandbox.control('POST', '/faults', { rules: [{ fault: 'latency', ms: 100 }] });
      const replies = await Promise.all(Array.from({ length: 5 }, () => client.get('preferences')));
      await sandbox.control('DELETE', '/faults');
      expect(replies.some((reply) => reply.status === 429)).toBe(true);
    });

    it('can block metered reads for the rest of the month, while writes go on', async () => {
      await sandbox.control('POST', '/limits', { perSecond: 1000, concurrent: null, monthlyReadQuota: 0 });
      expect((await client.get('preferences')).status).toBe(429);
      expect((await client.post('customer', { DisplayName: 'Beyond the quota' })).status).toBe(200);
    });
  });

  it('14. calls are counted by endpoint, and apart as Core and CorePlus', async () => {
    await sandbox.control('POST', '/limits', { enabled: false });
    await sandbox.control('DELETE', '/stats');
    await client.query('select * from Invoice');
    await client.query('select count(*) from Customer');
    await client.get('customer/1');
    await client.get(`cdc?entities=Invoice&changedSince=${new Date().toISOString()}`);
    await client.post('customer', { DisplayName: 'Counted' });
    await client.get('invoice/999999');
    const stats = await sandbox.control('GET', '/stats');
    expect(stats.realms?.[US]).toMatchObject({
      calls: 6,
      core: 1,
      corePlus: 4,
      throttled: 0,
      byEndpoint: {
        'GET query Invoice': 1,
        'GET query Customer': 1,
        'GET read Customer': 1,
        'GET cdc': 1,
        'POST create Customer': 1,
        'GET read Invoice': 1,
      },
    });
  });

  it('answers large pages compressed to who accepts it', async () => {
    const objects = Array.from({ length: 200 }, (_, index) => ({ DisplayName: `Compressed ${index}` }));
    await sandbox.control('POST', '/bulk', { realm: US, entity: 'Customer', objects });
    const reply = await client.query('select * from Customer maxresults 1000');
    expect(reply.headers.get('content-encoding')).toBe('gzip');
    expect(Number(reply.json.QueryResponse?.maxResults)).toBeGreaterThan(200);
  });
});
