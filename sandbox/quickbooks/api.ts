import { createHash } from 'node:crypto';
import type { Answer } from '../answer.ts';
import type { CallKind } from '../fault-rules.ts';
import { header, parsedBody, type Incoming } from '../incoming.ts';
import {
  authenticationFailed,
  authorizationFailed,
  envelope,
  faultAnswer,
  json,
  JSON_TYPE,
  legacyAuthenticationFailed,
  throttled,
  toXml,
} from './answer.ts';
import { runBatch } from './batch.ts';
import { changeData } from './change-data.ts';
import type { Company } from './company.ts';
import { entitiesByPath } from './entities/index.ts';
import { createTaxCode } from './entities/tax.ts';
import { rateOfDay } from './exchange.ts';
import { isDate } from './calendar.ts';
import { ACCOUNTING_SCOPE, type Grant } from './oauth/grants.ts';
import { pdfOf, sendForm } from './forms.ts';
import { runQuery } from './query/run.ts';
import type { EntityRules } from './rules.ts';
import type { Body } from './shape.ts';
import { CONNECTED_USER, type Vendor } from './vendor.ts';
import { faults, VendorFault } from './vendor-fault.ts';
import { findById, makeVoid, remove, save } from './writing.ts';

/** A call to `/v3/company/{realm}/…` taken apart. */
interface Call extends CallKind {
  realm: string;
  operation: Operation;
  rules: EntityRules | undefined;
  /** The path below the realm. */
  segments: string[];
}

type Operation =
  | 'read'
  | 'query'
  | 'cdc'
  | 'batch'
  | 'create'
  | 'update'
  | 'delete'
  | 'void'
  | 'send'
  | 'pdf'
  | 'taxservice'
  | 'exchangerate'
  | 'unknown';

/** Operations that take data out; only these are metered (sheet 7.3). */
const READS: readonly Operation[] = ['read', 'query', 'cdc', 'pdf', 'exchangerate'];

const LARGEST_GET_QUERY = 16_000;

/** Works out what a call wants, without touching anything. Undefined when the path is not an API path. */
export function classify(request: Incoming): Call | undefined {
  const match = /^\/v3\/company\/([^/]+)\/(.+?)\/?$/.exec(request.path);
  if (!match) return undefined;
  const segments = (match[2] as string).split('/');
  const rules = entitiesByPath.get((segments[0] as string).toLowerCase());
  const operation = operationOf(request, segments, rules);
  const query = request.params.toString();
  return {
    method: request.method,
    pathAndQuery: query === '' ? request.path : `${request.path}?${query}`,
    realm: match[1] as string,
    entity: operation === 'query' ? queriedEntity(request) : rules?.name,
    operation,
    rules,
    segments,
  };
}

function operationOf(request: Incoming, segments: string[], rules: EntityRules | undefined): Operation {
  const [first = '', second, third] = segments.map((segment) => segment.toLowerCase());
  const { method } = request;
  if (method !== 'GET' && method !== 'POST') return 'unknown';
  if (segments.length === 1 && first === 'query') return 'query';
  if (segments.length === 1 && first === 'cdc' && method === 'GET') return 'cdc';
  if (segments.length === 1 && first === 'batch' && method === 'POST') return 'batch';
  if (first === 'taxservice' && second === 'taxcode' && method === 'POST') return 'taxservice';
  if (first === 'exchangerate' && segments.length === 1) return 'exchangerate';
  if (!rules) return 'unknown';
  if (method === 'GET') {
    if (third === 'pdf' && segments.length === 3) return rules.verbs.send ? 'pdf' : 'unknown';
    return segments.length === 2 || (segments.length === 1 && rules.name === 'Preferences') ? 'read' : 'unknown';
  }
  if (third === 'send' && segments.length === 3) return rules.verbs.send ? 'send' : 'unknown';
  if (segments.length !== 1) return 'unknown';
  switch (request.params.get('operation')?.toLowerCase()) {
    case 'delete':
      return 'delete';
    case 'void':
      return rules.verbs.void === 'operation' ? 'void' : 'unknown';
    case undefined:
    case 'update': {
      if (flagsOf(request).has('void')) return rules.verbs.void === 'include' ? 'void' : 'unknown';
      return hasId(parsedBody(request)) ? 'update' : 'create';
    }
    default:
      return 'unknown';
  }
}

function hasId(body: unknown): boolean {
  const id = (body as { Id?: unknown } | null | undefined)?.Id;
  return id !== undefined && id !== null && id !== '';
}

function queriedEntity(request: Incoming): string | undefined {
  const name = /\bfrom\s+([A-Za-z]+)/i.exec(request.params.get('query') ?? request.body)?.[1];
  return name && (entitiesByPath.get(name.toLowerCase())?.name ?? name);
}

function flagsOf(request: Incoming): Set<string> {
  return new Set((request.params.get('include') ?? '').split(',').map((flag) => flag.trim()));
}

