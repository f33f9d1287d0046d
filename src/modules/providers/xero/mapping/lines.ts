import {
  at,
  decided,
  decimal,
  finding,
  identity,
  isWireObject,
  list,
  ref,
  refused,
  sameWire,
  text,
  uncarried,
  wireObjects,
  type Change,
  type ElementForm,
  type Row,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, rounded, type Content } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { XeroCompany } from '../xero.features.js';
import { textAt, textOf } from '../xero.wire.js';
import { tracking } from './tracking.js';
import { accountCode, decimalOrZero, itemCode } from './words.js';

/** Lines of documents (sheet 3.1). */

/** A line that is only words: it names nothing and costs nothing. */
const isWords = (line: Content): boolean =>
  ['item', 'account', 'quantity', 'unitPrice', 'amount'].every((name) => (line[name] ?? null) === null);

const isNothing = (wire: Wire | undefined): boolean => {
  const digits = textOf(wire);
  return digits === undefined || (isDecimal(digits) && exact(digits).isZero());
};

/** The vendor may show zeroes on a line of words. */
const isWordsLine = (line: WireObject): boolean =>
  textAt(line, 'AccountCode') === undefined &&
  textAt(line, 'ItemCode') === undefined &&
  isNothing(line.UnitAmount) &&
  isNothing(line.LineAmount);

const isSome = (value: string): boolean => !exact(value).isZero();

/** Which discounts the lines of a document can have (sheet 3.1). */
type Discounts = 'both' | 'percent' | 'none';

const discountRows = (
  discounts: Discounts,
): Record<'discountPercent' | 'discountAmount', Row<string, XeroCompany>> => ({
  discountPercent:
    discounts === 'none'
      ? refused(isSome, 'must be absent: Xero gives no discount on lines of this document')
      : at('DiscountRate', decimalOrZero()),
  discountAmount:
    discounts === 'both'
      ? at('DiscountAmount', decimalOrZero())
      : refused(isSome, 'must be absent: Xero gives no discount of an amount on lines of this document'),
});

const id = identity(at('LineItemID', text()));
const NO_SERVICE_DATE = uncarried('Xero keeps no date on lines.');

const pricedLine = (discounts: Discounts): ElementForm<XeroCompany> => ({
  is: (line) => !isWordsLine(line),
  says: (line) => !isWords(line),
  start: {},
  table: {
    id,
    item: itemCode('ItemCode', 'Item.ItemID'),
    account: decided(accountCode('AccountCode', 'AccountID')),
    description: decided(at('Description', text({ max: 4000 }))),
    quantity: at('Quantity', decimal()),
    unitPrice: at('UnitAmount', decimal()),
    ...discountRows(discounts),
    amount: {
      ...at('LineAmount', decimal({ max: '9999999999.99' })),
      // It follows from quantity and price, and is refused where it is a cent off (sheet 3.1, 8 point 9).
      write: () => undefined,
    },
    taxRate: decided(at('TaxType', ref('tax_rate'))),
    serviceDate: NO_SERVICE_DATE,
    tracking,
  },
});

const wordsLine: ElementForm<XeroCompany> = {
  is: isWordsLine,
  says: isWords,
  start: {},
  table: { id, description: at('Description', text({ max: 4000 })) },
};

type Before = (line: Content) => Content | undefined;

/** The vendor keeps four places (sheet 2.3). */
const PLACES = 4;

/**
 * A line by the quantity and the price that make up its amount. Where only the amount is known, those that the vendor
 * shows for it are kept as long as the amount stays.
 */
export const priced = (line: Content, before: Content | undefined): Content => {
  const { quantity, unitPrice, amount } = line;
  if (isWords(line)) return line;
  if (isDecimal(unitPrice)) return isDecimal(quantity) ? line : { ...line, quantity: '1' };
  if (!isDecimal(amount)) return line;
  const stays = isDecimal(before?.amount) && exact(amount).equals(before.amount);
  const sameCount = !isDecimal(quantity) || (isDecimal(before?.quantity) && exact(quantity).equals(before.quantity));
  if (stays && sameCount && isDecimal(before?.unitPrice)) {
    return { ...line, unitPrice: before.unitPrice, quantity: before.quantity ?? '1' };
  }
  if (!isDecimal(quantity) || exact(quantity).isZero()) return { ...line, quantity: '1', unitPrice: amount };
  return { ...line, unitPrice: exact(amount).dividedBy(quantity).toDecimalPlaces(PLACES).toFixed() };
};

/** Quantity times price less the discount, rounded to cents (sheet 3.1). */
const worth = ({ quantity, unitPrice, discountPercent, discountAmount }: Content): string => {
  const gross = exact(unitPrice as string).times(isDecimal(quantity) ? quantity : '1');
  if (isDecimal(discountAmount)) return exact(rounded(gross, 2)).minus(discountAmount).toFixed();
  const share = isDecimal(discountPercent) ? exact('100').minus(discountPercent).dividedBy(100) : exact('1');
  return rounded(gross.times(share), 2);
};

