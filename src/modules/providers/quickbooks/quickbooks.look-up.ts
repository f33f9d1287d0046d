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
import { printWire } from '../../../domain/provider/mapping/index.js';
import { taxRate } from './mapping/tax-rate.js';
import { trustsKey } from './quickbooks.calls.js';
import { answerOf, IDS_PER_STATEMENT, isIn, quoted, type QuickBooksClient, type Query } from './quickbooks.client.js';
import { entitiesOf, entityNamed, entityOf, vendorIdOf, type Entity } from './quickbooks.entities.js';
import type { CompanyFeatures } from './quickbooks.features.js';
import { INACTIVE_TOO, readTaxes, see, seeTaxCode, withInactive } from './quickbooks.observing.js';
import { allRows } from './quickbooks.walk.js';
import { idText, type VendorRecord } from './quickbooks.wire.js';

/** Finding records by what people know them by, and finding what became of a write (sheet 5.1, 5.3, 8 point 7). */

/** The properties that queries can filter by, under the contract's field (sheet 4.2). */
const FILTERS: Readonly<Partial<Record<KindName, Readonly<Record<string, string>>>>> = {
  contact: { displayName: 'DisplayName' },
  account: { name: 'Name' },
  item: { name: 'Name', code: 'Sku' },
  payment_term: { name: 'Name' },
  tracking_category: { name: 'Name' },
  invoice: { number: 'DocNumber' },
  credit_note: { number: 'DocNumber' },
  quote: { number: 'DocNumber' },
  bill: { number: 'DocNumber' },
  vendor_credit: { number: 'DocNumber' },
  purchase_order: { number: 'DocNumber' },
  journal_entry: { number: 'DocNumber' },
};

/**
 * Records whose natural key is already that of the wanted contents; one list for each, in order. Names of contacts are
 * sought among employees too, who share the names and are no contacts: such a candidate explains why a name is taken.
 */
export const namesakes = async (
  client: QuickBooksClient,
  wanted: readonly Namesake[],
  features: CompanyFeatures,
): Promise<readonly (readonly Sighting[])[]> => {
  const kinds = [...new Set(wanted.map(({ kind }) => kind))];
  const sought = kinds.flatMap((kind) => {
    const contents = wanted.filter((one) => one.kind === kind).map(({ content }) => content);
    return Object.entries(FILTERS[kind] ?? {}).flatMap(([field, property]) =>
      questions(
        kind,
        property,
        property === 'DocNumber' ? textsOf(contents, field) : spellings(textsOf(contents, field)),
      ),
    );
  });
  const byNumber = wanted.some(({ kind, content }) => kind === 'account' && typeof content.code === 'string');
  const [answers, taxes, accounts] = await Promise.all([
    client.queries(sought.map(({ query }) => query)),
    kinds.includes('tax_rate') ? readTaxes(client, features) : undefined,
    // Account numbers cannot be asked for, so all accounts are read: there are hundreds at most.
    byNumber ? allRows(client, { entity: 'Account', where: [INACTIVE_TOO] }) : [],
  ]);

  const pool = new Map<string, Sighting>();
  const add = (sighting: Sighting | undefined): void => {
    if (sighting) pool.set(`${sighting.kind} ${sighting.id}`, sighting);
  };
  sought.forEach(({ query, odd }, index) => {
    const answer = answers[index]!;
    if ('rows' in answer) for (const row of answer.rows) add(asNamesake(query.entity, row, features));
    else if (!odd) throw new ProviderFailureError(answer.failure);
  });
  for (const row of accounts) add(asNamesake('Account', row, features));
  for (const id of taxes?.ids ?? []) {
    const seen = seeTaxCode(taxes!, id);
    if (seen && 'sighting' in seen) add(seen.sighting);
  }

  return wanted.map(({ kind, content }) =>
    [...pool.values()].filter((sighting) => sighting.kind === kind && isNamesake(kind, content, sighting.content)),
  );
};

interface Question {
  readonly query: Query;
  /** How a backslash is quoted is not told for certain: such a question stands alone, and may fail alone. */
  readonly odd: boolean;
}

