import { Decimal, sum, zero } from '../../amounts.ts';
import type { Business } from '../business.ts';
import { plain, rounded } from '../currencies.ts';
import type { Problems } from '../problems.ts';
import type { Discount, Line, LineTax, Nullable, Product, SalesTax } from '../records.ts';
import { unknownReference } from '../references.ts';
import { rateOn } from './sales-taxes.ts';

/** Lines, taxes, the discount and the totals of invoices and estimates (sheet 3.5 and 8.1). */

export interface LineInput {
  productId: string;
  description?: string | null;
  quantity?: Decimal | null;
  unitPrice?: Decimal | null;
  taxes?: { salesTaxId: string }[] | null;
}

export interface DiscountInput {
  discountType: 'FIXED' | 'PERCENTAGE';
  name?: string | null;
  amount?: Decimal | null;
  percentage?: Decimal | null;
}

/** A line before any money is worked out. */
export interface LineDraft {
  id: string;
  product: Product;
  accountId: string;
  description: Nullable<string>;
  quantity: Decimal;
  unitPrice: Decimal;
  taxes: SalesTax[];
}

/** What has to be known of a form to compute it. */
export interface FormDraft {
  currency: string;
  /** The day whose tax rates apply. */
  day: string;
  lines: readonly LineDraft[];
  discount: Discount | undefined;
}

export interface Computed {
  items: Line[];
  discounts: Discount[];
  subtotal: string;
  discountTotal: string;
  taxTotal: string;
  total: string;
}

/** Quantities and prices of lines are kept with eight places (sheet 2.4). */
const LINE_PLACES = 8;

export function readLines(business: Business, inputs: readonly LineInput[], problems: Problems): LineDraft[] {
  return inputs.flatMap((input, index) => readLine(business, input, problems.below(['items', index])) ?? []);
}

function readLine(business: Business, input: LineInput, problems: Problems): LineDraft | undefined {
  const product = business.products.get(input.productId);
  if (!product) {
    unknownReference(business, problems, ['productId'], 'Product', input.productId);
    return undefined;
  }
  if (product.isArchived) problems.add(['productId'], 'The product is archived.');
  if (product.incomeAccountId === null) {
    problems.add(['productId'], 'The product has no income account, so it cannot be sold.');
    return undefined;
  }
  return {
    id: String(business.nextNumber()),
    product,
    accountId: product.incomeAccountId,
    description: input.description === undefined ? product.description : input.description,
    quantity: (input.quantity ?? new Decimal(1)).toDecimalPlaces(LINE_PLACES),
    unitPrice: (input.unitPrice ?? new Decimal(product.unitPrice)).toDecimalPlaces(LINE_PLACES),
    taxes: readTaxes(business, product, input, problems),
  };
}

/** No `taxes` at all means the product's own; an empty list means none. */
function readTaxes(business: Business, product: Product, input: LineInput, problems: Problems): SalesTax[] {
  const ids = input.taxes?.map((tax) => tax.salesTaxId) ?? product.defaultSalesTaxIds;
  return ids.flatMap((id, index) => {
    const tax = business.salesTaxes.get(id);
    if (!tax) unknownReference(business, problems, ['taxes', index, 'salesTaxId'], 'SalesTax', id);
    return tax ?? [];
  });
}

export function readDiscount(
  business: Business,
  inputs: readonly DiscountInput[],
  problems: Problems,
): Discount | undefined {
  const [input, ...others] = inputs;
  if (others.length > 0) problems.add(['discounts'], 'At most one discount is allowed.');
  if (!input) return undefined;
  const isFixed = input.discountType === 'FIXED';
  const field = isFixed ? 'amount' : 'percentage';
  const value = input[field];
  if (!value) {
    problems.required(['discounts', 0, field]);
    return undefined;
  }
  const most = isFixed ? undefined : business.switches.discountPercentage === 'percent' ? 100 : 1;
  if (value.isNegative() || (most !== undefined && value.gt(most))) {
    problems.add(['discounts', 0, field], 'The discount is out of range.');
  }
  const now = business.now();
  return {
    discountType: input.discountType,
    name: input.name ?? null,
    amount: isFixed ? value.toFixed() : null,
    percentage: isFixed ? null : value.toFixed(),
    createdAt: now,
    modifiedAt: now,
  };
}

/** The lines of a form that is there, as they would be read again. */
export function draftsOf(business: Business, items: readonly Line[]): LineDraft[] {
  return items.flatMap((line) => {
    const product = business.products.get(line.productId);
    if (!product) return [];
    return {
      id: line.id,
      product,
      accountId: line.accountId,
      description: line.description,
      quantity: new Decimal(line.quantity),
      unitPrice: new Decimal(line.unitPrice),
      taxes: line.taxes.flatMap(({ salesTaxId }) => business.salesTaxes.get(salesTaxId) ?? []),
    };
  });
}

/** Subtotals by line, the discount shared out before tax, tax by line and rate, and the totals. */
export function compute(
  business: Business,
  { currency, day, lines, discount }: FormDraft,
  problems: Problems,
): Computed {
  const subtotals = lines.map((line) => rounded(line.quantity.times(line.unitPrice), currency));
  const subtotal = sum(subtotals);
  const discountTotal = discount ? discountOf(business, discount, subtotal, currency) : zero;
  if (discount && discountTotal.gt(subtotal))
    problems.add(['discounts', 0], 'The discount is larger than the subtotal.');
  const kept = subtotal.isZero() ? new Decimal(1) : subtotal.minus(discountTotal).div(subtotal);
  const items = lines.map((line, index): Line => {
    const own = subtotals[index] as Decimal;
    const taxes = taxesOf(line.taxes, own.times(kept), currency, day);
    return {
      id: line.id,
      productId: line.product.id,
      accountId: line.accountId,
      description: line.description,
      quantity: line.quantity.toFixed(),
      unitPrice: line.unitPrice.toFixed(),
      taxes,
      subtotal: plain(own, currency),
      total: plain(own.plus(sum(taxes.map((tax) => new Decimal(tax.amount)))), currency),
    };
  });
  const taxTotal = sum(items.flatMap((item) => item.taxes.map((tax) => new Decimal(tax.amount))));
  const total = subtotal.minus(discountTotal).plus(taxTotal);
  if (total.isNegative() && !total.isZero()) problems.add(['items'], 'The total cannot be negative.');
  return {
    items,
    discounts: discount ? [discount] : [],
    subtotal: plain(subtotal, currency),
    discountTotal: plain(discountTotal, currency),
    taxTotal: plain(taxTotal, currency),
    total: plain(total, currency),
  };
}

function discountOf(business: Business, discount: Discount, subtotal: Decimal, currency: string): Decimal {
  if (discount.amount !== null) return rounded(new Decimal(discount.amount), currency);
  const share = new Decimal(discount.percentage ?? 0);
  const isPercent = business.switches.discountPercentage === 'percent';
  return rounded(subtotal.times(isPercent ? share.div(100) : share), currency);
}

/** Simple taxes are on the amount; compound ones on the amount and the simple taxes. */
function taxesOf(taxes: readonly SalesTax[], base: Decimal, currency: string, day: string): LineTax[] {
  const amountOf = (tax: SalesTax, on: Decimal) => rounded(on.times(rateOn(tax, day)), currency);
  const simple = sum(taxes.filter((tax) => !tax.isCompound).map((tax) => amountOf(tax, base)));
  return taxes.map((tax) => ({
    salesTaxId: tax.id,
    rate: rateOn(tax, day),
    amount: plain(amountOf(tax, tax.isCompound ? base.plus(simple) : base), currency),
  }));
}
