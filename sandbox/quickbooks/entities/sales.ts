import { address, email, settleTransactionAddress } from '../addresses.ts';
import { amount, cents, Decimal, decimal, sum, zero } from '../../amounts.ts';
import { keepParty, refuseWhileApplied, releaseApplications, showOpenBalance } from '../applications.ts';
import type { Company } from '../company.ts';
import { customFields, settleCustomFields } from '../custom-fields.ts';
import { settleDate, settleDueDate } from '../document-dates.ts';
import { linkEstimate, unlinkEstimate } from '../estimate-links.ts';
import type { Entity, Line, Reference, User } from '../entity.ts';
import { rateOf, settleCurrency, showHomeAmounts } from '../exchange.ts';
import { requireFeature, settleHeaderTracking, settleLineTracking } from '../features.ts';
import { credit, debit } from '../ledger.ts';
import { detailOfLine, lineShape, linkedTxn, numberLines, settleQuantity, zeroed } from '../lines.ts';
import { numberSalesForm } from '../numbering.ts';
import { defineEntity, isNew, type Draft, type EntityRules, type Posting } from '../rules.ts';
import {
  choice,
  date,
  decimal as number,
  detail,
  flag,
  free,
  group,
  list,
  money,
  readOnly,
  reference,
  text,
  type Shape,
} from '../shape.ts';
import { globalTaxCalculation, settleTax, taxAccountOf, taxDetail, type TaxedLine } from '../taxes.ts';
import { faults } from '../vendor-fault.ts';
import { save } from '../writing.ts';
import { partyKey, partyOf } from './names.ts';

/** Invoice, CreditMemo, Estimate, SalesReceipt, RefundReceipt (sheet 3.8 to 3.10): one kind of form, five uses. */

const itemDetail = detail({
  ItemRef: reference('Item'),
  ClassRef: reference('Class'),
  UnitPrice: number(),
  RatePercent: number(),
  PriceLevelRef: reference(),
  MarkupInfo: free(),
  Qty: number(),
  UOMRef: reference(),
  ItemAccountRef: readOnly(reference('Account')),
  InventorySiteRef: readOnly(reference()),
  TaxCodeRef: reference('TaxCode'),
  ServiceDate: date(),
  DiscountRate: number(),
  DiscountAmt: money(),
  TaxInclusiveAmt: money(),
  TaxClassificationRef: readOnly(reference()),
});

const componentLine = lineShape({ SalesItemLineDetail: itemDetail }, true);

const salesLine = lineShape(
  {
    SalesItemLineDetail: itemDetail,
    GroupLineDetail: detail({
      GroupItemRef: reference('Item'),
      Quantity: number(),
      ServiceDate: date(),
      Line: list(componentLine),
    }),
    DiscountLineDetail: detail({
      PercentBased: flag(),
      DiscountPercent: number(),
      DiscountAccountRef: reference('Account'),
      ClassRef: reference('Class'),
      TaxCodeRef: reference('TaxCode'),
      ServiceDate: date(),
    }),
    SubTotalLineDetail: detail({ ItemRef: reference('Item'), ServiceDate: date() }),
  },
  true,
);

const salesForm: Shape = {
  CustomField: customFields,
  DocNumber: text(21),
  TxnDate: date(),
  DepartmentRef: reference('Department'),
  CurrencyRef: reference('Currency'),
  ExchangeRate: number(10),
  PrivateNote: text(4000),
  LinkedTxn: linkedTxn,
  Line: list(salesLine),
  TxnTaxDetail: taxDetail,
  GlobalTaxCalculation: globalTaxCalculation,
  CustomerRef: reference('Customer'),
  CustomerMemo: group({ value: text(1000) }),
  BillAddr: address,
  ShipAddr: address,
  ShipFromAddr: address,
  FreeFormAddress: readOnly(flag()),
  ClassRef: reference('Class'),
  ProjectRef: reference('Customer'),
  SalesTermRef: reference('Term'),
  ShipMethodRef: reference(),
  ShipDate: date(),
  TrackingNum: text(31),
  PrintStatus: choice('NotSet', 'NeedToPrint', 'PrintComplete'),
  EmailStatus: choice('NotSet', 'NeedToSend', 'EmailSent'),
  BillEmail: email,
  BillEmailCc: email,
  BillEmailBcc: email,
  ApplyTaxAfterDiscount: flag(),
  TransactionLocationType: text(50),
  TotalAmt: readOnly(money()),
  HomeTotalAmt: readOnly(money()),
  DeliveryInfo: readOnly(free()),
  RecurDataRef: readOnly(reference()),
  TaxExemptionRef: readOnly(reference()),
  AutoDocNumber: readOnly(flag()),
};

