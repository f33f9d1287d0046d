import type { Stored } from '../collection.ts';
import type { Organisation } from '../organisation.ts';
import { refused } from '../refusals.ts';
import { defineResource, gives, isNew, refuse, type Draft } from '../rules.ts';
import { choice, derived, flag, guid, instant, readOnly, text, type Body } from '../shape.ts';

/** The chart of accounts (sheet 3.3). */

const CLASSES: Readonly<Record<string, string>> = {
  BANK: 'ASSET',
  CURRENT: 'ASSET',
  CURRLIAB: 'LIABILITY',
  DEPRECIATN: 'EXPENSE',
  DIRECTCOSTS: 'EXPENSE',
  EQUITY: 'EQUITY',
  EXPENSE: 'EXPENSE',
  FIXED: 'ASSET',
  INVENTORY: 'ASSET',
  LIABILITY: 'LIABILITY',
  NONCURRENT: 'ASSET',
  OTHERINCOME: 'REVENUE',
  OVERHEADS: 'EXPENSE',
  PREPAYMENT: 'ASSET',
  REVENUE: 'REVENUE',
  SALES: 'REVENUE',
  TERMLIAB: 'LIABILITY',
  PAYG: 'LIABILITY',
};

/** What a type of account is usually taxed with, by where the organisation is. */
function defaultTax({ flavour }: Organisation, type: string): string {
  const suffix = flavour === 'us' ? '' : '2';
  if (['REVENUE', 'SALES', 'OTHERINCOME'].includes(type)) return `OUTPUT${suffix}`;
  if (['EXPENSE', 'OVERHEADS', 'DIRECTCOSTS', 'FIXED'].includes(type)) return `INPUT${suffix}`;
  return 'NONE';
}

const code = (fields: Body) =>
  typeof fields.Code === 'string' && fields.Code !== '' && fields.Status !== 'DELETED'
    ? fields.Code.toLowerCase()
    : undefined;

export const accounts = defineResource({
  name: 'Accounts',
  singular: 'Account',
  idField: 'AccountID',
  scopes: ['accounting.settings'],
  put: 'one',
  post: 'one',
  summarizes: [],
  errorFlag: 'HasValidationErrors',
  attachments: true,
  shape: {
    AccountID: guid(),
    Code: text(10),
    Name: text(150),
    Status: choice('ACTIVE', 'ARCHIVED', 'DELETED'),
    Type: choice(...Object.keys(CLASSES)),
    TaxType: text(50),
    Class: readOnly(choice()),
    Description: text(4000),
    SystemAccount: readOnly(text(50)),
    EnablePaymentsToAccount: flag(),
    ShowInExpenseClaims: flag(),
    BankAccountType: choice('BANK', 'CREDITCARD', 'PAYPAL', 'NONE', ''),
    BankAccountNumber: text(50),
    CurrencyCode: text(3),
    ReportingCode: readOnly(text(50)),
    ReportingCodeName: readOnly(text(150)),
    HasAttachments: derived(flag(), (fields, { organisation }) =>
      organisation.attachments.has(`Accounts/${String(fields.AccountID)}`),
    ),
    UpdatedDateUTC: readOnly(instant()),
    AddToWatchlist: flag(),
  },
  list: {
    paging: 'none',
    modifiedSince: true,
    where: true,
    shows: (fields, _params, { switches }) => fields.Status !== 'DELETED' || switches.deletedListed,
  },
  indexes: {
    code,
    name: (fields) => (fields.Status === 'DELETED' ? undefined : String(fields.Name).toLowerCase()),
    system: (fields) => fields.SystemAccount as string | undefined,
  },
  settle,
  remove,
  outline: (fields) =>
    ['AccountID', 'Code', 'Name']
      .filter((name) => fields[name] !== undefined)
      .map((name) => `"${name}":${JSON.stringify(fields[name])}`)
      .join(','),
});

