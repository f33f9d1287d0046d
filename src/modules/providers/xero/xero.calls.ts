import type { KindName } from '../../../domain/contract/index.js';
import {
  isWireObject,
  printWire,
  UnreadableWire,
  wireObjects,
  type Change,
  type Wire,
  type WireObject,
} from '../../../domain/provider/mapping/index.js';
import type {
  CallDraft,
  Finding,
  ProviderExchange,
  ProviderFailure,
  Sighting,
  Write,
  WriteAnswer,
} from '../../../domain/provider/index.js';
import { sentComponents } from './mapping/tax-rate.js';
import { optionOf } from './mapping/tracking.js';
import { trackingCategory } from './mapping/tracking-category.js';
import { BATCH_SIZE, chunksOf, send, type Sent } from './xero.client.js';
import { failureOfElement, lostAnswer, outcomeOf } from './xero.failures.js';
import type { XeroCompany } from './xero.features.js';
import { isIdOf, resourceOf, type Resource } from './xero.resources.js';
import { optionRecord, optionSighting, rawOf, sightingOf } from './xero.sightings.js';
import { movesOf } from './xero.statuses.js';
import { rowsIn, textAt } from './xero.wire.js';

/** Writes as calls, and answers to calls as what came of each write (sheet 2.5, 5). Pure. */

/** One request of a write; a write has one, or several that follow each other. */
interface Step {
  readonly label: string;
  readonly method: Sent['method'];
  readonly parts: readonly string[];
  /** The record as it is said; none where the path says all. */
  readonly element?: WireObject;
  /** What the envelope calls it; absent where it is sent bare. */
  readonly collection?: string;
  /** May share a call with others of the same method and path. */
  readonly batches: boolean;
  readonly shows: 'record' | 'option' | 'allocations' | 'nothing';
  /** The status that the record has afterwards, where that is what the step is about. */
  readonly status?: string;
}

/** The next calls of these writes; those to one resource share calls of up to fifty. */
export const draftCalls = (
  company: string,
  writes: readonly Write[],
  newKey: () => string,
  featuresFor: (write: Write) => XeroCompany,
): readonly CallDraft[] => {
  const groups = new Map<string, { readonly write: Write; readonly step: Step }[]>();
  writes.forEach((write, index) => {
    const step = nextStep(write, featuresFor(write));
    const group = step.batches ? `${step.method} ${step.parts.join('/')}` : `alone ${index}`;
    groups.set(group, [...(groups.get(group) ?? []), { write, step }]);
  });
  return [...groups.values()]
    .flatMap((group) => chunksOf(group, BATCH_SIZE))
    .map((chunk) => {
      const key = newKey();
      return {
        intents: chunk.map(({ write }) => write.intent),
        request: send(company, wordingOf(chunk.map(({ step }) => step)), key),
        ...(chunk[0]!.step.method !== 'DELETE' && { key }),
      };
    });
};

const wordingOf = (steps: readonly Step[]): Sent => {
  const [{ method, parts, collection, element, label, batches }] = steps as readonly [Step];
  const body = collection === undefined ? element : { [collection]: steps.map((step) => step.element ?? {}) };
  return {
    method,
    parts,
    label,
    // Otherwise one refused record would refuse them all (sheet 2.5).
    ...(batches && { query: { summarizeErrors: 'false' } }),
    ...(body && { body: printWire(body) }),
  };
};

/** Whether the next call of a write makes a record. */
export const isMaking = ({ operation, done }: Write): boolean =>
  operation === 'create' ? done.length === 0 : operation === 'replace' && done.length > 0;

/** Whether further calls must follow after the next one. */
export const hasFollowingStep = (write: Write, features: XeroCompany): boolean =>
  !write.refused && write.done.length + 1 < stepsOf(write, features).length;

/** The record over which the next call of a write goes. */
export const lastSighting = (write: Write): Omit<Sighting, 'existence' | 'kind'> | undefined =>
  write.done.at(-1) ?? write.target;

