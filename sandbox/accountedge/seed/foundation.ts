import type { CompanyFile } from '../company-file.ts';
import type { AccountRole, Stored } from '../record.ts';
import type { AccountType } from '../resources/accounts.ts';
import { resources } from '../resources/index.ts';
import type { ResourceRules } from '../rules.ts';
import type { Members } from '../shape.ts';
import { Work } from '../work.ts';
import { create, replace } from '../writing.ts';

export type Flavour = 'us' | 'au';

/** What a new company file has before anybody enters anything: settings, accounts, taxes, jobs, categories, people. */
export function layFoundation(file: CompanyFile, flavour: Flavour, firstDay: string): void {
  saveSettings(file, flavour, firstDay);
  saveAccounts(file, flavour);
  saveTaxes(file, flavour);
  saveTracking(file);
  savePeople(file);
}

/** Creates a record the way a person at the desktop does. */
export function make(file: CompanyFile, path: string, body: Members): Stored {
  const { rules, layout } = ruleOf(path);
  return create({ file, rules, layout, body, origin: 'desktop' });
}

export function ruleOf(path: string): { rules: ResourceRules; layout: string | undefined } {
  const whole = resources.get(path);
  if (whole) return { rules: whole, layout: undefined };
  const at = path.lastIndexOf('/');
  const rules = resources.get(path.slice(0, at));
  const layout = path.slice(at + 1);
  if (!rules?.layouts?.[layout]) throw new Error(`There is no resource ${path}`);
  return { rules, layout };
}

/** A link to the record whose member has this value. */
export function linkTo(file: CompanyFile, resource: string, member: string, value: string): Members {
  for (const stored of file.collection(resource).all()) {
    if (stored.members[member] === value) return { UID: stored.uid };
  }
  throw new Error(`${file.name} has no ${resource} with ${member} ${value}`);
}

export const accountLink = (file: CompanyFile, id: string) => linkTo(file, 'GeneralLedger/Account', 'DisplayID', id);
export const taxLink = (file: CompanyFile, code: string) => linkTo(file, 'GeneralLedger/TaxCode', 'Code', code);

/** Without tax, and the usual tax, of each flavour. */
export const TAX: Readonly<Record<Flavour, { none: string; usual: string }>> = {
  us: { none: 'EXE', usual: 'TAX' },
  au: { none: 'FRE', usual: 'GST' },
};

function saveSettings(file: CompanyFile, flavour: Flavour, firstDay: string): void {
  const isUs = flavour === 'us';
  make(file, 'Company', {
    CompanyName: file.name,
    SerialNumber: '61XXXXXXXXXX',
    Address: isUs ? '1 Main Street\r\nRockaway NJ 07866' : '8 Wharf Road\r\nFremantle WA 6160',
    PhoneNumber: isUs ? '555 0100' : '08 5550 0100',
    EmailAddress: 'books@company.example',
    ABNOrTFN: isUs ? null : '51 824 753 556',
    ReadOnly: false,
  });
  const [year, month] = firstDay.split('-').map(Number) as [number, number];
  const lastMonth = isUs ? 12 : 6;
  make(file, 'GeneralLedger/AccountingProperties', {
    ConversionDate: firstDay,
    CurrentFinancialYear: month > lastMonth ? year + 1 : year,
    LastMonthFinancialYear: lastMonth,
  });
  const terms = {
    PaymentIsDue: 'InAGivenNumberOfDays',
    DiscountDate: 0,
    BalanceDueDate: 30,
    DiscountForEarlyPayment: 0,
    MonthlyChargeForLatePayment: 0,
    CreditLimit: 0,
  };
  make(file, 'Company/Preferences', {
    System: {
      CategoryTracking: 'OnAndNotRequired',
      LockPeriodPriorTo: null,
      TransactionsCannotBeChangedMustBeReversed: false,
      UseAlphaAccountIdentifier: false,
    },
    ReportsAndForms: { ReportTaxablePayments: false },
    Sales: { Terms: { ...terms, PriceLevel: 'BaseSellingPrice' } },
    Purchases: { Terms: terms },
    Banking: { UseBankFeeds: false },
    Timesheets: { UseTimesheetsFor: 'TimeBilling' },
  });
  const currencies = isUs
    ? [['USD', 'US Dollar', 1] as const]
    : ([
        ['AUD', 'Australian Dollar', 1],
        ['USD', 'US Dollar', 1.52],
        ['NZD', 'New Zealand Dollar', 0.91],
      ] as const);
  for (const [Code, CurrencyName, CurrencyRate] of currencies) {
    make(file, 'GeneralLedger/Currency', { Code, CurrencyName, CurrencyRate });
  }
}

type AccountRow = readonly [number: string, name: string, type: AccountType, role?: AccountRole];

