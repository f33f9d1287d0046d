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
import type { WireObject } from '../../../domain/provider/mapping/index.js';
import { markIn } from './mapping/words.js';
import { isUnfinished } from './wave.calls.js';
import { count, shaped, type WaveClient } from './wave.client.js';
import type { WaveCompany } from './wave.company.js';
import {
  ACCOUNTS,
  ESTIMATES_NUMBERED,
  INVOICES_NUMBERED,
  newestDocument,
  PAYMENTS_OF,
  type Document,
  type Many,
  type Newest,
} from './wave.documents.js';
import { ACCOUNT, PAYMENT, paymentsOf, shown, wholeOf } from './wave.listing.js';
import { observe } from './wave.observing.js';
import { resourceNamed, resourceOf, UNSHOWN, vendorIdOf, type Resource } from './wave.resources.js';
import { asRecord, type VendorRecord } from './wave.wire.js';

/** Finding records by what people know them by, and finding what became of a write (sheet 3.2, 6). */

const LISTED: Readonly<Partial<Record<Resource['one'], Many>>> = {
  customer: 'customers',
  vendor: 'vendors',
  product: 'products',
  salesTax: 'salesTaxes',
};

const NUMBERED: Readonly<Partial<Record<Resource['one'], Document>>> = {
  invoice: INVOICES_NUMBERED,
  estimate: ESTIMATES_NUMBERED,
};

/** Before all that there is. */
const EVER = '1970-01-01T00:00:00.000Z';

/**
 * Records whose natural key is already that of the wanted contents; one list for each, in order. The vendor searches by
 * number only, so names are sought in whole lists.
 */
export const namesakes = async (
  client: WaveClient,
  wanted: readonly Namesake[],
  business: WaveCompany,
): Promise<readonly (readonly Sighting[])[]> => {
  const pools = new Map<Resource, readonly Sighting[]>();
  for (const { kind, facet } of wanted) {
    const resource = UNSHOWN[kind] ? undefined : resourceOf(kind, undefined, facet);
    if (!resource || pools.has(resource)) continue;
    const contents = wanted.filter((one) => one.kind === kind && resourceOf(kind, undefined, one.facet) === resource);
    const rows = await candidates(
      client,
      resource,
      contents.map(({ content }) => content),
      business,
    );
    pools.set(resource, shown(resource, rows, business).sightings);
  }
  return wanted.map(({ kind, facet, content }) =>
    (pools.get(resourceOf(kind, undefined, facet)!) ?? []).filter((one) => isNamesake(kind, content, one.content)),
  );
};

const candidates = async (
  client: WaveClient,
  resource: Resource,
  contents: readonly Content[],
  business: WaveCompany,
): Promise<readonly VendorRecord[]> => {
  if (resource === ACCOUNT) return client.wholeList(ACCOUNTS, {}, 'look for account');
  const many = LISTED[resource.one];
  if (many) return wholeOf(client, many, EVER);
  const numbered = NUMBERED[resource.one];
  if (!numbered || business.classicInvoicing) return [];
  const numbers = new Set(
    contents.flatMap(({ number }) => (typeof number === 'string' && number.trim() ? [number.trim()] : [])),
  );
  const rows: VendorRecord[] = [];
  for (const number of numbers)
    rows.push(...(await client.wholeList(numbered, { number }, `look for ${resource.one}`)));
  return rows;
};

/** Names are compared without regard to case; a number must be the very same. */
const isNamesake = (kind: KindName, wanted: Content, there: Content): boolean =>
  KINDS[kind].naturalKeys.some(
    (key) =>
      (wanted[key[0]!] ?? null) !== null &&
      key.every((field) => keyText(field, wanted[field]) === keyText(field, there[field])),
  );

const keyText = (field: string, value: Value | undefined): string => {
  if (typeof value === 'string') {
    const text = value.trim().normalize('NFC');
    return field === 'number' ? text : text.toLowerCase();
  }
  return value === null || value === undefined ? '' : refKey(value as Ref);
};