/** Whether a record is where the next call of a write, after which others follow, was to take it. */
export const reachedBy = (write: Write, sighting: Sighting, features: XeroCompany): boolean => {
  const { status } = nextStep(write, features);
  return status !== undefined && textAt(rawOf(sighting.raw), resourceOf(write.kind)!.status) === status;
};

const nextStep = (write: Write, features: XeroCompany): Step => {
  if (write.refused) return makingAgain(write, features);
  const step = stepsOf(write, features)[write.done.length];
  if (!step) throw new Error(`${write.operation} ${write.kind} is complete`);
  return step;
};

/** The record that another one was to take the place of, as it was. */
const makingAgain = (write: Write, features: XeroCompany): Step => {
  if (!write.target) throw new Error('a record that was never seen cannot be made again');
  return creation(resourceOf(write.kind)!, { ...write, content: write.target.content, done: [] }, features)[0]!;
};

const stepsOf = (write: Write, features: XeroCompany): readonly Step[] => {
  if (write.kind === 'tracking_category') return [optionStep(write, features)];
  const resource = resourceOf(write.kind);
  if (!resource) throw new Error(`${write.kind} is only read`);
  switch (write.operation) {
    case 'create':
      return creation(resource, write, features);
    case 'update':
      return update(resource, write, features);
    case 'replace':
      return [ending(resource, write), ...creation(resource, { ...write, done: write.done.slice(1) }, features)];
    case 'delete':
    case 'void':
      return [ending(resource, write)];
    case 'archive':
      return [statusStep(resource, idIn(write, resource), 'ARCHIVED')];
    case 'restore':
      throw new Error(`${resource.name} cannot be brought back`);
  }
};

const creation = (resource: Resource, write: Write, features: XeroCompany): readonly Step[] => {
  const { name, kind, mapping, type, batches } = resource;
  const { Allocations, ...sets } = mapping.write(write.content, undefined, features).sets;
  const moves = movesOf(kind, undefined, textAt(sets, 'Status'));
  const id = write.done.at(0)?.id ?? '';
  const element: WireObject = {
    ...(type?.said && { [type.member]: type.is }),
    ...sets,
    ...(moves.length > 0 && { Status: moves[0]! }),
    ...(kind === 'journal_entry' && { Status: 'POSTED' }),
  };
  const rest = moves.slice(1).map((status) => move(resource, id, status, element));
  return [
    { label: `create ${name}`, method: 'PUT', parts: [name], element, collection: name, batches, shows: 'record' },
    ...rest,
    ...allocating(id, wireObjects(Allocations), element.Date),
  ];
};

const update = (resource: Resource, write: Write, features: XeroCompany): readonly Step[] => {
  const { kind, id: idMember, mapping } = resource;
  const before = rawOf(write.target?.raw);
  const id = idIn(write, resource);
  const change = mapping.write(write.content, before, features);
  const { Allocations, ...sets } = change.sets;
  const { Status: wanted, ...edits } = sets;
  if (kind === 'quote' || kind === 'purchase_order') {
    const { first, then } = aroundEdits(kind, before.Status, wanted, Object.keys(edits).length > 0);
    const edit = Object.keys(edits).length > 0 || (first.length === 0 && then.length === 0);
    return [
      ...first.map((status) => move(resource, id, status, before)),
      ...(edit ? [saved(resource, { [idMember]: id, ...insisted(kind, before), ...edits })] : []),
      ...then.map((status) => move(resource, id, status, { ...before, ...edits })),
    ];
  }
  const element = { [idMember]: id, ...(kind === 'tax_rate' && taxRateWhole(before, change)), ...sets };
  const applied = Allocations === undefined ? [] : reallocating(id, before, wireObjects(Allocations), sets.Date);
  return Object.keys(sets).length > 0 || applied.length === 0 ? [saved(resource, element), ...applied] : applied;
};

