import { XMLParser } from 'fast-xml-parser';
import { isWireObject, wireAt, type Wire, type WireObject } from '../../../domain/provider/mapping/index.js';
import {
  answered,
  heldBack,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderResponse,
} from '../../../domain/provider/index.js';
import { idText, parsed } from './quickbooks.wire.js';

/**
 * What this vendor's refusals mean (sheet 1.6, 2.3, 7.2). The only place that reads status codes and fault codes;
 * messages are for people and are never matched on, but for the ids that some of them name.
 */

/** Why a request was sent: a lost answer to a write leaves its outcome unknown, a lost answer to a read does not. */
export type Purpose = 'read' | 'write';

export type Outcome = { readonly body: WireObject } | { readonly failure: ProviderFailure };

/** The fault that a query answers when one of the rows it would return is damaged (sheet 8 point 24). */
export const DAMAGED_ROW = '4002';

/** The vendor's advice where it names no time (sheet 7.2). */
const THROTTLED_MS = 60_000;
/** A lapsed subscription is looked at again after hours (sheet 8 point 30). */
const SUSPENDED_MS = 4 * 3_600_000;

/** What an exchange came to: the body of a success, or what went wrong. Never throws. */
export const outcomeOf = (exchange: ProviderExchange, purpose: Purpose): Outcome => {
  if (heldBack(exchange)) return { failure: exchange.held };
  if (!answered(exchange)) {
    return exchange.unanswered === 'not_sent'
      ? { failure: { is: 'unavailable', message: exchange.message } }
      : { failure: unknownOutcome(purpose, exchange.message) };
  }
  const body = parsed(exchange.body);
  const faults = faultsIn(body) ?? faultsInXml(exchange);
  if (faults) return { failure: failureOfFaults(faults, exchange, purpose) };
  if (exchange.status >= 200 && exchange.status < 300) {
    return isWireObject(body)
      ? { body }
      : { failure: unknownOutcome(purpose, 'QuickBooks answered with something that cannot be read') };
  }
  return { failure: failureOfStatus(exchange, purpose, `QuickBooks answered with status ${exchange.status}`) };
};

/** What a fault in one item of a batch means; the other items are not concerned. */
export const failureOfItem = (
  item: WireObject,
  exchange: ProviderExchange,
  purpose: Purpose,
): ProviderFailure | undefined => {
  const faults = faultsIn(item);
  return faults && failureOfFaults(faults, answered(exchange) ? exchange : undefined, purpose);
};

export const lostAnswer = (message: string): ProviderFailure => ({ is: 'lost_answer', message });

export const isTokenRefused = (response: ProviderResponse): boolean => {
  const outcome = outcomeOf(response, 'read');
  return 'failure' in outcome && outcome.failure.is === 'token_refused';
};

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly element: string | undefined;
  readonly type: string;
}

/** Both envelopes of the sheet: `Fault.Error[]` and, from the gateway, `fault.error[]` in lower camel case. */
const faultsIn = (body: Wire | undefined): Fault[] | undefined => {
  const upper = wireAt(body, 'Fault');
  const lower = wireAt(body, 'fault');
  const envelope = isWireObject(upper) ? upper : isWireObject(lower) ? lower : undefined;
  return envelope && faultsOf(envelope);
};

const faultsOf = (envelope: WireObject): Fault[] => {
  const type = idText(envelope.type);
  const errors = list(envelope.Error ?? envelope.error);
  if (errors.length === 0) {
    return [{ code: '', message: 'QuickBooks reported a fault that cannot be read', element: undefined, type }];
  }
  return errors.map((error) => ({
    // Gateway errors write the same code with zeros in front.
    code: idText(error.code).replace(/^0+(?=\d)/, ''),
    message:
      [error.Message ?? error.message, error.Detail ?? error.detail].map(idText).filter(Boolean).join(': ') ||
      'QuickBooks gave no reason',
    element: idText(error.element) || undefined,
    type,
  }));
};

const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
});

/** Longer than any fault of the gateway; what is longer is a page. */
const LONGEST_XML = 20_000;

/** The gateway answers in XML whatever was asked for (sheet 8 point 27). */
const faultsInXml = ({ body }: ProviderResponse): Fault[] | undefined => {
  if (body.length > LONGEST_XML || !/^\s*<(\?xml|IntuitResponse|Fault)/.test(body)) return undefined;
  try {
    const root = xml.parse(body) as Wire;
    const fault = wireAt(root, 'IntuitResponse.Fault') ?? wireAt(root, 'Fault');
    return isWireObject(fault) ? faultsOf(fault) : undefined;
  } catch {
    return undefined;
  }
};

