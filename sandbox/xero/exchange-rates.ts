import { Decimal } from '../amounts.ts';
import { DAY, midnight } from './calendar.ts';

/** Units of each currency for one US dollar, about as they were; a stand-in needs plausible ones only. */
const PER_DOLLAR: Readonly<Record<string, string>> = {
  USD: '1',
  NZD: '1.71',
  AUD: '1.53',
  EUR: '0.92',
  GBP: '0.79',
  CAD: '1.37',
  JPY: '151.2',
  SGD: '1.34',
  CHF: '0.88',
  ZAR: '18.3',
};

export const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  USD: 'United States Dollar',
  NZD: 'New Zealand Dollar',
  AUD: 'Australian Dollar',
  EUR: 'Euro',
  GBP: 'British Pound',
  CAD: 'Canadian Dollar',
  JPY: 'Japanese Yen',
  SGD: 'Singapore Dollar',
  CHF: 'Swiss Franc',
  ZAR: 'South African Rand',
};

/** Foreign units for one unit of the base currency (sheet 3.1), moving a little from day to day. */
export function rateOfDay(base: string, foreign: string, day: string): Decimal {
  const drift = ((midnight(day) / DAY) % 29) - 14;
  const cross = new Decimal(PER_DOLLAR[foreign] ?? '1').dividedBy(PER_DOLLAR[base] ?? '1');
  return cross.times(new Decimal(1).plus(new Decimal(drift).dividedBy(1000))).toDecimalPlaces(6);
}
