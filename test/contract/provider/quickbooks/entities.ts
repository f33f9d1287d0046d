import type { KindName } from '../../../../src/domain/contract/index.js';

/** The vendor's own sorts of record for each kind, from the fact sheet. */
export const ENTITIES_OF: Readonly<Partial<Record<KindName, readonly string[]>>> = {
  account: ['Account'],
  tax_rate: ['TaxCode'],
  tracking_category: ['Class', 'Department'],
  payment_term: ['Term'],
  contact: ['Customer', 'Vendor'],
  item: ['Item'],
  quote: ['Estimate'],
  purchase_order: ['PurchaseOrder'],
  invoice: ['Invoice'],
  credit_note: ['CreditMemo'],
  bill: ['Bill'],
  vendor_credit: ['VendorCredit'],
  payment: ['Payment'],
  bill_payment: ['BillPayment'],
  expense: ['Purchase'],
  journal_entry: ['JournalEntry'],
  transfer: ['Transfer'],
};

/** Our id of a vendor's record: where two entities make one kind, it says which. */
export const idOf = (kind: KindName, entity: string, id: string): string =>
  ENTITIES_OF[kind]!.length > 1 ? `${entity}:${id}` : id;

export const placeOf = (kind: KindName, id: string): { readonly entity: string; readonly id: string } => {
  const [only, ...others] = ENTITIES_OF[kind] ?? [];
  if (only === undefined) throw new Error(`the vendor has no entity for ${kind}`);
  if (others.length === 0) return { entity: only, id };
  const [entity, own] = id.split(':');
  return { entity: entity!, id: own! };
};

export const isList = (entity: string): boolean =>
  ['Account', 'Class', 'Department', 'Term', 'Customer', 'Vendor', 'Item'].includes(entity);
