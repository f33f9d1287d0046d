import { z } from 'zod';
import {
  isWireNumber,
  isWireObject,
  parseWire,
  UnreadableWire,
  wireAt,
  type Wire,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';

/**
 * The shapes in which this vendor answers (sheet 2.2, 2.3): strict about the members that are used, silent about all
 * others. What the fields of a record must be is said by the tables in `mapping/`.
 */

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive(),
});

/** A token endpoint's answer, in the vendor's words; throws where it is none. */
export const asTokens = (body: string): z.infer<typeof tokenAnswer> => tokenAnswer.parse(JSON.parse(body));

const connection = z.object({
  tenantId: z.string().min(1),
  tenantType: z.string(),
  tenantName: z.string().nullish(),
  updatedDateUtc: z.string().nullish(),
});

/** An organisation that a person has connected with the app. */
export type Connected = z.infer<typeof connection>;

/** The bare list that `/connections` answers with; undefined where it is none. */
export const asConnections = (wire: Wire | undefined): readonly Connected[] | undefined =>
  z.array(connection).safeParse(wire).data;

/** Parses an answer's body; undefined where it is no JSON at all. */
export const parsed = (body: string): Wire | undefined => {
  try {
    return parseWire(body);
  } catch {
    return undefined;
  }
};

/** A text that says something; a number is taken for its digits. */
export const textOf = (wire: Wire | undefined): string | undefined =>
  typeof wire === 'string' && wire !== '' ? wire : isWireNumber(wire) ? wire.rawJSON : undefined;

export const textAt = (from: Wire | undefined, path: string): string | undefined => textOf(wireAt(from, path));

/** The records in an envelope. */
export const rowsIn = (body: WireObject, collection: string): readonly WireObject[] => {
  const rows = body[collection];
  if (!Array.isArray(rows)) throw new UnreadableWire(collection, 'a list');
  return rows.map((row, index) => {
    if (!isWireObject(row)) throw new UnreadableWire(`${collection}[${index}]`, 'an object');
    return row;
  });
};

/** How many pages and records there are, where the answer is one page of several. */
export const paginationIn = (
  body: WireObject,
): { readonly pageCount: number; readonly itemCount: number } | undefined => {
  const [pages, items] = [wireAt(body, 'pagination.pageCount'), wireAt(body, 'pagination.itemCount')];
  return isWireNumber(pages) && isWireNumber(items)
    ? { pageCount: Number(pages.rawJSON), itemCount: Number(items.rawJSON) }
    : undefined;
};

const MILLISECONDS = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Milliseconds since 1970 of either way to write a time; one without a zone is UTC (sheet 2.3). */
export const millisecondsOf = (wire: Wire | undefined): number | undefined => {
  if (typeof wire !== 'string') return undefined;
  const [, digits] = MILLISECONDS.exec(wire) ?? [];
  if (digits !== undefined) return Number(digits);
  const iso = ISO.exec(wire);
  if (!iso) return undefined;
  const at = Date.parse(iso[1] === undefined && wire.includes('T') ? `${wire}Z` : wire);
  return Number.isNaN(at) ? undefined : at;
};

/** An instant in UTC ISO 8601. */
export const instantOf = (wire: Wire | undefined): string | undefined => {
  const at = millisecondsOf(wire);
  return at === undefined || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString();
};

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NO_GUID = '00000000-0000-0000-0000-000000000000';

/** Ids of records are GUIDs; all zeros is the id of what was not made (sheet 2.4). */
export const isGuid = (id: string): boolean => GUID.test(id) && id !== NO_GUID;
