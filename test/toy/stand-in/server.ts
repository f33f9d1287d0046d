import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ToyTraits } from '../traits.js';
import { BooksRefusal, RESOURCES, ToyBooks, type Json, type Resource, type Stored } from './books.js';
import { ACCESS_SECONDS, Consents, type Person, type Tokens } from './consents.js';

export const CLIENT = { id: 'toy-client', secret: 'toy-secret' } as const;
export const SIGNING_SECRET = 'toy-signing';

/** What goes wrong with requests for one company. */
export type ToyFault = '429' | '500' | '502 after' | 'cut' | 'cut after' | 'page' | 'fault in 200' | 'lapsed';

export interface ToyServerOptions {
  readonly traits: ToyTraits;
  readonly now: () => number;
  readonly people: readonly Person[];
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const PAGE_SIZE = 20;
const KEY_MEMORY_MS = 3_600_000;

/** The vendor of the toy books: its pages, its token endpoint, its API and its webhooks, over HTTP on loopback. */
export class ToyServer {
  readonly books = new Map<string, ToyBooks>();
  readonly consents: Consents;
  /** By company. */
  readonly faults = new Map<string, ToyFault>();
  /** The answer to the next request of this sort, such as `POST receipts`, is lost. */
  losesAnswerTo: string | undefined;
  /** Where webhooks go, once somebody has said it. */
  webhookUrl: string | undefined;
  private told = new Map<string, number>();
  private readonly answers = new Map<string, { readonly at: number; readonly answer: Answer }>();

  private constructor(private readonly options: ToyServerOptions) {
    this.consents = new Consents(options.now);
    for (const { companies } of options.people) {
      for (const id of companies) {
        this.books.set(id, new ToyBooks(id, `Toy company ${id}`, 'USD', options.traits, options.now));
      }
    }
  }

