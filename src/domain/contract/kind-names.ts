/** The 18 kinds, in an order in which every required reference comes before what refers to it. */
export const KIND_NAMES = [
  'company',
  'account',
  'tax_rate',
  'tracking_category',
  'payment_term',
  'contact',
  'item',
  'quote',
  'purchase_order',
  'invoice',
  'credit_note',
  'bill',
  'vendor_credit',
  'payment',
  'bill_payment',
  'expense',
  'journal_entry',
  'transfer',
] as const;

export type KindName = (typeof KIND_NAMES)[number];

export const isKindName = (name: string): name is KindName => (KIND_NAMES as readonly string[]).includes(name);
