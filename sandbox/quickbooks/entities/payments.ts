import { amount, decimal } from '../../amounts.ts';
import { BILL_PAYMENT, moveApplications, PAYMENT, settleApplications, type PaymentSide } from '../applications.ts';
import type { Company } from '../company.ts';
import { settleDate } from '../document-dates.ts';
import type { Entity, Reference } from '../entity.ts';
import { rateOf, settleCurrency } from '../exchange.ts';
import { requireFeature } from '../features.ts';
import { credit, debit } from '../ledger.ts';
import { linkedTxn } from '../lines.ts';
import { refuseDuplicate } from '../numbering.ts';
import { defineEntity, type Draft } from '../rules.ts';
import {
  choice,
  date,
  decimal as number,
  flag,
  free,
  group,
  list,
  money,
  readOnly,
  reference,
  text,
  whole,
} from '../shape.ts';
import { faults } from '../vendor-fault.ts';
import { tracksDepartments } from './lists.ts';
import { partyKey, partyOf } from './names.ts';

/** Each line settles one transaction, by its one link. */
const paymentLine = group(
  {
    Id: text(50),
    LineNum: whole(0, 100_000),
    Description: text(4000),
    Amount: money(0),
    DetailType: text(50),
    LinkedTxn: linkedTxn,
    LineEx: readOnly(free()),
  },
  'Amount',
  'LinkedTxn',
);

/** A receipt from a customer (sheet 3.11). */
export const payment = defineEntity({
  name: 'Payment',
  group: 'transaction',
  webhook: 'CUDVE',
  verbs: { create: true, update: true, delete: true, void: 'include', send: true },
  filters: [
    'TxnDate',
    'TotalAmt',
    'CustomerRef',
    'PaymentRefNum',
    'PaymentMethodRef',
    'DepositToAccountRef',
    'UnappliedAmt',
  ],
  required: ['CustomerRef', 'TotalAmt'],
  fields: {
    TxnDate: date(),
    CustomerRef: reference('Customer'),
    ARAccountRef: reference('Account'),
    DepositToAccountRef: reference('Account'),
    PaymentMethodRef: reference('PaymentMethod'),
    PaymentRefNum: text(21),
    CreditCardPayment: free(),
    TotalAmt: money(0),
    UnappliedAmt: readOnly(money()),
    ProcessPayment: readOnly(flag()),
    CurrencyRef: reference('Currency'),
    ExchangeRate: number(10),
    PrivateNote: text(4000),
    ProjectRef: reference('Customer'),
    TxnSource: text(50),
    TransactionLocationType: text(50),
    TaxExemptionRef: readOnly(reference()),
    DeliveryInfo: readOnly(free()),
    HomeTotalAmt: readOnly(money()),
    LinkedTxn: readOnly(linkedTxn),
    Line: list(paymentLine),
  },
  prepare: settleDate,
  settle(draft) {
    const { object, company } = draft;
    const customer = partyOf(company, 'Customer', object.CustomerRef?.value);
    settleCurrency(draft, customer);
    if (!object.DepositToAccountRef) {
      const undeposited = company.accountOfSubtype('UndepositedFunds');
      if (undeposited) object.DepositToAccountRef = { value: undeposited.Id };
    }
    requireAccount(
      draft,
      object.DepositToAccountRef as Reference,
      ['Bank', 'Other Current Asset'],
      'DepositToAccountRef',
    );
    const used = settleApplications(draft, PAYMENT, customer);
    const total = decimal(object.TotalAmt);
    if (total.isZero() && object.Line?.length === 0 && !draft.hidden.voided) {
      throw faults.business('You must set a transaction amount.', 'TotalAmt');
    }
    if (draft.hidden.voided && !total.isZero()) throw faults.business('A voided payment cannot get an amount again.');
    object.UnappliedAmt = amount(total.minus(used));
    object.ProcessPayment = false;
    object.LinkedTxn = draft.hidden.linkedBy ?? [];
  },
  effects: (draft) => settle(draft, PAYMENT),
  release: (draft) => unsettle(draft, PAYMENT),
  void(draft) {
    unsettle(draft, PAYMENT);
    Object.assign(draft.object, { Line: [], TotalAmt: 0, UnappliedAmt: 0 });
  },
  postings(object, _hidden, company) {
    const receivable =
      (object.ARAccountRef as Reference | undefined)?.value ??
      company.accountOfSubtype('AccountsReceivable', object.CurrencyRef?.value)?.Id;
    const deposit = (object.DepositToAccountRef as Reference | undefined)?.value;
    if (receivable === undefined || deposit === undefined) return [];
    const total = decimal(object.TotalAmt);
    const rate = rateOf(object);
    const party = partyKey('Customer', object.CustomerRef?.value ?? '');
    return [debit(deposit, total, rate), credit(receivable, total, rate, party)];
  },
});

