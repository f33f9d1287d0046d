import { Decimal } from '../amounts.ts';
import { readStamp, atMidnight, dayOf } from './calendar.ts';
import type { Problems } from './problem.ts';
import type { LengthSwitch } from './switches.ts';

/**
 * The field language in which every resource is declared, and the reader that holds a request body against it. What is
 * not declared is ignored, what is read-only too, since clients send back what they got (sheet 4.1, 4.7).
 */

interface Common {
  /** Read-only members are shown, never taken. */
  mode: 'write' | 'read';
  needed: boolean;
  /** The value when the member is omitted; null unless said otherwise. */
  initial: unknown;
}
export interface TextField extends Common {
  kind: 'text';
  max: number | LengthSwitch;
}
export interface NumberField extends Common {
  kind: 'number';
  places: number;
  minimum: number | undefined;
}
export interface FlagField extends Common {
  kind: 'flag';
}
export interface DateField extends Common {
  kind: 'date';
}
export interface ChoiceField extends Common {
  kind: 'choice';
  of: readonly string[];
}
export interface LinkField extends Common {
  kind: 'link';
  /** Collections it may point into. */
  to: readonly string[];
}
export interface GroupField extends Common {
  kind: 'group';
  fields: Shape;
}
export interface ListField extends Common {
  kind: 'list';
  fields: Shape;
  most: number;
  /** The name of the row number on lines that have a row number and a version. */
  row: 'RowID' | 'RowId' | undefined;
  /** The members of a link stand flat in the line (sheet 6.11): which collection `UID` points into, by `Type`. */
  flatLink: Readonly<Record<string, string>> | undefined;
}
/** An identifier of its own, only for reading. */
export interface GuidField extends Common {
  kind: 'guid';
}
/** A moment, only for reading. */
export interface MomentField extends Common {
  kind: 'moment';
}
/** A list of words, as the topics of a subscription. */
export interface WordsField extends Common {
  kind: 'words';
}
export type Field =
  | TextField
  | NumberField
  | FlagField
  | DateField
  | ChoiceField
  | LinkField
  | GroupField
  | ListField
  | GuidField
  | MomentField
  | WordsField;
export type Shape = Readonly<Record<string, Field>>;

const COMMON: Common = { mode: 'write', needed: false, initial: null };

export const text = (max: number | LengthSwitch = 255): TextField => ({ ...COMMON, kind: 'text', max });
export const money = (minimum?: number): NumberField => ({ ...COMMON, kind: 'number', places: 2, minimum });
/** Unit prices, quantities and rates: up to six decimals. */
export const number = (minimum?: number): NumberField => ({ ...COMMON, kind: 'number', places: 6, minimum });
export const whole = (minimum?: number): NumberField => ({ ...COMMON, kind: 'number', places: 0, minimum });
export const flag = (initial = false): FlagField => ({ ...COMMON, kind: 'flag', initial });
export const date = (): DateField => ({ ...COMMON, kind: 'date' });
export const choice = (of: readonly string[], initial: string | null = null): ChoiceField => ({
  ...COMMON,
  kind: 'choice',
  of,
  initial,
});
export const link = (...to: string[]): LinkField => ({ ...COMMON, kind: 'link', to });
export const group = (fields: Shape): GroupField => ({ ...COMMON, kind: 'group', fields });
export const list = (fields: Shape, most = 1000): ListField => ({
  ...COMMON,
  kind: 'list',
  fields,
  most,
  row: undefined,
  flatLink: undefined,
});
/** Lines with a row number and a version each. */
export const rows = (row: 'RowID' | 'RowId', fields: Shape): ListField => ({ ...list(fields), row });
export const words = (): WordsField => ({ ...COMMON, kind: 'words' });
export const guid = (): GuidField => ({ ...COMMON, kind: 'guid', mode: 'read' });
export const moment = (): MomentField => ({ ...COMMON, kind: 'moment', mode: 'read' });
export const readOnly = <F extends Field>(field: F): F => ({ ...field, mode: 'read' });
export const needed = <F extends Field>(field: F): F => ({ ...field, needed: true });
export const withInitial = <F extends Field>(field: F, initial: unknown): F => ({ ...field, initial });

export type Members = Record<string, unknown>;

export interface Link {
  UID: string;
}

