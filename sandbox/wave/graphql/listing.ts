import { Decimal } from '../../amounts.ts';
import type { Business } from '../business.ts';
import type { Collection, Row } from '../collection.ts';
import { failure } from './failure.ts';

/** Lists as the vendor pages them: by number, with totals, nodes below edges (sheet 2.5). */

export interface PageArguments {
  page?: number | null;
  pageSize?: number | null;
}

export interface ChangeArguments {
  modifiedAtAfter?: number | null;
  modifiedAtBefore?: number | null;
}

export interface Connection {
  edges: { node: unknown }[];
  pageInfo: { currentPage: number; totalPages: number; totalCount: number };
}

const LARGEST_PAGE = 200;
const USUAL_PAGE = 10;

export function pageOf(rows: readonly unknown[], wanted: PageArguments, overLimit: 'refuse' | 'clip'): Connection {
  const currentPage = wanted.page ?? 1;
  const asked = wanted.pageSize ?? USUAL_PAGE;
  if (currentPage < 1 || asked < 1) throw failure('BAD_USER_INPUT', 'page and pageSize have to be at least 1.');
  if (asked > LARGEST_PAGE && overLimit === 'refuse') {
    throw failure('BAD_USER_INPUT', `pageSize cannot be larger than ${LARGEST_PAGE}.`);
  }
  const size = Math.min(asked, LARGEST_PAGE);
  const start = (currentPage - 1) * size;
  return {
    edges: rows.slice(start, start + size).map((node) => ({ node })),
    pageInfo: { currentPage, totalPages: Math.ceil(rows.length / size), totalCount: rows.length },
  };
}

type Comparable = string | number | Decimal;

/** An order by name, such as `MODIFIED_AT_ASC`, as keys to compare; ties follow the order of creation. */
export interface Order<T> {
  /** What a name without its direction compares. */
  keys: Readonly<Record<string, (row: T) => Comparable>>;
  /** True for keys that change by themselves, so that an order by them is never kept. */
  volatile?: readonly string[];
}

export const BY_CREATION: Order<Row> = {
  keys: { CREATED_AT: (row) => row.createdAt, MODIFIED_AT: (row) => row.modifiedAt },
};

export interface Listing<T extends Row> {
  collection: Collection<T>;
  order: Order<T>;
  /** Names of orders, most important first; none is the order of creation. */
  sort: readonly string[];
  change: ChangeArguments;
  /** Every row that passes, when there is anything to pass. */
  filter: ((row: T) => boolean) | undefined;
  /** Rows found by a key instead of all. */
  among?: T[];
}

/** The rows of a list in order. Asked for changes, only what changed is looked at. */
export function rowsOf<T extends Row>(business: Business, listing: Listing<T>): readonly T[] {
  const { collection, order, sort, change, filter, among } = listing;
  const compare = comparison(order, sort);
  const isInclusive = business.switches.modifiedBounds === 'inclusive';
  const { modifiedAtAfter: after, modifiedAtBefore: before } = change;
  const passes = (row: T) =>
    (filter?.(row) ?? true) &&
    (typeof after !== 'number' || row.modifiedAt > after || (isInclusive && row.modifiedAt === after)) &&
    (typeof before !== 'number' || row.modifiedAt < before || (isInclusive && row.modifiedAt === before));
  const found = among ?? (typeof after === 'number' ? collection.changedSince(after) : undefined);
  if (found) return found.filter(passes).sort(compare);
  const isVolatile = sort.some((name) => order.volatile?.includes(keyOf(name).key));
  const all = isVolatile ? [...collection.all()].sort(compare) : collection.inOrder(sort.join(), compare);
  return filter || typeof before === 'number' ? all.filter(passes) : all;
}

function keyOf(name: string): { key: string; sign: 1 | -1 } {
  const [, key = '', direction] = /^(.+)_(ASC|DESC)$/.exec(name) ?? [];
  return { key, sign: direction === 'DESC' ? -1 : 1 };
}

function comparison<T extends Row>(order: Order<T>, sort: readonly string[]): (a: T, b: T) => number {
  const parts = sort.map((name) => {
    const { key, sign } = keyOf(name);
    const valueOf = order.keys[key];
    if (!valueOf) throw new Error(`there is no order ${name}`);
    return { valueOf, sign };
  });
  // Ties go the way of the last key, so that "descending" is the exact reverse of "ascending".
  const lastSign = parts.at(-1)?.sign ?? 1;
  return (a, b) => {
    for (const { valueOf, sign } of parts) {
      const difference = compared(valueOf(a), valueOf(b));
      if (difference !== 0) return difference * sign;
    }
    return (a.number - b.number) * lastSign;
  };
}

function compared(a: Comparable, b: Comparable): number {
  if (a instanceof Decimal) return a.cmp(b as Decimal);
  return a === b ? 0 : a < b ? -1 : 1;
}
