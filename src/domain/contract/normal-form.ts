import type { Content, Value } from './content.js';
import { normalDecimal } from './decimal.js';
import type { ContactRole, Field, Fields } from './field.js';
import { canonicalJson } from './fingerprint.js';
import type { KindName } from './kind-names.js';
import { groupFields } from './kinds.js';
import type { Ref } from './ref.js';

/** How a side's content is read for comparison. */
export interface Reading {
  /** A name for the referred record that is the same on both sides when a twin joins them. */
  nameOf(ref: Ref, role: ContactRole | undefined): string;
  /** Whether both sides can hold this field (`memo`, `lines.tracking`); what one cannot hold is not compared. */
  carries(path: string): boolean;
  /** Elements that one side has no place for, by their key: `addresses.shipping` on a vendor's card. */
  lacks?(path: string): boolean;
}

/**
 * A group's fields in normal form, each as canonical text; empty fields are absent. Two sides agree on a group exactly
 * when these are equal.
 */
export type NormalGroup = Readonly<Record<string, string>>;

/** Trims texts, strips insignificant zeros, names references by twin, sorts lists, and leaves out what is empty. */
export const normalGroup = (kind: KindName, group: string, content: Content, reading: Reading): NormalGroup => {
  const normal: Record<string, string> = {};
  for (const [name, field] of Object.entries(groupFields(kind, group))) {
    const value = normalField(field, name, content[name] ?? null, content, reading);
    if (value !== null) normal[name] = value;
  }
  return normal;
};

/** Names of the fields in which two normal groups differ. */
export const differingFields = (one: NormalGroup, other: NormalGroup): string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => one[name] !== other[name]).sort();

export const sameNormal = (one: NormalGroup, other: NormalGroup): boolean => differingFields(one, other).length === 0;

/** One element of a list in normal form, without the id that its side gave it. */
export const normalElement = (
  fields: Fields,
  element: Content,
  path: string,
  document: Content,
  reading: Reading,
): string => canonicalJson(normalObject(fields, element, path, document, reading) ?? {});

const normalField = (field: Field, path: string, value: Value, document: Content, reading: Reading): string | null => {
  if (field.readOnly || !reading.carries(path)) return null;
  const normal = normalValue(field, path, value, document, reading);
  return normal === null ? null : canonicalJson(normal);
};

const normalValue = (field: Field, path: string, value: Value, document: Content, reading: Reading): Value => {
  if (value === null) return null;
  const { shape } = field;
  switch (shape.is) {
    case 'text':
      return normalText(value as string);
    case 'decimal': {
      const normal = normalDecimal(value as string);
      return shape.zeroIsNone && normal === '0' ? null : normal;
    }
    case 'whole':
    case 'date':
    case 'flag':
    case 'choice':
      return value;
    case 'ref':
      return reading.nameOf(value as Ref, shape.role);
    case 'object':
      return normalObject(shape.fields, value as Content, path, document, reading);
    case 'list': {
      const elements = (value as Content[])
        .filter((element) => !lackedElement(shape.key, path, element, reading))
        .map((element) => shape.derive?.(element, document) ?? element)
        .map((element) => normalObject(shape.fields, element, path, document, reading))
        .filter((element) => element !== null)
        .map((element) => canonicalJson(element))
        .sort();
      return elements.length === 0 ? null : elements;
    }
    case 'dictionary': {
      const entries = Object.entries(value as Record<string, string>)
        .map(([name, text]) => [name, normalText(text)] as const)
        .filter(([, text]) => text !== null);
      return entries.length === 0 ? null : Object.fromEntries(entries);
    }
  }
};

/** Whether an element of a keyed list has no place at one of the sides. */
export const lackedElement = (
  key: string | undefined,
  path: string,
  element: Content,
  { lacks }: Pick<Reading, 'lacks'>,
): boolean => key !== undefined && key !== 'id' && (lacks?.(`${path}.${String(element[key])}`) ?? false);

const normalObject = (
  fields: Fields,
  value: Content,
  path: string,
  document: Content,
  reading: Reading,
): Content | null => {
  const normal: Content = {};
  for (const [name, field] of Object.entries(fields)) {
    // A line's id belongs to its side and says nothing about the line.
    if (name === 'id') continue;
    const inner = `${path}.${name}`;
    if (field.readOnly || !reading.carries(inner)) continue;
    const member = normalValue(field, inner, value[name] ?? null, document, reading);
    if (member !== null) normal[name] = member;
  }
  return Object.keys(normal).length === 0 ? null : normal;
};

/** Vendors trim texts and change line ends; neither is anybody's edit. */
const normalText = (text: string): string | null => {
  const trimmed = text.replace(/\r\n?/g, '\n').trim().normalize('NFC');
  return trimmed === '' ? null : trimmed;
};
