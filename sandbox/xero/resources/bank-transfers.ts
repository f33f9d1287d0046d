import { decimal as exact } from '../../amounts.ts';
import type { Stored } from '../collection.ts';
import type { Organisation } from '../organisation.ts';
import { defineResource, refuse, type Draft } from '../rules.ts';
import { settleTracking, shownTracking, trackingShape } from '../lines.ts';
import {
  choice,
  day,
  decimal,
  derived,
  embedded,
  flag,
  guid,
  instant,
  list,
  money,
  readOnly,
  shownAs,
  text,
  type Body,
} from '../shape.ts';
import { accountOf, refuseReconciled } from './payments.ts';

/** Money between two bank accounts: never edited, deleted since July 2026, without a time stamp (sheet 3.17). */

const bank = (member: string) =>
  embedded(['Accounts'], (fields) =>
    typeof fields[member] === 'string' ? { resource: 'Accounts', id: fields[member] } : undefined,
  );
const tracking = (member: string) =>
  shownAs(list(trackingShape), (fields, view) => shownTracking(fields[member], { ...view, level: 'single' }));

export const bankTransfers = defineResource({
  name: 'BankTransfers',
  singular: 'BankTransfer',
  idField: 'BankTransferID',
  scopes: ['accounting.banktransactions'],
  put: 'one',
  post: 'many',
  summarizes: ['POST'],
  attachments: true,
  notes: true,
  shape: {
    BankTransferID: guid(),
    CreatedDateUTC: derived(instant('CreatedDateUTCString'), (fields) => fields.created),
    Date: day('DateString'),
    FromBankAccount: bank('from'),
    ToBankAccount: bank('to'),
    Amount: money(),
    FromBankTransactionID: readOnly(guid()),
    ToBankTransactionID: readOnly(guid()),
    CurrencyRate: readOnly(decimal(10)),
    Reference: text(255),
    FromIsReconciled: flag(),
    ToIsReconciled: flag(),
    FromTracking: tracking('fromTracking'),
    ToTracking: tracking('toTracking'),
    HasAttachments: derived(flag(), (fields, { organisation }) =>
      organisation.attachments.has(`BankTransfers/${String(fields.BankTransferID)}`),
    ),
    Status: choice('AUTHORISED', 'DELETED'),
  },
  list: {
    paging: 'none',
    modifiedSince: 'creation',
    where: true,
    shows: (fields, params) => fields.Status !== 'DELETED' || params.get('includedeleted')?.toLowerCase() === 'true',
  },
  settle: (draft) => (draft.previous ? settleDeletion(draft, draft.previous) : settleNew(draft)),
  effects: ({ organisation, previous }, stored) =>
    previous ? deleteHalves(organisation, stored) : makeHalves(organisation, stored),
});

function settleNew(draft: Draft): void {
  const { organisation, fields, input } = draft;
  const [from, to] = [input.FromBankAccount, input.ToBankAccount].map((sent) => accountOf(organisation, sent));
  delete fields.FromBankAccount;
  delete fields.ToBankAccount;
  for (const account of [from, to]) {
    if (account?.fields.Type !== 'BANK' || account.fields.Status !== 'ACTIVE')
      refuse(draft, 'Account could not be found');
  }
  if (from && from === to) refuse(draft, 'A transfer needs two different bank accounts.');
  const crosses = from?.fields.CurrencyCode !== to?.fields.CurrencyCode;
  if (from && to && crosses && organisation.switches.crossCurrencyTransfers === 'refused') {
    refuse(draft, 'Transfers between accounts of different currencies are not supported via the API.');
  }
  if (!exact(fields.Amount).greaterThan(0)) refuse(draft, 'Amount must be greater than zero.');
  fields.Amount = organisation.cents(exact(fields.Amount)).toFixed();
  fields.Date ??= organisation.today();
  const problem = organisation.lockProblem(fields.Date);
  if (problem !== undefined) refuse(draft, problem);
  const tracked = (member: string) =>
    settleTracking(draft, undefined, (input[member] ?? []) as Body[], { trackingById: true });
  Object.assign(fields, {
    from: from?.id,
    to: to?.id,
    fromTracking: tracked('FromTracking'),
    toTracking: tracked('ToTracking'),
    FromIsReconciled: fields.FromIsReconciled ?? false,
    ToIsReconciled: fields.ToIsReconciled ?? false,
    FromBankTransactionID: organisation.random.uuid(),
    ToBankTransactionID: organisation.random.uuid(),
    CurrencyRate: '1',
    Status: 'AUTHORISED',
    created: organisation.now(),
  });
  delete fields.FromTracking;
  delete fields.ToTracking;
}

function settleDeletion(draft: Draft, previous: Stored): void {
  const { organisation, input } = draft;
  const changes = Object.keys(input).filter((name) => name !== 'BankTransferID' && name !== 'Status');
  if (input.Status !== 'DELETED' || changes.length > 0)
    refuse(draft, 'Bank transfers cannot be changed, only deleted.');
  if (!organisation.switches.bankTransferDeletion) refuse(draft, 'Bank transfers cannot be deleted via the API.');
  if (previous.fields.Status === 'DELETED') refuse(draft, 'The bank transfer has already been deleted.');
  for (const side of ['FromIsReconciled', 'ToIsReconciled']) {
    refuseReconciled(draft, { IsReconciled: previous.fields[side] });
  }
  const problem = organisation.lockProblem(previous.fields.Date);
  if (problem !== undefined) refuse(draft, problem);
}

/** The two bank transactions that a transfer shows as; no client may take them for expenses. */
function makeHalves(organisation: Organisation, { fields }: Stored): void {
  for (const [Type, BankTransactionID, account, IsReconciled] of [
    ['SPEND-TRANSFER', fields.FromBankTransactionID, fields.from, fields.FromIsReconciled],
    ['RECEIVE-TRANSFER', fields.ToBankTransactionID, fields.to, fields.ToIsReconciled],
  ]) {
    organisation.put('BankTransactions', String(BankTransactionID), {
      BankTransactionID,
      Type,
      bank: account,
      Date: fields.Date,
      Reference: fields.Reference,
      IsReconciled,
      Status: 'AUTHORISED',
      LineAmountTypes: 'NoTax',
      LineItems: [],
      SubTotal: fields.Amount,
      TotalTax: '0',
      Total: fields.Amount,
      CurrencyCode: organisation.fields('Accounts', account)?.CurrencyCode,
      CurrencyRate: '1',
    });
  }
}

function deleteHalves(organisation: Organisation, { fields }: Stored): void {
  for (const id of [fields.FromBankTransactionID, fields.ToBankTransactionID]) {
    organisation.patch('BankTransactions', String(id), { Status: 'DELETED' });
  }
}
