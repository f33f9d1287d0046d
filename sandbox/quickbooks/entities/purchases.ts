import { address, email, settleTransactionAddress } from '../addresses.ts';
import { amount, decimal, Decimal, sum, zero } from '../../amounts.ts';
import {
  keepParty,
  keepPartyPostings,
  refuseWhileApplied,
  releaseApplications,
  showOpenBalance,
} from '../applications.ts';
import type { Company } from '../company.ts';
import { customFields, settleCustomFields } from '../custom-fields.ts';
import { settleDate, settleDueDate } from '../document-dates.ts';
import type { Entity, Line, Reference } from '../entity.ts';
import { rateOf, settleCurrency, showHomeAmounts } from '../exchange.ts';
import { settleHeaderTracking, settleLineTracking } from '../features.ts';
import { credit, debit } from '../ledger.ts';
import { detailOfLine, lineShape, linkedTxn, numberLines, settleQuantity, zeroed } from '../lines.ts';
import { numberPurchaseForm, refuseDuplicate } from '../numbering.ts';
import { linkPurchaseOrders, unlinkPurchaseOrders } from '../purchase-order-links.ts';
import { defineEntity, isNew, type Draft, type Posting } from '../rules.ts';
import {
  choice,
  date,
  decimal as number,
  detail,
  flag,
  free,
  list,
  money,
  readOnly,
  reference,
  text,
  type Shape,
} from '../shape.ts';
import { globalTaxCalculation, settleTax, taxAccountOf, taxDetail, type TaxedLine } from '../taxes.ts';
import { faults } from '../vendor-fault.ts';
import { partyKey, partyOf } from './names.ts';
import { requireAccount } from './payments.ts';

/** Bill, VendorCredit, PurchaseOrder, Purchase (sheet 3.12 to 3.16): what is bought, on items or on accounts. */

const expenseDetail: Shape = {
  CustomerRef: reference('Customer'),
  ClassRef: reference('Class'),
  TaxCodeRef: reference('TaxCode'),
  TaxAmount: money(),
  TaxInclusiveAmt: money(),
  BillableStatus: choice('Billable', 'NotBillable', 'HasBeenBilled'),
  MarkupInfo: free(),
};

export const purchaseLine = lineShape(
  {
    AccountBasedExpenseLineDetail: detail({ AccountRef: reference('Account'), ...expenseDetail }),
    ItemBasedExpenseLineDetail: detail({
      ItemRef: reference('Item'),
      Qty: number(),
      UnitPrice: number(),
      PriceLevelRef: reference(),
      ItemAccountRef: readOnly(reference('Account')),
      ...expenseDetail,
    }),
  },
  true,
);

const purchaseForm: Shape = {
  DocNumber: text(21),
  TxnDate: date(),
  DepartmentRef: reference('Department'),
  CurrencyRef: reference('Currency'),
  ExchangeRate: number(10),
  PrivateNote: text(4000),
  LinkedTxn: linkedTxn,
  Line: list(purchaseLine),
  TxnTaxDetail: taxDetail,
  GlobalTaxCalculation: globalTaxCalculation,
  TransactionLocationType: text(50),
  TotalAmt: readOnly(money()),
  HomeTotalAmt: readOnly(money()),
  RecurDataRef: readOnly(reference()),
};

const PURCHASE_FILTERS = ['DocNumber', 'TxnDate', 'TotalAmt', 'Balance', 'VendorRef', 'CurrencyRef'];

export const bill = defineEntity({
  name: 'Bill',
  group: 'transaction',
  webhook: 'CUD',
  filters: [...PURCHASE_FILTERS, 'DueDate', 'SalesTermRef'],
  required: ['VendorRef', 'Line'],
  fields: {
    ...purchaseForm,
    VendorRef: reference('Vendor'),
    VendorAddr: readOnly(address),
    APAccountRef: reference('Account'),
    SalesTermRef: reference('Term'),
    DueDate: date(),
    Balance: readOnly(money()),
    HomeBalance: readOnly(money()),
  },
  prepare(draft) {
    settleDate(draft);
    const { object, company } = draft;
    const sameVendor = (other: Entity) => other.VendorRef?.value === object.VendorRef?.value;
    refuseDuplicate(draft, ['Bill'], company.switches.billNumberScope === 'vendor' ? sameVendor : undefined);
  },
  settle(draft) {
    const { object, company } = draft;
    const vendor = settlePurchaseForm(draft);
    keepParty(draft, 'VendorRef');
    if (isNew(draft) && !object.SalesTermRef && vendor?.TermRef) object.SalesTermRef = vendor.TermRef as Reference;
    settleDueDate(draft);
    if (vendor?.BillAddr) object.VendorAddr = vendor.BillAddr;
    settlePayable(company, object);
    showOpenBalance(draft);
  },
  effects: linkPurchaseOrders,
  release(draft) {
    refuseWhileApplied(draft);
    unlinkPurchaseOrders(draft);
  },
  postings: (object, _hidden, company) => payablePostings(company, object, 1),
});

