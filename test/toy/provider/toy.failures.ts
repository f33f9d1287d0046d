import { isWireObject, type WireObject } from '../../../src/domain/provider/mapping/index.js';
import {
  answered,
  heldBack,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderResponse,
} from '../../../src/domain/provider/index.js';
import { parsed, textIn } from './toy.wire.js';

/** What the toy's refusals mean; the only reader of its status codes. */

export type Purpose = 'read' | 'write';
export type Outcome = { readonly body: WireObject } | { readonly failure: ProviderFailure };

const LAPSED_MS = 3_600_000;

export const outcomeOf = (exchange: ProviderExchange, purpose: Purpose): Outcome => {
  if (heldBack(exchange)) return { failure: exchange.held };
  if (!answered(exchange)) {
    return exchange.unanswered === 'not_sent'
      ? { failure: { is: 'unavailable', message: exchange.message } }
      : { failure: unclear(purpose, exchange.message) };
  }
  const body = parsed(exchange.body);
  const error = isWireObject(body) && isWireObject(body.error) ? body.error : undefined;
  if (error || exchange.status !== 200) return { failure: failureOf(exchange, error ?? {}, purpose) };
  return isWireObject(body) ? { body } : { failure: unclear(purpose, 'the toy answered what cannot be read') };
};

export const unclear = (purpose: Purpose, message: string): ProviderFailure => ({
  is: purpose === 'write' ? 'lost_answer' : 'unavailable',
  message,
});

export const isTokenRefused = (response: ProviderResponse): boolean => response.status === 401;

const failureOf = ({ status, headers }: ProviderResponse, error: WireObject, purpose: Purpose): ProviderFailure => {
  const message = textIn(error, 'message') ?? `the toy answered with status ${status}`;
  const code = textIn(error, 'code');
  const said = { message, ...(code && { code }) };
  switch (status) {
    case 401:
      return { ...said, is: 'token_refused' };
    case 402:
      return { ...said, is: 'suspended', waitMs: LAPSED_MS };
    case 403:
      return { ...said, is: 'access_revoked' };
    case 409:
      return code === 'taken' ? { ...said, is: 'duplicate', candidates: idsIn(error) } : { ...said, is: 'stale' };
    case 410:
      return { ...said, is: 'gone' };
    case 400:
    case 404:
    case 422: {
      const field = textIn(error, 'field');
      return { ...said, is: 'invalid', ...(field && { field }) };
    }
    case 429:
      return { ...said, is: 'rate_limited', waitMs: Math.max(0, Number(headers['retry-after'] ?? 1) || 1) * 1000 };
    default:
      return { ...unclear(purpose, message), ...(code && { code }) };
  }
};

const idsIn = ({ ids }: WireObject): string[] =>
  Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