/** A rate is always said whole: what is matched on is uncertain, and components are no partial matter (sheet 3.6). */
const taxRateWhole = (before: WireObject, { sets }: Change): WireObject => ({
  Name: before.Name ?? null,
  TaxComponents: sentComponents({ ...before, ...sets }),
});

/**
 * The moves before and after an edit. A quote that was answered is edited as a sent one, and answered again afterwards
 * (sheet 3.12).
 */
const aroundEdits = (
  kind: KindName,
  from: Wire | undefined,
  wanted: Wire | undefined,
  edits: boolean,
): { readonly first: readonly string[]; readonly then: readonly string[] } => {
  const now = String(from);
  const end = typeof wanted === 'string' ? wanted : now;
  if (kind !== 'quote' || !edits || now === 'DRAFT' || now === 'SENT') {
    return { first: [], then: movesOf(kind, now, end) };
  }
  return { first: movesOf(kind, now, 'SENT'), then: movesOf(kind, 'SENT', end) };
};

/** What the vendor wants to be told again with every change of a quote (sheet 3.12). */
const insisted = (kind: KindName, record: WireObject): WireObject => {
  if (kind !== 'quote') return {};
  const contact = textAt(record, 'Contact.ContactID');
  return {
    ...(contact !== undefined && { Contact: { ContactID: contact } }),
    ...(record.Date !== undefined && { Date: record.Date }),
  };
};

const saved = ({ name, kind, batches }: Resource, element: WireObject): Step => ({
  label: `change ${name}`,
  method: 'POST',
  parts: kind === 'account' ? [name, String(element.AccountID)] : [name],
  element,
  collection: name,
  batches,
  shows: 'record',
});

const move = (resource: Resource, id: string, status: string, record: WireObject): Step => ({
  ...saved(resource, { [resource.id]: id, ...insisted(resource.kind, record), Status: status }),
  status,
});

const statusStep = (resource: Resource, id: string, status: string): Step => ({
  ...saved(resource, { [resource.id]: id, [resource.status]: status }),
  label: `${status === 'ARCHIVED' ? 'archive' : 'end'} ${resource.name}`,
  status,
});

/** What is approved is voided, and what is not yet is deleted (sheet 3.10); other things have one way to end. */
const ending = (resource: Resource, write: Write): Step => {
  const { name, kind } = resource;
  const id = idIn(write, resource);
  if (kind === 'account' || kind === 'item') {
    return { label: `delete ${name}`, method: 'DELETE', parts: [name, id], batches: false, shows: 'nothing' };
  }
  if (resource.name === 'Payments') {
    const label = `delete ${name}`;
    const element = { Status: 'DELETED' };
    return { label, method: 'POST', parts: [name, id], element, batches: false, shows: 'record', status: 'DELETED' };
  }
  const isApproved = !['DRAFT', 'SUBMITTED'].includes(String(rawOf(write.target?.raw).Status));
  return statusStep(resource, id, isApproved && VOIDABLE.includes(kind) ? 'VOIDED' : 'DELETED');
};

const VOIDABLE: readonly KindName[] = ['invoice', 'bill', 'credit_note', 'vendor_credit', 'journal_entry'];

const idIn = ({ target }: Write, resource: Resource): string => {
  if (!target || !isIdOf(resource, target.id)) throw new Error(`${target?.id} is no id of ${resource.name}`);
  return target.id;
};

const allocating = (id: string, added: readonly WireObject[], date: Wire | undefined): readonly Step[] =>
  added.length === 0
    ? []
    : [
        {
          label: 'allocate CreditNotes',
          method: 'PUT',
          parts: ['CreditNotes', id, 'Allocations'],
          element: { Allocations: added.map((one) => ({ ...one, ...(date !== undefined && { Date: date }) })) },
          batches: false,
          shows: 'allocations',
        },
      ];

