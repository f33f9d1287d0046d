import {
  at,
  choice,
  computed,
  decimal,
  finding,
  onCreate,
  text,
  when,
} from '../../../../domain/provider/mapping/index.js';
import { currency, NO_CUSTOM_FIELDS } from './document.js';
import { accountNumbers, globalTax, mapping, markedName, parentIn, refTo } from './words.js';

/** Countries in which account numbers are shorter than elsewhere. */
const SHORT_NUMBERS = ['US', 'GB', 'UK', 'IN'];

const accountType = at(
  'AccountType',
  choice({
    bank: 'Bank',
    accounts_receivable: 'Accounts Receivable',
    other_current_asset: 'Other Current Asset',
    fixed_asset: 'Fixed Asset',
    other_asset: 'Other Asset',
    accounts_payable: 'Accounts Payable',
    credit_card: 'Credit Card',
    other_current_liability: 'Other Current Liability',
    long_term_liability: 'Long Term Liability',
    equity: 'Equity',
    income: 'Income',
    other_income: 'Other Income',
    cost_of_goods_sold: 'Cost of Goods Sold',
    expense: 'Expense',
    other_expense: 'Other Expense',
    non_posting: 'Non-Posting',
  }),
);

/** A subtype fits one type only; under a new type the vendor picks the default one. */
const type: typeof accountType = {
  ...accountType,
  write: (value, change, context) => {
    accountType.write!(value, change, context);
    if (change.before && Object.hasOwn(change.sets, 'AccountType')) change.clear('AccountSubType');
  },
};

/** Sheet 3.1. */
export const account = mapping(
  'account',
  {
    code: when(accountNumbers, at('AcctNum', text({ max: 20, without: /:/, called: 'colons' }))),
    name: markedName('Name', text({ max: 100, without: /[":]/, called: 'quotes or colons' })),
    description: at('Description', text({ max: 100 })),

    classification: computed(
      at(
        'Classification',
        choice({ asset: 'Asset', liability: 'Liability', equity: 'Equity', revenue: 'Revenue', expense: 'Expense' }),
      ),
    ),
    type,
    currency: onCreate(currency),
    parent: parentIn('SubAccount', 'account'),

    taxRate: when(globalTax, at('TaxCodeRef', refTo('tax_rate'))),

    custom: NO_CUSTOM_FIELDS,

    balance: computed(at('CurrentBalance', decimal())),
  },
  {
    refuses: ({ type: wanted, code }, before, { country }) => [
      ...(typeof wanted === 'string' || (before && wanted === undefined)
        ? []
        : [finding('required', 'is required: QuickBooks needs the type of an account', 'type')]),
      ...(typeof code === 'string' && code.length > 7 && SHORT_NUMBERS.includes(country)
        ? [finding('max_length', 'must have at most 7 characters in this country', 'code')]
        : []),
    ],
  },
);
