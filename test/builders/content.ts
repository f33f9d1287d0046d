import fc from 'fast-check';
import {
  exact,
  fieldsOf,
  groupFields,
  groupNames,
  isDecimal,
  type ContactRole,
  type Content,
  type Field,
  type KindName,
  type Ref,
  type Value,
} from '../../src/domain/contract/index.js';

/** How contents are made up, where the contract leaves it open. */
export interface ContentTraits {
  /** Ids of records that a content refers to; small numbers where nothing is said. */
  id?(to: KindName, role: ContactRole | undefined): fc.Arbitrary<string>;
  /** Which paths are made up at all, such as `lines.tracking`; all of them where nothing is said. */
  carries?(path: string): boolean;
  /** Whether lines have ids, as those of a side's own records do. */
  readonly lineIds?: boolean;
}

/**
 * Contents of a kind, made up from its declaration: whole records that the contract accepts. Required fields are always
 * there, the others now and then; texts hold quotes, accents and line ends, and decimals more digits than money has.
 */
export const contentOf = (kind: KindName, traits: ContentTraits = {}): fc.Arbitrary<Content> => {
  const fields = Object.assign({}, ...groupNames(kind).map((group) => groupFields(kind, group))) as Record<
    string,
    Field
  >;
  return fieldsArbitrary(fields, '', { ...DEFAULTS, ...traits })
    .map((content) => keepingRules(kind, content))
    .map((content) => (traits.lineIds ? withLineIds(content) : content));
};

const withLineIds = (content: Content): Content =>
  Array.isArray(content.lines)
    ? { ...content, lines: (content.lines as Content[]).map((line, index) => ({ id: `line-${index + 1}`, ...line })) }
    : content;

type Made = Required<Pick<ContentTraits, 'id' | 'carries'>>;

const DEFAULTS: Made = {
  id: () => fc.integer({ min: 1, max: 40 }).map(String),
  carries: () => true,
};

const fieldsArbitrary = (
  fields: Readonly<Record<string, Field>>,
  prefix: string,
  traits: Made,
): fc.Arbitrary<Content> => {
  const made = Object.entries(fields).filter(
    ([name, field]) => !field.readOnly && name !== 'id' && (field.required || traits.carries(prefix + name)),
  );
  const members = Object.fromEntries(made.map(([name, field]) => [name, valueArbitrary(field, prefix + name, traits)]));
  const required = made.filter(([, field]) => field.required).map(([name]) => name);
  return fc.record(members, { requiredKeys: required }) as fc.Arbitrary<Content>;
};

const valueArbitrary = (field: Field, path: string, traits: Made): fc.Arbitrary<Value> => {
  const { shape } = field;
  switch (shape.is) {
    case 'text':
      return shape.pattern ? fc.constantFrom('USD', 'EUR', 'GBP') : textArbitrary(shape.max, field.required);
    case 'decimal':
      return decimalArbitrary(shape.min, shape.max);
    case 'whole':
      return fc.integer({ min: shape.min, max: shape.max });
    case 'date':
      return dateArbitrary;
    case 'flag':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...shape.of);
    case 'ref': {
      const { to, role } = shape;
      return fc.constantFrom(...to).chain((kind) => traits.id(kind, role).map((id): Ref => ({ kind, id })));
    }
    case 'object':
      return fieldsArbitrary(shape.fields, `${path}.`, traits);
    case 'list': {
      const { key } = shape;
      const element = fieldsArbitrary(shape.fields, `${path}.`, traits);
      const minLength = field.required ? 1 : 0;
      return key === undefined || key === 'id'
        ? fc.array(element, { minLength, maxLength: 4 })
        : fc.uniqueArray(element, { minLength, maxLength: 4, selector: (one) => one[key] });
    }
    case 'dictionary':
      return fc.dictionary(textArbitrary(20, true), textArbitrary(20, true), { maxKeys: 3 }) as fc.Arbitrary<Value>;
  }
};

const ODD_TEXTS = ["O'Neil & Söhne", 'back\\slash', '100 % “sure”', 'two\nlines', 'été', '<b>', '0', 'null', '日本'];

export const textArbitrary = (max: number, required = false): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(max, 18) }) },
      { weight: 1, arbitrary: fc.constantFrom(...ODD_TEXTS.filter((text) => text.length <= max)) },
    )
    .map((text) => text.replaceAll('\u0000', '').slice(0, max))
    .map((text) => (required && text.trim() === '' ? 'x' : text));

