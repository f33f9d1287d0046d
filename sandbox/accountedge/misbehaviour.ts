import { cut, HTML_TYPE, type Answer } from '../answer.ts';
import type { FaultRule as Rule } from '../fault-rules.ts';
import { plainText, problem, unwrappedDenial } from './answer.ts';

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
  'html403',
  'rateLimit',
  '401',
  '403',
  'unwrapped403',
  '404',
  '409',
  '410',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
export type FaultRule = Rule<FaultKind>;

const LONGEST_REQUEST_MS = 120_000;
const USUAL_BUSY_SECONDS = 5;

/** The answer a fault gives in place of the real one. */
export function disturbedAnswer({ fault, ms, retryAfter }: FaultRule): Answer {
  const wait = (seconds: number | undefined): Pick<Answer, 'headers'> =>
    seconds === undefined ? {} : { headers: { 'Retry-After': String(seconds) } };
  switch (fault) {
    case '429':
      return { ...problem('RateLimitError', RATE_LIMIT_DETAILS, 429), ...wait(retryAfter) };
    case 'rateLimit':
      return { ...problem('RateLimitError', RATE_LIMIT_DETAILS), ...wait(retryAfter) };
    case 'html403':
      return plainText(403, '<h1>403 Developer Over Qps</h1>');
    case '500':
      return problem('InternalError');
    case '502':
      return { status: 502, contentType: HTML_TYPE, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' };
    case '503':
      return { ...problem('CompanyFileBusy'), ...wait(retryAfter ?? USUAL_BUSY_SECONDS) };
    case '504':
      return problem('GatewayTimeout');
    case '401':
      return problem('OAuthTokenIsInvalid');
    case '403':
      return problem('AccessDenied');
    case 'unwrapped403':
      return unwrappedDenial();
    case '404':
      return problem('ResourceNotFound', 'UID');
    case '410':
      return problem('ResourceGone', 'UID');
    case '409':
      return problem('IncorrectRowVersionSupplied', 'RowVersion');
    case 'html200':
      return { status: 200, contentType: HTML_TYPE, body: '<html><body><h1>Maintenance</h1></body></html>' };
    case 'cut':
      return cut();
    case 'hang':
      return cut(ms ?? LONGEST_REQUEST_MS);
    case 'latency':
      throw new Error('a delay has no answer of its own');
  }
}

export const RATE_LIMIT_DETAILS = 'Header: x-myobapi-key';
