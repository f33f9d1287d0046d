import { ProviderFailureError, type ProviderFailure } from '../../../domain/provider/index.js';
import { PAGE_SIZE, type QuickBooksClient, type Query } from './quickbooks.client.js';
import { DAMAGED_ROW } from './quickbooks.failures.js';
import { idText, type VendorRecord } from './quickbooks.wire.js';

/**
 * A walk through all rows of a query in pages (sheet 4.2, 8 points 11 and 24). Pages are counted by position, so a row
 * that is deleted meanwhile moves the rest forward and would hide one of them at the page's border. Therefore each page
 * begins some rows before the last one ended and must show one of them; if it does not, the walk steps back.
 */
export interface Place {
  /** Position of the next page's first row, from 1. */
  readonly position: number;
  /** Ids of the last rows before that page's end. */
  readonly tail: readonly string[];
}

export interface WalkPage {
  readonly rows: readonly VendorRecord[];
  /** Rows that the vendor itself could not read. */
  readonly damaged: readonly DamagedRow[];
  /** Absent at the end. */
  readonly next?: Place;
  /** The vendor's time of the answer. */
  readonly time: string | undefined;
}

export interface DamagedRow {
  readonly position: number;
  readonly failure: ProviderFailure;
}

const OVERLAP = 10;

export const walkPage = async (
  client: QuickBooksClient,
  query: Pick<Query, 'entity' | 'where'>,
  place: Place = { position: 1, tail: [] },
): Promise<WalkPage> => {
  const found = await pageOf(client, query, place.position, PAGE_SIZE);
  const ids = found.rows.map((row) => idText(row.Id));
  const seen = new Set(place.tail);
  if (place.position > 1 && place.tail.length > 0 && !ids.some((id) => seen.has(id))) {
    return {
      rows: [],
      damaged: [],
      next: { position: Math.max(1, place.position - PAGE_SIZE), tail: place.tail },
      time: found.time,
    };
  }
  const count = found.rows.length + found.damaged.length;
  return {
    rows: found.rows.filter((row) => !seen.has(idText(row.Id))),
    damaged: found.damaged,
    ...(count >= PAGE_SIZE && {
      next: { position: place.position + count - OVERLAP, tail: ids.slice(-OVERLAP) },
    }),
    time: found.time,
  };
};

type Found = Omit<WalkPage, 'next'>;

/** A page; where a damaged row fails the whole of it, the halves are read apart until the row stands alone. */
const pageOf = async (
  client: QuickBooksClient,
  query: Pick<Query, 'entity' | 'where'>,
  start: number,
  most: number,
): Promise<Found> => {
  try {
    return { ...(await client.ask({ ...query, order: 'Id', start, most })), damaged: [] };
  } catch (problem) {
    if (!isDamage(problem)) throw problem;
    if (most === 1) return { rows: [], damaged: [{ position: start, failure: problem.failure }], time: undefined };
    const half = Math.ceil(most / 2);
    const first = await pageOf(client, query, start, half);
    // A half that is not full is the end.
    if (first.rows.length + first.damaged.length < half) return first;
    const second = await pageOf(client, query, start + half, most - half);
    return {
      rows: [...first.rows, ...second.rows],
      damaged: [...first.damaged, ...second.damaged],
      time: first.time ?? second.time,
    };
  }
};

export const isDamage = (problem: unknown): problem is ProviderFailureError =>
  problem instanceof ProviderFailureError && problem.failure.code === DAMAGED_ROW;

/** All rows of a query, page after page; for lists that are short by nature. */
export const allRows = async (
  client: QuickBooksClient,
  query: Pick<Query, 'entity' | 'where'>,
): Promise<readonly VendorRecord[]> => {
  const rows: VendorRecord[] = [];
  for (let page = await walkPage(client, query); ; page = await walkPage(client, query, page.next)) {
    rows.push(...page.rows);
    if (!page.next) return rows;
  }
};
