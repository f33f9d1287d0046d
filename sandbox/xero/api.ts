import { createHash } from 'node:crypto';
import { cut, type Answer } from '../answer.ts';
import type { CallKind, Disturbance } from '../fault-rules.ts';
import { header, parsedBody, type Incoming } from '../incoming.ts';
import { onePagePdf } from '../one-page-pdf.ts';
import { allocate, deallocate } from './allocations.ts';
import { bare, envelope, exception, json, notFound, plain, problem, toXml, validationException } from './answer.ts';
import { addNote, attach, attachmentsOf, attachmentText, historyOf, historyText } from './attachments.ts';
import { midnight, msDate } from './calendar.ts';
import type { Stored } from './collection.ts';
import { refusedElement, savedElement } from './elements.ts';
import { listOf } from './listing.ts';
import { comesFromApi, disturbedAnswer, type FaultKind, type FaultRule } from './misbehaviour.ts';
import { opens } from './oauth/scopes.ts';
import type { TokenSet } from './oauth/grants.ts';
import type { Organisation } from './organisation.ts';
import {
  BareStatus,
  ElementRefused,
  invalidData,
  NotFound,
  QueryRefused,
  refused,
  RequestRefused,
  type Problems,
} from './refusals.ts';
import { membersOf, render } from './rendering.ts';
import { resourcesByPath } from './resources/index.ts';
import { allocationShape, shownAllocations, type Allocation } from './resources/credit-notes.ts';
import {
  actionsOf,
  addOption,
  changeOption,
  optionShape,
  organisationShape,
  removeOption,
} from './resources/settings.ts';
import type { Params, ResourceRules } from './rules.ts';
import { isObject, type Body, type Level, type View } from './shape.ts';
import type { Vendor } from './vendor.ts';
import { findByPath, writeAll, type Outcome } from './writing.ts';

export const ROOT = '/api.xro/2.0';

/** A call to the Accounting API taken apart. */
export interface Call extends CallKind {
  realm: string | undefined;
  rules: ResourceRules | undefined;
  /** The path below the root. */
  segments: string[];
}

/** Credits that can be set against invoices. */
const CREDITS = ['CreditNotes', 'Prepayments', 'Overpayments'];

