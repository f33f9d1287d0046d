/** The value below which this share of the values lies; `at` from 0 to 1. */
export const percentile = (values: readonly number[], at: number): number => {
  const sorted = [...values].sort((one, other) => one - other);
  const place = Math.min(sorted.length - 1, Math.max(0, Math.ceil(at * sorted.length) - 1));
  return sorted[place] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** A generator of numbers from 0 to 1 that a seed repeats (mulberry32). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