const questions = (kind: KindName, property: string, values: readonly string[]): Question[] => {
  const plain = values.filter((value) => !value.includes('\\'));
  const chunks = Array.from({ length: Math.ceil(plain.length / IDS_PER_STATEMENT) }, (_, index) =>
    plain.slice(index * IDS_PER_STATEMENT, (index + 1) * IDS_PER_STATEMENT),
  );
  const odd = values.filter((value) => value.includes('\\'));
  const entities: readonly Pick<Entity, 'name' | 'nature'>[] = [
    ...entitiesOf(kind),
    ...(kind === 'contact' ? [EMPLOYEE] : []),
  ];
  return entities.flatMap((entity) => [
    ...chunks.map((chunk) => ({
      query: { entity: entity.name, where: withInactive(entity, [isIn(property, chunk)]) },
      odd: false,
    })),
    ...odd.map((value) => ({
      query: { entity: entity.name, where: withInactive(entity, [`${property} = ${quoted(value)}`]) },
      odd: true,
    })),
  ]);
};

const EMPLOYEE = { name: 'Employee', nature: 'list' } as const;

const textsOf = (contents: readonly Content[], field: string): string[] => [
  ...new Set(
    contents.flatMap((content) => {
      const value = content[field];
      return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [];
    }),
  ),
];

/**
 * Names are taken whatever their case, and whether a query looks at the case is not told: so the common ways to write
 * one are all asked for.
 */
const spellings = (names: readonly string[]): string[] => [
  ...new Set(names.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase(), capitalised(name)])),
];

const capitalised = (name: string): string =>
  name.toLowerCase().replace(/(^|[\s-])(\S)/g, (_, before: string, letter: string) => before + letter.toUpperCase());

const asNamesake = (name: string, row: VendorRecord, features: CompanyFeatures): Sighting | undefined => {
  if (name === EMPLOYEE.name) {
    return {
      kind: 'contact',
      id: `${EMPLOYEE.name}:${idText(row.Id)}`,
      existence: row.Active === false ? 'archived' : 'present',
      content: typeof row.DisplayName === 'string' ? { displayName: row.DisplayName } : {},
      version: idText(row.SyncToken),
      raw: printWire(row),
    };
  }
  const entity = entityNamed(name)!;
  const seen = see(entity, row, features);
  return 'sighting' in seen && seen.sighting !== 'foreign' ? seen.sighting : undefined;
};

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

/** The vendor's clock and ours may differ by so much when "created since" is asked. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Looks for what became of a write whose answer was lost; throws ProviderFailureError. */
export const trace = async (
  client: QuickBooksClient,
  write: Write,
  features: CompanyFeatures,
  now: Date,
): Promise<Trace> => {
  if (write.operation !== 'create') return traceChange(client, write, features);
  const since = new Date((write.sentAt ? Date.parse(write.sentAt) : now.getTime()) - CLOCK_SKEW_MS);
  if (write.kind === 'tax_rate') return traceTaxRate(client, write, features);
  const entity = entityOf(write.kind, undefined, write.facet, write.content.dimension);
  if (!entity) return { trace: 'absent' };
  const found = trustsKey(entity)
    ? await createdSince(client, entity, write, features, since)
    : await namedSince(client, entity, write, features, since);
  if (found.length > 1) return { trace: 'several', ids: found.map(({ id }) => id) };
  const [sighting] = found;
  // Version 0 is that of the create itself: nobody has changed it since.
  return sighting ? { trace: 'found', sighting, exact: sighting.version === '0' } : { trace: 'absent' };
};

/** A name is given once only, so the record of that name is ours if it is as young as the write. */
const namedSince = async (
  client: QuickBooksClient,
  entity: Entity,
  write: Write,
  features: CompanyFeatures,
  since: Date,
): Promise<readonly Sighting[]> => {
  const [named = []] = await namesakes(client, [write], features);
  return named.filter(
    ({ id, createdAt, existence }) =>
      vendorIdOf(entity, id) !== undefined && existence === 'present' && isSince(createdAt, since),
  );
};

