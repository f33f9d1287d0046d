import { Decimal } from '../../amounts.ts';
import { readInstant } from '../calendar.ts';
import type { Collection, Stored } from '../collection.ts';
import type { Company } from '../company.ts';
import { entitiesByPath } from '../entities/index.ts';
import type { EntityRules } from '../rules.ts';
import type { Body, Field, Shape } from '../shape.ts';
import { VendorFault } from '../vendor-fault.ts';
import { parseQuery, type Condition, type Order, type Query } from './grammar.ts';

export interface QueryAnswer {
  entity: string;
  /** The members of `QueryResponse` as JSON text. */
  text: string;
}

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

/** Runs one statement over a company. */
export function runQuery(company: Company, statement: string): QueryAnswer {
  const query = parseQuery(statement);
  const rules = findEntity(company, query.entity);
  const conditions = query.conditions.map((condition) => prepare(company, rules, condition));
  for (const property of query.properties) resolve(rules, property);
  const orders = query.orders.map((order) => prepareOrder(company, rules, order));
  const rows = select(company, rules, query, conditions, orders);
  if (query.counts) return { entity: rules.name, text: `{"totalCount":${rows.length}}` };

  const page = rows.slice(query.startPosition - 1, query.startPosition - 1 + pageSize(company, query));
  if (page.length === 0) return { entity: rules.name, text: '{}' };
  const objects = page.map((stored) => company.textOf(stored)).join(',');
  const total =
    company.switches.totalCountOnSmallPages && page.length === rows.length ? `,"totalCount":${rows.length}` : '';
  const text = `{"${rules.name}":[${objects}],"startPosition":${query.startPosition},"maxResults":${page.length}${total}}`;
  return { entity: rules.name, text };
}

function pageSize(company: Company, query: Query): number {
  const asked = query.maxResults ?? DEFAULT_PAGE;
  if (asked > LARGEST_PAGE && company.switches.maxResultsOverCap === 'error') {
    throw new VendorFault(
      4001,
      `QueryValidationError: value ${asked} is too large. Max allowed value is ${LARGEST_PAGE}`,
    );
  }
  return Math.min(asked, LARGEST_PAGE);
}

function findEntity(company: Company, name: string): EntityRules {
  const rules = entitiesByPath.get(name.toLowerCase());
  if (!rules || (company.switches.entityNameCase === 'exact' && rules.name !== name)) {
    throw new VendorFault(4001, `QueryValidationError: Entity ${name} is not supported`);
  }
  return rules;
}

interface Prepared {
  path: string;
  condition: Condition;
  accepts(stored: Stored): boolean;
}

const EVERYWHERE = ['Id', 'Active', 'MetaData.CreateTime', 'MetaData.LastUpdatedTime'];

const DOTTED: Readonly<Record<string, Field['kind']>> = {
  'MetaData.CreateTime': 'free',
  'MetaData.LastUpdatedTime': 'free',
  'AttachableRef.EntityRef.Type': 'text',
  'AttachableRef.EntityRef.value': 'text',
};

/** The declared spelling of a property, found in any letter case. */
function resolve(rules: EntityRules, property: string): { path: string; kind: Field['kind'] } {
  const wanted = property.toLowerCase();
  for (const [path, kind] of Object.entries(DOTTED)) {
    if (path.toLowerCase() === wanted && (path.startsWith('MetaData') || rules.name === 'Attachable'))
      return { path, kind };
  }
  const [first = '', ...rest] = wanted.split('.');
  const name = Object.keys(rules.fields).find((field) => field.toLowerCase() === first);
  const field = name === undefined ? undefined : rules.fields[name];
  if (name === undefined || !field) throw notFound(rules, property);
  if (rest.length === 0) return { path: name, kind: field.kind };
  const inner = innerPath(field, rest);
  if (inner === undefined) throw notFound(rules, property);
  return { path: `${name}.${inner}`, kind: 'text' };
}

function innerPath(field: Field, parts: readonly string[]): string | undefined {
  const [first = '', ...rest] = parts;
  if (field.kind === 'reference') return ['value', 'name'].includes(first) && rest.length === 0 ? first : undefined;
  const shape: Shape | undefined =
    field.kind === 'group'
      ? field.fields
      : field.kind === 'list' && field.of.kind === 'group'
        ? field.of.fields
        : undefined;
  const name = shape && Object.keys(shape).find((each) => each.toLowerCase() === first);
  if (!shape || name === undefined) return undefined;
  if (rest.length === 0) return name;
  const inner = innerPath(shape[name] as Field, rest);
  return inner === undefined ? undefined : `${name}.${inner}`;
}

