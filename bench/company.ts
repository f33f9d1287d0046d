import { Bookkeeper, type Entry, type Portal } from '../demo/quickbooks.ts';
import type { Shop } from '../demo/shop.ts';
import type { ChangeEvent } from './webhooks.ts';

/** Items of one of the vendor's batches. */
const BATCH = 30;
const today = new Date().toISOString().slice(0, 10);

/** One company of the sandbox: a shop connected to it, somebody at work in its books, and the invoices that stand there. */
export class Company {
  readonly realm: string;
  readonly shop: Shop;
  readonly invoices: Entry[] = [];
  /** Calls to QuickBooks that were made here and not by Concord. */
  calls = 0;
  private readonly portal: Portal;
  private readonly books: Bookkeeper;
  private readonly customer: string;
  private readonly item: string;
  private turn = 0;

  private constructor(portal: Portal, realm: string, shop: Shop, books: Bookkeeper, customer: string, item: string) {
    this.portal = portal;
    this.realm = realm;
    this.shop = shop;
    this.books = books;
    this.customer = customer;
    this.item = item;
  }

  /** One after the other: consent without asking is for one company at a time. */
  static async open(portal: Portal, realm: string, shop: Shop): Promise<Company> {
    const books = new Bookkeeper(portal, realm);
    const customer = await books.create('Customer', { DisplayName: `Customer of ${realm}` });
    // One of the two items that QuickBooks gives every new company.
    const [item] = await books.find('Item', "Name = 'Hours'");
    return new Company(portal, realm, shop, books, customer.Id, item!.Id);
  }

  /** Enters invoices of one line for one customer, as somebody would; not counted as calls. */
  async enter(count: number): Promise<ChangeEvent[]> {
    const line = {
      DetailType: 'SalesItemLineDetail',
      Amount: 150,
      Description: 'Work',
      SalesItemLineDetail: { ItemRef: { value: this.item }, Qty: 2, UnitPrice: 75 },
    };
    const invoice = { CustomerRef: { value: this.customer }, TxnDate: today, PrivateNote: 'as entered', Line: [line] };
    const at = new Date().toISOString();
    const ids = await this.bulk('Invoice', new Array(count).fill(invoice));
    this.invoices.push(...ids.map((Id) => ({ Id, SyncToken: '0' })));
    return ids.map((id) => ({ realm: this.realm, entity: 'Invoice', id, operation: 'Create', at }));
  }

  /** The next so many invoices, each in its turn. */
  next(count: number): Entry[] {
    return Array.from({ length: count }, () => this.invoices[this.turn++ % this.invoices.length]!);
  }

  /** Changes the memo of these invoices in the books; returns what QuickBooks would tell of it. */
  async edit(invoices: readonly Entry[], memo: string): Promise<ChangeEvent[]> {
    const events: ChangeEvent[] = [];
    for (let from = 0; from < invoices.length; from += BATCH) {
      for (const entry of await this.update(invoices.slice(from, from + BATCH), memo)) {
        const known = this.invoices.find(({ Id }) => Id === entry.Id)!;
        known.SyncToken = entry.SyncToken;
        const { LastUpdatedTime } = entry.MetaData as { LastUpdatedTime: string };
        events.push({ realm: this.realm, entity: 'Invoice', id: entry.Id, operation: 'Update', at: LastUpdatedTime });
      }
    }
    return events;
  }

  async read({ Id }: Pick<Entry, 'Id'>): Promise<Entry> {
    this.calls += 1;
    return this.books.read('Invoice', Id);
  }

  private async update(invoices: readonly Entry[], memo: string): Promise<Entry[]> {
    const changes = invoices.map(({ Id, SyncToken }) => ({ Id, SyncToken, sparse: true, PrivateNote: memo }));
    this.calls += 1;
    if (changes.length === 1) return [(await this.books.call('POST', 'invoice', changes[0])).Invoice as Entry];
    const { BatchItemResponse } = (await this.books.call('POST', 'batch', {
      BatchItemRequest: changes.map((Invoice, index) => ({ bId: String(index), operation: 'update', Invoice })),
    })) as { BatchItemResponse: { Invoice?: Entry; Fault?: object }[] };
    return BatchItemResponse.map(({ Invoice, Fault }) => {
      if (!Invoice) throw new Error(`an edit was refused: ${JSON.stringify(Fault)}`);
      return Invoice;
    });
  }

  private async bulk(entity: string, objects: object[]): Promise<string[]> {
    const { created, failed } = await this.portal.control<{ created: string[]; failed: object[] }>('POST', '/bulk', {
      ...{ realm: this.realm, entity, objects },
    });
    if (failed.length > 0) throw new Error(`not entered: ${JSON.stringify(failed[0])}`);
    return created;
  }
}
