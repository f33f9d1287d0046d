import { Decimal } from '../amounts.ts';
import { isDate } from './calendar.ts';
import { faults, type VendorFault } from './vendor-fault.ts';

/**
 * The field language in which every entity is declared, and the reader that holds a request body against a declaration.
 * What is not declared is refused (2010), what is read-only is dropped silently, as the vendor does (sheet 2.2).
 */

/** Who may set a field: the client always, only when creating, or nobody but the vendor. */
export type Mode = 'write' | 'create' | 'read';

interface Common {
  mode: Mode;
}
export interface TextField extends Common {
  kind: 'text';
  max: number;
  forbidden?: RegExp;
}
export interface DecimalField extends Common {
  kind: 'decimal';
  places: number;
  minimum?: number;
  maximum?: number;
}
export interface WholeField extends Common {
  kind: 'whole';
  minimum: number;
  maximum: number;
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
export interface ReferenceField extends Common {
  kind: 'reference';
  /** Names of the entities it may point to; several are told apart by `type`; none means free text in value and name. */
  to: readonly string[];
}
export interface GroupField extends Common {
  kind: 'group';
  fields: Shape;
  /** An empty group says something (`SubTotalLineDetail: {}`); otherwise it counts as absent. */
  keepEmpty: boolean;
  required: readonly string[];
}
export interface ListField extends Common {
  kind: 'list';
  of: Field;
  most: number;
}
export interface FreeField extends Common {
  kind: 'free';
}
export type Field =
  | TextField
  | DecimalField
  | WholeField
  | FlagField
  | DateField
  | ChoiceField
  | ReferenceField
  | GroupField
  | ListField
  | FreeField;
export type Shape = Readonly<Record<string, Field>>;

export const text = (max: number, forbidden?: RegExp): TextField => ({ kind: 'text', mode: 'write', max, forbidden });
/** A name that may hold neither a colon, which separates levels, nor a tab or newline. */
export const label = (max: number): TextField => text(max, /[:\t\n\r]/);
/** An amount: up to ten digits before and five after the point (sheet 3.0). */
export const money = (minimum?: number): DecimalField => ({ kind: 'decimal', mode: 'write', places: 2, minimum });
export const decimal = (places = 7, minimum?: number, maximum?: number): DecimalField => ({
  kind: 'decimal',
  mode: 'write',
  places,
  minimum,
  maximum,
});
export const whole = (minimum: number, maximum: number): WholeField => ({
  kind: 'whole',
  mode: 'write',
  minimum,
  maximum,
});
export const flag = (): FlagField => ({ kind: 'flag', mode: 'write' });
export const date = (): DateField => ({ kind: 'date', mode: 'write' });
export const choice = (...of: string[]): ChoiceField => ({ kind: 'choice', mode: 'write', of });
export const reference = (...to: string[]): ReferenceField => ({ kind: 'reference', mode: 'write', to });
export const group = (fields: Shape, ...required: string[]): GroupField => ({
  kind: 'group',
  mode: 'write',
  fields,
  keepEmpty: false,
  required,
});
/** A group whose mere presence says something. */
export const detail = (fields: Shape, ...required: string[]): GroupField => ({
  ...group(fields, ...required),
  keepEmpty: true,
});
export const list = (of: Field, most = 10_000): ListField => ({ kind: 'list', mode: 'write', of, most });
export const free = (): FreeField => ({ kind: 'free', mode: 'write' });
export const readOnly = <F extends Field>(field: F): F => ({ ...field, mode: 'read' });
export const onCreate = <F extends Field>(field: F): F => ({ ...field, mode: 'create' });

export type Body = Record<string, unknown>;

export interface Reading {
  creating: boolean;
  /** Sparse updates keep what is not mentioned, so an explicit blank must be told from absence. */
  sparse: boolean;
  /** Whether an explicit null in a sparse update clears the field instead of counting as absent. */
  nullClears: boolean;
  /** The highest character the company's edition stores (sheet 2.1). */
  highestCharacter: number;
}

/** Problems are reported in the vendor's order of checks: unknown property, then missing value, then malformed value. */
export class Problems {
  private worst: { rank: number; fault: VendorFault } | undefined;

  add(rank: 1 | 2 | 3, fault: VendorFault): void {
    if (!this.worst || rank < this.worst.rank) this.worst = { rank, fault };
  }

  throwFirst(): void {
    if (this.worst) throw this.worst.fault;
  }
}

const ABSENT = Symbol('absent');

/**
 * Reads `body` by `shape`: a fresh object holding only writable fields, with numbers, dates and references checked.
 * A field that a sparse update blanks on purpose is present with the value undefined.
 */
export function readBody(shape: Shape, body: Body, reading: Reading, problems: Problems): Body {
  return readGroup(shape, body, reading, problems, '') as Body;
}

function readGroup(shape: Shape, body: unknown, reading: Reading, problems: Problems, path: string): Body | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    problems.add(1, faults.property(path));
    return undefined;
  }
  const result: Body = {};
  for (const name of Object.keys(body)) {
    const here = path === '' ? name : `${path}.${name}`;
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!field) {
      problems.add(1, faults.property(name));
      continue;
    }
    if (field.mode === 'read' || (field.mode === 'create' && !reading.creating)) continue;
    const value = readField(field, (body as Body)[name], reading, problems, here);
    if (value !== ABSENT) result[name] = value;
  }
  return result;
}

