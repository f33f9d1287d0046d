import { z } from 'zod';
import { parsedBody, type Incoming } from './incoming.ts';

/** A control request that cannot be followed: 400 with what is wrong and what is allowed. */
export class BadRequest extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** The body by its schema; an empty body counts as `{}`. What does not fit is refused by field. */
export function readControl<T>(request: Incoming, schema: z.ZodType<T>): T {
  const body = request.body.trim() === '' ? {} : parsedBody(request);
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const field = [...(issue?.path ?? []), ...unknown].join('.') || '(body)';
  const allowed = allowedIn(schema);
  const hint = unknown.length > 0 && allowed !== '' ? `; allowed are ${allowed}` : '';
  throw new BadRequest(field, `${field}: ${issue?.message ?? 'is not understood'}${hint}`);
}

function allowedIn(schema: z.ZodType): string {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') : '';
}
