import { Decimal } from 'decimal.js';
import type { ToyTraits } from '../traits.js';

/** What the vendor keeps, by the names in its paths. */
export const RESOURCES = ['accounts', 'contacts', 'documents', 'credits', 'receipts', 'spendings'] as const;
export type Resource = (typeof RESOURCES)[number];

export type Json = Readonly<Record<string, unknown>>;
export type State = 'on' | 'off' | 'void' | 'deleted';

/** A record as it is kept; `body` is all that a caller ever said of it. */
export interface Stored {
  readonly resource: Resource;
  readonly id: string;
  readonly rev: number;
  readonly state: State;
  readonly body: Json;
  /** Given by whoever made it; nobody is shown it. */
  readonly mark: string | undefined;
  readonly created: number;
  readonly modified: number;
}

export interface ChangeEvent {
  readonly seq: number;
  readonly resource: Resource;
  readonly id: string;
  readonly at: number;
}

/** The books refuse, in words. */
export class BooksRefusal extends Error {
  constructor(
    readonly code: 'invalid' | 'stale' | 'taken' | 'gone',
    words: string,
    readonly more: { readonly field?: string; readonly ids?: readonly string[] } = {},
  ) {
    super(words);
  }
}

interface Part {
  readonly document?: string;
  readonly amount?: string;
}

interface Line {
  readonly key?: string;
  readonly qty?: string;
  readonly price?: string;
  readonly amount?: string;
  readonly [member: string]: unknown;
}

/** The books of one company with the vendor's rules. Amounts are decimal texts, as they are on the wire. */
export class ToyBooks {
  private readonly records = new Map<string, Stored>();
  private counter = 0;
  private seq = 0;
  /** Everything that happened to a record, in order. */
  readonly events: ChangeEvent[] = [];

  constructor(
    readonly id: string,
    public name: string,
    readonly currency: string,
    private readonly traits: ToyTraits,
    private readonly now: () => number,
  ) {
    for (const [account, type] of [
      ['Checking', 'bank'],
      ['Sales', 'income'],
      ['Office', 'expense'],
    ]) {
      this.create('accounts', { name: account, type });
    }
  }

  all(resource: Resource): Stored[] {
    return [...this.records.values()].filter((record) => record.resource === resource);
  }

  find(resource: Resource, id: string): Stored | undefined {
    return this.records.get(keyOf(resource, id));
  }

  /** What the vendor shows of a record: what was said, and what follows from it. */
  shown(record: Stored): Json {
    const { resource, id, rev, state, body, created, modified } = record;
    if (state === 'deleted') return { id, rev, state, modified: instant(modified) };
    const head = { id, rev, state, created: instant(created), modified: instant(modified) };
    const total = totalOf(body);
    switch (resource) {
      case 'documents':
        return { ...head, ...body, total, balance: this.openOf(record) };
      case 'credits':
        return { ...head, ...body, total, remaining: less(total, appliedIn(body)) };
      case 'receipts':
        return { ...head, ...body, unapplied: less(String(body.amount), appliedIn(body)) };
      case 'spendings':
        return { ...head, ...body, total };
      case 'accounts':
      case 'contacts':
        return { ...head, ...body };
    }
  }

  create(resource: Resource, { mark, ...said }: Json): Stored {
    if (resource === 'credits' && this.traits.severalCalls && (said.applied ?? undefined) !== undefined) {
      throw new BooksRefusal('invalid', 'A credit is applied after it is made', { field: 'applied' });
    }
    const body = this.settled(resource, said, undefined);
    this.check(resource, body, undefined);
    return this.put(resource, `${++this.counter}`, undefined, body, 'on', typeof mark === 'string' ? mark : undefined);
  }