/** How a call shows in the counts, such as `GET query Invoice`. */
export function endpointName({ method, operation, entity }: CallKind): string {
  return [method, operation, entity].filter((part) => part !== undefined).join(' ');
}

/** Answers API calls in the vendor's order of checks: token, company, limits, route, then the rules of the entity. */
export class Api {
  private readonly vendor: Vendor;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  answer(request: Incoming, call: Call): Answer {
    const { vendor } = this;
    const counts = vendor.meter.of(call.realm);
    counts.calls++;
    const name = endpointName(call);
    counts.byEndpoint[name] = (counts.byEndpoint[name] ?? 0) + 1;
    const grant = this.authenticate(request);
    if ('status' in grant) return grant;
    const company = vendor.companies.get(call.realm);
    if (!company || grant.realm !== call.realm || !grant.scopes.includes(ACCOUNTING_SCOPE)) {
      return authorizationFailed(vendor.clock.now());
    }
    const isRead = READS.includes(call.operation);
    const refusal = vendor.throttle.refuse(call.realm, grant.clientId, call.operation === 'batch', isRead);
    if (refusal) {
      counts.throttled++;
      const { body, retryAfter } = vendor.throttle.limits;
      const wait = retryAfter ? refusal.retryAfterSeconds : undefined;
      return throttled(body, wait, vendor.clock.now(), vendor.time());
    }
    const answer = this.once(request, call, company);
    if (answer.status < 300) this.countMetered(call, request);
    return wantsJson(request) || answer.contentType !== JSON_TYPE ? answer : toXml(answer);
  }

  private authenticate(request: Incoming): Grant | Answer {
    const { vendor } = this;
    const [scheme, token = ''] = header(request, 'authorization').split(' ');
    const now = vendor.clock.now();
    const refuse = (detail: string | null): Answer =>
      vendor.switches.authFailureEnvelope === 'xml'
        ? legacyAuthenticationFailed(vendor.time())
        : authenticationFailed(detail, now);
    if (scheme?.toLowerCase() !== 'bearer') return refuse(null);
    const check = vendor.grants.check(token);
    if ('grant' in check) return check.grant;
    switch (check.refused) {
      case 'malformed':
        return refuse('Malformed bearer token: too short or too long');
      case 'expired':
        return refuse('Token expired');
      case 'revoked':
        return refuse('Token revoked');
      case 'disconnected':
        return vendor.switches.disconnectAnswers === '403' ? authorizationFailed(now) : refuse('Token revoked');
    }
  }

  private countMetered(call: Call, request: Incoming): void {
    const { meter, clock, switches } = this.vendor;
    const counts = meter.of(call.realm);
    let reads = READS.includes(call.operation) ? 1 : 0;
    let writes = 1 - reads;
    if (call.operation === 'batch' && switches.batchMetering === 'items') {
      const items = (parsedBody(request) as { BatchItemRequest: object[] }).BatchItemRequest;
      reads = items.filter((item) => 'Query' in item).length;
      writes = items.length - reads;
    }
    counts.corePlus += reads;
    counts.core += writes;
    if (reads > 0) meter.addReads(new Date(clock.now()).toISOString().slice(0, 7), reads);
  }

  /** With a `requestid`, the same write is done once and its answer repeated (sheet 5.1). */
  private once(request: Incoming, call: Call, company: Company): Answer {
    const requestId = request.params.get('requestid');
    const { switches, requests } = this.vendor;
    const counts = request.method === 'POST' && call.operation !== 'query' && requestId !== null && requestId !== '';
    const ineffective = call.rules?.group === 'list' && !switches.requestIdForNames;
    if (!counts || ineffective) return this.guarded(() => this.perform(request, call, company));
    const longest = call.operation === 'batch' ? 36 : 50;
    if (requestId.length > longest) {
      return this.guarded(() => {
        throw faults.length('requestid', 0, longest, requestId.length);
      });
    }
    const identity = createHash('sha1').update(`${call.operation} ${call.entity} ${request.body}`).digest('hex');
    const known = requests.recall(call.realm, requestId, switches.requestIdMemoryHours);
    if (known) {
      if (known.request === identity || switches.requestIdConflict === 'replay') return known.answer;
      const detail = `Duplicate RequestId : ${requestId} was used for another operation.`;
      return faultAnswer(new VendorFault(600, detail), this.vendor.time());
    }
    const answer = this.guarded(() => this.perform(request, call, company));
    const keeps = answer.status === 200 || (answer.status === 400 && switches.requestIdRemembersFaults);
    if (keeps) {
      requests.remember(call.realm, requestId, identity, answer);
      this.vendor.changed();
    }
    return answer;
  }

  private guarded(perform: () => Answer): Answer {
    try {
      return perform();
    } catch (error) {
      if (error instanceof VendorFault) return faultAnswer(error, this.vendor.time());
      throw error;
    }
  }

