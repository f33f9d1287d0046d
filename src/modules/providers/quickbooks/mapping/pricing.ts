import { finding, refused, type Row, type WireObject } from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, rounded, type Content } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';

/** What lines are worth, and which of them are worth anything (sheet 3.8, 3.12, 8 point 18). */

type Before = (line: Content) => Content | undefined;

/** A line that is only words: it names nothing and costs nothing. */
export const isWords = (line: Content): boolean =>
  ['item', 'account', 'quantity', 'unitPrice', 'amount'].every((name) => (line[name] ?? null) === null);

export const isDetail =
  (type: string) =>
  ({ DetailType }: WireObject): boolean =>
    DetailType === type;

/** Quantity times price, rounded to two decimals: any other amount is refused with 6070. */
const product = (quantity: string, unitPrice: string): string => rounded(exact(quantity).times(unitPrice), 2);

/**
 * A line with the amount that this vendor insists on. Where only the amount is known, the quantity and price that the
 * vendor shows for it are kept as long as the amount stays.
 */
export const priced = (line: Content, before: Content | undefined): Content => {
  const { quantity, unitPrice, amount } = line;
  if (isDecimal(unitPrice)) {
    const count = isDecimal(quantity) ? quantity : '1';
    return { ...line, quantity: count, amount: isDecimal(amount) ? amount : product(count, unitPrice) };
  }
  const stays = isDecimal(amount) && isDecimal(before?.amount) && exact(amount).equals(before.amount);
  const sameCount = !isDecimal(quantity) || (isDecimal(before?.quantity) && exact(quantity).equals(before.quantity));
  if (!stays || !sameCount || !isDecimal(before.unitPrice)) return line;
  return { ...line, unitPrice: before.unitPrice, ...(isDecimal(before.quantity) && { quantity: before.quantity }) };
};

/** What is certain to be refused of the lines' amounts. `multiplies` tells lines that have a quantity and a price. */
export const amountFindings = (
  lines: readonly Content[],
  before: Before,
  multiplies: (line: Content) => boolean,
): Finding[] =>
  lines.flatMap((line, index) => {
    if (isWords(line)) return [];
    const { amount, quantity, unitPrice } = priced(line, before(line));
    const path = `[${index}].amount`;
    if (typeof amount !== 'string')
      return [finding('required', 'is required on a line that is more than a text', path)];
    if (!isDecimal(amount)) return [finding('decimal', 'must have at most 15 digits before the point', path)];
    // What the vendor itself shows so, such as a line with a discount of its own, it takes again.
    const old = before(line);
    const stands = old && ['amount', 'quantity', 'unitPrice'].every((name) => sameNumber(line[name], old[name]));
    return multiplies(line) &&
      !stands &&
      isDecimal(unitPrice) &&
      !exact(product(quantity as string, unitPrice)).equals(amount)
      ? [finding('amount_of_price', 'must be the quantity times the price, rounded to two decimals', path)]
      : [];
  });

const sameNumber = (one: unknown, other: unknown): boolean =>
  isDecimal(one) && isDecimal(other) ? exact(one).equals(other) : one === other;

const isSome = (value: string): boolean => !exact(value).isZero();

/** Leaving a line's discount out would make the line cost more. */
export const NO_LINE_DISCOUNT: Record<'discountPercent' | 'discountAmount', Row<string>> = {
  discountPercent: refused(isSome, 'must be absent: QuickBooks gives discounts on the whole document only'),
  discountAmount: refused(isSome, 'must be absent: QuickBooks gives discounts on the whole document only'),
};
