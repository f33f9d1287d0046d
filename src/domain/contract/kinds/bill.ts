import { choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { currency, lines, settlement, taxMode, totals } from './document.js';

export const bill = defineKind({
  kind: 'bill',
  nature: 'document',
  says: 'What is owed to a vendor; its number is the vendor’s own.',
  groups: {
    parties: { contact: ref('contact', { role: 'vendor', required: true }) },
    dates: { issueDate: date({ required: true }), dueDate: date(), paymentTerm: ref('payment_term') },
    money: { lines: lines(), taxMode: taxMode(), ...currency },
    text: { number: text(50), reference: text(255), memo: text(4000) },
    state: { state: choice(['draft', 'submitted', 'open']) },
  },
  computed: { ...totals, ...settlement },
  naturalKeys: [['number', 'contact']],
  dated: 'issueDate',
});
