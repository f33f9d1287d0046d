import { decimal as exact } from '../../amounts.ts';
import type { Stored } from '../collection.ts';
import { markContact, settleContact, settleCurrency, settleDate } from '../documents.ts';
import { folded } from '../folding.ts';
import { checkTotals, formLines, lineShape, refuseLine, totalsOf, type Line, type LineAmountTypes } from '../lines.ts';
import { defineResource, refuse, type Draft } from '../rules.ts';
import {
  absentBelow,
  choice,
  day,
  decimal,
  derived,
  embedded,
  flag,
  fromPage,
  guid,
  instant,
  list,
  money,
  readOnly,
  text,
  type Body,
} from '../shape.ts';
import { contactField } from './invoices.ts';
import { accountOf, refuseReconciled } from './payments.ts';

/** Money spent and received without an invoice (sheet 3.15). */

const WRITABLE = [
  'SPEND',
  'RECEIVE',
  'SPEND-OVERPAYMENT',
  'RECEIVE-OVERPAYMENT',
  'SPEND-PREPAYMENT',
  'RECEIVE-PREPAYMENT',
];

export const bankTransactions = defineResource({
  name: 'BankTransactions',
  singular: 'BankTransaction',
  idField: 'BankTransactionID',
  scopes: ['accounting.banktransactions'],
  put: 'many',
  post: 'many',
  attachments: true,
  notes: true,
  shape: {
    BankTransactionID: guid(),
    BankAccount: embedded(['Accounts'], ({ bank }) =>
      typeof bank === 'string' ? { resource: 'Accounts', id: bank } : undefined,
    ),
    Type: choice(...WRITABLE, 'SPEND-TRANSFER', 'RECEIVE-TRANSFER'),
    Reference: text(255),
    Url: text(2000),
    IsReconciled: flag(),
    HasAttachments: derived(flag(), (fields, { organisation }) =>
      organisation.attachments.has(`BankTransactions/${String(fields.BankTransactionID)}`),
    ),
    Contact: contactField,
    Date: day('DateString'),
    Status: choice('AUTHORISED', 'DELETED', 'VOIDED'),
    LineAmountTypes: choice('Exclusive', 'Inclusive', 'NoTax'),
    LineItems: absentBelow(fromPage(list(lineShape('unit')))),
    SubTotal: money(),
    TotalTax: money(),
    Total: money(),
    UpdatedDateUTC: readOnly(instant()),
    CurrencyCode: text(3),
    CurrencyRate: decimal(10),
    PrepaymentID: readOnly(guid()),
    OverpaymentID: readOnly(guid()),
    BatchPayment: readOnly(list({})),
    HasErrors: derived(flag(), () => undefined),
  },
  list: {
    paging: 'offered',
    modifiedSince: true,
    where: true,
    optimised: ['Type', 'Status', 'Date', 'Contact.ContactID', 'BankTransactionID', 'UpdatedDateUTC'],
    shows: (fields, _params, { switches }) =>
      switches.transfersInBankTransactions || !String(fields.Type).endsWith('-TRANSFER'),
  },
  indexes: {
    'Contact.ContactID': (fields) => fields.contact as string | undefined,
    Reference: ({ Reference }) => (typeof Reference === 'string' ? folded(Reference) : undefined),
  },
  settle,
  effects,
});

function settle(draft: Draft): void {
  const { fields, input, previous } = draft;
  const type = String(fields.Type ?? '');
  if (previous && input.Type !== undefined && input.Type !== previous.fields.Type) {
    refuse(draft, 'The Type of a bank transaction cannot be changed.');
  }
  if (!WRITABLE.includes(type)) refuse(draft, 'A Type of SPEND or RECEIVE must be specified.');
  if (previous) refuseFixed(draft, previous);
  fields.Status ??= 'AUTHORISED';
  if (fields.Status !== 'AUTHORISED') {
    if (!previous) refuse(draft, 'A bank transaction is created AUTHORISED.');
    if (fields.Status === 'VOIDED') refuse(draft, 'A bank transaction is deleted, not voided.');
    if (previous) refuseReconciled(draft, previous.fields);
    settleDate(draft);
    const kept = { ...previous?.fields, Status: fields.Status };
    for (const name of Object.keys(fields)) delete fields[name];
    Object.assign(fields, kept);
    return;
  }
  settleBank(draft);
  settleContact(draft, { makes: true });
  settleDate(draft);
  fields.IsReconciled ??= false;
  fields.LineAmountTypes ??= 'Inclusive';
  settleLineItems(draft, type);
}

