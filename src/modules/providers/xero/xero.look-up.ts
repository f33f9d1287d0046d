import {
  groupNames,
  KINDS,
  normalGroup,
  refKey,
  type Content,
  type KindName,
  type Ref,
  type Value,
} from '../../../domain/contract/index.js';
import {
  ProviderFailureError,
  type Namesake,
  type Sighting,
  type Trace,
  type Write,
} from '../../../domain/provider/index.js';
import type { Mapping, WireObject } from '../../../domain/provider/mapping/index.js';
import { trackingCategory } from './mapping/tracking-category.js';
import { hasFollowingStep, isMaking, lastSighting, reachedBy } from './xero.calls.js';
import { attempted, chunksOf, inTurns, isPlain, PAGE_SIZE, shaped, type XeroClient } from './xero.client.js';
import type { XeroCompany } from './xero.features.js';
import { observe } from './xero.observing.js';
import { readCategories, seeRows, type Books } from './xero.reading.js';
import { resourceOf } from './xero.resources.js';
import { optionSighting, optionsIn } from './xero.sightings.js';

/** Finding records by what people know them by, and finding what became of a write (sheet 4.4, 5, 8 points 12 and 16). */

/** Records whose natural key is already that of the wanted contents; one list for each, in order. */
export const namesakes = async (
  books: Books,
  wanted: readonly Namesake[],
): Promise<readonly (readonly Sighting[])[]> => {
  const pool: Sighting[] = [];
  for (const kind of new Set(wanted.map((one) => one.kind))) {
    const contents = wanted.filter((one) => one.kind === kind).map(({ content }) => content);
    pool.push(...(await candidates(books, kind, contents)));
  }
  const there = new Map(
    pool.filter(({ existence }) => existence !== 'deleted').map((one) => [`${one.kind} ${one.id}`, one]),
  );
  return wanted.map(({ kind, content }) =>
    [...there.values()].filter((one) => one.kind === kind && isNamesake(kind, content, one.content)),
  );
};

/** Settings are few and read whole; the rest is asked for by what people call it. */
const candidates = async (books: Books, kind: KindName, contents: readonly Content[]): Promise<readonly Sighting[]> => {
  const { client, features } = books;
  if (kind === 'tracking_category') {
    const { rows } = await readCategories(client);
    return shaped(() => optionsIn(rows).map((option) => optionSighting(option, features)));
  }
  const resource = resourceOf(kind);
  if (!resource || KINDS[kind].naturalKeys.length === 0 || kind === 'journal_entry') return [];
  if (resource.listed === 'whole') return sightings(books, resource.name, (await client.list([resource.name])).rows);
  return kind === 'contact'
    ? named(books, textsOf(contents, 'displayName'))
    : numbered(books, kind, textsOf(contents, 'number'));
};

const sightings = async (books: Books, name: string, rows: readonly WireObject[]): Promise<readonly Sighting[]> =>
  (await seeRows(books, name, rows)).flatMap(({ seen }) => ('sighting' in seen ? [seen.sighting] : []));

const PAGE = { page: '1', pageSize: `${PAGE_SIZE}` };
/** Values in one filter: a URL has an end. */
const VALUES_PER_CALL = 20;

/** Names are compared whatever their case by the vendor itself; archived contacts keep theirs here. */
const named = async (books: Books, names: readonly string[]): Promise<readonly Sighting[]> => {
  const query = { ...PAGE, includeArchived: 'true' };
  const plain = chunksOf(names.filter(isPlain), VALUES_PER_CALL).map((chunk) => ({
    ...query,
    where: chunk.map((name) => `Name=="${name}"`).join(' OR '),
  }));
  const odd = names.filter((name) => !isPlain(name)).map((searchTerm) => ({ ...query, searchTerm }));
  return found(books, 'Contacts', [...plain, ...odd]);
};

const found = async (
  books: Books,
  name: string,
  queries: readonly Readonly<Record<string, string>>[],
): Promise<readonly Sighting[]> => {
  const pages = await inTurns(queries, (query) => books.client.list([name], name, { query }));
  return sightings(
    books,
    name,
    pages.flatMap(({ rows }) => rows),
  );
};