export const dateArbitrary: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 3650 })
  .map((days) => new Date(Date.UTC(2020, 0, 1 + days)).toISOString().slice(0, 10));

/** Cents, whole numbers, seven places, and large amounts; below zero where the field allows it. */
export const decimalArbitrary = (min?: string, max?: string): fc.Arbitrary<string> => {
  const digits = (most: number, places: number): fc.Arbitrary<string> =>
    fc.integer({ min: 0, max: most }).map((value) =>
      exact(String(value))
        .dividedBy(10 ** places)
        .toFixed(),
    );
  const positive = fc.oneof(
    digits(1_000_000, 2),
    digits(10_000, 0),
    digits(99_999_999, 7),
    max === undefined ? digits(2_000_000_000, 2).map((value) => exact(value).times(10_000).toFixed()) : digits(100, 0),
  );
  const signed =
    min === undefined
      ? fc
          .tuple(positive, fc.boolean())
          .map(([value, below]) => (below && !exact(value).isZero() ? `-${value}` : value))
      : positive;
  return signed.filter(
    (value) =>
      (min === undefined || exact(value).greaterThanOrEqualTo(min)) &&
      (max === undefined || exact(value).lessThanOrEqualTo(max)),
  );
};

/** Mends what a made-up content cannot keep by chance: the kind's rules over several fields. */
const keepingRules = (kind: KindName, content: Content): Content => {
  switch (kind) {
    case 'contact':
      return content.isCustomer === true || content.isVendor === true ? content : { ...content, isCustomer: true };
    case 'payment_term': {
      const { dueDayOfMonth: _, ...rest } = content;
      return 'dueDays' in content ? rest : content;
    }
    case 'transfer':
      return (content.fromAccount as Ref).id === (content.toAccount as Ref).id
        ? { ...content, toAccount: { kind: 'account', id: `${(content.toAccount as Ref).id}0` } }
        : content;
    case 'payment':
      return coveringAllocations(content, 'invoice');
    case 'bill_payment':
      return coveringAllocations(content, 'bill');
    case 'journal_entry':
      return balanced(content);
    case 'company':
    case 'account':
    case 'tax_rate':
    case 'tracking_category':
    case 'item':
    case 'quote':
    case 'purchase_order':
    case 'invoice':
    case 'credit_note':
    case 'bill':
    case 'vendor_credit':
    case 'expense':
      return content;
  }
};

/** Each document is settled once, and the amount covers what is settled. */
const coveringAllocations = (content: Content, debt: 'invoice' | 'bill'): Content => {
  const amount = exact(content.amount as string).abs();
  const seen = new Set<string>();
  const allocations = ((content.allocations ?? []) as Content[])
    .filter(({ document }) => {
      const { kind, id } = document as Ref;
      return !seen.has(`${kind} ${id}`) && seen.add(`${kind} ${id}`);
    })
    .map((one) => ({
      ...one,
      amount: exact(one.amount as string)
        .abs()
        .toFixed(),
    }));
  const applied = allocations
    .filter((one) => ((one as Content).document as Ref).kind === debt)
    .reduce((total, one) => total.plus(one.amount), exact('0'));
  return {
    ...content,
    amount: (applied.greaterThan(amount) ? applied : amount).toFixed(),
    ...('allocations' in content && { allocations }),
  };
};

/** Amounts without sign, and one more line for what is missing to a balance. */
const balanced = (content: Content): Content => {
  const lines = (content.lines as Content[]).map((line) => ({
    ...line,
    amount: isDecimal(line.amount) ? exact(line.amount).abs().toFixed() : '0',
  }));
  const missing = lines.reduce(
    (total, line) => ((line as Content).side === 'debit' ? total.plus(line.amount) : total.minus(line.amount)),
    exact('0'),
  );
  const last = {
    account: { kind: 'account' as const, id: '99' },
    side: missing.isNegative() ? 'debit' : 'credit',
    amount: missing.abs().toFixed(),
  };
  return { ...content, lines: [...lines, last] };
};

/** Names of all fields of a kind that a caller may write. */
export const writableFields = (kind: KindName): string[] =>
  Object.entries(fieldsOf(kind))
    .filter(([, field]) => !field.readOnly)
    .map(([name]) => name);
