import { UnreadableWire, isWireObject, printWire, type WireObject } from '../../../domain/provider/mapping/index.js';
import type {
  CallDraft,
  Finding,
  ProviderExchange,
  ProviderFailure,
  ProviderRequest,
  Sighting,
  Write,
  WriteAnswer,
} from '../../../domain/provider/index.js';
import { taxRate, taxServiceRecord, taxServiceRequest } from './mapping/tax-rate.js';
import { withoutComputedTax } from './mapping/tax.js';
import { BATCH_LIMIT, BATCH_SIZE, LONG_DEADLINE_MS, post } from './quickbooks.client.js';
import { entityOf, idOf, vendorIdOf, type Entity } from './quickbooks.entities.js';
import { failureOfItem, lostAnswer, namedIn, outcomeOf } from './quickbooks.failures.js';
import type { CompanyFeatures } from './quickbooks.features.js';
import { isDeleted, sendable, sightingOf, taxSighting } from './quickbooks.sightings.js';
import { batchItems, asRecord } from './quickbooks.wire.js';

/** Writes as calls, and answers to calls as what came of each write (sheet 4.4, 5). Pure. */

/** One write as the vendor words it. */
interface Item {
  readonly write: Write;
  /** As the vendor names the entity in bodies; the tax service has none. */
  readonly entity: string;
  readonly path: string;
  readonly operation: 'create' | 'update' | 'delete' | 'void';
  readonly body: WireObject;
  readonly query?: Readonly<Record<string, string>>;
  /** What a batch item needs in place of the query; absent where the operation cannot stand in a batch. */
  readonly inBatch?: Readonly<Record<string, string>>;
}

/** Documents trust the vendor's own key; for names it is reported to do nothing, so the two never share a call. */
export const trustsKey = ({ nature }: Pick<Entity, 'nature'>): boolean => nature === 'transaction';

const entityOfWrite = (write: Write): Entity => {
  const entity = entityOf(write.kind, write.target?.id, write.facet, write.content.dimension);
  if (!entity) throw new Error(`no entity for ${write.kind} ${write.facet ?? ''}`);
  return entity;
};

/** The next calls of these writes: one write is a plain call, several share batches of up to thirty. */
export const draftCalls = (
  company: string,
  writes: readonly Write[],
  newKey: () => string,
  features: CompanyFeatures,
): readonly CallDraft[] => {
  const groups = new Map<string, Item[]>();
  writes.forEach((write, index) => {
    const item = itemOf(write, features);
    const group = item.inBatch ? `${trustsKey(entityOfWrite(write))}` : `alone ${index}`;
    groups.set(group, [...(groups.get(group) ?? []), item]);
  });
  return [...groups.values()]
    .flatMap((items) =>
      Array.from({ length: Math.ceil(items.length / BATCH_SIZE) }, (_, index) =>
        items.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
      ),
    )
    .map((items) => callOf(company, items, newKey()));
};

const callOf = (company: string, items: readonly Item[], key: string): CallDraft => ({
  intents: items.map(({ write }) => write.intent),
  request: items.length === 1 ? plainRequest(company, items[0]!, key) : batchRequest(company, items, key),
  key,
});

const plainRequest = (company: string, { entity, path, operation, body, query }: Item, key: string): ProviderRequest =>
  post(company, path, {
    query: { ...query, requestid: key },
    body: printWire(body),
    label: `${operation} ${entity}`,
  });

const batchRequest = (company: string, items: readonly Item[], key: string): ProviderRequest =>
  post(company, 'batch', {
    query: { requestid: key },
    body: printWire({
      BatchItemRequest: items.map(({ entity, body, inBatch }, index) => ({
        bId: `${index + 1}`,
        ...inBatch,
        [entity]: body,
      })),
    }),
    label: `batch ${[...new Set(items.map(({ operation, entity }) => `${operation} ${entity}`))].slice(0, 3).join(', ')}`,
    draws: [BATCH_LIMIT],
    deadlineMs: LONG_DEADLINE_MS,
  });