/** Allocations cannot be changed: those that are wanted otherwise go first, one by one (sheet 3.11). */
const reallocating = (
  id: string,
  before: WireObject,
  wanted: readonly WireObject[],
  date: Wire | undefined,
): readonly Step[] => {
  const known = (one: WireObject): string | undefined => textAt(one, 'AllocationID');
  const kept = new Set(wanted.map(known));
  const removed = wireObjects(before.Allocations).filter((one) => one.IsDeleted !== true && !kept.has(known(one)));
  return [
    ...removed.map((one): Step => ({
      label: 'release CreditNotes',
      method: 'DELETE',
      parts: ['CreditNotes', id, 'Allocations', known(one) ?? ''],
      batches: false,
      shows: 'allocations',
    })),
    ...allocating(
      id,
      wanted.filter((one) => known(one) === undefined),
      date ?? before.Date,
    ),
  ];
};

const optionStep = (write: Write, features: XeroCompany): Step => {
  const common = { batches: false, shows: 'option' } as const;
  const place = 'TrackingCategories';
  if (write.operation === 'create') {
    const { Dimension, ...element } = trackingCategory.write(write.content, undefined, features).sets;
    const category = features.dimensions.get(String(Dimension));
    if (category === undefined) throw new Error(`there is no tracking category ${String(Dimension)}`);
    const parts = [place, category, 'Options'];
    return { ...common, label: 'create Options', method: 'PUT', parts, element };
  }
  const id = optionOf(write.target?.id ?? '');
  if (!id) throw new Error(`${write.target?.id} is no id of a tracking option`);
  const parts = [place, id.category, 'Options', id.option];
  switch (write.operation) {
    case 'update': {
      const element = trackingCategory.write(write.content, rawOf(write.target?.raw), features).sets;
      const Name = element.Name ?? rawOf(write.target?.raw).Name ?? null;
      return { ...common, label: 'change Options', method: 'POST', parts, element: { ...element, Name } };
    }
    case 'archive':
      return { ...common, label: 'archive Options', method: 'POST', parts, element: { Status: 'ARCHIVED' } };
    case 'delete':
      return { label: 'delete Options', method: 'DELETE', parts, batches: false, shows: 'nothing' };
    case 'void':
    case 'restore':
    case 'replace':
      throw new Error(`an option knows no ${write.operation}`);
  }
};

/** What an exchange means for each write of its call. Never throws, whatever came back. */
export const readAnswers = (
  call: CallDraft,
  writes: readonly Write[],
  exchange: ProviderExchange,
  featuresFor: (write: Write) => XeroCompany,
): readonly WriteAnswer[] => {
  const outcome = outcomeOf(exchange, 'write');
  return call.intents.flatMap((intent, index) => {
    const write = writes.find((one) => one.intent === intent);
    if (!write) return [];
    if ('body' in outcome) return [answerOf(write, outcome.body, index, featuresFor(write))];
    // One unknown id fails a whole call, and the others were not looked at (sheet 5): all are looked at again.
    const isShared = call.intents.length > 1 && outcome.failure.is === 'gone';
    return [failed(write, isShared ? { ...outcome.failure, is: 'stale' } : outcome.failure)];
  });
};

const failed = (write: Write, failure: ProviderFailure): WriteAnswer => {
  const { intent } = write;
  if (!isMaking(write) && !write.refused) return { intent, outcome: 'failed', failure };
  // What is to be made cannot be gone: something that it refers to is.
  const told: ProviderFailure = failure.is === 'gone' ? { ...failure, is: 'invalid' } : failure;
  const isRefused = told.is === 'invalid' || told.is === 'duplicate';
  const undone = isRefused && !write.refused && write.done.length > 0;
  return { intent, outcome: 'failed', failure: told, ...(undone && { more: true }) };
};

