import { z } from 'zod';
import type { KindName } from '../../../domain/contract/index.js';
import {
  ProviderFailureError,
  type ChangeNotice,
  type PollPage,
  type Sighting,
} from '../../../domain/provider/index.js';
import type { Wire } from '../../../domain/provider/mapping/index.js';
import { count, shaped, type BusinessAnswer, type WaveClient } from './wave.client.js';
import type { WaveCompany } from './wave.company.js';
import { ACCOUNTS, isDocuments, MANY, tickDocument, type Many } from './wave.documents.js';
import { ACCOUNT, PAYMENT, paymentsOf, RECORDS, shown, UNSORTED, wholeOf, withoutPayments } from './wave.listing.js';
import { readCompany } from './wave.observing.js';
import { idOf, type Resource } from './wave.resources.js';
import { changedAt, createdAt, justBefore, markOf } from './wave.walk.js';
import { countIn, pageIn, type Page, type VendorRecord } from './wave.wire.js';

/**
 * Streams of changes (sheet 5.3). `books` asks for all lists that know the time of a change in one small request, and
 * counts them: what is deleted leaves nothing but a smaller number. Accounts have no such time and are compared whole.
 */

/** Rows of one list in one answer; there are six lists. */
const PAGE = 50;
/** Whether an instant is included, and how exact the vendor's clock is, is not told: each poll looks back a little. */
const OVERLAP_MS = 2 * 60_000;
/** Without a time of the vendor's own, the first poll begins a little before ours. */
const SKEW_MS = 10 * 60_000;
/** Once a day everything is counted through: payments may change without their invoice (sheet 9.4). */
const SWEEP_MS = 24 * 3_600_000;
/** Invoices of which it is remembered which payments they had. */
const REMEMBERED = 300;

const placeShape = z.object({
  /** The newest change that has been told. */
  told: z.string(),
  /** Within a round: from where its next page is asked, and which page of that. */
  from: z.string().optional(),
  page: z.number().optional(),
  /** Records that may come again, by id: the version that has been told, and when it came to be. */
  seen: z.record(z.string(), z.tuple([z.string(), z.string()])),
  /** How many there were at the end of the last round, and how many were made since. */
  total: z.number().optional(),
  made: z.number(),
});
type Place = z.infer<typeof placeShape>;

const cursorShape = z.object({
  lists: z.record(z.enum(MANY as [Many, ...Many[]]), placeShape),
  /** Marks of the payments of invoices that were told of, the newest last. */
  payments: z.array(z.tuple([z.string(), z.array(z.string())])),
  swept: z.string(),
});
type Cursor = z.infer<typeof cursorShape>;

/** Everything but accounts and the business itself. */
export const pollBooks = async (
  client: WaveClient,
  business: WaveCompany,
  from: string | undefined,
): Promise<PollPage> => {
  const cursor = from === undefined ? beginning(client.now()) : readCursor(from);
  const answer = await client.ask(tickDocument(), variablesOf(cursor, business), 'poll books');
  const lists = MANY.filter((many) => !(isDocuments(many) && business.classicInvoicing));
  const failures = lists.flatMap((many) => failureOf(answer, many) ?? []);
  // One list that fails takes nothing from the others, and keeps its place; if all fail there is nothing to tell.
  if (failures.length === lists.length) throw new ProviderFailureError(failures[0]!);

  const round: Round = { sightings: [], notices: [], recheck: new Set(), payments: new Map(cursor.payments) };
  const places: Partial<Record<Many, Place>> = { ...cursor.lists };
  let more = false;
  for (const many of lists) {
    if (failureOf(answer, many)) continue;
    const step = await stepOf(client, business, many, cursor.lists[many]!, answer, round);
    places[many] = step.place;
    more ||= step.more;
  }
  const swept = sweep(client.now(), cursor.swept, round);
  return {
    sightings: round.sightings,
    notices: round.notices,
    cursor: JSON.stringify({
      lists: places as Cursor['lists'],
      payments: [...round.payments].slice(-REMEMBERED),
      swept,
    } satisfies Cursor),
    more,
    ...(round.recheck.size > 0 && { recheck: [...round.recheck] }),
  };
};

