import type { Content, Value } from '../contract/content.js';
import type { Field, Fields } from '../contract/field.js';
import { groupFields } from '../contract/kinds.js';
import { matchElements } from '../contract/lines.js';
import { lackedElement, normalElement } from '../contract/normal-form.js';
import type { Ref } from '../contract/ref.js';
import { otherSide, readingOf, type Meeting, type Side } from '../comparison/meeting.js';
import type { Need } from './plan.js';

/** A group of one side in the refs of the other side, and what the other side still lacks for it. */
export interface Translation {
  readonly content: Content;
  readonly needs: readonly Need[];
  /** Top-level fields that were left out because their record cannot be there yet (ENGINE E5). */
  readonly omitted: readonly string[];
}

export interface Translating {
  readonly meeting: Meeting;
  /** The side written to. */
  readonly to: Side;
  /** Twins on which an optional reference may not wait, because they wait for this very record. */
  readonly cut: ReadonlySet<string>;
}

/**
 * Words a group's fields as the other side would have them. Elements of lists are matched with the elements that side
 * shows now (by pair, then by content), keep its ids, and keep what the source cannot say (ENGINE A3).
 */
export const translateGroup = (translating: Translating, group: string, source: Content): Translation => {
  const { meeting, to } = translating;
  const content: Content = {};
  const needs: Need[] = [];
  const omitted: string[] = [];
  for (const [name, field] of Object.entries(groupFields(meeting.kind, group))) {
    const value = source[name] ?? null;
    if (value === null || !meeting.carries(name)) continue;
    const translated = translateValue(
      translating,
      field,
      name,
      value,
      meeting[to]?.content[name] ?? null,
      source,
      needs,
    );
    if (translated === OMITTED) omitted.push(name);
    else content[name] = translated;
  }
  return { content, needs, omitted };
};

const OMITTED = Symbol('omitted');

const translateValue = (
  translating: Translating,
  field: Field,
  path: string,
  value: Value,
  current: Value,
  document: Content,
  needs: Need[],
): Value | typeof OMITTED => {
  const { shape } = field;
  switch (shape.is) {
    case 'ref':
      return translateRef(translating, field, path, value as Ref, needs);
    case 'object':
      return translateObject(
        translating,
        shape.fields,
        path,
        value as Content,
        (current ?? {}) as Content,
        document,
        needs,
      );
    case 'list':
      return translateList(
        translating,
        shape.fields,
        shape.key,
        path,
        value as Content[],
        (current ?? []) as Content[],
        document,
        needs,
      );
    case 'text':
    case 'decimal':
    case 'whole':
    case 'date':
    case 'flag':
    case 'choice':
    case 'dictionary':
      return value;
  }
};

const translateRef = (
  { meeting, to, cut }: Translating,
  field: Field,
  path: string,
  ref: Ref,
  needs: Need[],
): Value | typeof OMITTED => {
  const role = field.shape.is === 'ref' ? field.shape.role : undefined;
  const twin = meeting.refs.twinOf(otherSide(to), ref, role);
  const there = twin === undefined ? undefined : meeting.refs.refAt(to, twin);
  if (there) return there;
  // Only a field of the record itself can follow later; a line is written whole or not at all.
  if (!field.required && !path.includes('.') && twin !== undefined && cut.has(twin)) return OMITTED;
  needs.push({ side: to, ref, role, twin, path, required: field.required });
  return null;
};

const translateObject = (
  translating: Translating,
  fields: Fields,
  path: string,
  value: Content,
  current: Content,
  document: Content,
  needs: Need[],
): Content => {
  const inner = (name: string): string => `${withoutIndexes(path)}.${name}`;
  const result: Content = {};
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'id') continue;
    // What the two sides cannot both hold stays as the target has it.
    const member = translating.meeting.carries(inner(name)) ? (value[name] ?? null) : null;
    if (!translating.meeting.carries(inner(name))) {
      if ((current[name] ?? null) !== null) result[name] = current[name]!;
    } else if (member !== null) {
      const translated = translateValue(
        translating,
        field,
        `${path}.${name}`,
        member,
        current[name] ?? null,
        document,
        needs,
      );
      if (translated !== OMITTED) result[name] = translated;
    }
  }
  return result;
};

const translateList = (
  translating: Translating,
  fields: Fields,
  key: string | undefined,
  path: string,
  elements: readonly Content[],
  current: readonly Content[],
  document: Content,
  needs: Need[],
): Value => {
  const { meeting, to } = translating;
  const from = otherSide(to);
  const target = meeting[to]?.content ?? {};
  const partners = new Map(meeting.base.lines.map((pair) => [pair[from], pair[to]]));
  const matching = matchElements(elements, current, {
    partner: (id) => partners.get(id),
    text: (element, of) =>
      of === 'from'
        ? keyed(fields, key, element, path, document, readingOf(meeting, from))
        : keyed(fields, key, element, path, target, readingOf(meeting, to)),
  });
  const lacked = (element: Content): boolean => lackedElement(key, withoutIndexes(path), element, meeting);
  const translated = elements.flatMap((element, position) => {
    if (lacked(element)) return [];
    const match = matching.get(position);
    const there = match === undefined ? {} : current[match]!;
    const wanted = translateObject(translating, fields, `${path}[${position}]`, element, there, document, needs);
    return [typeof there.id === 'string' ? { id: there.id, ...wanted } : wanted];
  });
  // What only the target has a place for stays there.
  return [...translated, ...current.filter(lacked)];
};

/** Elements with a key of their own (an address's type) are the same element whatever else they say. */
const keyed = (
  fields: Fields,
  key: string | undefined,
  element: Content,
  path: string,
  document: Content,
  reading: Parameters<typeof normalElement>[4],
): string =>
  key !== undefined && key !== 'id'
    ? `${key}=${String(element[key])}`
    : normalElement(fields, element, withoutIndexes(path), document, reading);

const withoutIndexes = (path: string): string => path.replace(/\[\d+\]/g, '');
