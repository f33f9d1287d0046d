import { at, date, decided, text } from '../../../../domain/provider/mapping/index.js';
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

/** Sheet 3.12. */
export const bill = mapping(
  'bill',
  {
    contact: at('VendorRef', refTo('contact', 'Vendor')),

    issueDate: at('TxnDate', date()),
    dueDate: decided(at('DueDate', date())),
    paymentTerm: decided(at('SalesTermRef', refTo('payment_term'))),

    lines: expenseLines([HEADER_DEPARTMENT]),
    taxMode,
    currency,
    exchangeRate,

    number: at('DocNumber', text({ max: 21 })),
    reference: NO_REFERENCE,
    memo: at('PrivateNote', text({ max: 4000 })),

    state: posted,
    custom: NO_CUSTOM_FIELDS,

    subtotal: subtotalOfTotal,
    taxTotal,
    total,
    balance,
    paidState,
  },
  { ...documentTraits, decides: [...LINES_DECIDED, 'lines.account'] },
);