const SALES_FILTERS = [
  'DocNumber',
  'TxnDate',
  'DueDate',
  'TotalAmt',
  'Balance',
  'CustomerRef',
  'SalesTermRef',
  'EmailStatus',
  'PrintStatus',
  'CurrencyRef',
];

export const invoice = defineEntity({
  name: 'Invoice',
  group: 'transaction',
  webhook: 'CUDVE',
  verbs: { create: true, update: true, delete: true, void: 'operation', send: true },
  filters: SALES_FILTERS,
  required: ['CustomerRef', 'Line'],
  fields: {
    Deposit: money(0),
    DepositToAccountRef: reference('Account'),
    AllowIPNPayment: flag(),
    AllowOnlinePayment: flag(),
    AllowOnlineCreditCardPayment: flag(),
    AllowOnlineACHPayment: flag(),
    ...salesForm,
    DueDate: date(),
    Balance: readOnly(money()),
    HomeBalance: readOnly(money()),
    InvoiceLink: readOnly(text(2000)),
    SalesRepRef: readOnly(reference()),
  },
  prepare: prepareSalesForm,
  settle(draft) {
    const { object, company } = draft;
    settleSalesForm(draft);
    settleDueDate(draft);
    requireFeature(company, company.prefers('SalesFormsPrefs.AllowDeposit'), object, 'Deposit');
    object.Deposit ??= 0;
    if (Number(object.Deposit) > 0 && object.DepositToAccountRef === undefined) {
      const undeposited = company.accountOfSubtype('UndepositedFunds');
      if (undeposited) object.DepositToAccountRef = { value: undeposited.Id };
    }
    for (const option of [
      'AllowIPNPayment',
      'AllowOnlinePayment',
      'AllowOnlineCreditCardPayment',
      'AllowOnlineACHPayment',
    ]) {
      object[option] ??= false;
    }
    if (object.AllowIPNPayment === true || object.AllowOnlinePayment === true) {
      throw faults.business('AllowIPNPayment and AllowOnlinePayment are deprecated and stay false.');
    }
    showOpenBalance(draft);
  },
  effects: linkEstimate,
  release(draft) {
    refuseWhileApplied(draft);
    unlinkEstimate(draft);
  },
  void(draft) {
    releaseApplications(draft);
    unlinkEstimate(draft);
    voidSalesForm(draft);
    draft.object.Deposit = 0;
    showOpenBalance(draft);
  },
  postings(object, _hidden, company) {
    const receivable = company.accountOfSubtype('AccountsReceivable', object.CurrencyRef?.value);
    const deposit = decimal(object.Deposit);
    const party = partyKey('Customer', object.CustomerRef?.value ?? '');
    const kept = receivable
      ? [debit(receivable.Id, decimal(object.TotalAmt).minus(deposit), rateOf(object), party)]
      : [];
    const deposited = object.DepositToAccountRef as Reference | undefined;
    if (deposited && !deposit.isZero()) kept.push(debit(deposited.value, deposit, rateOf(object)));
    return [...kept, ...incomePostings(company, object)];
  },
});

export const creditMemo = defineEntity({
  name: 'CreditMemo',
  group: 'transaction',
  webhook: 'CUDVE',
  verbs: { create: true, update: true, delete: true, void: 'person', send: true },
  filters: SALES_FILTERS,
  required: ['CustomerRef', 'Line'],
  fields: {
    ...salesForm,
    RemainingCredit: readOnly(money()),
    Balance: readOnly(money()),
    HomeBalance: readOnly(money()),
    PaymentMethodRef: readOnly(reference('PaymentMethod')),
    InvoiceRef: reference('Invoice'),
  },
  prepare: prepareSalesForm,
  settle(draft) {
    settleSalesForm(draft);
    showOpenBalance(draft);
  },
  follow: applyCredit,
  release: refuseWhileApplied,
  void(draft) {
    releaseApplications(draft);
    voidSalesForm(draft);
    showOpenBalance(draft);
  },
  postings(object, _hidden, company) {
    const receivable = company.accountOfSubtype('AccountsReceivable', object.CurrencyRef?.value);
    const party = partyKey('Customer', object.CustomerRef?.value ?? '');
    return [
      ...(receivable ? [credit(receivable.Id, decimal(object.TotalAmt), rateOf(object), party)] : []),
      ...reversed(incomePostings(company, object)),
    ];
  },
});

