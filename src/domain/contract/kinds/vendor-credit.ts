import { amount, choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { allocations, currency, lines, settlement, taxMode, totals } from './document.js';

export const vendorCredit = defineKind({
  kind: 'vendor_credit',
  nature: 'document',
  says: 'What a vendor owes back.',
  groups: {
    parties: { contact: ref('contact', { role: 'vendor', required: true }) },
    dates: { issueDate: date({ required: true }) },
    money: { lines: lines(), taxMode: taxMode(), ...currency },
    allocations: { allocations: allocations(['bill']) },
    text: { number: text(50), reference: text(255), memo: text(4000) },
    state: { state: choice(['draft', 'submitted', 'open']) },
  },
  computed: { ...totals, ...settlement, remaining: amount() },
  naturalKeys: [['number', 'contact']],
  dated: 'issueDate',
});
