import { amount, choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { currency, lines, taxMode } from './document.js';

export const expense = defineKind({
  kind: 'expense',
  nature: 'document',
  says: 'Money spent at once, without a bill; negative amounts are a refund.',
  groups: {
    parties: { contact: ref('contact') },
    dates: { date: date({ required: true }) },
    money: { lines: lines(), taxMode: taxMode(), ...currency },
    account: { paidFromAccount: ref('account', { required: true }), method: choice(['cash', 'check', 'card']) },
    text: { reference: text(255), memo: text(4000) },
  },
  computed: { total: amount() },
  dated: 'date',
});
