import { cut, HTML_TYPE, type Answer } from '../answer.ts';
import type { FaultRule } from '../fault-rules.ts';
import { gateway, json } from './answer.ts';
import type { Limits } from './throttle.ts';

/** Faults that a control endpoint puts in the way of calls. */
export const FAULT_KINDS = [
  'latency',
  '429',
  '500',
  '502',
  '503',
  '504',
  'cut',
  'hang',
  'half',
  'html200',
  'fault200',
  'nodeNotFound',
  'nullPayload',
  'unauthenticated',
  '401',
  '403',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const LONGEST_REQUEST_MS = 120_000;

/** What of a GraphQL document matters to an error about it: the root fields as they appear in the answer. */
export interface Asked {
  fields: readonly string[];
  errorId(): string;
}

/** The answer a fault gives in place of the real one. */
export function disturbedAnswer(rule: FaultRule<FaultKind>, asked: Asked, limits: Limits): Answer {
  switch (rule.fault) {
    case '429':
      return throttled(limits.body, rule.retryAfter, asked);
    case '500':
      return json(500, { errors: [entry('INTERNAL_SERVER_ERROR', 'Internal server error', asked)] });
    case '502':
      return gateway(502, '502 Bad Gateway');
    case '503':
      return gateway(503, '503 Service Unavailable', retryHeader(rule.retryAfter));
    case '504':
      return gateway(504, '504 Gateway Time-out');
    case 'cut':
      return cut();
    case 'hang':
      return cut(rule.ms ?? LONGEST_REQUEST_MS);
    case 'half':
      throw new Error('half of an answer needs the answer');
    case 'html200':
      return { status: 200, contentType: HTML_TYPE, body: '<html><body><h1>Maintenance</h1></body></html>' };
    case 'fault200':
      return nulled('INTERNAL_SERVER_ERROR', 'Internal server error', asked);
    case 'nodeNotFound':
      return nulled('NOT_FOUND', 'Node could not be found', asked);
    case 'nullPayload':
      return json(200, { data: nulls(asked) });
    case 'unauthenticated':
      return nulled('UNAUTHENTICATED', 'Authentication expired.', asked);
    case '401':
      return gateway(401, '401 Unauthorized');
    case '403':
      return gateway(403, '403 Forbidden');
    case 'latency':
      throw new Error('a delay has no answer of its own');
  }
}

export function throttled(body: Limits['body'], retryAfter: number | undefined, asked: Asked): Answer {
  const headers = retryHeader(retryAfter);
  if (body === 'html') return gateway(429, '429 Too Many Requests', headers);
  return json(429, { errors: [entry('TOO_MANY_REQUESTS', 'Too many requests', asked)] }, headers);
}

function retryHeader(retryAfter: number | undefined): Record<string, string> | undefined {
  return retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
}

function nulled(code: string, message: string, asked: Asked): Answer {
  const errors = asked.fields.map((field) => ({ ...entry(code, message, asked), path: [field] }));
  return json(200, { errors, data: nulls(asked) });
}

function nulls({ fields }: Asked): Record<string, null> {
  return Object.fromEntries(fields.map((field) => [field, null]));
}

function entry(code: string, message: string, asked: Asked) {
  return { extensions: { id: asked.errorId(), code }, message };
}
