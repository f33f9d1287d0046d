import { at, choice, text } from '../../../../src/domain/provider/mapping/index.js';
import { mapping, NOT_KEPT } from './words.js';

/** The accounts come with the company; nobody makes others. */
export const account = mapping('account', {
  code: NOT_KEPT,
  name: at('name', text()),
  description: NOT_KEPT,
  classification: NOT_KEPT,
  type: at('type', choice({ bank: 'bank', income: 'income', expense: 'expense' })),
  currency: NOT_KEPT,
  parent: NOT_KEPT,
  taxRate: NOT_KEPT,
  custom: NOT_KEPT,
  balance: NOT_KEPT,
});
