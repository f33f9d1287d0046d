import type { Company } from './company.ts';
import { entities } from './entities/index.ts';
import type { User } from './entity.ts';
import { runQuery } from './query/run.ts';
import type { EntityRules } from './rules.ts';
import type { Body } from './shape.ts';
import { faults, VendorFault } from './vendor-fault.ts';
import { makeVoid, remove, save } from './writing.ts';

const MOST_ITEMS = 30;

/** Up to thirty independent operations in one call; each succeeds or fails on its own (sheet 4.4). */
export function runBatch(company: Company, body: Body, user: User, include: ReadonlySet<string>): string {
  const items = body.BatchItemRequest;
  for (const name of Object.keys(body)) if (name !== 'BatchItemRequest') throw faults.property(name);
  if (!Array.isArray(items) || items.length === 0) throw faults.missing('BatchItemRequest');
  if (items.length > MOST_ITEMS) {
    throw faults.business(`A batch holds ${MOST_ITEMS} items at most. Supplied: ${items.length}`, 'BatchItemRequest');
  }
  const seen = new Set<string>();
  const responses = (items as Body[]).map((item) => {
    const bId = typeof item.bId === 'string' || typeof item.bId === 'number' ? String(item.bId) : undefined;
    const members = guarded(() => {
      if (bId === undefined || bId === '') throw faults.missing('bId');
      if (seen.has(bId)) throw faults.business(`The bId ${bId} occurs twice in the batch.`, 'bId');
      seen.add(bId);
      return perform(company, item, user, include);
    });
    return bId === undefined ? `{${members}}` : `{${members},"bId":${JSON.stringify(bId)}}`;
  });
  const { switches, surroundings } = company;
  const ordered = switches.batchResponseShuffled ? surroundings.random.shuffled(responses) : responses;
  return `{"BatchItemResponse":[${ordered.join(',')}]`;
}

function guarded(perform: () => string): string {
  try {
    return perform();
  } catch (error) {
    if (error instanceof VendorFault) return `"Fault":${JSON.stringify(error.body)}`;
    throw error;
  }
}

function perform(company: Company, item: Body, user: User, include: ReadonlySet<string>): string {
  if (typeof item.Query === 'string') return `"QueryResponse":${runQuery(company, item.Query).text}`;
  const { name, object } = payloadOf(item);
  const rules = entities.get(name) as EntityRules;
  const options = String(item.optionsData ?? '').split(',');
  const request = { company, rules, body: object, user, include: new Set([...include, ...options]) };
  const voids = options.includes('void') && rules.verbs.void !== undefined && rules.verbs.void !== 'person';
  switch (item.operation) {
    case 'create':
      if (object.Id !== undefined) throw faults.property('Id');
      return `"${name}":${company.textOf(save(request))}`;
    case 'update':
      if (object.Id === undefined) throw faults.missing('Id');
      return `"${name}":${company.textOf(voids ? makeVoid(request) : save(request))}`;
    case 'delete':
      return `"${name}":{"status":"Deleted","domain":"QBO","Id":"${remove(request)}"}`;
    case undefined:
      throw faults.missing('operation');
    default:
      throw faults.unsupported(String(item.operation));
  }
}

function payloadOf(item: Body): { name: string; object: Body } {
  const known = ['bId', 'operation', 'optionsData'];
  const [name, ...more] = Object.keys(item).filter((key) => !known.includes(key));
  if (name === undefined) throw faults.missing('an entity');
  if (more.length > 0 || !entities.has(name)) throw faults.property(more[0] ?? name);
  const object = item[name];
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw faults.property(name);
  return { name, object: object as Body };
}
