import type { Existence, KindName, Ref } from '../../../../src/domain/contract/index.js';
import type { Accountant, Entry } from '../trial.js';
import type { TrialClock } from '../trial-clock.js';
import { accountsOf, type Scenery } from './scenery.js';
import { Refused, type Body, type WaveApi, type WaveRow } from './wave-api.js';

/** Where the stand-in keeps each kind. */
const ROWS: Readonly<Partial<Record<KindName, readonly string[]>>> = {
  account: ['Account'],
  tax_rate: ['SalesTax'],
  contact: ['Customer', 'Vendor'],
  item: ['Product'],
  quote: ['Estimate'],
  invoice: ['Invoice'],
  payment: ['InvoicePayment'],
  expense: ['Transaction'],
  journal_entry: ['Transaction'],
};

const ENTERED: readonly KindName[] = ['account', 'tax_rate', 'contact', 'item', 'quote', 'invoice', 'payment'];

/** Somebody who works in the books of one business through the vendor's API, and where it has none in its pages. */
export class WaveAccountant implements Accountant {
  readonly enters = ENTERED;
  private counter = 0;

  constructor(
    private readonly api: WaveApi,
    private readonly scenery: Scenery,
    private readonly clock: TrialClock,
  ) {}

  async enter(kind: KindName, facet?: string): Promise<string> {
    const businessId = this.api.business;
    const number = ++this.counter;
    const name = `Entered ${number}`;
    switch (kind) {
      case 'account':
        return this.api.mutate('accountCreate', { businessId, name, subtype: 'EXPENSE' }, 'account');
      case 'tax_rate':
        return this.api.mutate(
          'salesTaxCreate',
          { businessId, name, abbreviation: `E${number}`, rate: '0.035' },
          'salesTax',
        );
      case 'contact':
        return facet === 'vendor'
          ? `Vendor:${(await this.api.control<WaveRow>('POST', '/vendors', { realm: businessId, vendor: { name } })).id}`
          : `Customer:${await this.api.mutate('customerCreate', { businessId, name }, 'customer')}`;
      case 'item':
        return this.api.mutate(
          'productCreate',
          { businessId, name, unitPrice: '12.5', incomeAccountId: accountsOf(this.scenery, 'INCOME')[0] },
          'product',
        );
      case 'quote':
        return this.api.mutate('estimateCreate', { businessId, ...this.sale() }, 'estimate');
      case 'invoice':
        return this.enterInvoice('SAVED');
      case 'payment':
        return this.pay(await this.enterInvoice('SAVED'), '25');
      case 'company':
      case 'tracking_category':
      case 'payment_term':
      case 'purchase_order':
      case 'credit_note':
      case 'bill':
      case 'vendor_credit':
      case 'bill_payment':
      case 'expense':
      case 'journal_entry':
      case 'transfer':
        throw new Error(`nobody enters a ${kind} here`);
    }
  }

  /** An invoice over 100. */
  enterInvoice(status: 'DRAFT' | 'SAVED', customer = this.scenery.customers[0]!): Promise<string> {
    const input = { businessId: this.api.business, status, ...this.sale(customer.id), currency: customer.currency };
    return this.api.mutate('invoiceCreate', input, 'invoice');
  }

  async edit({ kind, id: ours }: Ref): Promise<boolean> {
    // The vendor tells versions by the time, and people take some.
    this.clock.pass(1000);
    const words = `edited ${++this.counter}`;
    const [, id] = listOf(ours);
    switch (kind) {
      case 'company':
        await this.api.control('POST', `/business/${this.api.business}`, { name: words });
        return true;
      case 'account': {
        const { sequence } = await this.api.row('Account', id);
        return this.tried(() => this.api.mutate('accountPatch', { id, sequence, description: words }));
      }
      case 'tax_rate':
        return this.tried(() => this.api.mutate('salesTaxPatch', { id, name: words }));
      case 'contact':
        if (!ours.startsWith('Vendor:'))
          return this.tried(() => this.api.mutate('customerPatch', { id, firstName: words }));
        await this.api.control('POST', '/vendors', { realm: this.api.business, id, vendor: { firstName: words } });
        return true;
      case 'item':
        return this.tried(() => this.api.mutate('productPatch', { id, description: words }));
      case 'invoice':
        return this.tried(() => this.api.mutate('invoicePatch', { id, poNumber: words }));
      case 'payment':
        return this.tried(() => this.api.mutate('invoicePaymentPatch', { id, memo: words }));
      case 'quote': {
        const shown = await this.api.estimate(id);
        return this.tried(() => this.api.mutate('estimatePatch', { ...restated(shown), id, poNumber: words }));
      }
      case 'tracking_category':
      case 'payment_term':
      case 'purchase_order':
      case 'credit_note':
      case 'bill':
      case 'vendor_credit':
      case 'bill_payment':
      case 'expense':
      case 'journal_entry':
      case 'transfer':
        return false;
    }
  }

