import { amount, Decimal, decimal } from '../amounts.ts';
import type { Company } from './company.ts';
import type { Entity } from './entity.ts';
import { gives, type Draft } from './rules.ts';
import { faults } from './vendor-fault.ts';

/** US dollars per unit, as a starting point for the rates of the day. */
const DOLLARS: Readonly<Record<string, string>> = {
  AUD: '0.6571',
  CAD: '0.7302',
  CHF: '1.1218',
  EUR: '1.0842',
  GBP: '1.2715',
  JPY: '0.006712',
  NZD: '0.6044',
  SEK: '0.0951',
  USD: '1',
};

/** Home units per unit of `currency` on a day; the rate wavers a little from day to day. */
export function rateOfDay(company: Company, currency: string, day: string): Decimal {
  if (currency === company.homeCurrency) return new Decimal(1);
  const drift = [...day].reduce((mixed, character) => (mixed * 31 + character.charCodeAt(0)) % 401, 7) - 200;
  const base = decimal(DOLLARS[currency] ?? '1').dividedBy(decimal(DOLLARS[company.homeCurrency] ?? '1'));
  return base.times(new Decimal(10_000 + drift).dividedBy(10_000)).toDecimalPlaces(6);
}

export function currenciesOf(company: Company): string[] {
  const foreign = [...company.collection('CompanyCurrency').all()]
    .filter((stored) => stored.object.Active !== false)
    .map((stored) => String(stored.object.Code));
  return [company.homeCurrency, ...foreign];
}

/**
 * Gives the transaction its currency and rate. A name has one currency for life; a transaction must agree with it.
 */
export function settleCurrency(draft: Draft, party: Entity | undefined): void {
  const { company, object, input } = draft;
  const home = company.homeCurrency;
  const asked = (input.CurrencyRef as { value: string } | undefined)?.value;
  if (!company.multiCurrency) {
    if (asked !== undefined && asked !== home) {
      throw faults.business('Multicurrency is switched off, the currency must be the home currency.', 'CurrencyRef');
    }
    object.CurrencyRef = { value: home };
    object.ExchangeRate = undefined;
    return;
  }
  const expected = party?.CurrencyRef?.value;
  const currency = asked ?? expected ?? object.CurrencyRef?.value ?? home;
  if (!currenciesOf(company).includes(currency)) throw faults.reference('CurrencyRef');
  if (expected !== undefined && currency !== expected) {
    throw faults.business('The currency of the transaction is not the currency of the name.', 'CurrencyRef');
  }
  object.CurrencyRef = { value: currency };
  const keepsRate = gives(draft, 'ExchangeRate') || draft.previous?.CurrencyRef?.value === currency;
  if (currency === home) object.ExchangeRate = 1;
  else if (!keepsRate || object.ExchangeRate === undefined || object.ExchangeRate <= 0) {
    object.ExchangeRate = rateOfDay(company, currency, object.TxnDate ?? company.today()).toNumber();
  }
}

/** The home-currency figures shown beside total and balance; only multicurrency companies have them. */
export function showHomeAmounts(company: Company, object: Entity, fields: readonly ('TotalAmt' | 'Balance')[]): void {
  if (!company.multiCurrency) return;
  const rate = rateOf(object);
  for (const field of fields) object[`Home${field}`] = amount(decimal(object[field]).times(rate));
}

export function rateOf(object: Entity): Decimal {
  return decimal(object.ExchangeRate ?? 1);
}