/** Each resource has a way of its own to ask for numbers. */
const numbered = async (books: Books, kind: KindName, numbers: readonly string[]): Promise<readonly Sighting[]> => {
  const { name } = resourceOf(kind)!;
  switch (name) {
    case 'Invoices': {
      const listed = numbers.filter((number) => !number.includes(','));
      const odd = numbers.filter((number) => number.includes(','));
      return found(books, name, [
        ...chunksOf(listed, VALUES_PER_CALL).map((chunk) => ({ ...PAGE, InvoiceNumbers: chunk.join(',') })),
        ...odd.map((searchTerm) => ({ ...PAGE, searchTerm })),
      ]);
    }
    case 'CreditNotes':
      return found(
        books,
        name,
        chunksOf(numbers.filter(isPlain), VALUES_PER_CALL).map((chunk) => ({
          ...PAGE,
          where: chunk.map((number) => `CreditNoteNumber=="${number}"`).join(' OR '),
        })),
      );
    case 'Quotes':
      return found(
        books,
        name,
        numbers.map((QuoteNumber) => ({ page: '1', QuoteNumber })),
      );
    default: {
      // An order is asked for by its number in place of its id.
      const answers = await inTurns(numbers, (number) =>
        attempted(async () => ({ row: await books.client.read(name, number) })),
      );
      const rows = answers.flatMap((answer) => {
        if ('row' in answer) return [answer.row];
        if (answer.failure.is !== 'gone') throw new ProviderFailureError(answer.failure);
        return [];
      });
      return sightings(books, name, rows);
    }
  }
};

const textsOf = (contents: readonly Content[], field: string): string[] => [
  ...new Set(
    contents.flatMap((content) => {
      const value = content[field];
      return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [];
    }),
  ),
];

/** Whether one of the kind's natural keys is the same in both: texts without regard to case, as the vendor compares. */
const isNamesake = (kind: KindName, wanted: Content, there: Content): boolean =>
  KINDS[kind].naturalKeys.some(
    (key) =>
      (wanted[key[0]!] ?? null) !== null && key.every((field) => keyText(wanted[field]) === keyText(there[field])),
  );

const keyText = (value: Value | undefined): string => {
  if (typeof value === 'string') return value.trim().normalize('NFC').toLowerCase();
  return value === null || value === undefined ? '' : refKey(value as Ref);
};

/** The vendor's clock and ours may differ by so much when "modified since" is asked. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Looks for what became of a write whose answer was lost; throws ProviderFailureError. */
export const trace = async (books: Books, write: Write): Promise<Trace> => {
  if (!isMaking(write)) return traceChange(books, write);
  const since = (write.sentAt ? Date.parse(write.sentAt) : books.client.session.now().getTime()) - CLOCK_SKEW_MS;
  // What is put back after a refusal says what the old one said.
  const wanted = write.refused && write.target ? write.target.content : write.content;
  const made = await madeSince(books, write, wanted, since);
  if (made.length > 1) return { trace: 'several', ids: made.map(({ id }) => id) };
  const [sighting] = made;
  if (!sighting) return { trace: 'absent' };
  // There is no telling whether somebody has changed it since: the vendor counts no versions.
  return { trace: 'found', sighting, exact: false, ...(hasFollowingStep(write, books.features) && { more: true }) };
};

const madeSince = async (
  books: Books,
  { kind }: Write,
  wanted: Content,
  since: number,
): Promise<readonly Sighting[]> => {
  const isYoung = ({ changedAt, createdAt }: Sighting): boolean => {
    const at = changedAt ?? createdAt;
    return at === undefined || Date.parse(at) >= Math.floor(since / 1000) * 1000;
  };
  const isIt = (one: Sighting): boolean =>
    one.kind === kind &&
    (one.existence === 'present' || one.existence === 'archived') &&
    isYoung(one) &&
    says(kind, wanted, one.content, books.features, true);
  const pool =
    KINDS[kind].nature === 'reference' ? await candidates(books, kind, [wanted]) : await modified(books, kind, since);
  const same = pool.filter(isIt);
  const withNumber = same.filter(
    ({ content }) => (content.number ?? null) !== null && content.number === wanted.number,
  );
  return withNumber.length > 0 ? withNumber : same;
};

