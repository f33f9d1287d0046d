import {
  at,
  decided,
  inside,
  mappingFor,
  object,
  ref,
  text,
  type Codec,
  type Row,
  type WireObject,
} from '../../../../domain/provider/mapping/index.js';
import type { Content, KindName, Ref } from '../../../../domain/contract/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';

/** The words in which this vendor says things everywhere: refs, names, addresses (sheet 2.2, 3.0). */

export const mapping = mappingFor<CompanyFeatures>();

/** `{"value": "58", "name": "Acme"}`; only the value matters when it is written. */
export const refTo = (kind: KindName, list?: string): Codec<Ref> => inside('value', ref(kind, list));

/** A reference that is a code rather than a record, such as a currency. */
export const codeRef = (): Codec<string> => inside('value', text());

/** Names of list records, of which no colon, tab or line end may be part (sheet 3.1 to 3.3). */
export const name = (max: number): Codec<string> =>
  text({ max, without: /[:\t\n\r]/, called: 'colons, tabs or line ends' });

/**
 * A name that the vendor marks while its record is inactive, so that the name itself is free again (sheet 3.2). The
 * mark is no part of the name, and it is left to the vendor.
 */
export const markedName = (path: string, codec: Codec<string>): Row<string> => {
  const row = decided(at(path, codec));
  const read = (record: WireObject, context: unknown): string | undefined => {
    const said = row.read(record, context);
    return record.Active === false ? said?.replace(/ \(deleted\)$/i, '') : said;
  };
  return {
    ...row,
    read,
    write: (value, change, context) => {
      if (!change.before || read(change.before, context) !== value) row.write!(value, change, context);
    },
  };
};

/**
 * The record that this one is below. That there is none any more is said with the flag that goes with it: the vendor
 * refuses a record that is below something and does not say what.
 */
export const parentIn = (flag: string, kind: KindName, list?: string): Row<Ref> => {
  const row = at('ParentRef', refTo(kind, list));
  return {
    ...row,
    write: (value, change, context) => {
      row.write!(value, change, context);
      if (value === null && change.at('ParentRef') === undefined) change.clear(flag);
    },
  };
};

/**
 * Lines three to five as one. Where an address was typed into a transaction, street, town and postcode slide there as
 * free text (sheet 3.0), and none of it may be lost on the way.
 */
const lastLines: Row<string> = {
  ...at('Line3', text({ max: 500 })),
  read: (address) => joined(address),
  write: (value, change) => {
    if (change.before && joined(change.before) === (value ?? undefined)) return;
    const [Line3 = '', Line4 = '', ...rest] = (value ?? '').split('\n');
    for (const [member, line] of Object.entries({ Line3, Line4, Line5: rest.join(' ') })) {
      if (line === '') change.clear(member, '');
      else change.set(member, line);
    }
  },
};

const joined = ({ Line3, Line4, Line5 }: WireObject): string | undefined =>
  [Line3, Line4, Line5]
    .map((line) => (typeof line === 'string' ? line : ''))
    .join('\n')
    .replace(/\n+$/, '') || undefined;

export const address = (): Codec<Content> =>
  object({
    line1: at('Line1', text({ max: 500 })),
    line2: at('Line2', text({ max: 500 })),
    line3: lastLines,
    city: at('City', text({ max: 255 })),
    region: at('CountrySubDivisionCode', text({ max: 255 })),
    postalCode: at('PostalCode', text({ max: 30 })),
    country: at('Country', text({ max: 255 })),
  });

/** Features without which a field is neither sent nor compared (sheet 9.2 point 15). */
export const severalCurrencies = (company: CompanyFeatures): boolean => company.multicurrency;
export const serviceDates = (company: CompanyFeatures): boolean => company.serviceDates;
export const accountNumbers = (company: CompanyFeatures): boolean => company.accountNumbers;
export const globalTax = (company: CompanyFeatures): boolean => company.salesTax === 'global';
