import { Decimal as Constructor } from 'decimal.js';

/**
 * Exact decimal arithmetic. The vendor's wire carries amounts as JSON numbers; up to 15 digits those convert to decimals
 * and back without loss, so numbers are only ever the wire form: nothing adds, multiplies or compares them as floats.
 */
export const Decimal = Constructor.clone({ precision: 40, rounding: Constructor.ROUND_HALF_UP });
export type Decimal = Constructor;

export const zero: Decimal = new Decimal(0);

/** The exact value of a wire number; absent counts as zero. */
export function decimal(value: unknown): Decimal {
  return typeof value === 'number' || typeof value === 'string' ? new Decimal(value) : zero;
}

/** Rounded half up to cents, the way the vendor rounds amounts. */
export function cents(value: Decimal): Decimal {
  return value.toDecimalPlaces(2);
}

/** The wire form of an amount, rounded to cents. */
export function amount(value: Decimal): number {
  return value.toDecimalPlaces(2).toNumber();
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = zero;
  for (const value of values) total = total.plus(value);
  return total;
}
