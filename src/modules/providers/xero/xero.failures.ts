import { isWireObject, wireObjects, type Wire, type WireObject } from '../../../domain/provider/mapping/index.js';
import {
  answered,
  heldBack,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderResponse,
} from '../../../domain/provider/index.js';
import { parsed, textAt, textOf } from './xero.wire.js';

/**
 * What this vendor's refusals mean (sheet 1.6, 2.4, 2.5, 7, 9.4). The only place that reads status codes. Its validation
 * errors have no codes, so their texts are matched, by parts that the sheet quotes.
 */

/** Why a request was sent: a lost answer to a write leaves its outcome unknown, a lost answer to a read does not. */
export type Purpose = 'read' | 'write';

/** The body is empty where the vendor has nothing to show, such as after a deletion. */
export type Outcome = { readonly body: WireObject } | { readonly failure: ProviderFailure };

const MINUTE_MS = 60_000;
/** Five calls at once are allowed; how long to wait for a place is not told (sheet 8 point 26). */
const CROWDED_MS = 1500;
/** An organisation that is offline comes back after about this (sheet 2.4). */
const OFFLINE_MS = 5 * MINUTE_MS;
/** A day's calls are used up, and the header that tells until when is missing. */
const NEXT_DAY_MS = 60 * MINUTE_MS;

/** What an exchange came to: the body of a success, or what went wrong. Never throws. */
export const outcomeOf = (exchange: ProviderExchange, purpose: Purpose): Outcome => {
  const answer = answerOf(exchange, purpose);
  if ('failure' in answer) return answer;
  return isWireObject(answer.body)
    ? { body: answer.body }
    : { failure: unknownOutcome(purpose, 'Xero answered with something that cannot be read') };
};

/** The same where the answer is a list without an envelope. */
export const answerOf = (
  exchange: ProviderExchange,
  purpose: Purpose,
): { readonly body: Wire | undefined } | { readonly failure: ProviderFailure } => {
  if (heldBack(exchange)) return { failure: exchange.held };
  if (!answered(exchange)) {
    return exchange.unanswered === 'not_sent'
      ? { failure: { is: 'unavailable', message: exchange.message } }
      : { failure: unknownOutcome(purpose, exchange.message) };
  }
  const { status } = exchange;
  if (status === 204) return { body: {} };
  // Nothing was modified: whether the vendor ever answers so is uncertain (sheet 4.3).
  if (status === 304) return { body: {} };
  const body = parsed(exchange.body);
  return status >= 200 && status < 300 ? { body } : { failure: failureOfStatus(exchange, body, purpose) };
};

export const lostAnswer = (message: string): ProviderFailure => ({ is: 'lost_answer', message });

export const isTokenRefused = (response: ProviderResponse): boolean => response.status === 401 && !lacksScope(response);

/** The vendor spells it in two ways; a new token would lack it as well (sheet 1.6). */
const lacksScope = ({ headers, body }: ProviderResponse): boolean =>
  /insuff?ici?ent_scope/i.test(headers['www-authenticate'] ?? '') ||
  /AuthorizationUnsuccessful/i.test(detailOf(parsed(body)) ?? '');

const detailOf = (body: Wire | undefined): string | undefined => textAt(body, 'Detail') ?? textAt(body, 'detail');

const failureOfStatus = (response: ProviderResponse, body: Wire | undefined, purpose: Purpose): ProviderFailure => {
  const { status } = response;
  const message = messageOf(body, response);
  switch (status) {
    case 400:
      return failureOfRequest(body, message);
    case 401:
      return lacksScope(response) ? { is: 'access_revoked', message } : { is: 'token_refused', message };
    case 403:
      // A tenant that is no longer connected says so; anything else is a permission that the person lacks.
      return /AuthenticationUnsuccessful/i.test(detailOf(body) ?? '')
        ? { is: 'access_revoked', message }
        : { is: 'invalid', message };
    case 404:
      return { is: 'gone', message };
    case 409:
      return purpose === 'write' ? { is: 'stale', message } : { is: 'unavailable', message };
    case 405:
    case 412:
    case 413:
    case 415:
    case 501:
      return { is: 'invalid', message };
    case 429:
      return { is: 'rate_limited', waitMs: waitMs(response), message };
    case 503:
      return /Organisation is offline/i.test(response.body) && purpose === 'read'
        ? { is: 'suspended', waitMs: OFFLINE_MS, message }
        : unknownOutcome(purpose, message);
  }
  if (status >= 500) return unknownOutcome(purpose, message);
  // Pages of something in between, a redirect: nothing of ours was executed.
  return { is: 'unavailable', message };
};

