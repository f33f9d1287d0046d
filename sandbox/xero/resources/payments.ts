import { decimal as exact, Decimal, sum } from '../../amounts.ts';
import type { Stored } from '../collection.ts';
import { folded } from '../folding.ts';
import type { Organisation } from '../organisation.ts';
import { ElementRefused } from '../refusals.ts';
import { defineResource, refuse, type Draft } from '../rules.ts';
import { settleCharge, useCredit } from '../settlement.ts';
import {
  absentBelow,
  choice,
  day,
  decimal,
  derived,
  embedded,
  flag,
  fromPage,
  group,
  guid,
  instant,
  isGuid,
  list,
  money,
  readOnly,
  text,
  type Body,
} from '../shape.ts';
import { save } from '../writing.ts';

/** Money that came in or went out against one document. Never changed, only deleted (sheet 3.14). */

export interface Target {
  resource: string;
  id: string;
}

const TARGETS: readonly { member: string; resource: string; idField: string; numberField?: string }[] = [
  { member: 'Invoice', resource: 'Invoices', idField: 'InvoiceID', numberField: 'InvoiceNumber' },
  { member: 'CreditNote', resource: 'CreditNotes', idField: 'CreditNoteID', numberField: 'CreditNoteNumber' },
  { member: 'Prepayment', resource: 'Prepayments', idField: 'PrepaymentID' },
  { member: 'Overpayment', resource: 'Overpayments', idField: 'OverpaymentID' },
];

const PAYMENT_TYPES: Readonly<Record<string, string>> = {
  ACCREC: 'ACCRECPAYMENT',
  ACCPAY: 'ACCPAYPAYMENT',
  ACCRECCREDIT: 'ARCREDITPAYMENT',
  ACCPAYCREDIT: 'APCREDITPAYMENT',
  'RECEIVE-PREPAYMENT': 'ARPREPAYMENTPAYMENT',
  'SPEND-PREPAYMENT': 'APPREPAYMENTPAYMENT',
  'RECEIVE-OVERPAYMENT': 'AROVERPAYMENTPAYMENT',
  'SPEND-OVERPAYMENT': 'APOVERPAYMENTPAYMENT',
};

const targetField = (resource: string) =>
  embedded([resource], ({ target }) =>
    (target as Target | undefined)?.resource === resource ? (target as Target) : undefined,
  );

export const accountField = embedded(['Accounts'], ({ account }) =>
  typeof account === 'string' ? { resource: 'Accounts', id: account } : undefined,
);

export const payments = defineResource({
  name: 'Payments',
  singular: 'Payment',
  idField: 'PaymentID',
  scopes: ['accounting.payments'],
  put: 'many',
  post: 'many',
  summarizes: ['PUT'],
  errorFlag: 'HasValidationErrors',
  notes: true,
  shape: {
    PaymentID: guid(),
    BatchPaymentID: readOnly(guid()),
    BatchPayment: absentBelow(
      fromPage(
        derived(
          group({ Account: accountField, BatchPaymentID: guid(), Date: day(), Type: text(20), Status: text(20) }),
          (fields, { organisation }) => organisation.fields('BatchPayments', fields.BatchPaymentID),
        ),
      ),
    ),
    Date: day(),
    BankAmount: money(),
    Amount: money(),
    Reference: text(255),
    CurrencyRate: {
      ...decimal(10),
      derive: ({ CurrencyRate }, { level, organisation }) =>
        level === 'single' || organisation.switches.paymentRateInLists === 'rate' ? CurrencyRate : '0',
    },
    PaymentType: readOnly(choice()),
    Status: choice('AUTHORISED', 'DELETED'),
    UpdatedDateUTC: readOnly(instant('UpdatedDateUTCString')),
    HasAccount: derived(flag(), (fields) => fields.account !== undefined),
    IsReconciled: flag(),
    Account: accountField,
    Invoice: targetField('Invoices'),
    CreditNote: targetField('CreditNotes'),
    Prepayment: targetField('Prepayments'),
    Overpayment: targetField('Overpayments'),
    HasValidationErrors: derived(flag(), () => false),
  },
  list: {
    paging: 'offered',
    modifiedSince: true,
    where: true,
    optimised: ['PaymentType', 'Status', 'Date', 'Invoice.InvoiceID', 'Reference', 'PaymentID', 'UpdatedDateUTC'],
  },
  indexes: {
    target: ({ target, Status }) => {
      const { resource, id } = target as Target;
      return Status === 'AUTHORISED' ? `${resource}/${id}` : undefined;
    },
    'Invoice.InvoiceID': ({ target }) =>
      (target as Target).resource === 'Invoices' ? (target as Target).id : undefined,
    Reference: ({ Reference }) => (typeof Reference === 'string' ? folded(Reference) : undefined),
  },
  settle: (draft) => (draft.previous ? settleDeletion(draft, draft.previous) : settleNew(draft)),
  effects: ({ organisation, previous }, stored) => apply(organisation, stored, previous !== undefined),
});

