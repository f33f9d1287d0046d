import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isNonNullType,
  isObjectType,
  lexicographicSortSchema,
  parse,
  printSchema,
  validate,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import { CA, Client, startSandbox, US, type Json, type TestSandbox } from './test-client.ts';

/**
 * What any GraphQL client does that knows nothing of this vendor: ask the server what it serves, build documents from the
 * answer, check them against it, send them with variables, and look at `data` and `errors`.
 */

const published = readFileSync(join(import.meta.dirname, 'schema.graphql'), 'utf8');

async function introspected(client: Client): Promise<GraphQLSchema> {
  const { data, errors } = await client.ask(
    getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true }),
  );
  expect(errors).toBeUndefined();
  return buildClientSchema(data as unknown as IntrospectionQuery);
}

/** Selects everything below a type that needs no argument, down to a depth. */
function everything(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  depth: number,
  skip: readonly string[] = [],
): string {
  if (isAbstractType(type)) {
    const parts = schema
      .getPossibleTypes(type)
      .map((each) => `... on ${each.name} { ${everything(schema, each, depth, skip)} }`);
    return ['__typename', ...parts].join(' ');
  }
  const parts = ['__typename'];
  for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
    if (
      skip.includes(field.name) ||
      field.args.some((argument) => isNonNullType(argument.type) && argument.defaultValue === undefined)
    )
      continue;
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) parts.push(field.name);
    else if (depth > 0 && isCompositeType(inner))
      parts.push(`${field.name} { ${everything(schema, inner, depth - 1, skip)} }`);
  }
  return parts.join(' ');
}

describe('a generic GraphQL client', () => {
  let sandbox: TestSandbox;
  let schema: GraphQLSchema;

  beforeAll(async () => {
    sandbox = await startSandbox({ empty: false });
    schema = await introspected(new Client(sandbox.base, US, undefined));
  });
  afterAll(() => sandbox.close());

  const checked = async (client: Client, query: string, variables: object = {}) => {
    expect(validate(schema, parse(query))).toEqual([]);
    return client.ask(query, variables);
  };

  it('learns the whole published schema from introspection, without a token', () => {
    const told = printSchema(lexicographicSortSchema(schema));
    expect(told).toBe(printSchema(lexicographicSortSchema(buildSchema(published))));
  });

  it.each([
    ['customers', 3],
    ['vendors', 3],
    ['products', 3],
    ['salesTaxes', 3],
    ['accounts', 3],
    ['invoices', 5],
    ['estimates', 5],
  ])('reads every field there is of %s, and every field behind it', async (list, depth) => {
    for (const realm of [US, CA]) {
      const client = await sandbox.connect(realm);
      const business = schema.getType('Business');
      const field = isObjectType(business) ? (business.getFields()[list] as GraphQLField<unknown, unknown>) : undefined;
      const skip = ['business', 'invoice', 'estimate', 'customers', 'invoices', 'countries', 'provinces'];
      const inside = everything(schema, getNamedType(field?.type) as GraphQLCompositeType, depth, skip);
      const query = `query($id: ID!) { business(id: $id) { ${list}(pageSize: 40) { ${inside} } } }`;
      const { data, errors } = await checked(client, query, { id: realm });
      expect(errors).toBeUndefined();
      const edges = data?.business?.[list]?.edges as unknown as Json[];
      expect(edges.length).toBeGreaterThan(1);
      for (const edge of edges) expect(String(edge.node?.id)).toContain(realm);
    }
  });

  it('reads every root field', async () => {
    const client = await sandbox.connect();
    const query = schema.getQueryType();
    const root = query ? everything(schema, query, 2, ['business', 'businesses']) : '';
    const { data, errors } = await checked(client, `{ ${root} }`);
    expect(errors).toBeUndefined();
    expect(data?.currencies).toHaveLength(161);
    expect(data?.countries).toHaveLength(249);
    expect([data?.accountTypes, data?.accountSubtypes].map((list) => (list as unknown as Json[]).length)).toEqual([
      5, 36,
    ]);
    const one = await checked(
      client,
      `query($p: String!) { currency(code: JPY) { exponent symbol plural } country(code: CA) { name currency { code } provinces { code } } province(code: $p) { code name slug } }`,
      { p: 'US-NC' },
    );
    expect(one.data).toMatchObject({
      currency: { exponent: 0, symbol: '¥', plural: 'Japanese yen' },
      country: { name: 'Canada', currency: { code: 'CAD' } },
      province: { code: 'US-NC', name: 'North Carolina', slug: 'north-carolina' },
    });
  });

  it('writes with variables, follows fragments, aliases and directives, and reads back what it wrote', async () => {
    const client = await sandbox.connect();
    const create = await checked(
      client,
      'mutation Make($input: CustomerCreateInput!) { made: customerCreate(input: $input) { didSucceed inputErrors { path message code } customer { ...C } } } fragment C on Customer { id name address { province { code } country { name } } }',
      {
        input: {
          businessId: US,
          name: 'Generic',
          address: { addressLine1: '1 Way', provinceCode: 'US-NC', countryCode: 'US' },
        },
      },
    );
    expect(create.data?.made).toMatchObject({
      didSucceed: true,
      customer: { name: 'Generic', address: { province: { code: 'US-NC' }, country: { name: 'United States' } } },
    });
    const { data } = await checked(
      client,
      'query Read($b: ID!, $c: ID!, $full: Boolean!) { business(id: $b) { who: customer(id: $c) { id name email @include(if: $full) } } }',
      { b: US, c: create.data?.made?.customer?.id, full: false },
    );
    expect(data?.business?.who).toEqual({ id: create.data?.made?.customer?.id, name: 'Generic' });
  });

  it.each([
    'mutation { vendorCreate(input: {}) { didSucceed } }',
    'query($b: ID!) { business(id: $b) { transactions { edges { node { id } } } } }',
    'query($b: ID!) { business(id: $b) { moneyTransaction(id: $b) { id } } }',
    'query($b: ID!) { business(id: $b) { invoicePayments { edges { node { id } } } } }',
    'query($b: ID!) { business(id: $b) { bills { edges { node { id } } } } }',
    'query($b: ID!) { business(id: $b) { accounts(modifiedAtAfter: "2026-01-01T00:00:00Z") { pageInfo { totalCount } } } }',
    'query($b: ID!) { business(id: $b) { estimates(sort: [CREATED_AT_ASC]) { pageInfo { totalCount } } } }',
    'mutation { transactionCreate(input: {}) { didSucceed } }',
    'mutation { productDelete(input: {}) { didSucceed } }',
    'subscription { invoiceChanged { id } }',
  ])('is refused what does not exist: %s', async (query) => {
    const client = await sandbox.connect();
    const reply = await client.ask(query, { b: US });
    expect([reply.status, reply.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });
});
