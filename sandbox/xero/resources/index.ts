import type { ResourceRules } from '../rules.ts';
import { accounts } from './accounts.ts';
import { overpayments, prepayments } from './advances.ts';
import { bankTransactions } from './bank-transactions.ts';
import { bankTransfers } from './bank-transfers.ts';
import { contacts } from './contacts.ts';
import { creditNotes } from './credit-notes.ts';
import { invoices } from './invoices.ts';
import { items } from './items.ts';
import { manualJournals } from './manual-journals.ts';
import { batchPayments, payments } from './payments.ts';
import { purchaseOrders } from './purchase-orders.ts';
import { quotes } from './quotes.ts';
import { currencies, taxRates, trackingCategories } from './settings.ts';

/** Every resource that is kept in a collection. What refers to others comes after them. */
const ALL: readonly ResourceRules[] = [
  currencies,
  taxRates,
  accounts,
  trackingCategories,
  contacts,
  items,
  invoices,
  creditNotes,
  prepayments,
  overpayments,
  quotes,
  purchaseOrders,
  payments,
  batchPayments,
  bankTransactions,
  manualJournals,
  bankTransfers,
];

export const resources: ReadonlyMap<string, ResourceRules> = new Map(ALL.map((rules) => [rules.name, rules]));

/** By lower-case name, as it stands in paths. */
export const resourcesByPath: ReadonlyMap<string, ResourceRules> = new Map(
  ALL.map((rules) => [rules.name.toLowerCase(), rules]),
);