/** Works out what a call wants, without touching anything. Undefined when the path is not an API path. */
export function classify(request: Incoming): Call | undefined {
  if (!request.path.toLowerCase().startsWith(`${ROOT}/`)) return undefined;
  const segments = request.path
    .slice(ROOT.length + 1)
    .replace(/\/$/, '')
    .split('/')
    .map(decoded);
  const first = (segments[0] ?? '').toLowerCase();
  const rules = resourcesByPath.get(first);
  const query = request.params.toString();
  return {
    method: request.method,
    pathAndQuery: query === '' ? request.path : `${request.path}?${query}`,
    realm: header(request, 'xero-tenant-id') || undefined,
    entity: rules?.name ?? (first === 'organisation' ? 'Organisation' : undefined),
    operation: operationOf(request, segments, rules),
    rules,
    segments,
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function operationOf({ method, headers }: Incoming, segments: string[], rules: ResourceRules | undefined): string {
  const [first = '', key, sub] = segments.map((segment) => segment.toLowerCase());
  if (first === 'organisation') return key === 'actions' ? 'actions' : 'read';
  if (!rules) return 'unknown';
  if (sub !== undefined) return method === 'GET' ? sub : `${method === 'DELETE' ? 'delete' : 'write'} ${sub}`;
  switch (method) {
    case 'GET':
      if (key === undefined) return 'list';
      return String(headers.accept).includes('application/pdf') ? 'pdf' : 'read';
    case 'PUT':
      return 'create';
    case 'POST':
      return key === undefined ? 'save' : 'update';
    case 'DELETE':
      return 'delete';
    default:
      return 'unknown';
  }
}

/** How a call shows in the counts, such as `GET list Invoices`. */
export function endpointName({ method, operation, entity }: CallKind): string {
  return [method, operation, entity].filter((part) => part !== undefined).join(' ');
}

/** Answers API calls in the vendor's order of checks: token, scope, tenant, limits, then what was answered before. */
export class Api {
  private readonly vendor: Vendor;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  async answer(request: Incoming, call: Call, plan: Disturbance<FaultKind> | undefined): Promise<Answer> {
    if (plan && plan.delayBefore > 0) await pause(plan.delayBefore);
    if (plan?.before?.fault === 'midScanEdit') this.editOldest(call);
    else if (plan?.before && !comesFromApi(plan.before)) return this.inPlace(plan.before, undefined);
    const answer = await this.checked(request, call, plan);
    // Without a key nobody waits for the answer but its client; with one, the wait is part of the call.
    const after = plan?.after;
    if (after?.fault === 'midScanEdit') this.editOldest(call);
    else if (after && !comesFromApi(after)) return this.inPlace(after, answer);
    return wantsJson(request) || answer.body === '' || !answer.contentType.includes('json') ? answer : toXml(answer);
  }

  private async checked(request: Incoming, call: Call, plan: Disturbance<FaultKind> | undefined): Promise<Answer> {
    const { vendor } = this;
    const check = vendor.grants.check(header(request, 'authorization').replace(/^bearer /i, ''));
    if ('refused' in check) return vendor.unauthorised(check);
    const missing = this.missingScope(check.set, call);
    if (missing) return missing;
    const tenantId = call.realm ?? check.set.tenant;
    const organisation = tenantId === undefined ? undefined : vendor.organisations.get(tenantId);
    const connection = organisation && vendor.grants.connectionTo(check.set, organisation.tenantId);
    const reaches = organisation && (connection ?? check.set.tenant === organisation.tenantId);
    if (!organisation || !reaches) {
      const status = call.realm === undefined ? (Number(vendor.switches.missingTenantStatus) as 401 | 403) : 403;
      return problem(status, 'AuthenticationUnsuccessful', vendor.random.uuid(), vendor.switches);
    }
    const counts = vendor.meter.of(organisation.tenantId);
    const refusal = vendor.throttle.refuse(organisation.tenantId, connection?.createdAt ?? 0);
    if (refusal) {
      counts.throttled++;
      const { problem, retryAfterSeconds } = refusal;
      return bare(429, {
        'X-Rate-Limit-Problem': problem,
        ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
      });
    }
    return this.once(request, call, organisation, plan);
  }

  private missingScope(set: TokenSet, call: Call): Answer | undefined {
    const { switches, random } = this.vendor;
    const scopes = call.segments[2]?.toLowerCase() === 'attachments' ? ['accounting.attachments'] : call.rules?.scopes;
    const needed = scopes ?? ['accounting.settings'];
    if (opens(set.scopes, needed, call.method === 'GET')) return undefined;
    return problem(401, 'AuthorizationUnsuccessful', random.uuid(), switches, {
      'WWW-Authenticate': `Bearer error="${switches.scopeSpelling}"`,
    });
  }

  /** With an Idempotency-Key, the same write is done once and its answer repeated for six minutes (sheet 5). */
  private async once(
    request: Incoming,
    call: Call,
    organisation: Organisation,
    plan: Disturbance<FaultKind> | undefined,
  ): Promise<Answer> {
    const work = async (): Promise<Answer> => {
      if (plan?.before && comesFromApi(plan.before)) return this.inPlace(plan.before, undefined);
      const answer = this.guarded(() => this.perform(request, call, organisation));
      if (plan && plan.delayAfter > 0) await pause(plan.delayAfter);
      return comesFromApi(plan?.after) ? this.inPlace(plan?.after as FaultRule, answer) : answer;
    };
    const key = header(request, 'idempotency-key');
    const counts = key !== '' && (request.method === 'POST' || request.method === 'PUT');
    if (!counts) return work();
    if (key.length > 128)
      return exception(10, 'ValidationException', 'The Idempotency-Key may have 128 characters at most.');
    const content = createHash('sha256').update(request.bytes).digest('hex');
    const recall = this.vendor.idempotency.recall(key, `${request.method} ${call.pathAndQuery} ${content}`);
    if (recall.kind === 'same') return recall.answer;
    if (recall.kind === 'different') return this.mismatch(key);
    try {
      const answer = await work();
      recall.settle(answer);
      return answer;
    } catch (error) {
      recall.abandon(error);
      throw error;
    }
  }

  private mismatch(key: string): Answer {
    const message = `Idempotency Key: ${key} is used with a different request.`;
    if (this.vendor.switches.idempotencyMismatch === 'text') return plain(400, message);
    return exception(10, 'ValidationException', message);
  }

  private inPlace(rule: FaultRule, real: Answer | undefined): Answer {
    if (rule.fault === 'cut') return cut();
    return disturbedAnswer(rule, real, this.vendor.switches, this.vendor.random.uuid());
  }

  /** Somebody edits the oldest object of a list while a client pages through it. */
  private editOldest({ realm, rules }: Call): void {
    const organisation = this.vendor.organisations.get(realm ?? '');
    const oldest = rules && organisation?.collection(rules.name).ordered()[0];
    if (organisation && oldest) organisation.transaction(() => organisation.patch(oldest.rules.name, oldest.id, {}));
  }

  private guarded(perform: () => Answer): Answer {
    const { switches } = this.vendor;
    try {
      return perform();
    } catch (error) {
      if (error instanceof NotFound) return notFound(switches);
      if (error instanceof BareStatus) return bare(error.status);
      if (error instanceof QueryRefused) {
        return exception(switches.queryParseErrorNumber, 'QueryParseException', error.message);
      }
      if (error instanceof RequestRefused) return exception(error.number, error.type, error.message);
      throw error;
    }
  }

  private perform(request: Incoming, call: Call, organisation: Organisation): Answer {
    const { rules, segments } = call;
    const [, key, sub, subKey] = segments;
    if ((segments[0] ?? '').toLowerCase() === 'organisation') return this.organisation(request, key, organisation);
    if (!rules || segments.length > 4) throw new NotFound();
    const work = new ResourceCall(this.vendor, organisation, request, rules);
    if (key === undefined) {
      if (request.method === 'GET') return work.list();
      if (request.method === 'PUT') return work.write('PUT', undefined);
      if (request.method === 'POST') return work.write('POST', undefined);
      throw work.wrongVerb();
    }
    if (sub !== undefined) return work.below(key, sub.toLowerCase(), subKey);
    if (request.method === 'GET') return work.read(key);
    if (request.method === 'POST') return work.write('POST', key);
    if (request.method === 'DELETE') return work.remove(key);
    throw work.wrongVerb();
  }

  private organisation(request: Incoming, key: string | undefined, organisation: Organisation): Answer {
    if (request.method !== 'GET') throw new BareStatus(501);
    if (key === undefined) {
      const view = viewOf(organisation, 'single');
      const text = render(organisationShape, organisation.settings, view);
      return this.wrapped(`"Organisations":[${text}]`);
    }
    if (key.toLowerCase() !== 'actions') throw new NotFound();
    return this.wrapped(`"Actions":${JSON.stringify(actionsOf(organisation))}`);
  }

  private wrapped(members: string): Answer {
    return envelope(members, { id: this.vendor.random.uuid(), now: this.vendor.clock.now() });
  }
}

function viewOf(organisation: Organisation, level: Level, more: Partial<View> = {}): View {
  return { organisation, level, unitDecimals: 2, summary: false, written: false, ...more };
}

/** One call to one resource: its query, its body, its verbs. */
class ResourceCall {
  private readonly vendor: Vendor;
  private readonly organisation: Organisation;
  private readonly request: Incoming;
  private readonly rules: ResourceRules;
  private readonly params: Params;

  constructor(vendor: Vendor, organisation: Organisation, request: Incoming, rules: ResourceRules) {
    this.vendor = vendor;
    this.organisation = organisation;
    this.request = request;
    this.rules = rules;
    this.params = new Map([...request.params].map(([name, value]) => [name.toLowerCase(), value]));
  }

  /** What is refused stays out, and the rest is saved. */
  private get tellsElementsApart(): boolean {
    return this.params.get('summarizeerrors')?.toLowerCase() === 'false';
  }

  private get unitDecimals(): 2 | 4 {
    return this.params.get('unitdp') === '4' ? 4 : 2;
  }

  list(): Answer {
    const { organisation, rules, unitDecimals } = this;
    const since = this.request.headers['if-modified-since'];
    const page = listOf(organisation, rules, this.params, typeof since === 'string' ? since : undefined);
    const level: Level = page.paged ? 'page' : 'list';
    const view = viewOf(organisation, level, { unitDecimals, summary: page.summary });
    const texts = page.rows.map(({ fields }) => render(rules.shape, fields, view));
    const pagination = page.pagination ? `"pagination":${JSON.stringify(page.pagination)},` : '';
    return this.wrapped(`${pagination}"${rules.name}":[${texts.join(',')}]`);
  }

  read(key: string): Answer {
    const { rules } = this;
    const stored = this.found(key);
    const accept = header(this.request, 'accept');
    if (rules.pdf && accept.includes('application/pdf')) {
      const words = [rules.singular, stored.fields[`${rules.singular}Number`], stored.fields.Date, stored.fields.Total];
      return onePagePdf(words.filter((word) => word !== undefined).join('  '));
    }
    const view = viewOf(this.organisation, 'single', { unitDecimals: this.unitDecimals });
    return this.wrapped(`"${rules.name}":[${render(rules.shape, stored.fields, view)}]`);
  }

  write(verb: 'PUT' | 'POST', key: string | undefined): Answer {
    const { rules, organisation, unitDecimals } = this;
    const many = verb === 'PUT' ? rules.put : rules.post;
    if (many === undefined) throw this.wrongVerb();
    const elements = this.elements(rules.name);
    if ((many === 'one' || key !== undefined) && elements.length > 1) {
      throw new RequestRefused(10, 'ValidationException', `Only one ${rules.singular} can be sent in a request.`);
    }
    const each = rules.summarizes.includes(verb) && this.tellsElementsApart;
    const outcomes = writeAll({ organisation, rules, verb, unitDecimals, byApp: true }, elements, each, key);
    const view = viewOf(organisation, 'single', { unitDecimals, written: true });
    const failed = outcomes.filter((outcome) => outcome.problems);
    if (failed.length > 0 && !each) {
      return validationException(failed.map((outcome) => refusedElement(rules, outcome, view, false)).join(','));
    }
    const texts = outcomes.map((outcome) =>
      outcome.problems ? refusedElement(rules, outcome, view, true) : savedElement(outcome, view, each),
    );
    const bareAnswer = rules.name === 'Currencies' && !organisation.switches.currencyEnvelope;
    const members = `"${rules.name}":[${texts.join(',')}]`;
    return bareAnswer ? { ...json(200, {}), body: `{${members}}` } : this.wrapped(members);
  }

  remove(key: string): Answer {
    const { rules, organisation } = this;
    const { remove } = rules;
    if (!remove) throw this.wrongVerb();
    const stored = this.found(key);
    return this.orRefused(stored, () => {
      const shown = organisation.transaction(() => remove(organisation, stored));
      if (!shown) return bare(204);
      return this.wrapped(`"${rules.name}":[${render(rules.shape, shown.fields, viewOf(organisation, 'single'))}]`);
    });
  }

  /** What hangs on one object: files, notes, allocations, options, mail. */
  below(key: string, sub: string, subKey: string | undefined): Answer {
    const { rules } = this;
    const stored = this.found(key);
    const answer = this.orRefused(stored, () => {
      if (sub === 'attachments' && rules.attachments) return this.attachments(stored, subKey);
      if (sub === 'history' && rules.notes && subKey === undefined) return this.history(stored);
      if (sub === 'allocations' && CREDITS.includes(rules.name)) return this.allocations(stored, subKey);
      if (sub === 'options' && rules.name === 'TrackingCategories') return this.options(stored, subKey);
      if (sub === 'email' && rules.name === 'Invoices') return this.email(stored);
      if (sub === 'onlineinvoice' && rules.name === 'Invoices') return this.onlineInvoice(stored);
      return undefined;
    });
    if (!answer) throw new NotFound();
    return answer;
  }

  wrongVerb(): BareStatus | NotFound {
    return this.vendor.switches.wrongVerb === '405' ? new BareStatus(405) : new NotFound();
  }

  private found(key: string): Stored {
    const stored = findByPath(this.organisation, this.rules, key);
    if (!stored) throw new NotFound();
    return stored;
  }

  /** A refusal of one object shown as the validation exception about it. */
  private orRefused<T extends Answer | undefined>(stored: Stored, work: () => T): T | Answer {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ElementRefused)) throw error;
      return this.refusal(stored, error.problems);
    }
  }

  private refusal(stored: Stored, problems: Problems): Answer {
    const outcome: Outcome = { input: {}, stored: undefined, problems, warnings: [], id: stored.id };
    return validationException(refusedElement(stored.rules, outcome, viewOf(this.organisation, 'single'), false));
  }

  /** The elements of the body: below an envelope in any letter case, or one bare object. */
  private elements(envelope: string): unknown[] {
    const { request } = this;
    const type = header(request, 'content-type').toLowerCase();
    const noData = new RequestRefused(
      this.vendor.switches.noDataErrorNumber,
      'NoDataProcessedException',
      'No data has been processed for this endpoint. This endpoint is expecting data to be specifed in JSON format.',
    );
    if (request.body.trim() === '') throw noData;
    if (!type.includes('json')) throw new BareStatus(415);
    const body = parsedBody(request);
    if (!isObject(body))
      throw invalidData('JSON for post data was invalid,Unexpected character encountered while parsing.');
    const wrapped = Object.entries(body).find(([name]) => name.toLowerCase() === envelope.toLowerCase());
    // A batch payment holds a list named like another resource; only a list below its own name is an envelope.
    const elements = wrapped && (Array.isArray(wrapped[1]) || isObject(wrapped[1])) ? [wrapped[1]].flat() : [body];
    if (elements.length === 0 || Object.keys(body).length === 0) throw noData;
    return elements;
  }

  private attachments(stored: Stored, name: string | undefined): Answer | undefined {
    const { organisation, request } = this;
    const { method } = request;
    const shown = (attachments: readonly Parameters<typeof attachmentText>[1][]) =>
      this.wrapped(
        `"Attachments":[${attachments.map((each) => attachmentText(stored, each, request.base)).join(',')}]`,
      );
    if (method === 'GET') {
      const all = attachmentsOf(organisation, stored);
      if (name === undefined) return shown(all);
      const one = all.find((each) => each.name === name || each.id === name.toLowerCase());
      return one && { status: 200, contentType: one.type, body: '', bytes: Buffer.from(one.content, 'base64') };
    }
    if (name === undefined || (method !== 'PUT' && method !== 'POST')) return undefined;
    const file = {
      name,
      type: header(request, 'content-type') || 'application/octet-stream',
      content: request.bytes,
      online: this.params.get('includeonline')?.toLowerCase() === 'true',
    };
    return shown([organisation.transaction(() => attach(organisation, stored, file))]);
  }

  private history(stored: Stored): Answer | undefined {
    const { organisation } = this;
    if (this.request.method === 'GET')
      return this.wrapped(`"HistoryRecords":[${historyOf(organisation, stored).join(',')}]`);
    if (this.request.method !== 'PUT') return undefined;
    const notes = this.elements('HistoryRecords').map((element) =>
      organisation.transaction(() => addNote(organisation, stored, isObject(element) ? element.Details : undefined)),
    );
    return this.wrapped(
      `"HistoryRecords":[${notes.map(({ at, details }) => historyText('Note', at, details)).join(',')}]`,
    );
  }

  private allocations(stored: Stored, id: string | undefined): Answer | undefined {
    const { organisation, request } = this;
    if (request.method === 'DELETE' && id !== undefined) {
      const gone = organisation.transaction(() => deallocate(organisation, stored, id.toLowerCase()));
      // The only answer of the API without an envelope (sheet 2.2).
      return gone && json(200, { AllocationID: gone.AllocationID, Date: msDate(midnight(gone.Date)), IsDeleted: true });
    }
    if (request.method !== 'PUT' || id !== undefined) return undefined;
    const elements = this.elements('Allocations').filter(isObject);
    const view = viewOf(organisation, 'single');
    const text = (allocation: Allocation, status = '') => {
      const [shown] = shownAllocations({ Allocations: [allocation] }, view);
      return `{${status}${membersOf(allocationShape, shown as Body, view)}}`;
    };
    const make = (element: Body) =>
      organisation.transaction(() =>
        allocate(organisation, organisation.find(stored.rules.name, stored.id) as Stored, element),
      );
    const attempt = (element: Body): string => {
      try {
        return text(make(element), '"StatusAttributeString":"OK",');
      } catch (error) {
        if (!(error instanceof ElementRefused)) throw error;
        const told = error.problems.element.map((Message) => ({ Message }));
        return JSON.stringify({ StatusAttributeString: 'ERROR', ...element, ValidationErrors: told });
      }
    };
    const texts = this.tellsElementsApart
      ? elements.map(attempt)
      : organisation.transaction(() => elements.map(make)).map((allocation) => text(allocation));
    return this.wrapped(`"Allocations":[${texts.join(',')}]`);
  }

  private options(stored: Stored, id: string | undefined): Answer | undefined {
    const { organisation, request } = this;
    const { method } = request;
    const change = (): Body | undefined => {
      if (method === 'DELETE' && id !== undefined) return removeOption(organisation, stored, id.toLowerCase());
      const [element] = method === 'PUT' || method === 'POST' ? this.elements('Options') : [];
      if (method === 'PUT' && id === undefined) return addOption(organisation, stored, element as Body);
      if (method === 'POST' && id !== undefined)
        return changeOption(organisation, stored, id.toLowerCase(), element as Body);
      return undefined;
    };
    const option = organisation.transaction(change);
    return option && this.wrapped(`"Options":[${render(optionShape, option, viewOf(organisation, 'single'))}]`);
  }

  /** No mail leaves, but the invoice says that it was sent. */
  private email({ id, fields }: Stored): Answer | undefined {
    if (this.request.method !== 'POST') return undefined;
    if (fields.Type !== 'ACCREC') throw refused('Only sales invoices can be emailed.');
    if (fields.Status !== 'AUTHORISED' && fields.Status !== 'PAID')
      throw refused('Only approved invoices can be emailed.');
    this.organisation.transaction(() => this.organisation.patch('Invoices', id, { SentToContact: true }));
    return bare(204);
  }

  private onlineInvoice({ id, fields }: Stored): Answer | undefined {
    if (this.request.method !== 'GET' || fields.Type !== 'ACCREC' || fields.Status === 'DRAFT') return undefined;
    const url = `${this.request.base}/online/${id}`;
    return this.wrapped(`"OnlineInvoices":[{"OnlineInvoiceUrl":${JSON.stringify(url)}}]`);
  }

  private wrapped(members: string): Answer {
    const answer = envelope(members, { id: this.vendor.random.uuid(), now: this.vendor.clock.now() });
    if (this.rules.name !== 'Quotes') return answer;
    const body = `{"SummarizeErrors":${!this.tellsElementsApart},${answer.body.slice(1)}`;
    return { ...answer, contentType: 'application/json', body };
  }
}

/** JSON only on request: XML is the default (sheet 2.1). */
function wantsJson(request: Incoming): boolean {
  const accept = header(request, 'accept').toLowerCase();
  return accept.includes('json') || accept.includes('application/pdf');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