const list = (wire: Wire | undefined): WireObject[] => (Array.isArray(wire) ? wire : [wire]).filter(isWireObject);

/** Of several faults the one that says most about what to do next speaks for all; the others are told with it. */
const failureOfFaults = (
  faults: readonly Fault[],
  response: ProviderResponse | undefined,
  purpose: Purpose,
): ProviderFailure => {
  const failures = faults.map((fault) => failureOfFault(fault, response, purpose));
  const first = URGENCY.flatMap((kind) => failures.filter((failure) => failure.is === kind))[0]!;
  const message = [first, ...failures.filter((failure) => failure !== first)]
    .map((failure) => failure.message)
    .join(' / ');
  return { ...first, message };
};

const URGENCY: readonly ProviderFailure['is'][] = [
  'lost_answer',
  'access_revoked',
  'token_refused',
  'suspended',
  'rate_limited',
  'unavailable',
  'gone',
  'stale',
  'duplicate',
  'unreadable',
  'invalid',
];

const failureOfFault = (
  { code, message, element, type }: Fault,
  response: ProviderResponse | undefined,
  purpose: Purpose,
): ProviderFailure => {
  const said = { message, ...(code && { code }) };
  switch (code) {
    case '100':
    case '3200':
      return { is: 'token_refused', ...said };
    case '120':
    case '3100':
    case '3201':
      return { is: 'access_revoked', ...said };
    case '600':
      // The key is known there under something else: whatever that was, it may have been this very write.
      return purpose === 'write' ? { is: 'lost_answer', ...said } : { is: 'unavailable', ...said };
    case '610':
      return { is: 'gone', ...said };
    case '3001':
      return { is: 'rate_limited', waitMs: waitMs(response), ...said };
    case DAMAGED_ROW:
      return { is: 'unreadable', ...said };
    case '5010':
      return { is: 'stale', ...said };
    case '630':
    case '6140':
    case '6240':
      return { is: 'duplicate', candidates: [], ...said };
    case '6190':
      return { is: 'suspended', waitMs: SUSPENDED_MS, ...said };
  }
  if (Number(code) >= 10_000 || (response && response.status >= 500))
    return { ...unknownOutcome(purpose, message), ...said };
  if (response && (response.status === 429 || response.status === 401)) {
    return { ...failureOfStatus(response, purpose, message), ...said };
  }
  // The schema spells `AuthorizationFault` in two ways; an unknown company has no route (sheet 1.6).
  if (/^Authoriz/i.test(type) || response?.status === 404) return { is: 'access_revoked', ...said };
  if (/^Authentication/i.test(type)) return { is: 'token_refused', ...said };
  return { is: 'invalid', ...said, ...(element && { field: element }) };
};

const failureOfStatus = (response: ProviderResponse, purpose: Purpose, message: string): ProviderFailure => {
  const { status } = response;
  if (status === 401) return { is: 'token_refused', message };
  if (status === 429) return { is: 'rate_limited', waitMs: waitMs(response), message };
  if (status >= 500) return unknownOutcome(purpose, message);
  if (status === 400 || status === 413 || status === 415) return { is: 'invalid', message };
  // Pages of a gateway in between, a route that moved, a redirect: nothing of ours was executed.
  return { is: 'unavailable', message };
};

/** Nobody can tell whether a write was executed; a read can simply be made again. */
const unknownOutcome = (purpose: Purpose, message: string): ProviderFailure =>
  purpose === 'write' ? lostAnswer(message) : { is: 'unavailable', message };

/** Milliseconds to wait: the header's seconds or date where it is there, else the vendor's advice. */
const waitMs = (response: ProviderResponse | undefined): number => {
  const said = response?.headers['retry-after']?.trim() ?? '';
  if (/^\d{1,6}$/.test(said)) return Number(said) * 1000;
  const [until, now] = [Date.parse(said), Date.parse(response?.headers.date ?? '')];
  return Number.isNaN(until) || Number.isNaN(now) ? THROTTLED_MS : Math.max(until - now, 0);
};

/** Ids of records that a refusal names as already there: `TxnType=Invoice with TxnId=183`. The wording is uncertain. */
export const namedIn = (message: string, entity: string): readonly string[] => {
  const named = [...message.matchAll(/TxnType=(\w+)\D{1,20}?TxnId=(\d{1,20})/g)];
  return named.filter(([, type]) => type === entity).map(([, , id]) => id!);
};
