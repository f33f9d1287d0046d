import { z } from 'zod';
import type { KindName } from '../../../domain/contract/index.js';
import {
  ProviderFailureError,
  type ListPage,
  type Sighting,
  type UnreadableRecord,
} from '../../../domain/provider/index.js';
import { wireObjects } from '../../../domain/provider/mapping/index.js';
import { count, shaped, type WaveClient } from './wave.client.js';
import type { WaveCompany } from './wave.company.js';
import { ACCOUNTS, isDocuments, MANY, pageDocument, type Many } from './wave.documents.js';
import { readCompany } from './wave.observing.js';
import { idOf, resourceNamed, type Resource } from './wave.resources.js';
import { see } from './wave.sightings.js';
import { BEGINNING, placeShape, stepOf, type Place } from './wave.walk.js';
import { asRecord, type Page, type VendorRecord } from './wave.wire.js';

/** Pages of all records of a kind, archived ones included (sheet 2.5, 3.2). */

/** The lists that hold a kind, in the order in which they are told. */
const LISTS: Readonly<Partial<Record<KindName, readonly Many[]>>> = {
  contact: ['customers', 'vendors'],
  item: ['products'],
  tax_rate: ['salesTaxes'],
  invoice: ['invoices'],
  quote: ['estimates'],
  // There is no list of payments: each invoice has its own.
  payment: ['invoices'],
};

/** The vendor's record in each list. */
export const RECORDS: Readonly<Record<Many, Resource>> = {
  customers: resourceNamed('customer'),
  vendors: resourceNamed('vendor'),
  products: resourceNamed('product'),
  salesTaxes: resourceNamed('salesTax'),
  invoices: resourceNamed('invoice'),
  estimates: resourceNamed('estimate'),
};

/** Lists that the vendor does not sort; they are read whole. */
export const UNSORTED: readonly Many[] = ['vendors', 'salesTaxes'];

export const PAYMENT = resourceNamed('invoicePayment');
export const ACCOUNT = resourceNamed('account');

const cursorShape = z.object({ many: z.enum(MANY as [Many, ...Many[]]), place: placeShape });
type Cursor = z.infer<typeof cursorShape>;

export const listPage = async (
  client: WaveClient,
  kind: KindName,
  cursor: string | undefined,
  business: WaveCompany,
): Promise<ListPage> => {
  const lists = LISTS[kind];
  if (!lists) {
    if (cursor !== undefined) throw notACursor();
    if (kind === 'company') return { sightings: [await readCompany(client, business)] };
    if (kind !== 'account') throw new Error(`Wave lists no ${kind}`);
    return shown(ACCOUNT, await client.wholeList(ACCOUNTS, {}, 'list account'), business);
  }
  const { many, place } = cursor === undefined ? { many: lists[0]!, place: BEGINNING } : readCursor(cursor);
  if (!lists.includes(many)) throw notACursor();
  // Nothing of the old invoicing is shown by the API.
  if (isDocuments(many) && business.classicInvoicing) return { sightings: [] };
  const { rows, next } = UNSORTED.includes(many)
    ? { rows: await wholeOf(client, many, place.after) }
    : stepOf(place, await pageOf(client, many, place));
  const following = next ? { many, place: next } : afterwards(lists, many);
  const page =
    kind === 'payment'
      ? shown(PAYMENT, rows.flatMap(paymentsOf), business)
      : shown(RECORDS[many], rows.map(withoutPayments), business);
  return { ...page, ...(following && { next: JSON.stringify(following) }) };
};

const pageOf = (client: WaveClient, many: Many, { after, page }: Place): Promise<Page> =>
  client.page(pageDocument(many), { after, page: count(page) }, `list ${many}`);

export const wholeOf = (client: WaveClient, many: Many, after: string): Promise<Page['rows']> =>
  client.wholeList(pageDocument(many), { after }, `list ${many}`);

const afterwards = (lists: readonly Many[], many: Many): Cursor | undefined => {
  const next = lists[lists.indexOf(many) + 1];
  return next && { many: next, place: BEGINNING };
};

/** An invoice's record as a look at it shows it. */
export const withoutPayments = (row: VendorRecord): VendorRecord => {
  const { payments: _, ...record } = row;
  return record as VendorRecord;
};

export const paymentsOf = (invoice: VendorRecord): VendorRecord[] =>
  wireObjects(invoice.payments).map((payment) => shaped(() => asRecord(payment, 'payment')));

export const shown = (
  resource: Resource,
  rows: readonly VendorRecord[],
  business: WaveCompany,
): Pick<ListPage, 'sightings' | 'unreadable'> => {
  const sightings: Sighting[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const row of rows) {
    const seen = see(resource, row, business);
    if ('failure' in seen) unreadable.push({ kind: resource.kind, id: idOf(resource, row.id), failure: seen.failure });
    else if (seen.sighting.existence !== 'deleted') sightings.push(seen.sighting);
  }
  return { sightings, ...(unreadable.length > 0 && { unreadable }) };
};

const readCursor = (text: string): Cursor => {
  try {
    return cursorShape.parse(JSON.parse(text));
  } catch {
    throw notACursor();
  }
};

const notACursor = (): ProviderFailureError =>
  new ProviderFailureError({ is: 'invalid', message: 'this is no cursor of a list' });