const itemOf = (write: Write, features: CompanyFeatures): Item => {
  if (write.kind === 'tax_rate') {
    if (write.operation !== 'create') throw new Error('tax rates can only be created');
    return {
      write,
      entity: 'TaxCode',
      path: 'taxservice/taxcode',
      operation: 'create',
      body: taxServiceRequest(write.content, features),
    };
  }
  const entity = entityOfWrite(write);
  const path = entity.name.toLowerCase();
  switch (write.operation) {
    case 'create': {
      const body = entity.mapping.write(write.content, undefined, features).sets;
      return { write, entity: entity.name, path, operation: 'create', body, inBatch: { operation: 'create' } };
    }
    case 'update':
      return updateItem(write, entity, path, features);
    case 'archive':
      return switchItem(write, entity, path, false);
    case 'restore':
      return switchItem(write, entity, path, true);
    case 'delete':
      return {
        write,
        entity: entity.name,
        path,
        operation: 'delete',
        body: versionOf(write, entity),
        query: { operation: 'delete' },
        inBatch: { operation: 'delete' },
      };
    case 'void':
      return voidItem(write, entity, path);
    case 'replace':
      throw new Error(`${entity.name} is changed where it is`);
  }
};

/** Id and version of the record as last seen: an update of any other version is refused with 5010. */
const versionOf = ({ target }: Write, entity: Entity): WireObject => {
  const id = target && vendorIdOf(entity, target.id);
  if (id === undefined) throw new Error(`${target?.id} is no id of ${entity.name}`);
  return { Id: id, SyncToken: target!.version };
};

const updateItem = (write: Write, entity: Entity, path: string, features: CompanyFeatures): Item => {
  const before = sendable(write.target?.raw);
  const change = entity.mapping.write(write.content, before, features);
  const version = versionOf(write, entity);
  const body =
    change.drops.size > 0
      ? { ...withoutComputedTax(change.whole(), features), ...version }
      : { ...version, sparse: true, ...insisted(entity, before), ...change.sets };
  // What was booked under the old account stays there (sheet 3.3); a batch has no place to say so.
  const movesAccounts =
    entity.name === 'Item' && ('IncomeAccountRef' in change.sets || 'ExpenseAccountRef' in change.sets);
  return {
    write,
    entity: entity.name,
    path,
    operation: 'update',
    body,
    ...(movesAccounts ? { query: { include: 'donotupdateaccountontxns' } } : { inBatch: { operation: 'update' } }),
  };
};

/** A name that the vendor marked as inactive is repeated with its mark: it is not what changes. */
const insisted = ({ insists }: Entity, before: WireObject): WireObject =>
  Object.fromEntries(insists.flatMap((member) => (before[member] === undefined ? [] : [[member, before[member]]])));

/**
 * Switches a list record off or on. What the vendor insists on goes along, its name among it; whether switching on takes
 * the mark off the name is uncertain, so the bare name is said.
 */
const switchItem = (write: Write, entity: Entity, path: string, active: boolean): Item => {
  const repeated = insisted(entity, sendable(write.target?.raw));
  const bare = Object.fromEntries(
    Object.entries(repeated).map(([member, value]) => [
      member,
      typeof value === 'string' ? value.replace(/ \(deleted\)$/i, '') : value,
    ]),
  );
  return {
    write,
    entity: entity.name,
    path,
    operation: 'update',
    body: { ...versionOf(write, entity), sparse: true, Active: active, ...(active ? bare : repeated) },
    inBatch: { operation: 'update' },
  };
};

const voidItem = (write: Write, entity: Entity, path: string): Item => {
  const common = { write, entity: entity.name, path, operation: 'void' } as const;
  switch (entity.voids) {
    case 'operation=void':
      return { ...common, body: versionOf(write, entity), query: { operation: 'void' } };
    case 'include=void':
      return {
        ...common,
        body: { ...versionOf(write, entity), sparse: true },
        query: { operation: 'update', include: 'void' },
        inBatch: { operation: 'update', optionsData: 'void' },
      };
    case undefined:
      throw new Error(`${entity.name} cannot be voided`);
  }
};

/** What an exchange means for each write of its call. Never throws, whatever came back. */
export const readAnswers = (
  call: CallDraft,
  writes: readonly Write[],
  exchange: ProviderExchange,
  features: CompanyFeatures,
): readonly WriteAnswer[] => {
  const outcome = outcomeOf(exchange, 'write');
  const isBatch = call.request.path.endsWith('/batch');
  const items = 'body' in outcome && isBatch ? itemsOf(outcome.body) : undefined;
  return call.intents.flatMap((intent, index) => {
    const write = writes.find((one) => one.intent === intent);
    if (!write) return [];
    if ('failure' in outcome) return [failed(write, outcome.failure)];
    if (!isBatch) return [answerOf(write, outcome.body, features)];
    const item = items?.get(`${index + 1}`);
    if (!item) return [failed(write, lostAnswer('QuickBooks left the item of the batch unanswered'))];
    const failure = failureOfItem(item, exchange, 'write');
    return [failure ? failed(write, failure) : answerOf(write, item, features)];
  });
};

