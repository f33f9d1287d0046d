import { address, email, phone, settleNameAddress, webAddress } from '../addresses.ts';
import { decimal as exact } from '../../amounts.ts';
import type { Company } from '../company.ts';
import type { Entity } from '../entity.ts';
import { currenciesOf } from '../exchange.ts';
import { credit, debit } from '../ledger.ts';
import { renameBranch, settleActivity, settleHierarchy, uniqueDisplayName } from '../naming.ts';
import { defineEntity, gives, isNew, type Draft } from '../rules.ts';
import {
  choice,
  date,
  decimal,
  flag,
  label,
  money,
  onCreate,
  readOnly,
  reference,
  text,
  whole,
  type Shape,
} from '../shape.ts';
import { faults } from '../vendor-fault.ts';

/** What customers, vendors and employees have in common (sheet 3.2). */
const person: Shape = {
  Title: text(16),
  GivenName: text(100),
  MiddleName: text(100),
  FamilyName: text(100),
  Suffix: text(16),
  DisplayName: label(500),
  PrintOnCheckName: text(110),
  Active: flag(),
  PrimaryPhone: phone,
  AlternatePhone: phone,
  Mobile: phone,
  Fax: phone,
  PrimaryEmailAddr: email,
};

const company: Shape = {
  CompanyName: text(100),
  WebAddr: webAddress,
  Notes: text(2000),
  CurrencyRef: onCreate(reference('Currency')),
  GSTIN: text(15),
  GSTRegistrationType: text(50),
  BusinessNumber: text(50),
};

const NAME_PARTS = ['Title', 'GivenName', 'MiddleName', 'FamilyName', 'Suffix'] as const;

export const customer = defineEntity({
  name: 'Customer',
  group: 'list',
  sequence: 'names',
  webhook: 'CUDM',
  suffixed: 'DisplayName',
  filters: [
    'DisplayName',
    'FullyQualifiedName',
    'GivenName',
    'MiddleName',
    'FamilyName',
    'CompanyName',
    'PrintOnCheckName',
    'PrimaryEmailAddr',
    'Balance',
    'Job',
    'Taxable',
  ],
  fields: {
    ...person,
    ...company,
    FullyQualifiedName: readOnly(text(1000)),
    Level: readOnly(whole(0, 5)),
    Job: flag(),
    ParentRef: reference('Customer'),
    BillWithParent: flag(),
    IsProject: readOnly(flag()),
    BillAddr: address,
    ShipAddr: address,
    SalesTermRef: reference('Term'),
    PaymentMethodRef: reference('PaymentMethod'),
    CustomerTypeRef: reference(),
    ARAccountRef: reference('Account'),
    Balance: onCreate(money()),
    OpenBalanceDate: onCreate(date()),
    BalanceWithJobs: readOnly(money()),
    Taxable: flag(),
    DefaultTaxCodeRef: reference('TaxCode'),
    TaxExemptionReasonId: whole(1, 15),
    ResaleNum: text(16),
    PrimaryTaxIdentifier: text(30),
    SecondaryTaxIdentifier: text(30),
    PreferredDeliveryMethod: choice('Print', 'Email', 'None'),
  },
  unique: (object) => uniqueDisplayName(object),
  prepare(draft) {
    settleDisplayName(draft);
    settleHierarchy(draft, { nameField: 'DisplayName', childFlag: 'Job', levels: 5 });
  },
  settle(draft) {
    const { object, previous, company, hidden } = draft;
    settleNameCurrency(draft);
    settleNameAddress(draft, 'BillAddr');
    settleNameAddress(draft, 'ShipAddr');
    object.BillWithParent ??= false;
    object.PreferredDeliveryMethod ??= 'Print';
    if (company.isUnitedStates && company.prefers('TaxPrefs.UsingSalesTax')) object.Taxable ??= true;
    if (object.Taxable !== true) object.DefaultTaxCodeRef = undefined;
    mask(draft, 'PrimaryTaxIdentifier', 5);
    mask(draft, 'SecondaryTaxIdentifier', 5);
    if (isNew(draft)) {
      if (object.Balance !== undefined && object.OpenBalanceDate !== undefined) hidden.opening = String(object.Balance);
      object.Balance = 0;
      object.BalanceWithJobs = 0;
      object.OpenBalanceDate = undefined;
    }
    refuseWithBalance(draft, previous?.Balance);
  },
  effects(draft) {
    renameBranch(draft, 'DisplayName');
    openControlAccount(draft, 'Accounts Receivable', 'AccountsReceivable', 'Accounts Receivable (A/R)');
  },
  postings(object, hidden, company) {
    const equity = company.accountOfSubtype('OpeningBalanceEquity');
    const receivable = company.accountOfSubtype('AccountsReceivable', object.CurrencyRef?.value);
    if (hidden.opening === undefined || !equity || !receivable) return [];
    const opening = exact(hidden.opening);
    return [debit(receivable.Id, opening, undefined, `Customer:${object.Id}`), credit(equity.Id, opening)];
  },
});

