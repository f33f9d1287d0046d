import { readFileSync } from 'node:fs';
import { buildSchema, Kind, parse, validate, visit, type DocumentNode } from 'graphql';
import {
  ACCOUNTS,
  BUSINESS,
  BUSINESSES,
  ESTIMATES_NUMBERED,
  INVOICES_NUMBERED,
  lookDocument,
  MANY,
  MUTATION_NAMES,
  mutationDocument,
  NEWEST_LISTS,
  newestDocument,
  pageDocument,
  PAYMENTS_OF,
  PRODUCT_NAMES,
  SELECTIONS,
  tickDocument,
  type Document,
  type One,
} from '../../../../src/modules/providers/wave/wave.documents.js';

/** Everything that is ever asked of Wave, against what is known of its schema. */
const schema = buildSchema(
  readFileSync(new URL('../../../../src/modules/providers/wave/fixtures/wave.schema.graphql', import.meta.url), 'utf8'),
);

const DOCUMENTS: readonly Document[] = [
  ...(Object.keys(SELECTIONS) as One[]).flatMap((one) => [lookDocument(one, 1), lookDocument(one, 20)]),
  ...MANY.map(pageDocument),
  tickDocument(),
  ACCOUNTS,
  ...NEWEST_LISTS.map(newestDocument),
  INVOICES_NUMBERED,
  ESTIMATES_NUMBERED,
  PAYMENTS_OF,
  BUSINESS,
  PRODUCT_NAMES,
  BUSINESSES,
  ...MUTATION_NAMES.map(mutationDocument),
];

const inlineTexts = (document: DocumentNode): string[] => {
  const found: string[] = [];
  visit(document, { [Kind.STRING]: ({ value }) => void found.push(value) });
  return found;
};

describe.each(DOCUMENTS.map((document, index) => [`${document.name} (${index + 1})`, document] as const))(
  'the document %s',
  (_, { name, text }) => {
    it('is valid in the vendor’s schema', () => {
      expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
    });

    it('holds no text, which the vendor would refuse, and goes by its name', () => {
      const document = parse(text);
      expect(inlineTexts(document)).toEqual([]);
      const [operation] = document.definitions;
      expect(operation?.kind === Kind.OPERATION_DEFINITION && operation.name?.value).toBe(name);
    });
  },
);

it('no document asks for what the vendor calls outdated', () => {
  const outdated = ['salesTaxRateCreate', 'moneyDepositTransactionCreate'];
  expect(DOCUMENTS.filter(({ text }) => outdated.some((one) => text.includes(one)))).toEqual([]);
});