/** Transfers, prepayments, overpayments and what was reconciled or deleted stay as they are. */
function refuseFixed(draft: Draft, { fields }: Stored): void {
  if (fields.Status !== 'AUTHORISED') refuse(draft, 'This bank transaction is not of valid status for modification');
  const isPlain = fields.Type === 'SPEND' || fields.Type === 'RECEIVE';
  if (!isPlain) refuse(draft, 'Transfers, overpayments and prepayments cannot be changed here.');
  const reconciled = fields.IsReconciled === true && draft.input.Status !== 'DELETED';
  if (reconciled) refuse(draft, 'This bank transaction cannot be edited as it is reconciled.');
}

function settleBank(draft: Draft): void {
  const { organisation, fields, input } = draft;
  if (input.BankAccount !== undefined) {
    const account = accountOf(organisation, input.BankAccount);
    if (account?.fields.Type === 'BANK' && account.fields.Status === 'ACTIVE') fields.bank = account.id;
    else refuse(draft, 'A BankAccount of type BANK must be specified.');
  } else if (fields.bank === undefined) refuse(draft, 'A BankAccount must be specified.');
  delete fields.BankAccount;
  const currency = organisation.fields('Accounts', fields.bank)?.CurrencyCode;
  settleCurrency(draft, String(currency ?? organisation.baseCurrency));
}

function settleLineItems(draft: Draft, type: string): void {
  const { organisation, fields, input } = draft;
  const isOverpayment = type.endsWith('OVERPAYMENT');
  const types = (isOverpayment ? 'NoTax' : fields.LineAmountTypes) as LineAmountTypes;
  const lines = formLines(draft, {
    types,
    direction: type.startsWith('SPEND') ? 'purchase' : 'sale',
    strict: !isOverpayment,
    discounts: false,
    taxFromAccount: true,
    trackingById: false,
    unitDecimals: draft.unitDecimals,
    exactTax: true,
  });
  if (lines.length === 0) refuse(draft, 'One or more line items must be specified');
  if (isOverpayment) {
    if (lines.length > 1) refuse(draft, 'An overpayment has exactly one line.');
    const control = type.startsWith('SPEND') ? 'CREDITORS' : 'DEBTORS';
    const account = organisation.collection('Accounts').first('system', control);
    for (const line of lines) line.account = account?.id;
  }
  ((input.LineItems ?? []) as Line[]).forEach((line, index) => {
    if (line.Quantity !== undefined && !exact(line.Quantity).greaterThan(0)) {
      refuseLine(draft, index, 'Quantity must be greater than zero.');
    }
    if (line.UnitAmount !== undefined && exact(line.UnitAmount).isZero()) {
      refuseLine(draft, index, 'UnitAmount must not be zero.');
    }
  });
  fields.LineItems = lines;
  const { SubTotal, TotalTax, Total } = totalsOf(organisation, lines, types);
  Object.assign(fields, { SubTotal, TotalTax, Total });
  checkTotals(draft);
  if (!exact(Total).greaterThan(0)) refuse(draft, 'The total of a bank transaction must be greater than zero.');
}

/** A prepayment or overpayment becomes a document of its own that can be set against others. */
function effects(draft: Draft, stored: Stored): void {
  const { organisation, previous } = draft;
  const { fields, id } = stored;
  const type = String(fields.Type);
  if (previous) return;
  markContact(organisation, fields.contact, type.startsWith('SPEND') ? 'IsSupplier' : 'IsCustomer');
  const kind = type.endsWith('PREPAYMENT') ? 'Prepayment' : type.endsWith('OVERPAYMENT') ? 'Overpayment' : undefined;
  if (kind === undefined) return;
  const own = organisation.random.uuid();
  const { Type, contact, Date, LineAmountTypes, LineItems, SubTotal, TotalTax, Total, CurrencyCode, CurrencyRate } =
    fields;
  const content: Body = {
    Type,
    contact,
    Date,
    LineAmountTypes,
    LineItems,
    SubTotal,
    TotalTax,
    Total,
    CurrencyCode,
    CurrencyRate,
  };
  organisation.put(`${kind}s`, own, {
    [`${kind}ID`]: own,
    ...content,
    Status: 'AUTHORISED',
    AppliedAmount: '0',
    RemainingCredit: Total,
    Allocations: [],
  });
  organisation.patch('BankTransactions', id, { [`${kind}ID`]: own });
}
