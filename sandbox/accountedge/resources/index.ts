import type { ResourceRules } from '../rules.ts';
import { account } from './accounts.ts';
import { receiveMoney, spendMoney, transferMoney } from './banking.ts';
import { customer, employee, personal, supplier } from './cards.ts';
import { bill, invoice, purchaseOrder, quote, saleOrder } from './documents.ts';
import { item } from './items.ts';
import { generalJournal } from './journals.ts';
import { accountingProperties, company, preferences } from './settings.ts';
import {
  creditRefund,
  creditSettlement,
  customerPayment,
  debitRefund,
  debitSettlement,
  supplierPayment,
} from './settlements.ts';
import { subscription } from './subscriptions.ts';
import { currency, taxCode } from './taxes.ts';
import { activity, category, job } from './tracking.ts';

const all: readonly ResourceRules[] = [
  company,
  preferences,
  accountingProperties,
  currency,
  account,
  taxCode,
  category,
  customer,
  supplier,
  employee,
  personal,
  job,
  activity,
  item,
  quote,
  saleOrder,
  purchaseOrder,
  invoice,
  bill,
  customerPayment,
  creditSettlement,
  creditRefund,
  supplierPayment,
  debitSettlement,
  debitRefund,
  spendMoney,
  receiveMoney,
  transferMoney,
  generalJournal,
  subscription(() => PUSHED),
];

/** Every resource with records of its own, by its path. */
export const resources: ReadonlyMap<string, ResourceRules> = new Map(all.map((rules) => [rules.name, rules]));

/** The topics that webhooks tell of, in the order in which the gateway names them (sheet 3.3). */
export const PUSHED: readonly string[] = [
  'Contact/Customer',
  'Contact/Supplier',
  'Inventory/Item',
  'Sale/Invoice',
  'Sale/CreditSettlement',
  'Sale/CreditRefund',
  'Sale/Quote',
  'Sale/CustomerPayment',
  'Purchase/Bill',
  'Purchase/DebitSettlement',
  'Purchase/DebitRefund',
  'Purchase/SupplierPayment',
];
