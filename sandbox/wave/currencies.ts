import { Decimal } from '../amounts.ts';

/** Currencies by their ISO code: names, symbols and minor units as the platform's own tables have them. */

export interface CurrencyFacts {
  code: string;
  symbol: string;
  name: string;
  plural: string;
  exponent: number;
}

const known = new Map<string, CurrencyFacts>();

export function currencyFacts(code: string): CurrencyFacts {
  let facts = known.get(code);
  if (!facts) {
    const shown = (currencyDisplay: 'name' | 'narrowSymbol', value: number) =>
      new Intl.NumberFormat('en', { style: 'currency', currency: code, currencyDisplay })
        .formatToParts(value)
        .find((part) => part.type === 'currency')?.value ?? code;
    facts = {
      code,
      symbol: shown('narrowSymbol', 1),
      name: new Intl.DisplayNames(['en'], { type: 'currency' }).of(code) ?? code,
      plural: shown('name', 2),
      exponent:
        new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2,
    };
    known.set(code, facts);
  }
  return facts;
}

/** Rounded half away from zero to the currency's minor unit (sheet 2.4). */
export function rounded(value: Decimal, currency: string): Decimal {
  return value.toDecimalPlaces(currencyFacts(currency).exponent);
}

/** The wire form of an amount: all digits of the currency, no separators. */
export function plain(value: Decimal, currency: string): string {
  return value.toFixed(currencyFacts(currency).exponent);
}

/** US dollars for one unit, roughly as in 2026. The sandbox's own rates: only that they stay the same matters. */
const IN_DOLLARS: Readonly<Record<string, string>> = {
  AUD: '0.66',
  BRL: '0.18',
  CAD: '0.73',
  CHF: '1.24',
  CNY: '0.14',
  DKK: '0.156',
  EUR: '1.16',
  GBP: '1.34',
  HKD: '0.128',
  INR: '0.0114',
  JPY: '0.0067',
  KRW: '0.00072',
  KWD: '3.27',
  MXN: '0.054',
  NOK: '0.099',
  NZD: '0.59',
  PLN: '0.273',
  SEK: '0.106',
  SGD: '0.78',
  USD: '1',
  ZAR: '0.057',
};

/** What one unit of a currency is worth in another one, to six places; one where no rate is kept. */
export function vendorRate(from: string, to: string): Decimal {
  const [source, target] = [IN_DOLLARS[from], IN_DOLLARS[to]];
  if (from === to || source === undefined || target === undefined) return new Decimal(1);
  return new Decimal(source).div(target).toDecimalPlaces(6);
}
