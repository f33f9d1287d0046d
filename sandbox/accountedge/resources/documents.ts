import { cents, decimal, zero } from '../../amounts.ts';
import { balanceOf, isApplied, showBalance } from '../applications.ts';
import { dayOf } from '../calendar.ts';
import type { CompanyFile } from '../company-file.ts';
import { credit, debit, type Posting } from '../ledger.ts';
import { refusal, type Problems } from '../problem.ts';
import type { Hidden, Line } from '../record.ts';
import type { Draft, ResourceRules } from '../rules.ts';
import {
  choice,
  date,
  flag,
  link,
  money,
  needed,
  number,
  readOnly,
  rows,
  text,
  withInitial,
  type Field,
  type Link,
  type Members,
  type Shape,
} from '../shape.ts';
import { appliedTerms, CASH_ON_DELIVERY, documentTerms } from '../terms.ts';
import { countsMoney, inForeign, totalUp, type Measure } from '../totals.ts';
import { DELIVERY, nameOf, watchCreditLimit } from './cards.ts';
import { averageCost } from './items.ts';

/** Sales and purchases, in layouts that are fixed for life (sheet 6.7, 6.10, 6.12, 6.15, 6.20). */

export type Layout = 'Item' | 'Service' | 'Professional' | 'Miscellaneous' | 'TimeBilling';

interface Side {
  party: 'Customer' | 'Supplier';
  details: 'SellingDetails' | 'BuyingDetails';
  quantity: 'ShipQuantity' | 'BillQuantity';
  memo: string;
  reference: Shape;
}

const SALE: Side = {
  party: 'Customer',
  details: 'SellingDetails',
  quantity: 'ShipQuantity',
  memo: 'Sale',
  reference: { CustomerPurchaseOrderNumber: text(255) },
};

const PURCHASE: Side = {
  party: 'Supplier',
  details: 'BuyingDetails',
  quantity: 'BillQuantity',
  memo: 'Purchase',
  reference: { SupplierInvoiceNumber: text(255) },
};

interface DocumentKind {
  name: string;
  side: Side;
  layouts: readonly Layout[];
  layoutMember: string;
  delivery: string;
  pushed: boolean;
  /** Members of this kind alone. */
  more: Shape;
  status: Field;
  /** Only invoices and bills are posted; quotes and orders are intentions. */
  isPosted: boolean;
  /** The collection of orders it may be made from. */
  fromOrder?: 'Sale/Order' | 'Purchase/Order';
  isOrder: boolean;
  series: string;
}

const SALE_LAYOUTS = ['Item', 'Service', 'Professional', 'TimeBilling', 'Miscellaneous'] as const;
const PURCHASE_LAYOUTS = ['Item', 'Service', 'Professional', 'Miscellaneous'] as const;

/** What a layout does not have (sheet 6.7). */
const WITHOUT: Readonly<Partial<Record<Layout, readonly string[]>>> = {
  Professional: ['ShipToAddress', 'Freight', 'FreightTaxCode', 'ShippingMethod'],
  Miscellaneous: ['ShipToAddress', 'Freight', 'FreightTaxCode', 'ShippingMethod', 'Comment'],
};

const foreign = { ForeignCurrency: link('GeneralLedger/Currency'), CurrencyExchangeRate: number(0) };

export const invoice = document({
  name: 'Sale/Invoice',
  side: SALE,
  layouts: SALE_LAYOUTS,
  layoutMember: 'InvoiceType',
  delivery: 'InvoiceDeliveryStatus',
  pushed: true,
  more: { Order: link('Sale/Order'), OnlinePaymentMethod: text(30), ...foreign },
  status: readOnly(choice(['Open', 'Closed', 'Credit'])),
  isPosted: true,
  fromOrder: 'Sale/Order',
  isOrder: false,
  series: 'invoice',
});

export const quote = document({
  name: 'Sale/Quote',
  side: SALE,
  layouts: SALE_LAYOUTS,
  layoutMember: 'QuoteType',
  delivery: 'DeliveryStatus',
  pushed: true,
  more: {},
  status: choice(['Open', 'Accepted', 'Declined'], 'Open'),
  isPosted: false,
  isOrder: false,
  series: 'quote',
});

export const saleOrder = document({
  name: 'Sale/Order',
  side: SALE,
  layouts: SALE_LAYOUTS,
  layoutMember: 'OrderType',
  delivery: 'DeliveryStatus',
  pushed: false,
  more: foreign,
  status: readOnly(choice(['Open', 'ConvertedToInvoice'])),
  isPosted: false,
  isOrder: true,
  series: 'sale order',
});

