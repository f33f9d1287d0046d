import type { Content, Value } from '../../contract/content.js';
import { canonicalJson } from '../../contract/fingerprint.js';
import type { Finding } from '../write.js';
import type { Change } from './change.js';
import { finding, type Codec } from './codec.js';
import { readWithin, wireAt, type WireObject } from './wire.js';

/** One field of the contract: where the vendor keeps it and how. Reading and writing are both derived from it. */
export interface Row<T extends Value = Value, C = unknown> {
  /** Undefined where the record says nothing; throws UnreadableWire where it says what it must not. */
  read(record: WireObject, context: C): T | undefined;
  /** Says the value, or with null that there is none any more. Absent where only the vendor says it. */
  write?(value: T | null, change: Change, context: C): void;
  /**
   * Contract paths below the field that can be read and written for this company, '' for the field itself; none where
   * the field is not carried.
   */
  carries(context: C): readonly string[];
  /** Why the vendor is certain to refuse the value; paths below the field. */
  refuses?(value: T, before: WireObject | undefined, context: C): readonly Finding[];
  /** The vendor may choose the value by itself where nothing is said (ENGINE A1). */
  readonly decided?: boolean;
  /** Why the vendor has no place for the field. */
  readonly absent?: string;
}

export type Table<C = unknown> = Readonly<Record<string, Row<Value, C>>>;

const NOWHERE: readonly string[] = [];
const ITSELF: readonly string[] = [''];

/** The field stands at a path of the vendor's record: `at('CustomerMemo.value', text({ max: 1000 }))`. */
export const at = <T extends Value, C>(path: string, codec: Codec<T, C>): Row<T, C> => ({
  read: (record, context) => {
    const wire = wireAt(record, path);
    return wire === undefined ? undefined : readWithin(path, () => codec.read(wire, context));
  },
  write: (value, change, context) => {
    const before = change.at(path);
    if (value !== null) change.set(path, codec.write(value, before, context));
    // What says something that the contract has no words for, such as an employee in place of a contact, is left alone.
    else if (before !== undefined && codec.read(before, context) !== undefined) {
      change.clear(path, codec.blank?.(before, context));
    }
  },
  carries: (context) => [...ITSELF, ...(codec.members?.(context) ?? NOWHERE)],
  ...(codec.refuses && { refuses: (value: T, _: unknown, context: C) => codec.refuses!(value, context) }),
});

/** Only the vendor says it: totals, balances, what follows from other fields. */
export const computed = <T extends Value, C>(row: Pick<Row<T, C>, 'read'>): Row<T, C> => ({
  read: (record, context) => row.read(record, context),
  carries: () => NOWHERE,
});

/** A computed field that follows from several members of the record. */
export const derived = <T extends Value, C>(read: (record: WireObject, context: C) => T | undefined): Row<T, C> => ({
  read,
  carries: () => NOWHERE,
});

/** Every record of the kind has this one value; another one cannot be held. */
export const constant = <const T extends Value>(value: T, otherwise: string): Row<T> => ({
  read: () => value,
  write: () => undefined,
  carries: () => ITSELF,
  refuses: (wanted) => (wanted === value ? [] : [finding('choice', otherwise)]),
});

/** The vendor has no place for it, and why. */
export const uncarried = (reason: string): Row<never> => ({
  read: () => undefined,
  carries: () => NOWHERE,
  absent: reason,
});

/**
 * The vendor has no place for it, and leaving it out would make the record say something else, such as a discount that
 * is not given: compared, never said, and refused where a record has it.
 */
export const refused = <T extends Value>(has: (value: T) => boolean, reason: string): Row<T> => ({
  read: () => undefined,
  write: () => undefined,
  carries: () => ITSELF,
  refuses: (value) => (has(value) ? [finding('not_held', reason)] : []),
});

/** Written and compared only where the company has a feature; what the record shows of it is still read. */
export const when = <T extends Value, C>(has: (company: C) => boolean, row: Row<T, NoInfer<C>>): Row<T, C> => ({
  ...row,
  ...(row.write && {
    write: (value: T | null, change: Change, context: C) => {
      if (has(context)) row.write!(value, change, context);
    },
  }),
  carries: (context) => (has(context) ? row.carries(context) : NOWHERE),
  refuses: (value, before, context) => (has(context) ? (row.refuses?.(value, before, context) ?? []) : []),
});

/** The vendor chooses the value where nothing is said, or reshapes what is said (ENGINE A1). */
export const decided = <T extends Value, C>(row: Row<T, C>): Row<T, C> => ({ ...row, decided: true });

/** Said once, when the record is made; the vendor never changes it afterwards. */
export const onCreate = <T extends Value, C>(row: Row<T, C>): Row<T, C> => ({
  ...row,
  write: (value, change, context) => {
    if (!change.before) row.write?.(value, change, context);
  },
  refuses: (value, before, context) => {
    const now = before && row.read(before, context);
    return now !== undefined && canonicalJson(now) !== canonicalJson(value)
      ? [finding('immutable', 'must stay what it was when the record was made')]
      : (row.refuses?.(value, before, context) ?? []);
  },
});

export const readTable = <C>(table: Table<C>, record: WireObject, context: C): Content => {
  const content: Content = {};
  for (const [name, row] of Object.entries(table)) {
    const value = row.read(record, context);
    if (value !== undefined) content[name] = value;
  }
  return content;
};

/** Says the fields that the content mentions, in the table's order. */
export const writeTable = <C>(table: Table<C>, content: Content, change: Change, context: C): void => {
  for (const [name, row] of Object.entries(table)) {
    const value = content[name];
    if (value !== undefined) row.write?.(value, change, context);
  }
};

/** Contract paths that rows of a table carry, the fields' own names included. */
export const carriedPaths = <C>(table: Table<C>, context: C): string[] =>
  Object.entries(table).flatMap(([name, row]) => row.carries(context).map((path) => joined(name, path)));

/** What the vendor is certain to refuse of a content. */
export const findingsOf = <C>(
  table: Table<C>,
  content: Content,
  before: WireObject | undefined,
  context: C,
): Finding[] =>
  Object.entries(table).flatMap(([name, row]) => {
    const value = content[name] ?? null;
    return value === null ? [] : below(name, row.refuses?.(value, before, context) ?? []);
  });

/** Findings of something inside, told from one level further out. */
export const below = (name: string, findings: readonly Finding[]): Finding[] =>
  findings.map((one) => ({ ...one, path: joined(name, one.path) }));

const joined = (name: string, path: string): string =>
  path === '' ? name : path.startsWith('[') ? `${name}${path}` : `${name}.${path}`;
