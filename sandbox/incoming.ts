import type { IncomingMessage } from 'node:http';

/** One HTTP request as far as a sandbox looks at it. */
export interface Incoming {
  method: string;
  /** Path below the provider, such as `/v3/company/123/invoice`. */
  path: string;
  params: URLSearchParams;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** The body as it came, for files. */
  bytes: Buffer;
  /** Where this provider is reached from outside, such as `http://127.0.0.1:4000/quickbooks`. */
  base: string;
  /** The body read as JSON, once. */
  parsed?: { value: unknown };
}

/** Reads a request whole; undefined when it has more bytes than `limit` allows for its path. */
export async function receive(
  request: IncomingMessage,
  limit: (path: string) => number,
): Promise<Incoming | undefined> {
  // The host strips the provider's own prefix from the URL and leaves it beside it.
  const url = request.url ?? '/';
  const prefix = (request as { baseUrl?: string }).baseUrl ?? '';
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const bytes = request.method === 'GET' ? Buffer.alloc(0) : await readBody(request, limit(path));
  if (bytes === undefined) return undefined;
  return {
    method: request.method ?? 'GET',
    path,
    params: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
    headers: request.headers,
    body: bytes.toString('utf8'),
    bytes,
    base: `http://${request.headers.host ?? '127.0.0.1'}${prefix}`,
  };
}

/** What is too much is read to its end, so that the client gets to see the refusal, but not kept. */
function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    });
    request.on('end', () => resolve(size > limit ? undefined : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** The body as JSON; undefined when it is not JSON. */
export function parsedBody(request: Incoming): unknown {
  if (!request.parsed) {
    let value: unknown;
    try {
      value = JSON.parse(request.body);
    } catch {
      value = undefined;
    }
    request.parsed = { value };
  }
  return request.parsed.value;
}

export function header(request: Incoming, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
