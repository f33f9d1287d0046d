import type { Value } from '../../contract/content.js';
import { exact, isDecimal } from '../../contract/decimal.js';
import type { KindName } from '../../contract/kind-names.js';
import type { Ref } from '../../contract/ref.js';
import type { Finding } from '../write.js';
import { isWireNumber, isWireObject, UnreadableWire, wireNumber, type Wire } from './wire.js';

/**
 * A value of the contract and how a vendor says it: two directions in one place, so that what is written can be read
 * back. `C` is what a vendor's tables must know of the company, such as its features.
 */
export interface Codec<T extends Value = Value, C = unknown> {
  /** Undefined where the wire says nothing; throws UnreadableWire where it says what it must not. */
  read(wire: Wire, context: C): T | undefined;
  /** `before` is what stood there; what it says already in other words is left in those words. */
  write(value: T, before: Wire | undefined, context: C): Wire;
  /** What says "nothing" in an update that names only what changes; undefined where nothing does. */
  blank?(before: Wire, context: C): Wire | undefined;
  /** Why the vendor is certain to refuse the value; paths below the field. */
  refuses?(value: T, context: C): readonly Finding[];
  /** Contract paths below the field that it can hold. */
  members?(context: C): readonly string[];
}

const NOTHING: readonly Finding[] = [];

export const finding = (rule: string, message: string, path = ''): Finding => ({ path, rule, message });

export interface TextLimits {
  readonly max?: number;
  /** Characters that the vendor does not take there, and how they are called. */
  readonly without?: RegExp;
  readonly called?: string;
}

export const text = ({ max, without, called }: TextLimits = {}): Codec<string> => ({
  read: (wire) => {
    if (typeof wire !== 'string') throw new UnreadableWire('', 'a text');
    return wire === '' ? undefined : wire;
  },
  write: (value) => value,
  blank: () => '',
  refuses: (value) => [
    ...(max !== undefined && value.length > max ? [finding('max_length', `must have at most ${max} characters`)] : []),
    ...(without?.test(value) ? [finding('characters', `must not hold ${called}`)] : []),
  ],
});

/** An exact decimal: money, quantities, rates. The digits that were sent are the digits that are read. */
export const decimal = ({ max }: { readonly max?: string } = {}): Codec<string> => ({
  read: (wire) => {
    const digits = isWireNumber(wire) ? wire.rawJSON : wire;
    if (isDecimal(digits)) return digits;
    // An exponent, or more digits than the contract's form: the same number written out.
    if (isWireNumber(wire)) return exact(wire.rawJSON).toFixed();
    throw new UnreadableWire('', 'a number');
  },
  write: (value, before) =>
    isWireNumber(before) && exact(before.rawJSON).equals(value) ? before : wireNumber(exact(value).toFixed()),
  refuses: (value) =>
    max !== undefined && exact(value).abs().greaterThan(max) ? [finding('max', `must be at most ${max}`)] : NOTHING,
});

/** A count, such as days. */
export const whole = (): Codec<number> => ({
  read: (wire) => {
    const digits = isWireNumber(wire) ? wire.rawJSON : wire;
    if (typeof digits !== 'string' || !/^-?\d{1,9}(\.0+)?$/.test(digits))
      throw new UnreadableWire('', 'a whole number');
    return Number(digits);
  },
  write: (value, before) =>
    isWireNumber(before) && Number(before.rawJSON) === value ? before : wireNumber(`${value}`),
});

export const date = (): Codec<string> => ({
  read: (wire) => {
    if (typeof wire !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(wire)) throw new UnreadableWire('', 'a date');
    return wire;
  },
  write: (value) => value,
});

export const flag = (): Codec<boolean> => ({
  read: (wire) => {
    if (typeof wire !== 'boolean') throw new UnreadableWire('', 'true or false');
    return wire;
  },
  write: (value) => value,
});

/**
 * The contract's choices and the vendor's names for them. Several names of one choice are all read and the first is
 * written; a name that the table does not know says nothing.
 */
export const choice = <T extends string>(names: Readonly<Record<T, string | readonly string[]>>): Codec<T> => {
  const table = new Map(Object.entries<string | readonly string[]>(names).map(([said, as]) => [said, [as].flat()]));
  const said = new Map([...table].flatMap(([contract, vendor]) => vendor.map((name) => [name, contract as T])));
  return {
    read: (wire) => {
      if (typeof wire !== 'string') throw new UnreadableWire('', 'one of a list of names');
      return said.get(wire);
    },
    write: (value, before) =>
      typeof before === 'string' && said.get(before) === value ? before : table.get(value)![0]!,
    refuses: (value) =>
      table.has(value) ? NOTHING : [finding('choice', `must be one of ${[...table.keys()].join(', ')}`)],
  };
};

/**
 * A reference by the vendor's id. Where the ids of two of the vendor's lists may coincide, a prefix tells them apart in
 * the contract's ref: `Customer:58`.
 */
export const ref = (kind: KindName, prefix?: string): Codec<Ref> => {
  const start = prefix === undefined ? '' : `${prefix}:`;
  return {
    read: (wire) => {
      const id = isWireNumber(wire) ? wire.rawJSON : wire;
      if (typeof id !== 'string' || id === '') throw new UnreadableWire('', 'an id');
      return { kind, id: start + id };
    },
    write: (value) => {
      // Never shorten somebody else's id to one of ours: 41 is another contact than Vendor:41.
      if (!value.id.startsWith(start)) throw new Error(`${value.id} is no id of ${prefix}`);
      return value.id.slice(start.length);
    },
    refuses: (value) =>
      value.id.startsWith(start) ? NOTHING : [finding('reference', `must refer to a record of ${prefix}`)],
  };
};

/** A value that the vendor wraps in an object of its own, such as `{"value": "58"}`; what else was in there goes. */
export const inside = <T extends Value, C>(member: string, codec: Codec<T, C>): Codec<T, C> => {
  const inner = (wire: Wire | undefined): Wire | undefined =>
    isWireObject(wire) ? (wire[member] ?? undefined) : undefined;
  return {
    read: (wire, context) => {
      if (!isWireObject(wire)) throw new UnreadableWire('', 'an object');
      const value = inner(wire);
      return value === undefined ? undefined : codec.read(value, context);
    },
    write: (value, before, context) => {
      const wire = codec.write(value, inner(before), context);
      return isWireObject(before) && before[member] === wire ? before : { [member]: wire };
    },
    blank: (before, context) => {
      const wire = inner(before);
      const blank = wire === undefined ? undefined : codec.blank?.(wire, context);
      return blank === undefined ? undefined : { [member]: blank };
    },
    ...(codec.refuses && { refuses: codec.refuses.bind(codec) }),
    ...(codec.members && { members: codec.members.bind(codec) }),
  };
};