/** With AutoApplyCredit a new credit goes to the oldest open invoices, through a payment of nothing (sheet 3.9). */
function applyCredit(company: Company, memo: Entity): void {
  const customer = memo.CustomerRef;
  if (!customer || !company.prefers('SalesFormsPrefs.AutoApplyCredit')) return;
  const open = [...(company.collection('Invoice').lookUp('CustomerRef', customer.value) ?? [])]
    .map((id) => company.object('Invoice', id) as Entity)
    .filter((each) => (each.Balance ?? 0) > 0)
    .sort((a, b) => String(a.TxnDate).localeCompare(String(b.TxnDate)));
  let left = decimal(memo.Balance);
  const lines: object[] = [];
  for (const each of open) {
    const used = Decimal.min(left, decimal(each.Balance));
    if (used.isZero()) break;
    lines.push({ Amount: amount(used), LinkedTxn: [{ TxnId: each.Id, TxnType: 'Invoice' }] });
    left = left.minus(used);
  }
  if (lines.length === 0) return;
  const credited = amount(decimal(memo.Balance).minus(left));
  lines.push({ Amount: credited, LinkedTxn: [{ TxnId: memo.Id, TxnType: 'CreditMemo' }] });
  const body = { CustomerRef: { value: customer.value }, TotalAmt: 0, TxnDate: memo.TxnDate, Line: lines };
  save({ company, rules: company.collection('Payment').rules, body, user: THE_PRODUCT });
}

const THE_PRODUCT: User = { id: '9130000000000000', name: 'QuickBooks' };

export const estimate = defineEntity({
  name: 'Estimate',
  group: 'transaction',
  webhook: 'CUDE',
  verbs: { create: true, update: true, delete: true, send: true },
  filters: [...SALES_FILTERS, 'TxnStatus', 'ExpirationDate', 'AcceptedDate', 'AcceptedBy'],
  required: ['CustomerRef', 'Line'],
  fields: {
    TxnStatus: choice('Accepted', 'Closed', 'Pending', 'Rejected', 'Converted'),
    ExpirationDate: date(),
    AcceptedBy: text(21),
    AcceptedDate: date(),
    DueDate: date(),
    ...salesForm,
  },
  prepare: prepareSalesForm,
  settle(draft) {
    const { object, company } = draft;
    if (isNew(draft) && company.preference('SalesFormsPrefs.AllowEstimates') === false) {
      throw faults.featureOff('estimates are switched off');
    }
    settleSalesForm(draft);
    if (object.SalesTermRef) settleDueDate(draft);
    object.TxnStatus ??= 'Pending';
  },
  release: (draft) => {
    if ((draft.hidden.linkedBy ?? []).length > 0) throw faults.inUse('An invoice was made from the estimate.');
  },
});

export const salesReceipt = cashForm('SalesReceipt', 1);
export const refundReceipt = cashForm('RefundReceipt', -1);

/** Sales that are paid, or paid back, on the spot. */
function cashForm(name: 'SalesReceipt' | 'RefundReceipt', sign: 1 | -1): EntityRules {
  return defineEntity({
    name,
    group: 'transaction',
    webhook: 'CUDVE',
    verbs: {
      create: true,
      update: true,
      delete: true,
      void: name === 'SalesReceipt' ? 'include' : 'person',
      send: true,
    },
    filters: SALES_FILTERS,
    required: ['Line'],
    fields: {
      ...salesForm,
      DepositToAccountRef: reference('Account'),
      PaymentMethodRef: reference('PaymentMethod'),
      PaymentRefNum: text(21),
      Balance: readOnly(money()),
      HomeBalance: readOnly(money()),
    },
    prepare: prepareSalesForm,
    settle(draft) {
      const { object, company } = draft;
      settleSalesForm(draft);
      const undeposited = company.accountOfSubtype('UndepositedFunds');
      if (!object.DepositToAccountRef && undeposited) object.DepositToAccountRef = { value: undeposited.Id };
      object.Balance = 0;
    },
    void: voidSalesForm,
    postings(object, _hidden, company) {
      const bank = (object.DepositToAccountRef as Reference | undefined)?.value;
      if (bank === undefined) return [];
      const postings = [debit(bank, decimal(object.TotalAmt), rateOf(object)), ...incomePostings(company, object)];
      return sign === 1 ? postings : reversed(postings);
    },
  });
}

