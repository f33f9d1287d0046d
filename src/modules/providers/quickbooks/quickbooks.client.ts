import { UnreadableWire, type Wire, type WireObject } from '../../../domain/provider/mapping/index.js';
import {
  ProviderFailureError,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderRequest,
  type Session,
} from '../../../domain/provider/index.js';
import { failureOfItem, outcomeOf } from './quickbooks.failures.js';
import { asRecord, batchItems, changedRows, queriedRows, type VendorRecord } from './quickbooks.wire.js';

/**
 * The vendor's HTTP interface (sheet 2.1, 4): paths, query statements, change data capture, batches. It speaks of the
 * vendor's entities only and knows nothing of the contract. Reads throw ProviderFailureError.
 */

export const MINOR_VERSION = '75';
export const PAGE_SIZE = 1000;
/** Items of one batch call. */
export const BATCH_SIZE = 30;
/** An answer with so many changes is cut off without saying so (sheet 4.3). */
export const CHANGES_CAP = 1000;
/** Statements longer than this are posted; how long a URL may be is not published (sheet 4.2). */
const LONGEST_GET = 3000;
/** Ids in one `in (…)`. */
export const IDS_PER_STATEMENT = 100;

/** The vendor works on a request for two minutes before it gives up (sheet 2.1); pages and batches may need them. */
export const LONG_DEADLINE_MS = 120_000;

/** The limit that batch calls draw from besides the common ones. */
export const BATCH_LIMIT = 'batch';

const JSON_HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

export const companyPath = (company: string, rest: string): string =>
  `/v3/company/${encodeURIComponent(company)}/${rest}`;

/** A POST with a JSON body, which every write is. */
export const post = (
  company: string,
  path: string,
  { query, body, label, draws, deadlineMs }: Pick<ProviderRequest, 'query' | 'body' | 'label' | 'draws' | 'deadlineMs'>,
): ProviderRequest => ({
  method: 'POST',
  path: companyPath(company, path),
  query: { ...query, minorversion: MINOR_VERSION },
  headers: JSON_HEADERS,
  body: body ?? '',
  label,
  ...(draws && { draws }),
  ...(deadlineMs && { deadlineMs }),
});

export const get = (
  company: string,
  path: string,
  label: string,
  query: Readonly<Record<string, string>> = {},
): ProviderRequest => ({
  method: 'GET',
  path: companyPath(company, path),
  query: { ...query, minorversion: MINOR_VERSION },
  headers: { accept: 'application/json' },
  label,
});

/** A value in a statement: a quote inside is escaped by a backslash and not doubled (sheet 8 point 9). */
export const quoted = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export const isIn = (property: string, values: readonly string[]): string =>
  `${property} in (${values.map(quoted).join(', ')})`;

/** A question about the records of one entity. */
export interface Query {
  readonly entity: string;
  readonly where?: readonly string[];
  readonly order?: string;
  readonly start?: number;
  readonly most?: number;
}

export const statementOf = ({ entity, where = [], order, start, most = PAGE_SIZE }: Query): string =>
  [
    `select * from ${entity}`,
    where.length > 0 ? `where ${where.join(' and ')}` : '',
    order ? `orderby ${order}` : '',
    start ? `startposition ${start}` : '',
    `maxresults ${most}`,
  ]
    .filter(Boolean)
    .join(' ');

export type Answer = { readonly rows: readonly VendorRecord[] } | { readonly failure: ProviderFailure };

export class QuickBooksClient {
  constructor(private readonly session: Session) {}

  /** One record by its id; inactive ones too. A record that is gone fails with `gone`. */
  read(entity: string, id: string): Promise<VendorRecord> {
    return this.readAt(entity, `${entity.toLowerCase()}/${encodeURIComponent(id)}`);
  }

  /** The record that a path names, such as the preferences, of which a company has one. */
  async readAt(entity: string, path: string): Promise<VendorRecord> {
    const body = await this.send(get(this.session.company, path, `read ${entity}`));
    return shaped(() => asRecord(body[entity], entity));
  }

  async query(query: Query): Promise<readonly VendorRecord[]> {
    return (await this.ask(query)).rows;
  }

