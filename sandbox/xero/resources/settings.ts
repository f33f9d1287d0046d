import { Decimal, decimal as exact, sum } from '../../amounts.ts';
import type { Stored } from '../collection.ts';
import { CURRENCY_NAMES } from '../exchange-rates.ts';
import type { Organisation } from '../organisation.ts';
import { refused } from '../refusals.ts';
import { defineResource, gives, isNew, refuse, type Draft } from '../rules.ts';
import {
  choice,
  decimal,
  derived,
  flag,
  group,
  guid,
  instant,
  list,
  readOnly,
  text,
  whole,
  type Body,
} from '../shape.ts';

/** Currencies, tax rates, tracking and the organisation itself: lists without a time stamp (sheets 3.2, 3.6 to 3.9). */

const NO_STAMP = { paging: 'none', modifiedSince: false, where: true } as const;

export const currencies = defineResource({
  name: 'Currencies',
  singular: 'Currency',
  idField: 'Code',
  scopes: ['accounting.settings'],
  put: 'one',
  summarizes: [],
  shape: { Code: text(3), Description: text(100) },
  list: NO_STAMP,
  settle(draft) {
    const { organisation, fields } = draft;
    const code = String(fields.Code ?? '').toUpperCase();
    fields.Code = code;
    if (!Object.hasOwn(CURRENCY_NAMES, code)) refuse(draft, 'A valid currency Code must be specified.');
    else if (!isMultiCurrency(organisation)) refuse(draft, `Organisation is not subscribed to currency ${code}`);
    else if (organisation.find('Currencies', code)) refuse(draft, `The currency ${code} has been added already.`);
    fields.Description = CURRENCY_NAMES[code];
  },
});

export function isMultiCurrency(organisation: Organisation): boolean {
  return organisation.settings.multiCurrency === true;
}

const component = {
  Name: text(50),
  Rate: decimal(4),
  IsCompound: flag(),
  IsNonRecoverable: flag(),
};

const APPLIES = ['Assets', 'Equity', 'Expenses', 'Liabilities', 'Revenue'].map((part) => `CanApplyTo${part}`);

export const taxRates = defineResource({
  name: 'TaxRates',
  singular: 'TaxRate',
  idField: 'TaxType',
  scopes: ['accounting.settings'],
  put: 'one',
  post: 'one',
  summarizes: [],
  shape: {
    Name: text(50),
    TaxType: text(50),
    ReportTaxType: text(50),
    ...Object.fromEntries(APPLIES.map((name) => [name, readOnly(flag())])),
    DisplayTaxRate: readOnly(decimal(4)),
    EffectiveRate: readOnly(decimal(4)),
    Status: choice('ACTIVE', 'DELETED', 'ARCHIVED', 'PENDING'),
    TaxComponents: list(component),
  },
  list: NO_STAMP,
  indexes: { name: (fields) => (fields.Status === 'DELETED' ? undefined : String(fields.Name).toLowerCase()) },
  natural(organisation, input) {
    const byType = organisation.find('TaxRates', input.TaxType);
    if (byType || organisation.switches.taxRateMatch === 'taxType') return byType;
    const name = typeof input.Name === 'string' ? input.Name.toLowerCase() : undefined;
    return organisation.collection('TaxRates').first('name', name);
  },
  settle: settleTaxRate,
});

function settleTaxRate(draft: Draft): void {
  const { organisation, fields, input, previous } = draft;
  if (previous?.fields.isSystem === true) refuse(draft, 'System tax rates cannot be changed.');
  if (previous?.fields.Status === 'DELETED') refuse(draft, 'Deleted tax rates cannot be changed.');
  if (typeof fields.Name !== 'string' || fields.Name.trim() === '') refuse(draft, 'Tax rate Name must be specified.');
  const holder = organisation.collection('TaxRates').first('name', String(fields.Name).toLowerCase());
  if (holder && holder.id !== previous?.id) refuse(draft, 'A tax rate with this Name exists already.');
  const components = ((fields.TaxComponents ?? []) as Body[]).map((each) => ({
    Name: each.Name,
    Rate: each.Rate ?? '0',
    IsCompound: each.IsCompound ?? false,
    IsNonRecoverable: each.IsNonRecoverable ?? false,
  }));
  if (components.length === 0) refuse(draft, 'At least one tax component must be specified.');
  if (components.some((each) => exact(each.Rate).isNegative()))
    refuse(draft, 'A tax component Rate cannot be negative.');
  if (components.filter((each) => each.IsCompound).length > 1) refuse(draft, 'Only one tax component may be compound.');
  fields.TaxComponents = components;
  if (isNew(draft)) {
    const needsReport = organisation.flavour !== 'us' && organisation.switches.reportTaxTypeRequired;
    if (needsReport && !gives(draft, 'ReportTaxType')) refuse(draft, 'ReportTaxType must be specified.');
    fields.TaxType = `TAX${String(organisation.next('TAX', 1)).padStart(3, '0')}`;
    fields.Status = 'ACTIVE';
    for (const name of APPLIES) fields[name] = true;
  } else if (input.Status !== undefined && !['ACTIVE', 'DELETED'].includes(String(input.Status))) {
    refuse(draft, 'The status of a tax rate can only become DELETED.');
  }
  const simple = sum(components.filter((each) => !each.IsCompound).map((each) => exact(each.Rate)));
  const compound = sum(components.filter((each) => each.IsCompound).map((each) => exact(each.Rate)));
  const grown = simple.dividedBy(100).plus(1).times(compound.dividedBy(100).plus(1)).minus(1).times(100);
  fields.DisplayTaxRate = simple.plus(compound).toFixed();
  fields.EffectiveRate = new Decimal(grown).toDecimalPlaces(4).toFixed();
}

