import { Decimal } from '../amounts.ts';
import { readDay } from './calendar.ts';
import type { Organisation } from './organisation.ts';
import { invalidData } from './refusals.ts';

/**
 * The field language in which every resource is declared: what a client may write, in which answers a field shows, and
 * in what form. Amounts are kept as exact decimal texts, days as `YYYY-MM-DD`, instants as milliseconds.
 */

export type Body = Record<string, unknown>;

/** How much of an object an answer shows (sheet 4.2): an unpaged list, a paged one, or a single object. */
export type Level = 'list' | 'page' | 'single';

/** What decides about the form of an answer. */
export interface View {
  organisation: Organisation;
  level: Level;
  /** Decimals of unit amounts, 4 only when asked for. */
  unitDecimals: 2 | 4;
  summary: boolean;
  /** The answer to a write. */
  written: boolean;
}

interface Common {
  /** Who may set it: the client always, or nobody but the vendor. */
  mode: 'write' | 'read';
  /** The level from which it shows. */
  from: Level;
  /** What shows below that level. */
  below: 'absent' | 'empty';
  /** Left out of summaries. */
  detail: boolean;
  derive?(holder: Body, view: View): unknown;
}

export interface TextField extends Common {
  kind: 'text';
  max: number;
}
export interface GuidField extends Common {
  kind: 'guid';
}
export interface ChoiceField extends Common {
  kind: 'choice';
  of: readonly string[];
  anyCase: boolean;
}
export interface DecimalField extends Common {
  kind: 'decimal';
  /** Decimals on the wire; `unit` follows the request. */
  places: number | 'unit';
}
export interface WholeField extends Common {
  kind: 'whole';
}
export interface FlagField extends Common {
  kind: 'flag';
}
export interface DayField extends Common {
  kind: 'day';
  /** The name of the field beside it that shows the same day as text. */
  companion: string | undefined;
  offset: boolean;
}
export interface InstantField extends Common {
  kind: 'instant';
  /** Items show it when they are read, but not in the answer to the write. */
  offset: boolean | 'whenRead';
  companion: string | undefined;
}
export interface GroupField extends Common {
  kind: 'group';
  fields: Shape;
}
export interface ListField extends Common {
  kind: 'list';
  of: GroupField;
  most: number;
}
/** An object of another resource, shown whole or in outline. Clients write it in their own words. */
export interface EmbeddedField extends Common {
  kind: 'embedded';
  /** The resource and id of the object. */
  target(holder: Body): { resource: string; id: string } | undefined;
  /** Every resource it may point to; filters look into the first. */
  resources: readonly string[];
}
export type Field =
  | TextField
  | GuidField
  | ChoiceField
  | DecimalField
  | WholeField
  | FlagField
  | DayField
  | InstantField
  | GroupField
  | ListField
  | EmbeddedField;
export type Shape = Readonly<Record<string, Field>>;

const common = { mode: 'write', from: 'list', below: 'absent', detail: false } as const;

export const text = (max: number): TextField => ({ ...common, kind: 'text', max });
export const guid = (): GuidField => ({ ...common, kind: 'guid' });
export const choice = (...of: string[]): ChoiceField => ({ ...common, kind: 'choice', of, anyCase: false });
export const money = (): DecimalField => ({ ...common, kind: 'decimal', places: 2 });
export const decimal = (places: number | 'unit'): DecimalField => ({ ...common, kind: 'decimal', places });
export const whole = (): WholeField => ({ ...common, kind: 'whole' });
export const flag = (): FlagField => ({ ...common, kind: 'flag' });
export const day = (companion?: string, offset = true): DayField => ({ ...common, kind: 'day', companion, offset });
export const instant = (companion?: string, offset: InstantField['offset'] = true): InstantField => ({
  ...common,
  kind: 'instant',
  companion,
  offset,
});
export const group = (fields: Shape): GroupField => ({ ...common, kind: 'group', fields });
export const list = (fields: Shape, most = 10_000): ListField => ({
  ...common,
  kind: 'list',
  of: group(fields),
  most,
  below: 'empty',
});
export const embedded = (
  resources: readonly string[],
  target: EmbeddedField['target'],
  mode: 'write' | 'read' = 'write',
): EmbeddedField => ({ ...common, kind: 'embedded', resources, target, mode });

