import { at, choice, decided, finding, text, uncarried } from '../../../../domain/provider/mapping/index.js';
import {
  contact,
  currency,
  documentTraits,
  exchangeRate,
  NO_CUSTOM_FIELDS,
  subtotal,
  taxTotal,
  total,
  withState,
} from './document.js';
import { lines } from './lines.js';
import { day, mapping } from './words.js';

const FORWARD = ['draft', 'submitted', 'open', 'billed'];
const SHOWN: Readonly<Record<string, string>> = {
  DRAFT: 'draft',
  SUBMITTED: 'submitted',
  AUTHORISED: 'open',
  BILLED: 'billed',
};

/** Sheet 3.13. */
export const purchaseOrder = mapping(
  'purchase_order',
  {
    contact,
    shipTo: uncarried('Xero keeps the address of a delivery as one text.'),

    issueDate: at('Date', day()),
    deliveryDate: at('DeliveryDate', day()),

    lines: lines('percent'),
    currency,
    exchangeRate,

    number: decided(at('PurchaseOrderNumber', text({ max: 255 }))),
    memo: at('Reference', text({ max: 255 })),

    state: at('Status', choice({ draft: 'DRAFT', submitted: 'SUBMITTED', open: 'AUTHORISED', billed: 'BILLED' })),
    custom: NO_CUSTOM_FIELDS,

    subtotal,
    taxTotal,
    total,
  },
  {
    decides: documentTraits.decides,
    finish: documentTraits.finish,
    prepare: withState,
    // Whether an order ever goes back is uncertain.
    refuses: ({ state: wanted }, before) =>
      before &&
      typeof wanted === 'string' &&
      FORWARD.indexOf(wanted) < FORWARD.indexOf(SHOWN[String(before.Status)] ?? '')
        ? [finding('state_change', 'must not go back', 'state')]
        : [],
  },
);
