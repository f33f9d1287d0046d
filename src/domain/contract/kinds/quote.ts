import { choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { address, currency, discount, lines, taxMode, totals } from './document.js';

export const quote = defineKind({
  kind: 'quote',
  nature: 'document',
  says: 'An offer to a customer; it posts nothing.',
  groups: {
    parties: {
      contact: ref('contact', { role: 'customer', required: true }),
      billingAddress: address(),
      shippingAddress: address(),
    },
    dates: { issueDate: date({ required: true }), expiryDate: date() },
    money: { lines: lines(), taxMode: taxMode(), discount: discount(), ...currency },
    text: { number: text(50), reference: text(255), memo: text(4000), customerMessage: text(1000) },
    state: { state: choice(['draft', 'sent', 'accepted', 'declined', 'closed']) },
  },
  computed: totals,
  naturalKeys: [['number']],
  dated: 'issueDate',
});