function prepareSalesForm(draft: Draft): void {
  settleDate(draft);
  numberSalesForm(draft);
}

function settleSalesForm(draft: Draft): void {
  const { object, company } = draft;
  const customer = object.CustomerRef ? partyOf(company, 'Customer', object.CustomerRef.value) : undefined;
  keepParty(draft, 'CustomerRef');
  settleCurrency(draft, customer);
  settleHeaderTracking(draft);
  settleCustomFields(draft, company.preference('SalesFormsPrefs.CustomField'));
  if (customer) settleFromCustomer(draft, customer);
  object.EmailStatus ??= 'NotSet';
  object.PrintStatus ??= isNew(draft) && customer?.PreferredDeliveryMethod === 'Print' ? 'NeedToPrint' : 'NotSet';
  if (object.EmailStatus === 'NeedToSend' && !object.BillEmail) throw faults.missing('BillEmail');
  object.ApplyTaxAfterDiscount ??= !company.isUnitedStates;
  settleTotals(draft, customer);
  object.LinkedTxn = linksOf(draft);
}

/** Links a client may write: those to estimates. Everything else in the list follows from other transactions. */
function linksOf(draft: Draft): Entity['LinkedTxn'] {
  const own = (draft.object.LinkedTxn ?? []).filter((link) => link.TxnType === 'Estimate');
  if (draft.rules.name !== 'Invoice') return draft.hidden.linkedBy ?? [];
  return [...own, ...(draft.hidden.linkedBy ?? [])];
}

function settleFromCustomer(draft: Draft, customer: Entity): void {
  const { object } = draft;
  settleTransactionAddress(draft, 'BillAddr', customer, 'BillAddr');
  settleTransactionAddress(draft, 'ShipAddr', customer, 'ShipAddr');
  if (!isNew(draft)) return;
  if (!object.BillEmail && customer.PrimaryEmailAddr) object.BillEmail = customer.PrimaryEmailAddr;
  if (!object.SalesTermRef && customer.SalesTermRef && draft.rules.name === 'Invoice') {
    object.SalesTermRef = customer.SalesTermRef;
  }
}

interface Parts {
  /** Lines in the order in which they come back, without subtotal, shipping and discount. */
  body: Line[];
  shipping: Line[];
  discount: Line | undefined;
  /** Everything with an amount of its own, components of bundles included. */
  sold: TaxedLine[];
}

/** Lines, subtotal, discount, tax and total: everything money. */
function settleTotals(draft: Draft, customer: Entity | undefined): void {
  const { object, company } = draft;
  const parts = sortLines(draft, customer);
  const onSubtotal = parts.sold.filter(({ line }) => !isShipping(line));
  const subtotal = sum(onSubtotal.map(({ own }) => own));
  const discount = parts.discount ? settleDiscount(draft, parts.discount, subtotal) : zero;
  const reduces = object.ApplyTaxAfterDiscount === true && !subtotal.isZero();
  const remaining = reduces ? new Decimal(1).minus(discount.dividedBy(subtotal)) : new Decimal(1);
  const tax = settleTax({ draft, lines: parts.sold, remaining, side: 'SalesTaxRateList', party: customer });
  for (const line of parts.body) if (line.DetailType === 'GroupLineDetail') showGroupTotal(line);
  numberLines(draft, [...parts.body, ...parts.shipping, ...(parts.discount ? [parts.discount] : [])]);

  const shown = sum(onSubtotal.map(({ line }) => decimal(line.Amount)));
  const shippingShown = sum(parts.shipping.map((line) => decimal(line.Amount)));
  const gross = sum(parts.sold.map(({ line, detail: own }) => decimal(own.TaxInclusiveAmt ?? line.Amount)));
  const total = tax.inclusive ? gross.minus(discount) : shown.plus(shippingShown).minus(discount).plus(tax.total);
  if (total.isNegative()) throw faults.business('Transaction amount must be 0 or greater.', 'TotalAmt');
  if (draft.hidden.voided && !total.isZero()) throw faults.business('A voided transaction cannot get amounts again.');
  object.Line = [
    ...parts.body,
    { Amount: amount(shown), DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} },
    ...parts.shipping,
    ...(parts.discount ? [parts.discount] : []),
  ];
  object.TotalAmt = amount(total);
  showHomeAmounts(company, object, ['TotalAmt']);
}