export const readOnly = <F extends Field>(field: F): F => ({ ...field, mode: 'read' });
/** Shown by the vendor, computed when it is looked at. */
export const derived = <F extends Field>(field: F, derive: NonNullable<F['derive']>): F => ({
  ...field,
  mode: 'read',
  derive,
});
/** Written by the client, but shown as computed: codes and names that may have changed since. */
export const shownAs = <F extends Field>(field: F, derive: NonNullable<F['derive']>): F => ({ ...field, derive });
export const fromPage = <F extends Field>(field: F): F => ({ ...field, from: 'page' });
export const fromSingle = <F extends Field>(field: F): F => ({ ...field, from: 'single' });
export const absentBelow = <F extends Field>(field: F): F => ({ ...field, below: 'absent' });
export const inDetail = <F extends Field>(field: F): F => ({ ...field, detail: true });

/** Reads what a client may write of `body`; unknown and read-only members are passed over, null counts as not sent. */
export function readFields(shape: Shape, body: unknown, path: string, problems: string[]): Body {
  if (!isObject(body)) {
    throw invalidData(`JSON for post data was invalid,Error converting value to an object. Path '${path}'.`);
  }
  const result: Body = {};
  for (const [name, field] of Object.entries(shape)) {
    const value = body[name];
    if (field.mode === 'read' || value === undefined || value === null) continue;
    const read = readField(field, value, `${path}.${name}`, problems);
    if (read !== undefined) result[name] = read;
  }
  return result;
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && GUID.test(value);
}

function readField(field: Field, value: unknown, path: string, problems: string[]): unknown {
  switch (field.kind) {
    case 'text':
      return readText(field, value, path, problems);
    case 'guid':
      if (value === '') return undefined;
      if (!isGuid(value)) throw unconvertible(value, 'System.Guid', path);
      return value.toLowerCase();
    case 'choice':
      return readChoice(field, value, path);
    case 'decimal':
      return value === '' ? undefined : readDecimal(value, path);
    case 'whole': {
      const number = typeof value === 'string' && value !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isInteger(number)) throw unconvertible(value, 'System.Int32', path);
      return number;
    }
    case 'flag':
      if (typeof value === 'boolean') return value;
      if (value === '') return undefined;
      if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
      throw unconvertible(value, 'System.Boolean', path);
    case 'day': {
      if (value === '') return undefined;
      const day = typeof value === 'string' ? readDay(value) : undefined;
      if (day === undefined) throw unconvertible(value, 'System.DateTime', path);
      return day;
    }
    case 'instant':
      return undefined;
    case 'group':
      return readFields(field.fields, value, path, problems);
    case 'list': {
      if (!Array.isArray(value)) throw unconvertible(value, 'a collection', path);
      if (value.length > field.most) problems.push(`${nameOf(path)} may hold ${field.most} entries at most.`);
      return value.map((item, index) => readFields(field.of.fields, item, `${path}[${index}]`, problems));
    }
    case 'embedded':
      if (!isObject(value)) throw unconvertible(value, 'an object', path);
      return value;
  }
}

function readText(field: TextField, value: unknown, path: string, problems: string[]): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw unconvertible(value, 'System.String', path);
  }
  const supplied = String(value);
  if (supplied.length > field.max) {
    problems.push(`The length of ${nameOf(path)} must be between 0 and ${field.max} characters.`);
  }
  return supplied;
}

function readChoice(field: ChoiceField, value: unknown, path: string): string | undefined {
  if (value === '' && !field.of.includes('')) return undefined;
  const wanted = field.anyCase && typeof value === 'string' ? value.toUpperCase() : value;
  if (typeof wanted === 'string' && field.of.includes(wanted)) return wanted;
  throw unconvertible(value, `${nameOf(path)}, one of ${field.of.join(', ')}`, path);
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

function readDecimal(value: unknown, path: string): string {
  const wellFormed =
    (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && DECIMAL.test(value.trim()));
  if (!wellFormed) throw unconvertible(value, 'System.Decimal', path);
  const number = new Decimal(typeof value === 'string' ? value.trim() : (value as number));
  // Thirteen digits before the point are the most that any amount may have (sheet 3.1).
  if (number.abs().greaterThanOrEqualTo('1e13')) throw unconvertible(value, 'System.Decimal', path);
  return number.toFixed();
}

function unconvertible(value: unknown, type: string, path: string) {
  const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return invalidData(
    `JSON for post data was invalid,Error converting value ${shown} to type '${type}'. Path '${path}'.`,
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
