import type { Content, Value } from '../../contract/content.js';
import { isDecimal, normalDecimal } from '../../contract/decimal.js';
import { canonicalJson } from '../../contract/fingerprint.js';
import type { Finding } from '../write.js';
import { Change } from './change.js';
import { finding } from './codec.js';
import { below, carriedPaths, findingsOf, readTable, writeTable, type Row, type Table } from './row.js';
import { isWireObject, readWithin, sameWire, wireAt, type Wire, type WireObject } from './wire.js';

/** One of the forms that elements of a vendor's list take, such as a line with an item or a line of text. */
export interface ElementForm<C = unknown> {
  /** Whether an element of the vendor's list has this form. */
  is(element: WireObject): boolean;
  /** Whether an element of the contract's list can be said in this form; the first form that can is used. */
  says(element: Content): boolean;
  /** What a new element starts from; absent where elements of this form can be neither made nor changed, only removed. */
  readonly start?: WireObject;
  readonly table: Table<C>;
}

export interface ListTraits<C = unknown> {
  readonly forms: readonly ElementForm<C>[];
  /** What tells an element of the contract from the others, such as its id; undefined for a new one. */
  identity(element: Content): string | undefined;
  /** Elements that the vendor computes and that are never sent back. */
  noise?(element: WireObject): boolean;
  /** Finishes what was read of an element with what only the whole record tells. */
  shown?(element: Content, wire: WireObject, record: WireObject, context: C): Content;
  /**
   * Prepares the list for writing and says what belongs to the record as a whole; `before` tells what an element said
   * so far.
   */
  said?(
    elements: readonly Content[],
    before: (element: Content) => Content | undefined,
    change: Change,
    context: C,
  ): readonly Content[];
  /** What the vendor is certain to refuse of the list as a whole; paths below the list. */
  refuses?(
    elements: readonly Content[],
    before: (element: Content) => Content | undefined,
    context: C,
  ): readonly Finding[];
  /** Why an element that has none of the forms cannot be said. */
  readonly otherwise: string;
}

interface Known<C> {
  readonly wire: WireObject;
  readonly form: ElementForm<C>;
  readonly content: Content;
}

/**
 * A list of which the vendor keeps the elements' identity. A write says the list whole: elements that stay keep their
 * own id and whatever the contract does not know of them, and elements of no known form stay where they were.
 */
export const list = <C>(path: string, traits: ListTraits<C>): Row<Content[], C> => {
  const { forms, identity, noise = () => false } = traits;
  const isNoise = (wire: Wire): boolean => isWireObject(wire) && noise(wire);

  const known = (wire: Wire, index: number, context: C): Known<C> | undefined => {
    if (!isWireObject(wire)) return undefined;
    const form = forms.find((one) => one.is(wire));
    return form && { wire, form, content: readWithin(`${path}[${index}]`, () => readTable(form.table, wire, context)) };
  };

  const knownBefore = (record: WireObject | undefined, context: C): Map<string, Known<C>> => {
    const elements = wireAt(record, path);
    const byIdentity = new Map<string, Known<C>>();
    if (!Array.isArray(elements)) return byIdentity;
    elements.forEach((wire, index) => {
      const element = isNoise(wire) ? undefined : known(wire, index, context);
      const is = element && identity(element.content);
      if (is !== undefined && !byIdentity.has(is)) byIdentity.set(is, element!);
    });
    return byIdentity;
  };

  const lookup =
    (before: ReadonlyMap<string, Known<C>>) =>
    (element: Content): Known<C> | undefined => {
      const is = identity(element);
      return is === undefined ? undefined : before.get(is);
    };

  const formOf = (element: Content, before: Known<C> | undefined): ElementForm<C> | undefined =>
    before && (!before.form.start || before.form.says(element))
      ? before.form
      : forms.find((form) => form.start && form.says(element));

  return {
    read: (record, context) => {
      const elements = wireAt(record, path);
      if (!Array.isArray(elements)) return undefined;
      const shown = elements.flatMap((wire, index) => {
        const element = isNoise(wire) ? undefined : known(wire, index, context);
        return element ? [traits.shown?.(element.content, element.wire, record, context) ?? element.content] : [];
      });
      return shown.length === 0 ? undefined : shown;
    },

    write: (value, change, context) => {
      const before = lookup(knownBefore(change.before, context));
      const contentBefore = (element: Content) => before(element)?.content;
      const current = change.at(path);
      const stays = Array.isArray(current) ? current.filter((wire) => !isNoise(wire)) : [];
      const survivors = stays.flatMap((wire, index) => (known(wire, index, context) ? [] : [{ wire, index }]));

      const written: Wire[] = (traits.said?.(value ?? [], contentBefore, change, context) ?? value ?? []).map(
        (element) => {
          const old = before(element);
          const form = formOf(element, old);
          if (!form) throw new Error(`${path}: ${traits.otherwise}`);
          if (!form.start) return old!.wire;
          const inner = new Change(old?.form === form ? old.wire : form.start);
          writeTable(form.table, completed(form.table, element), inner, context);
          return inner.whole();
        },
      );
      for (const { wire, index } of survivors) written.splice(Math.min(index, written.length), 0, wire);

      // The same list without the vendor's own elements is not said again.
      if (!sameWire(written, stays)) change.set(path, written);
    },

    carries: (context) => [...new Set(['', ...forms.flatMap(({ table }) => carriedPaths(table, context))])],

    refuses: (elements, record, context) => {
      const before = lookup(knownBefore(record, context));
      return [
        ...elements.flatMap((element, index) => {
          const old = before(element);
          const form = formOf(element, old);
          if (!form) return [finding('form', traits.otherwise, `[${index}]`)];
          return form.start
            ? below(`[${index}]`, findingsOf(form.table, element, old?.wire, context))
            : Object.keys(form.table)
                .filter((name) => !sameValue(element[name], old!.content[name]))
                .map((name) => finding('fixed', 'must stay as it is; it can only be removed', `[${index}].${name}`));
        }),
        ...(traits.refuses?.(elements, (element) => before(element)?.content, context) ?? []),
      ];
    },
  };
};

