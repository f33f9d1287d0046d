import type { Company, Flavour } from '../company.ts';
import { saveCode, saveRate } from '../entities/tax.ts';
import type { Entity, User } from '../entity.ts';
import type { Body } from '../shape.ts';
import { automatedCodeName } from '../taxes.ts';
import { Work } from '../work.ts';
import { save } from '../writing.ts';
import { CHART, SYSTEM_SUBTYPES } from './chart-of-accounts.ts';

export const SYSTEM_USER: User = { id: '9130000000000000', name: 'QuickBooks' };

/** What a new company has before anybody enters anything: settings, accounts, terms, taxes, two items. */
export function layFoundation(company: Company, name: string): void {
  saveSettings(company, name);
  saveAccounts(company);
  saveTaxes(company);
  const make = (entity: string, bodies: Body[]) => bodies.forEach((body) => create(company, entity, body));
  make('Term', [
    { Name: 'Due on receipt', DueDays: 0 },
    { Name: 'Net 10', DueDays: 10 },
    { Name: 'Net 15', DueDays: 15 },
    { Name: 'Net 30', DueDays: 30 },
    { Name: 'Net 60', DueDays: 60 },
    { Name: '2% 10 Net 30', DueDays: 30, DiscountDays: 10, DiscountPercent: 2 },
    { Name: '25th of the month', DayOfMonthDue: 25, DueNextMonthDays: 5 },
  ]);
  make('PaymentMethod', [
    { Name: 'Cash' },
    { Name: 'Check' },
    { Name: 'Bank transfer' },
    { Name: 'Visa', Type: 'CREDIT_CARD' },
    { Name: 'MasterCard', Type: 'CREDIT_CARD' },
  ]);
  if (company.multiCurrency)
    make('CompanyCurrency', [
      { Code: 'EUR', Name: 'Euro' },
      { Code: 'USD', Name: 'United States Dollar' },
    ]);
  const services = accountNamed(company, 'Services');
  make('Item', [
    { Name: 'Services', Type: 'Service', IncomeAccountRef: { value: services } },
    { Name: 'Hours', Type: 'Service', IncomeAccountRef: { value: services }, UnitPrice: 75 },
  ]);
}

export function create(company: Company, entity: string, body: Body, user: User = SYSTEM_USER): Entity {
  return save({ company, rules: company.collection(entity).rules, body, user }).object;
}

export function accountNamed(company: Company, fullName: string): string {
  const [id] = company.collection('Account').lookUp('FullyQualifiedName', fullName) ?? [];
  if (id === undefined) throw new Error(`The chart has no account ${fullName}`);
  return id;
}

export function objectNamed(company: Company, entity: string, name: string): string {
  const [id] = company.collection(entity).lookUp('Name', name) ?? [];
  if (id === undefined) throw new Error(`There is no ${entity} named ${name}`);
  return id;
}

const PLACES: Record<Flavour, { country: string; address: Body; month: string }> = {
  us: {
    country: 'US',
    month: 'January',
    address: {
      Line1: '123 Sierra Way',
      City: 'San Pablo',
      CountrySubDivisionCode: 'CA',
      PostalCode: '87999',
      Country: 'USA',
    },
  },
  'us-ast': {
    country: 'US',
    month: 'January',
    address: {
      Line1: '88 Pike Street',
      City: 'Seattle',
      CountrySubDivisionCode: 'WA',
      PostalCode: '98101',
      Country: 'USA',
    },
  },
  uk: {
    country: 'GB',
    month: 'April',
    address: {
      Line1: '4 Kirkgate',
      City: 'Leeds',
      CountrySubDivisionCode: 'West Yorkshire',
      PostalCode: 'LS1 6BY',
      Country: 'United Kingdom',
    },
  },
};

