/** An HTTP answer before it is sent, so that faults can be put before or in place of it. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
  /** In place of `body` where an answer is no text. */
  bytes?: Buffer;
  headers?: Record<string, string>;
  /** Destroy the connection instead of answering, after this many milliseconds. */
  cutAfter?: number;
}

export const HTML_TYPE = 'text/html;charset=UTF-8';

export function redirect(location: string): Answer {
  return { status: 302, contentType: HTML_TYPE, body: '', headers: { Location: location } };
}

export function page(body: string, status = 200): Answer {
  return { status, contentType: HTML_TYPE, body };
}

export function cut(after = 0): Answer {
  return { status: 0, contentType: '', body: '', cutAfter: after };
}
