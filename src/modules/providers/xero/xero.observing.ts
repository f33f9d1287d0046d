import type { KindName } from '../../../domain/contract/index.js';
import type { WireObject } from '../../../domain/provider/mapping/index.js';
import {
  ProviderFailureError,
  type Observation,
  type ProviderFailure,
  type Target,
} from '../../../domain/provider/index.js';
import { optionOf } from './mapping/tracking.js';
import { attempted, chunksOf, IDS_PER_CALL, inTurns, PAGE_SIZE } from './xero.client.js';
import { readSettings, seeRows, type Books } from './xero.reading.js';
import { isIdOf, resourceOf, resourcesNamed } from './xero.resources.js';
import { optionSighting, optionsIn, termSighting } from './xero.sightings.js';
import { textAt } from './xero.wire.js';

/**
 * Looking at records by id (sheet 4.1, 4.4). Several of one resource share a request where the vendor allows it. A record
 * that an answer does not hold is looked at alone: only the vendor's word about that very record makes it gone.
 */

/** So few are read one by one: a single read shows most (sheet 4.2). */
const FEW = 2;
/** Ids in one filter. */
const IDS_PER_FILTER = 20;

export const observe = async (books: Books, targets: readonly Target[]): Promise<readonly Observation[]> => {
  const byPlace = new Map<string, Target[]>();
  for (const target of targets) {
    const place = placeOf(target.candidates[0]!);
    byPlace.set(place, [...(byPlace.get(place) ?? []), target]);
  }
  const seen: (readonly Observation[])[] = [];
  // One resource after the other: few calls may be under way at once.
  for (const [place, asked] of byPlace) {
    const answer = await attempted(async () => ({ observations: await observeIn(books, place, asked) }));
    seen.push('failure' in answer ? asked.map((target) => unreadable(target, answer.failure)) : answer.observations);
  }
  return seen.flat();
};

const COMPANY = 'Organisation';
const TERMS = 'PaymentTerms';
const TRACKING = 'TrackingCategories';

const placeOf = (kind: KindName): string => PLACES[kind] ?? resourceOf(kind)!.name;

const PLACES: Readonly<Partial<Record<KindName, string>>> = {
  company: COMPANY,
  payment_term: TERMS,
  tracking_category: TRACKING,
};

const unreadable = (target: Target, failure: ProviderFailure): Observation => ({
  found: 'unreadable',
  target,
  failure,
});

const noId = (target: Target): Observation =>
  unreadable(target, {
    is: 'invalid',
    message: `${target.id} is no id of ${target.candidates.join(' or ')} in Xero`,
  });

const observeIn = (books: Books, place: string, targets: readonly Target[]): Promise<readonly Observation[]> => {
  switch (place) {
    case COMPANY:
      return observeCompany(books, targets);
    case TERMS:
      return Promise.resolve(targets.map((target) => observeTerm(books, target)));
    case TRACKING:
      return observeOptions(books, targets);
    default:
      return observeRecords(books, place, targets);
  }
};

const observeCompany = async (books: Books, targets: readonly Target[]): Promise<readonly Observation[]> => {
  const { company: sighting } = await readSettings(books);
  return targets.map((target) => (target.id === sighting.id ? { found: 'record', target, sighting } : noId(target)));
};

const observeTerm = ({ features }: Books, target: Target): Observation => {
  const sighting = termSighting(target.id, features);
  return sighting ? { found: 'record', target, sighting } : noId(target);
};

/** By category, of which there are four at most: an option that its own category does not show is gone. */
const observeOptions = async (
  { client, features }: Books,
  targets: readonly Target[],
): Promise<readonly Observation[]> => {
  const categories = [...new Set(targets.flatMap(({ id }) => optionOf(id)?.category ?? []))];
  const answers = new Map(
    await inTurns(
      categories,
      async (id) => [id, await attempted(async () => ({ row: await client.read(TRACKING, id) }))] as const,
    ),
  );
  return targets.map((target) => {
    const parts = optionOf(target.id);
    if (!parts) return noId(target);
    const answer = answers.get(parts.category)!;
    if ('failure' in answer) {
      return answer.failure.is === 'gone' ? { found: 'gone', target } : unreadable(target, answer.failure);
    }
    const record = optionsIn([answer.row]).find((one) => textAt(one, 'TrackingOptionID') === parts.option);
    const sighting = record && optionSighting(record, features);
    return !sighting || sighting.existence === 'deleted'
      ? { found: 'gone', target }
      : { found: 'record', target, sighting };
  });
};

const observeRecords = async (
  books: Books,
  name: string,
  targets: readonly Target[],
): Promise<readonly Observation[]> => {
  const [resource] = resourcesNamed(name);
  const ids = [...new Set(targets.map(({ id }) => id).filter((id) => isIdOf(resource!, id)))];
  const found = new Map<string, WireObject>();
  if (ids.length > FEW) {
    for (const row of await rowsOf(books, name, ids)) found.set(textAt(row, resource!.id) ?? '', row);
  }
  const alone = new Map(
    await inTurns(
      ids.filter((id) => !found.has(id)),
      async (id) => [id, await attempted(async () => ({ row: await books.client.read(name, id) }))] as const,
    ),
  );
  for (const [id, answer] of alone) if ('row' in answer) found.set(id, answer.row);
  const read = [...found];
  const rows = await seeRows(
    books,
    name,
    read.map(([, row]) => row),
  );
  const seen = new Map(read.map(([id], index) => [id, rows[index]!.seen]));
  return targets.map((target): Observation => {
    const failed = alone.get(target.id);
    if (failed && 'failure' in failed) {
      return failed.failure.is === 'gone' ? { found: 'gone', target } : unreadable(target, failed.failure);
    }
    const one = seen.get(target.id);
    if (!one) return noId(target);
    if ('failure' in one) return unreadable(target, one.failure);
    if ('foreign' in one) {
      const message = `Xero shows ${name} ${target.id} as what is no ${target.candidates.join(' and no ')}`;
      return unreadable(target, { is: 'invalid', message });
    }
    return one.sighting.existence === 'deleted'
      ? { found: 'gone', target }
      : { found: 'record', target, sighting: one.sighting };
  });
};

/** Several by id in few calls; what such an answer leaves out is asked for alone. */
const rowsOf = async ({ client }: Books, name: string, ids: readonly string[]): Promise<readonly WireObject[]> => {
  const [resource] = resourcesNamed(name);
  const archived: Record<string, string> = resource!.hidden ? { [resource!.hidden]: 'true' } : {};
  const page = { page: '1', pageSize: `${PAGE_SIZE}` };
  switch (resource!.askedBy) {
    case 'IDs': {
      const pages = await inTurns(chunksOf(ids, IDS_PER_CALL), (chunk) =>
        client.list([name], name, { query: { ...archived, ...page, IDs: chunk.join(',') } }),
      );
      return pages.flatMap(({ rows }) => rows);
    }
    case 'where': {
      const pages = await inTurns(chunksOf(ids, IDS_PER_FILTER), (chunk) =>
        lenient(async () => {
          const where = chunk.map((id) => `${resource!.id}==Guid("${id}")`).join(' OR ');
          return client.list([name], name, { query: { ...page, where } });
        }),
      );
      return pages.flatMap((one) => one?.rows ?? []);
    }
    case undefined:
      return resource!.listed === 'whole' ? (await client.list([name], name, { query: archived })).rows : [];
  }
};

/** A filter that a large organisation refuses is no reason to see nothing (sheet 4.4). */
const lenient = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch (problem) {
    if (problem instanceof ProviderFailureError && problem.failure.is === 'invalid') return undefined;
    throw problem;
  }
};