const modified = async ({ client, ...books }: Books, kind: KindName, since: number): Promise<readonly Sighting[]> => {
  const resource = resourceOf(kind)!;
  const rows: WireObject[] = [];
  for (let page = 1; ; page++) {
    const answer = await readModified(client, resource.name, resource.listed, page, since);
    rows.push(...answer.rows);
    const isLast = answer.pagination ? page >= answer.pagination.pageCount : answer.rows.length < OWN_PAGE_SIZE;
    if (resource.listed === 'whole' || isLast) break;
  }
  return sightings({ client, ...books }, resource.name, rows);
};

const OWN_PAGE_SIZE = 100;

const readModified = (
  client: XeroClient,
  name: string,
  listed: string,
  page: number,
  since: number,
): ReturnType<XeroClient['list']> =>
  client.list([name], name, {
    since: new Date(since),
    query: {
      ...(listed !== 'whole' && { page: `${page}` }),
      ...(listed === 'pages' && { pageSize: `${PAGE_SIZE}` }),
    },
  });

/** A change of a record is traced on the record: whether it shows what the next call was to say. */
const traceChange = async (books: Books, write: Write): Promise<Trace> => {
  const before = lastSighting(write);
  if (!before) return { trace: 'absent' };
  const [seen] = await observe(books, [{ candidates: [write.kind], id: before.id }]);
  if (seen?.found === 'unreadable') throw new ProviderFailureError(seen.failure);
  const more = hasFollowingStep(write, books.features) && { more: true };
  if (seen?.found !== 'record') {
    const ends = write.operation === 'delete' || write.operation === 'replace';
    const ended: Sighting = { kind: write.kind, ...before, existence: 'deleted' };
    return ends ? { trace: 'found', sighting: ended, exact: true, ...more } : { trace: 'absent' };
  }
  const { sighting } = seen;
  if (!isDone(books, write, sighting)) return { trace: 'absent' };
  return { trace: 'found', sighting, exact: false, ...more };
};

const isDone = ({ features }: Books, write: Write, sighting: Sighting): boolean => {
  switch (write.operation) {
    case 'void':
    case 'delete':
      return sighting.existence === 'voided';
    case 'archive':
      return sighting.existence === 'archived';
    case 'restore':
    case 'replace':
      return false;
    case 'create':
    case 'update':
      return hasFollowingStep(write, features)
        ? reachedBy(write, sighting, features)
        : says(write.kind, write.content, sighting.content, features, false);
  }
};

const mappingOf = (kind: KindName): Mapping<XeroCompany> => resourceOf(kind)?.mapping ?? trackingCategory;

/** What the calls that follow the making of a record say, which a record just made does not show yet. */
const SAID_LATER = ['state', 'allocations'];

/** Whether a record shows what a write said, but for what the vendor decides by itself. */
const says = (kind: KindName, written: Content, shown: Content, features: XeroCompany, justMade: boolean): boolean => {
  const mapping = mappingOf(kind);
  const carried = mapping.carries(features);
  const skipped = [...mapping.decides, ...(justMade ? SAID_LATER : [])];
  const reading = {
    nameOf: refKey,
    carries: (path: string) =>
      carried.has(path) && !skipped.some((field) => path === field || path.startsWith(`${field}.`)),
  };
  return groupNames(kind).every((group) => {
    const [wanted, there] = [written, shown].map((content) => normalGroup(kind, group, content, reading));
    const cleared = Object.keys(there!).filter((field) => written[field] === null);
    return cleared.length === 0 && Object.entries(wanted!).every(([field, value]) => there![field] === value);
  });
};
