/** The names the vendor shows beside currency codes. */
export const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  AUD: 'Australian Dollar',
  CAD: 'Canadian Dollar',
  CHF: 'Swiss Franc',
  EUR: 'Euro',
  GBP: 'British Pound Sterling',
  JPY: 'Japanese Yen',
  NZD: 'New Zealand Dollar',
  SEK: 'Swedish Krona',
  USD: 'United States Dollar',
};