  /** Rows, and the vendor's time of the answer. */
  async ask(query: Query): Promise<{ readonly rows: readonly VendorRecord[]; readonly time: string | undefined }> {
    const body = await this.send(this.queryRequest(query));
    return {
      rows: shaped(() => queriedRows(body, query.entity)),
      time: typeof body.time === 'string' ? body.time : undefined,
    };
  }

  /** Several questions in as few calls as possible; one answer for each, in order. */
  async queries(queries: readonly Query[]): Promise<readonly Answer[]> {
    if (queries.length < 2) {
      return Promise.all(queries.map((query) => answerOf(async () => ({ rows: await this.query(query) }))));
    }
    const batches = Array.from({ length: Math.ceil(queries.length / BATCH_SIZE) }, (_, index) =>
      queries.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
    );
    return (await Promise.all(batches.map((batch) => this.batch(batch)))).flat();
  }

  /** What changed since an instant, whole records and stubs of deleted ones; cut off at CHANGES_CAP without notice. */
  async changes(entities: readonly string[], since: string): Promise<ReturnType<typeof changedRows>> {
    const query = { entities: entities.join(','), changedSince: since };
    const request = get(this.session.company, 'cdc', 'changes', query);
    const body = await this.send({ ...request, deadlineMs: LONG_DEADLINE_MS });
    return shaped(() => changedRows(body, entities));
  }

  private async batch(queries: readonly Query[]): Promise<readonly Answer[]> {
    const BatchItemRequest: Wire = queries.map((query, index) => ({ bId: `${index + 1}`, Query: statementOf(query) }));
    const request = post(this.session.company, 'batch', {
      body: JSON.stringify({ BatchItemRequest }),
      label: 'batch query',
      draws: [BATCH_LIMIT],
      deadlineMs: LONG_DEADLINE_MS,
    });
    const exchange = await this.session.send(request);
    const whole = await answerOf(() => Promise.resolve({ items: shaped(() => batchItems(bodyOf(exchange))) }));
    if ('failure' in whole) return queries.map(() => whole);
    return Promise.all(
      queries.map(({ entity }, index) => {
        const item = whole.items.get(`${index + 1}`);
        const failure: ProviderFailure | undefined = item
          ? failureOfItem(item, exchange, 'read')
          : { is: 'unavailable', message: 'QuickBooks left an item of the batch unanswered' };
        return failure
          ? { failure }
          : answerOf(() => Promise.resolve({ rows: shaped(() => queriedRows(item, entity)) }));
      }),
    );
  }

  private queryRequest(query: Query): ProviderRequest {
    const statement = statementOf(query);
    const label = `query ${query.entity}`;
    if (encodeURIComponent(statement).length <= LONGEST_GET) {
      return { ...get(this.session.company, 'query', label, { query: statement }), deadlineMs: LONG_DEADLINE_MS };
    }
    return {
      ...post(this.session.company, 'query', { body: statement, label, deadlineMs: LONG_DEADLINE_MS }),
      headers: { accept: 'application/json', 'content-type': 'application/text' },
    };
  }

  private async send(request: ProviderRequest): Promise<WireObject> {
    return bodyOf(await this.session.send(request));
  }
}

const bodyOf = (exchange: ProviderExchange): WireObject => {
  const outcome = outcomeOf(exchange, 'read');
  if ('failure' in outcome) throw new ProviderFailureError(outcome.failure);
  return outcome.body;
};

/** An answer in a shape that nobody knows is a failure like others. */
export const shaped = <T>(read: () => T): T => {
  try {
    return read();
  } catch (problem) {
    if (!(problem instanceof UnreadableWire)) throw problem;
    throw new ProviderFailureError({ is: 'unreadable', message: `QuickBooks answered ${problem.message}` });
  }
};

/** A failure as a value, where other answers of the same moment must not be lost with it. */
export const answerOf = async <T extends object>(
  read: () => Promise<T>,
): Promise<T | { readonly failure: ProviderFailure }> => {
  try {
    return await read();
  } catch (problem) {
    if (!(problem instanceof ProviderFailureError)) throw problem;
    return { failure: problem.failure };
  }
};
