import { at, computed, date, decided, decimal, text, uncarried } from '../../../../domain/provider/mapping/index.js';
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

/** CreditMemo, sheet 3.9; its amounts are positive. */
export const creditNote = mapping(
  'credit_note',
  {
    contact: at('CustomerRef', refTo('contact', 'Customer')),
    billingAddress: decided(at('BillAddr', address())),
    shippingAddress: decided(at('ShipAddr', address())),

    issueDate: at('TxnDate', date()),

    lines: salesLines,
    taxMode,
    discount: documentDiscount,
    currency,
    exchangeRate,

    allocations: uncarried('QuickBooks applies a credit by a payment of zero, which is a payment record of its own.'),

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
    remaining: computed(at('RemainingCredit', decimal())),
  },
  { ...documentTraits, decides: LINES_DECIDED },
);
