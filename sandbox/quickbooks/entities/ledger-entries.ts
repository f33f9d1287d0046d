import { amount, cents, decimal, Decimal, sum } from '../../amounts.ts';
import { keepPartyPostings, refuseWhileApplied } from '../applications.ts';
import type { Company } from '../company.ts';
import { settleDate } from '../document-dates.ts';
import type { Entity, Line, Reference } from '../entity.ts';
import { rateOf, settleCurrency } from '../exchange.ts';
import { requireFeature } from '../features.ts';
import { credit, debit } from '../ledger.ts';
import { detailOfLine, lineShape, linkedTxn, numberLines } from '../lines.ts';
import { refuseDuplicate } from '../numbering.ts';
import { defineEntity, isNew, type Draft, type Posting } from '../rules.ts';
import {
  choice,
  date,
  decimal as number,
  detail,
  flag,
  group,
  list,
  money,
  readOnly,
  reference,
  text,
} from '../shape.ts';
import { globalTaxCalculation, taxDetail } from '../taxes.ts';
import { faults } from '../vendor-fault.ts';
import { tracksClassesPerLine, tracksDepartments } from './lists.ts';
import { partyKey } from './names.ts';

interface JournalDetail {
  PostingType?: 'Debit' | 'Credit';
  AccountRef?: Reference;
  Entity?: { Type?: string; EntityRef?: Reference };
  TaxCodeRef?: Reference;
  TaxApplicableOn?: string;
}

/** Debits and credits on accounts (sheet 3.17). Tax on lines is kept as sent and posts nothing by itself. */
export const journalEntry = defineEntity({
  name: 'JournalEntry',
  group: 'transaction',
  webhook: 'CUD',
  filters: ['DocNumber', 'TxnDate', 'Adjustment', 'TotalAmt'],
  required: ['Line'],
  fields: {
    DocNumber: text(21),
    TxnDate: date(),
    CurrencyRef: reference('Currency'),
    ExchangeRate: number(10),
    PrivateNote: text(4000),
    Adjustment: flag(),
    TransactionLocationType: text(50),
    GlobalTaxCalculation: globalTaxCalculation,
    TxnTaxDetail: taxDetail,
    TotalAmt: readOnly(money()),
    HomeTotalAmt: readOnly(money()),
    RecurDataRef: readOnly(reference()),
    LinkedTxn: readOnly(linkedTxn),
    Line: list(
      lineShape(
        {
          JournalEntryLineDetail: detail(
            {
              PostingType: choice('Debit', 'Credit'),
              AccountRef: reference('Account'),
              Entity: group({
                Type: choice('Customer', 'Vendor', 'Employee'),
                EntityRef: reference('Customer', 'Vendor', 'Employee'),
              }),
              ClassRef: reference('Class'),
              DepartmentRef: reference('Department'),
              TaxCodeRef: reference('TaxCode'),
              TaxApplicableOn: choice('Sales', 'Purchase'),
              TaxAmount: money(),
              TaxInclusiveAmt: money(),
              BillableStatus: choice('Billable', 'NotBillable', 'HasBeenBilled'),
              JournalCodeRef: reference(),
            },
            'PostingType',
            'AccountRef',
          ),
        },
        true,
      ),
      100_000,
    ),
  },
  prepare(draft) {
    settleDate(draft);
    const { object, company, include } = draft;
    if (isNew(draft) && object.DocNumber === undefined && include.has('allowautodocnum')) {
      object.DocNumber = company.nextNumber('JournalEntry', 1);
    }
    if (company.otherPreference('WarnDuplicateJournalNumber')) refuseDuplicate(draft, ['JournalEntry']);
  },
  settle(draft) {
    const { object, company } = draft;
    settleCurrency(draft, undefined);
    const lines = (object.Line ?? []).map((line) => ({ ...line }));
    for (const line of lines) settleJournalLine(company, line);
    checkBalance(draft, lines);
    checkControlAccounts(company, lines);
    numberLines(draft, lines);
    object.Line = lines;
    object.Adjustment ??= false;
    object.TotalAmt = 0;
    if (company.multiCurrency) object.HomeTotalAmt = 0;
    object.LinkedTxn = draft.hidden.linkedBy ?? [];
    keepPartyPostings(draft);
  },
  release: refuseWhileApplied,
  postings(object, _hidden, company) {
    const rate = rateOf(object);
    const postings: Posting[] = [];
    for (const line of object.Line ?? []) {
      const entry = line.JournalEntryLineDetail as JournalDetail | undefined;
      if (!entry?.AccountRef) continue;
      const account = entry.AccountRef.value;
      const party = controlParty(company, account, entry);
      const value = decimal(line.Amount);
      postings.push(
        entry.PostingType === 'Debit' ? debit(account, value, rate, party) : credit(account, value, rate, party),
      );
    }
    return postings;
  },
});

