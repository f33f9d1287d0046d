import { choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { address, currency, discount, lines, settlement, taxMode, totals } from './document.js';

export const invoice = defineKind({
  kind: 'invoice',
  nature: 'document',
  says: 'What a customer owes.',
  groups: {
    parties: {
      contact: ref('contact', { role: 'customer', required: true }),
      billingAddress: address(),
      shippingAddress: address(),
    },
    dates: { issueDate: date({ required: true }), dueDate: date(), paymentTerm: ref('payment_term') },
    money: { lines: lines(), taxMode: taxMode(), discount: discount(), ...currency },
    text: { number: text(50), reference: text(255), memo: text(4000), customerMessage: text(1000) },
    state: { state: choice(['draft', 'submitted', 'open']) },
  },
  computed: { ...totals, ...settlement },
  naturalKeys: [['number']],
  dated: 'issueDate',
});