function settleNew(draft: Draft): void {
  const { organisation, fields, input } = draft;
  const named = TARGETS.filter(({ member }) => input[member] !== undefined);
  for (const { member } of TARGETS) delete fields[member];
  const account = bankOf(organisation, input.Account);
  delete fields.Account;
  if (named.length !== 1) refuse(draft, 'A payment needs exactly one Invoice, CreditNote, Prepayment or Overpayment.');
  if (fields.Status === 'DELETED') refuse(draft, 'A payment cannot be created deleted.');
  const target = named[0] && targetOf(organisation, named[0], input[named[0].member] as Body);
  if (named.length === 1 && !target) refuse(draft, 'The document to be paid could not be found');
  if (!account) refuse(draft, 'Account could not be found');
  else if (account === 'unfit') refuse(draft, 'The account is neither a bank account nor enabled for payments.');
  else fields.account = account.id;
  if (fields.Date === undefined) refuse(draft, 'Date must be specified.');
  const amount = exact(fields.Amount);
  if (!amount.greaterThan(0)) refuse(draft, 'Payment amount must be greater than zero');
  fields.Amount = organisation.cents(amount).toFixed();
  if (!target) return;
  const { resource, stored } = target;
  const document = stored.fields;
  fields.target = { resource, id: stored.id } satisfies Target;
  fields.PaymentType = PAYMENT_TYPES[String(document.Type)];
  fields.Status = 'AUTHORISED';
  fields.IsReconciled ??= false;
  const isOpen = document.Status === 'AUTHORISED' || document.Status === 'PAID';
  if (!isOpen) refuse(draft, 'Payments can only be made against Authorised documents');
  const left = exact(resource === 'Invoices' ? document.AmountDue : document.RemainingCredit);
  if (isOpen && amount.greaterThan(left))
    refuse(draft, 'Payment amount exceeds the amount outstanding on this document');
  const problem = organisation.lockProblem(fields.Date);
  if (problem !== undefined) refuse(draft, problem);
  if (typeof fields.Date === 'string' && fields.Date < String(document.Date)) {
    draft.warnings.push('The payment date is prior to the invoice date.');
  }
  fields.CurrencyRate ??= document.CurrencyRate;
  const isForeign = document.CurrencyCode !== organisation.fields('Accounts', fields.account)?.CurrencyCode;
  const rate =
    isForeign && document.CurrencyCode !== organisation.baseCurrency ? exact(fields.CurrencyRate) : new Decimal(1);
  fields.BankAmount ??= organisation.cents(rate.isZero() ? amount : amount.dividedBy(rate)).toFixed();
}