const option = {
  TrackingOptionID: guid(),
  Name: text(100),
  Status: choice('ACTIVE', 'ARCHIVED', 'DELETED'),
};

const MOST_ACTIVE = 2;
const MOST_CATEGORIES = 4;

export const trackingCategories = defineResource({
  name: 'TrackingCategories',
  singular: 'TrackingCategory',
  idField: 'TrackingCategoryID',
  scopes: ['accounting.settings'],
  put: 'one',
  post: 'one',
  summarizes: [],
  errorFlag: 'HasValidationErrors',
  shape: {
    Name: text(100),
    Status: choice('ACTIVE', 'ARCHIVED', 'DELETED'),
    TrackingCategoryID: guid(),
    Options: readOnly(list(option)),
  },
  list: {
    ...NO_STAMP,
    shows: (fields, params) => fields.Status === 'ACTIVE' || (fields.Status === 'ARCHIVED' && wantsArchived(params)),
  },
  settle: settleCategory,
  remove: (organisation, stored) => {
    const options = stored.fields.Options as Body[];
    const inUse = options.some((each) => isOptionUsed(organisation, String(each.TrackingOptionID)));
    return organisation.patch('TrackingCategories', stored.id, { Status: leavingStatus(organisation, inUse) });
  },
});

export function wantsArchived(params: ReadonlyMap<string, string>): boolean {
  return params.get('includearchived')?.toLowerCase() === 'true';
}

function settleCategory(draft: Draft): void {
  const { organisation, fields, previous, input } = draft;
  const others = [...organisation.collection('TrackingCategories').all()].filter(
    (each) => each.id !== previous?.id && each.fields.Status !== 'DELETED',
  );
  if (typeof fields.Name !== 'string' || fields.Name.trim() === '') refuse(draft, 'Name must be specified.');
  if (others.some((each) => String(each.fields.Name).toLowerCase() === String(fields.Name).toLowerCase())) {
    refuse(draft, 'A tracking category with this Name exists already.');
  }
  if (!previous) {
    fields.Status = 'ACTIVE';
    fields.Options = [];
    if (others.length >= MOST_CATEGORIES) refuse(draft, 'Only 4 tracking categories may exist.');
  }
  const renames = previous !== undefined && input.Name !== undefined && input.Name !== previous.fields.Name;
  const moves = previous !== undefined && input.Status !== undefined && input.Status !== previous.fields.Status;
  if (renames && moves && organisation.switches.trackingRenameWithStatus === 'refused') {
    refuse(draft, 'Name and Status cannot be changed together.');
  }
  const activates = fields.Status === 'ACTIVE' && previous?.fields.Status !== 'ACTIVE';
  const active = others.filter((each) => each.fields.Status === 'ACTIVE').length;
  if (activates && active >= MOST_ACTIVE) refuse(draft, 'Only 2 tracking categories may be active.');
}

function leavingStatus({ switches }: Organisation, inUse: boolean): string {
  if (!inUse) return 'DELETED';
  if (switches.trackingInUse === 'refused') throw refused('The tracking category or option is in use.');
  return 'ARCHIVED';
}

function isOptionUsed(organisation: Organisation, id: string): boolean {
  const uses = (value: unknown): boolean =>
    Array.isArray(value)
      ? value.some(uses)
      : typeof value === 'object' &&
        value !== null &&
        ((value as Body).option === id || Object.values(value).some(uses));
  for (const collection of organisation.all()) {
    for (const { fields } of collection.all()) if (uses(fields)) return true;
  }
  return false;
}

/** Adds an option to a category: one per call. */
export function addOption(organisation: Organisation, category: Stored, input: Body): Body {
  const options = category.fields.Options as Body[];
  const Name = checkedOptionName(options, input.Name, undefined);
  const added = { TrackingOptionID: organisation.random.uuid(), Name, Status: 'ACTIVE' };
  organisation.patch('TrackingCategories', category.id, { Options: [...options, added] });
  return added;
}

