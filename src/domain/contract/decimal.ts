import { Decimal } from 'decimal.js';

/** Money and quantities are exact: forty significant digits are more than any two fifteen-digit factors need. */
const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP });
export type Exact = Decimal;

const FORM = /^-?\d{1,15}(\.\d{1,20})?$/;

export const isDecimal = (value: unknown): value is string => typeof value === 'string' && FORM.test(value);

export const exact = (value: string): Exact => new Exact(value);

/** `"1250.00"` and `"1250"` are one number: no trailing zeros, no exponent, no negative zero. */
export const normalDecimal = (value: string): string => {
  const number = exact(value);
  return number.isZero() ? '0' : number.toFixed();
};

export const sum = (values: readonly string[]): string =>
  values.reduce((total, value) => total.plus(value), exact('0')).toFixed();

/** Half up, as the four vendors round a line's amount. */
export const rounded = (value: Exact, places: number): string =>
  value.toDecimalPlaces(places, Decimal.ROUND_HALF_UP).toFixed(places);

const places = new Map<string, number>();

/** Digits after the point in a currency (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD. */
export const minorUnits = (currency: string): number => {
  let known = places.get(currency);
  if (known === undefined) {
    known = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    places.set(currency, known);
  }
  return known;
};
