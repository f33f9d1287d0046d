import { amount, choice, date, ref, text } from '../field.js';
import { defineKind } from '../kind.js';
import { allocations, allocationsWithinAmount, currency } from './document.js';

export const billPayment = defineKind({
  kind: 'bill_payment',
  nature: 'document',
  says: 'Money paid to a vendor, and what it settles.',
  groups: {
    parties: { contact: ref('contact', { role: 'vendor', required: true }) },
    dates: { date: date({ required: true }) },
    money: { amount: amount({ required: true }), ...currency, allocations: allocations(['bill', 'vendor_credit']) },
    account: {
      paidFromAccount: ref('account', { required: true }),
      method: choice(['cash', 'check', 'card', 'transfer', 'other']),
    },
    text: { reference: text(255), memo: text(4000) },
  },
  dated: 'date',
  rules: [allocationsWithinAmount('bill')],
});
