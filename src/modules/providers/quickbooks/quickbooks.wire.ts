import { z } from 'zod';
import {
  isWireNumber,
  parseWire,
  UnreadableWire,
  type Wire,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';

/**
 * The shapes in which this vendor answers (sheet 1.3, 2.2, 4.2 to 4.4): strict about the members that are
 * used, silent about all others. What the fields of a record must be is said by the tables in `mapping/`.
 */

/** Ids and versions are strings; a number is taken for its digits, of which old companies' ids have nineteen. */
const id = z.custom<Wire>((value) => (typeof value === 'string' && value !== '') || isWireNumber(value), 'an id');

/** The text of an id, a code or the like; empty where there is none. */
export const idText = (wire: Wire | undefined): string =>
  typeof wire === 'string' ? wire : isWireNumber(wire) ? wire.rawJSON : '';

const metaData = z.looseObject({ CreateTime: z.string().optional(), LastUpdatedTime: z.string().optional() });

const record = z.looseObject({ Id: id, SyncToken: id.optional(), MetaData: metaData.optional() });

/** A record as the vendor sends it, or the stub of one that is deleted. */
export interface VendorRecord extends WireObject {
  Id: string;
}

const queryResponse = z.record(z.string(), z.unknown());

const queryAnswer = z.looseObject({ QueryResponse: queryResponse, time: z.string().optional() });

const cdcAnswer = z.looseObject({
  CDCResponse: z.array(z.looseObject({ QueryResponse: z.array(queryResponse) })),
  time: z.string().optional(),
});

const batchAnswer = z.looseObject({ BatchItemResponse: z.array(z.looseObject({ bId: id })) });

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive(),
  x_refresh_token_expires_in: z.number().positive().optional(),
  x_refresh_token_hard_expires_in: z.number().positive().optional(),
});

/** Checks the shape and hands on the very value: what is not spoken of must come through untouched. */
const checked = <T extends Wire>(schema: z.ZodType, wire: Wire | undefined, what: string): T => {
  const { error } = schema.safeParse(wire);
  if (error)
    throw new UnreadableWire([what, ...(error.issues[0]?.path ?? [])].join('.'), error.issues[0]?.message ?? '');
  return wire as T;
};

/** Parses an answer's body; undefined where it is no JSON at all. */
export const parsed = (body: string): Wire | undefined => {
  try {
    return parseWire(body);
  } catch {
    return undefined;
  }
};

export const asRecord = (wire: Wire | undefined, entity: string): VendorRecord => checked(record, wire, entity);

/** Rows of one entity in a query's answer; none where the vendor answers `{}`. */
export const queriedRows = (wire: Wire | undefined, entity: string): VendorRecord[] =>
  rowsOf(checked<{ QueryResponse: WireObject }>(queryAnswer, wire, 'answer').QueryResponse, entity);

const rowsOf = (response: WireObject, entity: string): VendorRecord[] => {
  const rows = response[entity] ?? [];
  if (!Array.isArray(rows)) throw new UnreadableWire(entity, 'a list');
  return rows.map((row) => asRecord(row, entity));
};

/** What changed, by entity, and the vendor's time of the answer. */
export const changedRows = (
  wire: Wire | undefined,
  entities: readonly string[],
): {
  readonly rows: readonly { readonly entity: string; readonly row: VendorRecord }[];
  readonly time: string | undefined;
} => {
  const answer = checked<{ CDCResponse: { QueryResponse: WireObject[] }[]; time: string }>(cdcAnswer, wire, 'answer');
  const responses = answer.CDCResponse.flatMap(({ QueryResponse }) => QueryResponse);
  return {
    rows: entities.flatMap((entity) =>
      responses.flatMap((response) => rowsOf(response, entity).map((row) => ({ entity, row }))),
    ),
    time: answer.time as string | undefined,
  };
};

/** The items of a batch by their `bId`; their order means nothing. */
export const batchItems = (wire: Wire | undefined): ReadonlyMap<string, WireObject> => {
  const answer = checked<{ BatchItemResponse: WireObject[] }>(batchAnswer, wire, 'answer');
  return new Map(answer.BatchItemResponse.map((item) => [idText(item.bId), item]));
};

/** A token endpoint's answer, in the vendor's words; throws where it is none. */
export const asTokens = (body: string): z.infer<typeof tokenAnswer> => tokenAnswer.parse(JSON.parse(body));
