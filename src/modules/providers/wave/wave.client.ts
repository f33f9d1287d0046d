import {
  isWireObject,
  printWire,
  UnreadableWire,
  wireNumber,
  type Wire,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';
import {
  ProviderFailureError,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderRequest,
  type Session,
} from '../../../domain/provider/index.js';
import type { Document } from './wave.documents.js';
import { failureOfError, noAccess, outcomeOf } from './wave.failures.js';
import { pageIn, type GraphqlError, type Page } from './wave.wire.js';

/**
 * The vendor's one endpoint (sheet 2.1, 2.5). It speaks of the vendor's records only and knows nothing of the contract.
 * Reads throw ProviderFailureError.
 */

/** More are refused by some; clients ask for so many at most (sheet 2.5). */
export const PAGE_SIZE = 100;

const PATH = '/graphql/public';

/** Values of a document's variables; a member that is undefined is left out, null clears. */
export type Variables = Readonly<Record<string, Wire>>;

/** A number among variables. */
export const count = (value: number): Wire => wireNumber(`${value}`);

export const requestOf = ({ name, text }: Document, variables: Variables, label: string): ProviderRequest => ({
  method: 'POST',
  path: PATH,
  headers: { accept: 'application/json', 'content-type': 'application/json' },
  body: printWire({ query: text, variables: { ...variables }, operationName: name }),
  label,
});

/** The business as an answer shows it, and what of it failed, by alias. */
export interface BusinessAnswer {
  readonly business: WireObject;
  failureAt(alias: string): ProviderFailure | undefined;
}

export class WaveClient {
  constructor(private readonly session: Session) {}

  get company(): string {
    return this.session.company;
  }

  now(): Date {
    return this.session.now();
  }

  /** Asks something of the business that the session is bound to. */
  async ask(document: Document, variables: Variables, label: string): Promise<BusinessAnswer> {
    const request = requestOf(document, { business: this.company, ...variables }, label);
    return businessIn(await this.session.send(request), this.company);
  }

  /** One page of what a document calls `list`. */
  async page(document: Document, variables: Variables, label: string): Promise<Page> {
    const answer = await this.ask(document, { pageSize: count(PAGE_SIZE), ...variables }, label);
    const failure = answer.failureAt('list');
    if (failure) throw new ProviderFailureError(failure);
    return shaped(() => pageIn(answer.business.list, document.name));
  }

  /** All pages of a list that has no order; begun anew where it changed while it was read. */
  async wholeList(document: Document, variables: Variables, label: string): Promise<Page['rows']> {
    for (let attempt = 0; ; attempt++) {
      const rows = new Map<string, Page['rows'][number]>();
      const first = await this.page(document, { ...variables, page: count(1) }, label);
      let whole = true;
      for (const row of first.rows) rows.set(row.id, row);
      for (let at = 2; at <= first.totalPages && whole; at++) {
        const next = await this.page(document, { ...variables, page: count(at) }, label);
        for (const row of next.rows) rows.set(row.id, row);
        whole = next.totalCount === first.totalCount;
      }
      if (whole || attempt === 2) return [...rows.values()];
    }
  }
}

/** The business in an answer; one that is not shown, or is another one, says nothing about the records in it. */
export const businessIn = (exchange: ProviderExchange, company: string): BusinessAnswer => {
  const outcome = outcomeOf(exchange, 'read');
  if ('failure' in outcome) throw new ProviderFailureError(withoutGone(outcome.failure));
  const { business } = outcome.data;
  if (!isWireObject(business)) {
    const error = outcome.errors.find(({ path }) => path.length === 0 || path[0] === 'business');
    throw new ProviderFailureError(error ? withoutGone(failureOfError(error, 'read')) : noAccess());
  }
  if (business.id !== company) {
    throw new ProviderFailureError({ is: 'unreadable', message: 'Wave answered about another business' });
  }
  return { business, failureAt: (alias) => failureAt(outcome.errors, alias) };
};

/** What is not found here is the business. */
const withoutGone = (failure: ProviderFailure): ProviderFailure =>
  failure.is === 'gone' ? noAccess(failure.message) : failure;

const failureAt = (errors: readonly GraphqlError[], alias: string): ProviderFailure | undefined => {
  const error = errors.find(({ path }) => path.length < 2 || path[1] === alias);
  return error && failureOfError(error, 'read');
};

/** An answer in a shape that nobody knows is a failure like others. */
export const shaped = <T>(read: () => T): T => {
  try {
    return read();
  } catch (problem) {
    if (!(problem instanceof UnreadableWire)) throw problem;
    throw new ProviderFailureError({ is: 'unreadable', message: `Wave answered ${problem.message}` });
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
