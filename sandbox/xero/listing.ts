import { readInstant, SECOND } from './calendar.ts';
import { inDefaultOrder, type Stored } from './collection.ts';
import { folded } from './folding.ts';
import { compileFilter, orderOf, type Filter } from './filter/compile.ts';
import { pathOf, type Path } from './filter/paths.ts';
import type { Organisation } from './organisation.ts';
import { BareStatus, QueryRefused, RequestRefused } from './refusals.ts';
import type { Params, ResourceRules } from './rules.ts';
import type { Body, View } from './shape.ts';

/** Lists: what is asked for, in what order, and which page of it (sheet 4). */

export interface Page {
  rows: readonly Stored[];
  /** Absent when the list is not paged. */
  paged: boolean;
  pagination: { page: number; pageSize: number; pageCount: number; itemCount: number } | undefined;
  summary: boolean;
}

const SMALLEST_PAGE = 1;
const USUAL_PAGE = 100;
const LARGEST_PAGE = 1000;

export function listOf(
  organisation: Organisation,
  rules: ResourceRules,
  params: Params,
  modifiedSince: string | undefined,
): Page {
  const { list } = rules;
  const summary = list.summary === true && isTrue(params.get('summaryonly'));
  const view: View = { organisation, level: 'single', unitDecimals: 4, summary, written: false };
  const where = list.where ? params.get('where') : undefined;
  const filter = where === undefined || where.trim() === '' ? undefined : compileFilter(where, rules.shape, summary);
  const order = orderFor(rules, params.get('order'), summary);
  const since = sinceOf(organisation, rules, modifiedSince);
  const collection = organisation.collection(rules.name);
  refuseHeavy(organisation, rules, collection.size, filter, order);

  const candidates = candidatesFor(organisation, rules, params, filter, since);
  const tests = testsFor(organisation, rules, params, view, filter);
  const found = candidates.filter(({ fields }) => tests.every((test) => test(fields)));
  if (since !== undefined && found.length === 0 && organisation.switches.nothingModified === '304') {
    throw new BareStatus(304);
  }
  if (order) found.sort((a, b) => byOrder(a, b, order, view));
  return { ...pageOf(organisation, rules, params, found), summary };
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}

/** Accurate to the second: milliseconds are dropped (sheet 4.3). */
function sinceOf({ switches }: Organisation, rules: ResourceRules, header: string | undefined): number | undefined {
  if (header === undefined || rules.list.modifiedSince === false) return undefined;
  const instant = readInstant(header);
  if (instant === undefined) {
    if (switches.malformedModifiedSince === '400') throw new BareStatus(400);
    return undefined;
  }
  const second = Math.floor(instant / SECOND) * SECOND;
  return switches.modifiedSinceBoundary === 'inclusive' ? second : second + SECOND;
}

/** As few objects as an index can narrow the list to. */
function candidatesFor(
  organisation: Organisation,
  rules: ResourceRules,
  params: Params,
  filter: Filter | undefined,
  since: number | undefined,
): Stored[] {
  const collection = organisation.collection(rules.name);
  const byIds = (ids: Iterable<string>) =>
    [...new Set(ids)]
      .map((id) => collection.get(id))
      .filter((each): each is Stored => each !== undefined)
      .sort(inDefaultOrder);
  const newEnough = (stored: Stored) =>
    since === undefined || (rules.list.modifiedSince === 'creation' ? stored.createdAt : stored.updatedAt) >= since;
  const keys = new Map<string, readonly string[]>([...(filter?.equalities ?? [])].map(([path, key]) => [path, [key]]));
  for (const [param, path] of Object.entries(rules.list.csv ?? {})) {
    const values = params.get(param);
    if (values !== undefined && values !== '') keys.set(path, folded(values).split(','));
  }
  const ids = keys.get(rules.idField);
  if (ids) return byIds(ids).filter(newEnough);
  for (const [path, values] of keys) {
    if (!Object.hasOwn(rules.indexes, path)) continue;
    return byIds(values.flatMap((value) => [...collection.lookUp(path, value)])).filter(newEnough);
  }
  if (since !== undefined && rules.list.modifiedSince === true) return collection.changedSince(since);
  return collection.ordered().filter(newEnough);
}

