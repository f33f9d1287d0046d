import { referencesIn } from '../../../domain/contract/index.js';
import {
  finding,
  isWireObject,
  printWire,
  UnreadableWire,
  wireAt,
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
import { isDraft } from './mapping/invoice.js';
import { isProvidersOwn } from './mapping/payment.js';
import { withMark } from './mapping/words.js';
import { requestOf } from './wave.client.js';
import type { WaveCompany } from './wave.company.js';
import { mutationDocument, shownBy, type Mutation } from './wave.documents.js';
import { isPostedAlready, lostAnswer, outcomeOf, payloadOf } from './wave.failures.js';
import { inputOf, lineInputs } from './wave.inputs.js';
import { resourceOf, UNSHOWN, vendorIdOf, type Resource } from './wave.resources.js';
import { accountVersion, recordIn, sightingOf } from './wave.sightings.js';
import { asRecord } from './wave.wire.js';

/** Writes as calls, and answers to calls as what came of each write (sheet 3.4, 3.5, 6). Pure. */

/** One mutation of a write; a write has one, or several that follow each other. */
interface Step {
  readonly mutation: Mutation;
  readonly input: WireObject;
  readonly label: string;
}

/** The next call of each write: every write is a call of its own, or several. */
export const draftCalls = (writes: readonly Write[], business: WaveCompany): readonly CallDraft[] =>
  writes.map((write) => {
    const { mutation, input, label } = nextStep(write, business);
    return {
      intents: [write.intent],
      request: requestOf(mutationDocument(mutation), { input }, label),
      // The vendor's only key: the same one twice is posted once (sheet 6).
      ...(UNSHOWN[write.kind] && { key: write.marker }),
    };
  });

const nextStep = (write: Write, business: WaveCompany): Step => {
  const step = stepsOf(write, business)[write.done.length];
  if (!step) throw new Error(`${write.operation} ${write.kind} has no call ${write.done.length + 1}`);
  return step;
};

/** Whether further calls must follow after the next one. */
export const isUnfinished = (write: Write, business: WaveCompany): boolean =>
  write.done.length + 1 < stepsOf(write, business).length;

const stepsOf = (write: Write, business: WaveCompany): readonly Step[] => {
  const unshown = UNSHOWN[write.kind];
  if (unshown) {
    if (write.operation !== 'create') throw new Error(`${write.kind} can only be created`);
    const { sets } = unshown.write(write.content, undefined, business);
    const input = { businessId: business.id, externalId: write.marker, ...sets };
    return [{ mutation: 'moneyTransactionCreate', input, label: 'create money transaction' }];
  }
  const resource = resourceOfWrite(write);
  switch (write.operation) {
    case 'create':
      return creation(resource, write, business);
    case 'update':
      return update(resource, write, business);
    case 'delete': {
      const [mutation, names] = resource.delete ?? missing(resource, write);
      return [{ mutation, input: { [names]: idOfTarget(write, resource, business) }, label: `delete ${resource.one}` }];
    }
    case 'archive':
      return [
        {
          mutation: resource.archive ?? missing(resource, write),
          input: { id: idOfTarget(write, resource, business) },
          label: `archive ${resource.one}`,
        },
      ];
    case 'void':
    case 'restore':
    case 'replace':
      return missing(resource, write);
  }
};

const missing = ({ one }: Resource, { operation }: Write): never => {
  throw new Error(`there is no ${operation} of ${one}`);
};

const resourceOfWrite = ({ kind, target, facet }: Write): Resource => {
  const resource = resourceOf(kind, target?.id, facet);
  if (!resource) throw new Error(`no resource for ${kind} ${facet ?? ''}`);
  return resource;
};

const idOfTarget = ({ target }: Write, resource: Resource, business: WaveCompany): string => {
  const id = target && vendorIdOf(resource, target.id, business.id);
  if (id === undefined) throw new Error(`${target?.id} is no id of ${resource.one}`);
  return id;
};

const creation = (resource: Resource, write: Write, business: WaveCompany): readonly Step[] => {
  const change = resource.mapping.write(write.content, undefined, business);
  const { status, ...said } = inputOf(change);
  const made = write.done[0] && recordIn(write.done[0].raw).id;
  const step = (input: WireObject): Step => ({
    mutation: resource.create ?? missing(resource, write),
    input,
    label: `create ${resource.one}`,
  });
  switch (resource.one) {
    case 'customer':
      return [step({ businessId: business.id, ...said, internalNotes: withMark(said.internalNotes, write.marker) })];
    case 'invoicePayment':
      return [step({ ...said, memo: withMark(said.memo, write.marker) })];
    case 'invoice':
      return [step({ businessId: business.id, ...said, status: status!, ...hidden(change, business) })];
    case 'estimate':
      return [
        step({ businessId: business.id, ...said, status: 'DRAFT', ...hidden(change, business) }),
        ...acceptance('DRAFT', status, made ?? ''),
      ];
    case 'account':
    case 'salesTax':
    case 'product':
    case 'vendor':
      return [step({ businessId: business.id, ...said })];
  }
};

/** The carrier product's name says nothing to a customer. */
const hidden = (change: Change, { carrier }: WaveCompany): WireObject => {
  const products = lineInputs(change.at('items')).map(({ productId }) => productId);
  return carrier !== undefined && products.length > 0 && products.every((id) => id === carrier)
    ? { hideName: true }
    : {};
};

/** The way of an estimate from one status to a later one. */
const acceptance = (from: Wire | undefined, to: Wire | undefined, estimateId: string): Step[] => {
  const approve: Step = { mutation: 'estimateApprove', input: { estimateId }, label: 'approve estimate' };
  const accept: Step = { mutation: 'estimateMarkAccepted', input: { estimateId }, label: 'accept estimate' };
  return [
    ...(from === 'DRAFT' && (to === 'APPROVED' || to === 'ACCEPTED') ? [approve] : []),
    ...(from !== 'ACCEPTED' && to === 'ACCEPTED' ? [accept] : []),
  ];
};

const update = (resource: Resource, write: Write, business: WaveCompany): readonly Step[] => {
  const id = idOfTarget(write, resource, business);
  const before = recordIn(write.target?.raw);
  const change = resource.mapping.write(write.content, before, business);
  const { status, ...said } = inputOf(change);
  const patch = (input: WireObject): Step => ({
    mutation: resource.patch ?? missing(resource, write),
    input,
    label: `change ${resource.one}`,
  });
  switch (resource.one) {
    case 'account':
      return [patch({ id, sequence: before.sequence ?? null, ...said })];
    case 'invoice': {
      const approves = status === 'SAVED' && isDraft(before);
      const approval: Step = { mutation: 'invoiceApprove', input: { invoiceId: id }, label: 'approve invoice' };
      const others = Object.keys(said).length > 0 || !approves ? [patch({ id, ...said })] : [];
      return [...others, ...(approves ? [approval] : [])];
    }
    case 'estimate': {
      const onward = acceptance(before.status, status, id);
      const others =
        Object.keys(said).length > 0 || onward.length === 0 ? [patch({ ...restated(before), ...said, id })] : [];
      return [...others, ...onward];
    }
    case 'salesTax':
    case 'customer':
    case 'vendor':
    case 'product':
    case 'invoicePayment':
      return [patch({ id, ...said })];
  }
};

/** A patch of an estimate says seven things anew, whatever it changes (sheet 3.4). */
const restated = (before: WireObject): WireObject => ({
  customerId: wireAt(before, 'customer.id') ?? null,
  status: before.status ?? null,
  title: before.title ?? '',
  estimateDate: before.estimateDate ?? null,
  currency: wireAt(before, 'currency.code') ?? null,
  exchangeRate: before.exchangeRate ?? '1',
  dueDate: before.dueDate ?? before.estimateDate ?? null,
});

/** What an exchange means for each write of its call. Never throws, whatever came back. */
export const readAnswers = (
  call: CallDraft,
  writes: readonly Write[],
  exchange: ProviderExchange,
  business: WaveCompany,
): readonly WriteAnswer[] =>
  writes.filter(({ intent }) => call.intents.includes(intent)).map((write) => readAnswer(write, exchange, business));

const readAnswer = (write: Write, exchange: ProviderExchange, business: WaveCompany): WriteAnswer => {
  const { intent } = write;
  const outcome = outcomeOf(exchange, 'write');
  const { mutation } = nextStep(write, business);
  if (UNSHOWN[write.kind] && isPostedAlready(outcome, mutation)) return { intent, outcome: 'done' };
  const target = write.done.at(-1)?.raw ?? write.target?.raw;
  const answer = payloadOf(outcome, mutation, target === undefined ? undefined : recordIn(target).id, business.id);
  if ('failure' in answer) return failed(write, answer.failure);
  try {
    const sighting = shown(write, mutation, answer.payload, business);
    const more = isUnfinished(write, business);
    return { intent, outcome: 'done', ...(sighting && { sighting }), ...(more && { more }) };
  } catch (problem) {
    const told = problem instanceof UnreadableWire ? problem.message : 'a record that cannot be read';
    return failed(write, lostAnswer(`Wave answered ${told}`));
  }
};

/** What earlier calls made stays, and is told beside the reason why the rest of the write was refused. */
const failed = ({ intent, done }: Write, failure: ProviderFailure): WriteAnswer => {
  const left = done.at(-1);
  const isRefusal = failure.is === 'invalid' || failure.is === 'duplicate';
  return { intent, outcome: 'failed', failure, ...(left && isRefusal && { sighting: left }) };
};

const shown = (write: Write, mutation: Mutation, payload: WireObject, business: WaveCompany): Sighting | undefined => {
  if (UNSHOWN[write.kind]) return undefined;
  const resource = resourceOfWrite(write);
  if (write.operation === 'delete') return undefined;
  if (mutation === 'accountArchive') return switchedOff(write);
  const member = shownBy(mutation)!;
  const record = payload[member];
  if (!isWireObject(record)) throw new UnreadableWire(member, 'the record');
  return sightingOf(resource, asRecord(record, member), business);
};

/** The vendor does not show an account that it has just switched off. */
const switchedOff = ({ kind, target }: Write): Sighting => {
  const record = { ...recordIn(target?.raw), isArchived: true };
  const content = target!.content;
  return {
    kind,
    id: target!.id,
    existence: 'archived',
    content,
    version: accountVersion(record, content),
    raw: printWire(record),
  };
};

/** What the vendor is certain to refuse of a write. */
export const findingsOf = (write: Write, business: WaveCompany): readonly Finding[] => {
  const unshown = UNSHOWN[write.kind];
  if (unshown) {
    return write.operation === 'create'
      ? [...foreignFindings(write, business), ...unshown.refuses(write.content, undefined, business)]
      : [];
  }
  const resource = resourceOf(write.kind, write.target?.id, write.facet);
  if (!resource?.create) {
    const path = write.kind === 'contact' ? 'isVendor' : '';
    return [finding('not_held', 'must be made and changed in Wave: its API only shows vendors', path)];
  }
  return [
    ...foreignFindings(write, business),
    ...contentFindings(write, resource, business),
    ...(write.operation === 'delete' && isProvidersOwn(recordBefore(write))
      ? [finding('read_only', 'must stay: the customer paid through Wave, and Wave keeps such payments', 'amount')]
      : []),
  ];
};

const recordBefore = ({ kind, target }: Write): WireObject | undefined =>
  kind === 'payment' && target ? recordIn(target.raw) : undefined;

const contentFindings = (write: Write, { mapping }: Resource, business: WaveCompany): readonly Finding[] => {
  if (write.operation !== 'create' && write.operation !== 'update') return [];
  const before = write.operation === 'update' ? recordIn(write.target?.raw) : undefined;
  return mapping.refuses(write.content, before, business);
};

/** Another business's record is not there for this one (sheet 2.3). */
const foreignFindings = ({ kind, content }: Write, business: WaveCompany): Finding[] =>
  referencesIn(kind, content)
    .filter(({ ref }) => !isOwn(ref, business))
    .map(({ path }) => finding('reference', 'must refer to a record of this business', path));

const isOwn = ({ kind, id }: { readonly kind: Write['kind']; readonly id: string }, business: WaveCompany): boolean => {
  const resource = resourceOf(kind, id, undefined);
  // References that these records cannot carry are no concern of theirs.
  if (!resource) return true;
  return vendorIdOf(resource, id, business.id) !== undefined;
};
