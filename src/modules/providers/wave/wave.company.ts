/**
 * What of a business decides about what may be sent to it (sheet 3.5, 7 points 6 and 29). Kept as texts in the `features`
 * of the company record, so that the tables and the drafting of calls stay pure.
 */
export interface WaveCompany {
  /** The vendor's id of the business. */
  readonly id: string;
  readonly baseCurrency: string | undefined;
  /** A business in the vendor's old books takes no money transactions. */
  readonly classicAccounting: boolean;
  /** A business in the vendor's old invoicing shows and takes no invoices and estimates. */
  readonly classicInvoicing: boolean;
  /** Accounts that money is in, by id, with their currencies: one of them anchors each money transaction. */
  readonly anchors: ReadonlyMap<string, string>;
  /** The product that lines without an item are posted through, where the business has one. */
  readonly carrier: string | undefined;
}

/** What the carrier product is called; the business makes it, with an income account of its choice. */
export const CARRIER_NAME = 'Invoice line';

/** Reads a company's features; whatever is not known counts as absent, so nothing is sent that might be refused. */
export const waveCompany = (
  id: string,
  features: Readonly<Record<string, string>>,
  baseCurrency: string | undefined,
): WaveCompany => ({
  id,
  baseCurrency: baseCurrency ?? features.homeCurrency,
  classicAccounting: features.classicAccounting === 'true',
  classicInvoicing: features.classicInvoicing === 'true',
  anchors: texts(features.anchorAccounts),
  carrier: features.carrierProduct,
});

/** Texts by name as one text. */
export const mapText = (map: ReadonlyMap<string, string>): string => JSON.stringify(Object.fromEntries(map));

const texts = (text: string | undefined): ReadonlyMap<string, string> => {
  if (text === undefined) return new Map();
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
};
