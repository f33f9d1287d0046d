import { isWireObject, wireAt, type Wire, type WireObject } from '../../../domain/provider/mapping/index.js';
import {
  answered,
  heldBack,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderResponse,
} from '../../../domain/provider/index.js';
import { errorsIn, inputErrorsIn, parsed, type GraphqlError, type InputError } from './wave.wire.js';

/**
 * What this vendor's refusals mean (sheet 2.2, 3.5, 6). The only place that reads status codes and the vendor's own
 * codes. The body counts before the status, because which status an error has is not told for certain.
 */

/** Why a request was sent: a lost answer to a write leaves its outcome unknown, a lost answer to a read does not. */
export type Purpose = 'read' | 'write';

/** An answer may hold data and errors at once: an error concerns what its path names. */
export type Outcome =
  { readonly data: WireObject; readonly errors: readonly GraphqlError[] } | { readonly failure: ProviderFailure };

/** The vendor publishes no limits; a minute is what clients count by (sheet 2.6). */
const THROTTLED_MS = 30_000;

/** What an exchange came to. Never throws. */
export const outcomeOf = (exchange: ProviderExchange, purpose: Purpose): Outcome => {
  if (heldBack(exchange)) return { failure: exchange.held };
  if (!answered(exchange)) {
    return exchange.unanswered === 'not_sent'
      ? { failure: { is: 'unavailable', message: exchange.message } }
      : { failure: unknownOutcome(purpose, exchange.message) };
  }
  if (exchange.status === 429) return { failure: throttled(exchange) };
  const body = parsed(exchange.body);
  const errors = errorsIn(body);
  const refused = errors.find(({ code }) => code === 'UNAUTHENTICATED');
  if (refused) return { failure: failureOfError(refused, purpose) };
  const data = wireAt(body, 'data');
  if (isWireObject(data) && (errors.length > 0 || isSuccess(exchange))) return { data, errors };
  const [first] = errors;
  if (first) return { failure: failureOfError(first, purpose, exchange) };
  return { failure: failureOfStatus(exchange, purpose) };
};

const isSuccess = ({ status }: ProviderResponse): boolean => status >= 200 && status < 300;

/**
 * What an error means to those who asked for what its path names. That a record is not found says that it is gone only
 * where it was asked for by its own id, which is the reader's to know.
 */
export const failureOfError = (
  { code, message }: GraphqlError,
  purpose: Purpose,
  response?: ProviderResponse,
): ProviderFailure => {
  const said = { message, ...(code && { code }) };
  switch (code) {
    case 'UNAUTHENTICATED':
      return { is: 'token_refused', ...said };
    case 'FORBIDDEN':
      return { is: 'access_revoked', ...said };
    case 'NOT_FOUND':
      return { is: 'gone', ...said };
    case 'BAD_USER_INPUT':
    case 'VARIABLE_VALUE':
      return { is: 'invalid', ...said };
    // A document that the vendor no longer takes is nobody's data's fault, and nothing was executed.
    case 'GRAPHQL_VALIDATION_FAILED':
    case 'GRAPHQL_PARSE_FAILED':
      return { is: 'unavailable', ...said };
    case 'INTERNAL_SERVER_ERROR':
      return { ...unknownOutcome(purpose, message), ...said };
  }
  if (response?.status === 401) return { is: 'token_refused', ...said };
  if (response?.status === 403) return { is: 'access_revoked', ...said };
  return { ...unknownOutcome(purpose, message), ...said };
};

/**
 * Without a body that speaks of GraphQL. What 403 then means is not told: a new token tells a refused one from a plan
 * that lapsed and a consent that is gone.
 */
const failureOfStatus = (response: ProviderResponse, purpose: Purpose): ProviderFailure => {
  const { status } = response;
  const message = isSuccess(response)
    ? 'Wave answered with something that cannot be read'
    : `Wave answered with status ${status}`;
  if (isSuccess(response) || status >= 500) return unknownOutcome(purpose, message);
  if (status === 401 || status === 403) return { is: 'token_refused', message };
  if (status === 400 || status === 413 || status === 415) return { is: 'invalid', message };
  // Pages of a gateway in between, a route that moved, a redirect: nothing of ours was executed.
  return { is: 'unavailable', message };
};

/** Nobody can tell whether a write was executed; a read can simply be made again. */
const unknownOutcome = (purpose: Purpose, message: string): ProviderFailure =>
  purpose === 'write' ? lostAnswer(message) : { is: 'unavailable', message };