/** The account a payment names, if it can hold one. */
export function bankOf(organisation: Organisation, sent: unknown): Stored | 'unfit' | undefined {
  const account = accountOf(organisation, sent);
  if (!account || account.fields.Status !== 'ACTIVE') return undefined;
  return account.fields.Type === 'BANK' || account.fields.EnablePaymentsToAccount === true ? account : 'unfit';
}

export function accountOf(organisation: Organisation, sent: unknown): Stored | undefined {
  const { AccountID, Code } = (sent ?? {}) as Body;
  if (isGuid(AccountID)) return organisation.find('Accounts', AccountID.toLowerCase());
  return organisation.collection('Accounts').first('code', typeof Code === 'string' ? Code.toLowerCase() : undefined);
}

function targetOf(
  organisation: Organisation,
  { resource, idField, numberField }: (typeof TARGETS)[number],
  sent: Body,
) {
  const id = sent[idField];
  const number = numberField === undefined ? undefined : sent[numberField];
  const collection = organisation.collection(resource);
  const stored = isGuid(id)
    ? collection.get(id.toLowerCase())
    : typeof number === 'string'
      ? collection.rules.findByKey?.(organisation, number)
      : undefined;
  return stored && { resource, stored };
}

function settleDeletion(draft: Draft, previous: Stored): void {
  const { organisation, fields, input } = draft;
  const changes = Object.keys(input).filter((name) => name !== 'PaymentID' && name !== 'Status');
  if (input.Status !== 'DELETED' || changes.length > 0) refuse(draft, 'Payments cannot be changed, only deleted.');
  if (previous.fields.Status === 'DELETED') refuse(draft, 'The payment has already been deleted.');
  if (previous.fields.BatchPaymentID !== undefined) refuse(draft, 'A payment of a batch cannot be deleted by itself.');
  refuseReconciled(draft, previous.fields);
  const problem = organisation.lockProblem(previous.fields.Date);
  if (problem !== undefined) refuse(draft, problem);
  for (const name of changes) fields[name] = previous.fields[name];
}

/** What a person has matched with the bank stays. */
export function refuseReconciled(draft: Draft, fields: Body): void {
  if (fields.IsReconciled === true && draft.organisation.switches.reconciledDeletion === 'refused') {
    refuse(draft, 'A reconciled transaction cannot be deleted.');
  }
}

function apply(organisation: Organisation, { fields }: Stored, isDeletion: boolean): void {
  const { resource, id } = fields.target as Target;
  const amount = isDeletion ? exact(fields.Amount).negated() : exact(fields.Amount);
  const date = String(fields.Date);
  if (resource === 'Invoices') settleCharge(organisation, id, 'AmountPaid', amount, date);
  else useCredit(organisation, resource, id, amount, date);
}

const batchEntry = {
  PaymentID: readOnly(guid()),
  Invoice: embedded(['Invoices'], ({ invoice }) =>
    typeof invoice === 'string' ? { resource: 'Invoices', id: invoice } : undefined,
  ),
  Amount: money(),
  BankAccountNumber: text(50),
  Reference: text(18),
  Particulars: text(12),
  Code: text(12),
  Details: text(18),
};

/** Several invoices, or several bills, settled by one movement of the bank (sheet 3.14). */
export const batchPayments = defineResource({
  name: 'BatchPayments',
  singular: 'BatchPayment',
  idField: 'BatchPaymentID',
  scopes: ['accounting.payments'],
  put: 'many',
  post: 'many',
  summarizes: ['PUT'],
  errorFlag: 'HasValidationErrors',
  notes: true,
  shape: {
    Account: accountField,
    Reference: text(255),
    Particulars: text(12),
    Code: text(12),
    Details: text(18),
    Narrative: text(18),
    BatchPaymentID: guid(),
    Date: day('DateString'),
    Payments: list(batchEntry),
    Type: readOnly(choice()),
    Status: choice('AUTHORISED', 'DELETED'),
    TotalAmount: readOnly(money()),
    UpdatedDateUTC: readOnly(instant()),
    IsReconciled: readOnly(flag()),
  },
  list: {
    paging: 'none',
    modifiedSince: true,
    where: true,
    optimised: ['Type', 'Account.AccountID', 'Status', 'BatchPaymentID'],
  },
  settle: (draft) => (draft.previous ? settleBatchDeletion(draft, draft.previous) : settleBatch(draft)),
});