const ACCOUNTS: readonly AccountRow[] = [
  ['3999', 'Historical Balancing', 'Equity', 'historical'],
  ['1110', 'Checking', 'Bank'],
  ['1120', 'Savings', 'Bank'],
  ['1180', 'Undeposited Funds', 'Bank', 'undeposited'],
  ['1190', 'Electronic Payments', 'Bank', 'electronic'],
  ['1200', 'Accounts Receivable', 'AccountReceivable', 'receivable'],
  ['1320', 'Inventory', 'OtherCurrentAsset', 'inventory'],
  ['1700', 'Equipment', 'FixedAsset'],
  ['1710', 'Accumulated Depreciation', 'FixedAsset'],
  ['1100', 'Credit Card', 'CreditCard'],
  ['1200', 'Accounts Payable', 'AccountsPayable', 'payable'],
  ['1310', 'Sales Tax Payable', 'OtherCurrentLiability', 'tax'],
  ['2000', 'Bank Loan', 'LongTermLiability'],
  ['8000', 'Retained Earnings', 'Equity', 'retained'],
  ['1000', 'Sales', 'Income'],
  ['2000', 'Services', 'Income'],
  ['9000', 'Freight Income', 'Income', 'freightIncome'],
  ['1000', 'Cost of Sales', 'CostOfSales'],
  ['9000', 'Freight Paid', 'CostOfSales', 'freightPaid'],
  ['1000', 'Supplies', 'Expense'],
  ['2000', 'Rent', 'Expense'],
  ['3000', 'Telephone', 'Expense'],
  ['4000', 'Depreciation', 'Expense'],
  ['1000', 'Interest', 'OtherIncome'],
  ['1000', 'Interest Paid', 'OtherExpense'],
];

const HEADERS: readonly AccountRow[] = [
  ['0000', 'Assets', 'OtherAsset'],
  ['0000', 'Liabilities', 'OtherLiability'],
  ['0000', 'Equity', 'Equity'],
  ['0000', 'Income', 'Income'],
  ['0000', 'Cost of Sales', 'CostOfSales'],
  ['0000', 'Expenses', 'Expense'],
  ['0000', 'Other Income', 'OtherIncome'],
  ['0000', 'Other Expenses', 'OtherExpense'],
];

function saveAccounts(file: CompanyFile, flavour: Flavour): void {
  for (const [Number, Name, Type] of HEADERS) {
    make(file, 'GeneralLedger/Account', { Number, Name, Type, IsHeader: true });
  }
  for (const [Number, name, Type, role] of ACCOUNTS) {
    const Name = flavour === 'au' && role === 'tax' ? 'GST Payable' : name;
    const { uid } = make(file, 'GeneralLedger/Account', { Number, Name, Type });
    if (role === undefined) continue;
    const work = new Work(file);
    work.edit(uid).hidden.role = role;
    work.commit();
  }
}

function saveTaxes(file: CompanyFile, flavour: Flavour): void {
  const codes =
    flavour === 'us'
      ? ([
          ['TAX', 'Sales Tax', 'SalesTax', 8.25],
          ['EXE', 'Exempt', 'SalesTax', 0],
          ['CNTY', 'State and county', 'Consolidated', 9.375],
        ] as const)
      : ([
          ['GST', 'Goods & Services Tax', 'GST_VAT', 10],
          ['FRE', 'GST Free', 'GST_VAT', 0],
          ['N-T', 'Not Reportable', 'GST_VAT', 0],
        ] as const);
  for (const [Code, Description, Type, Rate] of codes) {
    make(file, 'GeneralLedger/TaxCode', { Code, Description, Type, Rate });
  }
  const TaxCode = taxLink(file, TAX[flavour].none);
  for (const stored of [...file.collection('GeneralLedger/Account').all()]) {
    if (stored.members.IsHeader !== true) edit(file, stored, { TaxCode });
  }
  const settings = file.single('Company/Preferences');
  const terms = (section: 'Sales' | 'Purchases') => ({
    Terms: { ...((settings.members[section] as Members).Terms as Members), TaxCode, FreightTaxCode: TaxCode },
  });
  edit(file, settings, { Sales: terms('Sales'), Purchases: terms('Purchases') });
}

/** Changes some members, the way a person at the desktop does. */
export function edit(file: CompanyFile, stored: Stored, members: Members): Stored {
  const { rules, layout, uid } = stored;
  return replace({ file, rules, layout, body: members, origin: 'desktop' }, uid);
}

function saveTracking(file: CompanyFile): void {
  const job = (body: Members) => make(file, 'GeneralLedger/Job', body);
  const header = job({ Number: 'J000', Name: 'Refits', IsHeader: true });
  job({ Number: 'J100', Name: 'Main street shop', ParentJob: { UID: header.uid } });
  job({ Number: 'J200', Name: 'Warehouse', ParentJob: { UID: header.uid } });
  make(file, 'GeneralLedger/Category', { DisplayID: 'RET', Name: 'Retail' });
  make(file, 'GeneralLedger/Category', { DisplayID: 'WHO', Name: 'Wholesale' });
  make(file, 'TimeBilling/Activity', {
    DisplayID: 'DESIGN',
    Name: 'Design hours',
    IncomeAccount: accountLink(file, '4-2000'),
  });
}

function savePeople(file: CompanyFile): void {
  for (const [FirstName, LastName] of [
    ['Kim', 'Adler'],
    ['Siobhan', "O'Brien"],
  ]) {
    make(file, 'Contact/Employee', { FirstName, LastName, IsIndividual: true });
  }
  make(file, 'Contact/Personal', { FirstName: 'Pat', LastName: 'Moss', IsIndividual: true });
}