const answerOf = (write: Write, body: WireObject, index: number, features: XeroCompany): WriteAnswer => {
  const { intent } = write;
  try {
    const step = nextStep(write, features);
    const more = hasFollowingStep(write, features);
    const element = elementOf(step, body, index);
    const failure = element && failureOfElement(element);
    if (failure) return failed(write, failure);
    const sighting = shownBy(step, write, element, body, features);
    // What was to be replaced is there again, and why it was not replaced stands as before.
    if (write.refused) return { intent, outcome: 'failed', failure: write.refused, ...(sighting && { sighting }) };
    const isOver = write.operation === 'delete' && sighting?.existence === 'deleted';
    return { intent, outcome: 'done', ...(sighting && !isOver && { sighting }), ...(more && { more }) };
  } catch (problem) {
    const told = problem instanceof UnreadableWire ? problem.message : 'a record that cannot be read';
    return failed(write, lostAnswer(`Xero answered ${told}`));
  }
};

const elementOf = ({ shows, parts }: Step, body: WireObject, index: number): WireObject | undefined => {
  if (shows === 'nothing' || shows === 'allocations') return undefined;
  const collection = shows === 'option' ? 'Options' : parts[0]!;
  const element = rowsIn(body, collection)[index];
  if (!element) throw new UnreadableWire(collection, 'as many records as were sent');
  return element;
};

const shownBy = (
  { shows, status }: Step,
  write: Write,
  element: WireObject | undefined,
  body: WireObject,
  features: XeroCompany,
): Sighting | undefined => {
  switch (shows) {
    case 'nothing':
      return undefined;
    case 'allocations':
      return withAllocations(write, body, features);
    case 'option':
      return optionSighting(optionRecord(categoryOf(write, features), element!), features);
    case 'record': {
      const resource = resourceOf(write.kind)!;
      const id = textAt(element, resource.id);
      // Without an id nothing was kept (sheet 2.5); with another one it is another record.
      if (id === undefined || !isIdOf(resource, id)) throw new UnreadableWire(resource.id, 'an id');
      const ends = status === 'DELETED' && write.target !== undefined;
      return ends ? endedSighting(write, resource, element!, features) : sightingOf(resource, element!, features);
    }
  }
};

/** A record that has ended shows little; it is kept as it was, with its new existence and version. */
const endedSighting = (write: Write, resource: Resource, element: WireObject, features: XeroCompany): Sighting => {
  if (textAt(element, resource.status) !== 'DELETED') throw new UnreadableWire(resource.status, 'DELETED');
  const { id, raw, content } = write.target!;
  const { version } = sightingOf(resource, { ...rawOf(raw), ...stampOf(element), Status: 'DELETED' }, features);
  return { kind: write.kind, id, existence: 'deleted', content, version, raw };
};

const stampOf = ({ UpdatedDateUTC }: WireObject): WireObject =>
  UpdatedDateUTC === undefined ? {} : { UpdatedDateUTC };

const categoryOf = (write: Write, { dimensions }: XeroCompany): WireObject => {
  if (write.target) {
    const { TrackingCategoryID = null, Dimension = null, CategoryStatus = null } = rawOf(write.target.raw);
    return { TrackingCategoryID, Name: Dimension, Status: CategoryStatus };
  }
  const name = String(write.content.dimension);
  return { TrackingCategoryID: dimensions.get(name) ?? null, Name: name, Status: 'ACTIVE' };
};

/** The answer tells of the allocation alone: the note is as it was, with this one more or less. */
const withAllocations = (write: Write, body: WireObject, features: XeroCompany): Sighting => {
  const before = lastSighting(write)!;
  const record = rawOf(before.raw);
  const removed = textAt(body, 'AllocationID');
  const kept = wireObjects(record.Allocations).filter((one) => textAt(one, 'AllocationID') !== removed);
  const added = Array.isArray(body.Allocations) ? wireObjects(body.Allocations) : [];
  if (removed === undefined && added.length === 0) throw new UnreadableWire('Allocations', 'what was allocated');
  const refusedOne = added.map(failureOfElement).find((failure) => failure !== undefined);
  if (refusedOne) throw new UnreadableWire('Allocations', refusedOne.message);
  const raw: WireObject = { ...record, Allocations: [...kept, ...added] };
  return {
    kind: write.kind,
    id: before.id,
    existence: 'present',
    content: resourceOf(write.kind)!.mapping.read(raw, features),
    // The note's own new version is not told.
    version: before.version,
    raw: printWire(raw),
  };
};