const amountFindings = (lines: readonly Content[], before: Before): Finding[] =>
  lines.flatMap((line, index) => {
    if (isWords(line)) return [];
    const whole = priced(line, before(line));
    const at = (name: string): string => `[${index}].${name}`;
    if (!isDecimal(whole.unitPrice)) {
      return [finding('required', 'is required on a line that is more than a text', at('unitPrice'))];
    }
    const tooFine = ['quantity', 'unitPrice'].filter((name) => {
      const value = whole[name];
      return isDecimal(value) && exact(value).decimalPlaces() > PLACES;
    });
    if (tooFine.length > 0) {
      return tooFine.map((name) =>
        finding('places', 'must have at most four places', at(line[name] ? name : 'amount')),
      );
    }
    const { amount } = line;
    // What the vendor itself shows so, such as an amount that a person adjusted by cents, it takes again.
    const old = before(line);
    const stands = old && ['amount', 'quantity', 'unitPrice'].every((name) => sameNumber(whole[name], old[name]));
    return isDecimal(amount) && !stands && !exact(worth(whole)).equals(amount)
      ? [finding('amount_of_price', 'must be the quantity times the price less the discount, in cents', at('amount'))]
      : [];
  });

const sameNumber = (one: unknown, other: unknown): boolean =>
  isDecimal(one) && isDecimal(other) ? exact(one).equals(other) : one === other;

const bothDiscounts = (lines: readonly Content[]): Finding[] =>
  lines.flatMap(({ discountPercent, discountAmount }, index) =>
    [discountPercent, discountAmount].every((value) => isDecimal(value) && isSome(value))
      ? [finding('one_discount', 'must be absent beside a discount in percent', `[${index}].discountAmount`)]
      : [],
  );

const emptyWords = (lines: readonly Content[]): Finding[] =>
  lines.flatMap((line, index) =>
    isWords(line) && typeof line.description !== 'string'
      ? [finding('required', 'must say something', `[${index}]`)]
      : [],
  );

export const lines = (discounts: Discounts): Row<Content[], XeroCompany> =>
  list('LineItems', {
    forms: [pricedLine(discounts), wordsLine],
    identity: ({ id: is }) => (typeof is === 'string' ? is : undefined),
    otherwise: 'must cost something, or be a text alone',
    said: (elements, before) => elements.map((line) => priced(line, before(line))),
    refuses: (elements, before) => [
      ...emptyWords(elements),
      ...amountFindings(elements, before),
      ...bothDiscounts(elements),
    ],
  });

/** What the vendor shows of a line and takes from nobody. */
const ONLY_SHOWN = [
  'AccountID',
  'Item',
  'LineAmount',
  'TaxBreakdown',
  'Taxability',
  'SalesTaxCodeId',
  'ValidationErrors',
  'Warnings',
] as const;

/** Members from which a line's tax follows; a tax that a person set by hand stays only while they do. */
const TAXED_BY = ['Quantity', 'UnitAmount', 'DiscountRate', 'DiscountAmount', 'TaxType', 'ItemCode'] as const;

/** Lines as they may be sent: complete, with their ids, with the codes of today, and without what follows from the rest. */
export const tidyLines = (change: Change, { accounts, items }: XeroCompany): void => {
  const { LineItems: said } = change.sets;
  if (!Array.isArray(said)) return;
  const before = new Map(wireObjects(change.before?.LineItems).map((line) => [textAt(line, 'LineItemID'), line]));
  const retaxed = Object.hasOwn(change.sets, 'LineAmountTypes');
  change.sets.LineItems = said.map((line) => {
    if (!isWireObject(line)) return line;
    const old = before.get(textAt(line, 'LineItemID'));
    const stands = old && !retaxed && TAXED_BY.every((member) => sameWire(line[member], old[member]));
    const AccountCode = currentCode(line, 'AccountCode', 'AccountID', (one) => accounts.codeOf(one));
    const ItemCode = currentCode(line, 'ItemCode', 'Item.ItemID', (one) => items.codeOf(one));
    const hidden: readonly string[] = stands ? ONLY_SHOWN : [...ONLY_SHOWN, 'TaxAmount'];
    const kept = Object.fromEntries(Object.entries(line).filter(([member]) => !hidden.includes(member)));
    return { ...kept, ...AccountCode, ...ItemCode };
  });
};

/** Codes are people's to change: the id tells which record is meant (sheet 9.3). */
const currentCode = (
  line: WireObject,
  member: string,
  idPath: string,
  codeOf: (id: string) => string | undefined,
): WireObject => {
  const shown = textAt(line, idPath);
  const code = shown === undefined || textAt(line, member) === undefined ? undefined : codeOf(shown);
  return code === undefined ? {} : { [member]: code };
};
