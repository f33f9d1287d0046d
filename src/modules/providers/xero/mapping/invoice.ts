import { at, decided, text } from '../../../../domain/provider/mapping/index.js';
import {
  balance,
  contact,
  currency,
  documentTraits,
  exchangeRate,
  NO_ADDRESS,
  NO_CUSTOM_FIELDS,
  NO_DISCOUNT,
  NO_MEMO,
  NO_MESSAGE,
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

/** Sheet 3.10. */
export const invoice = mapping(
  'invoice',
  {
    contact,
    billingAddress: NO_ADDRESS,
    shippingAddress: NO_ADDRESS,

    issueDate: at('Date', day()),
    dueDate: decided(at('DueDate', day())),
    paymentTerm: NO_TERM,

    lines: lines('both'),
    taxMode,
    discount: NO_DISCOUNT,
    currency,
    exchangeRate,

    number: decided(at('InvoiceNumber', text({ max: 255, without: /[^ -~]/, called: 'anything but printable ASCII' }))),
    reference: at('Reference', text({ max: 255 })),
    memo: NO_MEMO,
    customerMessage: NO_MESSAGE,

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
