import { at, decided, text, uncarried } from '../../../../domain/provider/mapping/index.js';
import {
  balance,
  contact,
  currency,
  documentTraits,
  exchangeRate,
  NO_CUSTOM_FIELDS,
  NO_MEMO,
  NO_TERM,
  paidState,
  state,
  subtotal,
  taxMode,
  taxTotal,
  total,
  withDueDate,
  withState,
} from './document.js';
import { lines } from './lines.js';
import { day, mapping } from './words.js';

/** Sheet 3.10. The number is the vendor's own and may be there twice; people see it as the reference. */
export const bill = mapping(
  'bill',
  {
    contact,

    issueDate: at('Date', day()),
    dueDate: decided(at('DueDate', day())),
    paymentTerm: NO_TERM,

    lines: lines('none'),
    taxMode,
    currency,
    exchangeRate,

    number: at('InvoiceNumber', text({ max: 255 })),
    reference: uncarried('Xero keeps one number on a bill.'),
    memo: NO_MEMO,

    state,
    custom: NO_CUSTOM_FIELDS,

    subtotal,
    taxTotal,
    total,
    balance,
    paidState,
  },
  { ...documentTraits, prepare: (content, before) => withDueDate(withState(content, before), before) },
);
