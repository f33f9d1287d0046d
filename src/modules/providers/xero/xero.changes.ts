import { z } from 'zod';
import type { KindName } from '../../../domain/contract/index.js';
import {
  ProviderFailureError,
  type ChangeNotice,
  type PollPage,
  type Sighting,
  type StreamDefinition,
} from '../../../domain/provider/index.js';
import { PAGE_SIZE } from './xero.client.js';
import { termsOn } from './xero.listing.js';
import { readSettings, seeRows, type Books, type SeenRow } from './xero.reading.js';
import { resourceOf, resourcesNamed, type Resource } from './xero.resources.js';
import { millisecondsOf, textAt } from './xero.wire.js';

/**
 * Streams of changes (sheet 4.3, 8 points 18 to 20). Most resources can be asked for what was modified since a time; the
 * settings and the transfers, which tell no such time, are read whole and compared with what they looked like before.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Whether the very second asked for is included is not told, and clocks and lists may lag: each poll looks back. */
const OVERLAP_MS = 5 * MINUTE_MS;

/** The streams by modification, and the resource of each. */
const MODIFIED: Readonly<
  Record<string, { readonly resource: string; readonly everyMs: number; readonly says: string }>
> = {
  contacts: { resource: 'Contacts', everyMs: 2 * HOUR_MS, says: 'Contacts and the terms on them, under the webhooks.' },
  invoices: { resource: 'Invoices', everyMs: 2 * HOUR_MS, says: 'Invoices and bills, under the webhooks.' },
  credit_notes: { resource: 'CreditNotes', everyMs: 2 * HOUR_MS, says: 'Credits of both kinds, under the webhooks.' },
  payments: { resource: 'Payments', everyMs: 15 * MINUTE_MS, says: 'Payments, which no webhook tells of.' },
  bank_transactions: { resource: 'BankTransactions', everyMs: 30 * MINUTE_MS, says: 'Money spent.' },
  quotes: { resource: 'Quotes', everyMs: 30 * MINUTE_MS, says: 'Quotes.' },
  purchase_orders: { resource: 'PurchaseOrders', everyMs: 30 * MINUTE_MS, says: 'Purchase orders.' },
  journals: { resource: 'ManualJournals', everyMs: HOUR_MS, says: 'Manual journals.' },
};

export const streams: readonly StreamDefinition[] = [
  ...Object.entries(MODIFIED).map(([name, { resource, everyMs, says }]) => ({
    name,
    kinds: [
      ...resourcesNamed(resource).map(({ kind }) => kind),
      ...(resource === 'Contacts' ? (['payment_term'] as const) : []),
    ],
    everyMs,
    says: `${says} By the time of modification.`,
  })),
  {
    name: 'transfers',
    kinds: ['transfer'],
    everyMs: HOUR_MS,
    says: 'Bank transfers, which tell no time of modification: read whole and compared.',
  },
  {
    name: 'settings',
    kinds: ['company', 'account', 'item', 'tax_rate', 'tracking_category'],
    everyMs: HOUR_MS,
    says: 'The organisation, its accounts, items, tax rates and tracking, read whole and compared.',
  },
];

export const poll = (books: Books, stream: string, cursor: string | undefined): Promise<PollPage> => {
  const modified = MODIFIED[stream];
  if (modified) return pollModified(books, modified.resource, cursor);
  switch (stream) {
    case 'transfers':
      return pollTransfers(books, cursor);
    case 'settings':
      return pollSettings(books, cursor);
    default:
      throw new Error(`Xero has no stream ${stream}`);
  }
};

const cursorShape = z.object({
  /** Everything modified before this instant has been told. */
  since: z.iso.datetime(),
  /** Where this round takes the cursor once its last page is read: by the vendor's clock, at its first answer. */
  until: z.iso.datetime().optional(),
  page: z.number().int().positive().optional(),
});

const readCursor = (text: string): z.infer<typeof cursorShape> => {
  try {
    return cursorShape.parse(JSON.parse(text));
  } catch {
    throw new ProviderFailureError({ is: 'invalid', message: 'this is no cursor of the stream' });
  }
};