function settleJournalLine(company: Company, line: Line): void {
  if (line.DetailType === 'DescriptionOnly') {
    line.Amount = undefined;
    return;
  }
  const entry = detailOfLine(line);
  if (!entry.PostingType) throw faults.missing('PostingType');
  if (!entry.AccountRef) throw faults.missing('AccountRef');
  if (line.Amount === undefined) throw faults.missing('Amount');
  if (decimal(line.Amount).isNegative()) throw faults.number('Amount', line.Amount);
  if (entry.TaxCodeRef && !entry.TaxApplicableOn) throw faults.missing('TaxApplicableOn');
  requireFeature(company, tracksClassesPerLine(company), entry, 'ClassRef');
  requireFeature(company, tracksDepartments(company), entry, 'DepartmentRef');
}

function amountsOf(lines: readonly Line[], type: 'Debit' | 'Credit'): Decimal {
  const wanted = lines.filter(
    (line) => (line.JournalEntryLineDetail as JournalDetail | undefined)?.PostingType === type,
  );
  return sum(wanted.map((line) => decimal(line.Amount)));
}

function checkBalance({ company }: Draft, lines: readonly Line[]): void {
  const posting = lines.filter((line) => line.DetailType === 'JournalEntryLineDetail');
  if (posting.length < 2) throw faults.business('A journal entry needs two lines at least.', 'Line');
  if (!amountsOf(lines, 'Debit').equals(amountsOf(lines, 'Credit'))) {
    throw faults.unbalanced(company.switches.journalUnbalanced === '2300' ? 2300 : 6000);
  }
}

/** Receivable lines name a customer and payable lines a vendor, and an entry has one of them at most. */
function checkControlAccounts(company: Company, lines: readonly Line[]): void {
  let controls = 0;
  for (const line of lines) {
    const entry = line.JournalEntryLineDetail as JournalDetail | undefined;
    const type = company.object('Account', entry?.AccountRef?.value)?.AccountType;
    if (type !== 'Accounts Receivable' && type !== 'Accounts Payable') continue;
    controls++;
    const needed = type === 'Accounts Receivable' ? 'Customer' : 'Vendor';
    if (entry?.Entity?.Type !== needed || !entry.Entity.EntityRef) {
      const control = needed === 'Customer' ? 'Accounts Receivable' : 'Accounts Payable';
      throw faults.business(`When you use ${control}, you must choose a ${needed.toLowerCase()} in the Name field.`);
    }
  }
  if (controls > 1 && company.switches.journalSingleControlLine) {
    throw faults.business('You can use only one receivable or payable account in a journal entry.', 'Line');
  }
}

function controlParty(company: Company, account: string, entry: JournalDetail): string | undefined {
  const type = company.object('Account', account)?.AccountType;
  const name = entry.Entity?.EntityRef?.value;
  if (name === undefined) return undefined;
  if (type === 'Accounts Receivable') return partyKey('Customer', name);
  return type === 'Accounts Payable' ? partyKey('Vendor', name) : undefined;
}

/** Money moved between two balance-sheet accounts (sheet 3.18). */
export const transfer = defineEntity({
  name: 'Transfer',
  group: 'transaction',
  webhook: 'CUDV',
  filters: ['TxnDate', 'Amount', 'FromAccountRef', 'ToAccountRef'],
  required: ['FromAccountRef', 'ToAccountRef', 'Amount'],
  fields: {
    TxnDate: date(),
    FromAccountRef: reference('Account'),
    ToAccountRef: reference('Account'),
    Amount: money(0),
    PrivateNote: text(4000),
    TransactionLocationType: text(50),
    CurrencyRef: readOnly(reference('Currency')),
    ExchangeRate: readOnly(number(10)),
    RecurDataRef: readOnly(reference()),
  },
  prepare: settleDate,
  settle(draft) {
    const { object, company } = draft;
    const [from, to] = [object.FromAccountRef, object.ToAccountRef].map((reference) =>
      company.object('Account', (reference as Reference).value),
    ) as [Entity, Entity];
    if (from.Id === to.Id) throw faults.business('You cannot transfer to the same account.', 'ToAccountRef');
    for (const account of [from, to]) {
      if (!['Asset', 'Liability', 'Equity'].includes(String(account.Classification))) {
        throw faults.business('A transfer needs balance sheet accounts.', 'FromAccountRef');
      }
      if (['Accounts Receivable', 'Accounts Payable'].includes(String(account.AccountType))) {
        throw faults.business('A transfer cannot use a receivable or payable account.', 'FromAccountRef');
      }
    }
    if (decimal(object.Amount).isZero()) throw faults.business('You must set a transaction amount.', 'Amount');
    const home = company.homeCurrency;
    const foreign = [from, to].find((account) => account.CurrencyRef?.value !== home);
    object.CurrencyRef = { value: foreign?.CurrencyRef?.value ?? home };
    settleCurrency(draft, object);
  },
  postings(object) {
    const value = decimal(object.Amount);
    const rate = rateOf(object);
    return [
      debit((object.ToAccountRef as Reference).value, value, rate),
      credit((object.FromAccountRef as Reference).value, value, rate),
    ];
  },
});

