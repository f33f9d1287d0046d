import { CURRENCY_NAMES } from '../exchange-rates.ts';
import type { Flavour, Organisation } from '../organisation.ts';
import { addOption } from '../resources/settings.ts';
import type { Stored } from '../collection.ts';
import type { Body } from '../shape.ts';
import { save } from '../writing.ts';
import { CHART, TAX_RATES } from './chart-of-accounts.ts';

/** What a new organisation has before anybody trades: itself, currencies, taxes, accounts, tracking, a few items. */

interface Place {
  BaseCurrency: string;
  CountryCode: string;
  Timezone: string;
  Version: string;
  OrganisationType: string;
  city: string;
  currencies: readonly string[];
}

const PLACES: Readonly<Record<Flavour, Place>> = {
  nz: {
    BaseCurrency: 'NZD',
    CountryCode: 'NZ',
    Timezone: 'NEWZEALANDSTANDARDTIME',
    Version: 'NZ',
    OrganisationType: 'COMPANY',
    city: 'Wellington',
    currencies: ['NZD', 'AUD', 'EUR', 'GBP', 'USD'],
  },
  us: {
    BaseCurrency: 'USD',
    CountryCode: 'US',
    Timezone: 'EASTERNSTANDARDTIME',
    Version: 'US',
    OrganisationType: 'COMPANY',
    city: 'Boston',
    currencies: ['USD'],
  },
  uk: {
    BaseCurrency: 'GBP',
    CountryCode: 'GB',
    Timezone: 'GMTSTANDARDTIME',
    Version: 'UK',
    OrganisationType: 'COMPANY',
    city: 'Leeds',
    currencies: ['GBP', 'EUR'],
  },
};

export function create(organisation: Organisation, resource: string, element: Body): Stored {
  const { rules } = organisation.collection(resource);
  return save({ organisation, rules, verb: 'PUT', byApp: false }, element);
}

export function change(organisation: Organisation, resource: string, element: Body): Stored {
  const { rules } = organisation.collection(resource);
  return save({ organisation, rules, verb: 'POST', byApp: false }, element);
}

export function layFoundation(organisation: Organisation, name: string): void {
  const { flavour } = organisation;
  const { currencies, city, ...place } = PLACES[flavour];
  organisation.settings = {
    OrganisationID: organisation.tenantId,
    Name: name,
    LegalName: name,
    PaysTax: true,
    ...place,
    OrganisationEntityType: 'COMPANY',
    IsDemoCompany: true,
    OrganisationStatus: 'ACTIVE',
    FinancialYearEndDay: 31,
    FinancialYearEndMonth: flavour === 'us' ? 12 : 3,
    SalesTaxBasis: flavour === 'us' ? 'NONE' : 'ACCRUALS',
    SalesTaxPeriod: 'QUARTERLY1',
    DefaultSalesTax: 'Tax Exclusive',
    DefaultPurchasesTax: 'Remember previous',
    CreatedDateUTC: organisation.now(),
    ShortCode: `!${organisation.tenantId.slice(-5)}`,
    Edition: 'BUSINESS',
    Class: 'DEMO',
    LineOfBusiness: 'Services',
    Addresses: [
      {
        AddressType: 'POBOX',
        AddressLine1: 'PO Box 100',
        City: city,
        Region: '',
        PostalCode: '6011',
        Country: place.CountryCode,
      },
    ],
    Phones: [{ PhoneType: 'OFFICE', PhoneNumber: '555 0100' }],
    ExternalLinks: [],
    PaymentTerms: {
      Bills: { Day: 20, Type: 'OFFOLLOWINGMONTH' },
      Sales: { Day: 14, Type: 'DAYSAFTERBILLDATE' },
    },
    multiCurrency: currencies.length > 1,
  };
  organisation.transaction(() => {
    for (const Code of currencies) organisation.put('Currencies', Code, { Code, Description: CURRENCY_NAMES[Code] });
    layTaxes(organisation);
    layAccounts(organisation, currencies.includes('EUR'));
  });
  const region = create(organisation, 'TrackingCategories', { Name: 'Region' });
  for (const Name of ['Eastside', 'North', 'South', 'West Coast']) {
    const current = organisation.find('TrackingCategories', region.id) as Stored;
    organisation.transaction(() => addOption(organisation, current, { Name }));
  }
  layItems(organisation);
}

function layTaxes(organisation: Organisation): void {
  for (const { type, name, rate, applies, deleted } of TAX_RATES[organisation.flavour]) {
    const parts = ['Assets', 'Equity', 'Expenses', 'Liabilities', 'Revenue'] as const;
    organisation.put('TaxRates', type, {
      TaxType: type,
      Name: name,
      ReportTaxType: /INPUT|IMPORTS/.test(type) ? 'INPUT' : type === 'NONE' ? 'NONE' : 'OUTPUT',
      ...Object.fromEntries(parts.map((part) => [`CanApplyTo${part}`, applies.includes(part)])),
      DisplayTaxRate: rate,
      EffectiveRate: rate,
      Status: deleted === true ? 'DELETED' : 'ACTIVE',
      TaxComponents: [{ Name: name.slice(0, 50), Rate: rate, IsCompound: false, IsNonRecoverable: false }],
      isSystem: true,
    });
  }
  // Numbers of custom rates go on after those that stand here.
  if (organisation.flavour === 'us') organisation.next('TAX', 1);
}

function layAccounts(organisation: Organisation, hasEuros: boolean): void {
  const bank = (each: { bank?: string; currency?: string }) => ({
    BankAccountNumber: each.bank,
    ...(each.currency !== undefined && { CurrencyCode: each.currency }),
  });
  const euros = { code: '092', name: 'Euro Account', type: 'BANK', bank: '0102-0123456-88', currency: 'EUR' };
  for (const each of hasEuros ? [...CHART, euros] : CHART) {
    const stored = create(organisation, 'Accounts', {
      Code: each.code,
      Name: each.name,
      Type: each.type,
      ...(each.bank !== undefined && bank(each)),
      ...('payments' in each && each.payments === true && { EnablePaymentsToAccount: true }),
    });
    if ('system' in each && each.system !== undefined) {
      organisation.patch('Accounts', stored.id, { SystemAccount: each.system });
    }
  }
}

const ITEMS = [
  ['BOOK', 'Fish out of Water', '19.95', undefined],
  ['DevD', 'Development work - developer onsite per day', '520', undefined],
  ['DevH', 'Development work - developer onsite per hour', '65', undefined],
  ['PMD', 'Project management - onsite project manager per day', '600', undefined],
  ['PMBr', 'Project management & implementation - branding workshop', '500', undefined],
  ['Train-MS', 'Half day training - Microsoft Office', '500', undefined],
  ['TSS-Black', 'T-Shirt Small Black', '40', '22.5'],
  ['TSM-Black', 'T-Shirt Medium Black', '40', '22.5'],
  ['GB1-White', 'Golf balls - white single', '5.6', '3.1234'],
  ['Support-M', 'Desktop/network support via email & phone, per month', '500', undefined],
] as const;

function layItems(organisation: Organisation): void {
  for (const [Code, Description, price, cost] of ITEMS) {
    create(organisation, 'Items', {
      Code,
      Name: Description.slice(0, 50),
      Description,
      SalesDetails: { UnitPrice: price, AccountCode: '200' },
      ...(cost === undefined
        ? { IsPurchased: false }
        : { PurchaseDescription: Description, PurchaseDetails: { UnitPrice: cost, AccountCode: '300' } }),
    });
  }
}
