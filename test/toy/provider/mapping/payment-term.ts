import { at, text, whole } from '../../../../src/domain/provider/mapping/index.js';
import { mapping, NOT_KEPT } from './words.js';

/** Read from the days of contacts, as `{"name": "14 days", "days": 14}`. */
export const paymentTerm = mapping('payment_term', {
  name: at('name', text()),
  dueDays: at('days', whole()),
  dueDayOfMonth: NOT_KEPT,
  dueMonthsAfter: NOT_KEPT,
  discountPercent: NOT_KEPT,
  discountDays: NOT_KEPT,
  custom: NOT_KEPT,
});
