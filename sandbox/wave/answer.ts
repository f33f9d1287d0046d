import { HTML_TYPE, type Answer } from '../answer.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

export function json(status: number, body: unknown, headers?: Record<string, string>): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body), headers };
}

/** What stands in front of the API says, in HTML whatever was asked for. */
export function gateway(status: number, title: string, headers?: Record<string, string>): Answer {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, contentType: HTML_TYPE, body, headers };
}