function testsFor(
  organisation: Organisation,
  rules: ResourceRules,
  params: Params,
  view: View,
  filter: Filter | undefined,
): ((fields: Body) => boolean)[] {
  const { list, shape } = rules;
  const tests: ((fields: Body) => boolean)[] = [];
  const textAt = (name: string) => {
    const path = pathOf(shape, name.split('.'), false);
    return (fields: Body) => folded(String(path.get(fields, view) ?? ''));
  };
  const { shows } = list;
  if (shows) tests.push((fields) => shows(fields, params, organisation));
  const lag = organisation.switches.listLagMs;
  if (lag > 0) {
    const visible = organisation.now() - lag;
    tests.push((fields) => Number(fields.UpdatedDateUTC) <= visible);
  }
  for (const [param, name] of Object.entries(list.csv ?? {})) {
    const wanted = params.get(param);
    if (wanted === undefined || wanted === '') continue;
    const values = new Set(folded(wanted).split(','));
    const text = textAt(name);
    tests.push((fields) => values.has(text(fields)));
  }
  for (const [param, name] of Object.entries(list.equals ?? {})) {
    const asked = params.get(param);
    if (asked === undefined || asked === '') continue;
    const wanted = folded(asked);
    const text = textAt(name);
    // Numbers may be given in part (sheet 3.12).
    tests.push((fields) => (name.endsWith('Number') ? text(fields).includes(wanted) : text(fields) === wanted));
  }
  for (const [param, name] of Object.entries(list.ranges ?? {})) {
    const [from, to] = [params.get(`${param}from`), params.get(`${param}to`)];
    if (from) tests.push((fields) => typeof fields[name] === 'string' && fields[name] >= from.slice(0, 10));
    if (to) tests.push((fields) => typeof fields[name] === 'string' && fields[name] <= to.slice(0, 10));
  }
  const term = folded(params.get('searchterm') ?? '');
  if (term !== '' && list.search) {
    const texts = list.search.map(textAt);
    tests.push((fields) => texts.some((text) => text(fields).includes(term)));
  }
  if (filter) tests.push((fields) => filter.test(fields, view));
  return tests;
}

interface OrderPart {
  path: Path;
  descending: boolean;
}

function orderFor(rules: ResourceRules, text: string | undefined, summary: boolean): OrderPart[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return text.split(',').map((part) => {
    const [name = '', direction = 'ASC', ...rest] = part.trim().split(/\s+/);
    const isDirection = /^(asc|desc|ascending|descending)$/i.test(direction);
    if (!isDirection || rest.length > 0) throw new QueryRefused(`'${part.trim()}' is no order`);
    return { path: pathOf(rules.shape, name.split('.'), summary), descending: /^desc/i.test(direction) };
  });
}

/** The id breaks every tie, so that pages do not overlap. */
function byOrder(a: Stored, b: Stored, order: readonly OrderPart[], view: View): number {
  for (const { path, descending } of order) {
    const [left, right] = [path.get(a.fields, view), path.get(b.fields, view)];
    const known = orderOf(left, right);
    const result = Number.isNaN(known) ? Number(left !== undefined) - Number(right !== undefined) : known;
    if (result !== 0) return descending ? -result : result;
  }
  return a.id < b.id ? -1 : 1;
}

/** Large organisations are refused what no index backs (sheet 4.4). */
function refuseHeavy(
  { switches }: Organisation,
  { list }: ResourceRules,
  size: number,
  filter: Filter | undefined,
  order: readonly OrderPart[] | undefined,
): void {
  if (switches.highVolumeRows === 0 || size <= switches.highVolumeRows || !list.optimised) return;
  const used = [...(filter?.paths ?? []), ...(order ?? []).map(({ path }) => path.name)];
  const heavy = used.find((name) => list.optimised?.includes(name) === false);
  if (heavy === undefined) return;
  const message = `The query on ${heavy} would look at too many records. Use fields that are optimised for high volumes.`;
  throw new RequestRefused(10, 'ValidationException', message);
}

function pageOf(
  { switches }: Organisation,
  rules: ResourceRules,
  params: Params,
  found: readonly Stored[],
): Omit<Page, 'summary'> {
  const { list } = rules;
  const asked = params.get('page');
  const forced = list.pagingForcedBy?.some((name) => params.has(name) && params.get(name)?.toLowerCase() !== 'false');
  const paged = list.paging === 'always' || (list.paging === 'offered' && (asked !== undefined || forced === true));
  if (!paged) return { rows: found, paged, pagination: undefined };
  const isQuotes = rules.name === 'Quotes';
  const page = Math.max(1, Math.floor(Number(asked ?? 1)) || 1);
  const asNumber = Math.floor(Number(params.get('pagesize') ?? USUAL_PAGE));
  const wanted = Number.isNaN(asNumber) ? USUAL_PAGE : asNumber;
  const understood = asked !== undefined && (!isQuotes || switches.quotePagination);
  const pageSize = understood ? Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, wanted)) : USUAL_PAGE;
  const rows = found.slice((page - 1) * pageSize, page * pageSize);
  const pagination = { page, pageSize, pageCount: Math.ceil(found.length / pageSize), itemCount: found.length };
  return { rows, paged, pagination: isQuotes && !switches.quotePagination ? undefined : pagination };
}
