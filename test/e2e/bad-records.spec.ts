import { randomUUID } from 'node:crypto';
import { eventually } from '../../demo/eventually.ts';
import type { Content } from '../../demo/shop.ts';
import type { Company } from './company.js';
import { furnish } from './house.js';

interface Outcome {
  readonly __typename: string;
  readonly id: string;
  readonly issues?: readonly { readonly path: string; readonly rule: string; readonly message: string }[];
}

describe('Records that cannot be', () => {
  const house = furnish();
  let company: Company;
  let stranger: Company;
  let key: string;

  beforeAll(async () => {
    company = await house.company('Records');
    await company.welcome();
    stranger = await house.company('Strangers');
    await stranger.welcome();
    const { createApiKey } = await house.admin
      .within(company.shop.tenant)
      .ask<{ createApiKey: { secret: string } }>(
        'mutation { createApiKey(scope: tenant, role: admin, name: "a curious one") { secret } }',
      );
    key = createApiKey.secret;
  }, 90_000);

  const push = async (records: readonly { id: string; content: Content }[]): Promise<readonly Outcome[]> => {
    const { upsertRecords } = await company.shop.concord.ask<{ upsertRecords: { outcomes: Outcome[] } }>(
      `mutation ($key: String!, $records: [RecordInput!]!) { upsertRecords(key: $key, records: $records) {
        ... on RecordsPushed { outcomes { __typename
          ... on RecordStored { id } ... on RecordInvalid { id issues { path rule message } } } } } }`,
      { key: randomUUID(), records: records.map((record) => ({ kind: 'invoice', ...record })) },
    );
    return upsertRecords.outcomes;
  };

  /** The bytes that come back, and nothing made of them. */
  const answerTo = async (query: string, variables: object): Promise<string> => {
    const response = await fetch(`${house.admin.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables }),
    });
    return `${response.status} ${await response.text()}`;
  };

  it(
    'an invalid one is told field by field and rule by rule, nothing of it is written, and its neighbours go on',
    house.told(async () => {
      const [line] = company.order('').lines as Content[];
      const outcomes = await push([
        {
          id: 'order-invalid',
          content: {
            ...company.order('invalid'),
            issueDate: '2026-02-30',
            colour: 'green',
            lines: [line!, { ...line, id: '2', quantity: 4 }],
          },
        },
        { id: 'order-valid', content: company.order('valid') },
      ]);
      expect(outcomes.map(({ __typename, id }) => [id, __typename])).toEqual([
        ['order-invalid', 'RecordInvalid'],
        ['order-valid', 'RecordStored'],
      ]);
      expect(outcomes[0]!.issues!.map(({ path, rule }) => [path, rule]).sort()).toEqual([
        ['colour', 'known_field'],
        ['issueDate', 'date'],
        ['lines[1].quantity', 'decimal'],
      ]);
      expect(outcomes[0]!.issues!.every(({ message }) => message.length > 0)).toBe(true);

      await company.shop.booksIdOf('invoice', 'order-valid');
      for (const table of ['record', 'record_version']) {
        expect(await house.rows(`select 1 from ${table} where id = 'order-invalid'`)).toEqual([]);
      }
      expect(await house.rows(`select 1 from twin where app_id = 'order-invalid'`)).toEqual([]);
      await company.agrees();
      expect(await company.invoices()).toHaveLength(1);
    }),
    100_000,
  );

  it(
    'another tenant’s is answered with the very bytes of one that does not exist',
    house.told(async () => {
      const entry = await stranger.invoiced('order-of-a-stranger');
      await stranger.idle();
      const [walk] = await house.rows<{ id: string }>('select id from walk where connection_id = $1 limit 1', [
        stranger.shop.connection,
      ]);
      const [twin] = await house.rows<{ id: string }>('select id from twin where connection_id = $1 limit 1', [
        stranger.shop.connection,
      ]);
      const theirs = { connection: stranger.shop.connection, walk: walk!.id, twin: twin!.id, books: entry.Id };
      const nobodys = { connection: randomUUID(), walk: randomUUID(), twin: randomUUID(), books: entry.Id };
      const questions: readonly (readonly [string, (ids: typeof theirs) => object])[] = [
        ['query ($id: ID!) { connection(id: $id) { id company } }', ({ connection }) => ({ id: connection })],
        ['query ($id: ID!) { walk(id: $id) { id } }', ({ walk: id }) => ({ id })],
        ['query ($id: ID!) { conflict(id: $id) { id } }', ({ twin: id }) => ({ id })],
        [
          'query ($key: RecordKey!) { record(key: $key) { id } }',
          ({ connection, books }) => ({ key: { kind: 'invoice', connection, booksId: books } }),
        ],
        [
          'query ($c: ID!, $id: ID!) { recordHistory(kind: invoice, connection: $c, booksId: $id) { edges { cursor } } }',
          ({ connection, books }) => ({ c: connection, id: books }),
        ],
        [
          'mutation ($c: ID!) { syncNow(connection: $c) { __typename ... on Refused { code message } } }',
          ({ connection }) => ({ c: connection }),
        ],
        [
          `mutation ($d: ConflictDecisionInput!) { decideConflict(decision: $d) {
             __typename ... on Refused { code message } } }`,
          ({ twin: conflict }) => ({ d: { conflict, verb: 'keep_app' } }),
        ],
        [
          'mutation ($id: ID!) { unlinkRecords(twin: $id) { __typename ... on Refused { code message } } }',
          ({ twin: id }) => ({ id }),
        ],
      ];
      for (const [query, variables] of questions) {
        const [foreign, missing] = [
          await answerTo(query, variables(theirs)),
          await answerTo(query, variables(nobodys)),
        ];
        expect([query, foreign]).toEqual([query, missing]);
        expect(foreign).toMatch(/^200 {"data"/);
      }
      await stranger.agrees();
    }),
    100_000,
  );

  it(
    'one that the books refuse is a problem in their words, and the others of its batch go on',
    house.told(async () => {
      const refused = { ...company.order('refused'), discount: { amount: '1000' } };
      await push([
        { id: 'order-before', content: company.order('before') },
        { id: 'order-refused', content: refused },
        { id: 'order-after', content: company.order('after') },
      ]);
      await company.shop.booksIdOf('invoice', 'order-before');
      await company.shop.booksIdOf('invoice', 'order-after');
      const problems = await eventually('the problem', async () => {
        const found = await company.shop.concord.all<{
          code: string;
          message: string;
          record: { appId: string; booksId: string | null };
        }>('problems', '', 'code message record { appId booksId }');
        return found.length > 0 ? found : undefined;
      });
      expect(problems).toEqual([
        {
          code: 'refused_by_provider',
          message: expect.stringMatching(/\w+ \w+/),
          record: { appId: 'order-refused', booksId: null },
        },
      ]);
      await company.idle();
      expect((await company.invoices()).map(({ PrivateNote }) => PrivateNote).sort()).toEqual([
        'after',
        'before',
        'valid',
      ]);

      await company.shop.read('invoice', 'order-refused');
      await company.shop.push('invoice', 'order-refused', { ...refused, discount: { amount: '100' } });
      await company.shop.booksIdOf('invoice', 'order-refused');
      await company.agrees();
      expect(await company.invoices()).toHaveLength(4);
    }),
    100_000,
  );
});