  async end({ kind, id: ours }: Ref, existence: 'archived' | 'voided' | 'deleted'): Promise<boolean> {
    const [list, id] = listOf(ours);
    const act = ENDS[existence]?.[list === 'Vendor' ? 'vendor' : kind];
    if (list === 'Vendor') {
      if (existence !== 'archived') return false;
      await this.api.control('POST', '/vendors', { realm: this.api.business, id, vendor: { isArchived: true } });
      return true;
    }
    if (kind === 'contact' && existence === 'archived') {
      // A customer with a past is archived where others are deleted.
      await this.api.mutate('estimateCreate', { businessId: this.api.business, ...this.sale(id) });
      return this.tried(() => this.api.mutate('customerDelete', { id }));
    }
    return act !== undefined && this.tried(() => this.api.mutate(act[0], { [act[1]]: id }));
  }

  async all(kind: KindName): Promise<Entry[]> {
    const { settings, entities } = await this.api.dump();
    if (kind === 'company') {
      return [{ id: this.api.business, existence: 'present', version: '', record: settings }];
    }
    return ROWS[kind]!.flatMap((name) =>
      (entities[name] ?? []).map((row): Entry => {
        const { modifiedAt, sequence, ...record } = row;
        return {
          id: name === 'Customer' || name === 'Vendor' ? `${name}:${row.id}` : row.id,
          existence: existenceOf(row),
          version: `${String(sequence)} ${String(modifiedAt)}`,
          record,
        };
      }),
    );
  }

  async addUnknown({ kind, id: ours }: Ref): Promise<boolean> {
    const [list, id] = listOf(ours);
    const members = UNKNOWN[kind];
    if (!members || list === 'Vendor') return false;
    if (kind === 'quote') {
      await this.api.mutate('estimatePatch', { ...restated(await this.api.estimate(id)), ...members, id });
    } else if (kind === 'contact') {
      const { address } = ((await this.api.row('Customer', id)).shippingDetails ?? {}) as Body;
      const shippingDetails = { ...SHIPPING, ...(address !== null && address !== undefined && { address }) };
      await this.api.mutate('customerPatch', { id, ...members, shippingDetails });
    } else await this.api.mutate(PATCHES[kind]!, { id, ...members });
    return true;
  }

  async unknownOf({ kind, id: ours }: Ref): Promise<unknown> {
    const [, id] = listOf(ours);
    const row = await this.api.row(ROWS[kind]![0]!, id);
    const shipping = (row.shippingDetails ?? {}) as Body;
    return {
      ...Object.fromEntries(Object.keys(UNKNOWN[kind] ?? {}).map((name) => [name, row[name]])),
      ...(kind === 'contact' && Object.fromEntries(Object.keys(SHIPPING).map((name) => [name, shipping[name]]))),
    };
  }

  /** A payment by hand. */
  pay(invoiceId: string, amount: string): Promise<string> {
    const input = {
      invoiceId,
      paymentAccountId: accountsOf(this.scenery, 'CASH_AND_BANK')[0],
      amount,
      paymentDate: '2026-02-20',
      paymentMethod: 'CASH',
      exchangeRate: '1',
    };
    return this.api.mutate('invoicePaymentCreateManual', input, 'invoicePayment');
  }

  private sale(customerId = this.scenery.customers[0]!.id): Body {
    return { customerId, items: [{ productId: this.scenery.products[0], quantity: '2', unitPrice: '50' }] };
  }

  private async tried(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }
}

/** Mutations that end a record, with the member that names it. */
const ENDS: Readonly<Record<string, Readonly<Partial<Record<string, readonly [string, string]>>>>> = {
  archived: {
    account: ['accountArchive', 'id'],
    tax_rate: ['salesTaxArchive', 'id'],
    item: ['productArchive', 'id'],
  },
  deleted: {
    contact: ['customerDelete', 'id'],
    quote: ['estimateDelete', 'estimateId'],
    invoice: ['invoiceDelete', 'invoiceId'],
    payment: ['invoicePaymentDelete', 'id'],
  },
};

const PATCHES: Readonly<Partial<Record<KindName, string>>> = {
  invoice: 'invoicePatch',
  tax_rate: 'salesTaxPatch',
};

const SHIPPING = { name: 'The back door', phone: '555-0199', instructions: 'Ring twice' };

/** What the contract has no words for, and people set all the same. */
const UNKNOWN: Readonly<Partial<Record<KindName, Body>>> = {
  contact: { displayId: 'C-77' },
  tax_rate: { description: 'of the county', taxNumber: 'T-1', showTaxNumberOnInvoices: true },
  invoice: { title: 'Bill of sale', subhead: 'Spring', footer: 'Thank you', hideUnit: true },
  quote: { title: 'Offer', subhead: 'Spring', footer: 'Thank you', hideUnit: true },
};

/** A patch of an estimate says seven things anew. */
const restated = ({ customer, currency, ...shown }: Body): Body => ({
  ...shown,
  customerId: (customer as { id: string }).id,
  currency: (currency as { code: string }).code,
});

const existenceOf = ({ isArchived, status }: WaveRow): Existence =>
  status === 'DELETED' ? 'deleted' : isArchived === true ? 'archived' : 'present';

/** `Customer:QnVz…` as the list and the vendor's id. */
export const listOf = (ours: string): readonly [list: string | undefined, id: string] => {
  const colon = ours.indexOf(':');
  return colon < 0 ? [undefined, ours] : [ours.slice(0, colon), ours.slice(colon + 1)];
};