export const bill = document({
  name: 'Purchase/Bill',
  side: PURCHASE,
  layouts: PURCHASE_LAYOUTS,
  layoutMember: 'BillType',
  delivery: 'BillDeliveryStatus',
  pushed: true,
  more: { Order: link('Purchase/Order'), IsReportable: flag(), ...foreign },
  status: readOnly(choice(['Open', 'Closed', 'Debit'])),
  isPosted: true,
  fromOrder: 'Purchase/Order',
  isOrder: false,
  series: 'bill',
});

export const purchaseOrder = document({
  name: 'Purchase/Order',
  side: PURCHASE,
  layouts: PURCHASE_LAYOUTS,
  layoutMember: 'OrderType',
  delivery: 'OrderDeliveryStatus',
  pushed: false,
  more: { IsReportable: flag(), ...foreign },
  status: readOnly(choice(['Open', 'ConvertedToBill'])),
  isPosted: false,
  isOrder: true,
  series: 'purchase order',
});

/** The status a document shows for what is left of it: of orders it tells whether they were converted. */
export function statusOf(resource: string, balance: { isZero(): boolean; isNegative(): boolean }, members: Members) {
  if (resource !== 'Sale/Invoice' && resource !== 'Purchase/Bill') return members.Status;
  if (balance.isZero()) return 'Closed';
  if (!balance.isNegative()) return 'Open';
  return resource === 'Sale/Invoice' ? 'Credit' : 'Debit';
}

function document(kind: DocumentKind): ResourceRules {
  const header = headerShape(kind);
  const isSale = kind.side === SALE;
  return {
    name: kind.name,
    group: 'transaction',
    scope: isSale ? 'sme-sales' : 'sme-purchases',
    fields: header,
    layouts: Object.fromEntries(kind.layouts.map((layout) => [layout, layoutShape(kind, header, layout)])),
    layoutMember: kind.layoutMember,
    verbs: { create: true, update: true, delete: true },
    pushed: kind.pushed,
    dateMember: 'Date',
    numbered: { member: 'Number', series: kind.series },
    linkMembers: ({ Number }) => ({ Number }),
    unique: (members) => uniqueKeys(kind, members),
    prepare: (draft) => prepare(kind, draft),
    check: (draft, problems) => check(kind, draft, problems),
    settle: (draft) => settle(kind, draft),
    effects: (draft) => convertOrders(kind, draft),
    release: (draft) => release(kind, draft),
    ...(kind.isPosted && {
      postings: (record, file: CompanyFile) =>
        isSale ? salePostings(record.members, record.hidden, file) : billPostings(record.members, record.hidden, file),
    }),
  };
}

function headerShape({ side, delivery, more, status }: DocumentKind): Shape {
  return {
    Number: text('documentNumberLength'),
    Date: needed(date()),
    ...side.reference,
    [side.party]: needed(link(`Contact/${side.party}`)),
    PromisedDate: date(),
    ShipToAddress: text(255),
    Terms: documentTerms(),
    IsTaxInclusive: flag(true),
    Subtotal: readOnly(money()),
    SubtotalForeign: readOnly(money()),
    Freight: withInitial(money(), 0),
    FreightTaxCode: link('GeneralLedger/TaxCode'),
    TotalTax: readOnly(money()),
    TotalTaxForeign: readOnly(money()),
    TotalAmount: readOnly(money()),
    TotalAmountForeign: readOnly(money()),
    Category: link('GeneralLedger/Category'),
    Salesperson: link('Contact/Employee'),
    Comment: text(255),
    ShippingMethod: text(20),
    JournalMemo: text('memoLength'),
    ReferralSource: text(20),
    [delivery]: choice(DELIVERY, 'Print'),
    AppliedToDate: readOnly(money()),
    BalanceDueAmount: readOnly(money()),
    BalanceDueAmountForeign: readOnly(money()),
    Status: status,
    LastPaymentDate: readOnly(date()),
    ...more,
  };
}

function layoutShape(kind: DocumentKind, header: Shape, layout: Layout): Shape {
  const missing = WITHOUT[layout] ?? [];
  const isMiscellaneous = layout === 'Miscellaneous';
  const kept = Object.entries(header).filter(
    ([name]) => !missing.includes(name) && !(isMiscellaneous && name === kind.delivery),
  );
  return { ...Object.fromEntries(kept), Lines: needed(rows('RowID', lineShape(kind.side, layout))) };
}

