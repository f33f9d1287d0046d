import { UnreadableWire, type WireObject } from '../../../domain/provider/mapping/index.js';
import {
  ProviderFailureError,
  type ProviderFailure,
  type ProviderRequest,
  type Session,
} from '../../../domain/provider/index.js';
import { outcomeOf } from './xero.failures.js';
import { instantOf, paginationIn, rowsIn } from './xero.wire.js';

/**
 * The vendor's HTTP interface (sheet 2.1, 4): paths, headers, pages, changes since a time. It speaks of the vendor's
 * resources only and knows nothing of the contract. Reads throw ProviderFailureError.
 */

const API = '/api.xro/2.0';
/** The largest page (sheet 4.1). */
export const PAGE_SIZE = 1000;
/** Ids in one request, which go into its URL (sheet 4.4). */
export const IDS_PER_CALL = 40;
/** Elements of one write; more are allowed and not advised (sheet 5). */
export const BATCH_SIZE = 50;

/** Prices have four places only if both sides say so; otherwise the vendor cuts them to two (sheet 2.3). */
const FOUR_PLACES = { unitdp: '4' };

/** Without Accept the answer is XML (sheet 2.1). */
const headersFor = (company: string): Record<string, string> => ({
  accept: 'application/json',
  'xero-tenant-id': company,
  'user-agent': 'Concord',
});

const pathOf = (parts: readonly string[]): string => [API, ...parts.map(encodeURIComponent)].join('/');

export interface Asked {
  readonly query?: Readonly<Record<string, string>>;
  /** Only what was modified since, to the second. */
  readonly since?: Date;
  readonly label?: string;
}

export const get = (
  company: string,
  parts: readonly string[],
  { query, since, label }: Asked = {},
): ProviderRequest => ({
  method: 'GET',
  path: pathOf(parts),
  query: { ...FOUR_PLACES, ...query },
  headers: { ...headersFor(company), ...(since && { 'if-modified-since': since.toISOString().slice(0, 19) }) },
  label: label ?? `read ${parts[0]}`,
});

export interface Sent {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly parts: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly label: string;
}

export const send = (company: string, { method, parts, query, body, label }: Sent, key: string): ProviderRequest => ({
  method,
  path: pathOf(parts),
  query: { ...FOUR_PLACES, ...query },
  headers: {
    ...headersFor(company),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    // Ignored on DELETE (sheet 5).
    ...(method !== 'DELETE' && { 'idempotency-key': key }),
  },
  ...(body !== undefined && { body }),
  label,
});

export interface Page {
  readonly rows: readonly WireObject[];
  /** Present where the answer is one page of several. */
  readonly pagination: ReturnType<typeof paginationIn>;
  /** The vendor's time of the answer, in UTC ISO 8601. */
  readonly time: string | undefined;
}

export class XeroClient {
  constructor(readonly session: Pick<Session, 'company' | 'send' | 'now'>) {}

  /** One record by its id, with all its details; fails with `gone` where there is none. */
  async read(resource: string, id: string): Promise<WireObject> {
    const { rows } = await this.list([resource, id], resource, { label: `read ${resource}` });
    const [row] = rows;
    if (!row) throw new ProviderFailureError({ is: 'unreadable', message: `Xero answered without ${resource}` });
    return row;
  }

  /** The records at a path; `collection` is what the envelope calls them. */
  async list(parts: readonly string[], collection = parts[0]!, asked: Asked = {}): Promise<Page> {
    const request = get(this.session.company, parts, { label: `list ${collection}`, ...asked });
    const outcome = outcomeOf(await this.session.send(request), 'read');
    if ('failure' in outcome) throw new ProviderFailureError(outcome.failure);
    const { body } = outcome;
    // An answer that nothing was modified has no body.
    if (asked.since && Object.keys(body).length === 0) return { rows: [], pagination: undefined, time: undefined };
    return shaped(() => ({
      rows: rowsIn(body, collection),
      pagination: paginationIn(body),
      time: instantOf(body.DateTimeUTC),
    }));
  }
}

/** An answer in a shape that nobody knows is a failure like others. */
export const shaped = <T>(read: () => T): T => {
  try {
    return read();
  } catch (problem) {
    if (!(problem instanceof UnreadableWire)) throw problem;
    throw new ProviderFailureError({ is: 'unreadable', message: `Xero answered ${problem.message}` });
  }
};

/** A failure as a value, where other answers of the same moment must not be lost with it. */
export const attempted = async <T extends object>(
  read: () => Promise<T>,
): Promise<T | { readonly failure: ProviderFailure }> => {
  try {
    return await read();
  } catch (problem) {
    if (!(problem instanceof ProviderFailureError)) throw problem;
    return { failure: problem.failure };
  }
};

/** A few at once: five calls of a tenant may be under way, and other workers make some of them (sheet 7). */
export const inTurns = async <T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    results.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
};

const AT_ONCE = 3;

export const chunksOf = <T>(all: readonly T[], size: number): (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));

/** A text in a filter; how quotes and backslashes inside would be said is not told, so none may be there. */
export const isPlain = (text: string): boolean => !/["\\]/.test(text);
