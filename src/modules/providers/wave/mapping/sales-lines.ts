import {
  at,
  finding,
  identity,
  list,
  text,
  wireAt,
  wireObjects,
  type Change,
  type ElementForm,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, minorUnits, rounded, type Content, type Ref } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { WaveCompany } from '../wave.company.js';
import { digits, moneyAt, NO_LINE_DISCOUNT, refTo, words } from './words.js';

/** Lines of invoices and estimates (sheet 3.5): a product, and what is said of it here in place of its own words. */

/** What a line names; lines through the carrier product name nothing. */
const item: Row<Ref, WaveCompany> = {
  read: (line, { carrier }) => {
    const product = wireAt(line, 'product');
    const named = product === undefined ? undefined : refTo('item').read(product, undefined);
    return named?.id === carrier ? undefined : named;
  },
  write: (value, change, { carrier }) => {
    const id = value?.id ?? carrier;
    if (id !== undefined && wireAt(change.at('product'), 'id') !== id) change.set('product', { id });
  },
  carries: () => [''],
};

/** Left out, the product's own taxes would be added; so no tax is said as an empty list. */
const taxRate: Row<Ref> = {
  read: ({ taxes }) => {
    const [tax] = wireObjects(taxes);
    const named = tax && wireAt(tax, 'salesTax');
    return named === undefined ? undefined : refTo('tax_rate').read(named, undefined);
  },
  write: (value, change) => {
    const named = wireObjects(change.at('taxes')).map((tax) => wireAt(tax, 'salesTax.id'));
    if (value === null) {
      if (change.at('taxes') === undefined || named.length > 0) change.set('taxes', []);
    } else if (named.length !== 1 || named[0] !== value.id) change.set('taxes', [{ salesTax: { id: value.id } }]);
  },
  carries: () => [''],
};

/** The vendor computes it from quantity and price; a new one is not yet computed. */
const amount: Row<string> = {
  read: (line) => moneyAt(line, 'subtotal'),
  write: (value, change) => {
    const shown = moneyAt(change.whole(), 'subtotal');
    if (shown !== undefined && (value === null || !exact(shown).equals(value))) change.clear('subtotal');
  },
  carries: () => [''],
};

const isTaxedBySeveral = ({ taxes }: WireObject): boolean => wireObjects(taxes).length > 1;

const line: ElementForm<WaveCompany> = {
  is: (wire) => !isTaxedBySeveral(wire),
  says: () => true,
  start: {},
  table: {
    id: identity(at('id', text())),
    item,
    description: at('description', words()),
    quantity: at('quantity', digits(8)),
    unitPrice: at('unitPrice', digits(8)),
    amount,
    taxRate,
    ...NO_LINE_DISCOUNT,
  },
};

/** The contract names one tax of a line, so a line with several is shown without, and stays as it is. */
const lineOfSeveralTaxes: ElementForm<WaveCompany> = {
  is: isTaxedBySeveral,
  says: () => false,
  table: {
    id: identity(at('id', text())),
    item,
    description: at('description', words()),
    quantity: at('quantity', digits(8)),
    unitPrice: at('unitPrice', digits(8)),
    amount,
  },
};

type Before = (line: Content) => Content | undefined;

/** A line as this vendor counts: quantity and price, from which the amount follows. */
const priced = (wanted: Content, before: Content | undefined, places: number): Content => {
  const { quantity, unitPrice, amount: whole } = wanted;
  if (isDecimal(unitPrice)) {
    const count = isDecimal(quantity) ? quantity : '1';
    return { ...wanted, quantity: count, amount: isDecimal(whole) ? whole : product(count, unitPrice, places) };
  }
  if (!isDecimal(whole)) return wanted;
  const stays = isDecimal(before?.amount) && exact(whole).equals(before.amount);
  const sameCount = !isDecimal(quantity) || (isDecimal(before?.quantity) && exact(quantity).equals(before.quantity));
  return stays && sameCount && isDecimal(before.unitPrice) && isDecimal(before.quantity)
    ? { ...wanted, quantity: before.quantity, unitPrice: before.unitPrice }
    : { ...wanted, quantity: '1', unitPrice: whole };
};

const product = (quantity: string, unitPrice: string, places: number): string =>
  rounded(exact(quantity).times(unitPrice), places);

/** Digits after the point in the currency of a document that is about to say this. */
const placesOf = (currency: unknown, { baseCurrency }: WaveCompany): number => {
  const known = typeof currency === 'string' ? currency : baseCurrency;
  return known === undefined ? 2 : minorUnits(known);
};

export const salesLines: Row<Content[], WaveCompany> = list('items', {
  forms: [line, lineOfSeveralTaxes],
  identity: ({ id }) => (typeof id === 'string' ? id : undefined),
  otherwise: 'must be a line of one tax at most',
  said: (lines, before: Before, change: Change, company) =>
    lines.map((one) => priced(one, before(one), placesOf(wireAt(change.at('currency'), 'code'), company))),
  refuses: (lines, before, company) => lines.flatMap((one, index) => lineFindings(one, before(one), index, company)),
});

const lineFindings = (
  wanted: Content,
  before: Content | undefined,
  index: number,
  { carrier }: WaveCompany,
): Finding[] => [
  ...((wanted.item ?? null) === null && carrier === undefined && (!before || before.item !== undefined)
    ? [
        finding(
          'required',
          'is required: Wave posts what is sold through products, and the business has none called “Invoice line”',
          `[${index}].item`,
        ),
      ]
    : []),
  ...(isDecimal(wanted.unitPrice) || isDecimal(wanted.amount)
    ? []
    : [finding('required', 'is required: Wave’s lines have a price', `[${index}].unitPrice`)]),
  ...countFindings(wanted, before, index),
];

/** A quantity beside an amount alone leaves the price open. */
const countFindings = (wanted: Content, before: Content | undefined, index: number): Finding[] => {
  const { quantity, unitPrice, amount: whole } = wanted;
  if (isDecimal(unitPrice) || !isDecimal(whole) || !isDecimal(quantity) || exact(quantity).equals('1')) return [];
  const stays =
    isDecimal(before?.quantity) &&
    exact(quantity).equals(before.quantity) &&
    isDecimal(before.amount) &&
    exact(whole).equals(before.amount);
  return stays ? [] : [finding('required', 'is required beside a quantity', `[${index}].unitPrice`)];
};

/** An amount that is not quantity times price cannot be held. */
export const amountFindings = (content: Content, company: WaveCompany): Finding[] => {
  if (!Array.isArray(content.lines)) return [];
  const places = placesOf(content.currency, company);
  return (content.lines as Content[]).flatMap(({ quantity, unitPrice, amount: whole }, index) => {
    if (!isDecimal(unitPrice) || !isDecimal(whole)) return [];
    const wanted = product(isDecimal(quantity) ? quantity : '1', unitPrice, places);
    return exact(wanted).equals(whole)
      ? []
      : [
          finding(
            'amount_of_price',
            `must be the quantity times the price, rounded to ${places} decimals`,
            `lines[${index}].amount`,
          ),
        ];
  });
};