export interface Reading {
  /** The length a switch allows. */
  lengthOf(name: LengthSwitch): number;
}

/**
 * Reads `body` by `shape`: a fresh object with the writable members that were sent, null where null was sent. Wrong types
 * are noted as SerializationError, texts that are too long in `lengths`.
 */
export function readMembers(
  shape: Shape,
  body: Members,
  reading: Reading,
  problems: Problems,
  lengths: Problems,
): Members {
  return readGroup(shape, body, { reading, problems, lengths }, '');
}

interface Reader {
  reading: Reading;
  problems: Problems;
  lengths: Problems;
}

const WRONG = Symbol('wrong');

function readGroup(shape: Shape, body: Members, reader: Reader, path: string): Members {
  const result: Members = {};
  for (const [name, field] of Object.entries(shape)) {
    if (field.mode === 'read' || !Object.hasOwn(body, name)) continue;
    const here = path === '' ? name : `${path}.${name}`;
    const value = readField(field, body[name], reader, here);
    if (value === WRONG) reader.problems.add('SerializationError', here);
    else result[name] = value;
  }
  return result;
}

function readField(field: Field, value: unknown, reader: Reader, path: string): unknown {
  if (value === null || value === undefined) return null;
  switch (field.kind) {
    case 'text': {
      if (typeof value !== 'string') return WRONG;
      const longest = typeof field.max === 'number' ? field.max : reader.reading.lengthOf(field.max);
      if (value.length > longest) reader.lengths.add('FieldTooLong', path);
      return value === '' ? null : value;
    }
    case 'number':
      return readNumber(field, value);
    case 'flag':
      return typeof value === 'boolean' ? value : WRONG;
    case 'date':
      return typeof value === 'string' && readStamp(value) !== undefined ? atMidnight(dayOf(value)) : WRONG;
    case 'choice':
      return readChoice(field, value);
    case 'link':
      return readLink(value);
    case 'group':
      return isObject(value) ? readGroup(field.fields, value, reader, path) : WRONG;
    case 'list':
      return readList(field, value, reader, path);
    case 'words':
      return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : WRONG;
    case 'guid':
    case 'moment':
      return null;
  }
}

const LARGEST = 99_999_999_999;

function readNumber(field: NumberField, value: unknown): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > LARGEST) return WRONG;
  if (field.minimum !== undefined && value < field.minimum) return WRONG;
  if (field.places === 0) return Number.isInteger(value) ? value : WRONG;
  return new Decimal(value).toDecimalPlaces(field.places).toNumber();
}

/** Names in any case, as the vendor's own reader takes them, which makes both spellings of Prepaid one. */
function readChoice(field: ChoiceField, value: unknown): unknown {
  if (typeof value !== 'string') return WRONG;
  return field.of.find((each) => each.toLowerCase() === value.toLowerCase()) ?? WRONG;
}

export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Only the UID of a link is looked at; a link without one is none. */
function readLink(value: unknown): unknown {
  if (!isObject(value)) return WRONG;
  const { UID } = value;
  if (UID === null || UID === undefined) return null;
  return typeof UID === 'string' && GUID.test(UID) ? { UID: UID.toLowerCase() } : WRONG;
}

function readList(field: ListField, value: unknown, reader: Reader, path: string): unknown {
  if (!Array.isArray(value)) return WRONG;
  if (value.length > field.most) reader.lengths.add('FieldTooLong', path);
  const result: Members[] = [];
  for (const [index, item] of value.entries()) {
    const here = `${path}[${index}]`;
    if (!isObject(item)) {
      reader.problems.add('SerializationError', here);
      continue;
    }
    const line = readGroup(field.fields, item, reader, here);
    if (field.row !== undefined) readIdentity(field.row, item, line, reader, here);
    if (field.flatLink !== undefined) {
      const flat = readLink(item);
      if (flat === WRONG) reader.problems.add('SerializationError', `${here}.UID`);
      else line.UID = (flat as Link | null)?.UID ?? null;
    }
    result.push(line);
  }
  return result;
}

