import { KIND_NAMES, type Existence, type KindName, type Ref } from '../../../src/domain/contract/index.js';
import type { Accountant, Entry } from '../../contract/provider/trial.js';
import { BooksRefusal, type Json, type Resource, type State, type Stored, type ToyBooks } from '../stand-in/books.js';
import type { ToyTraits } from '../traits.js';

const RESOURCE_OF: Readonly<Partial<Record<KindName, Resource>>> = {
  account: 'accounts',
  contact: 'contacts',
  invoice: 'documents',
  bill: 'documents',
  credit_note: 'credits',
  payment: 'receipts',
  expense: 'spendings',
};

const TYPE_OF: Readonly<Partial<Record<KindName, string>>> = { invoice: 'sale', bill: 'purchase' };

const EXISTENCE: Readonly<Record<State, Existence>> = {
  on: 'present',
  off: 'archived',
  void: 'voided',
  deleted: 'deleted',
};

/** Somebody who works in the toy books of one company at their own desk. */
export class ToyAccountant implements Accountant {
  readonly enters: readonly KindName[];
  private counter = 0;

  constructor(
    private readonly books: ToyBooks,
    private readonly traits: ToyTraits,
  ) {
    this.enters = KIND_NAMES.filter(
      (kind) => RESOURCE_OF[kind] !== undefined || (kind === 'payment_term' && traits.derivesTerms),
    );
  }

  enter(kind: KindName): Promise<string> {
    const number = ++this.counter;
    if (kind === 'payment_term') {
      const days = 100 + number;
      this.books.create('contacts', { name: `Term of ${days}`, customer: true, days });
      return Promise.resolve(`days-${days}`);
    }
    return Promise.resolve(this.books.create(RESOURCE_OF[kind]!, this.bodyOf(kind, number)).id);
  }

  edit({ kind, id }: Ref): Promise<boolean> {
    const words = `edited ${++this.counter}`;
    if (kind === 'company') {
      this.books.name = words;
      return Promise.resolve(true);
    }
    if (kind === 'payment_term' || kind === 'expense' || (kind === 'payment' && this.traits.replaces)) {
      return Promise.resolve(false);
    }
    const change = kind === 'account' ? { name: words } : { note: words };
    return this.tried(() => this.books.change(RESOURCE_OF[kind]!, id, change));
  }

  end({ kind, id }: Ref, existence: 'archived' | 'voided' | 'deleted'): Promise<boolean> {
    const ends: Readonly<Partial<Record<KindName, Readonly<Record<string, State>>>>> = {
      contact: { archived: 'off' },
      invoice: { voided: 'void', deleted: 'deleted' },
      bill: { deleted: 'deleted' },
      credit_note: { deleted: 'deleted' },
      payment: { deleted: 'deleted' },
    };
    const state = ends[kind]?.[existence];
    if (state === undefined) return Promise.resolve(false);
    return this.tried(() => this.books.end(RESOURCE_OF[kind]!, id, state));
  }

  all(kind: KindName): Promise<Entry[]> {
    if (kind === 'company') {
      const { id, name } = this.books;
      return Promise.resolve([{ id, existence: 'present', version: name, record: name }]);
    }
    if (kind === 'payment_term') {
      const days = new Set(this.books.all('contacts').map(({ body }) => body.days));
      return Promise.resolve(
        [...days]
          .filter((one) => one !== undefined)
          .map((one) => ({ id: `days-${String(one)}`, existence: 'present', version: '1', record: one })),
      );
    }
    return Promise.resolve(
      this.books
        .all(RESOURCE_OF[kind]!)
        .filter(({ body, state }) => (TYPE_OF[kind] ?? body.type) === body.type && state !== 'deleted')
        .map(entryOf),
    );
  }

  addUnknown({ kind, id }: Ref): Promise<boolean> {
    if (kind === 'payment' && this.traits.replaces) return Promise.resolve(false);
    const { body } = this.books.find(RESOURCE_OF[kind]!, id)!;
    const lines = (body.lines as Json[] | undefined)?.map((line) => ({ ...line, colour: 'green' }));
    this.books.change(RESOURCE_OF[kind]!, id, { shelf: { row: 3 }, colour: 'red', ...(lines && { lines }) });
    return Promise.resolve(true);
  }

  unknownOf({ kind, id }: Ref): Promise<unknown> {
    const { shelf, colour, lines } = this.books.find(RESOURCE_OF[kind]!, id)!.body;
    return Promise.resolve({
      ...{ shelf, colour },
      lines: (lines as Json[] | undefined)?.map((line) => [line.key, line.colour]),
    });
  }

  /** A sale of 1000 that nothing settles yet. */
  enterOpen(party: string): string {
    return this.books.create('documents', { ...this.bodyOf('invoice', ++this.counter), party }).id;
  }

  /** A contact that everything is entered for. */
  party(): string {
    const [first] = this.books.all('contacts').filter(({ state }) => state === 'on');
    return first?.id ?? this.books.create('contacts', { name: 'Everybody', customer: true, vendor: true }).id;
  }

  private bodyOf(kind: KindName, number: number): Json {
    if (kind === 'contact') return { name: `Entered ${number}`, customer: true };
    if (kind === 'account') return { name: `Entered ${number}`, type: 'expense' };
    const common = { party: this.party(), date: '2026-02-03' };
    if (kind === 'payment') return { ...common, amount: '100' };
    const type = TYPE_OF[kind];
    return { ...common, ...(type && { type }), lines: [{ text: 'Work', amount: '1000' }] };
  }

  private tried(work: () => Stored): Promise<boolean> {
    try {
      work();
      return Promise.resolve(true);
    } catch (error) {
      if (error instanceof BooksRefusal) return Promise.resolve(false);
      throw error;
    }
  }
}

const entryOf = ({ id, rev, state, body }: Stored): Entry => ({
  id,
  existence: EXISTENCE[state],
  version: `${rev}`,
  record: { state, body },
});
