import { printWire, type WireObject } from '../../../src/domain/provider/mapping/index.js';
import { ProviderFailureError, type ProviderRequest, type Session } from '../../../src/domain/provider/index.js';
import { outcomeOf, unclear } from './toy.failures.js';
import { rowsIn, textIn } from './toy.wire.js';

export interface Rows {
  readonly rows: readonly WireObject[];
  readonly next: string | undefined;
  readonly asOf: string;
}

export const pathOf = (company: string, ...steps: readonly string[]): string =>
  ['', 'companies', company, ...steps].map(encodeURIComponent).join('/');

export const requestTo = (
  method: ProviderRequest['method'],
  path: string,
  label: string,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly body?: WireObject } = {},
): ProviderRequest => ({
  method,
  path,
  label,
  ...(more.headers && { headers: more.headers }),
  ...(more.body && { body: printWire(more.body) }),
});

/** The toy's paths and pages; reads throw ProviderFailureError. */
export class ToyClient {
  constructor(private readonly session: Session) {}

  async get(steps: readonly string[], query: Readonly<Record<string, string>>, label: string): Promise<WireObject> {
    const request = requestTo('GET', pathOf(this.session.company, ...steps), label);
    const outcome = outcomeOf(await this.session.send({ ...request, query }), 'read');
    if ('failure' in outcome) throw new ProviderFailureError(outcome.failure);
    return outcome.body;
  }

  async rows(resource: string, query: Readonly<Record<string, string>>, label = `list ${resource}`): Promise<Rows> {
    const body = await this.get([resource], query, label);
    const rows = rowsIn(body, 'rows');
    const asOf = textIn(body, 'asOf');
    if (!rows || asOf === undefined) throw new ProviderFailureError(unclear('read', 'the toy answered without rows'));
    return { rows, asOf, next: textIn(body, 'next') };
  }

  /** All pages, as of the first of them. */
  async allRows(resource: string, query: Readonly<Record<string, string>>): Promise<Omit<Rows, 'next'>> {
    const first = await this.rows(resource, query);
    const rows = [...first.rows];
    for (let next = first.next; next !== undefined;) {
      const page = await this.rows(resource, { ...query, after: next });
      rows.push(...page.rows);
      next = page.next;
    }
    return { rows, asOf: first.asOf };
  }
}