const itemsOf = (body: WireObject): ReadonlyMap<string, WireObject> | undefined => {
  try {
    return batchItems(body);
  } catch {
    return undefined;
  }
};

const failed = (write: Write, failure: ProviderFailure): WriteAnswer => {
  if (failure.is === 'gone' && write.operation === 'create') {
    // What is to be made cannot be gone: something that it refers to is, or was switched off.
    const { message, code } = failure;
    return { intent: write.intent, outcome: 'failed', failure: { is: 'invalid', message, ...(code && { code }) } };
  }
  if (failure.is !== 'duplicate' || write.kind === 'tax_rate')
    return { intent: write.intent, outcome: 'failed', failure };
  const entity = entityOf(write.kind, write.target?.id, write.facet, write.content.dimension);
  const candidates = entity ? namedIn(failure.message, entity.name).map((id) => idOf(entity, id)) : [];
  return { intent: write.intent, outcome: 'failed', failure: { ...failure, candidates } };
};

const answerOf = (write: Write, body: WireObject, features: CompanyFeatures): WriteAnswer => {
  try {
    const sighting = write.kind === 'tax_rate' ? taxAnswer(body, features) : recordAnswer(write, body, features);
    if (sighting === 'gone') return { intent: write.intent, outcome: 'done' };
    if (sighting) return { intent: write.intent, outcome: 'done', sighting };
    return failed(write, lostAnswer('QuickBooks answered without the record'));
  } catch (problem) {
    const told = problem instanceof UnreadableWire ? problem.message : 'a record that cannot be read';
    return failed(write, lostAnswer(`QuickBooks answered ${told}`));
  }
};

const taxAnswer = (body: WireObject, features: CompanyFeatures): Sighting | undefined => {
  const record = taxServiceRecord(body, features);
  return record && taxSighting(record, features);
};

const recordAnswer = (write: Write, body: WireObject, features: CompanyFeatures): Sighting | 'gone' | undefined => {
  const entity = entityOfWrite(write);
  const record = body[entity.name];
  if (!isWireObject(record)) return undefined;
  if (write.operation === 'delete') return isDeleted(record) ? 'gone' : undefined;
  return sightingOf(entity, asRecord(record, entity.name), features);
};

/** What the vendor is certain to refuse of a write. */
export const findingsOf = (write: Write, features: CompanyFeatures): readonly Finding[] => {
  if (write.kind === 'tax_rate') return taxRate.refuses(write.content, undefined, features);
  const entity = entityOf(write.kind, write.target?.id, write.facet, write.content.dimension);
  if (!entity) {
    const path = write.kind === 'tracking_category' ? 'dimension' : '';
    return [{ path, rule: 'not_held', message: 'must be of a sort that QuickBooks keeps' }];
  }
  return [...contentFindings(write, entity, features), ...closedFindings(write, features)];
};

const contentFindings = (write: Write, entity: Entity, features: CompanyFeatures): readonly Finding[] => {
  if (write.operation !== 'create' && write.operation !== 'update') return [];
  const before = write.operation === 'update' ? sendable(write.target?.raw) : undefined;
  return entity.mapping.refuses(write.content, before, features);
};

/** What posts nothing may be dated as one likes. */
const POSTS_NOTHING = ['quote', 'purchase_order'];

/** Nothing that is dated in a closed period, or would be, can be changed (6210). */
const closedFindings = (write: Write, { closedUntil }: CompanyFeatures): readonly Finding[] => {
  if (closedUntil === undefined || POSTS_NOTHING.includes(write.kind)) return [];
  const path = ['issueDate', 'date'].find((name) => [write.content, write.target?.content].some((one) => one?.[name]));
  if (path === undefined) return [];
  const dates = [write.content[path], write.target?.content[path]];
  return dates.some((date) => typeof date === 'string' && date <= closedUntil)
    ? [{ path, rule: 'closed_period', message: `must be after ${closedUntil}, until which the books are closed` }]
    : [];
};