/** A payment to a vendor (sheet 3.14). What is paid above the lines is a prepayment in the vendor's balance. */
export const billPayment = defineEntity({
  name: 'BillPayment',
  group: 'transaction',
  webhook: 'CUDV',
  verbs: { create: true, update: true, delete: true, void: 'include' },
  filters: ['DocNumber', 'TxnDate', 'TotalAmt', 'VendorRef', 'PayType'],
  required: ['VendorRef', 'TotalAmt', 'PayType'],
  fields: {
    DocNumber: text(21),
    TxnDate: date(),
    VendorRef: reference('Vendor'),
    PayType: choice('Check', 'CreditCard'),
    CheckPayment: group({
      BankAccountRef: reference('Account'),
      PrintStatus: choice('NotSet', 'NeedToPrint', 'PrintComplete'),
    }),
    CreditCardPayment: group({ CCAccountRef: reference('Account') }),
    APAccountRef: reference('Account'),
    DepartmentRef: reference('Department'),
    TotalAmt: money(0),
    CurrencyRef: reference('Currency'),
    ExchangeRate: number(10),
    PrivateNote: text(4000),
    ProcessBillPayment: flag(),
    TransactionLocationType: text(50),
    LinkedTxn: readOnly(linkedTxn),
    Line: list(paymentLine),
  },
  prepare(draft) {
    settleDate(draft);
    const checksNumbers = draft.company.otherPreference('WarnDuplicateCheckNumber');
    if (draft.object.PayType === 'Check' && checksNumbers) refuseDuplicate(draft, ['BillPayment']);
  },
  settle(draft) {
    const { object, company, previous } = draft;
    const vendor = partyOf(company, 'Vendor', object.VendorRef?.value);
    settleCurrency(draft, vendor);
    requireFeature(company, tracksDepartments(company), object, 'DepartmentRef');
    if (previous && previous.PayType !== object.PayType) throw faults.business('PayType cannot be changed.', 'PayType');
    const paidFrom = paidFromOf(object);
    const isCheck = object.PayType === 'Check';
    if (!paidFrom) throw faults.missing(isCheck ? 'CheckPayment.BankAccountRef' : 'CreditCardPayment.CCAccountRef');
    requireAccount(draft, paidFrom, [isCheck ? 'Bank' : 'Credit Card'], 'BankAccountRef');
    if (isCheck) {
      object.CreditCardPayment = undefined;
      object.CheckPayment = { PrintStatus: 'NotSet', ...(object.CheckPayment as object) };
    } else object.CheckPayment = undefined;
    settleApplications(draft, BILL_PAYMENT, vendor);
    const isZero = decimal(object.TotalAmt).isZero();
    if (isZero && object.Line?.length === 0 && !draft.hidden.voided) {
      throw faults.business('You must set a transaction amount.', 'TotalAmt');
    }
    if (draft.hidden.voided && !isZero) throw faults.business('A voided payment cannot get an amount again.');
  },
  effects: (draft) => settle(draft, BILL_PAYMENT),
  release: (draft) => unsettle(draft, BILL_PAYMENT),
  void(draft) {
    unsettle(draft, BILL_PAYMENT);
    Object.assign(draft.object, { Line: [], TotalAmt: 0 });
  },
  postings(object, _hidden, company) {
    const payable =
      (object.APAccountRef as Reference | undefined)?.value ??
      company.accountOfSubtype('AccountsPayable', object.CurrencyRef?.value)?.Id;
    const paidFrom = paidFromOf(object);
    if (payable === undefined || !paidFrom) return [];
    const total = decimal(object.TotalAmt);
    const rate = rateOf(object);
    const party = partyKey('Vendor', object.VendorRef?.value ?? '');
    return [debit(payable, total, rate, party), credit(paidFrom.value, total, rate)];
  },
});

function paidFromOf(object: Entity): Reference | undefined {
  if (object.PayType === 'Check')
    return (object.CheckPayment as { BankAccountRef?: Reference } | undefined)?.BankAccountRef;
  return (object.CreditCardPayment as { CCAccountRef?: Reference } | undefined)?.CCAccountRef;
}

function settle({ company, work, object, previous }: Draft, side: PaymentSide): void {
  moveApplications(company, work, side, object, previous?.Line ?? [], object.Line ?? []);
}

function unsettle({ company, work, object, previous }: Draft, side: PaymentSide): void {
  moveApplications(company, work, side, object, previous?.Line ?? [], []);
}

/** Refuses accounts of the wrong type, such as an expense account as the place money goes to. */
export function requireAccount(
  { company }: { company: Company },
  reference: Reference | undefined,
  types: readonly string[],
  field: string,
): void {
  const type = company.object('Account', reference?.value)?.AccountType;
  if (type !== undefined && !types.includes(String(type))) {
    throw faults.business(`The account must be of type ${types.join(' or ')}.`, field);
  }
}