function readIdentity(row: 'RowID' | 'RowId', item: Members, line: Members, reader: Reader, path: string): void {
  const id = item[row];
  if (typeof id === 'number' && Number.isInteger(id)) line[row] = id;
  else if (id !== null && id !== undefined) reader.problems.add('SerializationError', `${path}.${row}`);
  const version = item.RowVersion;
  if (typeof version === 'string') line.RowVersion = version;
  else if (version !== null && version !== undefined) reader.problems.add('SerializationError', `${path}.RowVersion`);
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Notes what is needed and missing in what was read; lines of kinds that need nothing are passed by. */
export function requireNeeded(shape: Shape, members: Members, problems: Problems, path = ''): void {
  for (const [name, field] of Object.entries(shape)) {
    if (field.mode === 'read') continue;
    const here = path === '' ? name : `${path}.${name}`;
    const value = members[name];
    if (field.needed && (value === null || value === undefined) && field.kind !== 'group') {
      problems.add('Required', here);
    }
    if (field.kind === 'group' && (field.needed || isObject(value))) {
      requireNeeded(field.fields, isObject(value) ? value : {}, problems, here);
    }
    if (field.kind === 'list' && Array.isArray(value)) {
      for (const [index, item] of (value as Members[]).entries()) {
        if (item.Type !== 'Header' && item.Type !== 'SubTotal')
          requireNeeded(field.fields, item, problems, `${here}[${index}]`);
      }
    }
  }
}

/** The object as it will be stored: what was sent, defaults for what was not, and what only the gateway writes. */
export function formMembers(
  shape: Shape,
  input: Members,
  previous: Members | undefined,
  keepOmitted: boolean,
): Members {
  const result: Members = {};
  for (const [name, field] of Object.entries(shape)) {
    const before = previous?.[name];
    if (field.mode === 'read' || (keepOmitted && previous && !Object.hasOwn(input, name))) {
      result[name] = before ?? field.initial;
      continue;
    }
    const value = input[name] ?? null;
    if (value === null) {
      result[name] = field.kind === 'list' || field.kind === 'words' ? [] : field.initial;
    } else if (field.kind === 'group') {
      result[name] = formMembers(field.fields, value as Members, isObject(before) ? before : undefined, false);
    } else if (field.kind === 'list') {
      result[name] = (value as Members[]).map((item) => formLine(field, item, before));
    } else result[name] = value;
  }
  return result;
}

function formLine(field: ListField, item: Members, before: unknown): Members {
  const { row } = field;
  const old =
    row === undefined || item[row] === undefined
      ? undefined
      : (before as Members[] | null | undefined)?.find((line) => line[row] === item[row]);
  const line = formMembers(field.fields, item, old, false);
  if (row !== undefined && old) line[row] = old[row];
  if (field.flatLink !== undefined) line.UID = item.UID ?? null;
  return line;
}

export interface Mention {
  path: string;
  uid: string;
  to: readonly string[];
}

/** The members of a shape that hold links, however deep; asked for at every write, so worked out once. */
function linkHolders(shape: Shape): readonly (readonly [string, Field])[] {
  let holders = known.get(shape);
  if (!holders) {
    holders = Object.entries(shape).filter(([, field]) => {
      if (field.kind === 'group') return linkHolders(field.fields).length > 0;
      if (field.kind === 'list') return field.flatLink !== undefined || linkHolders(field.fields).length > 0;
      return field.kind === 'link';
    });
    known.set(shape, holders);
  }
  return holders;
}

const known = new WeakMap<Shape, readonly (readonly [string, Field])[]>();

/** Every link inside `members`, with the collections it may point into. */
export function* linksIn(shape: Shape, members: Members, path = ''): Generator<Mention> {
  for (const [name, field] of linkHolders(shape)) {
    const value = members[name];
    if (value === null || value === undefined) continue;
    const here = path === '' ? name : `${path}.${name}`;
    if (field.kind === 'link') yield { path: here, uid: (value as Link).UID, to: field.to };
    else if (field.kind === 'group') yield* linksIn(field.fields, value as Members, here);
    else if (field.kind === 'list') {
      for (const [index, item] of (value as Members[]).entries()) {
        yield* linksIn(field.fields, item, `${here}[${index}]`);
        if (field.flatLink !== undefined && typeof item.UID === 'string') {
          const target = field.flatLink[String(item.Type ?? field.fields.Type?.initial)];
          yield { path: `${here}[${index}].UID`, uid: item.UID, to: target === undefined ? [] : [target] };
        }
      }
    }
  }
}
