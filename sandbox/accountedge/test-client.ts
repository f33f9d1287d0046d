import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, type SandboxOptions } from '../server.ts';
import type { Gateway } from './gateway.ts';
import { accountedge, type AccountEdgeSandbox } from './index.ts';
import { SCOPES } from './oauth/scopes.ts';

/** What the specs share: a sandbox of their own, a connected client, a receiver for webhooks. */

export const WIDGETS = '3f2a9c70-6f0e-4c55-9a8e-1d2b3c4d5e6f';
export const HARBOUR = '7be41d02-93c8-4f6a-8d15-6a0c2e9b7f34';
export const BLANK = 'c58f0a96-2d7b-4e31-b0a4-95d3f81c6e27';

/** When the specs take place: time goes on from here. */
export const STARTED = Date.UTC(2026, 10, 22, 3, 4, 5, 678);
export const TODAY = '2026-11-22T00:00:00';

// Tests look into answers of any shape; each one asserts what it found.
export interface Json {
  [member: string]: Json;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
  /** Name, code and details of the first error; undefined on success. */
  name: string | undefined;
  code: number | null | undefined;
  details: string | null | undefined;
}

export interface TestSandbox {
  base: string;
  gateway: Gateway;
  control(method: string, path: string, body?: unknown): Promise<Json>;
  connect(realm?: string, scopes?: readonly string[]): Promise<Client>;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const begun = Date.now();
  const clock = { now: () => STARTED + Date.now() - begun };
  const sandbox = createSandbox({ providers: [accountedge], empty: true, seed: 7, clock, ...options });
  const running = await sandbox.listen(0);
  const base = `${running.url}/accountedge`;
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
    gateway: (sandbox.providers[0] as AccountEdgeSandbox).gateway,
    control,
    async connect(realm = WIDGETS, scopes = SCOPES) {
      await control('POST', '/consent', { mode: 'auto', realm });
      const code = callbackOf(await authorize(base, { scope: scopes.join(' ') })).get('code') ?? '';
      const { json } = await exchange(base, { code });
      return new Client(base, realm, String(json.access_token), String(json.refresh_token));
    },
    close: () => running.close(),
  };
}

export const REDIRECT = 'http://localhost:9/callback';

export async function request(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  let json: Json = {};
  try {
    json = JSON.parse(text) as Json;
  } catch {
    // HTML or nothing; the test looks at the text.
  }
  const problem = (json?.Errors as unknown as Record<string, unknown>[] | undefined)?.[0];
  return {
    status: response.status,
    headers: response.headers,
    text,
    json,
    name: problem && String(problem.Name),
    code: problem?.ErrorCode as number | null | undefined,
    details: problem?.AdditionalDetails as string | null | undefined,
  };
}

/** The authorize request of the default app; answers the redirect or page. */
export function authorize(base: string, change: Record<string, string> = {}): Promise<Reply> {
  const params = new URLSearchParams({
    client_id: 'sandbox-client',
    response_type: 'code',
    scope: SCOPES.join(' '),
    redirect_uri: REDIRECT,
    state: 'state-1',
    ...change,
  });
  return request(`${base}/oauth2/account/authorize?${params.toString()}`);
}

export function callbackOf(reply: Reply): URLSearchParams {
  return new URL(reply.headers.get('location') ?? '').searchParams;
}

/** A call of the token endpoint; an exchange unless the form says otherwise. */
export function exchange(base: string, form: Record<string, string>): Promise<Reply> {
  const body = new URLSearchParams({
    client_id: 'sandbox-client',
    client_secret: 'sandbox-secret',
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT,
    ...form,
  });
  return request(`${base}/oauth2/v1/authorize`, { method: 'POST', body });
}

export const refresh = (base: string, token: string) =>
  exchange(base, { grant_type: 'refresh_token', refresh_token: token });

export class Client {
  readonly base: string;
  readonly realm: string;
  readonly refreshToken: string;
  accessToken: string;

  constructor(base: string, realm: string, accessToken: string, refreshToken: string) {
    this.base = base;
    this.realm = realm;
    this.accessToken = accessToken;
    this.refreshToken = refreshToken;
  }

  get api(): string {
    return `${this.base}/accountright`;
  }