export const lostAnswer = (message: string): ProviderFailure => ({ is: 'lost_answer', message });

/** The token reaches no such business: nothing is said about the records in it (sheet 7 point 14). */
export const noAccess = (message = 'Wave shows no such business to this consent'): ProviderFailure => ({
  is: 'access_revoked',
  message,
});

const throttled = ({ headers }: ProviderResponse): ProviderFailure => {
  const said = headers['retry-after']?.trim() ?? '';
  const message = 'Wave takes no more calls for now';
  if (/^\d{1,6}$/.test(said)) return { is: 'rate_limited', waitMs: Number(said) * 1000, message };
  const [until, now] = [Date.parse(said), Date.parse(headers.date ?? '')];
  const waitMs = Number.isNaN(until) || Number.isNaN(now) ? THROTTLED_MS : Math.max(until - now, 0);
  return { is: 'rate_limited', waitMs, message };
};

export const isTokenRefused = (response: ProviderResponse): boolean => {
  const outcome = outcomeOf(response, 'read');
  return 'failure' in outcome && outcome.failure.is === 'token_refused';
};

/** The vendor's id of a request, which only errors carry. */
export const requestIdOf = ({ body }: ProviderResponse): string | undefined =>
  body.includes('"errors"') ? errorsIn(parsed(body)).find(({ id }) => id !== undefined)?.id : undefined;

/** A mutation's own part of an answer, or why there is none (sheet 7 point 1). */
export const payloadOf = (
  outcome: Outcome,
  mutation: string,
  target: string | undefined,
  business: string,
): { readonly payload: WireObject } | { readonly failure: ProviderFailure } => {
  if ('failure' in outcome) return { failure: unlessOther(outcome.failure, target, business) };
  const error = outcome.errors.find(({ path }) => path.length === 0 || path[0] === mutation);
  const payload = wireAt(outcome.data, mutation);
  if (error && !isWireObject(payload)) {
    return { failure: unlessOther(failureOfError(error, 'write'), target, business) };
  }
  if (!isWireObject(payload)) return { failure: lostAnswer('Wave answered without a word about the write') };
  if (payload.didSucceed === true) return { payload };
  return { failure: failureOfInput(inputErrorsIn(payload)) };
};

/**
 * What was not found may be the record that is written over, the business, or something that the write refers to. A
 * create whose "node" was not found has been seen to work a moment later (sheet 2.2): it is looked for before it is repeated.
 */
const unlessOther = (failure: ProviderFailure, target: string | undefined, business: string): ProviderFailure => {
  if (failure.is !== 'gone') return failure;
  const { message, code } = failure;
  const said = { message, ...(code && { code }) };
  if (message.includes(`'${business}'`)) return { ...noAccess(), ...said };
  if (target === undefined)
    return /^node could not be found/i.test(message) ? lostAnswer(message) : { is: 'invalid', ...said };
  const named = /'([A-Za-z0-9+/=]{16,})'/.exec(message)?.[1];
  return named === undefined || named === target ? failure : { is: 'invalid', ...said };
};

/** The wording of a refusal for something that is there already is not told; these words are what such ones have. */
const TAKEN = /already (exists|in use|used|taken|been)|must be unique|duplicate/i;

const failureOfInput = (errors: readonly InputError[]): ProviderFailure => {
  const message = errors.map((error) => error.message).join(' / ') || 'Wave refused the write and gave no reason';
  const [first] = errors;
  const code = first?.code;
  const field = first?.path.filter((name) => name !== 'input').join('.');
  const said = { message, ...(code && { code }) };
  if (errors.some(({ path }) => path.includes('sequence'))) return { is: 'stale', ...said };
  if (errors.some((error) => TAKEN.test(error.message))) return { is: 'duplicate', candidates: [], ...said };
  return { is: 'invalid', ...said, ...(field && { field }) };
};

/** Whether a refused money transaction was refused for being there already: then it was posted before (sheet 6). */
export const isPostedAlready = (outcome: Outcome, mutation: string): boolean => {
  if ('failure' in outcome) return false;
  const payload: Wire | undefined = wireAt(outcome.data, mutation);
  if (!isWireObject(payload) || payload.didSucceed === true) return false;
  const errors = inputErrorsIn(payload);
  return errors.length > 0 && errors.every(({ path, message }) => path.includes('externalId') && TAKEN.test(message));
};
