import type { Answer } from '../answer.ts';
import { envelope, messageOf, statusOf, type Problem, type Refusal } from './problem.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

export function json(status: number, body: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

/** JSON that is text already. */
export function jsonText(status: number, body: string): Answer {
  return { status, contentType: JSON_TYPE, body };
}

export function empty(status: number): Answer {
  return { status, contentType: '', body: '' };
}

/** The error envelope, or for access that is denied the older unwrapped form (sheet 4.9). */
export function refused(refusal: Refusal, accessDeniedBody: 'wrapped' | 'unwrapped'): Answer {
  const { name } = refusal.first;
  if (name === 'AccessDenied' && accessDeniedBody === 'unwrapped') return unwrappedDenial();
  return json(refusal.status, refusal.body);
}

export function problem(name: Problem['name'], details: string | null = null, status = statusOf(name)): Answer {
  return json(status, envelope([{ name, details }]));
}

export function unwrappedDenial(): Answer {
  return json(403, { Message: messageOf('AccessDenied'), ErrorCode: 'AccessDenied' });
}

export function plainText(status: number, body: string): Answer {
  return { status, contentType: 'text/html', body };
}
