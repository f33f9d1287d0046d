import { z } from 'zod';
import type { KindName } from '../../../domain/contract/index.js';
import {
  ProviderFailureError,
  type ListPage,
  type Sighting,
  type UnreadableRecord,
} from '../../../domain/provider/index.js';
import { wireAt, type WireObject } from '../../../domain/provider/mapping/index.js';
import { termIdOf } from './mapping/payment-term.js';
import { PAGE_SIZE, shaped, type Page } from './xero.client.js';
import { readCategories, readSettings, seeRows, type Books, type SeenRow } from './xero.reading.js';
import { kindFilter, resourceOf, type Resource } from './xero.resources.js';
import { optionSighting, optionsIn, termSighting } from './xero.sightings.js';
import { textAt } from './xero.wire.js';

/**
 * Pages of all records of a kind, archived and voided ones included (sheet 4.1). They go by id: in the vendor's own order,
 * by modification, a record that is edited meanwhile would move to the end and hide another one at a page's border.
 */

const cursorShape = z.object({
  page: z.number().int().positive(),
  /** Records on the pages so far. */
  seen: z.number().int().nonnegative(),
  /** The walk was begun anew because it had seen fewer records than there are. */
  again: z.boolean().optional(),
});
type Cursor = z.infer<typeof cursorShape>;

const FIRST: Cursor = { page: 1, seen: 0 };

export const listPage = async (books: Books, kind: KindName, cursor: string | undefined): Promise<ListPage> => {
  if (kind === 'company') return { sightings: [(await readSettings(books)).company] };
  if (kind === 'tracking_category') return listOptions(books);
  const at = readCursor(cursor);
  return kind === 'payment_term' ? listTerms(books, at) : listRecords(books, resourceOf(kind)!, at);
};

const listOptions = async ({ client, features }: Books): Promise<ListPage> => {
  const options = optionsIn((await readCategories(client)).rows);
  return { sightings: shaped(() => options.map((option) => optionSighting(option, features))).filter(isThere) };
};

const isThere = ({ existence }: Sighting): boolean => existence !== 'deleted';

const listRecords = async (books: Books, resource: Resource, at: Cursor): Promise<ListPage> => {
  const page = await readPage(books, resource, at);
  const rows = await seeRows(books, resource.name, page.rows);
  const next = nextOf(resource, page, at);
  return { ...shown(resource.kind, rows), ...(next && { next: JSON.stringify(next) }) };
};

const readPage = ({ client }: Books, resource: Resource, at: Cursor): Promise<Page> => {
  const { name, hidden, id, listed } = resource;
  const where = kindFilter(resource);
  const order = `${id} ASC`;
  return client.list([name], name, {
    query: {
      ...(hidden && { [hidden]: 'true' }),
      // Quotes know no other size than their own (sheet 4.1).
      ...(listed !== 'whole' && { page: `${at.page}`, order, ...(where !== undefined && { where }) }),
      ...(listed === 'pages' && { pageSize: `${PAGE_SIZE}` }),
    },
  });
};

/** Without a count of pages the end is an empty one. A walk that saw too few is made once more. */
const nextOf = ({ listed }: Resource, { rows, pagination }: Page, at: Cursor): Cursor | undefined => {
  if (listed === 'whole') return undefined;
  const seen = at.seen + rows.length;
  const isLast = pagination ? at.page >= pagination.pageCount : rows.length === 0;
  const kept = at.again && { again: true };
  if (!isLast) return { page: at.page + 1, seen, ...kept };
  return pagination && seen < pagination.itemCount && !at.again ? { ...FIRST, again: true } : undefined;
};

const shown = (kind: KindName, rows: readonly SeenRow[]): Pick<ListPage, 'sightings' | 'unreadable'> => {
  const sightings: Sighting[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const { seen, row, resource } of rows) {
    if ('sighting' in seen && seen.sighting.kind === kind && isThere(seen.sighting)) sightings.push(seen.sighting);
    else if ('failure' in seen) {
      const id = resource && textAt(row, resource.id);
      unreadable.push({ kind, failure: seen.failure, ...(id !== undefined && { id }) });
    }
  }
  return { sightings, ...(unreadable.length > 0 && { unreadable }) };
};

/** Terms stand on contacts, and on the organisation for those that have none (sheet 3.8). */
const listTerms = async (books: Books, at: Cursor): Promise<ListPage> => {
  const contacts = resourceOf('contact')!;
  const page = await readPage(books, contacts, at);
  const organisation = at.page === 1 ? (await books.client.list(['Organisation'], 'Organisations')).rows : [];
  const next = nextOf(contacts, page, at);
  return {
    sightings: termsOn(books, [...organisation, ...page.rows]),
    ...(next && { next: JSON.stringify(next) }),
  };
};

export const termsOn = ({ features }: Books, rows: readonly WireObject[]): Sighting[] => {
  const ids = rows.flatMap((row) =>
    ['Sales', 'Bills'].flatMap((side) => termIdOf(wireAt(row, `PaymentTerms.${side}`)) ?? []),
  );
  return [...new Set(ids)].flatMap((id) => termSighting(id, features) ?? []);
};

const readCursor = (text: string | undefined): Cursor => {
  if (text === undefined) return FIRST;
  try {
    return cursorShape.parse(JSON.parse(text));
  } catch {
    throw new ProviderFailureError({ is: 'invalid', message: 'this is no cursor of a list' });
  }
};