  /** A call below the company file, or below the API when the path starts with a slash. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const url = path.startsWith('/') || path === '' ? `${this.api}${path}` : `${this.api}/${this.realm}/${path}`;
    return request(url, {
      method,
      headers: {
        authorization: `Bearer ${this.accessToken}`,
        'x-myobapi-key': 'sandbox-client',
        'x-myobapi-version': 'v2',
        'content-type': 'application/json',
        ...headers,
      },
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    });
  }

  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.call('GET', path, undefined, headers);
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.call('POST', path, body);
  }

  put(path: string, body: unknown): Promise<Reply> {
    return this.call('PUT', path, body);
  }

  delete(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.call('DELETE', path, undefined, headers);
  }

  /** Creates a record and answers it; fails the test when it is refused. */
  async create(resource: string, body: object): Promise<Json> {
    const reply = await this.post(`${resource}?returnBody=true`, body);
    if (reply.status !== 201) throw new Error(`${resource} ${JSON.stringify(body)}: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  /** Puts a record back with some members changed. */
  async change(resource: string, record: Json, members: object): Promise<Json> {
    const reply = await this.put(`${resource}/${String(record.UID)}?returnBody=true`, { ...record, ...members });
    if (reply.status !== 200) throw new Error(`${resource} ${String(record.UID)}: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  async read(resource: string, uid: unknown): Promise<Json> {
    const reply = await this.get(`${resource}/${String(uid)}`);
    if (reply.status !== 200) throw new Error(`${resource} ${String(uid)}: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  /** The items of one page. */
  async list(path: string): Promise<Json[]> {
    const reply = await this.get(path);
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${reply.text}`);
    return reply.json.Items as unknown as Json[];
  }

  filter(resource: string, filter: string, more = ''): Promise<Json[]> {
    return this.list(`${resource}?$filter=${encodeURIComponent(filter)}${more}`);
  }

  /** A link to the only record that fits. */
  async linkTo(resource: string, filter: string): Promise<{ UID: string }> {
    const [record] = await this.filter(resource, filter);
    if (!record) throw new Error(`There is no ${resource} with ${filter}`);
    return { UID: String(record.UID) };
  }

  account(id: string): Promise<{ UID: string }> {
    return this.linkTo('GeneralLedger/Account', `DisplayID eq '${id}'`);
  }

  tax(code: string): Promise<{ UID: string }> {
    return this.linkTo('GeneralLedger/TaxCode', `Code eq '${code}'`);
  }
}

interface Link {
  UID: string;
}

/** What most tests trade with. */
export interface Shop {
  tax: Link;
  free: Link;
  bank: Link;
  sales: Link;
  supplies: Link;
  customer: Link;
  supplier: Link;
  service: Link;
  goods: Link;
}

/** A customer, a supplier, something to sell and something in stock. */
export async function openShop(client: Client): Promise<Shop> {
  const [tax, free, bank, sales, supplies] = await Promise.all([
    client.tax('TAX'),
    client.tax('EXE'),
    client.account('1-1110'),
    client.account('4-1000'),
    client.account('6-1000'),
  ]);
  const [cost, stock] = await Promise.all([client.account('5-1000'), client.account('1-1320')]);
  const link = async (resource: string, body: object): Promise<Link> => ({
    UID: String((await client.create(resource, body)).UID),
  });
  const [customer, supplier, service, goods] = await Promise.all([
    link('Contact/Customer', customerBody('Dockside Coffee', tax)),
    link('Contact/Supplier', supplierBody("Bob's Timber", free)),
    link('Inventory/Item', { Number: 'FIT', IsSold: true, IncomeAccount: sales, SellingDetails: { TaxCode: tax } }),
    link('Inventory/Item', {
      Number: 'W-10',
      IsSold: true,
      IsBought: true,
      IsInventoried: true,
      IncomeAccount: sales,
      CostOfSalesAccount: cost,
      AssetAccount: stock,
      SellingDetails: { TaxCode: tax, BaseSellingPrice: 12.5 },
      BuyingDetails: { TaxCode: free },
    }),
  ]);
  return { tax, free, bank, sales, supplies, customer, supplier, service, goods };
}

export function customerBody(CompanyName: string, tax: Link, more: object = {}): object {
  return { CompanyName, SellingDetails: { TaxCode: tax, FreightTaxCode: tax }, ...more };
}

export function supplierBody(CompanyName: string, tax: Link, more: object = {}): object {
  return { CompanyName, BuyingDetails: { TaxCode: tax, FreightTaxCode: tax }, ...more };
}

/** An invoice of the service layout over one amount, without tax inside. */
export function invoiceBody(shop: Shop, amount: number, more: object = {}): object {
  return {
    Date: TODAY,
    Customer: shop.customer,
    IsTaxInclusive: false,
    Lines: [{ Description: 'Work', Account: shop.sales, Total: amount, TaxCode: shop.free }],
    ...more,
  };
}

export function billBody(shop: Shop, amount: number, more: object = {}): object {
  return {
    Date: TODAY,
    Supplier: shop.supplier,
    IsTaxInclusive: false,
    Lines: [{ Description: 'Paper', Account: shop.supplies, Total: amount, TaxCode: shop.free }],
    ...more,
  };
}

export function paymentBody(shop: Shop, invoice: Json, amount: number, more: object = {}): object {
  return {
    DepositTo: 'Account',
    Account: shop.bank,
    Customer: shop.customer,
    Date: TODAY,
    AmountReceived: amount,
    Invoices: [{ UID: invoice.UID, AmountApplied: amount, Type: 'Invoice' }],
    ...more,
  };
}

export interface Received {
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

/** An endpoint for webhooks that answers challenges; `answer` decides the status of each delivery. */
export async function startReceiver(answer: (count: number) => number | 'hang' = () => 200, answersChallenge = true) {
  const received: Received[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      if (incoming.headers['x-accountedge-event'] === 'ping') {
        response.writeHead(200).end(answersChallenge ? body : '{}');
        return;
      }
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