function lineShape(side: Side, layout: Layout): Shape {
  const start: Shape = {
    Type: choice(['Transaction', 'Header', 'SubTotal'], 'Transaction'),
    Description: text(1000),
  };
  const end: Shape = {
    Total: money(),
    TotalForeign: readOnly(money()),
    Job: link('GeneralLedger/Job'),
    TaxCode: needed(link('GeneralLedger/TaxCode')),
  };
  const account = link('GeneralLedger/Account');
  const priced: Shape = {
    UnitOfMeasure: text(15),
    UnitCount: number(),
    UnitPrice: number(),
    DiscountPercent: withInitial(number(), 0),
  };
  switch (layout) {
    case 'Item':
      return {
        ...start,
        [side.quantity]: needed(number()),
        ...(side === PURCHASE && { ReceivedQuantity: number(), BackorderQuantity: number() }),
        ...priced,
        Item: link('Inventory/Item'),
        Location: readOnly(text()),
        Account: account,
        ...(side === SALE && { CostOfGoodsSold: readOnly(money()) }),
        ...end,
      };
    case 'Service':
      return { ...start, Date: date(), Account: needed(account), ...priced, ...end };
    case 'Professional':
    case 'Miscellaneous':
      return { ...start, Date: date(), Account: needed(account), ...end };
    case 'TimeBilling':
      return {
        ...start,
        Date: date(),
        Hours: number(),
        Activity: link('TimeBilling/Activity'),
        Units: number(),
        Item: link('Inventory/Item'),
        Rate: number(),
        ...end,
      };
  }
}

function measureOf(side: Side, layout: string | undefined): Measure | undefined {
  if (layout === 'Item') return { quantity: side.quantity, price: 'UnitPrice' };
  if (layout === 'Service') return { quantity: 'UnitCount', price: 'UnitPrice' };
  return layout === 'TimeBilling' ? { quantity: 'Units', price: 'Rate' } : undefined;
}

function uniqueKeys(kind: DocumentKind, members: Members) {
  if (kind.side === SALE) return [{ scope: kind.name, key: String(members.Number).toUpperCase(), path: 'Number' }];
  const reference = members.SupplierInvoiceNumber;
  if (kind.name !== 'Purchase/Bill' || typeof reference !== 'string') return [];
  const key = `${(members.Supplier as Link).UID} ${reference.toUpperCase()}`;
  return [{ scope: 'supplier invoice', key, path: 'SupplierInvoiceNumber' }];
}

function prepare({ side }: DocumentKind, { members, file }: Draft): void {
  const card = file.linked(members[side.party]);
  const details = card?.[side.details] as Members | undefined;
  members.Terms ??= details?.Terms ?? CASH_ON_DELIVERY;
  members.JournalMemo ??= `${side.memo}; ${card ? nameOf(card) : ''}`.slice(0, 255);
  for (const line of members.Lines as Line[]) {
    if (line.Units === null && typeof line.Hours === 'number') line.Units = line.Hours;
    if ('ReceivedQuantity' in line) {
      line.ReceivedQuantity ??= line.BillQuantity ?? 0;
      line.BackorderQuantity ??= 0;
    }
  }
}

const CONTROL_TYPES = ['AccountReceivable', 'AccountsPayable'];

function check(kind: DocumentKind, draft: Draft, problems: Problems): void {
  const { members, file, layout, previous } = draft;
  const lines = members.Lines as Line[];
  if (lines.length === 0) problems.add('Required', 'Lines');
  for (const [index, line] of lines.entries()) {
    if (!countsMoney(line)) continue;
    const path = `Lines[${index}]`;
    const hasItem = (line.Item ?? null) !== null;
    const hasAccount = (line.Account ?? null) !== null;
    if (layout === 'Item' && !hasItem && (!hasAccount || !file.switches.itemLinesWithoutItem)) {
      problems.add('Required', `${path}.Item`);
    } else if (accountOf(kind.side, line, members, file) === undefined) problems.add('Required', `${path}.Account`);
    else if (CONTROL_TYPES.includes(String(file.linked(line.Account)?.Type))) {
      problems.add('IncorrectAccountType', `${path}.Account`);
    }
  }
  const freight = decimal(members.Freight);
  if (!freight.isZero()) {
    if (members.FreightTaxCode === null) problems.add('FreightHasNotBeenSet', 'FreightTaxCode');
    const isHybrid = layout === 'Item' && lines.some((line) => countsMoney(line) && (line.Item ?? null) === null);
    if (isHybrid) problems.add('FreightNotSupported', 'Freight');
  }
  if (previous && previous.hidden.convertedBy !== undefined) throw refusal('OrderConvertedToInvoice', 'UID');
  const order = file.linked(members.Order);
  if (order && (order[kind.side.party] as Link).UID !== (members[kind.side.party] as Link).UID) {
    problems.add('NotFound', 'Order');
  }
}

