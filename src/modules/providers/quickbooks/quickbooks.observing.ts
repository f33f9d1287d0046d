import { UnreadableWire } from '../../../domain/provider/mapping/index.js';
import {
  ProviderFailureError,
  type Observation,
  type ProviderFailure,
  type Sighting,
  type Target,
} from '../../../domain/provider/index.js';
import { entitiesOf, isVendorId, vendorIdOf, type Entity } from './quickbooks.entities.js';
import type { CompanyFeatures } from './quickbooks.features.js';
import {
  answerOf,
  IDS_PER_STATEMENT,
  isIn,
  PAGE_SIZE,
  shaped,
  type QuickBooksClient,
  type Query,
} from './quickbooks.client.js';
import { DAMAGED_ROW } from './quickbooks.failures.js';
import { companySighting, sightingOf, TaxTables } from './quickbooks.sightings.js';
import { allRows } from './quickbooks.walk.js';
import { idText, type VendorRecord } from './quickbooks.wire.js';

/**
 * Looking at records by id (sheet 4.1, 4.2). Ids of one entity share a query, and queries share a batch. A record that
 * a query does not return is looked at alone: only the vendor's word for it makes it gone.
 */

/** Inactive records are hidden unless they are asked for; transactions have no such property (sheet 4.2). */
export const INACTIVE_TOO = 'Active in (true, false)';

export const withInactive = ({ nature }: Pick<Entity, 'nature'>, where: readonly string[] = []): readonly string[] =>
  nature === 'list' ? [...where, INACTIVE_TOO] : where;

/** A target under one of the entities that it may be. */
interface Look {
  readonly target: Target;
  readonly entity: Entity;
  readonly id: string;
}

type Seen =
  { readonly sighting: Sighting | 'foreign' } | { readonly gone: true } | { readonly failure: ProviderFailure };

export const observe = async (
  client: QuickBooksClient,
  targets: readonly Target[],
  features: CompanyFeatures,
  company: string,
): Promise<readonly Observation[]> => {
  const looks = targets.flatMap((target) =>
    target.candidates.flatMap(entitiesOf).flatMap((entity) => {
      const id = vendorIdOf(entity, target.id);
      return id === undefined ? [] : [{ target, entity, id }];
    }),
  );
  const companies = targets.filter(({ candidates }) => candidates.includes('company'));
  const taxes = targets.filter(({ candidates }) => candidates.includes('tax_rate'));
  const [seen, companySeen, taxesSeen] = await Promise.all([
    seeAll(client, looks, features),
    companies.length === 0 ? undefined : seeCompany(client, company, features),
    taxes.length === 0 ? undefined : answerOf(async () => ({ tables: await readTaxes(client, features) })),
  ]);

  return Promise.all(
    targets.map(async (target) => {
      const sights = looks.filter((look) => look.target === target).map((look) => seen.get(look)!);
      if (companySeen && companies.includes(target) && target.id === company) sights.push(companySeen);
      const tax = taxesSeen && taxes.includes(target) ? await seeTax(client, taxesSeen, target.id) : undefined;
      return observationOf(target, tax ? [...sights, tax] : sights);
    }),
  );
};

/** What is seen under any of the candidates counts; gone is only what is gone under all of them. */
const observationOf = (target: Target, sights: readonly Seen[]): Observation => {
  const found = sights.find((sight) => 'sighting' in sight && sight.sighting !== 'foreign');
  if (found && 'sighting' in found && found.sighting !== 'foreign') {
    return { found: 'record', target, sighting: found.sighting };
  }
  const failed = sights.find((sight) => 'failure' in sight);
  if (failed && 'failure' in failed) return { found: 'unreadable', target, failure: failed.failure };
  if (sights.length > 0) return { found: 'gone', target };
  return {
    found: 'unreadable',
    target,
    failure: { is: 'invalid', message: `${target.id} is no id of ${target.candidates.join(' or ')} in QuickBooks` },
  };
};

/** A record as a sighting; what cannot be read is said and never taken for something else. */
export const see = (entity: Entity, record: VendorRecord, features: CompanyFeatures): Seen => {
  if (entity.foreign?.(record)) return { sighting: 'foreign' };
  try {
    return { sighting: sightingOf(entity, record, features) };
  } catch (problem) {
    if (!(problem instanceof UnreadableWire)) throw problem;
    return {
      failure: {
        is: 'unreadable',
        message: `QuickBooks shows ${entity.name} ${idText(record.Id)} with ${problem.message}`,
      },
    };
  }
};

