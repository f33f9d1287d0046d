import { amount, choice, currencyCode, ref, text } from '../field.js';
import { defineKind } from '../kind.js';

export const account = defineKind({
  kind: 'account',
  nature: 'reference',
  says: 'An account of the chart of accounts.',
  groups: {
    naming: { code: text(50), name: text(150, { required: true }), description: text(4000) },
    nature: {
      classification: choice(['asset', 'liability', 'equity', 'revenue', 'expense']),
      type: choice([
        'bank',
        'accounts_receivable',
        'other_current_asset',
        'fixed_asset',
        'other_asset',
        'accounts_payable',
        'credit_card',
        'other_current_liability',
        'long_term_liability',
        'equity',
        'income',
        'other_income',
        'cost_of_goods_sold',
        'expense',
        'other_expense',
        'non_posting',
      ]),
      currency: currencyCode(),
      parent: ref('account'),
    },
    tax: { taxRate: ref('tax_rate') },
  },
  computed: { balance: amount() },
  naturalKeys: [['code'], ['name', 'parent']],
});