function settle(draft: Draft): void {
  const { organisation, fields, input, previous } = draft;
  if (previous && gives(draft, 'Status') && input.Status !== previous.fields.Status) {
    changeStatus(draft, previous);
    return;
  }
  if (previous && previous.fields.Status !== 'ACTIVE') refuse(draft, 'Archived accounts cannot be changed.');
  if (isNew(draft)) {
    fields.Status = 'ACTIVE';
    if (fields.Type === undefined) refuse(draft, 'Account Type must be specified.');
  }
  const type = String(fields.Type);
  const isBank = type === 'BANK';
  if (typeof fields.Name !== 'string' || fields.Name.trim() === '') refuse(draft, 'Account Name must be specified.');
  if ((fields.Code ?? '') === '' && !isBank) refuse(draft, 'Account Code must be specified.');
  if (isBank && (fields.BankAccountNumber ?? '') === '') refuse(draft, 'Bank Account Number must be specified.');
  if (isBank && gives(draft, 'Description')) refuse(draft, 'Bank accounts cannot have a description.');
  if (!isBank && gives(draft, 'CurrencyCode')) refuse(draft, 'Only bank accounts have a currency.');
  if (gives(draft, 'BankAccountType') && input.BankAccountType === 'PAYPAL' && isNew(draft)) {
    refuse(draft, 'PayPal accounts cannot be created.');
  }
  refuseTaken(draft, 'code', code(fields), 'Please enter a unique Code.');
  refuseTaken(draft, 'name', String(fields.Name).toLowerCase(), 'Please enter a unique Name.');
  fields.Class = CLASSES[type];
  fields.TaxType ??= defaultTax(organisation, type);
  if (organisation.fields('TaxRates', fields.TaxType)?.Status !== 'ACTIVE') {
    refuse(draft, `The TaxType code '${String(fields.TaxType)}' does not exist.`);
  }
  fields.EnablePaymentsToAccount ??= false;
  fields.ShowInExpenseClaims ??= false;
  if (isBank) {
    fields.BankAccountType ??= 'BANK';
    fields.CurrencyCode ??= organisation.baseCurrency;
    if (!organisation.find('Currencies', fields.CurrencyCode)) {
      refuse(draft, `Organisation is not subscribed to currency ${String(fields.CurrencyCode)}`);
    }
  }
}

/** Archiving has to be all that a request asks for. */
function changeStatus(draft: Draft, previous: Stored): void {
  const { organisation, fields, input } = draft;
  const changed = Object.keys(input).filter(
    (name) => name !== 'Status' && name !== 'AccountID' && input[name] !== previous.fields[name],
  );
  if (changed.length > 0) refuse(draft, 'The status of an account must be the only change.');
  if (previous.fields.SystemAccount !== undefined) refuse(draft, 'System accounts cannot be archived or deleted.');
  if (fields.Status === 'DELETED') refuse(draft, 'An account is deleted by DELETE.');
  const comesBack = fields.Status === 'ACTIVE';
  if (comesBack && (organisation.switches.unarchiving === 'refused' || previous.fields.Status === 'DELETED')) {
    refuse(draft, 'Archived accounts cannot be restored via the API.');
  }
}

function refuseTaken(draft: Draft, index: string, key: string | undefined, message: string): void {
  if (key === undefined) return;
  const holder = draft.organisation.collection('Accounts').first(index, key);
  if (holder && holder.id !== draft.previous?.id) refuse(draft, message);
}

/** Only what was never used and is not the vendor's own goes (sheet 3.3). */
function remove(organisation: Organisation, stored: Stored): Stored {
  if (stored.fields.SystemAccount !== undefined) throw refused('System accounts cannot be deleted.');
  if (isUsed(organisation, stored.id)) throw refused('The account has been used and cannot be deleted.');
  return organisation.patch('Accounts', stored.id, { Status: 'DELETED' });
}

function isUsed(organisation: Organisation, id: string): boolean {
  const posts = (value: unknown): boolean =>
    Array.isArray(value)
      ? value.some(posts)
      : typeof value === 'object' && value !== null && Object.values(value).some((part) => part === id || posts(part));
  for (const collection of organisation.all()) {
    if (collection.rules.name === 'Accounts') continue;
    for (const { fields } of collection.all()) if (posts(fields)) return true;
  }
  return false;
}