/** Payments and receipts taken to the bank together. Made by a person; what is inside can no longer be changed. */
export const deposit = defineEntity({
  name: 'Deposit',
  group: 'transaction',
  webhook: 'CUD',
  verbs: { create: true, update: false, delete: true },
  filters: ['TxnDate', 'TotalAmt', 'DepositToAccountRef'],
  required: ['DepositToAccountRef', 'Line'],
  fields: {
    TxnDate: date(),
    DepositToAccountRef: reference('Account'),
    DepartmentRef: reference('Department'),
    CurrencyRef: reference('Currency'),
    ExchangeRate: number(10),
    PrivateNote: text(4000),
    TotalAmt: readOnly(money()),
    HomeTotalAmt: readOnly(money()),
    Line: list(
      lineShape(
        {
          DepositLineDetail: detail({
            AccountRef: reference('Account'),
            Entity: reference('Customer', 'Vendor', 'Employee'),
            ClassRef: reference('Class'),
            PaymentMethodRef: reference('PaymentMethod'),
            CheckNum: text(21),
          }),
        },
        false,
      ),
    ),
  },
  prepare: settleDate,
  settle(draft) {
    const { object, work } = draft;
    settleCurrency(draft, undefined);
    requireFeature(draft.company, tracksDepartments(draft.company), object, 'DepartmentRef');
    const lines = (object.Line ?? []).map((line) => ({ ...line }));
    for (const line of lines) {
      const link = line.LinkedTxn?.[0];
      if (link) {
        const payment = link.TxnType === 'Payment' ? work.peek('Payment', link.TxnId) : undefined;
        const hidden = work.peekHidden('Payment', link.TxnId);
        const undeposited = draft.company.accountOfSubtype('UndepositedFunds');
        const isThere = (payment?.DepositToAccountRef as Reference | undefined)?.value === undeposited?.Id;
        if (!payment || hidden?.voided || hidden?.depositedIn !== undefined || !isThere) {
          throw faults.notLinkable(link.TxnType, link.TxnId);
        }
        line.Amount = payment.TotalAmt;
      }
      const own = detailOfLine(line);
      if (!link && !own.AccountRef) throw faults.missing('AccountRef');
      if (line.Amount === undefined) throw faults.missing('Amount');
    }
    numberLines(draft, lines);
    object.Line = lines;
    object.TotalAmt = amount(cents(sum(lines.map((line) => decimal(line.Amount)))));
  },
  effects({ work, object }) {
    for (const line of object.Line ?? []) {
      const link = line.LinkedTxn?.[0];
      if (!link) continue;
      const step = work.edit('Payment', link.TxnId);
      step.hidden.depositedIn = object.Id;
      step.hidden.linkedBy = [...(step.hidden.linkedBy ?? []), { TxnId: object.Id, TxnType: 'Deposit' }];
      step.object.LinkedTxn = step.hidden.linkedBy;
    }
  },
  release({ work, object }) {
    for (const line of object.Line ?? []) {
      const link = line.LinkedTxn?.[0];
      if (!link) continue;
      const step = work.edit('Payment', link.TxnId);
      step.hidden.depositedIn = undefined;
      step.hidden.linkedBy = (step.hidden.linkedBy ?? []).filter((each) => each.TxnId !== object.Id);
      step.object.LinkedTxn = step.hidden.linkedBy;
    }
  },
  postings(object, _hidden, company) {
    const rate = rateOf(object);
    const undeposited = company.accountOfSubtype('UndepositedFunds');
    const parts = (object.Line ?? []).map((line) => {
      const account = (line.DepositLineDetail as { AccountRef?: Reference } | undefined)?.AccountRef?.value;
      return credit(line.LinkedTxn?.[0] ? (undeposited?.Id ?? '') : (account ?? ''), decimal(line.Amount), rate);
    });
    return [debit((object.DepositToAccountRef as Reference).value, decimal(object.TotalAmt), rate), ...parts];
  },
});
