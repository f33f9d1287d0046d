import type { Existence, KindName } from '../../../domain/contract/index.js';
import type { Mapping, WireObject } from '../../../domain/provider/mapping/index.js';
import { account } from './mapping/account.js';
import { bill } from './mapping/bill.js';
import { contact } from './mapping/contact.js';
import { creditNote, vendorCredit } from './mapping/credit-note.js';
import { expense } from './mapping/expense.js';
import { invoice } from './mapping/invoice.js';
import { item } from './mapping/item.js';
import { journalEntry } from './mapping/journal-entry.js';
import { billPayment, payment } from './mapping/payment.js';
import { purchaseOrder } from './mapping/purchase-order.js';
import { quote } from './mapping/quote.js';
import { taxRate } from './mapping/tax-rate.js';
import { transfer } from './mapping/transfer.js';
import type { XeroCompany } from './xero.features.js';
import { isGuid, textAt } from './xero.wire.js';

/** Where the vendor keeps a kind of ours (sheet 3.0). The company, terms and tracking options have ways of their own. */
export interface Resource {
  /** As paths and envelopes write it. */
  readonly name: string;
  readonly kind: KindName;
  readonly mapping: Mapping<XeroCompany>;
  /** The member that holds a record's id. */
  readonly id: string;
  /** What tells the kind, where a resource holds several; `said` where a new record has to say it. */
  readonly type?: { readonly member: string; readonly is: string; readonly said: boolean };
  /** Come in pages, can be asked for by time of modification, and by id with others (sheet 4.1, 4.3, 4.4). */
  readonly listed: 'pages' | 'pages of its own size' | 'whole';
  /** How several are asked for by their ids; absent where each is asked for alone. */
  readonly askedBy?: 'IDs' | 'where';
  /** Switched-off records are hidden in lists unless asked for by this. */
  readonly hidden?: 'includeArchived' | 'includeDeleted';
  /** Takes several records in one write, each with an outcome of its own (sheet 2.5). */
  readonly batches: boolean;
  readonly status: string;
}

const RECORDS = {
  account: { name: 'Accounts', kind: 'account', mapping: account, id: 'AccountID', listed: 'whole' },
  taxRate: { name: 'TaxRates', kind: 'tax_rate', mapping: taxRate, id: 'TaxType', listed: 'whole' },
  item: { name: 'Items', kind: 'item', mapping: item, id: 'ItemID', listed: 'whole' },
} as const;

export const RESOURCES: readonly Resource[] = [
  { ...RECORDS.account, batches: false, status: 'Status' },
  { ...RECORDS.taxRate, batches: false, status: 'Status' },
  { ...RECORDS.item, batches: true, status: 'Status' },
  {
    name: 'Contacts',
    kind: 'contact',
    mapping: contact,
    id: 'ContactID',
    listed: 'pages',
    askedBy: 'IDs',
    hidden: 'includeArchived',
    batches: true,
    status: 'ContactStatus',
  },
  {
    name: 'Quotes',
    kind: 'quote',
    mapping: quote,
    id: 'QuoteID',
    listed: 'pages of its own size',
    batches: true,
    status: 'Status',
  },
  {
    name: 'PurchaseOrders',
    kind: 'purchase_order',
    mapping: purchaseOrder,
    id: 'PurchaseOrderID',
    listed: 'pages',
    batches: true,
    status: 'Status',
  },
  ...(
    [
      ['invoice', invoice, 'ACCREC'],
      ['bill', bill, 'ACCPAY'],
    ] as const
  ).map(([kind, mapping, is]): Resource => ({
    name: 'Invoices',
    kind,
    mapping,
    id: 'InvoiceID',
    type: { member: 'Type', is, said: true },
    listed: 'pages',
    askedBy: 'IDs',
    batches: true,
    status: 'Status',
  })),
  ...(
    [
      ['credit_note', creditNote, 'ACCRECCREDIT'],
      ['vendor_credit', vendorCredit, 'ACCPAYCREDIT'],
    ] as const
  ).map(([kind, mapping, is]): Resource => ({
    name: 'CreditNotes',
    kind,
    mapping,
    id: 'CreditNoteID',
    type: { member: 'Type', is, said: true },
    listed: 'pages',
    askedBy: 'where',
    batches: true,
    status: 'Status',
  })),
  ...(
    [
      ['payment', payment, 'ACCRECPAYMENT'],
      ['bill_payment', billPayment, 'ACCPAYPAYMENT'],
    ] as const
  ).map(([kind, mapping, is]): Resource => ({
    name: 'Payments',
    kind,
    mapping,
    id: 'PaymentID',
    type: { member: 'PaymentType', is, said: false },
    listed: 'pages',
    askedBy: 'where',
    batches: true,
    status: 'Status',
  })),
  {
    name: 'BankTransactions',
    kind: 'expense',
    mapping: expense,
    id: 'BankTransactionID',
    type: { member: 'Type', is: 'SPEND', said: true },
    listed: 'pages',
    askedBy: 'where',
    batches: true,
    status: 'Status',
  },
  {
    name: 'ManualJournals',
    kind: 'journal_entry',
    mapping: journalEntry,
    id: 'ManualJournalID',
    listed: 'pages',
    askedBy: 'where',
    batches: true,
    status: 'Status',
  },
  {
    name: 'BankTransfers',
    kind: 'transfer',
    mapping: transfer,
    id: 'BankTransferID',
    listed: 'whole',
    hidden: 'includeDeleted',
    batches: false,
    status: 'Status',
  },
];

const byKind = new Map(RESOURCES.map((resource) => [resource.kind, resource]));

export const resourceOf = (kind: KindName): Resource | undefined => byKind.get(kind);

export const resourcesNamed = (name: string): readonly Resource[] =>
  RESOURCES.filter((resource) => resource.name === name);

/** The kind of a record is told by its type; undefined for what is no kind of ours, such as a refund of a credit. */
export const resourceOfRow = (name: string, row: WireObject): Resource | undefined =>
  resourcesNamed(name).find(({ type }) => type === undefined || textAt(row, type.member) === type.is);

/** A filter for the records of one kind, where a resource holds several. */
export const kindFilter = ({ type }: Resource): string | undefined => type && `${type.member}=="${type.is}"`;

/** Ids that the vendor gives; anything else is nobody's id and is never put into a request. */
export const isIdOf = ({ kind }: Pick<Resource, 'kind'>, id: string): boolean =>
  kind === 'tax_rate' ? /^[A-Z0-9]{1,50}$/.test(id) : isGuid(id);

const EXISTENCE: Readonly<Record<string, Existence>> = {
  ACTIVE: 'present',
  PENDING: 'present',
  ARCHIVED: 'archived',
  GDPRREQUEST: 'archived',
  DELETED: 'deleted',
  VOIDED: 'voided',
};

/** A journal that is no more than a draft posts nothing, and the contract has no drafts of journals. */
export const isForeign = ({ kind }: Resource, row: WireObject): boolean =>
  kind === 'journal_entry' && row.Status === 'DRAFT';

export const existenceOf = ({ kind, status }: Resource, row: WireObject): Existence => {
  const said = textAt(row, status);
  if (kind === 'contact' && textAt(row, 'MergedToContactID') !== undefined) return 'merged';
  return (said !== undefined && EXISTENCE[said]) || 'present';
};
