import { at, computed, constant, date, decided, text } from '../../../../src/domain/provider/mapping/index.js';
import { amount, applied, lines, mapping, noDiscount, NOT_KEPT, oneCurrency, party } from './words.js';

/** Sales and purchases are one resource; its `type` says which of the two a document is. */

const dates = { issueDate: at('date', date()), dueDate: decided(at('due', date())), paymentTerm: NOT_KEPT };
const words = { number: at('number', text({ max: 40 })), reference: NOT_KEPT, memo: at('note', text()) };
const money = { lines, taxMode: NOT_KEPT, currency: oneCurrency, exchangeRate: NOT_KEPT };
const open = decided(constant('open', 'must be open: the toy has no drafts'));
const results = {
  subtotal: computed(at('total', amount())),
  taxTotal: NOT_KEPT,
  total: computed(at('total', amount())),
  balance: computed(at('balance', amount())),
  paidState: NOT_KEPT,
};

export const invoice = mapping('invoice', {
  contact: party,
  billingAddress: NOT_KEPT,
  shippingAddress: NOT_KEPT,
  ...dates,
  ...money,
  discount: noDiscount,
  ...words,
  number: decided(words.number),
  customerMessage: NOT_KEPT,
  state: open,
  custom: NOT_KEPT,
  ...results,
});

export const bill = mapping('bill', {
  contact: party,
  ...dates,
  ...money,
  ...words,
  state: open,
  custom: NOT_KEPT,
  ...results,
});

export const creditNote = mapping('credit_note', {
  contact: party,
  billingAddress: NOT_KEPT,
  shippingAddress: NOT_KEPT,
  issueDate: dates.issueDate,
  ...money,
  discount: noDiscount,
  allocations: applied,
  ...words,
  customerMessage: NOT_KEPT,
  state: open,
  custom: NOT_KEPT,
  ...results,
  balance: NOT_KEPT,
  remaining: computed(at('remaining', amount())),
});