interface Round {
  readonly sightings: Sighting[];
  readonly notices: ChangeNotice[];
  readonly recheck: Set<KindName>;
  readonly payments: Map<string, string[]>;
}

const beginning = (now: Date): Cursor => {
  const told = new Date(now.getTime() - SKEW_MS).toISOString();
  const place: Place = { told, seen: {}, made: 0 };
  return {
    lists: Object.fromEntries(MANY.map((many) => [many, place])) as Cursor['lists'],
    payments: [],
    swept: now.toISOString(),
  };
};

const variablesOf = ({ lists }: Cursor, business: WaveCompany): Record<string, Wire> => ({
  pageSize: count(PAGE),
  invoicing: !business.classicInvoicing,
  ...Object.fromEntries(
    MANY.flatMap((many) => {
      const { page = 1 } = lists[many]!;
      return [
        [`${many}After`, askedFrom(lists[many]!)],
        [`${many}Page`, count(page)],
      ];
    }),
  ),
});

const askedFrom = ({ told, from }: Place): string => from ?? new Date(Date.parse(told) - OVERLAP_MS).toISOString();

const failureOf = ({ failureAt }: BusinessAnswer, many: Many) => failureAt(many) ?? failureAt(`${many}Count`);

/** What one list told, and where it goes on. */
const stepOf = async (
  client: WaveClient,
  business: WaveCompany,
  many: Many,
  place: Place,
  { business: answered }: BusinessAnswer,
  round: Round,
): Promise<{ place: Place; more: boolean }> => {
  const page = shaped(() => pageIn(answered[many], many));
  const total = shaped(() => countIn(answered[`${many}Count`], 'pageInfo.totalCount', many));
  const isWhole = (place.page ?? 1) >= page.totalPages;
  const unsorted = UNSORTED.includes(many);
  const rows = unsorted && !isWhole ? await wholeOf(client, many, askedFrom(place)) : page.rows;

  const isFirst = place.total === undefined;
  const seen: Place['seen'] = { ...place.seen };
  let made = place.made;
  for (const row of rows) {
    const id = markOf(row.id);
    const isNew = !(id in place.seen) && (createdAt(row) ?? '') > place.told;
    if (isNew) made++;
    if (many === 'invoices') tellPayments(row, isNew || isFirst, place.told, business, round);
    const version = tell(RECORDS[many], withoutPayments(row), seen[id]?.[0], business, round);
    seen[id] = [version, changedAt(row) ?? place.told];
  }
  if (!isWhole && !unsorted) return { place: { ...onward(place, page), seen, made }, more: true };

  if (place.total !== undefined && total < place.total + made) {
    round.recheck.add(RECORDS[many].kind);
    if (many === 'invoices') round.recheck.add('payment');
  }
  const told = [place.from, ...rows.map(changedAt)].reduce<string>(later, place.told);
  const since = new Date(Date.parse(told) - OVERLAP_MS).toISOString();
  const again = Object.fromEntries(Object.entries(seen).filter(([, [, at]]) => at >= since));
  return { place: { told, seen: again, total, made: 0 }, more: false };
};

/** Asks anew from where the page ended; within one and the same instant the page is turned. */
const onward = (place: Place, { rows }: Page): Place => {
  const last = rows.at(-1) && changedAt(rows.at(-1)!);
  const from = last === undefined ? undefined : justBefore(last);
  const asked = askedFrom(place);
  return from === undefined || from <= asked
    ? { ...place, from: asked, page: (place.page ?? 1) + 1 }
    : { ...place, from, page: 1 };
};

const later = (one: string, other: string | undefined): string => (other !== undefined && other > one ? other : one);

