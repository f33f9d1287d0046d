import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, type SandboxOptions } from '../server.ts';
import type { Business } from './business.ts';
import { businessId } from './ids.ts';
import { wave, type WaveSandbox } from './index.ts';
import { SEED_BUSINESSES } from './seed/businesses.ts';
import type { Vendor } from './vendor.ts';

/** What the specs share: a sandbox of their own, a connected client, a receiver for webhooks. */

const [US_UUID = '', CA_UUID = '', NEW_UUID = ''] = SEED_BUSINESSES.map((business) => business.uuid);
export const US = businessId(US_UUID);
export const CA = businessId(CA_UUID);
export const NEW = businessId(NEW_UUID);

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
  business(id: string): Business;
  /** Errors of the sandbox itself; a test that ends with some has found a mistake. */
  reported: unknown[];
  control(method: string, path: string, body?: unknown): Promise<Json>;
  connect(realm?: string, scopes?: string): Promise<Client>;
  close(): Promise<void>;
}

/** A day in the middle of a month, in the afternoon everywhere in America. Every look at the clock is a millisecond later. */
const START = Date.UTC(2026, 2, 10, 18);

export function steppingClock(start = START): { now(): number } {
  let instant = start;
  return { now: () => ++instant };
}

export const ALL_SCOPES =
  'user:read business:read account:* customer:* vendor:read product:* sales_tax:* invoice:* estimate:* transaction:write offline_access';

export async function startSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const reported: unknown[] = [];
  const sandbox = createSandbox({
    providers: [wave],
    empty: true,
    seed: 7,
    clock: steppingClock(),
    report: (error) => reported.push(error),
    ...options,
  });
  const running = await sandbox.listen(0);
  const base = `${running.url}/wave`;
  const { vendor } = sandbox.providers[0] as WaveSandbox;
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
    vendor,
    reported,
    control,
    business(id) {
      const business = vendor.businesses.get(id);
      if (!business) throw new Error(`There is no business ${id}`);
      return business;
    },
    async connect(realm = US, scopes = ALL_SCOPES) {
      await control('POST', '/consent', { mode: 'auto', realm });
      const code = callbackOf(await authorize(base, { scope: scopes })).get('code') ?? '';
      const { json } = await exchange(base, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
      return new Client(base, realm, String(json.access_token), String(json.refresh_token));
    },
    async close() {
      await running.close();
      if (reported.length > 0) throw reported[0];
    },
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
  return { status: response.status, headers: response.headers, text, json };
}

/** The authorize request of the default application; answers the redirect or page. */
export function authorize(base: string, change: Record<string, string | undefined> = {}): Promise<Reply> {
  const wanted = {
    client_id: 'sandbox-client',
    response_type: 'code',
    scope: ALL_SCOPES,
    redirect_uri: REDIRECT,
    state: 'state-1',
    ...change,
  };
  const given = Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return request(`${base}/oauth2/authorize/?${new URLSearchParams(given).toString()}`);
}

export function callbackOf(reply: Reply): URLSearchParams {
  return new URL(reply.headers.get('location') ?? 'http://nowhere').searchParams;
}

/** A request to the token endpoint with the client's credentials in the form. */
export function exchange(base: string, form: Record<string, string>, path = '/oauth2/token/'): Promise<Reply> {
  return request(`${base}${path}`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'sandbox-client', client_secret: 'sandbox-secret', ...form }),
  });
}

/** What a GraphQL call came back with. */
export interface Result {
  status: number;
  data: Json | null | undefined;
  errors: Json[] | undefined;
  /** The code of the first error. */
  code: string | undefined;
  message: string;
  text: string;
}

/** What a mutation came back with. */
export interface Payload extends Result {
  payload: Json;
  didSucceed: boolean;
  /** Of the first input error. */
  problem: { path: string[] | null; message: string; code: string } | undefined;
}

export class Client {
  readonly base: string;
  readonly realm: string;
  accessToken: string | undefined;
  refreshToken: string;

  constructor(base: string, realm: string, accessToken: string | undefined, refreshToken = '') {
    this.base = base;
    this.realm = realm;
    this.accessToken = accessToken;
    this.refreshToken = refreshToken;
  }

