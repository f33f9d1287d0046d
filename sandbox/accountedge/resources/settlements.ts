import { decimal, sum, type Decimal } from '../../amounts.ts';
import { apply, giveBack, refuseOverApplication, type Target } from '../applications.ts';
import type { CompanyFile } from '../company-file.ts';
import { credit, debit, type Posting } from '../ledger.ts';
import { refusal, type Problems } from '../problem.ts';
import { isNew, type Draft, type ResourceRules } from '../rules.ts';
import {
  choice,
  date,
  flag,
  link,
  list,
  money,
  needed,
  number,
  readOnly,
  rows,
  text,
  type Link,
  type Members,
  type Shape,
} from '../shape.ts';
import { DELIVERY } from './cards.ts';
import { statusOf } from './documents.ts';

/**
 * Payments, settlements of credits, and refunds (sheet 6.9, 6.11, 6.13, 6.14). They are made and deleted, never changed,
 * and both move what is left of documents.
 */

const METHODS = [
  'Cash',
  'EFTPOS',
  'Money Order',
  'Visa',
  'MasterCard',
  'American Express',
  'Diners Club',
  'Bank Card',
  'Barter Card',
  'Other',
];
const SALES = { Invoice: 'Sale/Invoice', Order: 'Sale/Order' } as const;
const PURCHASES = { Bill: 'Purchase/Bill', Order: 'Purchase/Order' } as const;

const account = () => link('GeneralLedger/Account');
const foreign: Shape = { ForeignCurrency: link('GeneralLedger/Currency'), CurrencyExchangeRate: number(0) };

interface SettlementKind {
  name: string;
  party: 'Customer' | 'Supplier';
  fields: Shape;
  number: string;
  series: string;
  /** What it takes up of which documents, signed like their totals. */
  targets(members: Members): Target[];
  check(draft: Draft, problems: Problems): void;
  settle?(members: Members): void;
  postings?(members: Members, file: CompanyFile): Posting[];
}

function settlement(kind: SettlementKind): ResourceRules {
  return {
    name: kind.name,
    group: 'transaction',
    scope: kind.party === 'Customer' ? 'sme-sales' : 'sme-purchases',
    fields: kind.fields,
    verbs: { create: true, update: false, delete: true },
    pushed: true,
    dateMember: 'Date',
    numbered: { member: kind.number, series: kind.series },
    linkMembers: (members) => ({ Number: members[kind.number] }),
    check(draft, problems) {
      refuseForeignTargets(kind, draft);
      refuseOtherParties(kind, draft, problems);
      kind.check(draft, problems);
    },
    settle(draft) {
      kind.settle?.(draft.members);
      if (draft.previous) refuseOtherAmounts(kind, draft.previous.members, draft.members);
      else refuseOverApplication(draft, kind.targets(draft.members));
    },
    effects(draft) {
      if (isNew(draft)) apply(draft, kind.targets(draft.members), statusOf);
    },
    release: (draft) => giveBack(draft, kind.targets(draft.members), statusOf),
    ...(kind.postings && {
      postings: (record, file) =>
        (kind.postings?.(record.members, file) ?? []).filter(({ amount }) => !amount.isZero()),
    }),
  };
}

/** A person at the desktop may change a memo; what is applied stays as it is. */
function refuseOtherAmounts({ targets, party }: SettlementKind, before: Members, after: Members): void {
  const significant = (members: Members) =>
    JSON.stringify([members[party], members.Date, members.Account, targets(members)]);
  if (significant(before) !== significant(after)) throw refusal('InvoicePaid', 'UID');
}

function refuseForeignTargets({ targets }: SettlementKind, { origin, members, file }: Draft): void {
  if (origin === 'desktop') return;
  for (const { uid, path } of targets(members)) {
    if ((file.find(uid)?.members.ForeignCurrency ?? null) !== null) {
      throw refusal('ForeignCurrencyNotSupported', path);
    }
  }
}

/** A document of somebody else is as good as none. */
function refuseOtherParties({ party, targets }: SettlementKind, { members, file }: Draft, problems: Problems): void {
  const own = (members[party] as Link | null)?.UID;
  for (const { uid, path } of targets(members)) {
    const other = (file.find(uid)?.members[party] as Link | null | undefined)?.UID;
    if (own !== undefined && other !== undefined && other !== own) problems.add('NotFound', path);
  }
}

function amountsOf(lines: unknown): Decimal[] {
  return (lines as Members[]).map((line) => decimal(line.AmountApplied));
}

/** All amounts positive, and together what the whole says. */
function checkSum(members: Members, lines: string, whole: Decimal, wholeMember: string): void {
  const amounts = amountsOf(members[lines]);
  const negative = amounts.findIndex((amount) => amount.isNegative());
  if (negative !== -1) throw refusal('AmountAppliedMismatch', `${lines}[${negative}].AmountApplied`);
  if (!sum(amounts).equals(whole)) throw refusal('AmountAppliedMismatch', wholeMember);
}