function saveSettings(company: Company, name: string): void {
  const { flavour } = company;
  const place = PLACES[flavour];
  const work = new Work(company, SYSTEM_USER);
  const save = (entity: string, object: Body) =>
    work.save(company.collection(entity).rules, { ...object, Id: '1' } as unknown as Entity, {}, undefined, 'Create');
  save('CompanyInfo', {
    CompanyName: name,
    LegalName: name,
    CompanyAddr: { Id: '1', ...place.address },
    CustomerCommunicationAddr: { Id: '1', ...place.address },
    LegalAddr: { Id: '1', ...place.address },
    CompanyStartDate: '2019-04-01',
    FiscalYearStartMonth: place.month,
    Country: place.country,
    Email: { Address: 'books@company.example' },
    PrimaryPhone: { FreeFormNumber: '+1 555 0100' },
    WebAddr: { URI: 'https://company.example' },
    SupportedLanguages: 'en',
    DefaultTimeZone: flavour === 'uk' ? 'Europe/London' : 'America/Los_Angeles',
    NameValue: [
      { Name: 'NeoEnabled', Value: 'true' },
      { Name: 'IndustryType', Value: 'Landscaping Services' },
      { Name: 'IndustryCode', Value: '561730' },
      { Name: 'CompanyType', Value: 'Other' },
      { Name: 'SubscriptionStatus', Value: 'SUBSCRIBED' },
      { Name: 'OfferingSku', Value: 'QuickBooks Online Plus' },
      { Name: 'PayrollFeature', Value: 'false' },
      { Name: 'ItemCategoriesFeature', Value: 'true' },
    ],
  });
  save('Preferences', preferencesOf(flavour, place.month));
  work.commit();
}

function preferencesOf(flavour: Flavour, month: string): Body {
  const perTxn = flavour === 'us-ast';
  const customField = (prefix: string, name: string) => [
    { CustomField: [{ Name: `${prefix}.UseSalesCustom1`, Type: 'BooleanType', BooleanValue: true }] },
    { CustomField: [{ Name: `${prefix}.SalesCustomName1`, Type: 'StringType', StringValue: name }] },
  ];
  return {
    AccountingInfoPrefs: {
      FirstMonthOfFiscalYear: month,
      UseAccountNumbers: true,
      TaxYearMonth: month,
      ClassTrackingPerTxn: perTxn,
      ClassTrackingPerTxnLine: !perTxn,
      TrackDepartments: true,
      DepartmentTerminology: 'Location',
      CustomerTerminology: 'Customers',
      TaxForm: '6',
    },
    ProductAndServicesPrefs: {
      ForSales: true,
      ForPurchase: true,
      QuantityWithPriceAndRate: true,
      QuantityOnHand: true,
    },
    SalesFormsPrefs: {
      CustomField: customField('SalesFormsPrefs', 'PO number'),
      CustomTxnNumbers: flavour === 'us-ast',
      AllowDeposit: true,
      AllowDiscount: true,
      AllowEstimates: true,
      AllowServiceDate: true,
      AllowShipping: true,
      AutoApplyCredit: false,
      DefaultCustomerMessage: 'Thank you for your business.',
      ETransactionEnabledStatus: 'NotApplicable',
      ETransactionPaymentEnabled: false,
      ETransactionAttachPDF: false,
      EmailCopyToCompany: false,
      UsingProgressInvoicing: false,
      UsingPriceLevels: false,
    },
    VendorAndPurchasesPrefs: {
      TrackingByCustomer: true,
      BillableExpenseTracking: true,
      POCustomField: customField('PurchasePrefs', 'Reference'),
      TPAREnabled: false,
    },
    TimeTrackingPrefs: {
      UseServices: true,
      BillCustomers: true,
      ShowBillRateToAll: false,
      WorkWeekStartDate: 'Monday',
    },
    TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: flavour === 'us-ast' },
    CurrencyPrefs: {
      MultiCurrencyEnabled: flavour === 'uk',
      HomeCurrency: { value: flavour === 'uk' ? 'GBP' : 'USD' },
    },
    ReportPrefs: { ReportBasis: 'Accrual', CalcAgingReportFromTxnDate: false },
    EmailMessagesPrefs: { InvoiceMessage: { Subject: 'Invoice', Message: 'Your invoice is attached.' } },
    OtherPrefs: {
      NameValue: [
        { Name: 'SalesFormsPrefs.DefaultCustomerMessage', Value: 'Thank you for your business.' },
        { Name: 'VendorAndPurchasesPrefs.UseCustomTxnNumbers', Value: 'false' },
        { Name: 'WarnDuplicateJournalNumber', Value: 'true' },
        { Name: 'WarnDuplicateCheckNumber', Value: 'true' },
      ],
    },
  };
}

