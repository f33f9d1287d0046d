import { at, computed, date, decided, decimal, text, uncarried } from '../../../../domain/provider/mapping/index.js';
import {
  balance,
  currency,
  documentTraits,
  exchangeRate,
  LINES_DECIDED,
  NO_CUSTOM_FIELDS,
  NO_REFERENCE,
  paidState,
  posted,
  subtotalOfTotal,
  taxTotal,
  total,
} from './document.js';
import { expenseLines } from './expense-lines.js';
import { taxMode } from './tax.js';
import { HEADER_DEPARTMENT } from './tracking.js';
import { mapping, refTo } from './words.js';

/** Sheet 3.13; its amounts are positive, and its balance is what remains of it. */
export const vendorCredit = mapping(
  'vendor_credit',
  {
    contact: at('VendorRef', refTo('contact', 'Vendor')),

    issueDate: at('TxnDate', date()),

    lines: expenseLines([HEADER_DEPARTMENT]),
    taxMode,
    currency,
    exchangeRate,

    allocations: uncarried('QuickBooks applies a vendor credit by a bill payment, which is a record of its own.'),

    number: decided(at('DocNumber', text({ max: 21 }))),
    reference: NO_REFERENCE,
    memo: at('PrivateNote', text({ max: 4000 })),

    state: posted,
    custom: NO_CUSTOM_FIELDS,

    subtotal: subtotalOfTotal,
    taxTotal,
    total,
    balance,
    paidState,
    remaining: computed(at('Balance', decimal())),
  },
  { ...documentTraits, decides: [...LINES_DECIDED, 'lines.account'] },
);
