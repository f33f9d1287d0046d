/** A record as the vendor's API shows it. */
export interface IntuitRecord {
  readonly Id: string;
  readonly SyncToken: string;
  readonly [member: string]: unknown;
}

export type Body = Readonly<Record<string, unknown>>;

/** The vendor refused: its status and its words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    words: string,
  ) {
    super(`${status} ${words}`);
  }
}

/**
 * The vendor's API and the sandbox's controls as any other program would use them: plain requests, with a consent of
 * their own that is given anew whenever it ended.
 */
export class IntuitApi {
  private token: string | undefined;

  constructor(
    private readonly root: string,
    private readonly realm: string,
  ) {}

  async control<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.root}/_control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status !== 200) throw new Refused(response.status, await response.text());
    return (await response.json()) as T;
  }

  /** Everything that the company keeps, by entity. */
  async dump(): Promise<Readonly<Record<string, readonly IntuitRecord[]>>> {
    const { entities } = await this.control<{ entities: Record<string, IntuitRecord[]> }>('GET', `/dump/${this.realm}`);
    return entities;
  }

  /** Creates or updates by the vendor's own rules. */
  async save(entity: string, body: Body, query = ''): Promise<IntuitRecord> {
    const answer = await this.call('POST', `${entity.toLowerCase()}${query}`, body);
    return answer[entity] as IntuitRecord;
  }

  async read(entity: string, id: string): Promise<IntuitRecord> {
    return (await this.call('GET', `${entity.toLowerCase()}/${id}`))[entity] as IntuitRecord;
  }

  /** Names what changes of a record, over whatever stands there now. */
  async change(entity: string, id: string, change: Body, query = ''): Promise<IntuitRecord> {
    const { SyncToken } = await this.read(entity, id);
    return this.save(entity, { Id: id, SyncToken, sparse: true, ...change }, query);
  }

  async call(method: 'GET' | 'POST', path: string, body?: Body, again = true): Promise<Body> {
    this.token ??= await this.connect();
    const response = await fetch(`${this.root}/v3/company/${this.realm}/${path}`, {
      method,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `Bearer ${this.token}`,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if ((response.status === 401 || response.status === 403) && again) {
      this.token = undefined;
      return this.call(method, path, body, false);
    }
    if (response.status !== 200) throw new Refused(response.status, text);
    return JSON.parse(text) as Body;
  }

  /** A consent that nobody is asked for. */
  private async connect(): Promise<string> {
    await this.control('POST', '/consent', { mode: 'auto', realm: this.realm });
    const redirect_uri = 'http://localhost:9/accountant';
    const question = new URLSearchParams({
      client_id: 'sandbox-client',
      response_type: 'code',
      scope: 'com.intuit.quickbooks.accounting',
      redirect_uri,
      state: 'accountant',
    });
    const sent = await fetch(`${this.root}/connect/oauth2?${question.toString()}`, { redirect: 'manual' });
    await this.control('POST', '/consent', { mode: 'page' });
    const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const response = await fetch(`${this.root}/oauth2/v1/tokens/bearer`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('sandbox-client:sandbox-secret').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri }).toString(),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