export const vendorCredit = defineEntity({
  name: 'VendorCredit',
  group: 'transaction',
  webhook: 'CUD',
  filters: PURCHASE_FILTERS,
  required: ['VendorRef', 'Line'],
  fields: {
    ...purchaseForm,
    VendorRef: reference('Vendor'),
    VendorAddr: readOnly(address),
    APAccountRef: reference('Account'),
    Balance: readOnly(money()),
    HomeBalance: readOnly(money()),
  },
  prepare(draft) {
    settleDate(draft);
    numberPurchaseForm(draft);
  },
  settle(draft) {
    settlePurchaseForm(draft);
    keepParty(draft, 'VendorRef');
    settlePayable(draft.company, draft.object);
    showOpenBalance(draft);
  },
  release: refuseWhileApplied,
  postings: (object, _hidden, company) => payablePostings(company, object, -1),
});

/** An order posts nothing; bills that name it close it. */
export const purchaseOrder = defineEntity({
  name: 'PurchaseOrder',
  group: 'transaction',
  webhook: 'CUDE',
  verbs: { create: true, update: true, delete: true, send: true },
  filters: ['DocNumber', 'TxnDate', 'DueDate', 'TotalAmt', 'VendorRef', 'POStatus', 'EmailStatus'],
  required: ['VendorRef', 'Line'],
  fields: {
    ...purchaseForm,
    CustomField: customFields,
    VendorRef: reference('Vendor'),
    VendorAddr: address,
    ShipAddr: address,
    ShipTo: reference('Customer'),
    ShipMethodRef: reference(),
    APAccountRef: reference('Account'),
    SalesTermRef: reference('Term'),
    DueDate: date(),
    ClassRef: reference('Class'),
    POStatus: choice('Open', 'Closed'),
    POEmail: email,
    EmailStatus: choice('NotSet', 'NeedToSend', 'EmailSent'),
    PrintStatus: readOnly(text(50)),
    Memo: text(4000),
    DeliveryInfo: readOnly(free()),
  },
  prepare(draft) {
    settleDate(draft);
    numberPurchaseForm(draft);
  },
  settle(draft) {
    const { object, company } = draft;
    const vendor = settlePurchaseForm(draft);
    settleCustomFields(draft, company.preference('VendorAndPurchasesPrefs.POCustomField'));
    if (vendor) settleTransactionAddress(draft, 'VendorAddr', vendor, 'BillAddr');
    if (object.SalesTermRef) settleDueDate(draft);
    settlePayable(company, object);
    object.POStatus ??= 'Open';
    object.EmailStatus ??= 'NotSet';
    object.LinkedTxn = draft.hidden.linkedBy ?? [];
  },
  release({ hidden }) {
    if ((hidden.linkedBy ?? []).length > 0) throw faults.inUse('The purchase order is linked to a bill.');
  },
});

