import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { ALIASES_MOST, COST_MOST, DEPTH_MOST, TOKENS_MOST } from '../../src/graphql/limits/limits.js';
import { RecordViews } from '../../src/modules/records/index.js';
import { eventually } from '../integration/street-harness.js';
import { ADMIN, type Answer, Concord } from './graphql/concord.js';
import { Following } from './graphql/following.js';

const codesOf = ({ errors = [] }: Pick<Answer, 'errors'>): string[] => errors.map(({ extensions }) => extensions.code);
const nested = (depth: number, field: string): string =>
  `${`${field} { `.repeat(depth)}__typename${' }'.repeat(depth)}`;

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

describe('what the API does not take', () => {
  let concord: Concord;
  let tenant: string;
  beforeAll(async () => {
    concord = await Concord.open({
      works: false,
      environment: { CONCORD_CORS_ORIGINS: 'https://app.example.com,https://other.example.com' },
      developmentKey: ADMIN,
    });
    tenant = (await concord.tenant('Birch')).id;
  });
  afterAll(() => concord.close());

  const send = async (method: string, headers: Record<string, string> = {}, body?: string): Promise<Reply> => {
    const response = await fetch(`${concord.url}/graphql`, { method, headers, ...(body !== undefined && { body }) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const codeIn = ({ text }: Reply): string | undefined =>
    (JSON.parse(text) as Pick<Answer, 'errors'>).errors?.[0]?.extensions.code;
  const asAdmin = { 'content-type': 'application/json', authorization: `Bearer ${ADMIN}` };

  describe('documents', () => {
    const ask = (query: string, variables = {}): Promise<Answer> =>
      concord.ask({ key: ADMIN, tenant }, query, variables);

    test('but all that the schema holds is not too deep', async () => {
      const deepest = `{ records { edges { node { books { conflict { connection { booksRecords(kind: contact) {
        edges { node { __typename } } } } } } } } } }`;
      expect(codesOf(await ask(deepest))).toEqual([]);
      const introspection = `{ __schema { types { fields { type { ${nested(DEPTH_MOST, 'ofType')} } } } } }`;
      expect(codesOf(await ask(introspection))).toEqual([]);
    });

    test('costing too much: `first` multiplies what is inside a page', async () => {
      const pages = (first: number): string =>
        `{ connections(first: ${first}) { edges { node { booksRecords(kind: contact, first: ${first}) {
           edges { node { id name existence content } } } } } } }`;
      expect(codesOf(await ask(pages(20)))).toEqual([]);
      const answer = await ask(pages(100));
      expect([answer.status, codesOf(answer)]).toEqual([400, ['QUERY_TOO_COSTLY']]);
      expect(answer.errors![0]!.message).toContain(`${COST_MOST} are allowed`);
    });

    test('costing too much by a variable', async () => {
      const query = `query ($first: Int!) { connections(first: $first) { edges { node {
        booksRecords(kind: contact, first: $first) { edges { node { id name existence content } } } } } } }`;
      expect(codesOf(await ask(query, { first: 100 }))).toEqual(['QUERY_TOO_COSTLY']);
    });

    test('spreading fragments into an avalanche', async () => {
      const fragments = Array.from(
        { length: 20 },
        (_, index) => `fragment f${index} on Query { ...f${index + 1} ... on Query { ...f${index + 1} } }`,
      );
      const avalanche = `{ ...f0 } ${fragments.join(' ')} fragment f20 on Query { tenant { id } }`;
      const began = Date.now();
      expect(codesOf(await ask(avalanche))).toEqual(['QUERY_TOO_COSTLY']);
      expect(Date.now() - began).toBeLessThan(2_000);
    });

    test('with too many aliases', async () => {
      const aliases = (count: number): string =>
        `{ ${Array.from({ length: count }, (_, index) => `a${index}: tenant { id }`).join(' ')} }`;
      expect(codesOf(await ask(aliases(ALIASES_MOST)))).toEqual([]);
      expect(codesOf(await ask(aliases(ALIASES_MOST + 1)))).toEqual(['TOO_MANY_ALIASES']);
    });

    test('with too many tokens', async () => {
      const answer = await ask(`{ ${'__typename '.repeat(TOKENS_MOST)} }`);
      expect([answer.status, codesOf(answer)]).toEqual([400, ['GRAPHQL_PARSE_FAILED']]);
    });

    test('that do not parse, do not fit, or do not say which operation', async () => {
      expect(codesOf(await ask('{'))).toEqual(['GRAPHQL_PARSE_FAILED']);
      const guess = await ask('{ tenants { id } }');
      expect(codesOf(guess)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      expect(guess.text).not.toContain('Did you mean');
      expect(codesOf(await ask('query A { tenant { id } } query B { tenant { id } }'))).toEqual([
        'OPERATION_RESOLUTION_FAILURE',
      ]);
    });

    test('with arguments out of their bounds: the paths and the rules are named', async () => {
      const answer = await ask('{ records(first: 101) { pageInfo { hasNextPage } } }');
      expect(codesOf(answer)).toEqual(['BAD_INPUT']);
      expect(answer.errors![0]!.extensions.issues).toEqual([
        { path: 'first', rule: 'max', message: 'first must not be greater than 100' },
      ]);
      const variable = await ask('query ($first: Int) { records(first: $first) { pageInfo { hasNextPage } } }', {
        first: 'many',
      });
      expect([variable.status, codesOf(variable)]).toEqual([400, ['BAD_INPUT']]);
      expect(codesOf(await ask('{ records(after: "nonsense") { pageInfo { hasNextPage } } }'))).toEqual(['BAD_INPUT']);
      const conflicts = Buffer.from('["conflicts",{}]').toString('base64url');
      expect(codesOf(await ask(`{ records(after: "${conflicts}") { pageInfo { hasNextPage } } }`))).toEqual([
        'BAD_INPUT',
      ]);
    });

    test.each([
      ['half a surrogate pair', '"\\ud83d"'],
      ['a NUL', '"a\\u0000b"'],
    ])('with a text that PostgreSQL cannot hold: %s', async (_what, text) => {
      const body = `{"query":"query ($n: String!) { recordHistory(number: $n) { pageInfo { hasNextPage } } }","variables":{"n":${text}}}`;
      const reply = await send('POST', { ...asAdmin, 'x-concord-tenant': tenant }, body);
      expect(codeIn(reply)).toBe('BAD_INPUT');
    });

    test('with JSON nested without end', async () => {
      const content = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;
      const records = `[{"kind":"contact","id":"c","content":${content}}]`;
      const query = `mutation ($records: [RecordInput!]!) { upsertRecords(key: \\"k\\", records: $records) { __typename } }`;
      const body = `{"query":"${query}","variables":{"records":${records}}}`;
      const reply = await send('POST', { ...asAdmin, 'x-concord-tenant': tenant }, body);
      expect([reply.status, codeIn(reply)]).toEqual([400, 'BAD_INPUT']);
      expect(reply.text.length).toBeLessThan(1_500);
    });
  });

  describe('requests', () => {
    test('by GET, and by any other method', async () => {
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
        const reply = await send(method, { accept: 'application/json' });
        expect([method, reply.status, reply.headers.get('allow'), codeIn(reply)]).toEqual([
          ...[method, 405, 'POST', 'METHOD_NOT_ALLOWED'],
        ]);
      }
      const query = encodeURIComponent('{ tenant { id } }');
      const got = await fetch(`${concord.url}/graphql?query=${query}`, { headers: asAdmin });
      expect(got.status).toBe(405);
    });

    test('larger than two megabytes, and no smaller ones', async () => {
      const body = (bytes: number): string => JSON.stringify({ query: '{ health { at } }', filler: 'x'.repeat(bytes) });
      const large = await send('POST', asAdmin, body(2 * 1024 * 1024));
      expect([large.status, codeIn(large)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
      expect((await send('POST', asAdmin, body(1_500_000))).status).toBe(200);
    });

    test('that are no JSON, no object, or several at once', async () => {
      expect(codeIn(await send('POST', asAdmin, '{'))).toBe('BAD_REQUEST');
      expect(codeIn(await send('POST', asAdmin, '"{ tenant { id } }"'))).toBe('BAD_REQUEST');
      const batch = await send(
        'POST',
        asAdmin,
        JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
      );
      expect([batch.status, codeIn(batch)]).toEqual([400, 'BAD_REQUEST']);
    });

    test('that a stranger’s page can send without being asked', async () => {
      const query = JSON.stringify({ query: '{ __typename }' });
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
        const reply = await send('POST', { 'content-type': type }, query);
        expect([type, reply.status, codeIn(reply)]).toEqual([type, 400, 'BAD_REQUEST']);
      }
    });

    test('from other origins than the operator names', async () => {
      const preflight = (origin: string): Promise<Reply> =>
        send('OPTIONS', { origin, 'access-control-request-method': 'POST' });
      const known = await preflight('https://app.example.com');
      expect(known.status).toBe(204);
      expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
      expect(known.headers.get('access-control-allow-headers')).toContain('x-concord-tenant');
      expect(known.headers.get('access-control-allow-credentials')).toBeNull();
      const stranger = await preflight('https://evil.example');
      expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
      expect(stranger.headers.get('vary')).toBe('origin');
    });

    test('of hashes instead of documents', async () => {
      const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) };
      const reply = await send('POST', asAdmin, JSON.stringify({ extensions: { persistedQuery } }));
      expect(codeIn(reply)).toBe('BAD_REQUEST');
    });
  });

  test('a failure of ours shows nothing but the id by which the log tells of it', async () => {
    const logged: string[] = [];
    const listening = jest.spyOn(Logger.prototype, 'error').mockImplementation((line: unknown) => {
      logged.push(String(line));
    });
    const views = concord.app.get(RecordViews, { strict: false });
    const failing = jest.spyOn(views, 'page').mockImplementation(async (tx) => {
      throw new Error(`a secret of ${tx.tenant} in select * from record`);
    });
    try {
      const answer = await concord.ask({ key: ADMIN, tenant }, '{ records { pageInfo { hasNextPage } } }');
      const [{ message, extensions }] = answer.errors as unknown as [
        { message: string; extensions: Record<string, string> },
      ];
      expect({ message, code: extensions.code }).toEqual({
        message: 'Concord failed; the correlation id leads to its log.',
        code: 'INTERNAL',
      });
      expect(Object.keys(extensions).sort()).toEqual(['code', 'correlationId']);
      expect(answer.headers.get('x-correlation-id')).toBe(extensions.correlationId);
      expect(answer.text).not.toMatch(/secret|select|stack|\.ts|node_modules/);
      expect(logged.filter((line) => line.includes(extensions.correlationId!))).toHaveLength(1);
      expect(logged.join('\n')).not.toMatch(/secret/);
    } finally {
      failing.mockRestore();
      listening.mockRestore();
    }
  });

  test('a failure of the database shows none of its words', async () => {
    const views = concord.app.get(RecordViews, { strict: false });
    const failing = jest.spyOn(views, 'page').mockImplementation(async () => {
      throw Object.assign(new Error('invalid input syntax: "4711"'), { code: '22P02' });
    });
    try {
      const answer = await concord.ask({ key: ADMIN, tenant }, '{ records { pageInfo { hasNextPage } } }');
      expect(codesOf(answer)).toEqual(['INTERNAL']);
      expect(answer.text).not.toMatch(/4711|22P02|syntax/);
    } finally {
      failing.mockRestore();
    }
  });

  describe('development', () => {
    test('has a workbench on one page that is opened with its key, on this machine', async () => {
      const page = await send('GET', { accept: 'text/html' });
      expect(page.status).toBe(200);
      expect(page.text).toContain('YogaGraphiQL.renderYogaGraphiQL');
      expect(page.text).toContain(ADMIN);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(page.text).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/);
    });

    test('answers introspection', async () => {
      expect(codesOf(await concord.ask({ key: undefined }, '{ __schema { queryType { name } } }'))).toEqual([]);
    });
  });

  describe('production', () => {
    let production: Concord;
    beforeAll(async () => {
      production = await Concord.open({
        works: false,
        beside: concord,
        environment: {
          NODE_ENV: 'production',
          CONCORD_MASTER_KEY: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
          CONCORD_PUBLIC_URL: 'https://concord.example.com',
          DATABASE_URL: 'postgresql://owner@db/concord',
        },
        developmentKey: ADMIN,
      });
    });
    afterAll(() => production.close());

    test('has no workbench', async () => {
      const response = await fetch(`${production.url}/graphql`, { headers: { accept: 'text/html' } });
      expect(response.status).toBe(405);
      expect(await response.text()).not.toContain(ADMIN);
    });

    test('answers no introspection, neither over HTTP nor on the socket', async () => {
      const query = '{ __schema { queryType { name } } }';
      expect(codesOf(await production.ask({ key: ADMIN }, query))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      expect(codesOf(await production.ask({ key: ADMIN, tenant }, '{ tenant { id } }'))).toEqual([]);
      const following = new Following(production.url, { key: ADMIN, tenant });
      const subscriber = following.subscribe(
        'subscription { recordChanged { sequence } } query { __schema { __typename } }',
      );
      await eventually(
        () => subscriber,
        ({ codes }) => codes.length > 0,
      );
      expect(subscriber.codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      await following.close();
    });
  });
});
