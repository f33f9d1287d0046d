import type { KindName } from '../../../domain/contract/index.js';
import type { Mapping } from '../../../domain/provider/mapping/index.js';
import { account } from './mapping/account.js';
import { customer, vendor } from './mapping/contact.js';
import { expense } from './mapping/expense.js';
import { invoice } from './mapping/invoice.js';
import { item } from './mapping/item.js';
import { journalEntry } from './mapping/journal-entry.js';
import { payment } from './mapping/payment.js';
import { quote } from './mapping/quote.js';
import { taxRate } from './mapping/tax-rate.js';
import type { WaveCompany } from './wave.company.js';
import type { Mutation, One } from './wave.documents.js';
import { mayBeOf, withList, withoutList } from './wave.ids.js';

/** One of the vendor's own sorts of record that hold a kind of ours and can be looked at (sheet 3.3, 3.4). */
export interface Resource {
  /** As the vendor calls one of them, in queries and answers. */
  readonly one: One;
  readonly kind: KindName;
  readonly mapping: Mapping<WaveCompany>;
  /** The list that our ids name, where two of the vendor's make one kind: `Customer:QnVz…`. */
  readonly list?: 'Customer' | 'Vendor';
  readonly facet?: 'customer' | 'vendor';
  /** Absent where the vendor has no such mutation. */
  readonly create?: Mutation;
  readonly patch?: Mutation;
  /** With the member of its input that names the record: there are two spellings (sheet 3.4). */
  readonly delete?: readonly [mutation: Mutation, names: string];
  readonly archive?: Mutation;
}

/** In the order in which a record's references come before it. */
export const RESOURCES: readonly Resource[] = [
  {
    one: 'account',
    kind: 'account',
    mapping: account,
    create: 'accountCreate',
    patch: 'accountPatch',
    archive: 'accountArchive',
  },
  {
    one: 'salesTax',
    kind: 'tax_rate',
    mapping: taxRate,
    create: 'salesTaxCreate',
    patch: 'salesTaxPatch',
    archive: 'salesTaxArchive',
  },
  {
    one: 'customer',
    kind: 'contact',
    mapping: customer,
    list: 'Customer',
    facet: 'customer',
    create: 'customerCreate',
    patch: 'customerPatch',
    delete: ['customerDelete', 'id'],
  },
  { one: 'vendor', kind: 'contact', mapping: vendor, list: 'Vendor', facet: 'vendor' },
  {
    one: 'product',
    kind: 'item',
    mapping: item,
    create: 'productCreate',
    patch: 'productPatch',
    archive: 'productArchive',
  },
  {
    one: 'estimate',
    kind: 'quote',
    mapping: quote,
    create: 'estimateCreate',
    patch: 'estimatePatch',
    delete: ['estimateDelete', 'estimateId'],
  },
  {
    one: 'invoice',
    kind: 'invoice',
    mapping: invoice,
    create: 'invoiceCreate',
    patch: 'invoicePatch',
    delete: ['invoiceDelete', 'invoiceId'],
  },
  {
    one: 'invoicePayment',
    kind: 'payment',
    mapping: payment,
    create: 'invoicePaymentCreateManual',
    patch: 'invoicePaymentPatch',
    delete: ['invoicePaymentDelete', 'id'],
  },
];

/** Kinds that are taken as money transactions and never shown. */
export const UNSHOWN: Readonly<Partial<Record<KindName, Mapping<WaveCompany>>>> = {
  expense,
  journal_entry: journalEntry,
};

const byName = new Map(RESOURCES.map((resource) => [resource.one, resource]));

export const resourceNamed = (one: One): Resource => byName.get(one)!;

export const resourcesOf = (kind: KindName): readonly Resource[] =>
  RESOURCES.filter((resource) => resource.kind === kind);

/** Our id of a vendor's record. */
export const idOf = ({ list }: Resource, vendorId: string): string => withList(list, vendorId);

/** The vendor's id in an id of ours; undefined where it is an id of another list, of another business, or of nothing. */
export const vendorIdOf = ({ list }: Resource, id: string, business: string): string | undefined => {
  const own = withoutList(list, id);
  return own !== undefined && mayBeOf(business, own) ? own : undefined;
};

/** The resource of a record that exists or is to be made. */
export const resourceOf = (kind: KindName, id: string | undefined, facet: string | undefined): Resource | undefined => {
  const resources = resourcesOf(kind);
  if (resources.length < 2) return resources[0];
  return id === undefined
    ? resources.find((resource) => resource.facet === (facet ?? 'customer'))
    : resources.find(({ list }) => withoutList(list, id) !== undefined);
};
