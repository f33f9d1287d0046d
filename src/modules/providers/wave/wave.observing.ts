import {
  ProviderFailureError,
  type Observation,
  type ProviderFailure,
  type Sighting,
  type Target,
} from '../../../domain/provider/index.js';
import type { CompanyRecord } from './mapping/company.js';
import { answerOf, count, PAGE_SIZE, shaped, type BusinessAnswer, type WaveClient } from './wave.client.js';
import { CARRIER_NAME, type WaveCompany } from './wave.company.js';
import { BUSINESS, lookDocument, PRODUCT_NAMES } from './wave.documents.js';
import { resourcesOf, vendorIdOf, type Resource } from './wave.resources.js';
import { companySighting, see, type Seen } from './wave.sightings.js';
import { asRecord, pageIn, textIn, type VendorRecord } from './wave.wire.js';

/**
 * Looking at records by id (sheet 2.2, 3.2): records of one sort share a request. One that the vendor does not find
 * under its own id, within a business that it shows, is gone; nothing else is.
 */

/** Records in one request; how deep a document may be is not told (sheet 2.1). */
export const AT_ONCE = 20;

/** A target under one of the resources that it may be of. */
interface Look {
  readonly target: Target;
  readonly resource: Resource;
  readonly id: string;
}

type Sight = Seen | { readonly gone: true };

export const observe = async (
  client: WaveClient,
  targets: readonly Target[],
  business: WaveCompany,
): Promise<readonly Observation[]> => {
  const looks = targets.flatMap((target) =>
    target.candidates.flatMap(resourcesOf).flatMap((resource): Look[] => {
      const id = vendorIdOf(resource, target.id, business.id);
      return id === undefined ? [] : [{ target, resource, id }];
    }),
  );
  const isCompany = ({ candidates, id }: Target): boolean => candidates.includes('company') && id === business.id;
  const [seen, company] = await Promise.all([
    seeAll(client, looks, business),
    targets.some(isCompany) ? answerOf(async () => ({ sighting: await readCompany(client, business) })) : undefined,
  ]);
  return targets.map((target) => {
    const sights = looks.filter((look) => look.target === target).map((look) => seen.get(look)!);
    return observationOf(target, company && isCompany(target) ? [...sights, company] : sights);
  });
};

/** What is seen under any of the candidates counts; gone is only what is gone under all of them. */
const observationOf = (target: Target, sights: readonly Sight[]): Observation => {
  for (const sight of sights) {
    if ('sighting' in sight && sight.sighting.existence !== 'deleted') {
      return { found: 'record', target, sighting: sight.sighting };
    }
  }
  for (const sight of sights) {
    if ('failure' in sight) return { found: 'unreadable', target, failure: sight.failure };
  }
  if (sights.length > 0) return { found: 'gone', target };
  return {
    found: 'unreadable',
    target,
    failure: { is: 'invalid', message: `${target.id} is no id of this business in Wave` },
  };
};

const seeAll = async (
  client: WaveClient,
  looks: readonly Look[],
  business: WaveCompany,
): Promise<ReadonlyMap<Look, Sight>> => {
  const seen = new Map<Look, Sight>();
  await Promise.all(
    chunksOf(looks).map(async (chunk) => {
      const { resource } = chunk[0]!;
      const answer = await answerOf(async () => ({ answer: await ask(client, resource, chunk) }));
      chunk.forEach((look, at) => {
        seen.set(look, 'failure' in answer ? answer : sightAt(answer.answer, `r${at}`, resource, business));
      });
    }),
  );
  return seen;
};

const ask = (client: WaveClient, { one }: Resource, looks: readonly Look[]): Promise<BusinessAnswer> =>
  client.ask(
    lookDocument(one, looks.length),
    Object.fromEntries(looks.map(({ id }, at) => [`id${at}`, id])),
    `look at ${one}`,
  );

/** Null without an error is one of the vendor's two ways to say that there is none (sheet 5.3). */
const sightAt = (
  { business: shown, failureAt }: BusinessAnswer,
  alias: string,
  resource: Resource,
  business: WaveCompany,
): Sight => {
  const failure = failureAt(alias);
  if (failure) return failure.is === 'gone' ? { gone: true } : { failure };
  const record = shown[alias];
  if (record === undefined) return { failure: unanswered() };
  if (record === null) return { gone: true };
  const read = answered(() => asRecord(record, resource.one));
  return 'failure' in read ? read : see(resource, read.record, business);
};

const answered = (
  read: () => VendorRecord,
): { readonly record: VendorRecord } | { readonly failure: ProviderFailure } => {
  try {
    return { record: shaped(read) };
  } catch (problem) {
    if (!(problem instanceof ProviderFailureError)) throw problem;
    return { failure: problem.failure };
  }
};

const unanswered = (): ProviderFailure => ({ is: 'unavailable', message: 'Wave left a record out of its answer' });

const chunksOf = (looks: readonly Look[]): readonly (readonly Look[])[] => {
  const byResource = new Map<Resource, Look[]>();
  for (const look of looks) byResource.set(look.resource, [...(byResource.get(look.resource) ?? []), look]);
  return [...byResource.values()].flatMap((same) =>
    Array.from({ length: Math.ceil(same.length / AT_ONCE) }, (_, at) => same.slice(at * AT_ONCE, (at + 1) * AT_ONCE)),
  );
};

/** The business with what decides about writing to it: accounts that money is in, and the product for lines without one. */
export const readCompany = async (client: WaveClient, business: WaveCompany): Promise<Sighting> => {
  const page = { page: count(1), pageSize: count(PAGE_SIZE) };
  const { business: shown, failureAt } = await client.ask(BUSINESS, page, 'look at business');
  const failure = failureAt('anchors');
  if (failure) throw new ProviderFailureError(failure);
  const anchors = shaped(() => pageIn(shown.anchors, 'anchors'));
  const Anchors = [...anchors.rows];
  for (let at = 2; at <= anchors.totalPages; at++) {
    const next = await client.ask(BUSINESS, { ...page, page: count(at) }, 'look at business');
    Anchors.push(...shaped(() => pageIn(next.business.anchors, 'anchors')).rows);
  }
  const { anchors: _, ...Business } = shown;
  const record: CompanyRecord = { Business, Anchors, Products: await carriers(client) };
  return shaped(() => companySighting(business.id, record, business));
};

/** The product of that name, which stands among the others by its name. */
const carriers = async (client: WaveClient): Promise<CompanyRecord['Products']> => {
  for (let at = 1; ; at++) {
    const { rows, totalPages } = await client.page(PRODUCT_NAMES, { page: count(at) }, 'look for product');
    const found = rows.filter((row) => nameOf(row) === CARRIER_NAME.toLowerCase());
    if (found.length > 0 || at >= totalPages) return found.slice(0, 1);
  }
};

const nameOf = (row: VendorRecord): string | undefined => textIn(row, 'name')?.trim().toLowerCase();
