import type { Content, Value } from './content.js';
import { exact, isDecimal } from './decimal.js';
import type { Field, Fields } from './field.js';
import type { KindName } from './kind-names.js';
import { CONTRACT_VERSION, fieldsOf, KINDS } from './kinds.js';

/** What is wrong with a content: where, which rule of the contract, and the rule in words. */
export interface Issue {
  /** Such as `lines[2].quantity`. */
  readonly path: string;
  /** Such as `decimal` or `required`; documented in docs/api.md. */
  readonly rule: string;
  readonly message: string;
}

/**
 * Checks a content as a caller wrote it: known fields of that contract version only, in the contract's shapes, nothing
 * read-only. Nulls clear a field. Whether the record is complete is {@link incomplete}'s question.
 */
export const malformed = (kind: KindName, content: unknown, contract = CONTRACT_VERSION): Issue[] => {
  if (!isPlainObject(content)) return [{ path: '', rule: 'object', message: 'must be an object of fields' }];
  return checkFields(fieldsOf(kind), content, '', contract);
};

/** Checks a whole record, after patches were laid over it: required fields are there and the kind's rules hold. */
export const incomplete = (kind: KindName, content: Content): Issue[] => [
  ...missing(fieldsOf(kind), content, ''),
  ...(KINDS[kind].rules ?? [])
    .filter((rule) => !rule.holds(content))
    .map(({ path, rule, message }) => ({ path, rule, message })),
];

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const checkFields = (fields: Fields, content: Record<string, unknown>, prefix: string, contract: number): Issue[] =>
  Object.entries(content).flatMap(([name, value]) => {
    const path = prefix + name;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field || field.since > contract) {
      return [{ path, rule: 'known_field', message: `is no field of contract version ${contract}` }];
    }
    if (field.readOnly) return [{ path, rule: 'read_only', message: 'is computed by the books and cannot be written' }];
    return value === null || value === undefined ? [] : checkValue(field, value, path, contract);
  });

const checkValue = (field: Field, value: unknown, path: string, contract: number): Issue[] => {
  const { shape } = field;
  const issue = (rule: string, message: string): Issue[] => [{ path, rule, message }];
  switch (shape.is) {
    case 'text':
      if (typeof value !== 'string') return issue('text', 'must be a text');
      if (value.includes('\u0000')) return issue('text', 'must not hold NUL characters');
      if (value.length > shape.max) return issue('max_length', `must have at most ${shape.max} characters`);
      if (shape.pattern && !shape.pattern.test(value)) return issue('format', `must be ${shape.like ?? 'well formed'}`);
      return [];
    case 'decimal':
      if (!isDecimal(value)) {
        return issue('decimal', 'must be a decimal string with at most 15 digits before the point, such as "1250.00"');
      }
      if ((value.split('.')[1] ?? '').length > shape.scale) {
        return issue('scale', `must have at most ${shape.scale} digits after the point`);
      }
      if (shape.min !== undefined && exact(value).lessThan(shape.min)) {
        return issue('min', `must be at least ${shape.min}`);
      }
      if (shape.max !== undefined && exact(value).greaterThan(shape.max)) {
        return issue('max', `must be at most ${shape.max}`);
      }
      return [];
    case 'whole':
      return typeof value === 'number' && Number.isInteger(value) && value >= shape.min && value <= shape.max
        ? []
        : issue('whole', `must be a whole number from ${shape.min} to ${shape.max}`);
    case 'date':
      return typeof value === 'string' && isDate(value) ? [] : issue('date', 'must be a date such as "2026-02-28"');
    case 'flag':
      return typeof value === 'boolean' ? [] : issue('flag', 'must be true or false');
    case 'choice':
      return shape.of.includes(value as string) ? [] : issue('choice', `must be one of ${shape.of.join(', ')}`);
    case 'ref':
      return checkRef(shape.to, value, path);
    case 'object':
      return isPlainObject(value)
        ? checkFields(shape.fields, value, `${path}.`, contract)
        : issue('object', 'must be an object');
    case 'list':
      if (!Array.isArray(value)) return issue('list', 'must be a list');
      if (value.length > shape.most) return issue('max_items', `must have at most ${shape.most} elements`);
      return [
        ...value.flatMap((element, index) =>
          isPlainObject(element)
            ? checkFields(shape.fields, element, `${path}[${index}].`, contract)
            : [{ path: `${path}[${index}]`, rule: 'object', message: 'must be an object' }],
        ),
        ...repeatedKeys(shape.key, value, path),
      ];
    case 'dictionary':
      return checkDictionary(shape, value, path);
  }
};

const checkRef = (to: readonly KindName[], value: unknown, path: string): Issue[] => {
  if (!isPlainObject(value)) return [{ path, rule: 'ref', message: 'must be a reference {kind, id}' }];
  const { kind, id, ...others } = value;
  const issues: Issue[] = [];
  if (!to.includes(kind as KindName)) {
    issues.push({ path: `${path}.kind`, rule: 'ref_kind', message: `must be ${to.join(' or ')}` });
  }
  if (typeof id !== 'string' || id.length === 0 || id.length > 200 || id.includes('\u0000')) {
    issues.push({ path: `${path}.id`, rule: 'ref_id', message: 'must be an id of 1 to 200 characters' });
  }
  for (const name of Object.keys(others)) {
    issues.push({ path: `${path}.${name}`, rule: 'known_field', message: 'a reference has only kind and id' });
  }
  return issues;
};

const checkDictionary = (shape: { most: number; max: number }, value: unknown, path: string): Issue[] => {
  if (!isPlainObject(value)) return [{ path, rule: 'dictionary', message: 'must be an object of texts' }];
  const entries = Object.entries(value);
  if (entries.length > shape.most) {
    return [{ path, rule: 'max_items', message: `must have at most ${shape.most} entries` }];
  }
  return entries
    .filter(
      ([name, text]) =>
        name.length > 100 || typeof text !== 'string' || text.length > shape.max || text.includes('\u0000'),
    )
    .map(([name]) => ({
      path: `${path}.${name}`,
      rule: 'dictionary',
      message: `must be a text of at most ${shape.max} characters under a name of at most 100`,
    }));
};

const repeatedKeys = (key: string | undefined, elements: readonly unknown[], path: string): Issue[] => {
  if (key === undefined) return [];
  const seen = new Set<unknown>();
  return elements.flatMap((element, index) => {
    const value = isPlainObject(element) ? element[key] : undefined;
    if (value === undefined || value === null || !seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [{ path: `${path}[${index}].${key}`, rule: 'unique', message: 'must not be used twice in the list' }];
  });
};

const missing = (fields: Fields, content: { readonly [name: string]: Value | undefined }, prefix: string): Issue[] =>
  Object.entries(fields).flatMap(([name, { shape, required, readOnly }]) => {
    const value = content[name] ?? null;
    const path = prefix + name;
    if (value === null || (shape.is === 'list' && required && (value as Value[]).length === 0)) {
      return required && !readOnly ? [{ path, rule: 'required', message: 'is required' }] : [];
    }
    if (shape.is === 'object') return missing(shape.fields, value as Content, `${path}.`);
    if (shape.is === 'list') {
      return (value as Content[]).flatMap((element, index) => missing(shape.fields, element, `${path}[${index}].`));
    }
    return [];
  });

const isDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
};