/** Money spent at once: cash, check or card; a card refund is a Purchase with Credit (sheet 3.16). */
export const purchase = defineEntity({
  name: 'Purchase',
  group: 'transaction',
  webhook: 'CUDV',
  verbs: { create: true, update: true, delete: true, void: 'person' },
  filters: ['DocNumber', 'TxnDate', 'TotalAmt', 'PaymentType', 'EntityRef', 'CurrencyRef', 'Credit'],
  required: ['PaymentType', 'AccountRef', 'Line'],
  fields: {
    ...purchaseForm,
    PaymentType: choice('Cash', 'Check', 'CreditCard'),
    AccountRef: reference('Account'),
    EntityRef: reference('Vendor', 'Customer', 'Employee'),
    Credit: flag(),
    PaymentMethodRef: reference('PaymentMethod'),
    PrintStatus: choice('NotSet', 'NeedToPrint', 'PrintComplete'),
    IncludeInAnnualTPAR: flag(),
    RemitToAddr: readOnly(address),
    PurchaseEx: readOnly(free()),
    TxnNum: readOnly(text(21)),
  },
  prepare(draft) {
    settleDate(draft);
    const { object, company } = draft;
    const checksNumbers = company.otherPreference('WarnDuplicateCheckNumber');
    if (object.PaymentType === 'Check' && checksNumbers) refuseDuplicate(draft, ['Purchase']);
  },
  settle(draft) {
    const { object, previous, company } = draft;
    const isCard = object.PaymentType === 'CreditCard';
    if (previous && previous.PaymentType !== object.PaymentType) {
      throw faults.business('PaymentType cannot be changed.', 'PaymentType');
    }
    requireAccount(draft, object.AccountRef as Reference, [isCard ? 'Credit Card' : 'Bank'], 'AccountRef');
    if (object.Credit === true && !isCard)
      throw faults.business('Only a credit card purchase can be a credit.', 'Credit');
    if (isCard) object.Credit ??= false;
    if (object.PaymentType === 'Check') object.PrintStatus ??= 'NotSet';
    else object.PrintStatus = undefined;
    settlePurchaseForm(draft);
    keepPartyPostings(draft);
    object.PurchaseEx = purchaseNoise(object, company);
  },
  release: refuseWhileApplied,
  void(draft) {
    releaseApplications(draft);
    const { object } = draft;
    object.Line = (object.Line ?? []).map(zeroed);
    object.TotalAmt = 0;
  },
  postings(object, _hidden, company) {
    const account = (object.AccountRef as Reference).value;
    const sign = object.Credit === true ? -1 : 1;
    const rate = rateOf(object);
    return [credit(account, decimal(object.TotalAmt).times(sign), rate), ...costPostings(company, object, sign)];
  },
});

/** Members of real answers nobody needs, with a numeric transaction type (sheet 3.16). */
function purchaseNoise(object: Entity, company: Company): object {
  const types = { Cash: '54', Check: '3', CreditCard: object.Credit === true ? '11' : '54' };
  return {
    any: [
      {
        name: '{http://schema.intuit.com/finance/v3}NameValue',
        declaredType: 'com.intuit.schema.finance.v3.NameValue',
        scope: 'javax.xml.bind.JAXBElement$GlobalScope',
        value: { Name: 'TxnType', Value: types[object.PaymentType as keyof typeof types] },
        nil: false,
        globalScope: true,
        typeSubstituted: company.multiCurrency,
      },
    ],
  };
}

function settlePurchaseForm(draft: Draft): Entity | undefined {
  const { object, company } = draft;
  const vendor = object.VendorRef ? partyOf(company, 'Vendor', object.VendorRef.value) : counterparty(company, object);
  settleCurrency(draft, vendor);
  settleHeaderTracking(draft);
  const lines: Line[] = [];
  const bought: TaxedLine[] = [];
  for (const given of object.Line ?? []) {
    const line: Line = { ...given };
    const taxed = settleExpenseLine(draft, line);
    if (taxed) bought.push(taxed);
    lines.push(line);
  }
  const tax = settleTax({ draft, lines: bought, remaining: new Decimal(1), side: 'PurchaseTaxRateList' });
  numberLines(draft, lines);
  object.Line = lines;
  const net = sum(bought.map(({ line }) => decimal(line.Amount)));
  const total = net.plus(tax.total);
  if (total.isNegative()) throw faults.business('Transaction amount must be 0 or greater.', 'TotalAmt');
  if (draft.hidden.voided && !total.isZero()) throw faults.business('A voided transaction cannot get amounts again.');
  object.TotalAmt = amount(total);
  if (draft.rules.name === 'Bill') object.LinkedTxn = billLinks(draft);
  else if (draft.rules.name !== 'PurchaseOrder') object.LinkedTxn = draft.hidden.linkedBy ?? [];
  showHomeAmounts(company, object, ['TotalAmt']);
  return vendor;
}

/** A purchase may name a vendor or a customer, whose currency counts; employees have none. */
function counterparty(company: Company, object: Entity): Entity | undefined {
  const reference = object.EntityRef as Reference | undefined;
  const type = reference?.type?.toLowerCase();
  if (type === 'vendor') return company.object('Vendor', reference?.value);
  if (type === 'customer') return company.object('Customer', reference?.value);
  return undefined;
}

