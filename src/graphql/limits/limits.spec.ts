import { buildSchema, getOperationAST, parse } from 'graphql';
import { checkLimits, DEPTH_MOST } from './limits.js';

const schema = buildSchema('type Query { me: Query first(first: Int = 20): Query name: String }');

const refusalOf = (query: string, variables: Record<string, unknown> = {}): unknown => {
  const document = parse(query);
  try {
    checkLimits(schema, document, getOperationAST(document)!, variables);
    return undefined;
  } catch (error) {
    return (error as { extensions: { code: unknown } }).extensions.code;
  }
};

const nested = (depth: number): string => `${'{ me '.repeat(depth - 1)}{ name }${' }'.repeat(depth - 1)}`;

test('a document may be so deep and no deeper', () => {
  expect(refusalOf(nested(DEPTH_MOST))).toBeUndefined();
  expect(refusalOf(nested(DEPTH_MOST + 1))).toBe('QUERY_TOO_DEEP');
});

test('depth counts through fragments, wherever they are spread', () => {
  const spread = (depth: number): string =>
    `{ me { ...one ... on Query { ...two } } } fragment one on Query { name } fragment two on Query ${nested(depth)}`;
  expect(refusalOf(spread(DEPTH_MOST - 1))).toBeUndefined();
  expect(refusalOf(spread(DEPTH_MOST))).toBe('QUERY_TOO_DEEP');
});

test('a page costs what is in it as often as it may have entries, given, by default or by a variable', () => {
  const pages = (first: string): string => `first${first} { first${first} { first${first} { name } } }`;
  expect(refusalOf(`{ ${pages('(first: 20)')} }`)).toBeUndefined();
  expect(refusalOf(`{ ${pages('')} }`)).toBeUndefined();
  expect(refusalOf(`{ ${pages('(first: 100)')} }`)).toBe('QUERY_TOO_COSTLY');
  const variable = `query ($n: Int) { ${pages('(first: $n)')} }`;
  expect(refusalOf(variable, { n: 20 })).toBeUndefined();
  expect(refusalOf(variable, { n: 100 })).toBe('QUERY_TOO_COSTLY');
});

test('variables that do not fit are left to be told as that', () => {
  expect(refusalOf('query ($n: Int) { first(first: $n) { name } }', { n: 'many' })).toBeUndefined();
});