const pollModified = async (books: Books, name: string, cursor: string | undefined): Promise<PollPage> => {
  const now = books.client.session.now().getTime();
  const {
    since,
    until: end,
    page = 1,
  } = cursor === undefined ? { since: isoOf(now - OVERLAP_MS) } : readCursor(cursor);
  const resource = resourcesNamed(name)[0]!;
  const answer = await books.client.list([name], name, {
    since: new Date(since),
    query: {
      page: `${page}`,
      order: `${resource.id} ASC`,
      ...(resource.listed === 'pages' && { pageSize: `${PAGE_SIZE}` }),
      ...(resource.hidden && { [resource.hidden]: 'true' }),
    },
    label: `poll ${name}`,
  });
  const asked = Math.min(answer.time === undefined ? now : Date.parse(answer.time), now);
  const until = end ?? isoOf(asked - OVERLAP_MS);
  // A header that the vendor did not understand is passed over, and everything comes back (sheet 8 point 18).
  const from = Math.floor(Date.parse(since) / 1000) * 1000;
  const modified = answer.rows.filter((row) => (millisecondsOf(row.UpdatedDateUTC) ?? from) >= from);
  const more = answer.pagination ? page < answer.pagination.pageCount : isFull(resource, answer.rows.length);
  const seen = await seeRows(books, name, modified);
  const terms = name === 'Contacts' ? termsOn(books, modified) : [];
  const told = tellAll(books.company, seen);
  return {
    sightings: [...told.sightings, ...terms],
    notices: told.notices,
    cursor: JSON.stringify(more ? { since, until, page: page + 1 } : { since: later(since, until) }),
    more,
  };
};

/** Pages of quotes tell no count; one that holds anything may be followed by another. */
const isFull = ({ listed }: Resource, rows: number): boolean =>
  listed === 'pages of its own size' ? rows >= OWN_PAGE_SIZE : rows >= PAGE_SIZE;

const OWN_PAGE_SIZE = 100;

const isoOf = (at: number): string => new Date(at).toISOString();

const later = (one: string, other: string): string => (Date.parse(one) > Date.parse(other) ? one : other);

/** Rows as sightings; what is deleted, and what cannot be read, is only named. */
const tellAll = (company: string, rows: readonly SeenRow[]): Pick<PollPage, 'sightings' | 'notices'> => {
  const sightings: Sighting[] = [];
  const notices: ChangeNotice[] = [];
  for (const { seen, row, resource } of rows) {
    if ('foreign' in seen) continue;
    if ('sighting' in seen && seen.sighting.existence !== 'deleted') sightings.push(seen.sighting);
    else if (resource) {
      const id = textAt(row, resource.id);
      if (id !== undefined) notices.push({ company, candidates: [resource.kind], id });
    }
  }
  return { sightings, notices };
};

const seenBefore = z.record(z.string(), z.string());

/** So much of a version tells a change as well as the whole. */
const SHORT = 24;

const short = (version: string): string => version.slice(0, SHORT);

/** What is new or looks different than before; what is no longer there is only named. */
const compared = (
  company: string,
  cursor: string | undefined,
  told: Pick<PollPage, 'sightings' | 'notices'>,
): PollPage => {
  const before = readSeen(cursor);
  const key = ({ kind, id }: Pick<Sighting, 'kind' | 'id'>): string => `${kind} ${id}`;
  const now = new Map(told.sightings.map((sighting) => [key(sighting), short(sighting.version)]));
  const gone = Object.keys(before)
    .filter((one) => !now.has(one))
    .map((one): ChangeNotice => {
      const [kind, ...id] = one.split(' ');
      return { company, candidates: [kind as KindName], id: id.join(' ') };
    });
  const known = new Set(gone.map(({ candidates, id }) => `${candidates[0]} ${id}`));
  return {
    sightings: told.sightings.filter((one) => before[key(one)] !== short(one.version)),
    notices: [
      ...gone,
      // What is listed as deleted was named when it was seen to be gone.
      ...told.notices.filter(
        ({ candidates, id }) => before[`${candidates[0]} ${id}`] !== undefined && !known.has(`${candidates[0]} ${id}`),
      ),
    ],
    cursor: JSON.stringify(Object.fromEntries(now)),
    more: false,
  };
};

const readSeen = (cursor: string | undefined): Readonly<Record<string, string>> => {
  if (cursor === undefined) return {};
  try {
    return seenBefore.parse(JSON.parse(cursor));
  } catch {
    throw new ProviderFailureError({ is: 'invalid', message: 'this is no cursor of the stream' });
  }
};

const pollTransfers = async (books: Books, cursor: string | undefined): Promise<PollPage> => {
  const { name, hidden } = resourceOf('transfer')!;
  const { rows } = await books.client.list([name], name, { query: { [hidden!]: 'true' }, label: `poll ${name}` });
  return compared(books.company, cursor, tellAll(books.company, await seeRows(books, name, rows)));
};

const pollSettings = async (books: Books, cursor: string | undefined): Promise<PollPage> => {
  const { company, accounts, items, options } = await readSettings(books);
  const taxRates = await books.client.list(['TaxRates']);
  const rows = [
    ...(await seeRows(books, 'Accounts', accounts)),
    ...(await seeRows(books, 'Items', items)),
    ...(await seeRows(books, 'TaxRates', taxRates.rows)),
  ];
  const told = tellAll(books.company, rows);
  const shown = options.filter(({ existence }) => existence !== 'deleted');
  return compared(books.company, cursor, { ...told, sightings: [company, ...told.sightings, ...shown] });
};