/** Orders a bill names itself, and the payments that settle it. */
function billLinks({ object, hidden }: Draft): Entity['LinkedTxn'] {
  const own = (object.LinkedTxn ?? []).filter((link) => link.TxnType === 'PurchaseOrder');
  return [...own, ...(hidden.linkedBy ?? [])];
}

/** Completes a line; undefined when it carries words only. */
function settleExpenseLine(draft: Draft, line: Line): TaxedLine | undefined {
  const { company } = draft;
  if (line.DetailType === 'DescriptionOnly') {
    line.Amount = undefined;
    return undefined;
  }
  const expense = detailOfLine(line);
  settleLineTracking(company, expense);
  expense.BillableStatus ??= 'NotBillable';
  if (expense.BillableStatus === 'Billable' && !expense.CustomerRef) {
    throw faults.business('A billable line needs a customer.', 'CustomerRef');
  }
  if (line.DetailType === 'AccountBasedExpenseLineDetail') {
    if (!expense.AccountRef) throw faults.missing('AccountRef');
    if (line.Amount === undefined) throw faults.missing('Amount');
    expense.TaxCodeRef ??= company.isUnitedStates
      ? { value: 'NON' }
      : company.object('Account', (expense.AccountRef as Reference).value)?.TaxCodeRef;
  } else {
    if (!expense.ItemRef) {
      // Without an item the line is only text and its amount is ignored (sheet 3.12).
      delete line.ItemBasedExpenseLineDetail;
      line.DetailType = 'DescriptionOnly';
      line.Amount = undefined;
      return undefined;
    }
    settleQuantity(line, expense);
    const item = company.object('Item', (expense.ItemRef as Reference).value);
    const account = costAccountOf(item);
    if (!account) throw faults.business('The item is not one that is bought: it has no expense account.', 'ItemRef');
    expense.ItemAccountRef = { value: account };
    expense.TaxCodeRef ??= company.isUnitedStates ? { value: 'NON' } : item?.PurchaseTaxCodeRef;
  }
  return { line, detail: expense as TaxedLine['detail'], own: decimal(line.Amount) };
}

function costAccountOf(item: Entity | undefined): string | undefined {
  const field = item?.Type === 'Inventory' ? item.AssetAccountRef : item?.ExpenseAccountRef;
  return (field as Reference | undefined)?.value;
}

/** The payable account is implied where there is only one in the currency. */
function settlePayable(company: Company, object: Entity): void {
  const implied = company.accountOfSubtype('AccountsPayable', object.CurrencyRef?.value);
  if (!object.APAccountRef && implied) object.APAccountRef = { value: implied.Id };
}

function payablePostings(company: Company, object: Entity, sign: 1 | -1): Posting[] {
  const payable = (object.APAccountRef as Reference | undefined)?.value;
  if (payable === undefined) return [];
  const party = partyKey('Vendor', object.VendorRef?.value ?? '');
  const total = decimal(object.TotalAmt).times(sign);
  return [credit(payable, total, rateOf(object), party), ...costPostings(company, object, sign)];
}

/** What was bought, by account; lines on receivable or payable accounts belong to a name. */
function costPostings(company: Company, object: Entity, sign: 1 | -1): Posting[] {
  const rate = rateOf(object);
  const postings: Posting[] = [];
  let posted = zero;
  for (const line of object.Line ?? []) {
    const expense = line[line.DetailType] as Record<string, unknown> | undefined;
    const account = (expense?.AccountRef ?? expense?.ItemAccountRef) as Reference | undefined;
    const value = decimal(line.Amount);
    if (!account || value.isZero()) continue;
    const type = company.object('Account', account.value)?.AccountType;
    const named = object.EntityRef as Reference | undefined;
    const customer = (expense?.CustomerRef as Reference | undefined) ?? named;
    const party =
      type === 'Accounts Receivable' && customer
        ? partyKey('Customer', customer.value)
        : type === 'Accounts Payable' && named
          ? partyKey('Vendor', named.value)
          : undefined;
    postings.push(debit(account.value, value.times(sign), rate, party));
    posted = posted.plus(value);
  }
  const tax = decimal(object.TotalAmt).minus(posted);
  const taxAccount = taxAccountOf(company);
  if (taxAccount && !tax.isZero()) postings.push(debit(taxAccount.Id, tax.times(sign), rate));
  return postings;
}