function readField(field: Field, value: unknown, reading: Reading, problems: Problems, path: string): unknown {
  if (value === null || value === undefined) return reading.sparse && reading.nullClears ? undefined : ABSENT;
  if (value === '') return reading.sparse ? undefined : ABSENT;
  switch (field.kind) {
    case 'text':
      return readText(field, value, reading, problems, path);
    case 'decimal':
      return readDecimal(field, value, problems, path);
    case 'whole': {
      const number = typeof value === 'string' ? Number(value) : value;
      if (typeof number === 'number' && Number.isInteger(number) && number >= field.minimum && number <= field.maximum)
        return number;
      problems.add(3, faults.number(path, value));
      return ABSENT;
    }
    case 'flag':
      if (typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      problems.add(1, faults.property(path));
      return ABSENT;
    case 'date': {
      const day = typeof value === 'string' ? value.slice(0, 10) : '';
      if (isDate(day)) return day;
      problems.add(1, faults.property(path));
      return ABSENT;
    }
    case 'choice':
      if (typeof value === 'string' && field.of.includes(value)) return value;
      problems.add(3, faults.choice(path, value));
      return ABSENT;
    case 'reference':
      return readReference(value, problems, path);
    case 'group': {
      const inner = readGroup(field.fields, value, reading, problems, path);
      for (const name of field.required) {
        if (inner && inner[name] === undefined) problems.add(2, faults.missing(`${path}.${name}`));
      }
      const empty = !inner || Object.values(inner).every((part) => part === undefined);
      if (!empty || (inner && field.keepEmpty)) return inner;
      return reading.sparse ? undefined : ABSENT;
    }
    case 'list':
      return readList(field, value, reading, problems, path);
    case 'free':
      return value;
  }
}

function readText(field: TextField, value: unknown, reading: Reading, problems: Problems, path: string): unknown {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    problems.add(1, faults.property(path));
    return ABSENT;
  }
  const supplied = String(value);
  if (supplied.length > field.max) problems.add(3, faults.length(path, 0, field.max, supplied.length));
  else if (field.forbidden?.test(supplied) || exceeds(supplied, reading.highestCharacter)) {
    problems.add(3, faults.text(path));
  }
  return supplied;
}

function exceeds(supplied: string, highest: number): boolean {
  for (let i = 0; i < supplied.length; i++) {
    const code = supplied.charCodeAt(i);
    // A surrogate is half of a character beyond the basic plane.
    if (code > highest || (code >= 0xd800 && code <= 0xdfff)) return true;
  }
  return false;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

function readDecimal(field: DecimalField, value: unknown, problems: Problems, path: string): unknown {
  const wellFormed =
    (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && DECIMAL.test(value.trim()));
  if (typeof value === 'object') {
    problems.add(1, faults.property(path));
    return ABSENT;
  }
  if (wellFormed) {
    const number = new Decimal(typeof value === 'string' ? value.trim() : (value as number));
    const tooSmall = field.minimum !== undefined && number.lessThan(field.minimum);
    const tooLarge = number.abs().greaterThan(field.maximum ?? 99_999_999_999);
    if (!tooSmall && !tooLarge) return number.toDecimalPlaces(field.places).toNumber();
  }
  problems.add(3, faults.number(path, value));
  return ABSENT;
}

function readReference(value: unknown, problems: Problems, path: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(1, faults.property(path));
    return ABSENT;
  }
  const result: Body = {};
  for (const [name, part] of Object.entries(value as Body)) {
    if (name !== 'value' && name !== 'name' && name !== 'type') problems.add(1, faults.property(name));
    else if (typeof part === 'string' || typeof part === 'number') result[name] = String(part);
    else if (part !== null && part !== undefined) problems.add(1, faults.property(`${path}.${name}`));
  }
  if (result.value === undefined || result.value === '') {
    if (Object.keys(result).length > 0) problems.add(2, faults.missing(`${path}.value`));
    return ABSENT;
  }
  return result;
}

function readList(field: ListField, value: unknown, reading: Reading, problems: Problems, path: string): unknown {
  if (!Array.isArray(value)) {
    problems.add(1, faults.property(path));
    return ABSENT;
  }
  if (value.length > field.most) problems.add(3, faults.length(path, 0, field.most, value.length));
  // Inside a list nothing is kept from before, so blanks are simply absent there.
  const inside = { ...reading, sparse: false };
  const result: unknown[] = [];
  for (const [index, item] of value.entries()) {
    const part = readField(field.of, item, inside, problems, `${path}[${index}]`);
    if (part !== ABSENT) result.push(part);
  }
  return result;
}

/** Every reference inside `value` with the entity names it may point to and the group that holds it. */
export function* referencesIn(
  shape: Shape,
  value: Body,
): Generator<{ path: string; reference: Body; to: readonly string[]; holder: Body }> {
  for (const name of Object.keys(value)) {
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const part = value[name];
    if (!field || part === undefined || part === null) continue;
    if (field.kind === 'reference') yield { path: name, reference: part as Body, to: field.to, holder: value };
    else if (field.kind === 'group') yield* referencesIn(field.fields, part as Body);
    else if (field.kind === 'list' && field.of.kind === 'group') {
      for (const item of part as Body[]) yield* referencesIn(field.of.fields, item);
    }
  }
}
