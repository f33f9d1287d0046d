import {
  amount,
  choice,
  currencyCode,
  date,
  decimal,
  exchangeRate,
  list,
  object,
  percent,
  ref,
  text,
  type Derive,
  type Field,
  type FieldOptions,
} from '../field.js';
import { exact, isDecimal, minorUnits, rounded } from '../decimal.js';
import type { KindRule } from '../kind.js';

/** Pieces that the documents share, so that each kind's table shows only what is its own. */

const addressFields = {
  line1: text(500),
  line2: text(500),
  line3: text(500),
  city: text(255),
  region: text(255),
  postalCode: text(50),
  country: text(255),
} as const;

export const address = (options?: FieldOptions) => object(addressFields, options);

export const addresses = () =>
  list({ type: choice(['billing', 'shipping'], { required: true }), ...addressFields }, { key: 'type', most: 2 });

export const phones = () =>
  list(
    { type: choice(['main', 'mobile', 'alternate', 'fax'], { required: true }), number: text(50, { required: true }) },
    { key: 'type', most: 4 },
  );

/** Which values of the customer's own dimensions (classes, departments, jobs…) a line counts for; since version 2. */
export const tracking = () =>
  list(
    { dimension: text(100, { required: true }), category: ref('tracking_category', { required: true }) },
    { key: 'dimension', most: 10, since: 2 },
  );

/** A line's amount is quantity × price less its discount, rounded to the currency, unless it was stated. */
const withAmount: Derive = (line, document) => {
  const { quantity, unitPrice, discountPercent, discountAmount } = line;
  if (isDecimal(line.amount) || !isDecimal(unitPrice)) return line;
  const gross = exact(unitPrice).times(isDecimal(quantity) ? quantity : '1');
  const off = isDecimal(discountAmount)
    ? exact(discountAmount)
    : gross.times(isDecimal(discountPercent) ? discountPercent : '0').dividedBy(100);
  const places = typeof document.currency === 'string' ? minorUnits(document.currency) : 2;
  return { ...line, amount: rounded(gross.minus(off), places) };
};

export const lines = () =>
  list(
    {
      id: text(100),
      item: ref('item'),
      account: ref('account'),
      description: text(4000),
      quantity: decimal(),
      unitPrice: decimal(),
      discountPercent: percent({ zeroIsNone: true }),
      discountAmount: amount({ zeroIsNone: true }),
      amount: amount(),
      taxRate: ref('tax_rate'),
      serviceDate: date(),
      tracking: tracking(),
    },
    { key: 'id', most: 10_000, required: true, derive: withAmount },
  );

/** What of a payment or credit settles which document. */
export const allocations = (to: readonly ('invoice' | 'credit_note' | 'bill' | 'vendor_credit')[]) =>
  list({ document: ref(to, { required: true }), amount: amount({ required: true }) }, { most: 10_000 });

export const taxMode = (): Field<'exclusive' | 'inclusive' | 'none'> => choice(['exclusive', 'inclusive', 'none']);

export const discount = () => object({ percent: percent({ zeroIsNone: true }), amount: amount({ zeroIsNone: true }) });

export const currency = { currency: currencyCode(), exchangeRate: exchangeRate() } as const;

export const totals = { subtotal: amount(), taxTotal: amount(), total: amount() } as const;

export const settlement = { balance: amount(), paidState: choice(['unpaid', 'partial', 'paid']) } as const;

interface Allocated {
  readonly amount?: unknown;
  readonly allocations?:
    readonly { readonly amount?: unknown; readonly document?: { readonly kind?: string } }[] | null;
}

/** Money may not be handed out twice: what is applied to debts, less the credits used up, is at most the amount. */
export const allocationsWithinAmount = (debt: string): KindRule => ({
  path: 'allocations',
  rule: 'within_amount',
  message: 'the allocations add up to more than the amount and the credits used',
  holds: (content) => {
    const { amount: whole, allocations: parts } = content as Allocated;
    if (!isDecimal(whole) || !Array.isArray(parts)) return true;
    const applied = parts.reduce(
      (sum, part) =>
        !isDecimal(part.amount) ? sum : part.document?.kind === debt ? sum.plus(part.amount) : sum.minus(part.amount),
      exact('0'),
    );
    return applied.lessThanOrEqualTo(exact(whole));
  },
});
