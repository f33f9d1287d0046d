import { finding, wireObjects, type Row, type WireObject } from '../../../../domain/provider/mapping/index.js';
import type { Content } from '../../../../domain/contract/index.js';
import type { CompanyFeatures } from '../quickbooks.features.js';

/**
 * Custom fields by name (sheet 3.0). The vendor knows them by definition, so a name that this company has not defined
 * cannot be said; fields of other types than text survive.
 */
export const customFields = (
  defined: (company: CompanyFeatures) => ReadonlyMap<string, string>,
): Row<Content, CompanyFeatures> => ({
  read: (record) => {
    const named = textFields(record).filter((field) => textOf(field) !== '');
    return named.length === 0
      ? undefined
      : Object.fromEntries(named.map((field) => [field.Name as string, textOf(field)]));
  },
  write: (value, change, company) => {
    if (defined(company).size === 0) return;
    const wanted = new Map(Object.entries(value ?? {}).map(([name, said]) => [name, said as string]));
    const fields = wireObjects(change.at('CustomField')).map((field) => {
      if (!isText(field)) return field;
      const said = wanted.get(field.Name) ?? '';
      wanted.delete(field.Name);
      return said === textOf(field) ? field : { ...field, StringValue: said };
    });
    for (const [Name, StringValue] of wanted) {
      const DefinitionId = defined(company).get(Name);
      if (DefinitionId !== undefined) fields.push({ DefinitionId, Name, Type: 'StringType', StringValue });
    }
    if (fields.length > 0) change.set('CustomField', fields);
  },
  carries: (company) => (defined(company).size === 0 ? [] : ['']),
  refuses: (value, before, company) => {
    const known = new Set([...defined(company).keys(), ...textFields(before ?? {}).map((field) => field.Name)]);
    return defined(company).size === 0
      ? []
      : Object.keys(value)
          .filter((name) => !known.has(name))
          .map((name) => finding('known_field', 'must be a custom field that the company has defined', name));
  },
});

type TextField = WireObject & { Name: string };

const isText = (field: WireObject): field is TextField => field.Type === 'StringType' && typeof field.Name === 'string';

const textFields = (record: WireObject): TextField[] => wireObjects(record.CustomField).filter(isText);

const textOf = (field: WireObject): string => (typeof field.StringValue === 'string' ? field.StringValue : '');
