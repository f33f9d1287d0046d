import { amount, choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { address, allocations, currency, discount, lines, settlement, taxMode, totals } from './document.js';

export const creditNote = defineKind({
  kind: 'credit_note',
  nature: 'document',
  says: 'What a customer is owed back.',
  groups: {
    parties: {
      contact: ref('contact', { role: 'customer', required: true }),
      billingAddress: address(),
      shippingAddress: address(),
    },
    dates: { issueDate: date({ required: true }) },
    money: { lines: lines(), taxMode: taxMode(), discount: discount(), ...currency },
    allocations: { allocations: allocations(['invoice']) },
    text: { number: text(50), reference: text(255), memo: text(4000), customerMessage: text(1000) },
    state: { state: choice(['draft', 'submitted', 'open']) },
  },
  computed: { ...totals, ...settlement, remaining: amount() },
  naturalKeys: [['number']],
  dated: 'issueDate',
});
