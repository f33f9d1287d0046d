import type { Content, Value, VersionedContent } from './content.js';
import type { Fields } from './field.js';
import type { KindName } from './kind-names.js';
import { CONTRACT_VERSION, fieldsOf } from './kinds.js';
import { canonicalJson } from './fingerprint.js';
import { matchElements } from './lines.js';

/**
 * What lifts content from version n to n + 1, per kind, where a version changed more than adding fields. Version 2 only
 * added fields, and an absent field needs no lifting.
 */
const LIFTS: Readonly<Record<number, Partial<Record<KindName, (content: Content) => Content>>>> = {};

/** Stored content in the newest version. */
export const upcast = ({ kind, contract, content }: VersionedContent): Content => {
  let lifted = content;
  for (let version = contract; version < CONTRACT_VERSION; version++) {
    lifted = LIFTS[version]?.[kind]?.(lifted) ?? lifted;
  }
  return lifted;
};

/** The part of a content that a caller of an older version knows. */
export const downcast = (kind: KindName, content: Content, contract: number): Content =>
  downcastFields(fieldsOf(kind), content, contract);

const downcastFields = (fields: Fields, content: Content, contract: number): Content => {
  const known: Content = {};
  for (const [name, value] of Object.entries(content)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field || field.since > contract) continue;
    const { shape } = field;
    if (value !== null && shape.is === 'object') known[name] = downcastFields(shape.fields, value as Content, contract);
    else if (value !== null && shape.is === 'list') {
      known[name] = (value as Content[]).map((element) => downcastFields(shape.fields, element, contract));
    } else known[name] = value;
  }
  return known;
};

/**
 * Lays what a caller of version `contract` wrote over the newer content: absent keeps, null clears, lists are replaced
 * whole, and on elements that survive, the fields which the caller's version does not know are kept.
 */
export const overlay = (kind: KindName, newer: Content, written: Content, contract: number): Content => {
  const fields = fieldsOf(kind);
  const result: Content = { ...newer };
  for (const [name, value] of Object.entries(written)) {
    const shape = fields[name]?.shape;
    if (value === null) delete result[name];
    else if (shape?.is === 'list') {
      result[name] = overlayList(
        shape.fields,
        shape.key,
        (newer[name] ?? []) as Content[],
        value as Content[],
        contract,
      );
    } else if (shape?.is === 'object') {
      result[name] = keepUnknown(
        shape.fields,
        (newer[name] ?? {}) as Content,
        withoutNulls(value as Content),
        contract,
      );
    } else result[name] = value;
  }
  return result;
};

const overlayList = (
  fields: Fields,
  key: string | undefined,
  newer: readonly Content[],
  written: readonly Content[],
  contract: number,
): Value[] => {
  const named = (element: Content): Content => ({ ...element, id: (key && element[key]) ?? null });
  const text = (element: Content): string =>
    canonicalJson(downcastFields(fields, withoutNulls({ ...element, id: null }), contract));
  const matching = matchElements(written.map(named), newer.map(named), {
    partner: (id) => id,
    text: (element) => text(element),
  });
  return written.map((element, position) => {
    const before = matching.get(position);
    return keepUnknown(fields, before === undefined ? {} : newer[before]!, withoutNulls(element), contract);
  });
};

/** The written members, and from the newer content only those that the writer's version does not know. */
const keepUnknown = (fields: Fields, newer: Content, written: Content, contract: number): Content => ({
  ...Object.fromEntries(Object.entries(newer).filter(([name]) => (fields[name]?.since ?? 1) > contract)),
  ...written,
});

const withoutNulls = (content: Content): Content =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null));
