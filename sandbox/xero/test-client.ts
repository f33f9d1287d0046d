import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, type SandboxOptions } from '../server.ts';
import { xero, type XeroSandbox } from './index.ts';
import type { Vendor } from './vendor.ts';

/** What the specs share: a sandbox of their own, a connected client, a receiver for webhooks. */

export const NZ = 'c0ffee00-0001-4000-8000-000000000001';
export const US = 'c0ffee00-0002-4000-8000-000000000002';
export const UK = 'c0ffee00-0003-4000-8000-000000000003';

export const SCOPES = [
  'offline_access',
  'accounting.settings',
  'accounting.contacts',
  'accounting.invoices',
  'accounting.payments',
  'accounting.banktransactions',
  'accounting.manualjournals',
  'accounting.attachments',
].join(' ');

// Tests look into answers of any shape; each one asserts what it found.
export interface Json {
  [member: string]: Json;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
}

export interface TestSandbox {
  base: string;
  vendor: Vendor;
  control(method: string, path: string, body?: unknown): Promise<Json>;
  connect(realm?: string, scope?: string): Promise<Client>;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const sandbox = createSandbox({ empty: true, seed: 7, providers: [xero], ...options });
  const running = await sandbox.listen(0);
  const base = `${running.url}/xero`;
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
    vendor: (sandbox.providers[0] as XeroSandbox).vendor,
    control,
    async connect(realm = NZ, scope = SCOPES) {
      await control('POST', '/consent', { mode: 'auto', realm });
      const code = codeOf(await authorize(base, { scope }));
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
    // XML, HTML, words or nothing; the test looks at the text.
  }
  return { status: response.status, headers: response.headers, text, json };
}

/** The authorize request of the default app; answers the redirect or page. */
export function authorize(base: string, change: Record<string, string> = {}): Promise<Reply> {
  const params = new URLSearchParams({
    client_id: 'sandbox-client',
    response_type: 'code',
    scope: SCOPES,
    redirect_uri: REDIRECT,
    state: 'state-1',
    ...change,
  });
  return request(`${base}/identity/connect/authorize?${params.toString()}`);
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
  headers: Record<string, string> = { authorization: BASIC },
): Promise<Reply> {
  return request(`${base}/connect/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
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
    return request(`${this.base}/api.xro/2.0/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.accessToken}`,
        'xero-tenant-id': this.realm,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call('GET', path, undefined, headers);
  }

  put(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call('PUT', path, body, headers);
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call('POST', path, body, headers);
  }

  connections(): Promise<Json[]> {
    return request(`${this.base}/connections`, {
      headers: { authorization: `Bearer ${this.accessToken}` },
    }).then(({ json }) => json as unknown as Json[]);
  }

  /** The rows of a list; fails the test when the vendor refuses. */
  async list(path: string, headers: Record<string, string> = {}): Promise<Json[]> {
    return rowsOf(await this.get(path, headers));
  }

  async read(path: string): Promise<Json> {
    const [row] = await this.list(path);
    if (!row) throw new Error(`${path} is empty`);
    return row;
  }

  /** Makes one object; fails the test when the vendor refuses. */
  async make(resource: string, body: object): Promise<Json> {
    const [row] = rowsOf(await this.put(resource, body));
    return row as Json;
  }

  /** Changes one object; fails the test when the vendor refuses. */
  async change(path: string, body: object): Promise<Json> {
    const [row] = rowsOf(await this.post(path, body));
    return row as Json;
  }
}

/** The one list that an answer holds. */
export function rowsOf(reply: Reply): Json[] {
  const list = Object.values(reply.json).find((member) => Array.isArray(member));
  if (reply.status !== 200 || !list) throw new Error(`${reply.status} ${reply.text}`);
  return list as unknown as Json[];
}

/** Every message of a refusal, wherever it stands. */
export function messagesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(messagesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const isError = name === 'ValidationErrors' || name === 'Warnings';
    return isError ? (part as { Message: string }[]).map((each) => each.Message) : messagesOf(part);
  });
}

/** The milliseconds inside a date of the vendor. */
export function msOf(value: unknown): number {
  return Number(/-?\d+/.exec(String(value))?.[0]);
}

export const line = (more: object = {}): object => ({
  Description: 'Work',
  Quantity: 2,
  UnitAmount: 10.5,
  AccountCode: '200',
  ...more,
});

export const cost = (more: object = {}): object => line({ AccountCode: '400', ...more });

/** An approved sales invoice over 24.15 with tax. */
export const invoice = (more: object = {}): object => ({
  Type: 'ACCREC',
  Contact: { Name: 'Customer' },
  Date: '2026-11-01',
  DueDate: '2026-11-15',
  LineItems: [line()],
  Status: 'AUTHORISED',
  ...more,
});

export const bill = (more: object = {}): object =>
  invoice({ Type: 'ACCPAY', Contact: { Name: 'Supplier' }, LineItems: [cost()], ...more });

export const payment = (target: Json, Amount: number, more: object = {}): object => ({
  Invoice: { InvoiceID: target.InvoiceID },
  Account: { Code: '090' },
  Date: '2026-11-02',
  Amount,
  ...more,
});

export interface Received {
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

export interface Response {
  status: number | 'hang';
  body?: string;
  headers?: Record<string, string>;
}

/** An endpoint for webhooks; `answer` decides what each delivery gets. */
export async function startReceiver(answer: (delivery: Received, count: number) => Response) {
  const received: Received[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      const delivery = { body, headers: incoming.headers };
      received.push(delivery);
      const { status, body: text = '', headers } = answer(delivery, received.length);
      if (status !== 'hang') response.writeHead(status, headers).end(text);
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