/** Longer than any sentence of the vendor's; what is longer is a page. */
const LONGEST_SENTENCE = 300;

const messageOf = (body: Wire | undefined, { status, body: text, headers }: ProviderResponse): string => {
  const problem = detailOf(body) ?? textAt(body, 'Message') ?? textAt(body, 'Title') ?? textAt(body, 'title');
  if (problem !== undefined) return problem;
  const plain = text.trim();
  const isSentence = plain !== '' && plain.length <= LONGEST_SENTENCE && !/[<{[]/.test(plain);
  const limit = headers['x-rate-limit-problem'];
  return isSentence ? plain : limit ? `Xero’s limit of calls: ${limit}` : `Xero answered with status ${status}`;
};

const failureOfRequest = (body: Wire | undefined, message: string): ProviderFailure => {
  const said = isWireObject(body) ? wireObjects(body.Elements).flatMap(errorsIn) : [];
  const number = textAt(body, 'ErrorNumber');
  return failureOfErrors(said.length > 0 ? said : [message], number);
};

/** What a refused element of a batch says; undefined for one that was carried out (sheet 2.5). */
export const failureOfElement = (element: WireObject): ProviderFailure | undefined => {
  const isRefused =
    element.StatusAttributeString === 'ERROR' || element.HasErrors === true || element.HasValidationErrors === true;
  if (!isRefused) return undefined;
  const said = errorsIn(element);
  return failureOfErrors(said.length > 0 ? said : ['Xero gave no reason'], undefined);
};

/** Texts of validation errors on an element and on anything inside it, each once (sheet 2.4). */
const errorsIn = (element: WireObject): string[] => {
  const found: string[] = [];
  const visit = (wire: Wire): void => {
    if (Array.isArray(wire)) for (const one of wire) visit(one);
    else if (isWireObject(wire)) {
      for (const [name, member] of Object.entries(wire)) {
        if (name !== 'ValidationErrors') visit(member);
        else for (const error of wireObjects(member)) found.push(textOf(error.Message ?? error.Description) ?? '');
      }
    }
  };
  visit(element);
  return [...new Set(found.filter(Boolean))];
};

const failureOfErrors = (errors: readonly string[], code: string | undefined): ProviderFailure => {
  const message = errors.join(' / ');
  const said = { message, ...(code !== undefined && { code }) };
  // The key is known there under something else: whatever that was, it may have been this very write.
  if (/is used with a different request/i.test(message)) return { is: 'lost_answer', ...said };
  if (TAKEN.some((text) => text.test(message))) return { is: 'duplicate', candidates: [], ...said };
  if (/Deleted PurchaseOrders cannot be updated/i.test(message)) return { is: 'gone', ...said };
  // Somebody has settled, voided or deleted it since; what is settled says so, too, and that a second look does not mend.
  if (/not of valid status for modification/i.test(message) && !/payments? or credit note/i.test(message)) {
    return { is: 'stale', ...said };
  }
  return { is: 'invalid', ...said };
};

/** A natural key that another record has (sheet 9.4). */
const TAKEN: readonly RegExp[] = [
  /is already assigned to another contact/i,
  /# must be unique/i,
  /Please enter a unique (Name|Code)/i,
  /Price List Item with Code .* already exists/is,
];

/** Nobody can tell whether a write was executed; a read can simply be made again. */
export const unknownOutcome = (purpose: Purpose, message: string): ProviderFailure =>
  purpose === 'write' ? lostAnswer(message) : { is: 'unavailable', message };

/** The header's seconds where they are there, else what the limit that was hit advises (sheet 7). */
const waitMs = ({ headers }: ProviderResponse): number => {
  const said = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,6}$/.test(said)) return Number(said) * 1000;
  const limit = headers['x-rate-limit-problem']?.trim().toLowerCase();
  return limit === 'concurrent' ? CROWDED_MS : limit === 'day' ? NEXT_DAY_MS : MINUTE_MS;
};