function settle(kind: DocumentKind, draft: Draft): void {
  const { members, hidden, file, layout, previous } = draft;
  totalUp(members, hidden, file, measureOf(kind.side, layout));
  if (kind.isPosted && kind.side === SALE) costGoods(draft);
  members.Terms = appliedTerms(members.Terms as Members, dayOf(members.Date), members.TotalAmount);
  if (previous && isApplied(hidden)) refuseChangeOfPaid(kind, draft);
  showBalance(members, hidden);
  if (kind.isOrder) members.Status = hidden.convertedBy === undefined ? 'Open' : members.Status;
  else if (kind.isPosted) members.Status = statusOf(kind.name, balanceOf(members, hidden), members);
  showForeign(members);
  if (kind.isPosted && kind.side === SALE) watchCreditLimit(draft);
}

/** What a payment was made for stays as it is; memos and the like may change (sheet 6.7). */
function refuseChangeOfPaid(kind: DocumentKind, { members, previous, file }: Draft): void {
  const significant = (of: Members) =>
    JSON.stringify([
      of[kind.side.party],
      of.Date,
      of.IsTaxInclusive,
      of.Freight,
      of.FreightTaxCode,
      of.TotalAmount,
      (of.Lines as Line[]).map(({ RowVersion: _version, ...line }) => Object.entries(line).sort()),
    ]);
  const same = previous && significant(previous.members) === significant(members);
  if (!same || !file.switches.paidDocumentMemo) throw refusal('InvoicePaid', 'UID');
}

function showForeign(members: Members): void {
  if ((members.ForeignCurrency ?? null) === null) return;
  const rate = members.CurrencyExchangeRate;
  for (const name of ['Subtotal', 'TotalTax', 'TotalAmount', 'BalanceDueAmount']) {
    members[`${name}Foreign`] = inForeign(members[name], rate);
  }
  for (const line of members.Lines as Line[]) line.TotalForeign = inForeign(line.Total, rate);
}

/** An order is converted by what is made from it, and open again when that goes or lets go of it. */
function convertOrders({ fromOrder }: DocumentKind, draft: Draft): void {
  const { members, previous, work, uid } = draft;
  const before = (previous?.members.Order as Link | null | undefined)?.UID;
  const after = (members.Order as Link | null | undefined)?.UID;
  if (fromOrder === undefined || before === after) return;
  if (before !== undefined) reopenOrder(draft, before);
  if (after === undefined) return;
  const order = work.edit(after);
  if (order.hidden.convertedBy !== undefined) throw refusal('OrderConvertedToInvoice', 'Order');
  order.hidden.convertedBy = uid;
  order.members.Status = fromOrder === 'Sale/Order' ? 'ConvertedToInvoice' : 'ConvertedToBill';
}

function reopenOrder({ work }: Draft, uid: string): void {
  if (!work.peek(uid)) return;
  const order = work.edit(uid);
  order.hidden.convertedBy = undefined;
  order.members.Status = 'Open';
}

function release(kind: DocumentKind, draft: Draft): void {
  const { hidden, members } = draft;
  if (isApplied(hidden)) throw refusal('InvoicePaid', 'UID');
  if (hidden.convertedBy !== undefined) throw refusal('OrderConvertedToInvoice', 'UID');
  const order = (members.Order as Link | null | undefined)?.UID;
  if (kind.fromOrder !== undefined && order !== undefined) reopenOrder(draft, order);
}

/** The account a line is posted to: its own, or that of what is sold or bought. */
function accountOf(side: Side, line: Line, members: Members, file: CompanyFile): string | undefined {
  const own = (line.Account as Link | null | undefined)?.UID;
  if (own !== undefined) return own;
  const item = file.linked(line.Item);
  if (side === PURCHASE) return uidOf(item?.IsInventoried === true ? item.AssetAccount : item?.ExpenseAccount);
  const party = file.linked(members[side.party])?.SellingDetails as Members | undefined;
  return uidOf(item?.IncomeAccount) ?? uidOf(file.linked(line.Activity)?.IncomeAccount) ?? uidOf(party?.IncomeAccount);
}

