import { cut, type Answer } from '../answer.ts';
import type { FaultRule as Rule } from '../fault-rules.ts';
import { authenticationFailed, authorizationFailed, faultAnswer, html, throttled } from './answer.ts';
import { VendorFault } from './vendor-fault.ts';

/** The faults that can be put in the way of calls. */
export const FAULT_KINDS = [
  'latency',
  '429',
  '500',
  '502',
  '503',
  '504',
  'cut',
  'hang',
  'html200',
  'fault200',
  '6190',
  '4002',
  '401',
  '403',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultRule = Rule<FaultKind>;

const LONGEST_REQUEST_MS = 120_000;

export interface FaultSurroundings {
  now: number;
  time: string;
  throttleBody: 'xml' | 'json';
  companyStatusHttp: number;
}

/** The answer a fault gives in place of the real one. */
export function disturbedAnswer(
  rule: FaultRule,
  { now, time, throttleBody, companyStatusHttp }: FaultSurroundings,
): Answer {
  switch (rule.fault) {
    case '429':
      return throttled(throttleBody, rule.retryAfter, now, time);
    case '500':
      return faultAnswer(new VendorFault(10000, 'System Failure Error: an unexpected error occurred.'), time);
    case '502':
      return html(502, '502 Bad Gateway');
    case '503':
      return withRetryAfter(html(503, '503 Service Unavailable'), rule);
    case '504':
      return html(504, '504 Gateway Time-out');
    case 'cut':
      return cut();
    case 'hang':
      return cut(rule.ms ?? LONGEST_REQUEST_MS);
    case 'html200':
      return html(200, 'Maintenance');
    case 'fault200': {
      const fault = faultAnswer(new VendorFault(10000, 'System Failure Error: an unexpected error occurred.'), time);
      return { ...fault, status: 200 };
    }
    case '6190': {
      const detail = 'Subscription period has ended or canceled or there was a billing problem';
      return { ...faultAnswer(new VendorFault(6190, detail), time), status: companyStatusHttp };
    }
    case '4002':
      return faultAnswer(
        new VendorFault(4002, 'QueryProcessingError: an e-mail address in the data is not valid'),
        time,
      );
    case '401':
      return authenticationFailed('Token expired', now);
    case '403':
      return authorizationFailed(now);
    case 'latency':
      throw new Error('a delay has no answer of its own');
  }
}

function withRetryAfter(answer: Answer, { retryAfter }: FaultRule): Answer {
  return retryAfter === undefined ? answer : { ...answer, headers: { 'Retry-After': String(retryAfter) } };
}