interface Entry extends Body {
  PaymentID: string;
  invoice: string;
  Amount: string;
}

function settleBatch(draft: Draft): void {
  const { organisation, fields, input } = draft;
  const account = bankOf(organisation, input.Account);
  delete fields.Account;
  if (!account || account === 'unfit') refuse(draft, 'Account could not be found');
  else fields.account = account.id;
  const sent = (input.Payments ?? []) as Body[];
  if (sent.length === 0) refuse(draft, 'A batch needs at least one payment.');
  if (fields.Date === undefined) refuse(draft, 'Date must be specified.');
  fields.BatchPaymentID = organisation.random.uuid();
  const types = new Set<unknown>();
  const entries = sent.flatMap((entry): Entry[] => {
    const target = targetOf(organisation, TARGETS[0] as (typeof TARGETS)[number], (entry.Invoice ?? {}) as Body);
    if (!target) {
      refuse(draft, 'A batch settles invoices and bills only.');
      return [];
    }
    const { fields: invoice } = target.stored;
    types.add(invoice.Type);
    if (invoice.CurrencyCode !== organisation.baseCurrency) refuse(draft, 'A batch is in base currency only.');
    const { Invoice: _sent, ...rest } = entry;
    const made = draft.problems.element.length === 0 ? payOne(draft, target.stored, entry) : undefined;
    return made ? [{ ...rest, PaymentID: made.id, invoice: target.stored.id, Amount: String(made.fields.Amount) }] : [];
  });
  if (types.size > 1) refuse(draft, 'A batch holds either invoices or bills.');
  fields.Payments = entries;
  fields.Type = types.has('ACCPAY') ? 'PAYBATCH' : 'RECBATCH';
  fields.Status = 'AUTHORISED';
  fields.TotalAmount = sum(entries.map((entry) => exact(entry.Amount))).toFixed();
  fields.IsReconciled = false;
}

function payOne(draft: Draft, invoice: Stored, entry: Body): Stored | undefined {
  const { organisation, fields } = draft;
  const { rules } = organisation.collection('Payments');
  const element = {
    Invoice: { InvoiceID: invoice.id },
    Account: { AccountID: fields.account },
    Date: fields.Date,
    Amount: entry.Amount,
    Reference: entry.Reference ?? fields.Reference,
  };
  try {
    const payment = save({ organisation, rules, verb: 'PUT', byApp: true }, element);
    return organisation.patch('Payments', payment.id, { BatchPaymentID: fields.BatchPaymentID });
  } catch (error) {
    if (!(error instanceof ElementRefused)) throw error;
    for (const message of error.problems.element) refuse(draft, message);
    return undefined;
  }
}

function settleBatchDeletion(draft: Draft, previous: Stored): void {
  const { organisation, input } = draft;
  const changes = Object.keys(input).filter((name) => name !== 'BatchPaymentID' && name !== 'Status');
  if (input.Status !== 'DELETED' || changes.length > 0)
    refuse(draft, 'Batch payments cannot be changed, only deleted.');
  if (previous.fields.Status === 'DELETED') refuse(draft, 'The batch payment has already been deleted.');
  refuseReconciled(draft, previous.fields);
  const problem = organisation.lockProblem(previous.fields.Date);
  if (problem !== undefined) refuse(draft, problem);
  if (draft.problems.element.length > 0) return;
  for (const { PaymentID } of previous.fields.Payments as Entry[]) {
    const payment = organisation.patch('Payments', PaymentID, { Status: 'DELETED' });
    apply(organisation, payment, true);
  }
}