  static async start(options: ToyServerOptions): Promise<ToyServer & { readonly url: string; stop(): Promise<void> }> {
    const toy = new ToyServer(options);
    const server = createServer((request, response) => {
      toy.handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return Object.assign(toy, {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      stop: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    });
  }

  /** Delivers what happened since the last time; with another secret it is a forgery. */
  async deliver(company: string, secret: string = SIGNING_SECRET): Promise<void> {
    const events = this.books.get(company)!.events.filter(({ seq }) => seq > (this.told.get(company) ?? 0));
    if (events.length === 0) return;
    this.told.set(company, events.at(-1)!.seq);
    await this.send(
      {
        company,
        events: events.map(({ seq, resource, id, at }) => ({ n: seq, resource, id, at: new Date(at).toISOString() })),
      },
      secret,
    );
  }

  async send(delivery: Json, secret: string): Promise<void> {
    if (this.webhookUrl === undefined) return;
    const body = JSON.stringify(delivery);
    const signature = createHmac('sha256', secret).update(body).digest('base64');
    await fetch(this.webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-toy-signature': signature },
      body,
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://toy.invalid');
    if (url.pathname === '/authorize') return this.authorize(request.method ?? '', url, body, response);
    if (url.pathname === '/token') return reply(response, this.token(request, new URLSearchParams(body)));
    if (url.pathname === '/revoke') {
      this.consents.revoke(new URLSearchParams(body).get('token') ?? '');
      return reply(response, { status: 200, body: {} });
    }
    return this.api(request, url, body, response);
  }

  private authorize(method: string, url: URL, body: string, response: ServerResponse): void {
    const asked = url.searchParams;
    if (method === 'GET') {
      const inputs = [...asked]
        .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
        .join('');
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<form method="post" action="/authorize">${inputs}
        <input name="person"><input name="company"><button name="decision" value="allow">Allow</button></form>`);
      return;
    }
    const form = new URLSearchParams(body);
    const person = this.options.people.find(({ name }) => name === form.get('person'));
    const chosen = (person?.companies ?? []).filter(
      (id) => this.options.traits.severalCompanies || id === form.get('company'),
    );
    const back = new URL(form.get('redirect_uri') ?? '');
    if (form.get('decision') === 'allow' && chosen.length > 0) {
      const challenge = form.get('code_challenge') ?? '';
      back.searchParams.set('code', this.consents.give(chosen, form.get('redirect_uri') ?? '', challenge));
    } else back.searchParams.set('error', 'access_denied');
    back.searchParams.set('state', form.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
  }

  private token({ headers }: IncomingMessage, form: URLSearchParams): Answer {
    const client = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64');
    if (headers.authorization !== `Basic ${client}`) return { status: 401, body: { error: 'invalid_client' } };
    const tokens =
      form.get('grant_type') === 'authorization_code'
        ? this.consents.redeem(form.get('code') ?? '', form.get('redirect_uri') ?? '', form.get('code_verifier') ?? '')
        : this.consents.refresh(form.get('refresh_token') ?? '');
    return tokens ? { status: 200, body: spelt(tokens) } : { status: 400, body: { error: 'invalid_grant' } };
  }

  private async api(request: IncomingMessage, url: URL, body: string, response: ServerResponse): Promise<void> {
    const access = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const reach = this.consents.reach(access);
    if (!reach) return reply(response, refusal(401, 'token', 'The token is not good'));
    const [, , , company = '', ...path] = url.pathname.split('/').map(decodeURIComponent);
    const rotated = this.options.traits.rotatesTokens ? this.consents.rotated(access) : undefined;
    const headers: Record<string, string> = { 'x-toy-request': `r${Math.random().toString(36).slice(2)}` };
    if (rotated) headers['x-toy-tokens'] = JSON.stringify(spelt(rotated));
    if (company === '') {
      const companies = reach.map((id) => ({ id, name: this.books.get(id)!.name }));
      return reply(response, { status: 200, body: { companies }, headers });
    }
    if (!reach.includes(company)) return reply(response, refusal(403, 'company', 'Not one of your companies'));

    const fault = this.faults.get(company);
    if (fault === 'cut') return void request.socket.destroy();
    const before = fault && FAULTS[fault];
    if (before) return reply(response, before);
    const answer = this.remembered(request, company, () =>
      this.serve(this.books.get(company)!, request, path, url.searchParams, body),
    );
    const sort = `${request.method} ${path.at(path[2] === undefined ? 0 : 2)}`;
    if (sort === this.losesAnswerTo) {
      this.losesAnswerTo = undefined;
      return void request.socket.destroy();
    }
    if (fault === 'cut after') return void request.socket.destroy();
    if (fault === '502 after') return reply(response, { status: 502, body: 'bad gateway' });
    return reply(response, { ...answer, headers });
  }

  /** The same key answers the same again, where there are keys. */
  private remembered(request: IncomingMessage, company: string, serve: () => Answer): Answer {
    const key = request.headers['idempotency-key'];
    if (this.options.traits.keyless || typeof key !== 'string') return serve();
    const name = `${company}/${key}`;
    const known = this.answers.get(name);
    const now = this.options.now();
    if (known && now - known.at < KEY_MEMORY_MS) return known.answer;
    const answer = serve();
    this.answers.set(name, { at: now, answer });
    return answer;
  }

  private serve(
    books: ToyBooks,
    { method = '', headers }: IncomingMessage,
    [resource = '', id, verb]: readonly string[],
    query: URLSearchParams,
    text: string,
  ): Answer {
    try {
      if (resource === 'profile') {
        return ok({ id: books.id, name: books.name, currency: books.currency, features: { edition: 'wooden' } });
      }
      if (resource === 'changes') return ok(this.changes(books, query));
      if (!isResource(resource)) return refusal(404, 'path', 'There is nothing there');
      const rev = typeof headers['if-match'] === 'string' ? headers['if-match'] : undefined;
      const said = text === '' ? {} : (JSON.parse(text) as Json);
      if (method === 'GET')
        return this.isHidden(resource)
          ? refusal(404, 'path', 'There is nothing there')
          : ok(this.rows(books, resource, query));
      if (id === undefined) {
        const made = books.create(resource, said);
        return ok(this.isHidden(resource) ? { accepted: true } : books.shown(made));
      }
      if (method === 'DELETE') return ok(books.shown(books.end(resource, id, 'deleted', rev)));
      if (method === 'PATCH') return ok(books.shown(books.change(resource, id, said, rev)));
      if (verb === 'applied') return ok(books.shown(books.apply(id, said, rev)));
      if (verb === 'off' || verb === 'on' || verb === 'void')
        return ok(books.shown(books.end(resource, id, verb, rev)));
      return refusal(404, 'path', 'There is nothing there');
    } catch (error) {
      if (!(error instanceof BooksRefusal)) throw error;
      return refusal(STATUS[error.code], error.code, error.message, error.more);
    }
  }

  private isHidden(resource: Resource): boolean {
    return resource === 'spendings' && this.options.traits.writeOnly;
  }

  private changes(books: ToyBooks, query: URLSearchParams): Json {
    const last = books.events.at(-1)?.seq ?? 0;
    const after = query.get('after');
    if (after === null) return { events: [], last };
    const later = books.events.filter(({ seq }) => seq > Number(after));
    const page = later.slice(0, 50);
    return {
      events: page.map(({ resource, id }) => {
        const record = books.find(resource, id);
        const type = this.options.traits.indistinct ? undefined : record?.body.type;
        return { resource, id, ...(typeof type === 'string' && { type }) };
      }),
      last: page.at(-1)?.seq ?? last,
      more: page.length < later.length,
    };
  }

  private rows(books: ToyBooks, resource: Resource, query: URLSearchParams): Json {
    const asOf = new Date(this.options.now()).toISOString();
    const ids = listIn(query, 'ids');
    if (ids) {
      const rows = ids.map((id) => {
        const record = books.find(resource, id);
        return record ? books.shown(record) : { id, state: 'unknown' };
      });
      return { rows, asOf };
    }
    const after = query.get('after') ?? '0';
    if (!/^\d+$/.test(after))
      throw new BooksRefusal('invalid', 'There is no such place to go on from', { field: 'after' });
    const since = query.get('since');
    const found = books
      .all(resource)
      .filter((record) => Number(record.id) > Number(after))
      .filter((record) => since === null || record.modified >= Date.parse(since))
      .filter((record) => since !== null || record.state !== 'deleted')
      .filter((record) => matches(record, query))
      .sort((one, other) => Number(one.id) - Number(other.id));
    const page = found.slice(0, PAGE_SIZE);
    return {
      rows: page.map((record) => books.shown(record)),
      asOf,
      ...(page.length < found.length && { next: page.at(-1)!.id }),
    };
  }
}

const matches = ({ body, mark }: Stored, query: URLSearchParams): boolean => {
  const names = listIn(query, 'names')?.map((name) => name.toLowerCase());
  const numbers = listIn(query, 'numbers');
  const type = query.get('type');
  const marked = query.get('mark');
  return (
    (!names || names.includes(String(body.name).toLowerCase())) &&
    (!numbers || numbers.includes(String(body.number))) &&
    (type === null || body.type === type) &&
    (marked === null || mark === marked)
  );
};

const listIn = (query: URLSearchParams, name: string): string[] | undefined => {
  const text = query.get(name);
  return text === null ? undefined : (JSON.parse(text) as string[]);
};

const isResource = (name: string): name is Resource => (RESOURCES as readonly string[]).includes(name);

const spelt = ({ access, refresh }: Tokens): Json => ({
  access_token: access,
  refresh_token: refresh,
  expires_in: ACCESS_SECONDS,
});

const ok = (body: Json): Answer => ({ status: 200, body });

const refusal = (status: number, code: string, message: string, more: Json = {}): Answer => ({
  status,
  body: { error: { code, message, ...more } },
});

const STATUS = { invalid: 422, stale: 409, taken: 409, gone: 410 } as const;

const FAULTS: Readonly<Partial<Record<ToyFault, Answer>>> = {
  '429': { ...refusal(429, 'slow_down', 'Too many requests'), headers: { 'retry-after': '7' } },
  '500': refusal(500, 'broken', 'Something broke'),
  page: { status: 200, body: '<html><body>We are moving house</body></html>' },
  'fault in 200': refusal(200, 'broken', 'Something broke'),
  lapsed: refusal(402, 'lapsed', 'The subscription has ended'),
};

const reply = (response: ServerResponse, { status, body, headers }: Answer): void => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
    ...headers,
  });
  response.end(text);
};