/** Tells a record that is new or looks different; answers what it looks like. */
const tell = (
  resource: Resource,
  row: VendorRecord,
  before: string | undefined,
  business: WaveCompany,
  round: Round,
): string => {
  const { sightings, unreadable } = shown(resource, [row], business);
  const [sighting] = sightings;
  const version = markOf(sighting?.version ?? JSON.stringify(unreadable ?? row.id));
  if (version === before) return version;
  if (sighting) round.sightings.push(sighting);
  // What cannot be read, or is marked as deleted, is looked at.
  else round.notices.push({ company: business.id, candidates: [resource.kind], id: idOf(resource, row.id) });
  return version;
};

/**
 * Payments are seen on their invoice only (sheet 5.3). One that is no longer there is known by what the invoice had when
 * it was told last; where that is not remembered, and nothing new on the invoice explains the change, payments are
 * counted through.
 */
const tellPayments = (
  row: VendorRecord,
  isExplained: boolean,
  since: string,
  business: WaveCompany,
  round: Round,
): void => {
  const payments = paymentsOf(row);
  const { sightings, unreadable } = shown(PAYMENT, payments, business);
  const known = round.payments.get(markOf(row.id));
  const versions = sightings.map(({ id, version }) => `${markOf(id)}${markOf(version)}`);
  const isKnown = (at: number): boolean => known?.includes(versions[at]!) ?? false;
  round.sightings.push(...sightings.filter((_, at) => !isKnown(at)));
  for (const { id } of unreadable ?? []) {
    if (id !== undefined) round.notices.push({ company: business.id, candidates: ['payment'], id });
  }
  const there = new Set(payments.map(({ id }) => markOf(id)));
  const isLost = known?.some((mark) => !there.has(mark.slice(0, 10)));
  const isUnexplained =
    known === undefined && !isExplained && !payments.some((payment) => (changedAt(payment) ?? '') > since);
  if (isLost || isUnexplained) round.recheck.add('payment');
  round.payments.delete(markOf(row.id));
  round.payments.set(markOf(row.id), versions);
};

const SWEPT: readonly KindName[] = ['contact', 'quote', 'invoice', 'payment'];

const sweep = (now: Date, last: string, round: Round): string => {
  if (now.getTime() - Date.parse(last) < SWEEP_MS) return last;
  for (const kind of SWEPT) round.recheck.add(kind);
  return now.toISOString();
};

const readCursor = (text: string): Cursor => {
  const read = cursorShape.safeParse(jsonIn(text));
  if (!read.success)
    throw new ProviderFailureError({ is: 'invalid', message: 'this is no cursor of the stream books' });
  return read.data;
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const seenBefore = z.record(z.string(), z.string());

/** Accounts that are new or look different; where one is no longer listed, they are counted through. */
export const pollAccounts = async (
  client: WaveClient,
  business: WaveCompany,
  from: string | undefined,
): Promise<PollPage> => {
  const before = from === undefined ? undefined : seenBefore.safeParse(jsonIn(from)).data;
  const rows = await client.wholeList(ACCOUNTS, {}, 'poll accounts');
  const { sightings, unreadable } = shown(ACCOUNT, rows, business);
  const now = Object.fromEntries(sightings.map(({ id, version }) => [markOf(id), version]));
  const isMissing =
    before !== undefined && Object.keys(before).some((id) => !rows.some((row) => markOf(row.id) === id));
  return {
    sightings: sightings.filter(({ id, version }) => before !== undefined && before[markOf(id)] !== version),
    notices: (unreadable ?? []).flatMap(({ id }) =>
      id === undefined ? [] : [{ company: business.id, candidates: ['account'] as const, id }],
    ),
    cursor: JSON.stringify(now),
    more: false,
    ...(isMissing && { recheck: ['account'] as const }),
  };
};

/** The business, when it looks different. */
export const pollCompany = async (
  client: WaveClient,
  business: WaveCompany,
  from: string | undefined,
): Promise<PollPage> => {
  const sighting = await readCompany(client, business);
  return {
    sightings: sighting.version === from ? [] : [sighting],
    notices: [],
    cursor: sighting.version,
    more: false,
  };
};