export function changeOption(organisation: Organisation, category: Stored, id: string, input: Body): Body | undefined {
  const options = category.fields.Options as Body[];
  const before = options.find((each) => each.TrackingOptionID === id && each.Status !== 'DELETED');
  if (!before) return undefined;
  const Name = input.Name === undefined ? before.Name : checkedOptionName(options, input.Name, id);
  const Status = input.Status ?? before.Status;
  if (Status === 'DELETED') throw refused('An option is deleted by DELETE.');
  return replaceOption(organisation, category, { ...before, Name, Status });
}

export function removeOption(organisation: Organisation, category: Stored, id: string): Body | undefined {
  const options = category.fields.Options as Body[];
  const before = options.find((each) => each.TrackingOptionID === id && each.Status !== 'DELETED');
  if (!before) return undefined;
  const Status = leavingStatus(organisation, isOptionUsed(organisation, id));
  return replaceOption(organisation, category, { ...before, Status });
}

function replaceOption(organisation: Organisation, category: Stored, changed: Body): Body {
  const options = (category.fields.Options as Body[]).map((each) =>
    each.TrackingOptionID === changed.TrackingOptionID ? changed : each,
  );
  organisation.patch('TrackingCategories', category.id, { Options: options });
  return changed;
}

function checkedOptionName(options: readonly Body[], name: unknown, own: string | undefined): string {
  if (typeof name !== 'string' || name.trim() === '' || name.length > 100) throw refused('Name must be specified.');
  const isTaken = options.some(
    (each) =>
      each.TrackingOptionID !== own &&
      each.Status !== 'DELETED' &&
      String(each.Name).toLowerCase() === name.toLowerCase(),
  );
  if (isTaken) throw refused('An option with this Name exists already.');
  return name;
}

/** How the answer to a write shows an option; deleted ones leave the category's own list. */
export const optionShape = {
  ...option,
  HasValidationErrors: derived(flag(), () => false),
  IsDeleted: derived(flag(), (holder) => holder.Status === 'DELETED'),
  IsArchived: derived(flag(), (holder) => holder.Status === 'ARCHIVED'),
  IsActive: derived(flag(), (holder) => holder.Status === 'ACTIVE'),
};

const term = group({ Day: whole(), Type: text(30) });
export const paymentTerms = group({ Bills: term, Sales: term });

const address = {
  AddressType: text(20),
  AddressLine1: text(500),
  City: text(255),
  Region: text(255),
  PostalCode: text(50),
  Country: text(50),
};

/** The organisation shows itself; nothing about it can be written (sheet 3.9). */
export const organisationShape = {
  Name: text(255),
  LegalName: text(255),
  PaysTax: flag(),
  Version: text(20),
  OrganisationType: text(50),
  BaseCurrency: text(3),
  CountryCode: text(2),
  IsDemoCompany: flag(),
  OrganisationStatus: text(20),
  RegistrationNumber: text(50),
  TaxNumber: text(50),
  FinancialYearEndDay: whole(),
  FinancialYearEndMonth: whole(),
  SalesTaxBasis: text(50),
  SalesTaxPeriod: text(50),
  DefaultSalesTax: text(50),
  DefaultPurchasesTax: text(50),
  PeriodLockDate: {
    kind: 'day',
    mode: 'read',
    from: 'list',
    below: 'absent',
    detail: false,
    companion: undefined,
    offset: true,
  },
  EndOfYearLockDate: {
    kind: 'day',
    mode: 'read',
    from: 'list',
    below: 'absent',
    detail: false,
    companion: undefined,
    offset: true,
  },
  CreatedDateUTC: instant(undefined, false),
  OrganisationEntityType: text(50),
  Timezone: text(50),
  ShortCode: text(20),
  OrganisationID: guid(),
  Edition: text(20),
  Class: text(20),
  LineOfBusiness: text(100),
  Addresses: list(address),
  Phones: list({ PhoneType: text(20), PhoneNumber: text(50) }),
  ExternalLinks: list({ LinkType: text(20), Url: text(255) }),
  PaymentTerms: paymentTerms,
} as const;

/** What the person and the plan allow (sheet 3.9). */
export function actionsOf(organisation: Organisation): Body[] {
  const names = ['CreateDraftInvoice', 'CreateApprovedInvoice', 'CreateDraftBill', 'CreateApprovedBill'];
  names.push('CreateInvoicePayment', 'CreateDraftPurchaseOrder', 'CreateApprovedPurchaseOrder', 'CreateDraftQuote');
  names.push('CreateSentQuote', 'AttachFilesIntoInvoice', 'CreateRepeatingInvoice', 'CreateRepeatingBill');
  names.push('UseMulticurrency', 'CreateManualJournal', 'ApproveTransactionsBeforePeriodLockDate');
  const forbidden = new Set(['ApproveTransactionsBeforePeriodLockDate']);
  if (!isMultiCurrency(organisation)) forbidden.add('UseMulticurrency');
  return names.map((Name) => ({ Name, Status: forbidden.has(Name) ? 'NOT-ALLOWED' : 'ALLOWED' }));
}
