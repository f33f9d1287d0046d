import {
  at,
  choice,
  computed,
  decided,
  finding,
  onCreate,
  ref,
  text,
  uncarried,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import { NO_CUSTOM_FIELDS, ownCurrency } from './document.js';
import { mapping } from './words.js';

const plainType = at(
  'Type',
  choice({
    bank: 'BANK',
    other_current_asset: ['CURRENT', 'INVENTORY', 'PREPAYMENT'],
    fixed_asset: 'FIXED',
    other_asset: 'NONCURRENT',
    other_current_liability: ['CURRLIAB', 'LIABILITY', 'PAYG'],
    long_term_liability: 'TERMLIAB',
    equity: 'EQUITY',
    income: ['REVENUE', 'SALES'],
    other_income: 'OTHERINCOME',
    cost_of_goods_sold: 'DIRECTCOSTS',
    expense: ['EXPENSE', 'DEPRECIATN'],
    other_expense: 'OVERHEADS',
  }),
);

type AccountType = NonNullable<ReturnType<typeof plainType.read>>;

/** The vendor marks its own accounts, and tells credit cards as a sort of bank account (sheet 3.3). */
const type: Row<AccountType | 'accounts_receivable' | 'accounts_payable' | 'credit_card' | 'non_posting'> = {
  ...plainType,
  read: (record, context) =>
    record.SystemAccount === 'DEBTORS'
      ? 'accounts_receivable'
      : record.SystemAccount === 'CREDITORS'
        ? 'accounts_payable'
        : record.Type === 'BANK' && record.BankAccountType === 'CREDITCARD'
          ? 'credit_card'
          : plainType.read(record, context),
  write: (value, change, context) => {
    if (change.before && type.read(change.before, context) === value) return;
    plainType.write!(value as AccountType, change, context);
  },
  refuses: (value, before, context) =>
    before && type.read(before, context) === value ? [] : plainType.refuses!(value as AccountType, before, context),
};

const NO_BALANCE = uncarried('Xero shows the balance of an account in reports only.');

/** Sheet 3.3. */
export const account = mapping(
  'account',
  {
    code: at('Code', text({ max: 10 })),
    name: at('Name', text({ max: 150 })),
    description: at('Description', text({ max: 4000 })),

    classification: computed(
      at(
        'Class',
        choice({ asset: 'ASSET', liability: 'LIABILITY', equity: 'EQUITY', revenue: 'REVENUE', expense: 'EXPENSE' }),
      ),
    ),
    type: onCreate(type),
    currency: ownCurrency('CurrencyCode'),
    parent: uncarried('Xero keeps accounts in one flat list.'),

    taxRate: decided(at('TaxType', ref('tax_rate'))),

    custom: NO_CUSTOM_FIELDS,

    balance: NO_BALANCE,
  },
  {
    refuses: ({ type: wanted, code, description }, before) => [
      ...(before
        ? []
        : [
            ...(typeof wanted === 'string'
              ? []
              : [finding('required', 'is required: Xero needs the type of an account', 'type')]),
            ...(typeof code === 'string'
              ? []
              : [finding('required', 'is required: Xero needs the code of an account', 'code')]),
          ]),
      ...(before && code === null && before.Type !== 'BANK' ? [finding('required', 'is required', 'code')] : []),
      ...(wanted === 'bank' && !before
        ? [finding('not_held', 'must be made in Xero: a bank account needs its number', 'type')]
        : []),
      ...((before ? before.Type === 'BANK' : wanted === 'bank') && typeof description === 'string'
        ? [finding('not_held', 'must be absent on a bank account', 'description')]
        : []),
    ],
  },
);
