import { at, choice, decided, finding, text } from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import {
  contact,
  currency,
  documentTraits,
  exchangeRate,
  NO_ADDRESS,
  NO_CUSTOM_FIELDS,
  NO_DISCOUNT,
  NO_MEMO,
  subtotal,
  taxMode,
  taxTotal,
  total,
} from './document.js';
import { lines } from './lines.js';
import { day, mapping } from './words.js';

/** Sheet 3.12. */
export const quote = mapping(
  'quote',
  {
    contact,
    billingAddress: NO_ADDRESS,
    shippingAddress: NO_ADDRESS,

    issueDate: at('Date', day()),
    expiryDate: at('ExpiryDate', day()),

    lines: lines('both'),
    taxMode,
    discount: NO_DISCOUNT,
    currency,
    exchangeRate,

    number: decided(at('QuoteNumber', text({ max: 255 }))),
    reference: at('Reference', text({ max: 4000 })),
    memo: NO_MEMO,
    customerMessage: at('Summary', text({ max: 3000 })),

    state: at(
      'Status',
      choice({ draft: 'DRAFT', sent: 'SENT', accepted: 'ACCEPTED', declined: 'DECLINED', closed: 'INVOICED' }),
    ),
    custom: NO_CUSTOM_FIELDS,

    subtotal,
    taxTotal,
    total,
  },
  {
    decides: documentTraits.decides,
    finish: documentTraits.finish,
    prepare: (content, before) =>
      before || (content.state ?? null) !== null ? content : { ...content, state: 'draft' },
    refuses: ({ lines: said }) =>
      ((said ?? []) as Content[]).flatMap((line, index) =>
        typeof line.description === 'string' || typeof line.id === 'string'
          ? []
          : [finding('required', 'is required on a quote', `lines[${index}].description`)],
      ),
  },
);
