import { choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { address, currency, lines, totals } from './document.js';

export const purchaseOrder = defineKind({
  kind: 'purchase_order',
  nature: 'document',
  says: 'An order placed with a vendor; it posts nothing.',
  groups: {
    parties: { contact: ref('contact', { role: 'vendor', required: true }), shipTo: address() },
    dates: { issueDate: date({ required: true }), deliveryDate: date() },
    money: { lines: lines(), ...currency },
    text: { number: text(50), memo: text(4000) },
    state: { state: choice(['draft', 'submitted', 'open', 'billed', 'closed']) },
  },
  computed: totals,
  naturalKeys: [['number']],
  dated: 'issueDate',
});
