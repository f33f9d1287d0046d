import type { Stored } from './collection.ts';
import { targetOf, type Company } from './company.ts';
import type { ChangeOperation, Entity, User } from './entity.ts';
import { isNew, type Draft, type EntityRules } from './rules.ts';
import { Problems, readBody, referencesIn, type Body } from './shape.ts';
import { faults } from './vendor-fault.ts';
import { Work } from './work.ts';

export interface WriteRequest {
  company: Company;
  rules: EntityRules;
  body: Body;
  user: User;
  include?: ReadonlySet<string>;
}

const NO_FLAGS: ReadonlySet<string> = new Set();

/** Creates an object when the body has no Id, otherwise updates it fully or, with `sparse`, in part. */
export function save(request: WriteRequest): Stored {
  const { company, rules, body, user } = request;
  const updating = body.Id !== undefined && body.Id !== null && body.Id !== '';
  if (updating ? !rules.verbs.update : !rules.verbs.create) {
    throw faults.unsupported(`${updating ? 'Update' : 'Create'} ${rules.name}`);
  }
  const sparse = updating && (body.sparse === true || body.sparse === 'true');
  const input = readInput(request, updating, sparse);
  const stored = updating ? findCurrent(company, rules, body) : undefined;
  checkReferences(company, rules, input, stored?.object);

  const work = new Work(company, user);
  const draft: Draft = {
    company,
    work,
    rules,
    object: formObject(rules, input, stored?.object, sparse),
    hidden: { ...stored?.hidden },
    previous: stored?.object,
    input,
    sparse,
    include: request.include ?? NO_FLAGS,
    user,
  };
  rules.prepare?.(draft);
  checkUnique(draft);
  refuseLockedTransaction(draft, stored);
  rules.settle?.(draft);

  if (stored && !company.switches.noopUpdateBumps) {
    company.refreshNames(rules, draft.object);
    if (saysTheSame(stored.object, draft.object)) return stored;
  }
  if (isNew(draft)) draft.object.Id = company.nextId(rules.sequence);
  work.save(rules, draft.object, draft.hidden, stored, operationOf(draft));
  rules.effects?.(draft);
  work.commit();
  if (isNew(draft)) rules.follow?.(company, draft.object);
  return company.find(rules.name, draft.object.Id) as Stored;
}

/** Deletes a transaction for good. The body needs no more than Id and SyncToken. */
export function remove(request: WriteRequest): string {
  const { company, rules, body } = request;
  if (!rules.verbs.delete) throw faults.unsupported(`Delete ${rules.name}`);
  const stored = findCurrent(company, rules, body);
  const draft = draftOf(request, stored);
  refuseLockedTransaction(draft, stored);
  draft.work.delete(rules, stored);
  rules.release?.(draft);
  draft.work.commit();
  return stored.object.Id;
}

/** Voids a transaction: it stays, with all amounts zero and everything it settled open again. */
export function makeVoid(request: WriteRequest): Stored {
  const { company, rules, body } = request;
  if (!rules.void) throw faults.unsupported(`Void ${rules.name}`);
  const stored = findCurrent(company, rules, body);
  if (stored.hidden.voided) {
    if (company.switches.voidAgain === 'harmless') return stored;
    throw faults.business('The transaction has already been voided.');
  }
  const draft = draftOf(request, stored);
  refuseLockedTransaction(draft, stored);
  draft.work.save(rules, draft.object, draft.hidden, stored, 'Void');
  rules.void(draft);
  draft.hidden.voided = true;
  const note = draft.object.PrivateNote;
  draft.object.PrivateNote = note === undefined ? 'Voided' : `Voided - ${note}`;
  draft.work.commit();
  return company.find(rules.name, stored.object.Id) as Stored;
}

/** The stored object named by Id, provided SyncToken is the current one. */
export function findCurrent(company: Company, rules: EntityRules, body: Body): Stored {
  if (body.Id === undefined || body.Id === null || body.Id === '') throw faults.missing('Id');
  const id = String(body.Id);
  if (body.SyncToken === undefined && company.switches.missingSyncToken === '2020') throw faults.missing('SyncToken');
  const stored = findById(company, rules, id);
  if (String(body.SyncToken) !== stored.object.SyncToken) throw faults.stale(lastEditor(stored));
  return stored;
}

/** The stored object, or fault 610: the vendor answers 400, never 404. */
export function findById(company: Company, rules: EntityRules, id: string): Stored {
  const stored = company.find(rules.name, id);
  if (stored) return stored;
  if (!/^\d+$/.test(id) || /^0+$/.test(id)) throw faults.badId(id);
  const wasDeleted = company.collection(rules.name).deletions.some((deletion) => deletion.id === id);
  throw wasDeleted ? faults.gone() : faults.notFound();
}

function lastEditor(stored: Stored): string {
  return stored.object.MetaData.LastModifiedByRef?.name ?? 'another user';
}