const sameValue = (one: Value | undefined, other: Value | undefined): boolean =>
  isDecimal(one) && isDecimal(other)
    ? normalDecimal(one) === normalDecimal(other)
    : canonicalJson(one ?? null) === canonicalJson(other ?? null);

/**
 * An element is said whole: what it does not mention is cleared. Where the vendor chooses a value, saying nothing
 * leaves the choice as it is: the source may never have known of it.
 */
const completed = <C>(table: Table<C>, element: Content): Content =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, row]) => {
      const value = element[name] ?? null;
      return value === null && row.decided ? [] : [[name, value]];
    }),
  );

/** Reads what identifies an element at its side; the vendor gives it, so it is never said. */
export const identity = (row: Pick<Row<string>, 'read'>): Row<string> => ({
  read: (wire, context) => row.read(wire, context),
  carries: () => [],
});

/**
 * A list of the contract whose elements the vendor keeps in members of their own, one for each key: phones by type,
 * addresses by use, dimensions by name. Elements of the keys `elsewhere` are kept by another card of the same record, and
 * this one passes them over.
 */
export const keyed = <C>(
  key: string,
  rows: Readonly<Record<string, Row<Content, C>>>,
  elsewhere: readonly string[] = [],
): Row<Content[], C> => {
  const carried = (context: C): string[] => Object.keys(rows).filter((name) => rows[name]!.carries(context).length > 0);
  return {
    read: (record, context) => {
      const elements = Object.entries(rows).flatMap(([name, row]) => {
        const element = row.read(record, context);
        return element ? [{ [key]: name, ...element }] : [];
      });
      return elements.length === 0 ? undefined : elements;
    },
    write: (value, change, context) => {
      for (const name of carried(context)) {
        const element = value?.find((one) => one[key] === name);
        if (!element) rows[name]!.write?.(null, change, context);
        else {
          const { [key]: _, ...rest } = element;
          rows[name]!.write?.(rest, change, context);
        }
      }
    },
    carries: (context) => {
      const names = carried(context);
      return names.length === 0
        ? []
        : [...new Set(['', key, ...names.flatMap((name) => rows[name]!.carries(context)).filter(Boolean)])];
    },
    refuses: (elements, before, context) => {
      const names = carried(context);
      return elements.flatMap((element, index) => {
        const name = String(element[key]);
        if (elsewhere.includes(name)) return [];
        return names.includes(name)
          ? below(`[${index}]`, rows[name]!.refuses?.(element, before, context) ?? [])
          : [
              finding(
                'not_held',
                `must not name ${key} ${name}, for which this company has no place`,
                `[${index}].${key}`,
              ),
            ];
      });
    },
  };
};
