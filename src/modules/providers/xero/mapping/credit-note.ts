import { at, decided, text, uncarried } from '../../../../domain/provider/mapping/index.js';
import { finding } from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import { allocations } from './allocations.js';
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
  paidState,
  remaining,
  state,
  subtotal,
  taxMode,
  taxTotal,
  total,
} from './document.js';
import { lines } from './lines.js';
import { day, mapping } from './words.js';

/** Sheet 3.11. */

/** Only an approved credit can be allocated. */
const draftAllocated = ({ state: said, allocations: parts }: Content, before: { Status?: unknown } | undefined) => {
  const posts = (said ?? null) === null ? before === undefined || isPosted(before.Status) : said === 'open';
  return Array.isArray(parts) && parts.length > 0 && !posts
    ? [finding('draft', 'must be absent on a draft', 'allocations')]
    : [];
};

const isPosted = (status: unknown): boolean => status === 'AUTHORISED' || status === 'PAID';

const traits: typeof documentTraits = {
  ...documentTraits,
  refuses: (content, before) => [...documentTraits.refuses(content, before), ...draftAllocated(content, before)],
};

const money = {
  lines: lines('none'),
  taxMode,
  currency,
  exchangeRate,
};

const computedAmounts = { subtotal, taxTotal, total, balance, paidState, remaining };

export const creditNote = mapping(
  'credit_note',
  {
    contact,
    billingAddress: NO_ADDRESS,
    shippingAddress: NO_ADDRESS,

    issueDate: at('Date', day()),

    ...money,
    discount: NO_DISCOUNT,

    allocations: allocations('invoice'),

    number: decided(
      at('CreditNoteNumber', text({ max: 255, without: /[^ -~]/, called: 'anything but printable ASCII' })),
    ),
    reference: at('Reference', text({ max: 255 })),
    memo: NO_MEMO,
    customerMessage: NO_MESSAGE,

    state,
    custom: NO_CUSTOM_FIELDS,

    ...computedAmounts,
  },
  traits,
);

export const vendorCredit = mapping(
  'vendor_credit',
  {
    contact,

    issueDate: at('Date', day()),

    ...money,

    allocations: allocations('bill'),

    number: at('CreditNoteNumber', text({ max: 255 })),
    reference: uncarried('Xero keeps one number on a vendor’s credit.'),
    memo: NO_MEMO,

    state,
    custom: NO_CUSTOM_FIELDS,

    ...computedAmounts,
  },
  traits,
);