function notFound(rules: EntityRules, property: string): VendorFault {
  return new VendorFault(4001, `QueryValidationError: Property ${property} not found for Entity ${rules.name}`);
}

function requireFilterable(company: Company, rules: EntityRules, path: string): void {
  if (company.switches.filters === 'lenient' || EVERYWHERE.includes(path) || rules.filters.includes(path)) return;
  const base = path.split('.')[0] as string;
  if (rules.filters.includes(base) && rules.fields[base]?.kind !== 'list') return;
  throw new VendorFault(4001, `QueryValidationError: Property ${path} is not queryable for Entity ${rules.name}`);
}

function prepare(company: Company, rules: EntityRules, condition: Condition): Prepared {
  const { path, kind } = resolve(rules, condition.property);
  requireFilterable(company, rules, path);
  return { path, condition, accepts: acceptor(company, path, kind, condition) };
}

function acceptor(
  company: Company,
  path: string,
  kind: Field['kind'],
  { operator, values }: Condition,
): (stored: Stored) => boolean {
  if (path.startsWith('MetaData.')) {
    const instants = values.map((value) => instantOf(value));
    const read = path.endsWith('CreateTime')
      ? (stored: Stored) => Math.floor(stored.createdAt / 1000) * 1000
      : (stored: Stored) => stored.updatedAt;
    return (stored) => instants.some((instant) => holds(operator, read(stored) - instant));
  }
  if (kind === 'decimal' || kind === 'whole') {
    const numbers = values.map((value) => numberOf(path, value));
    return (stored) => {
      const own = readPath(stored.object, path);
      return typeof own === 'number' && numbers.some((number) => holds(operator, new Decimal(own).comparedTo(number)));
    };
  }
  if (kind === 'flag') {
    const flags = values.map((value) => value === 'true');
    return (stored) => flags.some((flag) => flag === (readPath(stored.object, path) === true));
  }
  const fold =
    company.switches.textComparison === 'anyCase' ? (text: string) => text.toLowerCase() : (text: string) => text;
  if (operator === 'LIKE') {
    const pattern = likePattern(values[0] as string, company.switches.textComparison === 'anyCase');
    return (stored) => textsAt(stored.object, path).some((text) => pattern.test(text));
  }
  const wanted = values.map(fold);
  if (path === 'Id') {
    return (stored) => wanted.some((value) => holds(operator, compareIds(stored.object.Id, value)));
  }
  return (stored) =>
    textsAt(stored.object, path).some((text) =>
      wanted.some((value) => holds(operator, compareTexts(fold(text), value))),
    );
}

function holds(operator: Condition['operator'], comparison: number): boolean {
  switch (operator) {
    case '=':
    case 'IN':
      return comparison === 0;
    case '<':
      return comparison < 0;
    case '>':
      return comparison > 0;
    case '<=':
      return comparison <= 0;
    case '>=':
      return comparison >= 0;
    case 'LIKE':
      return false;
  }
}

function instantOf(value: string): number {
  const instant = readInstant(value);
  if (instant === undefined) {
    throw new VendorFault(4001, `QueryValidationError: value ${value} is not a valid date or time`);
  }
  // Stored times have second precision, so a bound between two seconds is compared as it is.
  return instant;
}

function numberOf(path: string, value: string): Decimal {
  if (!/^[+-]?\d+(\.\d+)?$/.test(value)) {
    throw new VendorFault(4001, `QueryValidationError: value ${value} is not a number for Property ${path}`);
  }
  return new Decimal(value);
}

