import { decimal as exact } from '../../amounts.ts';
import { settleActivity, renameBranch, settleHierarchy, uniqueName } from '../naming.ts';
import type { Entity } from '../entity.ts';
import { credit, debit } from '../ledger.ts';
import { defineEntity, isNew, type Draft, type Posting, type UniqueKey } from '../rules.ts';
import { choice, date, decimal, flag, money, onCreate, readOnly, reference, text } from '../shape.ts';
import { faults } from '../vendor-fault.ts';

/** Every account type with its classification and subtypes; the first subtype is the default (sheet 3.1). */
export const ACCOUNT_TYPES: Readonly<Record<string, { classification: string | undefined; subtypes: string[] }>> = {
  Bank: {
    classification: 'Asset',
    subtypes: ['Checking', 'CashOnHand', 'MoneyMarket', 'RentsHeldInTrust', 'Savings', 'TrustAccounts'],
  },
  'Accounts Receivable': { classification: 'Asset', subtypes: ['AccountsReceivable'] },
  'Other Current Asset': {
    classification: 'Asset',
    subtypes: [
      'OtherCurrentAssets',
      'AllowanceForBadDebts',
      'EmployeeCashAdvances',
      'Inventory',
      'LoansToOthers',
      'PrepaidExpenses',
      'Retainage',
      'UndepositedFunds',
    ],
  },
  'Fixed Asset': {
    classification: 'Asset',
    subtypes: [
      'OtherFixedAssets',
      'AccumulatedDepreciation',
      'Buildings',
      'FurnitureAndFixtures',
      'IntangibleAssets',
      'Land',
      'LeaseholdImprovements',
      'MachineryAndEquipment',
      'Vehicles',
    ],
  },
  'Other Asset': {
    classification: 'Asset',
    subtypes: ['OtherLongTermAssets', 'Goodwill', 'Licenses', 'SecurityDeposits'],
  },
  'Accounts Payable': { classification: 'Liability', subtypes: ['AccountsPayable'] },
  'Credit Card': { classification: 'Liability', subtypes: ['CreditCard'] },
  'Other Current Liability': {
    classification: 'Liability',
    subtypes: [
      'OtherCurrentLiabilities',
      'DeferredRevenue',
      'GlobalTaxPayable',
      'GlobalTaxSuspense',
      'LineOfCredit',
      'LoanPayable',
      'PayrollClearing',
      'PayrollTaxPayable',
      'SalesTaxPayable',
    ],
  },
  'Long Term Liability': {
    classification: 'Liability',
    subtypes: ['OtherLongTermLiabilities', 'NotesPayable', 'ShareholderNotesPayable'],
  },
  Equity: {
    classification: 'Equity',
    subtypes: [
      'OwnersEquity',
      'CommonStock',
      'OpeningBalanceEquity',
      'PaidInCapitalOrSurplus',
      'PartnersEquity',
      'RetainedEarnings',
    ],
  },
  Income: {
    classification: 'Revenue',
    subtypes: [
      'OtherPrimaryIncome',
      'CashReceiptIncome',
      'DiscountsRefundsGiven',
      'NonProfitIncome',
      'SalesOfProductIncome',
      'ServiceFeeIncome',
      'UnappliedCashPaymentIncome',
    ],
  },
  'Other Income': {
    classification: 'Revenue',
    subtypes: ['OtherMiscellaneousIncome', 'DividendIncome', 'InterestEarned'],
  },
  'Cost of Goods Sold': {
    classification: 'Expense',
    subtypes: [
      'SuppliesMaterialsCogs',
      'CostOfLaborCos',
      'EquipmentRentalCos',
      'OtherCostsOfServiceCos',
      'ShippingFreightDeliveryCos',
    ],
  },
  Expense: {
    classification: 'Expense',
    subtypes: [
      'OfficeGeneralAdministrativeExpenses',
      'AdvertisingPromotional',
      'Auto',
      'BadDebts',
      'BankCharges',
      'CashExpenditureExpense',
      'DuesSubscriptions',
      'EntertainmentMeals',
      'EquipmentRental',
      'GlobalTaxExpense',
      'Insurance',
      'InterestPaid',
      'LegalProfessionalFees',
      'PayrollExpenses',
      'RentOrLeaseOfBuildings',
      'RepairMaintenance',
      'SuppliesMaterials',
      'TaxesPaid',
      'Travel',
      'TravelMeals',
      'UnappliedCashBillPaymentExpense',
      'Utilities',
    ],
  },
  'Other Expense': {
    classification: 'Expense',
    subtypes: [
      'OtherMiscellaneousExpense',
      'Amortization',
      'Depreciation',
      'ExchangeGainOrLoss',
      'PenaltiesSettlements',
    ],
  },
  'Non-Posting': { classification: undefined, subtypes: ['OtherNonPosting'] },
};