function isShipping(line: Line): boolean {
  const itemRef = (line.SalesItemLineDetail as { ItemRef?: Reference } | undefined)?.ItemRef;
  return itemRef?.value === 'SHIPPING_ITEM_ID';
}

function sortLines(draft: Draft, customer: Entity | undefined): Parts {
  const { object, company } = draft;
  const parts: Parts = { body: [], shipping: [], discount: undefined, sold: [] };
  let sinceSubtotal = zero;
  for (const given of object.Line ?? []) {
    const line: Line = { ...given };
    switch (line.DetailType) {
      case 'SubTotalLineDetail':
        // Written by the vendor on output; whatever comes in is ignored.
        break;
      case 'DiscountLineDetail':
        if (parts.discount) throw faults.discount('A transaction has one discount line at most.');
        parts.discount = line;
        break;
      case 'DescriptionOnly':
        line.Amount = undefined;
        if (line.Description?.startsWith('Subtotal:')) {
          line.Amount = amount(sinceSubtotal);
          sinceSubtotal = zero;
        }
        parts.body.push(line);
        break;
      case 'GroupLineDetail': {
        const sold = settleBundle(draft, line, customer);
        sinceSubtotal = sinceSubtotal.plus(sum(sold.map(({ own }) => own)));
        parts.sold.push(...sold);
        parts.body.push(line);
        break;
      }
      default: {
        const sold = settleItemLine(draft, line, customer);
        if (sold && isShipping(line)) {
          if (!company.prefers('SalesFormsPrefs.AllowShipping')) {
            if (company.switches.featureOff === '5030') throw faults.featureOff('shipping is switched off');
            break;
          }
          parts.shipping.push(line);
          parts.sold.push(sold);
          break;
        }
        if (sold) {
          parts.sold.push(sold);
          sinceSubtotal = sinceSubtotal.plus(sold.own);
        }
        parts.body.push(line);
      }
    }
  }
  return parts;
}

/** Completes a line that sells an item; undefined when it turns out to be text only. */
function settleItemLine(draft: Draft, line: Line, customer: Entity | undefined): TaxedLine | undefined {
  const { company } = draft;
  const itemLine = detailOfLine(line);
  if (itemLine.ItemRef === undefined) {
    const services = company.switches.lineWithoutItem === 'services' ? defaultItem(company) : undefined;
    if (!services) {
      // Documented as a text line whose amount is ignored (sheet 3.8).
      delete line.SalesItemLineDetail;
      line.Amount = undefined;
      line.DetailType = 'DescriptionOnly';
      return undefined;
    }
    itemLine.ItemRef = { value: services.Id };
  }
  settleQuantity(line, itemLine);
  settleLineTracking(company, itemLine);
  const sold = company.object('Item', (itemLine.ItemRef as Reference).value);
  if (sold?.Type === 'Category' || sold?.Type === 'Group') {
    throw faults.business('A category or bundle cannot be sold on an item line.', 'ItemRef');
  }
  if (sold?.IncomeAccountRef) itemLine.ItemAccountRef = { value: (sold.IncomeAccountRef as Reference).value };
  itemLine.TaxCodeRef ??= defaultTaxCode(company, sold, customer);
  return { line, detail: itemLine as TaxedLine['detail'], own: decimal(line.Amount) };
}

function defaultItem(company: Company): Entity | undefined {
  for (const id of company.collection('Item').lookUp('Name', 'Services') ?? []) return company.object('Item', id);
  return undefined;
}

function defaultTaxCode(company: Company, sold: Entity | undefined, customer: Entity | undefined): unknown {
  if (!company.isUnitedStates) return sold?.SalesTaxCodeRef;
  const taxable = sold?.Taxable === true && customer?.Taxable !== false;
  return { value: taxable ? 'TAX' : 'NON' };
}