export const vendor = defineEntity({
  name: 'Vendor',
  group: 'list',
  sequence: 'names',
  webhook: 'CUDM',
  suffixed: 'DisplayName',
  filters: [
    'DisplayName',
    'GivenName',
    'MiddleName',
    'FamilyName',
    'CompanyName',
    'PrintOnCheckName',
    'PrimaryEmailAddr',
    'Balance',
    'Vendor1099',
  ],
  fields: {
    ...person,
    ...company,
    PrintOnCheckName: text(100),
    BillAddr: address,
    OtherContactInfo: readOnly(text(100)),
    TermRef: reference('Term'),
    APAccountRef: reference('Account'),
    AcctNum: text(100),
    CostRate: decimal(),
    BillRate: decimal(),
    Balance: readOnly(money()),
    TaxIdentifier: text(20),
    Vendor1099: flag(),
    T4AEligible: flag(),
    T5018Eligible: flag(),
    HasTPAR: flag(),
    VendorPaymentBankDetail: reference(),
  },
  unique: (object) => uniqueDisplayName(object),
  prepare: settleDisplayName,
  settle(draft) {
    const { object, previous } = draft;
    settleNameCurrency(draft);
    settleNameAddress(draft, 'BillAddr');
    object.Vendor1099 ??= false;
    object.Balance ??= 0;
    mask(draft, 'TaxIdentifier', 4);
    refuseWithBalance(draft, previous?.Balance);
  },
  effects(draft) {
    openControlAccount(draft, 'Accounts Payable', 'AccountsPayable', 'Accounts Payable (A/P)');
  },
});

export const employee = defineEntity({
  name: 'Employee',
  group: 'list',
  sequence: 'names',
  webhook: 'CUDM',
  suffixed: 'DisplayName',
  filters: ['DisplayName', 'GivenName', 'MiddleName', 'FamilyName', 'PrintOnCheckName'],
  fields: {
    ...person,
    PrimaryAddr: address,
    EmployeeNumber: text(100),
    SSN: text(100),
    BillableTime: flag(),
    BillRate: decimal(),
    HiredDate: date(),
    ReleasedDate: date(),
    BirthDate: date(),
    Gender: choice('Male', 'Female'),
  },
  unique: (object) => uniqueDisplayName(object),
  prepare: settleDisplayName,
  settle(draft) {
    settleNameAddress(draft, 'PrimaryAddr');
    mask(draft, 'SSN', 4);
    draft.object.BillableTime ??= false;
  },
});

/** A name that is not given is built from the parts of a person's name; a sparse update cannot blank it. */
function settleDisplayName(draft: Draft): void {
  const { object, previous, sparse } = draft;
  const built = NAME_PARTS.map((part) => object[part])
    .filter((part) => part !== undefined)
    .join(' ');
  if (object.DisplayName === undefined) {
    if (sparse && previous) object.DisplayName = previous.DisplayName;
    else if (built !== '') object.DisplayName = built;
    else if (typeof object.CompanyName === 'string' && previous) object.DisplayName = object.CompanyName;
    else throw faults.noName();
  }
  settleActivity(draft);
  object.PrintOnCheckName ??= (object.CompanyName as string | undefined) ?? object.DisplayName;
}

/** A name has one currency for life. */
function settleNameCurrency(draft: Draft): void {
  const { object, company } = draft;
  if (!isNew(draft)) return;
  const currency = object.CurrencyRef?.value ?? company.homeCurrency;
  if (currency !== company.homeCurrency && !company.multiCurrency) {
    throw faults.business('Multicurrency is switched off, the currency must be the home currency.', 'CurrencyRef');
  }
  if (!currenciesOf(company).includes(currency)) throw faults.reference('CurrencyRef');
  object.CurrencyRef = { value: currency };
}

/** The first name in a foreign currency opens a receivable or payable account in that currency. */
function openControlAccount(draft: Draft, type: string, subtype: string, name: string): void {
  const { company, object, work } = draft;
  const currency = object.CurrencyRef?.value ?? company.homeCurrency;
  if (!isNew(draft) || company.accountOfSubtype(subtype, currency)) return;
  const rules = company.collection('Account').rules;
  const account: Partial<Entity> = {
    Id: company.nextId(rules.sequence),
    Name: `${name} - ${currency}`,
    FullyQualifiedName: `${name} - ${currency}`,
    SubAccount: false,
    Active: true,
    Classification: type === 'Accounts Receivable' ? 'Asset' : 'Liability',
    AccountType: type,
    AccountSubType: subtype,
    CurrencyRef: { value: currency },
    CurrentBalance: 0,
    CurrentBalanceWithSubAccounts: 0,
  };
  work.save(rules, account as Entity, { system: true }, undefined, 'Create');
}

/** Only the last characters of a tax number are ever shown again. */
function mask(draft: Draft, field: string, shown: number): void {
  const { object } = draft;
  const value = object[field] as string | undefined;
  if (value === undefined || !gives(draft, field)) return;
  object[field] = 'X'.repeat(Math.max(0, value.length - shown)) + value.slice(-shown);
}

function refuseWithBalance(draft: Draft, balance: number | undefined): void {
  const { object, previous, company } = draft;
  const deactivates = previous !== undefined && previous.Active !== false && object.Active === false;
  if (deactivates && (balance ?? 0) !== 0 && company.switches.deactivateWithBalance === 'reject') {
    throw faults.business('You cannot make a name with a balance inactive.', 'Active');
  }
}

/** The party of receivable and payable postings. */
export function partyKey(entity: 'Customer' | 'Vendor', id: string): string {
  return `${entity}:${id}`;
}

/** The name of a transaction; references were checked before, so it exists. */
export function partyOf(company: Company, entity: 'Customer' | 'Vendor', id: string | undefined): Entity {
  const party = company.object(entity, id);
  if (!party) throw faults.reference(`${entity}Ref`);
  return party;
}
