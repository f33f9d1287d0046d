import { amount, cents, Decimal, decimal } from '../amounts.ts';
import type { Line } from './entity.ts';
import type { Draft } from './rules.ts';
import {
  choice,
  date,
  detail,
  free,
  group,
  list,
  money,
  readOnly,
  reference,
  text,
  whole,
  type GroupField,
  type Shape,
} from './shape.ts';
import { faults } from './vendor-fault.ts';

export const linkedTxn = list(group({ TxnId: text(50), TxnType: text(50), TxnLineId: text(50) }, 'TxnId', 'TxnType'));

/** Lines that only carry words; the detail goes by another name than the DetailType. */
const TEXT_LINE: Shape = { DescriptionLineDetail: detail({ ServiceDate: date(), TaxCodeRef: reference('TaxCode') }) };

/** The shape of a line with the details an entity allows, each under the name of its DetailType. */
export function lineShape(details: Shape, textLines: boolean): GroupField {
  return group(
    {
      Id: text(50),
      LineNum: whole(0, 100_000),
      Description: text(4000),
      Amount: money(),
      DetailType: choice(...Object.keys(details), ...(textLines ? ['DescriptionOnly'] : [])),
      LinkedTxn: linkedTxn,
      LineEx: readOnly(free()),
      CustomField: free(),
      ...details,
      ...(textLines && TEXT_LINE),
    },
    'DetailType',
  );
}

/** The detail object that a line's DetailType names; made when missing, copied so that it can be completed. */
export function detailOfLine(line: Line): Record<string, unknown> {
  const own = { ...(line[line.DetailType] as Record<string, unknown> | undefined) };
  line[line.DetailType] = own;
  return own;
}

/**
 * Amount must be what quantity and price say (6070); what is missing of the three is derived. With inclusive prices the
 * gross amount may be the one that agrees.
 */
export function settleQuantity(line: Line, detail: Record<string, unknown>): void {
  if (line.Amount === undefined) throw faults.missing('Amount');
  const stated = decimal(line.Amount);
  const gross = decimal(detail.TaxInclusiveAmt ?? line.Amount);
  const price = detail.UnitPrice;
  const quantity = detail.Qty;
  if (price === undefined && quantity === undefined) {
    detail.Qty = 1;
    detail.UnitPrice = line.Amount;
    return;
  }
  if (price === undefined) {
    const each = decimal(quantity).isZero() ? stated : stated.dividedBy(decimal(quantity));
    detail.UnitPrice = each.toDecimalPlaces(7).toNumber();
    return;
  }
  detail.Qty ??= 1;
  const product = cents(decimal(price).times(decimal(detail.Qty)));
  const expected = product.minus(lineDiscount(detail, product));
  if (!expected.equals(stated) && !expected.equals(gross)) throw faults.miscalculated(line.Amount);
}

function lineDiscount(detail: Record<string, unknown>, product: Decimal): Decimal {
  if (detail.DiscountAmt !== undefined) return decimal(detail.DiscountAmt);
  if (detail.DiscountRate !== undefined) return cents(product.times(decimal(detail.DiscountRate)).dividedBy(100));
  return new Decimal(0);
}

/** A line as a void leaves it: there, but worth nothing. */
export function zeroed(line: Line): Line {
  const empty: Line = { ...line, ...(line.Amount !== undefined && { Amount: amount(new Decimal(0)) }) };
  const detail = line[line.DetailType] as Record<string, unknown> | undefined;
  if (!detail) return empty;
  const copy = { ...detail };
  if (copy.Qty !== undefined) copy.Qty = 0;
  if (copy.TaxInclusiveAmt !== undefined) copy.TaxInclusiveAmt = 0;
  if (Array.isArray(copy.Line)) copy.Line = (copy.Line as Line[]).map(zeroed);
  empty[line.DetailType] = copy;
  return empty;
}

/** Lines sent with an id the transaction knows keep it; every other line gets an id never used before (sheet 3.0). */
export function numberLines(draft: Draft, lines: readonly Line[]): void {
  const { hidden, previous } = draft;
  const known = new Set(allLines(previous?.Line ?? []).map((line) => line.Id));
  const taken = new Set<string>();
  let next = hidden.nextLine ?? 1;
  for (const line of allLines(lines)) {
    const kept = line.Id !== undefined && known.has(line.Id) && !taken.has(line.Id);
    if (!kept) line.Id = String(next++);
    taken.add(line.Id as string);
  }
  lines.forEach((line, index) => {
    line.LineNum = index + 1;
  });
  hidden.nextLine = next;
}

function allLines(lines: readonly Line[]): Line[] {
  return lines.flatMap((line) => {
    const parts = (line.GroupLineDetail as { Line?: Line[] } | undefined)?.Line ?? [];
    return line.DetailType === 'SubTotalLineDetail' ? [] : [line, ...parts];
  });
}
