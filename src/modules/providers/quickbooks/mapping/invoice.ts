import { at, date, decided, text } from '../../../../domain/provider/mapping/index.js';
import { customFields } from './custom-fields.js';
import { documentDiscount } from './discount.js';
import {
  balance,
  currency,
  documentTraits,
  exchangeRate,
  LINES_DECIDED,
  NO_REFERENCE,
  paidState,
  posted,
  taxTotal,
  total,
} from './document.js';
import { salesLines, salesSubtotal } from './sales-lines.js';
import { taxMode } from './tax.js';
import { address, mapping, refTo } from './words.js';

/** Sheet 3.8. */
export const invoice = mapping(
  'invoice',
  {
    contact: at('CustomerRef', refTo('contact', 'Customer')),
    billingAddress: decided(at('BillAddr', address())),
    shippingAddress: decided(at('ShipAddr', address())),

    issueDate: at('TxnDate', date()),
    dueDate: decided(at('DueDate', date())),
    paymentTerm: decided(at('SalesTermRef', refTo('payment_term'))),

    lines: salesLines,
    taxMode,
    discount: documentDiscount,
    currency,
    exchangeRate,

    number: decided(at('DocNumber', text({ max: 21 }))),
    reference: NO_REFERENCE,
    memo: at('PrivateNote', text({ max: 4000 })),
    customerMessage: at('CustomerMemo.value', text({ max: 1000 })),

    state: posted,
    custom: customFields((company) => company.salesFields),

    subtotal: salesSubtotal,
    taxTotal,
    total,
    balance,
    paidState,
  },
  { ...documentTraits, decides: LINES_DECIDED },
);
