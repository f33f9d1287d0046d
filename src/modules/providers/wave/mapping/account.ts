import {
  at,
  choice,
  computed,
  decided,
  finding,
  inside,
  onCreate,
  uncarried,
} from '../../../../domain/provider/mapping/index.js';
import { code, digits, mapping, NO_CUSTOM_FIELDS, words } from './words.js';

/**
 * The vendor's subtypes under the contract's types (sheet 9.1); the first of each is written. Those that only the vendor
 * makes are read.
 */
const accountType = inside(
  'value',
  choice({
    bank: 'CASH_AND_BANK',
    accounts_receivable: ['RECEIVABLE', 'RECEIVABLE_INVOICES', 'RECEIVABLE_OTHER'],
    other_current_asset: [
      'OTHER_CURRENT_ASSETS',
      'INVENTORY',
      'MONEY_IN_TRANSIT',
      'VENDOR_PREPAYMENTS_AND_CREDITS',
      'TRANSFERS',
    ],
    fixed_asset: ['PROPERTY_PLANT_EQUIPMENT', 'DEPRECIATION_AND_AMORTIZATION'],
    other_asset: 'OTHER_LONG_TERM_ASSETS',
    accounts_payable: ['PAYABLE', 'PAYABLE_BILLS', 'PAYABLE_OTHER'],
    credit_card: 'CREDIT_CARD',
    other_current_liability: [
      'OTHER_CURRENT_LIABILITY',
      'SALES_TAX',
      'DUE_FOR_PAYROLL',
      'DUE_TO_YOU_AND_OTHER_OWNERS',
      'CUSTOMER_PREPAYMENTS_AND_CREDITS',
    ],
    long_term_liability: ['OTHER_LONG_TERM_LIABILITY', 'LOANS'],
    equity: ['NON_RETAINED_EARNINGS', 'RETAINED_EARNINGS'],
    income: ['INCOME', 'DISCOUNTS', 'UNCATEGORIZED_INCOME'],
    other_income: ['OTHER_INCOME', 'GAIN_ON_FOREIGN_EXCHANGE'],
    cost_of_goods_sold: 'COST_OF_GOODS_SOLD',
    expense: [
      'EXPENSE',
      'PAYMENT_PROCESSING_FEES',
      'PAYROLL_EXPENSES',
      'UNCATEGORIZED_EXPENSE',
      'LOSS_ON_FOREIGN_EXCHANGE',
    ],
  }),
);

/** Sheet 3.3, 3.5. A subtype is chosen once and fixes the classification. */
export const account = mapping(
  'account',
  {
    code: at('displayId', words()),
    name: at('name', words()),
    description: at('description', words()),

    classification: computed(
      at(
        'type',
        inside(
          'value',
          choice({ asset: 'ASSET', liability: 'LIABILITY', equity: 'EQUITY', revenue: 'INCOME', expense: 'EXPENSE' }),
        ),
      ),
    ),
    type: onCreate(at('subtype', accountType)),
    currency: decided(onCreate(at('currency', code()))),
    parent: uncarried('Wave’s accounts stand beside each other, under their type.'),

    taxRate: uncarried('Wave keeps default taxes on products.'),

    custom: NO_CUSTOM_FIELDS,

    balance: computed(at('balance', digits(20))),
  },
  {
    refuses: ({ type }, before) =>
      (before ? type === null : typeof type !== 'string')
        ? [finding('required', 'is required: Wave needs the type of an account', 'type')]
        : [],
  },
);
