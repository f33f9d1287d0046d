import { at, computed, date, ref, text } from '../../../../src/domain/provider/mapping/index.js';
import { amount, lines, mapping, NOT_KEPT, oneCurrency, party } from './words.js';

export const expense = mapping('expense', {
  contact: party,
  date: at('date', date()),
  lines,
  taxMode: NOT_KEPT,
  currency: oneCurrency,
  exchangeRate: NOT_KEPT,
  paidFromAccount: at('account', ref('account')),
  method: NOT_KEPT,
  reference: NOT_KEPT,
  memo: at('note', text()),
  custom: NOT_KEPT,
  total: computed(at('total', amount())),
});
