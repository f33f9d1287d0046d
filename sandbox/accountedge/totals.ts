import { cents, decimal, Decimal, sum, zero } from '../amounts.ts';
import type { CompanyFile } from './company-file.ts';
import { refusal } from './problem.ts';
import type { Hidden, Line } from './record.ts';
import type { Members } from './shape.ts';

/** The arithmetic of sales and purchases (sheet 6.7): by line, half away from zero, nothing taken from the client but lines. */

const TOLERANCE = new Decimal('0.01');

/** Where a layout keeps how many of what price a line is. */
export interface Measure {
  quantity: string;
  price: string;
}

export function countsMoney(line: Line): boolean {
  return line.Type !== 'Header' && line.Type !== 'SubTotal';
}

/** Completes the totals of all lines and of the document; the tax of each line is remembered for the books. */
export function totalUp(members: Members, hidden: Hidden, file: CompanyFile, measure: Measure | undefined): void {
  const lines = members.Lines as Line[];
  const isInclusive = members.IsTaxInclusive === true;
  let sinceSubTotal = zero;
  for (const [index, line] of lines.entries()) {
    if (line.Type === 'SubTotal') {
      line.Total = sinceSubTotal.toNumber();
      sinceSubTotal = zero;
    }
    if (!countsMoney(line)) continue;
    line.Total = lineTotal(line, measure, `Lines[${index}].Total`).toNumber();
    sinceSubTotal = sinceSubTotal.plus(line.Total);
  }
  const taxes = lines.map((line) =>
    countsMoney(line) ? taxOf(decimal(line.Total), line.TaxCode, isInclusive, file) : zero,
  );
  const freight = decimal(members.Freight);
  const freightTax = taxOf(freight, members.FreightTaxCode, isInclusive, file);
  hidden.taxes = taxes.map((tax) => tax.toString());
  hidden.freightTax = freightTax.toString();
  const subtotal = sum(lines.filter(countsMoney).map((line) => decimal(line.Total)));
  const tax = sum(taxes).plus(freightTax);
  members.Subtotal = subtotal.toNumber();
  members.TotalTax = tax.toNumber();
  members.TotalAmount = subtotal
    .plus(freight)
    .plus(isInclusive ? zero : tax)
    .toNumber();
}

/** Quantity times price less discount; a total that was sent may be a cent off, no more. */
function lineTotal(line: Line, measure: Measure | undefined, path: string): Decimal {
  const sent = line.Total ?? null;
  const quantity = measure && (line[measure.quantity] as number | null | undefined);
  const price = measure && (line[measure.price] as number | null | undefined);
  const share = new Decimal(1).minus(decimal(line.DiscountPercent).dividedBy(100));
  // A count of nothing beside an amount is a count nobody made.
  const isCounted =
    typeof quantity === 'number' && typeof price === 'number' && (quantity !== 0 || measure?.quantity !== 'UnitCount');
  if (isCounted) {
    const computed = cents(decimal(quantity).times(price).times(share));
    if (sent === null) return computed;
    if (computed.minus(sent).abs().greaterThan(TOLERANCE)) throw refusal('LineTotalMismatch', path);
    return decimal(sent);
  }
  if (sent === null) throw refusal('Required', path);
  if (measure && typeof quantity === 'number' && quantity !== 0 && !share.isZero()) {
    line[measure.price] = decimal(sent).dividedBy(share.times(quantity)).toDecimalPlaces(6).toNumber();
  }
  return decimal(sent);
}

/** The tax that is on an amount, or in it. */
export function taxOf(amount: Decimal, taxCode: unknown, isInclusive: boolean, file: CompanyFile): Decimal {
  const code = file.linked(taxCode);
  if (!code || amount.isZero()) return zero;
  const rate = decimal(code.Rate).times(code.IsRateNegative === true ? -1 : 1);
  return cents(amount.times(rate).dividedBy(isInclusive ? rate.plus(100) : 100));
}

/** An amount of the file's own currency in the foreign one of the document. */
export function inForeign(amount: unknown, rate: unknown): number | null {
  const by = decimal(rate);
  return by.isZero() || typeof amount !== 'number' ? null : cents(decimal(amount).dividedBy(by)).toNumber();
}
