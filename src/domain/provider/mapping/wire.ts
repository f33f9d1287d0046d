/**
 * JSON as it came over the wire, with every number kept as the digits that were sent: `0.10` stays `0.10`, and an
 * identifier of nineteen digits stays what it is. JavaScript's own numbers would lose both.
 */
export type Wire = string | boolean | null | WireNumber | Wire[] | WireObject;

export interface WireObject {
  [member: string]: Wire;
}

/** A JSON number as its source text. */
export interface WireNumber {
  readonly rawJSON: string;
}

/** What Node 24 knows of ECMAScript's "JSON.parse source text access" and the compiler's libraries do not yet. */
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): Wire;
  rawJSON(text: string): WireNumber;
  isRawJSON(value: unknown): value is WireNumber;
}

const json = JSON as unknown as ExactJson;

/** Parses JSON without touching a digit; throws where the text is no JSON. */
export const parseWire = (text: string): Wire =>
  json.parse(text, (_, value, { source }) => (typeof value === 'number' ? json.rawJSON(source!) : value));

/** The JSON text of a wire value, numbers digit for digit; the same text for the same value with the same key order. */
export const printWire = (wire: Wire): string => JSON.stringify(wire);

/** A number on the wire from a decimal string such as `1250.5`. */
export const wireNumber = (digits: string): WireNumber => json.rawJSON(digits);

export const isWireNumber = (value: unknown): value is WireNumber => json.isRawJSON(value);

export const isWireObject = (value: unknown): value is WireObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !isWireNumber(value);

/** The objects in a list; empty where there is no list. */
export const wireObjects = (value: Wire | undefined): WireObject[] =>
  Array.isArray(value) ? value.filter(isWireObject) : [];

export const sameWire = (one: Wire | undefined, other: Wire | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && printWire(one) === printWire(other));

/** What stands at a path such as `CustomerMemo.value`; undefined where nothing does. */
export const wireAt = (from: Wire | undefined, path: string): Wire | undefined => {
  let at = from;
  for (const member of path.split('.')) {
    if (!isWireObject(at) || !Object.hasOwn(at, member)) return undefined;
    at = at[member];
  }
  return at ?? undefined;
};

/** The record says something that no such field can say; names where. */
export class UnreadableWire extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
  ) {
    super(`${path}: expected ${expected}`);
    this.name = 'UnreadableWire';
  }

  /** The same, seen from one level further out. */
  within(path: string): UnreadableWire {
    return new UnreadableWire(this.path === '' ? path : `${path}.${this.path}`, this.expected);
  }
}

/** Runs a reading and adds to its complaint where in the record it happened. */
export const readWithin = <T>(path: string, read: () => T): T => {
  try {
    return read();
  } catch (problem) {
    throw problem instanceof UnreadableWire ? problem.within(path) : problem;
  }
};
