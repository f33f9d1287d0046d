import type { EntityRules } from '../rules.ts';
import { account } from './account.ts';
import { attachable, companyCurrency, companyInfo, preferences } from './company-settings.ts';
import { item } from './item.ts';
import { deposit, journalEntry, transfer } from './ledger-entries.ts';
import { department, paymentMethod, term, trackingClass } from './lists.ts';
import { customer, employee, vendor } from './names.ts';
import { billPayment, payment } from './payments.ts';
import { bill, purchase, purchaseOrder, vendorCredit } from './purchases.ts';
import { creditMemo, estimate, invoice, refundReceipt, salesReceipt } from './sales.ts';
import { taxAgency, taxCode, taxRate } from './tax.ts';

/** Every entity the sandbox keeps. */
const ALL: readonly EntityRules[] = [
  account,
  attachable,
  bill,
  billPayment,
  companyCurrency,
  companyInfo,
  creditMemo,
  customer,
  department,
  deposit,
  employee,
  estimate,
  invoice,
  item,
  journalEntry,
  payment,
  paymentMethod,
  preferences,
  purchase,
  purchaseOrder,
  refundReceipt,
  salesReceipt,
  taxAgency,
  taxCode,
  taxRate,
  term,
  trackingClass,
  transfer,
  vendor,
  vendorCredit,
];

export const entities: ReadonlyMap<string, EntityRules> = new Map(ALL.map((rules) => [rules.name, rules]));

/** By the lower-case segment in URLs, which is also how queries may spell the name. */
export const entitiesByPath: ReadonlyMap<string, EntityRules> = new Map(ALL.map((rules) => [rules.path, rules]));
