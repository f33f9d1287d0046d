/** The accounts of the vendor's demo company (sheet 9.2): code, name, type, and what is special about it. */

export interface SeedAccount {
  code: string;
  name: string;
  type: string;
  bank?: string;
  currency?: string;
  system?: string;
  payments?: boolean;
}

const EXPENSES = [
  'Advertising',
  'Bank Fees',
  'Cleaning',
  'Consulting & Accounting',
  'Depreciation',
  'Entertainment',
  'Freight & Courier',
  'General Expenses',
  'Insurance',
  'Interest Expense',
  'Legal expenses',
  'Light, Power, Heating',
  'Motor Vehicle Expenses',
  'Office Expenses',
  'Printing & Stationery',
  'Rent',
  'Repairs and Maintenance',
  'Salaries',
  'Subscriptions',
  'Telephone & Internet',
  'Travel - National',
  'Travel - International',
];

export const CHART: readonly SeedAccount[] = [
  { code: '090', name: 'Business Bank Account', type: 'BANK', bank: '0102-0123456-00' },
  { code: '091', name: 'Business Savings Account', type: 'BANK', bank: '0102-0123456-25' },
  { code: '200', name: 'Sales', type: 'REVENUE' },
  { code: '260', name: 'Other Revenue', type: 'REVENUE' },
  { code: '270', name: 'Interest Income', type: 'OTHERINCOME' },
  { code: '300', name: 'Purchases', type: 'DIRECTCOSTS' },
  { code: '310', name: 'Cost of Goods Sold', type: 'DIRECTCOSTS' },
  ...EXPENSES.map((name, index) => ({ code: String(400 + index * 4), name, type: 'EXPENSE' })),
  { code: '497', name: 'Bank Revaluations', type: 'EXPENSE', system: 'BANKCURRENCYGAIN' },
  { code: '498', name: 'Unrealised Currency Gains', type: 'EXPENSE', system: 'UNREALISEDCURRENCYGAIN' },
  { code: '499', name: 'Realised Currency Gains', type: 'EXPENSE', system: 'REALISEDCURRENCYGAIN' },
  { code: '610', name: 'Accounts Receivable', type: 'CURRENT', system: 'DEBTORS' },
  { code: '620', name: 'Prepayments', type: 'CURRENT' },
  { code: '630', name: 'Inventory', type: 'INVENTORY' },
  { code: '710', name: 'Office Equipment', type: 'FIXED' },
  { code: '720', name: 'Computer Equipment', type: 'FIXED' },
  { code: '800', name: 'Accounts Payable', type: 'CURRLIAB', system: 'CREDITORS' },
  { code: '801', name: 'Unpaid Expense Claims', type: 'CURRLIAB', system: 'UNPAIDEXPCLM' },
  { code: '820', name: 'Tax', type: 'CURRLIAB', system: 'GST' },
  { code: '840', name: 'Historical Adjustment', type: 'CURRLIAB', system: 'HISTORICAL' },
  { code: '850', name: 'Suspense', type: 'CURRLIAB' },
  { code: '855', name: 'Clearing Account', type: 'CURRLIAB', payments: true },
  { code: '860', name: 'Rounding', type: 'CURRLIAB', system: 'ROUNDING' },
  { code: '877', name: 'Tracking Transfers', type: 'CURRLIAB', system: 'TRACKINGTRANSFERS' },
  { code: '880', name: 'Owner A Drawings', type: 'CURRLIAB', payments: true },
  { code: '881', name: 'Owner A Funds Introduced', type: 'CURRLIAB', payments: true },
  { code: '900', name: 'Loan', type: 'TERMLIAB' },
  { code: '960', name: 'Retained Earnings', type: 'EQUITY', system: 'RETAINEDEARNINGS' },
  { code: '970', name: 'Owner A Share Capital', type: 'EQUITY', payments: true },
];

export interface SeedTaxRate {
  type: string;
  name: string;
  rate: string;
  /** Classes of account it can be used with. */
  applies: readonly ('Assets' | 'Equity' | 'Expenses' | 'Liabilities' | 'Revenue')[];
  deleted?: boolean;
}

const EVERYWHERE = ['Assets', 'Equity', 'Expenses', 'Liabilities', 'Revenue'] as const;
const INCOME = ['Assets', 'Equity', 'Liabilities', 'Revenue'] as const;
const COSTS = ['Assets', 'Equity', 'Expenses', 'Liabilities'] as const;

export const TAX_RATES: Readonly<Record<'nz' | 'us' | 'uk', readonly SeedTaxRate[]>> = {
  nz: [
    { type: 'INPUT2', name: '15% GST on Expenses', rate: '15', applies: COSTS },
    { type: 'OUTPUT2', name: '15% GST on Income', rate: '15', applies: INCOME },
    { type: 'GSTONIMPORTS', name: 'GST on Imports', rate: '0', applies: ['Liabilities'] },
    { type: 'NONE', name: 'No GST', rate: '0', applies: EVERYWHERE },
    { type: 'ZERORATED', name: 'Zero Rated', rate: '0', applies: ['Liabilities', 'Revenue'] },
    { type: 'INPUT', name: '12.5% GST on Expenses', rate: '12.5', applies: COSTS, deleted: true },
    { type: 'OUTPUT', name: '12.5% GST on Income', rate: '12.5', applies: INCOME, deleted: true },
  ],
  us: [
    { type: 'INPUT', name: 'Tax on Purchases', rate: '0', applies: EVERYWHERE },
    { type: 'OUTPUT', name: 'Tax on Sales', rate: '8.25', applies: EVERYWHERE },
    { type: 'NONE', name: 'Tax Exempt', rate: '0', applies: EVERYWHERE },
    { type: 'TAX001', name: 'County tax', rate: '6.5', applies: EVERYWHERE },
  ],
  uk: [
    { type: 'INPUT2', name: '20% (VAT on Expenses)', rate: '20', applies: COSTS },
    { type: 'OUTPUT2', name: '20% (VAT on Income)', rate: '20', applies: INCOME },
    { type: 'RRINPUT', name: '5% (VAT on Expenses)', rate: '5', applies: COSTS },
    { type: 'RROUTPUT', name: '5% (VAT on Income)', rate: '5', applies: INCOME },
    { type: 'ZERORATEDINPUT', name: 'Zero Rated Expenses', rate: '0', applies: COSTS },
    { type: 'ZERORATEDOUTPUT', name: 'Zero Rated Income', rate: '0', applies: INCOME },
    { type: 'EXEMPTINPUT', name: 'Exempt Expenses', rate: '0', applies: COSTS },
    { type: 'EXEMPTOUTPUT', name: 'Exempt Income', rate: '0', applies: INCOME },
    { type: 'NONE', name: 'No VAT', rate: '0', applies: EVERYWHERE },
  ],
};
