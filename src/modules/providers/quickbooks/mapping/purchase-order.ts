import { at, choice, date, decided, text } from '../../../../domain/provider/mapping/index.js';
import { customFields } from './custom-fields.js';
import { currency, documentTraits, exchangeRate, LINES_DECIDED, subtotalOfTotal, taxTotal, total } from './document.js';
import { expenseLines } from './expense-lines.js';
import { HEADER_CLASS } from './tracking.js';
import { address, mapping, refTo } from './words.js';

/** Sheet 3.15; it posts nothing, and the vendor closes it when all of it is billed. */
export const purchaseOrder = mapping(
  'purchase_order',
  {
    contact: at('VendorRef', refTo('contact', 'Vendor')),
    shipTo: decided(at('ShipAddr', address())),

    issueDate: at('TxnDate', date()),
    deliveryDate: at('DueDate', date()),

    lines: expenseLines([HEADER_CLASS]),
    currency,
    exchangeRate,

    number: decided(at('DocNumber', text({ max: 21 }))),
    memo: at('PrivateNote', text({ max: 4000 })),

    state: decided(at('POStatus', choice({ open: 'Open', closed: 'Closed' }))),
    custom: customFields((company) => company.orderFields),

    subtotal: subtotalOfTotal,
    taxTotal,
    total,
  },
  { ...documentTraits, decides: [...LINES_DECIDED, 'lines.account'] },
);
