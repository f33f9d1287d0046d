import {
  ALL_SCOPES,
  authorize,
  CA,
  callbackOf,
  Client,
  exchange,
  NEW,
  REDIRECT,
  request,
  startSandbox,
  US,
  type TestSandbox,
} from './test-client.ts';

describe('transport (sheet 8.1)', () => {
  let sandbox: TestSandbox;
  let client: Client;
  let anonymous: Client;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = await sandbox.connect();
    anonymous = new Client(sandbox.base, US, undefined);
  });
  afterAll(() => sandbox.close());

  const endpoint = () => `${sandbox.base}/graphql/public`;
  const post = (body: string, type = 'application/json') =>
    request(endpoint(), { method: 'POST', body, headers: { 'content-type': type } });

  it('serves POST of JSON at one address and nothing else', async () => {
    expect((await request(endpoint())).status).toBe(405);
    expect((await request(`${sandbox.base}/graphql`, { method: 'POST' })).status).toBe(404);
    expect((await post('{ user { id } }', 'application/graphql')).status).toBe(400);
    expect((await post('query={user{id}}', 'application/x-www-form-urlencoded')).status).toBe(400);
    expect((await post('{"query":')).status).toBe(400);
    expect((await post('{"variables":{}}')).status).toBe(400);
    const good = await post('{"query":"{ __typename }"}', 'application/json; charset=utf-8');
    expect([good.status, good.headers.get('content-type'), good.json]).toEqual([
      200,
      'application/json; charset=utf-8',
      { data: { __typename: 'Query' } },
    ]);
  });

  it('answers introspection without a token and hides what is deprecated unless asked', async () => {
    const names = async (args: string) => {
      const { data } = await anonymous.ask(`{ __schema { mutationType { fields${args} { name } } types { name } } }`);
      const fields = data?.__schema?.mutationType?.fields as unknown as { name: string }[];
      return fields.map((field) => field.name);
    };
    const usual = await names('');
    expect(usual).toHaveLength(42);
    expect(usual).not.toContain('moneyDepositTransactionCreate');
    expect(await names('(includeDeprecated: true)')).toContain('moneyDepositTransactionCreate');
  });

  it('checks the document, then the variables, then who asks', async () => {
    const broken = await anonymous.ask('query($b: ID!) { business(id: $b) { moneyTransactions { id } } }', {});
    expect([broken.status, broken.code, broken.message]).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
      'Cannot query field "moneyTransactions" on type "Business".',
    ]);
    const unfit = await anonymous.ask('query($b: ID!) { business(id: $b) { id } }', {});
    expect([unfit.status, unfit.code]).toEqual([400, 'BAD_USER_INPUT']);
    const stranger = await anonymous.ask('query($b: ID!) { mine: business(id: $b) { id } }', { b: US });
    expect(stranger).toMatchObject({ status: 200, code: 'UNAUTHENTICATED', data: { mine: null } });
    expect(stranger.errors?.[0]).toMatchObject({
      path: ['mine'],
      extensions: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  it('says UNAUTHENTICATED to unknown, expired and revoked tokens, also to mutations', async () => {
    const own = await sandbox.connect(NEW);
    const seen = async (one: Client) => (await one.ask('{ user { id } }')).code;
    expect(await seen(own)).toBeUndefined();
    expect(await seen(new Client(sandbox.base, NEW, 'nobody-knows-this'))).toBe('UNAUTHENTICATED');
    await sandbox.control('POST', '/tokens', { action: 'expireAccess', realm: NEW });
    expect(await seen(own)).toBe('UNAUTHENTICATED');
    const again = await sandbox.connect(NEW);
    await sandbox.control('POST', '/tokens', { action: 'revoke', realm: NEW });
    const created = await again.mutate('customerCreate', { businessId: NEW, name: 'Nobody' });
    expect(created).toMatchObject({ status: 200, code: 'UNAUTHENTICATED', data: { customerCreate: null } });
  });

  it('answers the documented bodies for an unknown argument and a bad id', async () => {
    const argument = await client.ask('query($n: String) {\n  business(name: $n) { id }\n}', { n: 'x' });
    expect(argument.text).not.toContain('"data"');
    expect(argument).toMatchObject({
      status: 400,
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: 'Unknown argument "name" on field "business" of type "Query".',
    });
    const bad = await client.ask('query {\n  business(id: "BAD_ID") { id name } }');
    expect(bad).toMatchObject({ status: 200, code: 'NOT_FOUND', data: { business: null } });
    expect(bad.errors?.[0]).toEqual({
      extensions: { id: expect.any(String), code: 'NOT_FOUND' },
      message: "Business 'BAD_ID' could not be found.",
      locations: [{ line: 2, column: 3 }],
      path: ['business'],
    });
  });

  it('tells of documents that cannot be parsed, of several operations, and of a missing required field in order', async () => {
    expect(await client.ask('{ user { id ')).toMatchObject({ status: 400, code: 'GRAPHQL_PARSE_FAILED' });
    const two = 'query A { user { id } } query B { user { defaultEmail } }';
    expect(await client.ask(two)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect((await client.ask(two, {}, { operationName: 'B' })).data).toEqual({
      user: { defaultEmail: 'owner@business.example' },
    });
    const input = { businessId: US, customerId: US, items: [{ quantity: 1 }] };
    const missing = await client.mutate('invoiceCreate', input);
    expect([missing.status, missing.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect(missing.message).toContain('"i.items[0]"; Field "productId" of required type "ID!" was not provided.');
  });

  it.each([
    ['{ province(code: "CA-ON") { name } }', undefined],
    ['query($b: ID!) { business(id: $b) { customers(email: "a@b.example") { edges { node { id } } } } }', { b: US }],
    ['{ __type(name: "User") { name } }', undefined],
    ['mutation { customerCreate(input: { businessId: "x", name: "Inline" }) { didSucceed } }', undefined],
  ])('refuses inline texts for String: %s', async (query, variables) => {
    const reply = await client.ask(query, variables);
    expect([reply.status, reply.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });

  it('accepts inline ids, enums, numbers and dates, and texts as variables', async () => {
    const inline = `query($n: String = "17") { business(id: "${US}") { customers(page: 1, sort: [NAME_ASC]) { edges { node { id } } }
      invoices(invoiceDateStart: "2026-01-01", amountDue: "1.5", invoiceNumber: $n) { pageInfo { totalCount } } } }`;
    expect((await client.ask(inline)).errors).toBeUndefined();
    const province = await client.ask('query($c: String!) { province(code: $c) { name } }', { c: 'CA-ON' });
    expect(province.data).toEqual({ province: { name: 'Ontario' } });
  });

  it('says NOT_FOUND to ids that are unknown or of a business beyond the grant, and nulls only that field', async () => {
    const other = await sandbox.connect(CA);
    const { id } = await other.customer();
    const foreign = await client.ask('query($b: ID!) { business(id: $b) { id } }', { b: CA });
    expect(foreign).toMatchObject({ status: 200, code: 'NOT_FOUND', message: `Business '${CA}' could not be found.` });
    const query = 'query($b: ID!, $c: ID!) { business(id: $b) { name customer(id: $c) { id } } }';
    const child = await client.ask(query, { b: US, c: id });
    expect(child).toMatchObject({
      status: 200,
      message: `Customer '${String(id)}' could not be found.`,
      data: { business: { name: expect.any(String), customer: null } },
    });
    expect(child.errors?.[0]).toMatchObject({ path: ['business', 'customer'] });
    const patched = await client.mutate('customerPatch', { id, name: 'Mine now' });
    expect(patched).toMatchObject({ code: 'NOT_FOUND', data: { customerPatch: null } });
  });

  it('nulls what is beyond the scopes and leaves the other aliases alone', async () => {
    const narrow = await sandbox.connect(US, 'business:read customer:read offline_access');
    const query = `query($b: ID!) { business(id: $b) {
      c: customers { pageInfo { totalCount } } i: invoices { pageInfo { totalCount } } } }`;
    const reply = await narrow.ask(query, { b: US });
    expect(reply).toMatchObject({
      status: 200,
      code: 'FORBIDDEN',
      data: { business: { c: { pageInfo: expect.any(Object) }, i: null } },
    });
    expect(reply.errors).toHaveLength(1);
    expect(reply.errors?.[0]).toMatchObject({ path: ['business', 'i'] });
    const write = await narrow.mutate('customerCreate', { businessId: US, name: 'Beyond' });
    expect(write).toMatchObject({ status: 200, code: 'FORBIDDEN', data: { customerCreate: null } });
  });

  it('lets * stand for every operation and writing not for reading', async () => {
    const star = await sandbox.connect(US, 'business:* customer:*');
    expect(
      (await star.ask('query($b: ID!) { business(id: $b) { customers { pageInfo { totalCount } } } }', { b: US }))
        .errors,
    ).toBeUndefined();
    const writer = await sandbox.connect(US, 'business:read customer:write');
    expect((await writer.customer({ name: 'Written' })).id).toBeDefined();
    expect(
      (await writer.ask('query($b: ID!) { business(id: $b) { customers { pageInfo { totalCount } } } }', { b: US }))
        .code,
    ).toBe('FORBIDDEN');
  });

  it('never sends errors when there are none', async () => {
    expect((await client.ask('{ user { id } }')).text).toMatch(/^\{"data":/);
    expect((await client.mutate('customerCreate', { businessId: US, name: ' ' })).text).not.toContain('"errors"');
  });

  describe('limits', () => {
    afterEach(async () => {
      await sandbox.control('POST', '/limits', {
        enabled: false,
        concurrent: 2,
        perMinute: 60,
        retryAfter: true,
        body: 'graphql',
      });
      await sandbox.control('DELETE', '/faults');
    });

    it('answers 429 with Retry-After beyond the calls of a minute, by token', async () => {
      await sandbox.control('POST', '/limits', { enabled: true, perMinute: 5 });
      const other = await sandbox.connect();
      const call = (one: Client) =>
        request(endpoint(), {
          method: 'POST',
          body: '{"query":"{ user { id } }"}',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${one.accessToken}` },
        });
      const statuses: number[] = [];
      for (let count = 0; count < 7; count++) statuses.push((await call(client)).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
      const refused = await call(client);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
      expect(refused.text).toContain('TOO_MANY_REQUESTS');
      expect((await call(other)).status).toBe(200);
      await sandbox.control('POST', '/clock', { advanceMs: 60_000 });
      expect((await call(client)).status).toBe(200);
      await sandbox.control('POST', '/limits', { perMinute: 1, retryAfter: false, body: 'html' });
      await call(client);
      const plain = await call(client);
      expect([plain.status, plain.headers.get('retry-after')]).toEqual([429, null]);
      expect(plain.text).toContain('<html>');
      await sandbox.control('POST', '/clock', { reset: true });
    });

    it('answers 429 to a third call of one token in flight', async () => {
      await sandbox.control('POST', '/limits', { enabled: true, perMinute: null });
      await sandbox.control('POST', '/faults', { rules: [{ fault: 'latency', ms: 150 }] });
      const replies = await Promise.all(Array.from({ length: 5 }, () => client.ask('{ user { id } }')));
      const refused = replies.filter((reply) => reply.status === 429);
      expect([refused.length, replies.length - refused.length]).toEqual([3, 2]);
      const stats = await sandbox.control('GET', '/stats');
      expect(Number(stats.realms?.[US]?.concurrencyPeak)).toBeGreaterThan(2);
    });
  });

  it('counts calls by business and by what they ask', async () => {
    await sandbox.control('DELETE', '/stats');
    const tick =
      'query($b: ID!) { business(id: $b) { c: customers { pageInfo { totalCount } } p: products { pageInfo { totalCount } } } }';
    await client.ask(tick, { b: US });
    await client.customer();
    const stats = await sandbox.control('GET', '/stats');
    expect(stats.realms?.[US]).toMatchObject({
      calls: 2,
      queries: 1,
      mutations: 1,
      throttled: 0,
      byEndpoint: { 'query business.customers': 1, 'query business.products': 1, 'mutation customerCreate': 1 },
    });
  });

  it('tells the same to a token of several businesses, with a default business', async () => {
    await sandbox.control('POST', '/consent', { mode: 'auto', realms: [CA, NEW] });
    const code = callbackOf(await authorize(sandbox.base)).get('code') ?? '';
    const tokens = await exchange(sandbox.base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    expect(tokens.json).not.toHaveProperty('businessId');
    expect(String(tokens.json.scope)).toBe(ALL_SCOPES);
    const several = new Client(sandbox.base, CA, String(tokens.json.access_token));
    const { data } = await several.ask(
      '{ business { id } businesses { pageInfo { totalCount } edges { node { id } } } }',
    );
    expect(data).toMatchObject({ business: { id: CA }, businesses: { pageInfo: { totalCount: 2 } } });
    expect((await several.ask(`{ business(id: "${US}") { id } }`)).code).toBe('NOT_FOUND');
    expect((await client.ask('{ business { id } }')).data).toEqual({ business: { id: US } });
  });
});
