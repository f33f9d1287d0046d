import { z } from 'zod';
import type { KindName } from '../../../domain/contract/index.js';
import {
  ProviderFailureError,
  type ListPage,
  type Sighting,
  type UnreadableRecord,
} from '../../../domain/provider/index.js';
import type { QuickBooksClient } from './quickbooks.client.js';
import { entitiesOf, idOf, type Entity } from './quickbooks.entities.js';
import type { CompanyFeatures } from './quickbooks.features.js';
import { readCompany, readTaxes, see, seeTaxCode, withInactive } from './quickbooks.observing.js';
import { walkPage, type WalkPage } from './quickbooks.walk.js';
import { idText } from './quickbooks.wire.js';

/** Pages of all records of a kind, inactive ones included (sheet 4.2, 9.2 point 9). */

const cursorShape = z.object({ entity: z.string(), position: z.number(), tail: z.array(z.string()) });

export const listPage = async (
  client: QuickBooksClient,
  kind: KindName,
  cursor: string | undefined,
  features: CompanyFeatures,
  company: string,
): Promise<ListPage> => {
  if (kind === 'company') return { sightings: [await readCompany(client, company, features)] };
  if (kind === 'tax_rate') {
    const tables = await readTaxes(client, features);
    const seen = tables.ids.map((id) => ({ id, ...seeTaxCode(tables, id)! }));
    const unreadable = seen.flatMap((one) => ('failure' in one ? [{ kind, id: one.id, failure: one.failure }] : []));
    return {
      sightings: seen.flatMap((one) => ('sighting' in one ? [one.sighting] : [])),
      ...(unreadable.length > 0 && { unreadable }),
    };
  }
  const entities = entitiesOf(kind);
  const from = cursor === undefined ? undefined : readCursor(cursor);
  const entity = from ? entities.find(({ name }) => name === from.entity) : entities[0];
  if (!entity) throw notACursor();
  const page = await walkPage(client, { entity: entity.name, where: withInactive(entity) }, from);
  const next = page.next ? { entity: entity.name, ...page.next } : following(entities, entity);
  return { ...shown(entity, page, features), ...(next && { next: JSON.stringify(next) }) };
};

/** A kind of two entities is listed one after the other. */
const following = (entities: readonly Entity[], entity: Entity): z.infer<typeof cursorShape> | undefined => {
  const next = entities[entities.indexOf(entity) + 1];
  return next && { entity: next.name, position: 1, tail: [] };
};

const shown = (
  entity: Entity,
  page: WalkPage,
  features: CompanyFeatures,
): Pick<ListPage, 'sightings' | 'unreadable'> => {
  const sightings: Sighting[] = [];
  const unreadable: UnreadableRecord[] = page.damaged.map(({ position, failure }) => ({
    kind: entity.kind,
    failure: { ...failure, message: `QuickBooks cannot read ${entity.name} in row ${position}: ${failure.message}` },
  }));
  for (const row of page.rows) {
    const seen = see(entity, row, features);
    if ('failure' in seen)
      unreadable.push({ kind: entity.kind, id: idOf(entity, idText(row.Id)), failure: seen.failure });
    else if ('sighting' in seen && seen.sighting !== 'foreign') sightings.push(seen.sighting);
  }
  return { sightings, ...(unreadable.length > 0 && { unreadable }) };
};

const readCursor = (text: string): z.infer<typeof cursorShape> => {
  try {
    return cursorShape.parse(JSON.parse(text));
  } catch {
    throw notACursor();
  }
};

const notACursor = (): ProviderFailureError =>
  new ProviderFailureError({ is: 'invalid', message: 'this is no cursor of a list' });
