import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, type SandboxOptions } from '../server.ts';
import type { QuickbooksSandbox } from './index.ts';
import type { Vendor } from './vendor.ts';

/** What the specs share: a sandbox of their own, a connected client, a receiver for webhooks. */

export const US = '9341450000000001';
export const US_AUTOMATED = '9341450000000002';
export const UK = '9341450000000003';

// Tests look into answers of any shape; each one asserts what it found.
export interface Json {
  [member: string]: Json;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
  /** The code of the first fault, upper or lower case envelope; undefined on success. */
  code: string | undefined;
  detail: string;
}

export interface TestSandbox {
  base: string;
  vendor: Vendor;
  control(method: string, path: string, body?: unknown): Promise<Json>;
  connect(realm?: string): Promise<Client>;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const sandbox = createSandbox({ empty: true, seed: 7, ...options });
  const running = await sandbox.listen(0);
  const base = `${running.url}/quickbooks`;
  const control = async (method: string, path: string, body?: unknown) => {
    const reply = await request(`${base}/_control${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    return reply.json;
  };
  await control('POST', '/limits', { enabled: false });
  await control('POST', '/consent', { mode: 'auto' });
  return {
    base,
    vendor: (sandbox.providers[0] as QuickbooksSandbox).vendor,
    control,
    async connect(realm = US) {
      await control('POST', '/consent', { mode: 'auto', realm });
      const code = codeOf(await authorize(base));
      const tokens = await exchange(base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
      return new Client(base, realm, String(tokens.json.access_token), String(tokens.json.refresh_token));
    },
    close: () => running.close(),
  };
}

export const REDIRECT = 'http://localhost:9/callback';
export const BASIC = `Basic ${Buffer.from('sandbox-client:sandbox-secret').toString('base64')}`;

export async function request(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  let json: Json = {};
  try {
    json = JSON.parse(text) as Json;
  } catch {
    // XML, HTML or nothing; the test looks at the text.
  }
  const fault = (json.Fault?.Error?.[0] ?? json.fault?.error?.[0]) as Json | undefined;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json,
    code: fault && String(fault.code),
    detail: String(fault?.Detail ?? fault?.detail ?? ''),
  };
}

/** The authorize request of the default app; answers the redirect or page. */
export function authorize(base: string, change: Record<string, string> = {}): Promise<Reply> {
  const params = new URLSearchParams({
    client_id: 'sandbox-client',
    response_type: 'code',
    scope: 'com.intuit.quickbooks.accounting',
    redirect_uri: REDIRECT,
    state: 'state-1',
    ...change,
  });
  return request(`${base}/connect/oauth2?${params.toString()}`);
}

export function callbackOf(reply: Reply): URLSearchParams {
  return new URL(reply.headers.get('location') ?? '').searchParams;
}

export function codeOf(reply: Reply): string {
  return callbackOf(reply).get('code') ?? '';
}

export function exchange(
  base: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return request(`${base}/oauth2/v1/tokens/bearer`, {
    method: 'POST',
    headers: {
      authorization: BASIC,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: new URLSearchParams(form).toString(),
  });
}

/** A connected app, with the API's verbs in short. */
export class Client {
  readonly base: string;
  readonly realm: string;
  accessToken: string;
  refreshToken: string;

  constructor(base: string, realm: string, accessToken: string, refreshToken: string) {
    this.base = base;
    this.realm = realm;
    this.accessToken = accessToken;
    this.refreshToken = refreshToken;
  }

  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return request(`${this.base}/v3/company/${this.realm}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.accessToken}`,
        accept: 'application/json',
        ...(method === 'POST' && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    });
  }

  get(path: string): Promise<Reply> {
    return this.call('GET', path);
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.call('POST', path, body);
  }

  query(statement: string): Promise<Reply> {
    return this.get(`query?query=${encodeURIComponent(statement)}&minorversion=75`);
  }

  /** The rows a statement finds. */
  async rows(entity: string, statement: string): Promise<Json[]> {
    const reply = await this.query(statement);
    if (reply.status !== 200) throw new Error(`${statement}: ${reply.text}`);
    return (reply.json.QueryResponse?.[entity] ?? []) as unknown as Json[];
  }

  /** Creates or updates; fails the test when the vendor refuses. */
  async save(entity: string, body: object, query = ''): Promise<Json> {
    const reply = await this.post(`${entity.toLowerCase()}${query}`, body);
    if (reply.status !== 200 || !reply.json[entity])
      throw new Error(`${entity} ${JSON.stringify(body)}: ${reply.text}`);
    return reply.json[entity];
  }

  async read(entity: string, id: unknown): Promise<Json> {
    const reply = await this.get(`${entity.toLowerCase()}/${String(id)}`);
    if (reply.status !== 200 || !reply.json[entity]) throw new Error(`${entity} ${String(id)}: ${reply.text}`);
    return reply.json[entity];
  }

  remove(entity: string, object: Json): Promise<Reply> {
    return this.post(`${entity.toLowerCase()}?operation=delete`, { Id: object.Id, SyncToken: object.SyncToken });
  }

  /** The id of the only row with this name. */
  async idOf(entity: string, name: string, field = 'Name'): Promise<string> {
    const [row] = await this.rows(entity, `select * from ${entity} where ${field} = '${name.replace(/'/g, "\\'")}'`);
    if (!row) throw new Error(`There is no ${entity} named ${name}`);
    return String(row.Id);
  }
}

/** A line that sells `quantity` of an item at `price`. */
export function itemLine(item: string, quantity: number, price: number, more: object = {}): object {
  return {
    DetailType: 'SalesItemLineDetail',
    Amount: Math.round(quantity * price * 100) / 100,
    SalesItemLineDetail: { ItemRef: { value: item }, Qty: quantity, UnitPrice: price, ...more },
  };
}

export function costLine(account: string, amount: number, more: object = {}): object {
  return {
    DetailType: 'AccountBasedExpenseLineDetail',
    Amount: amount,
    AccountBasedExpenseLineDetail: { AccountRef: { value: account }, ...more },
  };
}

export interface Received {
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

/** An endpoint for webhooks; `answer` decides the status of each delivery. */
export async function startReceiver(answer: (count: number) => number | 'hang' = () => 200) {
  const received: Received[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      received.push({ body, headers: incoming.headers });
      const status = answer(received.length);
      if (status !== 'hang') response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
