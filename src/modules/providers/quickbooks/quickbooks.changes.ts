import { z } from 'zod';
import type { KindName } from '../../../domain/contract/index.js';
import {
  ProviderFailureError,
  type ChangeNotice,
  type PollPage,
  type Session,
  type Sighting,
} from '../../../domain/provider/index.js';
import { CHANGES_CAP, quoted, type QuickBooksClient } from './quickbooks.client.js';
import { ENTITIES, entityNamed, idOf, type Entity } from './quickbooks.entities.js';
import type { CompanyFeatures } from './quickbooks.features.js';
import { wireInstant } from './quickbooks.look-up.js';
import { readCompany, readTaxes, see, seeTaxCode, withInactive } from './quickbooks.observing.js';
import { changedAtOf, isDeleted } from './quickbooks.sightings.js';
import { walkPage } from './quickbooks.walk.js';
import { idText, type VendorRecord } from './quickbooks.wire.js';

/**
 * Streams of changes (sheet 4.3, 6.6, 8 points 5, 12, 13). `changes` is change data capture over all entities that it
 * knows; taxes and the company's settings are unknown to it and are read as a whole.
 */

/** Index and clocks lag by seconds, and many changes share one second: each poll looks back a little (sheet 4.3). */
const OVERLAP_MS = 5 * 60_000;
/** The vendor looks back thirty days; with less than five to spare, queries take over (sheet 9.2 point 9). */
const FARTHEST_MS = 25 * 24 * 3_600_000;

const place = z.object({ position: z.number(), tail: z.array(z.string()) });
const part = z.union([
  z.object({ entities: z.array(z.string()) }),
  z.object({ entity: z.string(), place: place.optional() }),
]);
const cursor = z.object({
  /** Everything changed before this instant has been told. */
  since: z.string(),
  /** Where this round takes the cursor, once nothing is left of it. */
  until: z.string().optional(),
  left: z.array(part).optional(),
});
type Cursor = z.infer<typeof cursor>;
type Part = z.infer<typeof part>;

/**
 * One step through what changed. A round asks for all entities at once; where the answer may have been cut off, it goes
 * on with halves of them and in the end with pages of one. The cursor moves when the round is through, to the time of
 * its first answer and not beyond. Without a cursor it begins now.
 */
export const pollChanges = async (
  client: QuickBooksClient,
  session: Pick<Session, 'company' | 'now'>,
  features: CompanyFeatures,
  from: string | undefined,
): Promise<PollPage> => {
  const now = session.now().getTime();
  const round = beginRound(from, now);
  const [current, ...rest] = round.left;
  const step = await ('entities' in current
    ? captured(client, current, round.since)
    : scanned(client, current, round.since));
  const asked = step.time === undefined ? now : Math.min(Date.parse(step.time), now);
  const until = round.until ?? new Date(asked - OVERLAP_MS).toISOString();
  const left = [...step.left, ...rest];
  const told = tellAll(step.rows, session.company, features);
  const recheck = [...new Set([...round.recheck, ...step.recheck])];
  return {
    ...told,
    cursor: printCursor(left.length > 0 ? { since: round.since, until, left } : { since: later(round.since, until) }),
    more: left.length > 0,
    ...(recheck.length > 0 && { recheck }),
  };
};

interface Round {
  readonly since: string;
  readonly until?: string | undefined;
  readonly left: readonly [Part, ...Part[]];
  /** Kinds whose deletions the round may miss. */
  readonly recheck: readonly KindName[];
}

const ALL = ENTITIES.map(({ name }) => name);

const beginRound = (from: string | undefined, now: number): Round => {
  if (from === undefined) {
    return { since: new Date(now - OVERLAP_MS).toISOString(), left: [{ entities: ALL }], recheck: [] };
  }
  const { since, until, left } = readCursor(from);
  const [current, ...rest] = left ?? [];
  if (current) return { since, until, left: [current, ...rest], recheck: [] };
  if (now - Date.parse(since) <= FARTHEST_MS) return { since, left: [{ entities: ALL }], recheck: [] };
  const [first, ...others] = ALL.map((entity) => ({ entity }));
  return { since, left: [first!, ...others], recheck: [...new Set(ENTITIES.map(({ kind }) => kind))] };
};

const readCursor = (text: string): Cursor => {
  const read = cursor.safeParse(parsedOrNothing(text));
  if (!read.success || Number.isNaN(Date.parse(read.data.since))) {
    throw new ProviderFailureError({ is: 'invalid', message: 'this is no cursor of the stream changes' });
  }
  return read.data;
};

const parsedOrNothing = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const printCursor = (state: Cursor): string => JSON.stringify(state);