/** A bundle becomes its components; those sent back by the client stand. */
function settleBundle(draft: Draft, line: Line, customer: Entity | undefined): TaxedLine[] {
  const { company } = draft;
  const bundle = detailOfLine(line);
  const reference = bundle.GroupItemRef as Reference | undefined;
  const item = company.object('Item', reference?.value);
  if (item?.Type !== 'Group') throw faults.reference('GroupItemRef');
  bundle.Quantity ??= 1;
  const sent = bundle.Line as Line[] | undefined;
  const components =
    sent && sent.length > 0 ? sent.map((each) => ({ ...each })) : expand(company, item, bundle.Quantity);
  bundle.Line = components;
  return components
    .map((component) => settleItemLine(draft, component, customer))
    .filter((component): component is TaxedLine => component !== undefined);
}

function expand(company: Company, bundle: Entity, quantity: unknown): Line[] {
  const content = (bundle.ItemGroupDetail as { ItemGroupLine?: { ItemRef: Reference; Qty: number }[] } | undefined)
    ?.ItemGroupLine;
  return (content ?? []).map(({ ItemRef, Qty }) => {
    const count = decimal(Qty).times(decimal(quantity));
    const price = decimal(company.object('Item', ItemRef.value)?.UnitPrice);
    return {
      Description: company.object('Item', ItemRef.value)?.Description as string | undefined,
      Amount: amount(price.times(count)),
      DetailType: 'SalesItemLineDetail',
      SalesItemLineDetail: { ItemRef: { value: ItemRef.value }, UnitPrice: price.toNumber(), Qty: count.toNumber() },
    };
  });
}

function showGroupTotal(line: Line): void {
  const components = (line.GroupLineDetail as { Line: Line[] }).Line;
  line.Amount = amount(sum(components.map((component) => decimal(component.Amount))));
}

/** The one discount of a document: a share of the subtotal, or an amount (sheet 3.8). */
function settleDiscount(draft: Draft, line: Line, subtotal: Decimal): Decimal {
  const { company } = draft;
  if (!company.prefers('SalesFormsPrefs.AllowDiscount')) throw faults.discount('Discounts are switched off.');
  const discount = detailOfLine(line);
  discount.PercentBased ??= discount.DiscountPercent !== undefined;
  if (discount.PercentBased === true) {
    line.Amount = amount(cents(subtotal.times(decimal(discount.DiscountPercent)).dividedBy(100)));
  }
  if (line.Amount === undefined) throw faults.missing('Amount');
  const account = company.preference('SalesFormsPrefs.DefaultDiscountAccount');
  if (typeof account === 'string') discount.DiscountAccountRef ??= { value: account };
  settleLineTracking(company, discount);
  return decimal(line.Amount);
}

function voidSalesForm(draft: Draft): void {
  const { object, company } = draft;
  object.Line = (object.Line ?? []).map(zeroed);
  object.TxnTaxDetail = { ...object.TxnTaxDetail, TotalTax: 0, TaxLine: undefined };
  object.TotalAmt = 0;
  draft.hidden.taxGiven = undefined;
  showHomeAmounts(company, object, ['TotalAmt']);
}

/** What a sale brings in, by account. The tax account takes what is left, so that rounding never unbalances a form. */
function incomePostings(company: Company, object: Entity): Posting[] {
  const rate = rateOf(object);
  const postings: Posting[] = [];
  let posted = zero;
  const post = (account: string | undefined, value: Decimal) => {
    if (account === undefined || value.isZero()) return;
    postings.push(credit(account, value, rate));
    posted = posted.plus(value);
  };
  const sell = (line: Line) => {
    const own = line.SalesItemLineDetail as { ItemRef?: Reference; ItemAccountRef?: Reference } | undefined;
    const account = own?.ItemAccountRef?.value ?? company.accountOfSubtype('SalesOfProductIncome')?.Id;
    post(account, decimal(line.Amount));
  };
  for (const line of object.Line ?? []) {
    if (line.DetailType === 'SalesItemLineDetail') sell(line);
    if (line.DetailType === 'GroupLineDetail') (line.GroupLineDetail as { Line: Line[] }).Line.forEach(sell);
    if (line.DetailType === 'DiscountLineDetail') {
      const account = (line.DiscountLineDetail as { DiscountAccountRef?: Reference }).DiscountAccountRef?.value;
      post(account ?? company.accountOfSubtype('DiscountsRefundsGiven')?.Id, decimal(line.Amount).negated());
    }
  }
  post(taxAccountOf(company)?.Id, decimal(object.TotalAmt).minus(posted));
  return postings;
}

function reversed(postings: Posting[]): Posting[] {
  return postings.map((posting) => ({ ...posting, amount: posting.amount.negated() }));
}