/** Subtypes that can neither have nor be sub-accounts. */
const SOLITARY = [
  'OpeningBalanceEquity',
  'UndepositedFunds',
  'RetainedEarnings',
  'CashReceiptIncome',
  'CashExpenditureExpense',
  'ExchangeGainOrLoss',
];

export const account = defineEntity({
  name: 'Account',
  group: 'list',
  webhook: 'CUDM',
  filters: ['Name', 'FullyQualifiedName', 'AccountType', 'AccountSubType', 'Classification', 'CurrentBalance'],
  required: ['Name'],
  fields: {
    Name: text(100, /[":]/),
    SubAccount: flag(),
    ParentRef: reference('Account'),
    FullyQualifiedName: readOnly(text(600)),
    Active: flag(),
    Description: text(100),
    Classification: readOnly(text(20)),
    AccountType: choice(...Object.keys(ACCOUNT_TYPES)),
    AccountSubType: choice(...new Set(Object.values(ACCOUNT_TYPES).flatMap((type) => type.subtypes))),
    AcctNum: text(20, /:/),
    CurrencyRef: onCreate(reference('Currency')),
    TaxCodeRef: reference('TaxCode'),
    CurrentBalance: readOnly(decimal()),
    CurrentBalanceWithSubAccounts: readOnly(decimal()),
    AccountAlias: text(100),
    TxnLocationType: text(100),
    OpeningBalance: onCreate(money()),
    OpeningBalanceDate: onCreate(date()),
  },
  unique: uniqueAccount,
  prepare(draft) {
    settleType(draft);
    settleActivity(draft);
    settleHierarchy(draft, {
      nameField: 'Name',
      childFlag: 'SubAccount',
      levels: 5,
      accepts: (parent, child) =>
        parent.AccountType === child.AccountType &&
        ![parent, child].some((each) => SOLITARY.includes(String(each.AccountSubType))),
    });
  },
  settle(draft) {
    const { object, previous, company, hidden } = draft;
    if (hidden.system && (!object.Active || object.AccountType !== previous?.AccountType)) {
      throw faults.business('You cannot deactivate or change the type of this account, the company needs it.');
    }
    const numberLength = company.isUnitedStates || company.flavour === 'uk' ? 7 : 20;
    const number = object.AcctNum as string | undefined;
    if (number !== undefined && number.length > numberLength) {
      throw faults.length('AcctNum', 0, numberLength, number.length);
    }
    if (!company.prefers('AccountingInfoPrefs.UseAccountNumbers')) object.AcctNum = undefined;
    const isNominal = ['Revenue', 'Expense'].includes(String(object.Classification));
    const home = company.homeCurrency;
    object.CurrencyRef = { value: isNominal ? home : (object.CurrencyRef?.value ?? home) };
    if (!isNew(draft)) return;
    object.CurrentBalance ??= 0;
    object.CurrentBalanceWithSubAccounts ??= 0;
    if (object.OpeningBalance !== undefined) hidden.opening = String(object.OpeningBalance);
    object.OpeningBalance = undefined;
    object.OpeningBalanceDate = undefined;
  },
  effects(draft) {
    renameBranch(draft, 'Name');
  },
  postings(object, hidden, company) {
    const equity = company.accountOfSubtype('OpeningBalanceEquity');
    if (hidden.opening === undefined || !equity) return [];
    const opening = exact(hidden.opening);
    const own: Posting = object.Classification === 'Asset' ? debit(object.Id, opening) : credit(object.Id, opening);
    return [own, { account: equity.Id, amount: own.amount.negated(), rate: own.rate }];
  },
});

function settleType({ object, previous }: Draft): void {
  const subtype = object.AccountSubType as string | undefined;
  let type = object.AccountType as string | undefined;
  if (type === undefined && subtype !== undefined) {
    type = Object.keys(ACCOUNT_TYPES).find((name) => ACCOUNT_TYPES[name]?.subtypes.includes(subtype));
  }
  const known = type === undefined ? undefined : ACCOUNT_TYPES[type];
  if (!known) throw faults.accountType('AccountType is needed');
  object.AccountType = type;
  object.Classification = known.classification;
  const typeChanged = previous !== undefined && previous.AccountType !== type;
  if (subtype !== undefined && known.subtypes.includes(subtype)) return;
  // A subtype that was only carried over follows a changed type; one that was asked for must fit.
  if (subtype !== undefined && !(typeChanged && previous.AccountSubType === subtype)) {
    throw faults.accountType(`AccountSubType ${subtype} does not belong to ${type}`);
  }
  object.AccountSubType = known.subtypes[0];
}

function uniqueAccount(object: Entity): UniqueKey[] {
  const keys = uniqueName('account', object.FullyQualifiedName);
  const number = object.AcctNum as string | undefined;
  if (number !== undefined) keys.push(...uniqueName('account number', number));
  return keys;
}