  change(resource: Resource, id: string, said: Json, rev?: string): Stored {
    const before = this.live(resource, id, rev);
    if (resource === 'receipts' && this.traits.replaces) {
      throw new BooksRefusal('invalid', 'Receipts are never changed');
    }
    if (resource === 'credits' && this.traits.severalCalls && 'applied' in said) {
      throw new BooksRefusal('invalid', 'A credit is applied by a request of its own', { field: 'applied' });
    }
    const body = this.settled(resource, { ...before.body, ...said }, before);
    this.check(resource, body, before);
    return this.put(resource, id, before, body, before.state, before.mark);
  }

  apply(id: string, said: Json, rev?: string): Stored {
    const before = this.live('credits', id, rev);
    const body = this.settled('credits', { ...before.body, applied: said.applied ?? null }, before);
    this.check('credits', body, before);
    return this.put('credits', id, before, body, before.state, before.mark);
  }

  end(resource: Resource, id: string, state: State, rev?: string): Stored {
    const before = this.live(resource, id, rev);
    const named = state === 'void' || state === 'deleted' ? this.settledBy(id) : [];
    if (resource === 'documents' && named.length > 0) {
      throw new BooksRefusal('invalid', 'The document is settled by others', { ids: named.map((one) => one.id) });
    }
    return this.put(resource, id, before, before.body, state, before.mark);
  }

  private live(resource: Resource, id: string, rev: string | undefined): Stored {
    const record = this.find(resource, id);
    if (!record || record.state === 'deleted') throw new BooksRefusal('gone', `There is no such record in ${resource}`);
    if (!this.traits.unguarded && rev !== undefined && rev !== `${record.rev}`) {
      throw new BooksRefusal('stale', 'Somebody else has changed the record');
    }
    return record;
  }

