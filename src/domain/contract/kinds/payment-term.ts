import { percent, text, whole } from '../field.js';
import { defineKind } from '../kind.js';

export const paymentTerm = defineKind({
  kind: 'payment_term',
  nature: 'reference',
  says: 'When an invoice or a bill falls due.',
  groups: {
    naming: { name: text(100, { required: true }) },
    due: {
      dueDays: whole(0, 999),
      dueDayOfMonth: whole(1, 31),
      dueMonthsAfter: whole(0, 12),
      discountPercent: percent(),
      discountDays: whole(0, 999),
    },
  },
  naturalKeys: [['name']],
  rules: [
    {
      path: 'dueDays',
      rule: 'one_due_rule',
      message: 'a term has dueDays or dueDayOfMonth, and not both',
      holds: (content) => (content.dueDays ?? null) === null || (content.dueDayOfMonth ?? null) === null,
    },
  ],
});
