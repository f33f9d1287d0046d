import type { Audit } from '../../demo/audit.ts';
import { audit } from '../../demo/audit.ts';
import { eventually } from '../../demo/eventually.ts';
import { Bookkeeper, type Entry, type Portal } from '../../demo/quickbooks.ts';
import { type Content, Shop, type ShopRecord, SHOP_RECORD } from '../../demo/shop.ts';
import type { House } from './house.js';

export const TODAY = new Date().toISOString().slice(0, 10);

/** A rule by which the sandbox disturbs calls to one company (sandbox/README.md, "Control endpoints"). */
export interface Fault {
  readonly match?: {
    readonly method?: string;
    readonly operation?: string;
    readonly entity?: string;
    readonly path?: string;
  };
  readonly fault: string;
  readonly when?: 'before' | 'after';
  readonly ms?: number;
  readonly retryAfter?: number;
  readonly times?: number;
  /** How likely it strikes, 0 to 1; always if absent. */
  readonly probability?: number;
}

/**
 * One customer of the shop and the books of their company: nobody else works in either, so a test can say of all that is
 * there how it has to be.
 */
export class Company {
  constructor(
    private readonly house: House,
    readonly portal: Portal,
    readonly realm: string,
    readonly shop: Shop,
    /** The shop as one of its people sees it, who decides and sets policies. */
    readonly mara: Shop,
    readonly books: Bookkeeper,
    private readonly since: Date,
  ) {}

  /** What an order of so many hours looks like in the shop. */
  order(memo: string, quantity = '4'): Content {
    return {
      contact: { kind: 'contact', id: 'willow-lane' },
      issueDate: TODAY,
      taxMode: 'none',
      memo,
      lines: [{ id: '1', item: { kind: 'item', id: 'hours' }, quantity, unitPrice: '75.00' }],
    };
  }

  /** The shop's one customer, in the books too. */
  async welcome(): Promise<void> {
    await this.shop.push('contact', 'willow-lane', { displayName: 'Willow Lane Bakery', isCustomer: true });
    await this.shop.booksIdOf('contact', 'willow-lane');
  }

  /** An order of the shop, and its invoice in the books as the books show it. */
  async invoiced(id: string, memo = id): Promise<Entry> {
    await this.shop.push('invoice', id, this.order(memo));
    return this.invoice(await this.shop.booksIdOf('invoice', id));
  }

  invoice(booksId: string): Promise<Entry> {
    return this.books.read('Invoice', booksId);
  }

  /** All invoices that the books keep, whether Concord knows of them or not. */
  async invoices(): Promise<readonly Entry[]> {
    return (await this.portal.dump(this.realm)).entities.Invoice ?? [];
  }

  /** The shop has this memo of a record. */
  async hasMemo(id: string, memo: string): Promise<ShopRecord> {
    return eventually(`the memo "${memo}" in the shop`, async () => {
      const record = await this.shop.read('invoice', id);
      return record.content.memo === memo ? record : undefined;
    });
  }

  /** Puts a fault in the way of calls to this company; answers how to see how often it has struck. */
  async disturb(...faults: readonly Fault[]): Promise<() => Promise<number>> {
    const rules = faults.map(({ match, ...fault }) => ({ match: { ...match, realm: this.realm }, ...fault }));
    await this.portal.control('POST', '/faults', { rules });
    return async () => {
      const all = await this.portal.control<{ rules: { match: { realm?: string }; hits: number }[] }>('GET', '/faults');
      return all.rules.filter(({ match }) => match.realm === this.realm).reduce((sum, { hits }) => sum + hits, 0);
    };
  }

  async calm(): Promise<void> {
    await this.portal.control('DELETE', '/faults');
  }

  /** Somebody else at work in the books, with a consent of their own. */
  bookkeeper(): Bookkeeper {
    return new Bookkeeper(this.portal, this.realm);
  }

  /** Nothing is under way, nobody is asked anything, and everything is as both sides say. */
  async agrees(): Promise<void> {
    await this.idle();
    await eventually('nobody to be asked', () => this.shop.quiet());
    await this.isWhole();
  }

  /** Nothing is to be compared any more. What waits for its time is given it: echoes are looked at twenty seconds later. */
  async idle(withinMs = 60_000): Promise<void> {
    await eventually(
      'all records to be compared',
      async () => {
        await this.house.hurry(this.shop.connection);
        const { connection } = await this.shop.concord.ask<{ connection: { counts: { pending: number } } }>(
          'query ($id: ID!) { connection(id: $id) { counts { pending } } }',
          { id: this.shop.connection },
        );
        return connection.counts.pending === 0 || undefined;
      },
      100,
      withinMs,
    );
  }

  /** Nothing is lost, nothing is there twice, and both sides show the same, by an audit that trusts neither. */
  async isWhole(except: Partial<Audit> = {}): Promise<void> {
    const { drift, duplicates } = await audit(this.shop.concord, this.portal, this.realm, this.since);
    expect({ drift, duplicates }).toEqual({ drift: [], duplicates: [], ...except });
    const records = await this.shop.concord.all<ShopRecord>('records', '', SHOP_RECORD);
    const known = records.filter(({ kind, existence }) => kind === 'invoice' && existence !== 'deleted');
    const there = known.flatMap(({ books }) => books.flatMap(({ id }) => id ?? []));
    expect((await this.invoices()).map(({ Id }) => Id).sort()).toEqual(there.sort());
  }
}
