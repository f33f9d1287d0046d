import type { Content } from '../../demo/shop.ts';
import type { KindName } from '../../src/domain/contract/index.js';
import { TODAY } from './company.js';

const ref = (kind: KindName, id: string): Content => ({ kind, id });

/** An office that designs gardens, as the shop has it: one record of each kind that a program can enter in books. */
export const OFFICE: Readonly<Record<Exclude<KindName, 'company'>, Content>> = {
  account: { name: 'Workshops', type: 'income', description: 'What workshops bring in' },
  tax_rate: { name: 'Levy', rate: '7.25', agency: 'Department of Revenue', appliesTo: 'sales' },
  payment_term: { name: 'Net 20', dueDays: 20 },
  tracking_category: { dimension: 'class', name: 'North' },
  contact: { displayName: 'Ada Meadows', isCustomer: true, email: 'ada@meadows.example' },
  item: {
    name: 'Workshop',
    type: 'service',
    salePrice: '120',
    saleAccount: ref('account', 'account'),
    description: 'One day with a gardener',
  },
  quote: sale({ state: 'sent' }),
  invoice: sale({ paymentTerm: ref('payment_term', 'payment_term') }),
  credit_note: sale({}),
  payment: {
    contact: ref('contact', 'contact'),
    date: TODAY,
    amount: '240',
    allocations: [{ document: ref('invoice', 'invoice'), amount: '240' }],
    memo: 'paid at the door',
  },
  purchase_order: purchase({ state: 'open' }),
  bill: purchase({}),
  vendor_credit: purchase({}),
  bill_payment: {
    contact: ref('contact', 'supplier'),
    date: TODAY,
    amount: '80.5',
    method: 'check',
    paidFromAccount: ref('account', 'bank'),
    allocations: [{ document: ref('bill', 'bill'), amount: '80.5' }],
    memo: 'by post',
  },
  expense: {
    date: TODAY,
    method: 'cash',
    paidFromAccount: ref('account', 'bank'),
    lines: [{ id: '1', account: ref('account', 'costs'), amount: '12.75', description: 'Seeds' }],
    memo: 'seeds',
  },
  journal_entry: {
    date: TODAY,
    lines: [
      { id: '1', account: ref('account', 'costs'), side: 'debit', amount: '20' },
      { id: '2', account: ref('account', 'bank'), side: 'credit', amount: '20' },
    ],
    memo: 'corrected',
  },
  transfer: {
    date: TODAY,
    fromAccount: ref('account', 'bank'),
    toAccount: ref('account', 'savings'),
    amount: '500',
    memo: 'put aside',
  },
};

/** What the others need besides. */
export const BESIDES: readonly { readonly kind: KindName; readonly id: string; readonly content: Content }[] = [
  { kind: 'account', id: 'bank', content: { name: 'Till', type: 'bank' } },
  { kind: 'account', id: 'savings', content: { name: 'Savings for winter', type: 'bank' } },
  { kind: 'account', id: 'costs', content: { name: 'Seeds and soil', type: 'expense' } },
  // Here a name belongs to a customer or to a vendor, never to both.
  { kind: 'contact', id: 'supplier', content: { displayName: 'Vera Loam', isVendor: true } },
];

/** What the shop edits of a record later. */
export const editedByShop = (kind: KindName): Content => EDITS[kind] ?? { memo: 'said by the shop' };

const EDITS: Readonly<Partial<Record<KindName, Content>>> = {
  account: { description: 'said by the shop' },
  item: { description: 'said by the shop' },
  contact: { companyName: 'Meadows by the Shop' },
  payment_term: { name: 'By the shop' },
  tracking_category: { name: 'By the shop' },
};

function sale(more: Content): Content {
  return {
    contact: ref('contact', 'contact'),
    issueDate: TODAY,
    taxMode: 'none',
    lines: [
      {
        id: '1',
        item: ref('item', 'item'),
        description: 'A day in May',
        quantity: '2',
        unitPrice: '120',
        tracking: [{ dimension: 'class', category: ref('tracking_category', 'tracking_category') }],
      },
    ],
    memo: 'a workshop',
    ...more,
  };
}

function purchase(more: Content): Content {
  return {
    contact: ref('contact', 'supplier'),
    issueDate: TODAY,
    lines: [{ id: '1', account: ref('account', 'costs'), description: 'Soil', amount: '80.5' }],
    memo: 'soil',
    ...more,
  };
}
