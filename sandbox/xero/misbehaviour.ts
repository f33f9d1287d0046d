import { cut, type Answer } from '../answer.ts';
import type { FaultRule as Rule } from '../fault-rules.ts';
import { bare, exception, plain, problem } from './answer.ts';
import type { Switches } from './switches.ts';

/** The faults that can be put in the way of calls. */
export const FAULT_KINDS = [
  'latency',
  '429',
  '500',
  '502',
  '503',
  'offline',
  'maintenance',
  '504',
  'cut',
  'hang',
  'halfBody',
  'html200',
  '401',
  '403',
  '409',
  '412',
  'midScanEdit',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultRule = Rule<FaultKind>;

const LONGEST_REQUEST_MS = 120_000;

/** What comes from the API itself, and so is remembered under an Idempotency-Key, unlike what gateways answer. */
export function comesFromApi(rule: FaultRule | undefined): boolean {
  return rule?.fault === '500' || rule?.fault === '409';
}

/** The answer a fault gives in place of the real one. */
export function disturbedAnswer(
  rule: FaultRule,
  real: Answer | undefined,
  switches: Switches,
  instance: string,
): Answer {
  switch (rule.fault) {
    case '429':
      return bare(429, {
        'X-Rate-Limit-Problem': 'minute',
        ...(rule.retryAfter !== undefined && { 'Retry-After': String(rule.retryAfter) }),
      });
    case '500':
      return exception500();
    case '502':
      return gateway(502, 'Bad Gateway');
    case '503':
      return plain(503, 'The Xero API is temporarily unavailable');
    case 'offline':
      return plain(503, 'The Organisation is offline');
    case 'maintenance':
      return plain(503, 'The Xero API is currently offline for maintenance');
    case '504':
      return gateway(504, 'Gateway Time-out');
    case 'cut':
      return cut();
    case 'hang':
      return cut(rule.ms ?? LONGEST_REQUEST_MS);
    case 'halfBody': {
      const body = real?.body ?? '{"Id":"';
      const half = body.slice(0, Math.max(1, Math.floor(body.length / 2)));
      return { status: 200, contentType: 'application/json; charset=utf-8', body: half };
    }
    case 'html200':
      return { ...gateway(200, 'Xero'), status: 200 };
    case '401':
      return problem(401, 'AuthenticationUnsuccessful', instance, switches);
    case '403':
      return problem(403, 'AuthenticationUnsuccessful', instance, switches);
    case '409':
      return { ...plain(409, 'Conflict') };
    case '412':
      return plain(412, 'Precondition Failed');
    case 'latency':
    case 'midScanEdit':
      throw new Error(`${rule.fault} has no answer of its own`);
  }
}

function exception500(): Answer {
  return { ...exception(500, 'InternalServerException', 'An unexpected error occurred.'), status: 500 };
}

function gateway(status: number, title: string): Answer {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, contentType: 'text/html; charset=utf-8', body };
}
