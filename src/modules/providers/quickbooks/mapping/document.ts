import {
  at,
  computed,
  constant,
  decided,
  decimal,
  derived,
  finding,
  uncarried,
  when,
  wireAt,
  type Change,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, type Content } from '../../../../domain/contract/index.js';
import type { Finding } from '../../../../domain/provider/write.js';
import type { CompanyFeatures } from '../quickbooks.features.js';
import { settleDiscount } from './discount.js';
import { dropStaleTax, untaxed } from './tax.js';
import { codeRef, severalCurrencies } from './words.js';

/** What the transactions of this vendor have in common (sheet 3.0, 3.8). */

const currencyRef = at('CurrencyRef', codeRef());

/**
 * Never named to a company that works in one currency only. It is carried there all the same, and refused where it is
 * another one: an amount in euros must not be booked as dollars.
 */
export const currency: Row<string, CompanyFeatures> = decided({
  ...currencyRef,
  // A record has some currency, so that there is none any more cannot be said: the vendor keeps the one it has.
  write: (value, change, company: CompanyFeatures) => {
    if (company.multicurrency && value !== null) currencyRef.write!(value, change, company);
  },
  refuses: (value, _, company: CompanyFeatures) =>
    company.multicurrency || value === company.baseCurrency
      ? []
      : [
          finding(
            'feature_off',
            `must be ${company.baseCurrency ?? 'the company’s own'}: the company keeps one currency`,
          ),
        ],
});

/** The vendor takes it from the accounts that the record names; nobody else may say another one. */
export const ownCurrency: Row<string, CompanyFeatures> = { ...currency, write: () => undefined };

/** Home units for one foreign unit; left out, the vendor takes the rate it has stored. */
export const exchangeRate = decided(when(severalCurrencies, at('ExchangeRate', decimal())));

/** There are no drafts here: what the vendor has is posted, also where nothing is said of a state. */
export const posted = decided(constant('open', 'must be open: QuickBooks posts a document as soon as it has it'));

export const NO_CUSTOM_FIELDS = uncarried('QuickBooks has custom fields on sales forms and purchase orders only.');

export const NO_REFERENCE = uncarried('QuickBooks keeps no second number on this document.');

const amountAt = (record: WireObject, path: string): string | undefined => {
  const wire = wireAt(record, path);
  return wire === undefined ? undefined : decimal().read(wire, undefined);
};

export const taxTotal = computed(at('TxnTaxDetail.TotalTax', decimal()));

export const total = computed(at('TotalAmt', decimal()));

export const balance = computed(at('Balance', decimal()));

/** Where the vendor shows no subtotal: the total without its tax. */
export const subtotalOfTotal: Row<string> = derived((record) => {
  const whole = amountAt(record, 'TotalAmt');
  return (
    whole &&
    exact(whole)
      .minus(amountAt(record, 'TxnTaxDetail.TotalTax') ?? '0')
      .toFixed()
  );
});

/** There is no such field at the vendor; it follows from total and balance. */
export const paidState: Row<'unpaid' | 'partial' | 'paid'> = derived((record) => {
  const [whole, open] = [amountAt(record, 'TotalAmt'), amountAt(record, 'Balance')];
  if (whole === undefined || open === undefined || exact(whole).isZero()) return undefined;
  if (exact(open).isZero()) return 'paid';
  return exact(open).lessThan(whole) ? 'partial' : 'unpaid';
});

/** Paths inside lines that the vendor fills where nothing is said. */
export const LINES_DECIDED = ['lines.quantity', 'lines.unitPrice', 'lines.taxRate'] as const;

/** How the parts of a document with lines hang together. */
export const documentTraits = {
  prepare: (content: Content, _: WireObject | undefined, company: CompanyFeatures): Content =>
    untaxed(content, company),
  finish: (change: Change, company: CompanyFeatures): void => {
    settleDiscount(change);
    dropStaleTax(change, company);
  },
};

/** Numbers that this vendor gives no sign. */
export const notNegative = (path: string, value: unknown): Finding[] =>
  isDecimal(value) && exact(value).isNegative() && !exact(value).isZero()
    ? [finding('min', 'must not be negative', path)]
    : [];