function saveAccounts(company: Company): void {
  const ids = new Map<string, string>();
  for (const [Name, AccountType, AccountSubType, AcctNum, parent] of CHART) {
    const isTax = AccountSubType === 'SalesTaxPayable' && !company.isUnitedStates;
    const account = create(company, 'Account', {
      Name: isTax ? 'VAT Control' : Name,
      AccountType,
      AccountSubType: isTax ? 'GlobalTaxPayable' : AccountSubType,
      AcctNum,
      ...(parent !== undefined && { SubAccount: true, ParentRef: { value: ids.get(parent) } }),
    });
    ids.set(Name, account.Id);
    if (SYSTEM_SUBTYPES.includes(AccountSubType)) {
      const work = new Work(company, SYSTEM_USER);
      work.edit('Account', account.Id, 'silent').hidden.system = true;
      work.commit();
    }
  }
  const work = new Work(company, SYSTEM_USER);
  const preferences = work.edit('Preferences', '1', 'silent').object;
  preferences.SalesFormsPrefs = {
    ...(preferences.SalesFormsPrefs as Body),
    DefaultDiscountAccount: ids.get('Discounts Given'),
    DefaultShippingAccount: ids.get('Shipping Income'),
  };
  work.commit();
}

function saveTaxes(company: Company): void {
  if (company.isUnitedStates) saveUsTaxes(company);
  else saveVat(company);
}

function saveUsTaxes(company: Company): void {
  const state = create(company, 'TaxAgency', { DisplayName: 'State Department of Revenue' }).Id;
  const county = create(company, 'TaxAgency', { DisplayName: 'County Treasurer' }).Id;
  const work = new Work(company, SYSTEM_USER);
  saveCode(work, company, { id: 'TAX', name: 'TAX', description: 'Taxable', sales: [], purchases: [] });
  saveCode(work, company, {
    id: 'NON',
    name: 'NON',
    description: 'Non-Taxable',
    sales: [],
    purchases: [],
    taxable: false,
  });
  const rate = (name: string, percent: number, agency: string) => saveRate(work, company, { name, percent, agency });
  if (company.flavour === 'us-ast') {
    const states = [
      ['CA', 7.25, 1.5],
      ['WA', 6.5, 3.6],
      ['OR', 0, 0],
      ['TX', 6.25, 2],
      ['NY', 4, 4.875],
      ['AZ', 5.6, 2.7],
    ] as const;
    for (const [code, own, local] of states) {
      const sales = [rate(`${code} State`, own, state), rate(`${code} Local`, local, county)];
      saveCode(work, company, { name: automatedCodeName(code), sales, purchases: [] });
    }
  } else {
    const california = rate('California', 8, state);
    const arizona = rate('AZ State tax', 7.1, state);
    const tucson = rate('Tucson City', 2, county);
    const out = rate('Out of state', 0, state);
    saveCode(work, company, { name: 'California', sales: [california], purchases: [] });
    saveCode(work, company, {
      name: 'Tucson',
      description: 'Tucson combined',
      sales: [arizona, tucson],
      purchases: [],
    });
    saveCode(work, company, { name: 'Out of state', sales: [out], purchases: [] });
  }
  work.commit();
}

function saveVat(company: Company): void {
  const agency = create(company, 'TaxAgency', { DisplayName: 'HM Revenue & Customs (VAT)' }).Id;
  const work = new Work(company, SYSTEM_USER);
  const rate = (name: string, percent: number, special?: string) =>
    saveRate(work, company, { name, percent, agency, special });
  const pair = (name: string, percent: number) => ({
    sales: [rate(`${name} (Sales)`, percent)],
    purchases: [rate(`${name} (Purchases)`, percent)],
  });
  saveCode(work, company, { name: '20.0% S', description: 'Standard rate', ...pair('20.0% S', 20) });
  saveCode(work, company, { name: '5.0% R', description: 'Reduced rate', ...pair('5.0% R', 5) });
  saveCode(work, company, { name: '0.0% Z', description: 'Zero rate', ...pair('0.0% Z', 0) });
  saveCode(work, company, { name: 'Exempt', ...pair('Exempt', 0) });
  saveCode(work, company, { name: 'No VAT', sales: [], purchases: [], taxable: false });
  saveCode(work, company, {
    name: '20.0% RC SG',
    description: 'Reverse charge',
    sales: [rate('20.0% RC SG (Sales)', 0, 'REVERSE_CHARGE')],
    purchases: [
      rate('20.0% RC SG (Purchases)', 20, 'REVERSE_CHARGE'),
      rate('20.0% RC SG (Purchases) reverse', -20, 'REVERSE_CHARGE'),
    ],
  });
  work.commit();
}