/** Transactions made since the write was sent that say what it said; its number, where it has one, tells them apart. */
const createdSince = async (
  client: QuickBooksClient,
  entity: Entity,
  write: Write,
  features: CompanyFeatures,
  since: Date,
): Promise<readonly Sighting[]> => {
  const rows = await allRows(client, {
    entity: entity.name,
    where: [`MetaData.CreateTime >= ${quoted(wireInstant(since))}`],
  });
  const sightings = rows.flatMap((row) => {
    const seen = see(entity, row, features);
    return 'sighting' in seen && seen.sighting !== 'foreign' && isSince(seen.sighting.createdAt, since)
      ? [seen.sighting]
      : [];
  });
  const same = sightings.filter(({ content }) => says(write.kind, write.content, content, entity, features));
  const numbered = same.filter(
    ({ content }) => (content.number ?? null) !== null && content.number === write.content.number,
  );
  return numbered.length > 0 ? numbered : same;
};

const traceTaxRate = async (client: QuickBooksClient, write: Write, features: CompanyFeatures): Promise<Trace> => {
  const [[sighting] = []] = await namesakes(client, [write], features);
  return sighting && says('tax_rate', write.content, sighting.content, { mapping: taxRate }, features)
    ? { trace: 'found', sighting, exact: false }
    : { trace: 'absent' };
};

/**
 * A change of a record is traced on the record. The version that was written over is still there: nothing came of it.
 * Another version that says what was to be said: it was carried out, and it is the very answer if it is the next one.
 * Otherwise somebody else came first, and what they left is compared anew.
 */
const traceChange = async (client: QuickBooksClient, write: Write, features: CompanyFeatures): Promise<Trace> => {
  const { target, operation } = write;
  const entity = entityOf(write.kind, target?.id, write.facet, undefined);
  const id = entity && target && vendorIdOf(entity, target.id);
  if (!entity || !target || id === undefined) return { trace: 'absent' };
  const answer = await answerOf(async () => ({ record: await client.read(entity.name, id) }));
  if ('failure' in answer) {
    if (answer.failure.is !== 'gone') throw new ProviderFailureError(answer.failure);
    if (operation !== 'delete') return { trace: 'absent' };
    const ended = { kind: write.kind, id: target.id, existence: 'deleted', content: target.content } as const;
    return { trace: 'found', sighting: { ...ended, version: target.version, raw: target.raw }, exact: true };
  }
  const seen = see(entity, answer.record, features);
  if ('failure' in seen) throw new ProviderFailureError(seen.failure);
  if (!('sighting' in seen) || seen.sighting === 'foreign') return { trace: 'absent' };
  const { sighting } = seen;
  if (sighting.version === target.version || !isDone(write, sighting, entity, features)) return { trace: 'absent' };
  return { trace: 'found', sighting, exact: BigInt(sighting.version) === BigInt(target.version) + 1n };
};

const isDone = (write: Write, sighting: Sighting, entity: Entity, features: CompanyFeatures): boolean => {
  switch (write.operation) {
    case 'void':
      return sighting.existence === 'voided';
    case 'archive':
      return sighting.existence === 'archived';
    case 'restore':
      return sighting.existence === 'present';
    case 'update':
      return says(write.kind, write.content, sighting.content, entity, features);
    case 'create':
    case 'delete':
    case 'replace':
      return false;
  }
};

/** Whether a record shows what a write said, but for what the vendor decides by itself. */
const says = (
  kind: KindName,
  written: Content,
  shown: Content,
  { mapping }: Pick<Entity, 'mapping'>,
  features: CompanyFeatures,
): boolean => {
  const carried = mapping.carries(features);
  const reading = {
    nameOf: refKey,
    carries: (path: string) =>
      carried.has(path) && !mapping.decides.some((field) => path === field || path.startsWith(`${field}.`)),
  };
  return groupNames(kind).every((group) => {
    const [wanted, there] = [written, shown].map((content) => normalGroup(kind, group, content, reading));
    const cleared = Object.keys(there!).filter((field) => written[field] === null);
    return cleared.length === 0 && Object.entries(wanted!).every(([field, value]) => there![field] === value);
  });
};

const isSince = (instant: string | undefined, since: Date): boolean =>
  instant !== undefined && Date.parse(instant) >= Math.floor(since.getTime() / 1000) * 1000;

/** To the second, which is as exact as the vendor's own times are. */
export const wireInstant = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