/** The vendor's clock and ours may differ by so much when "made since" is asked. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** Rows in one answer, and how many pages are turned back in time. */
const NEWEST_AT_ONCE = 50;
const FARTHEST_PAGE = 20;

/** Looks for what became of the next call of a write; throws ProviderFailureError. */
export const trace = async (client: WaveClient, write: Write, business: WaveCompany): Promise<Trace> => {
  if (UNSHOWN[write.kind]) return { trace: 'absent' };
  const resource = resourceOf(write.kind, write.target?.id, write.facet);
  if (!resource) return { trace: 'absent' };
  if (write.operation !== 'create' || write.done.length > 0) return traceChange(client, write, resource, business);
  const since = new Date((write.sentAt ? Date.parse(write.sentAt) : client.now().getTime()) - CLOCK_SKEW_MS);
  const found = await made(client, write, resource, since, business);
  if (found.length > 1) return { trace: 'several', ids: found.map(({ id }) => id) };
  const [sighting] = found;
  if (!sighting) return { trace: 'absent' };
  const more = isUnfinished(write, business);
  // Nobody has changed a record that changed last when it was made.
  const exact = sighting.createdAt !== undefined && sighting.createdAt === sighting.changedAt;
  return { trace: 'found', sighting, exact, ...(more && { more }) };
};

/** The records that a create may have made. */
const made = async (
  client: WaveClient,
  write: Write,
  resource: Resource,
  since: Date,
  business: WaveCompany,
): Promise<readonly Sighting[]> => {
  switch (resource.one) {
    case 'customer': {
      const rows = await newest(client, 'customers', since);
      return sightings(
        resource,
        rows.filter((row) => isMarked(row, 'internalNotes', write)),
        business,
      );
    }
    case 'invoicePayment': {
      const rows = await paymentsOn(client, write, business);
      return sightings(
        resource,
        rows.filter((row) => isMarked(row, 'memo', write)),
        business,
      );
    }
    case 'product':
      return alike(write, resource, sightings(resource, await newest(client, 'products', since), business), business);
    case 'invoice':
    case 'estimate':
      return numberedAlike(client, write, resource, since, business);
    case 'account':
    case 'salesTax': {
      const rows = await candidates(client, resource, [write.content], business);
      const said = sightings(resource, rows, business).filter(({ existence }) => existence === 'present');
      return alike(
        write,
        resource,
        said.filter(({ createdAt }) => isSince(createdAt, since)),
        business,
      );
    }
    case 'vendor':
      return [];
  }
};

const sightings = (resource: Resource, rows: readonly VendorRecord[], business: WaveCompany): readonly Sighting[] =>
  shown(resource, rows, business).sightings;

const isMarked = (row: WireObject, member: string, { marker }: Write): boolean => markIn(row[member]) === marker;

/** Records made since an instant, by the vendor's own time. */
const newest = async (client: WaveClient, many: Newest, since: Date): Promise<readonly VendorRecord[]> => {
  const rows: VendorRecord[] = [];
  for (let at = 1; at <= FARTHEST_PAGE; at++) {
    const page = await client.page(
      newestDocument(many),
      { page: count(at), pageSize: count(NEWEST_AT_ONCE) },
      `look for new ${many}`,
    );
    const young = page.rows.filter(({ createdAt }) =>
      isSince(typeof createdAt === 'string' ? createdAt : undefined, since),
    );
    rows.push(...young);
    if (young.length < page.rows.length || at >= page.totalPages) break;
  }
  return [...new Map(rows.map((row) => [row.id, row])).values()];
};

/** Accounts have no time at which they were made. */
const isSince = (instant: string | undefined, since: Date): boolean =>
  instant === undefined || Date.parse(instant) >= Math.floor(since.getTime() / 1000) * 1000;

const paymentsOn = async (
  client: WaveClient,
  { content }: Write,
  business: WaveCompany,
): Promise<readonly VendorRecord[]> => {
  const [allocation] = Array.isArray(content.allocations) ? (content.allocations as Content[]) : [];
  const invoice = (allocation?.document as Ref | undefined)?.id;
  if (invoice === undefined || vendorIdOf(resourceNamed('invoice'), invoice, business.id) === undefined) return [];
  const answer = await client.ask(PAYMENTS_OF, { invoice }, 'look for payment');
  const failure = answer.failureAt('invoice');
  if (failure && failure.is !== 'gone') throw new ProviderFailureError(failure);
  return answer.business.invoice === null || failure
    ? []
    : paymentsOf(shaped(() => asRecord(answer.business.invoice, PAYMENT.one)));
};

