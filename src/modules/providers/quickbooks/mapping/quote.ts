import { at, choice, date, decided, text } from '../../../../domain/provider/mapping/index.js';
import { customFields } from './custom-fields.js';
import { documentDiscount } from './discount.js';
import { currency, documentTraits, exchangeRate, LINES_DECIDED, NO_REFERENCE, taxTotal, total } from './document.js';
import { salesLines, salesSubtotal } from './sales-lines.js';
import { taxMode } from './tax.js';
import { address, mapping, refTo } from './words.js';

/** Estimate, sheet 3.10. Which of two statuses it takes once it became an invoice is uncertain: both are closed. */
export const quote = mapping(
  'quote',
  {
    contact: at('CustomerRef', refTo('contact', 'Customer')),
    billingAddress: decided(at('BillAddr', address())),
    shippingAddress: decided(at('ShipAddr', address())),

    issueDate: at('TxnDate', date()),
    expiryDate: at('ExpirationDate', date()),

    lines: salesLines,
    taxMode,
    discount: documentDiscount,
    currency,
    exchangeRate,

    number: decided(at('DocNumber', text({ max: 21 }))),
    reference: NO_REFERENCE,
    memo: at('PrivateNote', text({ max: 4000 })),
    customerMessage: at('CustomerMemo.value', text({ max: 1000 })),

    state: decided(
      at(
        'TxnStatus',
        choice({ sent: 'Pending', accepted: 'Accepted', declined: 'Rejected', closed: ['Closed', 'Converted'] }),
      ),
    ),
    custom: customFields((company) => company.salesFields),

    subtotal: salesSubtotal,
    taxTotal,
    total,
  },
  { ...documentTraits, decides: LINES_DECIDED },
);
