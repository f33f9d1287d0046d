import { XMLBuilder } from 'fast-xml-parser';
import { HTML_TYPE, type Answer } from '../answer.ts';
import type { VendorFault } from './vendor-fault.ts';

export function json(status: number, body: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

export const JSON_TYPE = 'application/json;charset=UTF-8';
const XML_TYPE = 'application/xml;charset=UTF-8';

/** The success envelope around members given as JSON text from its opening brace on (sheet 2.2). */
export function envelope(members: string, time: string): Answer {
  return { status: 200, contentType: JSON_TYPE, body: `${members},"time":"${time}"}` };
}

/** The fault of a business rule, upper camel case (sheet 2.3). */
export function faultAnswer(fault: VendorFault, time: string): Answer {
  return { status: fault.status, contentType: JSON_TYPE, body: JSON.stringify({ Fault: fault.body, time }) };
}

/** A fault of the gateway in front of the API, lower camel case and with the time in milliseconds (sheet 1.6). */
export function gatewayFault(
  status: number,
  type: string,
  error: { message: string; detail: string | null; code: string },
  now: number,
): Answer {
  const body = {
    warnings: null,
    intuitObject: null,
    fault: { error: [{ ...error, element: null }], type },
    report: null,
    queryResponse: null,
    batchItemResponse: [],
    attachableResponse: [],
    syncErrorResponse: null,
    requestId: null,
    time: now,
    status: null,
    cdcresponse: [],
  };
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

export function authenticationFailed(detail: string | null, now: number): Answer {
  const message = 'message=AuthenticationFailed; errorCode=003200; statusCode=401';
  return gatewayFault(401, 'AUTHENTICATION', { message, detail, code: '3200' }, now);
}

/** The older form of a 401, XML whatever was asked for. */
export function legacyAuthenticationFailed(time: string): Answer {
  const error = { '@_code': '100', Message: 'General Authentication Error', Detail: 'AuthenticationFailed' };
  return { status: 401, ...xmlBody({ Fault: { '@_type': 'AuthenticationFault', Error: error } }, time) };
}

export function authorizationFailed(now: number): Answer {
  const message = 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403';
  return gatewayFault(403, 'SERVICE', { message, detail: null, code: '3100' }, now);
}

export function throttled(form: 'xml' | 'json', retryAfter: number | undefined, now: number, time: string): Answer {
  const message = 'message=ThrottleExceeded; errorCode=003001; statusCode=429';
  const detail = 'The request limit was reached.  Try again later';
  const answer =
    form === 'json'
      ? gatewayFault(429, 'SERVICE', { message, detail, code: '3001' }, now)
      : {
          status: 429,
          ...xmlBody(
            { Fault: { '@_type': 'SERVICE', Error: { '@_code': '3001', Message: message, Detail: detail } } },
            time,
          ),
        };
  return retryAfter === undefined ? answer : { ...answer, headers: { 'Retry-After': String(retryAfter) } };
}

export function html(status: number, title: string): Answer {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1><hr><address>gateway</address></body></html>`;
  return { status, contentType: HTML_TYPE, body };
}

/** A JSON answer as XML, which is what clients get that do not ask for JSON. */
export function toXml(answer: Answer): Answer {
  const { time, ...members } = JSON.parse(answer.body) as Record<string, unknown>;
  const root = Object.fromEntries(Object.entries(members).map(([name, value]) => [name, asElement(name, value)]));
  return { ...answer, ...xmlBody(root, typeof time === 'string' ? time : '') };
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@_', suppressEmptyNode: true });

function xmlBody(members: object, time: string): { contentType: string; body: string } {
  const root = { '@_xmlns': 'http://schema.intuit.com/finance/v3', '@_time': time, ...members };
  const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  return { contentType: XML_TYPE, body: declaration + builder.build({ IntuitResponse: root }) };
}

const ATTRIBUTES = [
  'domain',
  'sparse',
  'status',
  'startPosition',
  'maxResults',
  'totalCount',
  'type',
  'code',
  'element',
  'bId',
];

/** Flags become attributes; a reference becomes `<CustomerRef name="Acme">58</CustomerRef>`. */
function asElement(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => asElement(name, item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (name.endsWith('Ref') && 'value' in value) {
    return Object.fromEntries(entries.map(([key, part]) => [key === 'value' ? '#text' : `@_${key}`, part]));
  }
  return Object.fromEntries(
    entries.map(([key, part]) => {
      const isAttribute = ATTRIBUTES.includes(key) && typeof part !== 'object';
      return isAttribute ? [`@_${key}`, String(part)] : [key, asElement(key, part)];
    }),
  );
}
