import {
  finding,
  isWireNumber,
  wireObjects,
  type Row,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content } from '../../../../domain/contract/index.js';
import { moneyAt } from './words.js';

/** The discount of a whole document; there is at most one (sheet 3.5). */

const digitsOf = (wire: Wire | undefined): string | undefined => {
  const said = isWireNumber(wire) ? wire.rawJSON : wire;
  return isDecimal(said) ? said : undefined;
};

/**
 * Whether ten percent is 10 or 0.1 there is not told. What the vendor computed tells it of a discount that is there;
 * nothing tells it of a new one, which is therefore refused.
 */
const percentIn = (percentage: string, record: WireObject): string => {
  const [off, of] = [moneyAt(record, 'discountTotal'), moneyAt(record, 'subtotal')];
  if (off === undefined || of === undefined || exact(of).isZero()) return percentage;
  const given = exact(off).abs().dividedBy(exact(of).abs()).times(100);
  const [percent, fraction] = [exact(percentage), exact(percentage).times(100)];
  return given.minus(fraction).abs().lessThan(given.minus(percent).abs()) ? fraction.toFixed() : percentage;
};

const discountOf = (record: WireObject | undefined): Content | undefined => {
  const [discount, ...others] = wireObjects(record?.discounts);
  if (!record || !discount || others.length > 0) return undefined;
  const percentage = digitsOf(discount.percentage);
  const amount = digitsOf(discount.amount);
  const said: Content | undefined =
    percentage !== undefined
      ? { percent: percentIn(percentage, record) }
      : amount !== undefined
        ? { amount }
        : undefined;
  return said && isNone(said) ? undefined : said;
};

const isNone = ({ percent, amount }: Content): boolean =>
  [percent, amount].every((value) => !isDecimal(value) || exact(value).isZero());

const sameDiscount = (one: Content | undefined, other: Content | undefined): boolean =>
  ['percent', 'amount'].every((name) => {
    const [a, b] = [one?.[name] ?? '0', other?.[name] ?? '0'];
    return isDecimal(a) && isDecimal(b) && exact(a).equals(b);
  });

export const documentDiscount: Row<Content> = {
  read: (record) => discountOf(record),
  write: (value, change) => {
    const old = discountOf(change.before);
    const wanted = value === null || isNone(value) ? undefined : value;
    if (sameDiscount(wanted, old)) return;
    if (!wanted) change.set('discounts', []);
    else if (isDecimal(wanted.amount)) change.set('discounts', [{ amount: exact(wanted.amount).toFixed() }]);
  },
  carries: () => ['', 'percent', 'amount'],
  refuses: (value, before) => {
    if (isNone(value) || sameDiscount(value, discountOf(before))) return [];
    if (isDecimal(value.percent) && !exact(value.percent).isZero())
      return [finding('not_held', 'must be an amount: how Wave reads percentages is not documented', 'percent')];
    return exact(value.amount as string).isNegative() ? [finding('min', 'must not be negative', 'amount')] : [];
  },
};