/** Only `%` is a wildcard. */
function likePattern(value: string, anyCase: boolean): RegExp {
  const parts = value.split('%').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`, anyCase ? 'i' : '');
}

function readPath(object: unknown, path: string): unknown {
  let value = object;
  for (const part of path.split('.')) value = (value as Body | undefined)?.[part];
  return value;
}

/** The texts a property holds: of a reference its value, of an e-mail its address, of a list all of them. */
function textsAt(object: unknown, path: string): string[] {
  let values: unknown[] = [object];
  for (const part of path.split('.')) {
    const name = part === 'Type' && path.startsWith('AttachableRef') ? 'type' : part;
    values = values.flatMap((value) => {
      const inner = (value as Body | undefined)?.[name];
      return Array.isArray(inner) ? (inner as unknown[]) : inner === undefined ? [] : [inner];
    });
  }
  return values.map((value) => {
    if (typeof value !== 'object' || value === null) return String(value);
    const group = value as { value?: unknown; Address?: unknown };
    return String(group.value ?? group.Address ?? '');
  });
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareIds(a: string, b: string): number {
  const bothNumbers = /^\d+$/.test(a) && /^\d+$/.test(b);
  return bothNumbers && a.length !== b.length ? a.length - b.length : compareTexts(a, b);
}

/** The matching objects in the asked order, Id ascending when none is asked. */
function select(
  company: Company,
  rules: EntityRules,
  query: Query,
  conditions: readonly Prepared[],
  orders: readonly Comparison[],
): Stored[] {
  const collection = company.collection(rules.name);
  const hidesInactive = rules.group === 'list' && !conditions.some(({ path }) => path === 'Active');
  const lag = company.switches.indexLagMs;
  const visibleUntil = company.now() - lag;
  const { rows, ordered } = candidates(company, collection, conditions, query);
  // Rows that already come in order need not be read beyond the page, plus one that shows there is more.
  const enough = ordered && !query.counts ? query.startPosition + pageSize(company, query) : Number.POSITIVE_INFINITY;
  const found: Stored[] = [];
  for (const stored of rows) {
    if (hidesInactive && stored.object.Active === false) continue;
    if (lag > 0 && stored.createdAt > visibleUntil) continue;
    if (!conditions.every((condition) => condition.accepts(stored))) continue;
    found.push(stored);
    if (found.length >= enough) break;
  }
  if (!ordered) found.sort((a, b) => firstDifference(orders, a, b));
  return found;
}

/** The smallest set of rows an index offers, and whether it already comes in the asked order. */
function candidates(
  company: Company,
  collection: Collection,
  conditions: readonly Prepared[],
  query: Query,
): { rows: Iterable<Stored>; ordered: boolean } {
  const exact = company.switches.textComparison === 'exact';
  for (const { path, condition } of conditions) {
    if (condition.operator !== '=' && condition.operator !== 'IN') continue;
    if (path === 'Id') return { rows: byIds(collection, condition.values), ordered: false };
    const property = path.replace(/\.value$/, '');
    if (!exact && !property.endsWith('Ref')) continue;
    const sets = condition.values.map((value) => collection.lookUp(property, value));
    if (sets.some((set) => set === undefined)) continue;
    const ids = new Set(sets.flatMap((set) => [...(set ?? [])]));
    return { rows: byIds(collection, [...ids]), ordered: false };
  }
  const since = conditions.find(
    ({ path, condition }) =>
      path === 'MetaData.LastUpdatedTime' && (condition.operator === '>' || condition.operator === '>='),
  );
  const [first, ...others] = query.orders;
  const orderedBy = first === undefined ? 'id' : first.descending ? '' : first.property.toLowerCase();
  const alone = others.length === 0;
  if (since || orderedBy === 'metadata.lastupdatedtime') {
    const from = since ? instantOf(since.condition.values[0] as string) : Number.NEGATIVE_INFINITY;
    return { rows: collection.changedSince(from), ordered: alone && orderedBy === 'metadata.lastupdatedtime' };
  }
  const byId = orderedBy === 'id' && alone && company.switches.idOrder === 'numeric';
  return { rows: collection.all(), ordered: byId && collection.createdInIdOrder };
}

function* byIds(collection: Collection, ids: readonly string[]): Generator<Stored> {
  for (const id of new Set(ids)) {
    const stored = collection.get(id);
    if (stored) yield stored;
  }
}

type Comparison = (a: Stored, b: Stored) => number;

function prepareOrder(company: Company, rules: EntityRules, order: Order): Comparison {
  const { path, kind } = resolve(rules, order.property);
  requireFilterable(company, rules, path);
  const sign = order.descending ? -1 : 1;
  if (path === 'MetaData.LastUpdatedTime') return (a, b) => sign * (a.updatedAt - b.updatedAt);
  if (path === 'MetaData.CreateTime') return (a, b) => sign * (a.createdAt - b.createdAt);
  if (path === 'Id') {
    const compare = company.switches.idOrder === 'text' ? compareTexts : compareIds;
    return (a, b) => sign * compare(a.object.Id, b.object.Id);
  }
  if (kind === 'decimal' || kind === 'whole') {
    return (a, b) => sign * (Number(readPath(a.object, path) ?? 0) - Number(readPath(b.object, path) ?? 0));
  }
  return (a, b) => sign * compareTexts(textsAt(a.object, path)[0] ?? '', textsAt(b.object, path)[0] ?? '');
}

function firstDifference(orders: readonly Comparison[], a: Stored, b: Stored): number {
  for (const compare of orders) {
    const difference = compare(a, b);
    if (difference !== 0) return difference;
  }
  return a.position - b.position;
}
