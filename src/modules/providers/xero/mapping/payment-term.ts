import { derived, uncarried, wireAt, type Wire, type WireObject } from '../../../../domain/provider/mapping/index.js';
import { textAt } from '../xero.wire.js';
import { NO_CUSTOM_FIELDS } from './document.js';
import { mapping } from './words.js';

/**
 * A term is no record of the vendor's: it stands on contacts and on the organisation as a type and a day, and these two are
 * its id here, such as `DAYSAFTERBILLDATE:20` (sheet 3.8).
 */
export interface Term {
  readonly type: 'DAYSAFTERBILLDATE' | 'DAYSAFTERBILLMONTH' | 'OFCURRENTMONTH' | 'OFFOLLOWINGMONTH';
  readonly day: number;
}

const TERM_ID = /^(DAYSAFTERBILLDATE|DAYSAFTERBILLMONTH|OFCURRENTMONTH|OFFOLLOWINGMONTH):(\d{1,3})$/;

export const termOf = (id: string): Term | undefined => {
  const [, type, day] = TERM_ID.exec(id) ?? [];
  return type === undefined || day === undefined ? undefined : { type: type as Term['type'], day: Number(day) };
};

/** The id of a term as it stands on a contact; undefined where there is none. */
export const termIdOf = (wire: Wire | undefined): string | undefined => {
  const [type, day] = [textAt(wire, 'Type'), textAt(wire, 'Day')];
  const id = `${type}:${day}`;
  return termOf(id) ? id : undefined;
};

const NAMES: Readonly<Record<Term['type'], (day: number) => string>> = {
  DAYSAFTERBILLDATE: (day) => `${day} days after the bill date`,
  DAYSAFTERBILLMONTH: (day) => `${day} days after the end of the bill month`,
  OFCURRENTMONTH: (day) => `day ${day} of the current month`,
  OFFOLLOWINGMONTH: (day) => `day ${day} of the following month`,
};

const read = (record: WireObject): Term | undefined => termOf(termIdOf(wireAt(record, 'Term')) ?? '');

/** Of a record `{ Term: { Type, Day } }`. */
export const paymentTerm = mapping('payment_term', {
  name: derived((record) => {
    const term = read(record);
    return term && NAMES[term.type](term.day);
  }),
  dueDays: derived((record) => {
    const term = read(record);
    return term?.type === 'DAYSAFTERBILLDATE' ? term.day : undefined;
  }),
  dueDayOfMonth: derived((record) => {
    const term = read(record);
    return term && term.type !== 'DAYSAFTERBILLDATE' && term.day >= 1 && term.day <= 31 ? term.day : undefined;
  }),
  dueMonthsAfter: derived((record) => {
    const term = read(record);
    if (!term || term.type === 'DAYSAFTERBILLDATE') return undefined;
    return term.type === 'OFCURRENTMONTH' ? 0 : 1;
  }),
  discountPercent: uncarried('Xero has no discounts for early payment.'),
  discountDays: uncarried('Xero has no discounts for early payment.'),

  custom: NO_CUSTOM_FIELDS,
});