function readInput(request: WriteRequest, updating: boolean, sparse: boolean): Body {
  const { company, rules, body } = request;
  const { switches } = company;
  const problems = new Problems();
  const oneByte = company.isUnitedStates && switches.characterSet === 'strict';
  const input = readBody(
    rules.fields,
    body,
    {
      creating: !updating,
      sparse,
      nullClears: !switches.nullIsAbsentInSparse,
      highestCharacter: oneByte ? 0xff : 0xffff,
    },
    problems,
  );
  for (const field of rules.required) {
    const blank = input[field] === undefined || (field === 'Line' && (input.Line as unknown[]).length === 0);
    const mentioned = Object.hasOwn(input, field);
    if (blank && (!sparse || mentioned || switches.sparseRequiresRefs)) problems.add(2, faults.missing(field));
  }
  problems.throwFirst();
  return input;
}

/** Values that look like references but are fixed words of the vendor. */
const FIXED_VALUES = new Set(['SHIPPING_ITEM_ID', 'GRATUITY_ITEM_ID']);

/**
 * Every reference of the request must point to something that exists and is active; what the object referred to before
 * may have become inactive since.
 */
function checkReferences(company: Company, rules: EntityRules, input: Body, previous: Entity | undefined): void {
  let held: Set<string> | undefined;
  for (const { path, reference, to, holder } of referencesIn(rules.fields, input)) {
    if (to.length === 0 || to[0] === 'Currency') continue;
    const value = String(reference.value);
    if (to[0] === 'Item' && FIXED_VALUES.has(value)) continue;
    const entity = targetOf(to, reference, holder);
    const target = entity === undefined ? undefined : company.object(entity, value);
    if (!target) throw faults.reference(path);
    if (target.Active !== false) continue;
    held ??= referencesHeld(rules, previous);
    if (!held.has(`${entity}/${value}`)) throw faults.reference(path);
  }
}

function referencesHeld(rules: EntityRules, object: Entity | undefined): Set<string> {
  const held = new Set<string>();
  if (!object) return held;
  for (const { reference, to, holder } of referencesIn(rules.fields, object)) {
    held.add(`${targetOf(to, reference, holder)}/${String(reference.value)}`);
  }
  return held;
}

/** A full update keeps only what a client may not write; a sparse one keeps all it does not mention. */
function formObject(rules: EntityRules, input: Body, previous: Entity | undefined, sparse: boolean): Entity {
  if (!previous) return { ...input, Id: '', SyncToken: '' } as unknown as Entity;
  const object: Body = {};
  for (const [name, value] of Object.entries(previous)) {
    const mode = rules.fields[name]?.mode;
    if (sparse || mode === 'read' || mode === 'create') object[name] = value;
  }
  for (const [name, value] of Object.entries(input)) {
    const merges = rules.group === 'company' && sparse && isGroup(value) && isGroup(object[name]);
    object[name] = merges ? { ...(object[name] as Body), ...value } : value;
  }
  return object as Entity;
}

function isGroup(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkUnique({ rules, object, company }: Draft): void {
  for (const { scope, key, fault } of rules.unique?.(object, company) ?? []) {
    const holder = company.holderOf(scope, key);
    if (holder !== undefined && holder !== object.Id) throw fault();
  }
}

/** Closed books and deposits forbid any change, whatever it is. */
function refuseLockedTransaction(draft: Draft, stored: Stored | undefined): void {
  if (draft.rules.group !== 'transaction') return;
  if (stored?.hidden.depositedIn !== undefined) throw faults.deposited();
  const closed = draft.company.preference('AccountingInfoPrefs.BookCloseDate');
  if (typeof closed !== 'string') return;
  for (const date of [stored?.object.TxnDate, draft.object.TxnDate]) {
    if (date !== undefined && date <= closed) throw faults.closedBooks(closed);
  }
}

function draftOf(request: WriteRequest, stored: Stored): Draft {
  const { company, rules, user } = request;
  return {
    company,
    work: new Work(company, user),
    rules,
    object: { ...stored.object },
    hidden: { ...stored.hidden },
    previous: stored.object,
    input: {},
    sparse: true,
    include: request.include ?? NO_FLAGS,
    user,
  };
}

function operationOf(draft: Draft): ChangeOperation {
  if (isNew(draft)) return 'Create';
  const deactivated = draft.previous?.Active !== false && draft.object.Active === false;
  const tellsDelete = draft.company.switches.inactivationEvent === 'Delete' && draft.rules.webhook.includes('D');
  return deactivated && tellsDelete ? 'Delete' : 'Update';
}

function saysTheSame(before: Entity, after: Entity): boolean {
  const content = (object: Entity) =>
    JSON.stringify(
      Object.entries(object)
        .filter(([name, value]) => name !== 'MetaData' && name !== 'SyncToken' && value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return content(before) === content(after);
}