  async ask(query: string, variables: object = {}, more: object = {}): Promise<Result> {
    const { status, text, json } = await request(`${this.base}/graphql/public`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.accessToken !== undefined && { authorization: `Bearer ${this.accessToken}` }),
      },
      body: JSON.stringify({ query, variables, ...more }),
    });
    const errors = json.errors as unknown as Json[] | undefined;
    return {
      status,
      text,
      data: json.data,
      errors,
      code: errors && String(errors[0]?.extensions?.code),
      message: String(errors?.[0]?.message ?? ''),
    };
  }

  /** Fields of the client's own business; fails the test when there are errors. */
  async read(selection: string, variables: object = {}, declared = ''): Promise<Json> {
    const query = `query($b: ID! ${declared}) { business(id: $b) { ${selection} } }`;
    const result = await this.ask(query, { b: this.realm, ...variables });
    if (result.errors) throw new Error(result.text);
    return result.data?.business as Json;
  }

  /** The nodes of a list. */
  async nodes(list: string, selection: string, args = ''): Promise<Json[]> {
    const given = args === '' ? '(pageSize: 200)' : `(${args})`;
    const business = await this.read(`${list}${given} { edges { node { ${selection} } } }`);
    return ((business[list]?.edges ?? []) as unknown as Json[]).map((edge) => edge.node as Json);
  }

  /** One row by its id. */
  async one(field: string, id: unknown, selection: string): Promise<Json> {
    const business = await this.read(`${field}(id: $id) { ${selection} }`, { id }, ', $id: ID!');
    return business[field] as Json;
  }

  async mutate(name: string, input: object, selection = ''): Promise<Payload> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const result = await this.ask(
      `mutation($i: ${type}!) { ${name}(input: $i) { didSucceed inputErrors { path message code } ${selection} } }`,
      { i: input },
    );
    const payload = (result.data?.[name] ?? {}) as Json;
    const problem = (payload.inputErrors as unknown as Payload['problem'][] | null)?.[0];
    return { ...result, payload, didSucceed: (payload.didSucceed as unknown) === true, problem };
  }

  /** Creates or changes; fails the test when the vendor refuses. Answers the object by its name in the payload. */
  async save(name: string, input: object, object: string, selection = 'id'): Promise<Json> {
    const reply = await this.mutate(name, input, `${object} { ${selection} }`);
    if (!reply.didSucceed) throw new Error(`${name} ${JSON.stringify(input)}: ${reply.text}`);
    return reply.payload[object] as Json;
  }

  customer(input: object = {}): Promise<Json> {
    return this.save(
      'customerCreate',
      { businessId: this.realm, name: 'Buyer', ...input },
      'customer',
      'id modifiedAt',
    );
  }

  async product(input: object = {}): Promise<Json> {
    const incomeAccountId = await this.account('Sales');
    const wanted = { businessId: this.realm, name: 'Thing', unitPrice: '10', incomeAccountId, ...input };
    return this.save('productCreate', wanted, 'product');
  }

  tax(input: object = {}): Promise<Json> {
    const wanted = { businessId: this.realm, name: 'Tax', abbreviation: 'TAX', rate: '0.1', ...input };
    return this.save('salesTaxCreate', wanted, 'salesTax');
  }

  /** The id of an account by its name. */
  async account(name: string): Promise<string> {
    const found = (await this.nodes('accounts', 'id name')).find((account) => String(account.name) === name);
    if (!found) throw new Error(`There is no account ${name}`);
    return String(found.id);
  }

  /** An approved invoice over `total`, to a customer of its own. */
  async invoice(total: string, input: object = {}, selection = 'id status total { value } modifiedAt'): Promise<Json> {
    const [customer, product] = [await this.customer(), await this.product()];
    const items = [{ productId: product.id, quantity: '1', unitPrice: total, taxes: [] }];
    const wanted = { businessId: this.realm, customerId: customer.id, status: 'SAVED', items, ...input };
    return this.save('invoiceCreate', wanted, 'invoice', selection);
  }

  async pay(invoiceId: unknown, amount: string, input: object = {}): Promise<Json> {
    const wanted = {
      invoiceId,
      paymentAccountId: await this.account('Checking'),
      amount,
      paymentDate: '2026-03-10',
      paymentMethod: 'BANK_TRANSFER',
      exchangeRate: '1',
      ...input,
    };
    return this.save('invoicePaymentCreateManual', wanted, 'invoicePayment', 'id amount modifiedAt');
  }
}

export interface Received {
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

/** An endpoint for webhooks; `answer` decides the status of each delivery. */
export async function startReceiver(answer: (count: number) => number = () => 200) {
  const received: Received[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      received.push({ body, headers: incoming.headers });
      response.writeHead(answer(received.length)).end();
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
