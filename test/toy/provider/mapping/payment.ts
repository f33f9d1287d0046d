import { at, computed, date, text } from '../../../../src/domain/provider/mapping/index.js';
import { amount, applied, mapping, NOT_KEPT, oneCurrency, party } from './words.js';

export const payment = mapping('payment', {
  contact: party,
  date: at('date', date()),
  amount: at('amount', amount()),
  currency: oneCurrency,
  exchangeRate: NOT_KEPT,
  allocations: applied,
  depositAccount: NOT_KEPT,
  method: NOT_KEPT,
  reference: at('reference', text()),
  memo: at('note', text()),
  custom: NOT_KEPT,
  unapplied: computed(at('unapplied', amount())),
});
