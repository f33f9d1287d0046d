import type { CompanyFile } from '../company-file.ts';
import { MINUTE, SECOND } from '../calendar.ts';
import { refusal } from '../problem.ts';
import type { Stored } from '../record.ts';
import type { Members, Shape } from '../shape.ts';
import { at, readFilter, requireSortable, type Filter } from './filter.ts';

export const USUAL_PAGE = 400;
export const LARGEST_PAGE = 1000;

/** What can be listed: a resource, one layout of it, or what is made up from others. */
export interface Listed {
  /** The members a filter may name. */
  shape: Shape;
  records(): Iterable<Stored>;
  /** Fewer records by the order of changes, where that order is kept. */
  changedSince?(instant: number): Iterable<Stored>;
  find?(uid: string): Stored | undefined;
  show(stored: Stored): Members;
}

export interface Page {
  records: readonly Stored[];
  total: number;
  /** The options of the next page; undefined on the last. */
  next: string | undefined;
}

interface SortKey {
  path: string[];
  descending: boolean;
}

const OPTIONS = ['$top', '$skip', '$orderby', '$filter'];

/** One page of a list by `$filter`, `$orderby`, `$top` and `$skip` (sheet 4.2, 4.3). */
export function pageOf(listed: Listed, params: URLSearchParams, file: CompanyFile): Page {
  for (const name of params.keys()) {
    if (name.startsWith('$') && !OPTIONS.includes(name)) throw refusal('InvalidQuery', name);
  }
  const top = readTop(params, file);
  const skip = readCount(params, '$skip') ?? 0;
  const source = params.get('$filter')?.trim() ?? '';
  const filter = source === '' ? undefined : readFilter(source, listed.shape, file.switches);
  const keys = readOrder(params, listed.shape, file);
  const found = candidates(listed, filter, file);
  const matching = filter ? [...found].filter((stored) => filter.matches(listed.show(stored))) : [...found];
  sort(matching, keys, listed);
  const records = matching.slice(skip, skip + top);
  const hasMore = skip + top < matching.length;
  return { records, total: matching.length, next: hasMore ? nextOptions(params, top, skip + top) : undefined };
}

function candidates(listed: Listed, filter: Filter | undefined, file: CompanyFile): Iterable<Stored> {
  if (filter?.uid !== undefined && listed.find) {
    const only = listed.find(filter.uid);
    return only ? [only] : [];
  }
  const { lastModifiedOf, lastModifiedOffsetMinutes } = file.switches;
  if (filter?.modifiedSince !== undefined && listed.changedSince && lastModifiedOf === 'all') {
    // What is told may be cut to seconds and shifted; the filter itself then looks closely.
    return listed.changedSince(filter.modifiedSince - lastModifiedOffsetMinutes * MINUTE - SECOND);
  }
  return listed.records();
}

function sort(records: Stored[], keys: readonly SortKey[], listed: Listed): void {
  if (keys.length === 0) {
    records.sort(byUid);
    return;
  }
  const values = new Map(records.map((stored) => [stored, keys.map(({ path }) => at(listed.show(stored), path))]));
  records.sort((a, b) => {
    const [left, right] = [values.get(a) as unknown[], values.get(b) as unknown[]];
    for (const [index, { descending }] of keys.entries()) {
      const order = compare(left[index], right[index]);
      if (order !== 0) return descending ? -order : order;
    }
    return byUid(a, b);
  });
}

function byUid(a: Stored, b: Stored): number {
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0;
}

function compare(a: unknown, b: unknown): number {
  const [left, right] = [a ?? null, b ?? null];
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? -1 : 1;
  return (left as string) < (right as string) ? -1 : 1;
}

function readTop(params: URLSearchParams, file: CompanyFile): number {
  const asked = readCount(params, '$top') ?? USUAL_PAGE;
  if (asked === 0 || (asked > LARGEST_PAGE && file.switches.topOverMaximum === 'error')) {
    throw refusal('InvalidQuery', '$top');
  }
  return Math.min(asked, LARGEST_PAGE);
}

function readCount(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw refusal('InvalidQuery', name);
  return Number(text);
}

function readOrder(params: URLSearchParams, shape: Shape, file: CompanyFile): SortKey[] {
  const text = params.get('$orderby')?.trim() ?? '';
  if (text === '') return [];
  const parts = text.split(',');
  if (parts.length > 1 && file.switches.orderByKeys === 'one') throw refusal('InvalidQuery', '$orderby');
  return parts.map((part) => {
    const match = /^([A-Za-z_][\w/]*)(?:\s+(asc|desc))?$/.exec(part.trim());
    if (!match) throw refusal('InvalidQuery', '$orderby');
    const path = (match[1] as string).split('/');
    requireSortable(path, shape);
    return { path, descending: match[2] === 'desc' };
  });
}

function nextOptions(params: URLSearchParams, top: number, skip: number): string {
  const kept = [...params].filter(([name]) => name !== '$top' && name !== '$skip');
  const pairs = [...kept, ['$top', String(top)], ['$skip', String(skip)]] as [string, string][];
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
}
