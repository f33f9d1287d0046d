/** The vendor's chart in the abstract: subtypes, what type each belongs to, and how each behaves (sheet 9.1). */

export type AccountTypeValue = 'ASSET' | 'EQUITY' | 'EXPENSE' | 'INCOME' | 'LIABILITY';
export type Side = 'DEBIT' | 'CREDIT';

interface SubtypeFacts {
  type: AccountTypeValue;
  name: string;
  /** Made by the vendor, one in each business, never archived. */
  system?: boolean;
  /** Stands against the other accounts of its type: INCREASE and DECREASE mean the opposite side. */
  contra?: boolean;
}

export const SUBTYPES = {
  CASH_AND_BANK: { type: 'ASSET', name: 'Cash and Bank' },
  MONEY_IN_TRANSIT: { type: 'ASSET', name: 'Money in Transit' },
  RECEIVABLE: { type: 'ASSET', name: 'Expected Payments from Customers' },
  RECEIVABLE_INVOICES: { type: 'ASSET', name: 'Accounts Receivable', system: true },
  RECEIVABLE_OTHER: { type: 'ASSET', name: 'Other Receivables', system: true },
  INVENTORY: { type: 'ASSET', name: 'Inventory' },
  PROPERTY_PLANT_EQUIPMENT: { type: 'ASSET', name: 'Property, Plant, Equipment' },
  DEPRECIATION_AND_AMORTIZATION: { type: 'ASSET', name: 'Depreciation and Amortization', contra: true },
  VENDOR_PREPAYMENTS_AND_CREDITS: { type: 'ASSET', name: 'Vendor Prepayments and Vendor Credits' },
  OTHER_CURRENT_ASSETS: { type: 'ASSET', name: 'Other Short-Term Asset' },
  OTHER_LONG_TERM_ASSETS: { type: 'ASSET', name: 'Other Long-Term Asset' },
  TRANSFERS: { type: 'ASSET', name: 'Transfers', system: true },
  CREDIT_CARD: { type: 'LIABILITY', name: 'Credit Card' },
  LOANS: { type: 'LIABILITY', name: 'Loan and Line of Credit' },
  PAYABLE: { type: 'LIABILITY', name: 'Expected Payments to Vendors' },
  PAYABLE_BILLS: { type: 'LIABILITY', name: 'Accounts Payable', system: true },
  PAYABLE_OTHER: { type: 'LIABILITY', name: 'Other Payables', system: true },
  SALES_TAX: { type: 'LIABILITY', name: 'Sales Taxes' },
  DUE_FOR_PAYROLL: { type: 'LIABILITY', name: 'Due For Payroll' },
  DUE_TO_YOU_AND_OTHER_OWNERS: { type: 'LIABILITY', name: 'Due to You and Other Business Owners' },
  CUSTOMER_PREPAYMENTS_AND_CREDITS: { type: 'LIABILITY', name: 'Customer Prepayments and Customer Credits' },
  OTHER_CURRENT_LIABILITY: { type: 'LIABILITY', name: 'Other Short-Term Liability' },
  OTHER_LONG_TERM_LIABILITY: { type: 'LIABILITY', name: 'Other Long-Term Liability' },
  NON_RETAINED_EARNINGS: { type: 'EQUITY', name: 'Business Owner Contribution and Drawing' },
  RETAINED_EARNINGS: { type: 'EQUITY', name: 'Retained Earnings: Profit', system: true },
  INCOME: { type: 'INCOME', name: 'Income' },
  DISCOUNTS: { type: 'INCOME', name: 'Discount', contra: true },
  OTHER_INCOME: { type: 'INCOME', name: 'Other Income' },
  UNCATEGORIZED_INCOME: { type: 'INCOME', name: 'Uncategorized Income', system: true },
  GAIN_ON_FOREIGN_EXCHANGE: { type: 'INCOME', name: 'Gain On Foreign Exchange', system: true },
  EXPENSE: { type: 'EXPENSE', name: 'Operating Expense' },
  COST_OF_GOODS_SOLD: { type: 'EXPENSE', name: 'Cost of Goods Sold' },
  PAYMENT_PROCESSING_FEES: { type: 'EXPENSE', name: 'Payment Processing Fee' },
  PAYROLL_EXPENSES: { type: 'EXPENSE', name: 'Payroll Expense' },
  UNCATEGORIZED_EXPENSE: { type: 'EXPENSE', name: 'Uncategorized Expense', system: true },
  LOSS_ON_FOREIGN_EXCHANGE: { type: 'EXPENSE', name: 'Loss On Foreign Exchange', system: true },
} as const satisfies Record<string, SubtypeFacts>;

export type Subtype = keyof typeof SUBTYPES;

export function subtypeFacts(subtype: Subtype): SubtypeFacts {
  return SUBTYPES[subtype];
}

export const TYPES: Readonly<Record<AccountTypeValue, { name: string; normal: Side }>> = {
  ASSET: { name: 'Assets', normal: 'DEBIT' },
  LIABILITY: { name: 'Liabilities & Credit Cards', normal: 'CREDIT' },
  EQUITY: { name: 'Equity', normal: 'CREDIT' },
  INCOME: { name: 'Income', normal: 'CREDIT' },
  EXPENSE: { name: 'Expenses', normal: 'DEBIT' },
};

/** The side on which an account of this subtype grows. */
export function normalSide(subtype: Subtype): Side {
  const { type, contra } = subtypeFacts(subtype);
  const { normal } = TYPES[type];
  if (contra !== true) return normal;
  return normal === 'DEBIT' ? 'CREDIT' : 'DEBIT';
}

/** Income accounts a product may have (sheet 3.5). */
export const PRODUCT_INCOME: readonly Subtype[] = ['INCOME', 'DISCOUNTS', 'OTHER_INCOME'];
export const PRODUCT_EXPENSE: readonly Subtype[] = [
  'EXPENSE',
  'COST_OF_GOODS_SOLD',
  'PAYMENT_PROCESSING_FEES',
  'PAYROLL_EXPENSES',
];

/** Accounts that stand for a place where money really is. */
export const ANCHORS: readonly Subtype[] = ['CASH_AND_BANK', 'CREDIT_CARD', 'LOANS'];
