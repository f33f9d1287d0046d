import type { KindName } from '../../../domain/contract/index.js';
import type { Mapping, WireObject } from '../../../domain/provider/mapping/index.js';
import type { CompanyFeatures } from './quickbooks.features.js';
import { account } from './mapping/account.js';
import { bill } from './mapping/bill.js';
import { billPayment } from './mapping/bill-payment.js';
import { customer, vendor } from './mapping/contact.js';
import { creditNote } from './mapping/credit-note.js';
import { expense } from './mapping/expense.js';
import { invoice } from './mapping/invoice.js';
import { item } from './mapping/item.js';
import { journalEntry } from './mapping/journal-entry.js';
import { payment } from './mapping/payment.js';
import { paymentTerm } from './mapping/payment-term.js';
import { purchaseOrder } from './mapping/purchase-order.js';
import { quote } from './mapping/quote.js';
import { classValue, departmentValue } from './mapping/tracking-category.js';
import { transfer } from './mapping/transfer.js';
import { vendorCredit } from './mapping/vendor-credit.js';

/** One of the vendor's own sorts of record that hold a kind of ours (sheet 0). */
export interface Entity {
  /** As the vendor writes it, in queries and bodies; in paths it is written small. */
  readonly name: string;
  readonly kind: KindName;
  readonly mapping: Mapping<CompanyFeatures>;
  /** A list's records are switched off and never deleted; transactions are deleted, and some are voided. */
  readonly nature: 'list' | 'transaction';
  /** Two entities share the kind, so our ids say which it is: `Customer:58`. */
  readonly sharesKind?: true;
  readonly facet?: 'customer' | 'vendor';
  /** Members that an update which names only what changes must repeat (sheet 8 point 4). */
  readonly insists: readonly string[];
  /** How it is voided through the API; absent where it cannot be. */
  readonly voids?: 'operation=void' | 'include=void';
  /** Whether a zeroed record with the note "Voided" is a voided one; some are voided by people only. */
  readonly showsVoid?: true;
  /** Records that stand in the same list and are no records of the kind. */
  foreign?(record: WireObject): boolean;
}

/** In the order in which a record's references come before it. */
export const ENTITIES: readonly Entity[] = [
  { name: 'Account', kind: 'account', mapping: account, nature: 'list', insists: ['Name'] },
  {
    name: 'Class',
    kind: 'tracking_category',
    mapping: classValue,
    nature: 'list',
    sharesKind: true,
    insists: ['Name'],
  },
  {
    name: 'Department',
    kind: 'tracking_category',
    mapping: departmentValue,
    nature: 'list',
    sharesKind: true,
    insists: ['Name'],
  },
  { name: 'Term', kind: 'payment_term', mapping: paymentTerm, nature: 'list', insists: ['Name'] },
  {
    name: 'Customer',
    kind: 'contact',
    mapping: customer,
    nature: 'list',
    sharesKind: true,
    facet: 'customer',
    insists: ['DisplayName'],
  },
  {
    name: 'Vendor',
    kind: 'contact',
    mapping: vendor,
    nature: 'list',
    sharesKind: true,
    facet: 'vendor',
    insists: ['DisplayName'],
  },
  {
    name: 'Item',
    kind: 'item',
    mapping: item,
    nature: 'list',
    insists: ['Name', 'Type'],
    foreign: ({ Type }) => Type === 'Category',
  },
  { name: 'Estimate', kind: 'quote', mapping: quote, nature: 'transaction', insists: ['CustomerRef'] },
  {
    name: 'PurchaseOrder',
    kind: 'purchase_order',
    mapping: purchaseOrder,
    nature: 'transaction',
    insists: ['VendorRef'],
  },
  {
    name: 'Invoice',
    kind: 'invoice',
    mapping: invoice,
    nature: 'transaction',
    insists: ['CustomerRef'],
    voids: 'operation=void',
    showsVoid: true,
  },
  {
    name: 'CreditMemo',
    kind: 'credit_note',
    mapping: creditNote,
    nature: 'transaction',
    insists: ['CustomerRef'],
    showsVoid: true,
  },
  { name: 'Bill', kind: 'bill', mapping: bill, nature: 'transaction', insists: ['VendorRef'] },
  { name: 'VendorCredit', kind: 'vendor_credit', mapping: vendorCredit, nature: 'transaction', insists: ['VendorRef'] },
  {
    name: 'Payment',
    kind: 'payment',
    mapping: payment,
    nature: 'transaction',
    insists: ['CustomerRef', 'TotalAmt'],
    voids: 'include=void',
    showsVoid: true,
  },
  {
    name: 'BillPayment',
    kind: 'bill_payment',
    mapping: billPayment,
    nature: 'transaction',
    insists: ['VendorRef', 'TotalAmt', 'PayType', 'CheckPayment', 'CreditCardPayment'],
    voids: 'include=void',
    showsVoid: true,
  },
  {
    name: 'Purchase',
    kind: 'expense',
    mapping: expense,
    nature: 'transaction',
    insists: ['PaymentType', 'AccountRef'],
    showsVoid: true,
  },
  // Whether an entry may be changed without its lines is uncertain, so they are always said (sheet 3.17).
  { name: 'JournalEntry', kind: 'journal_entry', mapping: journalEntry, nature: 'transaction', insists: ['Line'] },
  {
    name: 'Transfer',
    kind: 'transfer',
    mapping: transfer,
    nature: 'transaction',
    insists: ['FromAccountRef', 'ToAccountRef', 'Amount'],
    showsVoid: true,
  },
];

const byName = new Map(ENTITIES.map((entity) => [entity.name, entity]));

export const entityNamed = (name: string): Entity | undefined => byName.get(name);

export const entitiesOf = (kind: KindName): readonly Entity[] => ENTITIES.filter((entity) => entity.kind === kind);

/** Our id of a vendor's record. */
export const idOf = ({ name, sharesKind }: Entity, vendorId: string): string =>
  sharesKind ? `${name}:${vendorId}` : vendorId;

/** Ids of this vendor are digits; anything else is nobody's id and is never put into a request. */
const VENDOR_ID = /^\d{1,20}$/;

export const isVendorId = (id: string): boolean => VENDOR_ID.test(id);

/** The vendor's id in an id of ours; undefined where it is an id of another entity, or of none. */
export const vendorIdOf = ({ name, sharesKind }: Entity, id: string): string | undefined => {
  const own = sharesKind ? (id.startsWith(`${name}:`) ? id.slice(name.length + 1) : '') : id;
  return isVendorId(own) ? own : undefined;
};

/** The entity of a record that exists or is to be made. */
export const entityOf = (
  kind: KindName,
  id: string | undefined,
  facet: string | undefined,
  dimension: unknown,
): Entity | undefined => {
  const entities = entitiesOf(kind);
  if (id !== undefined) return entities.find((entity) => vendorIdOf(entity, id) !== undefined);
  if (entities.length < 2) return entities[0];
  return entities.find((entity) => (entity.facet ? entity.facet === facet : entity.name.toLowerCase() === dimension));
};
