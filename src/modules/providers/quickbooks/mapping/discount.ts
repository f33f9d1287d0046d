import {
  at,
  decimal,
  finding,
  isWireObject,
  object,
  wireAt,
  wireNumber,
  wireObjects,
  type Change,
  type Row,
  type Wire,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, rounded, type Content } from '../../../../domain/contract/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { isDetail } from './pricing.js';

/** The discount of a whole document is a line among its lines (sheet 3.8): its positive amount reduces the total. */

const isDiscount = isDetail('DiscountLineDetail');
const isSubtotal = isDetail('SubTotalLineDetail');

const byPercent = object({ percent: at('DiscountLineDetail.DiscountPercent', decimal()) });
const byAmount = object({ amount: at('Amount', decimal()) });

const discountOf = (line: WireObject | undefined): Content | undefined => {
  if (!line) return undefined;
  const percent =
    wireAt(line, 'DiscountLineDetail.PercentBased') === true ? byPercent.read(line, undefined) : undefined;
  const said = percent ?? byAmount.read(line, undefined);
  return said && isNone(said) ? undefined : said;
};

const isNone = ({ percent, amount }: Content): boolean =>
  [percent, amount].every((value) => !isDecimal(value) || exact(value).isZero());

const lineOf = (record: WireObject | undefined): WireObject | undefined => wireObjects(record?.Line).find(isDiscount);

const sameDiscount = (one: Content | undefined, other: Content | undefined): boolean =>
  ['percent', 'amount'].every((name) => {
    const [a, b] = [one?.[name] ?? '0', other?.[name] ?? '0'];
    return isDecimal(a) && isDecimal(b) && exact(a).equals(b);
  });

/**
 * Carried also where the company gives no discounts, and refused there: a document without its discount would ask for
 * more money than was meant.
 */
export const documentDiscount: Row<Content, CompanyFeatures> = {
  read: (record) => discountOf(lineOf(record)),
  write: (value, change, company) => {
    const lines = wireObjects(change.at('Line')).filter((line) => !isSubtotal(line));
    const position = lines.findIndex(isDiscount);
    const old = lines[position];
    const wanted = value === null || isNone(value) ? undefined : value;
    if (!company.discounts || sameDiscount(wanted, discountOf(old))) return;
    const rest = lines.filter((line) => line !== old);
    if (wanted) rest.splice(old ? position : rest.length, 0, discountLine(wanted, old));
    change.set('Line', rest);
  },
  carries: () => ['', 'percent', 'amount'],
  refuses: (value, before, company) => {
    if (isNone(value) || sameDiscount(value, discountOf(lineOf(before)))) return [];
    if (!company.discounts) return [finding('feature_off', 'must be absent: this company does not give discounts')];
    return isDecimal(value.percent) && isDecimal(value.amount)
      ? [finding('one_of', 'must have a percentage or an amount, and not both')]
      : [];
  },
};

const discountLine = (value: Content, old: WireObject | undefined): WireObject => {
  const { DiscountPercent: _, ...detail } = isWireObject(old?.DiscountLineDetail) ? old.DiscountLineDetail : {};
  const start: WireObject = { ...(old ?? { DetailType: 'DiscountLineDetail' }) };
  return isDecimal(value.percent)
    ? {
        ...start,
        DiscountLineDetail: {
          ...detail,
          PercentBased: true,
          DiscountPercent: decimal().write(value.percent, undefined, undefined),
        },
      }
    : {
        ...start,
        Amount: decimal().write(value.amount as string, old?.Amount, undefined),
        DiscountLineDetail: { ...detail, PercentBased: false },
      };
};

/** A percentage keeps pace with the lines that it is of. */
export const settleDiscount = (change: Change): void => {
  const lines = wireObjects(change.sets.Line).filter((line) => !isSubtotal(line));
  const percent = discountOf(lines.find(isDiscount))?.percent;
  if (!isDecimal(percent)) return;
  const subtotal = lines
    .filter((line) => !isDiscount(line))
    .reduce((total, { Amount }) => total.plus(amountOf(Amount)), exact('0'));
  const Amount = wireNumber(exact(rounded(subtotal.times(percent).dividedBy(100), 2)).toFixed());
  change.set(
    'Line',
    lines.map((line) => (isDiscount(line) ? { ...line, Amount } : line)),
  );
};

const amountOf = (wire: Wire | undefined): string =>
  wire === undefined ? '0' : (decimal().read(wire, undefined) ?? '0');