  private perform(request: Incoming, call: Call, company: Company): Answer {
    const { operation, rules, segments } = call;
    const include = flagsOf(request);
    const write = () => ({
      company,
      rules: rules as EntityRules,
      body: readJson(request),
      user: CONNECTED_USER,
      include,
    });
    const object = (text: string) => this.wrap(`{"${(rules as EntityRules).name}":${text}`);
    switch (operation) {
      case 'read': {
        const isSingle = rules?.group === 'company';
        const id = isSingle ? '1' : (segments[1] as string);
        if (rules?.name === 'CompanyInfo' && segments[1] !== company.realmId && segments[1] !== '1')
          throw faults.notFound();
        const text = company.textOf(findById(company, rules as EntityRules, id));
        return object(include.has('invoiceLink') && rules?.name === 'Invoice' ? withInvoiceLink(text, request) : text);
      }
      case 'query':
        return this.query(request, company);
      case 'cdc':
        return this.wrap(
          changeData(company, request.params.get('entities') ?? '', request.params.get('changedSince') ?? ''),
        );
      case 'batch':
        requireJsonBody(request);
        return this.wrap(runBatch(company, readJson(request), CONNECTED_USER, include));
      case 'create':
      case 'update':
        requireJsonBody(request);
        return object(company.textOf(save(write())));
      case 'void':
        requireJsonBody(request);
        return object(company.textOf(makeVoid(write())));
      case 'delete':
        requireJsonBody(request);
        return object(`{"status":"Deleted","domain":"QBO","Id":"${remove(write())}"}`);
      case 'send': {
        const sent = sendForm(
          company,
          rules as EntityRules,
          segments[1] as string,
          request.params.get('sendTo'),
          CONNECTED_USER,
        );
        return object(company.textOf(sent));
      }
      case 'pdf':
        return pdfOf(findById(company, rules as EntityRules, segments[1] as string));
      case 'taxservice':
        requireJsonBody(request);
        return json(200, createTaxCode(company, readJson(request), CONNECTED_USER));
      case 'exchangerate':
        return this.exchangeRate(request, company);
      case 'unknown':
        throw faults.unsupported(`${request.method} ${segments.join('/')}`);
    }
  }

  private query(request: Incoming, company: Company): Answer {
    const isPost = request.method === 'POST';
    const type = header(request, 'content-type').split(';')[0]?.trim();
    if (isPost && type !== 'application/text' && type !== 'text/plain') throw new UnsupportedMediaType();
    const statement = isPost ? request.body : (request.params.get('query') ?? '');
    if (statement.trim() === '') {
      // Seen in the wild: no statement, and the fault comes with status 200 (sheet 2.3).
      const fault = new VendorFault(
        4000,
        'QueryParserError: Encountered "<EOF>" at line 1, column 0. Was expecting: "select"',
      );
      return { ...faultAnswer(fault, this.vendor.time()), status: 200 };
    }
    if (!isPost && statement.length > LARGEST_GET_QUERY) {
      throw new VendorFault(4000, 'QueryParserError: the statement is too long for GET, use POST');
    }
    return this.wrap(`{"QueryResponse":${runQuery(company, statement).text}`);
  }

  private exchangeRate(request: Incoming, company: Company): Answer {
    if (request.method !== 'GET') throw faults.unsupported('POST exchangerate');
    const code = request.params.get('sourcecurrencycode');
    if (code === null) throw faults.missing('sourcecurrencycode');
    const asked = request.params.get('asofdate');
    const day = asked !== null && isDate(asked) ? asked : company.today();
    const rate = {
      SourceCurrencyCode: code,
      TargetCurrencyCode: company.homeCurrency,
      Rate: rateOfDay(company, code, day).toNumber(),
      AsOfDate: day,
    };
    return this.wrap(`{"ExchangeRate":${JSON.stringify(rate)}`);
  }

  private wrap(members: string): Answer {
    return envelope(members, this.vendor.time());
  }
}

/** Thrown for bodies of the wrong type; the gateway answers 415. */
export class UnsupportedMediaType extends Error {}

function requireJsonBody(request: Incoming): void {
  if (header(request, 'content-type').split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw new UnsupportedMediaType();
  }
}

function readJson(request: Incoming): Body {
  const body = parsedBody(request);
  if (body === undefined) {
    throw new VendorFault(
      2010,
      'Property Name:failed to parse json object; a property specified is unsupported or invalid',
    );
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw faults.property('(the request body)');
  return body as Body;
}

/** JSON only on request: XML is the default. */
function wantsJson(request: Incoming): boolean {
  const accept = header(request, 'accept').toLowerCase();
  return accept.includes('application/json') || accept.includes('application/pdf');
}

function withInvoiceLink(text: string, request: Incoming): string {
  const id = /"Id":"(\d+)"/.exec(text)?.[1] ?? '';
  return `${text.slice(0, -1)},"InvoiceLink":"${request.base}/pay/${id}"}`;
}