const later = (one: string, other: string): string => (Date.parse(one) > Date.parse(other) ? one : other);

interface Step {
  readonly rows: readonly { readonly entity: Entity; readonly row: VendorRecord }[];
  readonly time: string | undefined;
  /** What takes the place of the part. */
  readonly left: readonly Part[];
  readonly recheck: readonly KindName[];
}

const captured = async (
  client: QuickBooksClient,
  { entities }: Extract<Part, { entities: string[] }>,
  since: string,
): Promise<Step> => {
  const { rows, time } = await client.changes(entities, wireInstant(new Date(since)));
  const found = rows.flatMap(({ entity, row }) => {
    const known = entityNamed(entity);
    return known ? [{ entity: known, row }] : [];
  });
  if (rows.length < CHANGES_CAP) return { rows: found, time, left: [], recheck: [] };
  if (entities.length > 1) {
    const half = Math.ceil(entities.length / 2);
    const halves = [{ entities: entities.slice(0, half) }, { entities: entities.slice(half) }];
    return { rows: [], time, left: halves, recheck: [] };
  }
  // Queries never show what was deleted: of those, the answer that was cut off may have told some and not others.
  const [entity] = entities;
  return {
    rows: found.filter(({ row }) => isDeleted(row)),
    time,
    left: [{ entity: entity! }],
    recheck: found.slice(0, 1).map((one) => one.entity.kind),
  };
};

/** Rows of one entity that changed, ordered by id: a row that changes once more stays in its place. */
const scanned = async (
  client: QuickBooksClient,
  { entity: name, place: at }: Extract<Part, { entity: string }>,
  since: string,
): Promise<Step> => {
  const entity = entityNamed(name);
  if (!entity) return { rows: [], time: undefined, left: [], recheck: [] };
  const where = withInactive(entity, [`MetaData.LastUpdatedTime >= ${quoted(wireInstant(new Date(since)))}`]);
  const page = await walkPage(client, { entity: name, where }, at);
  return {
    rows: page.rows.map((row) => ({ entity, row })),
    time: page.time,
    left: page.next ? [{ entity: name, place: { ...page.next, tail: [...page.next.tail] } }] : [],
    recheck: page.damaged.length > 0 ? [entity.kind] : [],
  };
};

/** Whole rows are sightings; stubs of deleted records, and rows that cannot be read, are looked at. */
const tellAll = (
  rows: Step['rows'],
  company: string,
  features: CompanyFeatures,
): Pick<PollPage, 'sightings' | 'notices'> => {
  const sightings: Sighting[] = [];
  const notices: ChangeNotice[] = [];
  for (const { entity, row } of rows) {
    const seen = isDeleted(row) ? undefined : see(entity, row, features);
    if (seen && 'sighting' in seen) {
      if (seen.sighting !== 'foreign') sightings.push(seen.sighting);
      continue;
    }
    const at = changedAtOf(row);
    notices.push({ company, candidates: [entity.kind], id: idOf(entity, idText(row.Id)), ...(at && { at }) });
  }
  return { sightings, notices };
};

const seenBefore = z.record(z.string(), z.string());

/** Tax codes that are new or look different; what is no longer listed is only named. */
export const pollTaxes = async (
  client: QuickBooksClient,
  company: string,
  features: CompanyFeatures,
  from: string | undefined,
): Promise<PollPage> => {
  const before = seenBefore.safeParse(parsedOrNothing(from ?? '{}')).data ?? {};
  const tables = await readTaxes(client, features);
  const seen = tables.ids.map((id) => ({ id, ...seeTaxCode(tables, id)! }));
  const sightings = seen.flatMap((one) => ('sighting' in one ? [one.sighting] : []));
  const listed = new Set(tables.ids);
  const named = [
    ...seen.flatMap((one) => ('failure' in one ? [one.id] : [])),
    ...Object.keys(before).filter((id) => !listed.has(id)),
  ];
  return {
    sightings: sightings.filter(({ id, version }) => before[id] !== version),
    notices: named.map((id) => ({ company, candidates: ['tax_rate'], id })),
    cursor: JSON.stringify(Object.fromEntries(sightings.map(({ id, version }) => [id, version]))),
    more: false,
  };
};

/** The company, when it looks different. */
export const pollCompany = async (
  client: QuickBooksClient,
  company: string,
  features: CompanyFeatures,
  from: string | undefined,
): Promise<PollPage> => {
  const sighting = await readCompany(client, company, features);
  return {
    sightings: sighting.version === from ? [] : [sighting],
    notices: [],
    cursor: sighting.version,
    more: false,
  };
};
