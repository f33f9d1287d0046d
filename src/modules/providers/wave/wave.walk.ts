import { z } from 'zod';
import { fingerprint } from '../../../domain/contract/index.js';
import { textIn, type Page, type VendorRecord } from './wave.wire.js';

/**
 * A walk through a list by the time of the last change (sheet 5.3, 7 point 24). Pages are counted by position, and rows
 * move while one turns them; so the walk does not turn pages, it asks anew from the time where the last page ended, and
 * passes over what it has seen of that time. Only within one and the same time it has to turn pages, and begins again
 * there when the list became shorter.
 */
export const placeShape = z.object({
  /** Rows that changed after this instant are asked for. */
  after: z.string(),
  page: z.number(),
  /** How long the list was. */
  total: z.number().optional(),
  /** Marks of the rows that have been seen and may come again. */
  seen: z.array(z.string()),
});
export type Place = z.infer<typeof placeShape>;

/** Before all that there is. */
export const BEGINNING: Place = { after: '1970-01-01T00:00:00.000Z', page: 1, seen: [] };

export interface Step {
  /** Rows that have not been seen in this walk. */
  readonly rows: readonly VendorRecord[];
  /** Absent at the end. */
  readonly next?: Place;
}

/** What a page brought, and where the walk goes on. */
export const stepOf = (place: Place, { rows, totalPages, totalCount }: Page): Step => {
  const seen = new Set(place.seen);
  const unseen = rows.filter(({ id }) => !seen.has(markOf(id)));
  if (place.total !== undefined && totalCount < place.total && place.page > 1) {
    // A row that went moved the others up, over the border of a page that was turned already.
    const back = { ...place, page: 1, total: totalCount, seen: [...seen, ...unseen.map(({ id }) => markOf(id))] };
    return { rows: unseen, next: back };
  }
  if (place.page >= totalPages) return { rows: unseen };
  const last = rows.at(-1) && changedAt(rows.at(-1)!);
  const after = last === undefined ? undefined : justBefore(last);
  const all = [...seen, ...unseen.map(({ id }) => markOf(id))];
  if (after === undefined || after <= place.after) {
    return { rows: unseen, next: { after: place.after, page: place.page + 1, total: totalCount, seen: all } };
  }
  const again = rows.filter((row) => (changedAt(row) ?? after) > after).map(({ id }) => markOf(id));
  return { rows: unseen, next: { after, page: 1, seen: again } };
};

/** Whether the instant itself is included is not told, so the one before it is asked from. */
export const justBefore = (instant: string): string => new Date(Date.parse(instant) - 1).toISOString();

export const changedAt = (row: VendorRecord): string | undefined => {
  const at = Date.parse(textIn(row, 'modifiedAt') ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

export const createdAt = (row: VendorRecord): string | undefined => {
  const at = Date.parse(textIn(row, 'createdAt') ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** A short name of an id or a version, of which cursors hold many. */
export const markOf = (text: string): string => fingerprint(text).slice(0, 10);
