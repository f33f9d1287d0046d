import {
  at,
  decided,
  decimal,
  finding,
  text,
  uncarried,
  whole,
  type Wire,
} from '../../../../domain/provider/mapping/index.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { mapping, markedName } from './words.js';

/** Term, sheet 3.6: so many days, or a day of the month. */
export const paymentTerm = mapping(
  'payment_term',
  {
    name: markedName('Name', text({ max: 31 })),

    dueDays: at('DueDays', whole()),
    dueDayOfMonth: at('DayOfMonthDue', whole()),
    dueMonthsAfter: uncarried(
      'QuickBooks moves to the next month by the days that are left, not by a number of months.',
    ),
    // Where there is no discount the vendor may show one of zero.
    discountPercent: decided(at('DiscountPercent', decimal())),
    discountDays: decided(at('DiscountDays', whole())),

    custom: NO_CUSTOM_FIELDS,
  },
  {
    refuses: ({ dueDays, dueDayOfMonth, discountDays }, before) => [
      ...(stays(dueDays, before?.DueDays) || stays(dueDayOfMonth, before?.DayOfMonthDue)
        ? []
        : [
            finding(
              'required',
              'is required: a term needs days or a day of the month',
              dueDayOfMonth === null ? 'dueDayOfMonth' : 'dueDays',
            ),
          ]),
      ...(typeof dueDayOfMonth === 'number' && typeof discountDays === 'number'
        ? [finding('not_held', 'must be absent: only a term of days has discount days', 'discountDays')]
        : []),
    ],
  },
);

/** Whether a number is said, or stands there and nothing is said of it. */
const stays = (said: unknown, before: Wire | undefined): boolean =>
  typeof said === 'number' || (said === undefined && before !== undefined && before !== null);
