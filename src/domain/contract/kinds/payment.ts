import { amount, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { allocations, allocationsWithinAmount, currency } from './document.js';

export const payment = defineKind({
  kind: 'payment',
  nature: 'document',
  says: 'Money received from a customer, and what it settles.',
  groups: {
    parties: { contact: ref('contact', { role: 'customer', required: true }) },
    dates: { date: date({ required: true }) },
    money: {
      amount: amount({ required: true }),
      ...currency,
      allocations: allocations(['invoice', 'credit_note']),
    },
    account: { depositAccount: ref('account'), method: text(100) },
    text: { reference: text(255), memo: text(4000) },
  },
  computed: { unapplied: amount() },
  dated: 'date',
  rules: [allocationsWithinAmount('invoice')],
});