const seeAll = async (
  client: QuickBooksClient,
  looks: readonly Look[],
  features: CompanyFeatures,
): Promise<ReadonlyMap<Look, Seen>> => {
  const seen = new Map<Look, Seen>();
  const alone: Look[] = [];
  const look = async (chunks: readonly (readonly Look[])[]): Promise<void> => {
    const answers = await client.queries(chunks.map(queryOf));
    const damaged: (readonly Look[])[] = [];
    chunks.forEach((chunk, index) => {
      const answer = answers[index]!;
      if ('rows' in answer) {
        const rows = new Map(answer.rows.map((row) => [idText(row.Id), row]));
        for (const one of chunk) {
          const row = rows.get(one.id);
          if (row) seen.set(one, see(one.entity, row, features));
          else alone.push(one);
        }
      } else if (answer.failure.code === DAMAGED_ROW && chunk.length > 1) damaged.push(chunk);
      else for (const one of chunk) seen.set(one, answer);
    });
    // One damaged row fails the whole statement: the halves are asked apart until it stands alone.
    if (damaged.length > 0) await look(damaged.flatMap(halves));
  };
  await look(chunksByEntity(looks));
  await Promise.all(alone.map(async (one) => seen.set(one, await seeAlone(client, one, features))));
  return seen;
};

const halves = <T>(chunk: readonly T[]): (readonly T[])[] => {
  const half = Math.ceil(chunk.length / 2);
  return [chunk.slice(0, half), chunk.slice(half)];
};

const seeAlone = async (client: QuickBooksClient, { entity, id }: Look, features: CompanyFeatures): Promise<Seen> => {
  const answer = await answerOf(async () => ({ record: await client.read(entity.name, id) }));
  if ('record' in answer) return see(entity, answer.record, features);
  return answer.failure.is === 'gone' ? { gone: true } : { failure: answer.failure };
};

const chunksByEntity = (looks: readonly Look[]): readonly (readonly Look[])[] => {
  const byEntity = new Map<Entity, Look[]>();
  for (const look of looks) byEntity.set(look.entity, [...(byEntity.get(look.entity) ?? []), look]);
  return [...byEntity.values()].flatMap((ofEntity) =>
    Array.from({ length: Math.ceil(ofEntity.length / IDS_PER_STATEMENT) }, (_, index) =>
      ofEntity.slice(index * IDS_PER_STATEMENT, (index + 1) * IDS_PER_STATEMENT),
    ),
  );
};

const queryOf = (looks: readonly Look[]): Query => {
  const { entity } = looks[0]!;
  return {
    entity: entity.name,
    where: withInactive(entity, [
      isIn(
        'Id',
        looks.map(({ id }) => id),
      ),
    ]),
  };
};

const seeCompany = (client: QuickBooksClient, company: string, features: CompanyFeatures): Promise<Seen> =>
  answerOf(async () => ({ sighting: await readCompany(client, company, features) }));

const seeTax = async (
  client: QuickBooksClient,
  answer: { readonly tables: TaxTables } | { readonly failure: ProviderFailure },
  id: string,
): Promise<Seen | undefined> => {
  if ('failure' in answer) return answer;
  const seen = seeTaxCode(answer.tables, id);
  if (seen) return seen;
  if (!isVendorId(id)) return undefined;
  const alone = await answerOf(async () => ({ code: await client.read('TaxCode', id) }));
  if ('code' in alone) return { failure: { is: 'unavailable', message: 'QuickBooks does not list the tax code yet' } };
  return alone.failure.is === 'gone' ? { gone: true } : { failure: alone.failure };
};

/** A tax code as the lists show it; undefined where they do not. */
export const seeTaxCode = (
  tables: TaxTables,
  id: string,
): { readonly sighting: Sighting } | { readonly failure: ProviderFailure } | undefined => {
  try {
    const sighting = tables.sighting(id);
    return sighting && { sighting };
  } catch (problem) {
    if (!(problem instanceof UnreadableWire)) throw problem;
    return { failure: { is: 'unreadable', message: `QuickBooks shows tax code ${id} with ${problem.message}` } };
  }
};

/** The company as one record of three reads. */
export const readCompany = async (
  client: QuickBooksClient,
  company: string,
  features: CompanyFeatures,
): Promise<Sighting> => {
  const [CompanyInfo, Preferences, TaxAgencies] = await Promise.all([
    client.readAt('CompanyInfo', `companyinfo/${encodeURIComponent(company)}`),
    client.readAt('Preferences', 'preferences'),
    client.query({ entity: 'TaxAgency' }),
  ]);
  return shaped(() => companySighting(company, { CompanyInfo, Preferences, TaxAgencies: [...TaxAgencies] }, features));
};

/** All tax codes with their rates and agencies. */
export const readTaxes = async (client: QuickBooksClient, features: CompanyFeatures): Promise<TaxTables> => {
  const asked = [
    { entity: 'TaxCode', where: [INACTIVE_TOO] },
    { entity: 'TaxRate', where: [INACTIVE_TOO] },
    { entity: 'TaxAgency' },
  ];
  const lists = await client.queries(asked);
  const rows = lists.map((answer) => {
    if ('failure' in answer) throw new ProviderFailureError(answer.failure);
    return answer.rows;
  });
  // A batch answers a page's worth of rows for all its questions together.
  const whole = rows.flat().length < PAGE_SIZE ? rows : await Promise.all(asked.map((query) => allRows(client, query)));
  const [codes, rates, agencies] = whole;
  return TaxTables.of(codes!, rates!, agencies!, features);
};
