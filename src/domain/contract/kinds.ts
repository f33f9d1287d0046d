import { account } from './kinds/account.js';
import { bill } from './kinds/bill.js';
import { billPayment } from './kinds/bill-payment.js';
import { company } from './kinds/company.js';
import { contact } from './kinds/contact.js';
import { creditNote } from './kinds/credit-note.js';
import { expense } from './kinds/expense.js';
import { invoice } from './kinds/invoice.js';
import { item } from './kinds/item.js';
import { journalEntry } from './kinds/journal-entry.js';
import { payment } from './kinds/payment.js';
import { paymentTerm } from './kinds/payment-term.js';
import { purchaseOrder } from './kinds/purchase-order.js';
import { quote } from './kinds/quote.js';
import { taxRate } from './kinds/tax-rate.js';
import { trackingCategory } from './kinds/tracking-category.js';
import { transfer } from './kinds/transfer.js';
import { vendorCredit } from './kinds/vendor-credit.js';
import type { Field, Fields } from './field.js';
import type { ContentOf, KindDeclaration } from './kind.js';
import type { KindName } from './kind-names.js';

/** The newest version of the contract. Version 2 adds `tracking` to every line (docs/adr/0006). */
export const CONTRACT_VERSION = 2;

const TABLE = {
  company,
  account,
  tax_rate: taxRate,
  tracking_category: trackingCategory,
  payment_term: paymentTerm,
  contact,
  item,
  quote,
  purchase_order: purchaseOrder,
  invoice,
  credit_note: creditNote,
  bill,
  vendor_credit: vendorCredit,
  payment,
  bill_payment: billPayment,
  expense,
  journal_entry: journalEntry,
  transfer,
} as const satisfies Record<KindName, KindDeclaration>;

/** The typed content of one kind, for code that knows which kind it handles. */
export type KindContent<K extends KindName> = ContentOf<(typeof TABLE)[K]>;

export const KINDS = TABLE as Readonly<Record<KindName, KindDeclaration>>;

export const groupNames = (kind: KindName): readonly string[] => Object.keys(KINDS[kind].groups);

/** The fields of one group by name. */
export const groupFields = (kind: KindName, group: string): Fields => KINDS[kind].groups[group] ?? {};

const flattened = new Map<KindName, Fields>();

/** Every field of a kind, the computed ones included. */
export const fieldsOf = (kind: KindName): Fields => {
  let fields = flattened.get(kind);
  if (!fields) {
    fields = Object.assign({}, ...Object.values(KINDS[kind].groups), KINDS[kind].computed) as Fields;
    flattened.set(kind, fields);
  }
  return fields;
};

export const fieldOf = (kind: KindName, name: string): Field | undefined =>
  Object.hasOwn(fieldsOf(kind), name) ? fieldsOf(kind)[name] : undefined;

/** The group in which a field moves; undefined for computed fields. */
export const groupOf = (kind: KindName, field: string): string | undefined =>
  Object.entries(KINDS[kind].groups).find(([, fields]) => Object.hasOwn(fields, field))?.[0];