/** By our own number where there is one, which the vendor does not keep others from using; else among the newest. */
const numberedAlike = async (
  client: WaveClient,
  write: Write,
  resource: Resource,
  since: Date,
  business: WaveCompany,
): Promise<readonly Sighting[]> => {
  const { number } = write.content;
  const rows =
    typeof number === 'string' && number.trim() !== ''
      ? await candidates(client, resource, [write.content], business)
      : await newest(client, resource.one === 'invoice' ? 'invoices' : 'estimates', since);
  const young = sightings(resource, rows, business).filter(
    ({ createdAt, content }) =>
      isSince(createdAt, since) && (typeof number !== 'string' || content.number === number.trim()),
  );
  return alike(write, resource, young, business);
};

const alike = (
  write: Write,
  { mapping }: Resource,
  found: readonly Sighting[],
  business: WaveCompany,
): readonly Sighting[] => found.filter(({ content }) => says(write, content, mapping, business));

/** Whether a record shows what a write said, but for what the vendor decides by itself and later calls say. */
const says = (
  { kind, content: written }: Pick<Write, 'kind' | 'content'>,
  shownContent: Content,
  mapping: Resource['mapping'],
  business: WaveCompany,
): boolean => {
  const carried = mapping.carries(business);
  const reading = {
    nameOf: refKey,
    carries: (path: string) =>
      carried.has(path) && !mapping.decides.some((field) => path === field || path.startsWith(`${field}.`)),
  };
  return groupNames(kind).every((group) => {
    const [wanted, there] = [written, shownContent].map((content) => normalGroup(kind, group, content, reading));
    const cleared = Object.keys(there!).filter((field) => written[field] === null);
    return cleared.length === 0 && Object.entries(wanted!).every(([field, value]) => there![field] === value);
  });
};

/**
 * A change of a record is traced on the record. The version that was written over is still there: nothing came of it.
 * Another version that says what was to be said: it was carried out, though somebody may have come after.
 */
const traceChange = async (
  client: WaveClient,
  write: Write,
  resource: Resource,
  business: WaveCompany,
): Promise<Trace> => {
  const before = write.done.at(-1) ?? write.target;
  if (!before) return { trace: 'absent' };
  const [seen] = await observe(client, [{ candidates: [write.kind], id: before.id }], business);
  if (seen?.found === 'unreadable') throw new ProviderFailureError(seen.failure);
  if (seen?.found !== 'record') {
    if (write.operation !== 'delete') return { trace: 'absent' };
    const ended = { kind: write.kind, id: before.id, existence: 'deleted', content: before.content } as const;
    return { trace: 'found', sighting: { ...ended, version: before.version, raw: before.raw }, exact: true };
  }
  const { sighting } = seen;
  if (sighting.version === before.version || !isDone(write, sighting, resource, business)) return { trace: 'absent' };
  const more = isUnfinished(write, business);
  return { trace: 'found', sighting, exact: false, ...(more && { more }) };
};

const isDone = (write: Write, sighting: Sighting, { mapping }: Resource, business: WaveCompany): boolean => {
  switch (write.operation) {
    case 'archive':
    // A customer with a past is archived in place of being deleted.
    case 'delete':
      return sighting.existence === 'archived';
    case 'update':
    case 'create':
      return isFurther(write, sighting) && says(write, sighting.content, mapping, business);
    case 'void':
    case 'restore':
    case 'replace':
      return false;
  }
};

/** A call that goes on with a document moves its state; the others leave it. */
const isFurther = ({ done, target }: Write, { content }: Sighting): boolean => {
  const before = (done.at(-1) ?? target)?.content.state;
  return done.length === 0 || before === undefined || content.state !== before;
};