function checkMethod({ members, file }: Draft, problems: Problems): void {
  const { paymentMethods } = file.switches;
  const method = members.PaymentMethod;
  if (paymentMethods === 'any' || typeof method !== 'string') return;
  if (![...METHODS, paymentMethods].includes(method)) problems.add('NotFound', 'PaymentMethod');
}

/** Money goes to or comes from a bank account or a card, or waits among undeposited funds. */
export function checkMoneyAccount(draft: Draft, direction: 'in' | 'out', problems: Problems): void {
  const { members, file } = draft;
  const uid = (members.Account as Link | null)?.UID;
  const type = file.find(uid)?.members.Type;
  const isMoney = type === 'Bank' || type === 'CreditCard' || uid === file.account('undeposited');
  if (uid === undefined || isMoney) return;
  problems.add(direction === 'in' ? 'DepositToAccountMismatch' : 'IncorrectAccountType', 'Account');
}

export const customerPayment = settlement({
  name: 'Sale/CustomerPayment',
  party: 'Customer',
  number: 'ReceiptNumber',
  series: 'receipt',
  fields: {
    DepositTo: choice(['Account', 'UndepositedFunds'], 'Account'),
    Account: account(),
    Customer: needed(link('Contact/Customer')),
    ReceiptNumber: text('documentNumberLength'),
    Date: needed(date()),
    AmountReceived: needed(money()),
    AmountReceivedForeign: readOnly(money()),
    PaymentMethod: text(30),
    Memo: text('memoLength'),
    Invoices: needed({
      ...list({
        Number: readOnly(text()),
        AmountApplied: needed(money()),
        Type: choice(['Invoice', 'Order', 'Purged'], 'Invoice'),
      }),
      flatLink: SALES,
    }),
    TransactionUID: readOnly(text()),
    ...foreign,
  },
  targets: ({ Invoices }) =>
    (Invoices as Members[]).map((line, index) => ({
      uid: String(line.UID),
      amount: decimal(line.AmountApplied),
      path: `Invoices[${index}].AmountApplied`,
    })),
  check(draft, problems) {
    const { members } = draft;
    if (members.DepositTo === 'Account' && members.Account === null) problems.add('Required', 'Account');
    for (const [index, line] of (members.Invoices as Members[]).entries()) {
      if (line.UID === null) problems.add('Required', `Invoices[${index}].UID`);
    }
    if (members.DepositTo === 'Account') checkMoneyAccount(draft, 'in', problems);
    checkMethod(draft, problems);
    problems.throwAny();
    checkSum(members, 'Invoices', decimal(members.AmountReceived), 'AmountReceived');
  },
  postings(members, file) {
    const account = members.DepositTo === 'UndepositedFunds' ? file.account('undeposited') : uidOf(members.Account);
    const amount = decimal(members.AmountReceived);
    return [debit(account, amount), credit(file.account('receivable'), amount, uidOf(members.Customer))];
  },
});

export const supplierPayment = settlement({
  name: 'Purchase/SupplierPayment',
  party: 'Supplier',
  number: 'PaymentNumber',
  series: 'payment',
  fields: {
    PayFrom: choice(['Account', 'ElectronicPayments'], 'Account'),
    Account: account(),
    Supplier: needed(link('Contact/Supplier')),
    PayeeAddress: text(255),
    StatementParticulars: text(255),
    PaymentNumber: text('documentNumberLength'),
    Date: needed(date()),
    AmountPaid: readOnly(money()),
    Memo: text('memoLength'),
    Lines: needed(
      rows('RowID', {
        Type: choice(['Bill', 'Order', 'Purged'], 'Bill'),
        Purchase: needed(link(PURCHASES.Bill, PURCHASES.Order)),
        AmountApplied: needed(money()),
      }),
    ),
    DeliveryStatus: choice(DELIVERY, 'Print'),
    ...foreign,
  },
  targets: ({ Lines }) => purchaseTargets(Lines),
  check(draft, problems) {
    const { members } = draft;
    if (members.PayFrom === 'Account' && members.Account === null) problems.add('Required', 'Account');
    if (members.PayFrom === 'Account') checkMoneyAccount(draft, 'out', problems);
    requireLines(members, problems);
    problems.throwAny();
    checkSum(members, 'Lines', sum(amountsOf(members.Lines)), 'AmountPaid');
  },
  settle(members) {
    members.AmountPaid = sum(amountsOf(members.Lines)).toNumber();
  },
  postings(members, file) {
    const account = members.PayFrom === 'ElectronicPayments' ? file.account('electronic') : uidOf(members.Account);
    const amount = decimal(members.AmountPaid);
    return [credit(account, amount), debit(file.account('payable'), amount, uidOf(members.Supplier))];
  },
});