  /** What this vendor makes of what it is told; the same again changes nothing more. */
  private settled(resource: Resource, said: Json, before: Stored | undefined): Json {
    const body: Record<string, unknown> = Object.fromEntries(
      Object.entries(said)
        .map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value])
        .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)),
    );
    if (resource === 'documents') {
      body.due ??= body.date;
      if (body.type === 'sale') body.number ??= before?.body.number ?? `S-${this.counter + 1}`;
    }
    if (Array.isArray(body.lines)) body.lines = withKeys(body.lines as Line[]).map(withAmount);
    return body;
  }

  private check(resource: Resource, body: Json, before: Stored | undefined): void {
    if (resource === 'accounts') return;
    if (resource === 'contacts') return this.checkName(body, before);
    const party = typeof body.party === 'string' ? this.find('contacts', body.party) : undefined;
    if (!party && resource !== 'spendings')
      throw new BooksRefusal('invalid', 'The party is not known', { field: 'party' });
    if (party?.state === 'off' && party.id !== before?.body.party) {
      throw new BooksRefusal('invalid', 'The party is switched off', { field: 'party' });
    }
    if (typeof body.date !== 'string') throw new BooksRefusal('invalid', 'A date is needed', { field: 'date' });
    if (resource !== 'receipts' && !Array.isArray(body.lines)) {
      throw new BooksRefusal('invalid', 'There are no lines', { field: 'lines' });
    }
    if (resource === 'receipts' || resource === 'credits') this.checkParts(resource, body, before);
  }

  private checkName(body: Json, before: Stored | undefined): void {
    const name = String(body.name ?? '').toLowerCase();
    if (name === '') throw new BooksRefusal('invalid', 'A name is needed', { field: 'name' });
    const holders = this.all('contacts').filter(
      (one) => one.id !== before?.id && one.state !== 'deleted' && String(one.body.name).toLowerCase() === name,
    );
    if (holders.length > 0) {
      throw new BooksRefusal('taken', 'The name is taken', { field: 'name', ids: holders.map(({ id }) => id) });
    }
  }

  private checkParts(resource: Resource, body: Json, before: Stored | undefined): void {
    const whole = resource === 'receipts' ? String(body.amount ?? '') : totalOf(body);
    if (whole === '') throw new BooksRefusal('invalid', 'An amount is needed', { field: 'amount' });
    const wrong = (words: string): never => {
      throw new BooksRefusal('invalid', words, { field: 'applied' });
    };
    if (new Decimal(appliedIn(body)).greaterThan(whole)) wrong('More is applied than there is');
    for (const { document = '', amount = '0' } of partsOf(body)) {
      const settled = this.find('documents', document);
      if (settled?.state !== 'on' || settled.body.type !== 'sale') return wrong('Only open sales can be settled');
      if (settled.body.party !== body.party) return wrong('The document is somebody else’s');
      const own = partsOf(before?.body ?? {})
        .filter((one) => one.document === document && before?.state === 'on')
        .reduce((sum, one) => sum.plus(one.amount ?? '0'), new Decimal(0));
      if (new Decimal(amount).greaterThan(own.plus(this.openOf(settled)))) wrong('More is applied than is open');
    }
  }

  private openOf({ id, body }: Stored): string {
    return this.settledBy(id)
      .flatMap((one) => partsOf(one.body))
      .filter(({ document }) => document === id)
      .reduce((open, { amount = '0' }) => open.minus(amount), new Decimal(totalOf(body)))
      .toFixed();
  }

  private settledBy(document: string): Stored[] {
    return [...this.all('receipts'), ...this.all('credits')].filter(
      ({ state, body }) => state === 'on' && partsOf(body).some((part) => part.document === document),
    );
  }

  private put(
    resource: Resource,
    id: string,
    before: Stored | undefined,
    body: Json,
    state: State,
    mark: string | undefined,
  ): Stored {
    if (before && before.state === state && JSON.stringify(before.body) === JSON.stringify(body)) return before;
    const modified = this.now();
    const record: Stored = {
      ...{ resource, id, body, state, mark, modified },
      rev: (before?.rev ?? 0) + 1,
      created: before?.created ?? modified,
    };
    this.records.set(keyOf(resource, id), record);
    this.tell(record);
    const settled = [...partsOf(before?.body ?? {}), ...partsOf(body)].map(({ document }) => document);
    for (const document of new Set(settled)) this.touch(document);
    return record;
  }

  /** What settles a document changes what is open of it. */
  private touch(id: string | undefined): void {
    const record = id === undefined ? undefined : this.find('documents', id);
    if (!record) return;
    const touched = { ...record, rev: record.rev + 1, modified: this.now() };
    this.records.set(keyOf('documents', record.id), touched);
    this.tell(touched);
  }

  private tell({ resource, id, modified }: Stored): void {
    this.events.push({ seq: ++this.seq, resource, id, at: modified });
  }
}

const keyOf = (resource: Resource, id: string): string => `${resource}/${id}`;

const instant = (at: number): string => new Date(at).toISOString();

const partsOf = ({ applied }: Json): readonly Part[] => (Array.isArray(applied) ? (applied as Part[]) : []);

const appliedIn = (body: Json): string =>
  partsOf(body)
    .reduce((sum, { amount = '0' }) => sum.plus(amount), new Decimal(0))
    .toFixed();

const less = (whole: string, part: string): string => new Decimal(whole).minus(part).toFixed();

const totalOf = ({ lines }: Json): string =>
  (Array.isArray(lines) ? (lines as Line[]) : [])
    .reduce((sum, { amount = '0' }) => sum.plus(amount), new Decimal(0))
    .toFixed();

/** Lines that are known keep their keys; new ones get the next. */
const withKeys = (lines: readonly Line[]): Line[] => {
  let last = Math.max(0, ...lines.map(({ key }) => Number(/^k(\d+)$/.exec(key ?? '')?.[1] ?? 0)));
  return lines.map((line) => (line.key === undefined ? { key: `k${++last}`, ...line } : line));
};

const withAmount = (line: Line): Line =>
  line.amount !== undefined || line.price === undefined
    ? line
    : {
        ...line,
        amount: new Decimal(line.price)
          .times(line.qty ?? '1')
          .toDecimalPlaces(2)
          .toFixed(),
      };
