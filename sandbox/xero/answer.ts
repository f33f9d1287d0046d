import { XMLBuilder } from 'fast-xml-parser';
import type { Answer } from '../answer.ts';
import { msDate } from './calendar.ts';
import type { Switches } from './switches.ts';

/** The vendor's envelopes and its many ways of saying no (sheets 1.6, 2.2 and 2.4). */

export const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_HTML = 'text/html; charset=utf-8';
const TEXT_PLAIN = 'text/plain; charset=utf-8';
const PROVIDER_NAME = 'Concord sandbox app';

export const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

export function json(status: number, body: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

export function plain(status: number, text: string): Answer {
  return { status, contentType: TEXT_PLAIN, body: text };
}

/** No body and no type at all. */
export function bare(status: number, headers: Record<string, string> = {}): Answer {
  return { status, contentType: '', body: '', headers };
}

/** The success envelope around members given as JSON text. */
export function envelope(members: string, request: { id: string; now: number }): Answer {
  const head = `"Id":"${request.id}","Status":"OK","ProviderName":"${PROVIDER_NAME}"`;
  return {
    status: 200,
    contentType: JSON_TYPE,
    body: `{${head},"DateTimeUTC":"${msDate(request.now, false)}",${members}}`,
  };
}

export function exception(number: number, type: string, message: string, elements?: string): Answer {
  const tail = elements === undefined ? '' : `,"Elements":[${elements}]`;
  const head = `"ErrorNumber":${number},"Type":${JSON.stringify(type)},"Message":${JSON.stringify(message)}`;
  return { status: 400, contentType: JSON_TYPE, body: `{${head}${tail}}` };
}

export function validationException(elements: string): Answer {
  return exception(10, 'ValidationException', 'A validation exception occurred', elements);
}

export function notFound({ notFoundBody }: Switches): Answer {
  const body = notFoundBody === 'empty' ? '' : "The resource you're looking for cannot be found";
  return { status: 404, contentType: TEXT_HTML, body };
}

/** The problem object of 401 and 403. */
export function problem(
  status: 401 | 403,
  detail: string,
  instance: string,
  { problemKeys }: Switches,
  headers: Record<string, string> = {},
): Answer {
  const members = [
    ['Type', null],
    ['Title', status === 401 ? 'Unauthorized' : 'Forbidden'],
    ['Status', status],
    ['Detail', detail],
    ['Instance', instance],
    ['Extensions', {}],
  ] as const;
  const named = members.map(([name, value]) => [
    problemKeys === 'camel' ? `${name[0]?.toLowerCase()}${name.slice(1)}` : name,
    value,
  ]);
  return { ...json(status, Object.fromEntries(named)), headers };
}

/** `08/12/2026 07:00:40`: the form of the time at which a token expired. */
export function expiryText(instant: number): string {
  const [day = '', time] = new Date(instant).toISOString().slice(0, 19).split('T');
  const [year, month, date] = day.split('-');
  return `${month}/${date}/${year} ${time}`;
}

const builder = new XMLBuilder({ suppressEmptyNode: true });

/** A JSON answer as XML, which is what clients get that do not ask for JSON. */
export function toXml(answer: Answer): Answer {
  const isError = answer.status >= 400;
  const root = { [isError ? 'ApiException' : 'Response']: nested('', JSON.parse(answer.body)) };
  return { ...answer, contentType: 'text/xml; charset=utf-8', body: builder.build(root) as string };
}

/** Lists get an element of their own around those of their members. */
function nested(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return { [singular(name)]: value.map((item) => nested(singular(name), item)) };
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, nested(key, part)]));
  }
  const ms = typeof value === 'string' ? /^\/Date\((-?\d+)/.exec(value) : null;
  return ms ? new Date(Number(ms[1])).toISOString().slice(0, 19) : value;
}

function singular(name: string): string {
  return name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.replace(/s$/, '');
}