export const creditSettlement = settlement({
  name: 'Sale/CreditSettlement',
  party: 'Customer',
  number: 'Number',
  series: 'credit settlement',
  fields: {
    CreditFromInvoice: needed(link(SALES.Invoice)),
    Customer: needed(link('Contact/Customer')),
    Number: text('documentNumberLength'),
    Date: needed(date()),
    CreditAmount: needed(money(0)),
    Memo: text('memoLength'),
    Lines: needed(
      rows('RowID', {
        Type: choice(['Invoice', 'Order'], 'Invoice'),
        Sale: needed(link(SALES.Invoice, SALES.Order)),
        AmountApplied: needed(money()),
      }),
    ),
    ...foreign,
  },
  targets: ({ CreditFromInvoice, CreditAmount, Lines }) => [
    { uid: uidOf(CreditFromInvoice), amount: decimal(CreditAmount).negated(), path: 'CreditAmount' },
    ...lineTargets(Lines, 'Sale'),
  ],
  check({ members }, problems) {
    requireLines(members, problems);
    problems.throwAny();
    checkSum(members, 'Lines', decimal(members.CreditAmount), 'CreditAmount');
  },
});

export const debitSettlement = settlement({
  name: 'Purchase/DebitSettlement',
  party: 'Supplier',
  number: 'Number',
  series: 'debit settlement',
  fields: {
    DebitFromBill: needed(link(PURCHASES.Bill)),
    Supplier: needed(link('Contact/Supplier')),
    Number: text('documentNumberLength'),
    Date: needed(date()),
    DebitAmount: needed(money(0)),
    Memo: text('memoLength'),
    Lines: needed(
      rows('RowID', {
        Type: choice(['Bill', 'Order'], 'Bill'),
        Purchase: needed(link(PURCHASES.Bill, PURCHASES.Order)),
        AmountApplied: needed(money()),
      }),
    ),
    ...foreign,
  },
  targets: ({ DebitFromBill, DebitAmount, Lines }) => [
    { uid: uidOf(DebitFromBill), amount: decimal(DebitAmount).negated(), path: 'DebitAmount' },
    ...purchaseTargets(Lines),
  ],
  check({ members }, problems) {
    requireLines(members, problems);
    problems.throwAny();
    checkSum(members, 'Lines', decimal(members.DebitAmount), 'DebitAmount');
  },
});

export const creditRefund = settlement({
  name: 'Sale/CreditRefund',
  party: 'Customer',
  number: 'Number',
  series: 'credit refund',
  fields: {
    Account: needed(account()),
    Invoice: needed(link(SALES.Invoice)),
    Customer: link('Contact/Customer'),
    Payee: text(255),
    Number: text('documentNumberLength'),
    Date: needed(date()),
    Amount: needed(money(0)),
    Memo: text('memoLength'),
    ChequePrinted: flag(),
    DeliveryStatus: choice(DELIVERY, 'Print'),
    ...foreign,
  },
  targets: ({ Invoice, Amount }) => [{ uid: uidOf(Invoice), amount: decimal(Amount).negated(), path: 'Amount' }],
  check(draft, problems) {
    draft.members.Customer ??= draft.file.linked(draft.members.Invoice)?.Customer ?? null;
    checkMoneyAccount(draft, 'out', problems);
  },
  postings(members, file) {
    const amount = decimal(members.Amount);
    return [credit(uidOf(members.Account), amount), debit(file.account('receivable'), amount, uidOf(members.Customer))];
  },
});

export const debitRefund = settlement({
  name: 'Purchase/DebitRefund',
  party: 'Supplier',
  number: 'Number',
  series: 'debit refund',
  fields: {
    DepositTo: choice(['Account', 'UndepositedFunds'], 'Account'),
    Account: account(),
    Bill: needed(link(PURCHASES.Bill)),
    Supplier: link('Contact/Supplier'),
    Number: text('documentNumberLength'),
    Date: needed(date()),
    Amount: needed(money(0)),
    PaymentMethod: text(30),
    Memo: text('memoLength'),
    ...foreign,
  },
  targets: ({ Bill, Amount }) => [{ uid: uidOf(Bill), amount: decimal(Amount).negated(), path: 'Amount' }],
  check(draft, problems) {
    const { members, file } = draft;
    members.Supplier ??= file.linked(members.Bill)?.Supplier ?? null;
    if (members.DepositTo === 'Account' && members.Account === null) problems.add('Required', 'Account');
    if (members.DepositTo === 'Account') checkMoneyAccount(draft, 'in', problems);
    checkMethod(draft, problems);
  },
  postings(members, file) {
    const account = members.DepositTo === 'UndepositedFunds' ? file.account('undeposited') : uidOf(members.Account);
    const amount = decimal(members.Amount);
    return [debit(account, amount), credit(file.account('payable'), amount, uidOf(members.Supplier))];
  },
});

function requireLines(members: Members, problems: Problems): void {
  if ((members.Lines as Members[]).length === 0) problems.add('Required', 'Lines');
}

function purchaseTargets(lines: unknown): Target[] {
  return lineTargets(lines, 'Purchase');
}

function lineTargets(lines: unknown, member: 'Sale' | 'Purchase'): Target[] {
  return (lines as Members[]).map((line, index) => ({
    uid: uidOf(line[member]),
    amount: decimal(line.AmountApplied),
    path: `Lines[${index}].AmountApplied`,
  }));
}

function uidOf(link: unknown): string {
  return (link as Link | null | undefined)?.UID ?? '';
}
