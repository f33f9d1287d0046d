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
 * The shapes in which this vendor answers (sheet 1.4, 2.2, 2.5): strict about the members that are used, silent about all
 * others. What the fields of a record must be is said by the tables in `mapping/`.
 */

/** Parses an answer's body; undefined where it is no JSON at all. */
export const parsed = (body: string): Wire | undefined => {
  try {
    return parseWire(body);
  } catch {
    return undefined;
  }
};

export const textIn = (from: Wire | undefined, path: string): string | undefined => {
  const wire = wireAt(from, path);
  return typeof wire === 'string' && wire !== '' ? wire : undefined;
};

/** One entry of `errors`. */
export interface GraphqlError {
  readonly code: string;
  readonly message: string;
  /** From the root field down; empty where the document as a whole failed. */
  readonly path: readonly string[];
  /** What the vendor's support asks for. */
  readonly id: string | undefined;
}

export const errorsIn = (body: Wire | undefined): readonly GraphqlError[] => {
  const errors = wireAt(body, 'errors');
  if (!Array.isArray(errors)) return [];
  return errors.filter(isWireObject).map((error) => ({
    code: textIn(error, 'extensions.code') ?? '',
    message: textIn(error, 'message') ?? 'Wave gave no reason',
    path: Array.isArray(error.path) ? error.path.map(step) : [],
    id: textIn(error, 'extensions.id'),
  }));
};

const step = (wire: Wire): string => (typeof wire === 'string' ? wire : isWireNumber(wire) ? wire.rawJSON : '');

/** What a mutation says is wrong with its input. */
export interface InputError {
  readonly path: readonly string[];
  readonly message: string;
  readonly code: string;
}

export const inputErrorsIn = (payload: WireObject): readonly InputError[] =>
  (Array.isArray(payload.inputErrors) ? payload.inputErrors.filter(isWireObject) : []).map((error) => ({
    path: Array.isArray(error.path) ? error.path.map(step) : [],
    message: textIn(error, 'message') ?? 'Wave gave no reason',
    code: textIn(error, 'code') ?? '',
  }));

/** A record as the vendor sends it. */
export interface VendorRecord extends WireObject {
  id: string;
}

export const asRecord = (wire: Wire | undefined, what: string): VendorRecord => {
  if (!isWireObject(wire)) throw new UnreadableWire(what, 'a record');
  if (typeof wire.id !== 'string' || wire.id === '') throw new UnreadableWire(`${what}.id`, 'an id');
  return wire as VendorRecord;
};

/** One page of a list. */
export interface Page {
  readonly rows: readonly VendorRecord[];
  readonly totalPages: number;
  readonly totalCount: number;
}

/** Throws UnreadableWire where it is no page: a list that cannot be read is never taken for an empty one. */
export const pageIn = (wire: Wire | undefined, what: string): Page => {
  const edges = wireAt(wire, 'edges');
  if (!Array.isArray(edges)) throw new UnreadableWire(what, 'a page');
  return {
    rows: edges.map((edge) => asRecord(wireAt(edge, 'node'), what)),
    totalPages: countIn(wire, 'pageInfo.totalPages', what),
    totalCount: countIn(wire, 'pageInfo.totalCount', what),
  };
};

export const countIn = (wire: Wire | undefined, path: string, what: string): number => {
  const count = wireAt(wire, path);
  if (!isWireNumber(count) || !/^\d{1,9}$/.test(count.rawJSON)) throw new UnreadableWire(`${what}.${path}`, 'a count');
  return Number(count.rawJSON);
};

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.number().positive(),
});

/** A token endpoint's answer, in the vendor's words; throws where it is none. */
export const asTokens = (body: string): z.infer<typeof tokenAnswer> => tokenAnswer.parse(JSON.parse(body));