function uidOf(link: unknown): string | undefined {
  return (link as Link | null | undefined)?.UID;
}

/** Goods leave stock at what they cost on average at that moment; a change of anything else keeps the cost. */
function costGoods({ members, hidden, file, previous }: Draft): void {
  const before = (previous?.members.Lines ?? []) as Line[];
  const costs: string[] = [];
  for (const line of members.Lines as Line[]) {
    const item = file.linked(line.Item);
    if (item?.IsInventoried !== true || typeof line.ShipQuantity !== 'number') {
      costs.push('');
      continue;
    }
    const place = before.findIndex((each) => each.RowID !== undefined && each.RowID === line.RowID);
    const old = before[place];
    const same = old && uidOf(old.Item) === uidOf(line.Item) && old.ShipQuantity === line.ShipQuantity;
    const kept = same ? previous?.hidden.costs?.[place] : undefined;
    const cost = kept ?? cents(averageCost(file, uidOf(line.Item) as string).times(line.ShipQuantity)).toString();
    costs.push(cost);
    line.CostOfGoodsSold = decimal(cost).toNumber();
  }
  hidden.costs = costs;
}

/** What a line comes to without tax. */
function net(line: Line, index: number, members: Members, hidden: Hidden) {
  const total = decimal(line.Total);
  return members.IsTaxInclusive === true ? total.minus(decimal(hidden.taxes?.[index])) : total;
}

function freightNet(members: Members, hidden: Hidden) {
  const freight = decimal(members.Freight);
  return members.IsTaxInclusive === true ? freight.minus(decimal(hidden.freightTax)) : freight;
}

function salePostings(members: Members, hidden: Hidden, file: CompanyFile): Posting[] {
  const lines = members.Lines as Line[];
  const postings = [debit(file.account('receivable'), decimal(members.TotalAmount), (members.Customer as Link).UID)];
  for (const [index, line] of lines.entries()) {
    if (!countsMoney(line)) continue;
    postings.push(credit(accountOf(SALE, line, members, file) as string, net(line, index, members, hidden)));
    postings.push(credit(taxAccount(line.TaxCode, 'TaxCollectedAccount', file), decimal(hidden.taxes?.[index])));
    postings.push(...stockOut(line, hidden.costs?.[index], file));
  }
  postings.push(credit(file.account('freightIncome'), freightNet(members, hidden)));
  postings.push(credit(taxAccount(members.FreightTaxCode, 'TaxCollectedAccount', file), decimal(hidden.freightTax)));
  return postings.filter(matters);
}

function stockOut(line: Line, cost: string | undefined, file: CompanyFile): Posting[] {
  const item = file.linked(line.Item);
  if (cost === undefined || cost === '' || !item) return [];
  const amount = decimal(cost);
  const quantity = decimal(line.ShipQuantity).negated();
  return [
    debit(uidOf(item.CostOfSalesAccount) as string, amount),
    { ...credit(uidOf(item.AssetAccount) as string, amount), item: uidOf(line.Item), quantity },
  ];
}

function billPostings(members: Members, hidden: Hidden, file: CompanyFile): Posting[] {
  const lines = members.Lines as Line[];
  const postings = [credit(file.account('payable'), decimal(members.TotalAmount), (members.Supplier as Link).UID)];
  for (const [index, line] of lines.entries()) {
    if (!countsMoney(line)) continue;
    const isStock = file.linked(line.Item)?.IsInventoried === true && (line.Account ?? null) === null;
    postings.push({
      ...debit(accountOf(PURCHASE, line, members, file) as string, net(line, index, members, hidden)),
      ...(isStock && { item: uidOf(line.Item), quantity: decimal(line.BillQuantity) }),
    });
    postings.push(debit(taxAccount(line.TaxCode, 'TaxPaidAccount', file), decimal(hidden.taxes?.[index])));
  }
  postings.push(debit(file.account('freightPaid'), freightNet(members, hidden)));
  postings.push(debit(taxAccount(members.FreightTaxCode, 'TaxPaidAccount', file), decimal(hidden.freightTax)));
  return postings.filter(matters);
}

function matters({ amount, item }: Posting): boolean {
  return item !== undefined || !amount.equals(zero);
}

export function taxAccount(
  taxCode: unknown,
  name: 'TaxCollectedAccount' | 'TaxPaidAccount',
  file: CompanyFile,
): string {
  return uidOf(file.linked(taxCode)?.[name]) ?? file.account('tax');
}
