import {
  at,
  decided,
  derived,
  finding,
  uncarried,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, type Content } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { WaveCompany } from '../wave.company.js';
import { documentDiscount } from './discount.js';
import { amountFindings, salesLines } from './sales-lines.js';
import { code, digits, kept, money, moneyAt, NO_CUSTOM_FIELDS, refTo, words } from './words.js';

/** What invoices and estimates have in common (sheet 3.5, 7 points 6 to 8). */

const currencyOf: Row<string, WaveCompany> = at('currency', code());

const currency = kept(currencyOf);

/** Home units for one foreign unit; left out, the vendor takes the day's. */
const exchangeRate = kept(at('exchangeRate', digits(10)));

/** Taxes come on top of the lines; a document without any tax says so by its lines. */
const taxMode = decided<'exclusive' | 'inclusive' | 'none', unknown>({
  read: () => 'exclusive',
  write: () => undefined,
  carries: () => [''],
  refuses: (value) =>
    value === 'inclusive'
      ? [finding('tax_inclusive', 'must be exclusive or none: Wave adds taxes on top of the lines')]
      : [],
});

const OF_CUSTOMER = uncarried('Wave’s documents show the addresses of the customer.');

export const salesFields = {
  contact: at('customer', refTo('contact', 'Customer')),
  billingAddress: OF_CUSTOMER,
  shippingAddress: OF_CUSTOMER,

  lines: salesLines,
  taxMode,
  discount: documentDiscount,
  currency,
  exchangeRate,

  reference: at('poNumber', words()),
  memo: uncarried('Wave’s documents have no note that the customer does not see.'),
  customerMessage: at('memo', words()),

  custom: NO_CUSTOM_FIELDS,

  subtotal: money('subtotal'),
  taxTotal: money('taxTotal'),
  total: money('total'),
} as const;

/** It follows from what is due and what was to be paid. */
export const paidState: Row<'unpaid' | 'partial' | 'paid'> = derived((record) => {
  const [whole, open] = [moneyAt(record, 'total'), moneyAt(record, 'amountDue')];
  if (whole === undefined || open === undefined || exact(whole).isZero()) return undefined;
  if (exact(open).lessThanOrEqualTo(0)) return 'paid';
  return exact(open).lessThan(whole) ? 'partial' : 'unpaid';
});

/** Nothing else than the lines says that nothing is taxed. */
const untaxed = (content: Content): Content =>
  content.taxMode === 'none' && Array.isArray(content.lines)
    ? { ...content, lines: (content.lines as Content[]).map((line) => ({ ...line, taxRate: null })) }
    : content;

/** The business's own currency is always said, because whose it would be otherwise is not told for certain. */
const inCurrency = (content: Content, before: WireObject | undefined, { baseCurrency }: WaveCompany): Content =>
  before || (content.currency ?? null) !== null || baseCurrency === undefined
    ? content
    : { ...content, currency: baseCurrency };

export const salesTraits = {
  prepare: (content: Content, before: WireObject | undefined, company: WaveCompany): Content =>
    untaxed(inCurrency(content, before, company)),
  decides: ['lines.quantity', 'lines.unitPrice'],
  refuses: (content: Content, before: WireObject | undefined, company: WaveCompany): Finding[] => [
    ...(company.classicInvoicing
      ? [finding('feature_off', 'cannot be held: this business is in Wave’s old invoicing, which has no API', 'lines')]
      : []),
    ...amountFindings(before ? { currency: currencyOf.read(before, company) ?? null, ...content } : content, company),
  ],
};
