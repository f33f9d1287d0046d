import {
  at,
  finding,
  inside,
  mappingFor,
  object,
  ref,
  text,
  wireAt,
  type Codec,
  type Row,
} from '../../../../domain/provider/mapping/index.js';
import type { Content, KindName, Ref } from '../../../../domain/contract/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';

/** The words in which this vendor says things everywhere: refs, names, addresses, custom fields (sheet 2.2, 3.0). */

export const mapping = mappingFor<CompanyFeatures>();

/** `{"value": "58", "name": "Acme"}`; only the value matters when it is written. */
export const refTo = (kind: KindName, list?: string): Codec<Ref> => inside('value', ref(kind, list));

/** A reference that is a code rather than a record, such as a currency. */
export const codeRef = (): Codec<string> => inside('value', text());

/** Names of list records, which no colon, tab or line end may be part of (sheet 3.1 to 3.3). */
export const name = (max: number): Codec<string> =>
  text({ max, without: /[:\t\n\r]/, called: 'colons, tabs or line ends' });

/**
 * A name that the vendor marks while its record is inactive, so that the name itself is free again (sheet 3.2). The
 * mark is no part of the name.
 */
export const markedName = (path: string, codec: Codec<string>): Row<string> => {
  const row = at(path, codec);
  return {
    ...row,
    read: (record, context) => {
      const said = row.read(record, context);
      return record.Active === false ? said?.replace(/ \(deleted\)$/i, '') : said;
    },
    write: (value, change, context) => {
      if (value !== row.read(change.before ?? {}, context) && value === unmarked(change.before, path)) return;
      row.write!(value, change, context);
    },
    decided: true,
  };
};

const unmarked = (record: Parameters<Row['read']>[0] | undefined, path: string): string | undefined => {
  const said = wireAt(record, path);
  return record?.Active === false && typeof said === 'string' ? said.replace(/ \(deleted\)$/i, '') : undefined;
};

const lastLines = {
  ...at('Line3', text({ max: 500 })),
  read: (record: Parameters<Row['read']>[0]) => {
    const lines = [record.Line3, record.Line4, record.Line5].map((line) => (typeof line === 'string' ? line : ''));
    return lines.join('\n').replace(/\n+$/, '') || undefined;
  },
  write: (value, change) => {
    const [third, fourth, ...rest] = (value ?? '').split('\n');
    const lines = { Line3: third ?? '', Line4: fourth ?? '', Line5: rest.join(' ') };
    for (const [member, line] of Object.entries(lines)) {
      if (line !== '') change.set(member, line);
      else change.clear(member, '');
    }
  },
} satisfies Row<string>;

/**
 * Five lines of the vendor's in three of the contract's: where an address was typed into a transaction, street, town and
 * postcode slide into lines three to five as free text (sheet 3.0), and none of it may be lost on the way.
 */
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

/**
 * Custom fields by name. The vendor knows them by definition (sheet 3.0), so a field that this company has not defined
 * cannot be said; fields of other types than text survive.
 */
export const customFields = (
  defined: (company: CompanyFeatures) => ReadonlyMap<string, string>,
): Row<Content, CompanyFeatures> => ({
  read: (record) => {
    const named = fieldsOf(record).flatMap((field) =>
      typeof field.Name === 'string' && typeof field.StringValue === 'string' && field.StringValue !== ''
        ? [[field.Name, field.StringValue] as const]
        : [],
    );
    return named.length === 0 ? undefined : Object.fromEntries(named);
  },
  write: (value, change, company) => {
    if (defined(company).size === 0) return;
    const before = fieldsOf(change.before ?? {});
    const ids = new Map([...defined(company), ...before.flatMap(idsByName)]);
    const others = before.filter((field) => typeof field.Name !== 'string' || field.Type !== 'StringType');
    const fields = [...ids].flatMap(([Name, DefinitionId]) => {
      const said = value?.[Name];
      const old = before.find((field) => field.DefinitionId === DefinitionId);
      if (typeof said === 'string')
        return [{ ...(old ?? { DefinitionId, Name, Type: 'StringType' }), StringValue: said }];
      return old && old.StringValue !== undefined ? [{ ...old, StringValue: '' }] : old ? [old] : [];
    });
    change.set('CustomField', [...others, ...fields]);
  },
  carries: (company) => (defined(company).size === 0 ? [] : ['']),
  refuses: (value, before, company) =>
    defined(company).size === 0
      ? []
      : Object.keys(value)
          .filter((field) => !defined(company).has(field) && !fieldsOf(before ?? {}).some((old) => old.Name === field))
          .map((field) => finding('known_field', `must be a custom field that the company has defined`, field)),
});
