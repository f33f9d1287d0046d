import {
  at,
  choice,
  date,
  decided,
  derived,
  finding,
  text,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import { exact, isDecimal, sum, type Content } from '../../../../domain/contract/index.js';
import { currency, documentTraits, exchangeRate, LINES_DECIDED, NO_CUSTOM_FIELDS, total } from './document.js';
import { expenseLines } from './expense-lines.js';
import { party } from './party.js';
import { priced } from './pricing.js';
import { taxMode } from './tax.js';
import { HEADER_DEPARTMENT } from './tracking.js';
import { mapping, refTo } from './words.js';
import type { CompanyFeatures } from '../quickbooks.features.js';

const negated = (value: string): string => exact('0').minus(value).toFixed();

/** The same line the other way round: its amount changes sign, and so does its quantity or else its price. */
const reversed = (line: Content): Content => {
  const { amount, quantity, unitPrice } = line;
  return {
    ...line,
    ...(isDecimal(amount) && { amount: negated(amount) }),
    ...(isDecimal(quantity)
      ? { quantity: negated(quantity) }
      : isDecimal(unitPrice) && { unitPrice: negated(unitPrice) }),
  };
};

const isRefund = (lines: readonly Content[]): boolean =>
  exact(sum(lines.map((line) => priced(line, undefined).amount).filter(isDecimal))).lessThan(0);

/** A refund is the vendor's flag `Credit` over positive amounts, and the contract's negative amounts (sheet 9.2). */
const refundable = (row: Row<Content[], CompanyFeatures>): Row<Content[], CompanyFeatures> => {
  const said = (lines: Content[]): Content[] => (isRefund(lines) ? lines.map(reversed) : lines);
  return {
    ...row,
    read: (record, company) => {
      const lines = row.read(record, company);
      return record.Credit === true ? lines?.map(reversed) : lines;
    },
    write: (value, change, company) => {
      if (value && isRefund(value) !== (change.at('Credit') === true)) change.set('Credit', isRefund(value));
      row.write!(value && said(value), change, company);
    },
    refuses: (value, before, company) => row.refuses!(said(value), before, company),
  };
};

const wayToPay = at('PaymentType', choice({ cash: 'Cash', check: 'Check', card: 'CreditCard' }));

/** The vendor must be told how it was paid; what it calls an expense is cash. */
const withMethod = (content: Content, before: WireObject | undefined): Content =>
  before ? content : { ...content, method: content.method ?? 'cash' };

/** Purchase, sheet 3.16: a check, cash, or a charge to a credit card. */
export const expense = mapping(
  'expense',
  {
    contact: at('EntityRef', party()),

    date: at('TxnDate', date()),

    lines: refundable(expenseLines([HEADER_DEPARTMENT])),
    taxMode,
    currency,
    exchangeRate,

    paidFromAccount: at('AccountRef', refTo('account')),
    method: decided(wayToPay),

    reference: at('DocNumber', text({ max: 21 })),
    memo: at('PrivateNote', text({ max: 4000 })),

    custom: NO_CUSTOM_FIELDS,

    total: derived((record, company) => {
      const said = total.read(record, company);
      return said !== undefined && record.Credit === true ? negated(said) : said;
    }),
  },
  {
    ...documentTraits,
    prepare: (content, before, company) => documentTraits.prepare(withMethod(content, before), before, company),
    decides: [...LINES_DECIDED, 'lines.account'],
    refuses: (content, before) => {
      const { lines, method = before && wayToPay.read(before, undefined) } = content;
      return Array.isArray(lines) && isRefund(lines as Content[]) && method !== 'card'
        ? [finding('refund_by_card', 'must be card: QuickBooks takes refunds on credit cards only', 'method')]
        : [];
    },
  },
);