/** What the vendor is certain to refuse of a write. */
export const findingsOf = (write: Write, features: XeroCompany): readonly Finding[] => [
  ...contentFindings(write, features),
  ...endFindings(write),
  ...closedFindings(write, features),
];

const contentFindings = (write: Write, features: XeroCompany): readonly Finding[] => {
  const { operation, content, target, kind } = write;
  if (operation !== 'create' && operation !== 'update' && operation !== 'replace') return [];
  const mapping = kind === 'tracking_category' ? trackingCategory : resourceOf(kind)?.mapping;
  if (!mapping) return [{ path: '', rule: 'read_only', message: 'must stay as it is: Xero shows it only' }];
  const before = operation === 'update' ? rawOf(target?.raw) : undefined;
  if (before && kind === 'contact' && before.ContactStatus === 'ARCHIVED') {
    return [{ path: '', rule: 'archived', message: 'must be brought back in Xero before it can be changed' }];
  }
  const refused = mapping.refuses(content, before, features);
  if (refused.length > 0 || !before) return refused;
  return Object.keys(content)
    .filter((name) => content[name] === null && !isClearable(mapping.write({ [name]: null }, before, features)))
    .map((path) => ({ path, rule: 'stays', message: 'cannot be cleared: Xero keeps what is left out' }));
};

/** What is left out of a change stays (sheet 3.1, 3.4), so only what has a blank can be cleared. */
const isClearable = ({ drops, sets }: Change): boolean =>
  drops.size === 0 && !(Array.isArray(sets.LineItems) && sets.LineItems.length === 0);

const ENDS = ['delete', 'void', 'replace'];

const endFindings = ({ operation, target, kind }: Write): readonly Finding[] => {
  if (!ENDS.includes(operation) || typeof target?.raw !== 'string') return [];
  const record = rawOf(target.raw);
  if (kind === 'payment' || kind === 'bill_payment') {
    return textAt(record, 'BatchPaymentID') !== undefined || isWireObject(record.BatchPayment)
      ? [{ path: '', rule: 'in_batch', message: 'must be ended in Xero with the batch that it belongs to' }]
      : [];
  }
  const isSettled = ['AmountPaid', 'AmountCredited'].some((member) => Number(textAt(record, member) ?? '0') !== 0);
  const isAllocated = wireObjects(record.Allocations).some(({ IsDeleted }) => IsDeleted !== true);
  return isSettled || isAllocated
    ? [{ path: '', rule: 'has_payments', message: 'must be freed of its payments and credits first' }]
    : [];
};

/** What posts nothing may be dated as one likes. */
const POSTS_NOTHING = ['quote', 'purchase_order'];

/** Nothing that is dated in a closed period, or would be, can be changed (sheet 5). */
const closedFindings = (write: Write, { closedUntil }: XeroCompany): readonly Finding[] => {
  if (closedUntil === undefined || POSTS_NOTHING.includes(write.kind)) return [];
  const path = ['issueDate', 'date'].find((name) => [write.content, write.target?.content].some((one) => one?.[name]));
  if (path === undefined) return [];
  const dates = [write.content[path], write.target?.content[path]];
  return dates.some((date) => typeof date === 'string' && date <= closedUntil)
    ? [{ path, rule: 'closed_period', message: `must be after ${closedUntil}, until which the books are closed` }]
    : [];
};
