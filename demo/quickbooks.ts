/** A record of QuickBooks as its own API shows it. */
export interface Entry {
  Id: string;
  SyncToken: string;
  [member: string]: unknown;
}

const CLIENT = { id: 'sandbox-client', secret: 'sandbox-secret', verifierToken: 'sandbox-verifier' };
const CONSENT_PAGE = 'http://localhost:9/books-program';

/** The sandbox's controls: what at the real vendor is the developer portal, the weather, and a look behind the counter. */
export class Portal {
  readonly root: string;

  constructor(sandboxUrl: string) {
    this.root = `${sandboxUrl}/quickbooks`;
  }

  /** Tells QuickBooks where its webhooks go. */
  async subscribe(url: string): Promise<void> {
    await this.control('POST', '/webhooks', { url, verifierToken: CLIENT.verifierToken, enabled: true });
  }

  /** Whose company the next consent gives, without asking; undefined shows the page with its button again. */
  async consentTo(realm: string | undefined): Promise<void> {
    await this.control('POST', '/consent', realm === undefined ? { mode: 'page' } : { mode: 'auto', realm });
  }

  async control<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.root}/_control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`sandbox control ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** Everything that a company keeps, inactive and deleted records included. */
  dump(realm: string): Promise<{ entities: Record<string, Entry[]>; deleted: { entity: string; id: string }[] }> {
    return this.control('GET', `/dump/${realm}`);
  }
}

/** Somebody at work in the books of one company, through QuickBooks' own API and a consent of their own. */
export class Bookkeeper {
  private readonly portal: Portal;
  private readonly realm: string;
  private token: string | undefined;

  constructor(portal: Portal, realm: string) {
    this.portal = portal;
    this.realm = realm;
  }

  async read(entity: string, id: string): Promise<Entry> {
    return (await this.call('GET', `${entity.toLowerCase()}/${id}`))[entity] as Entry;
  }

  find(entity: string, where: string): Promise<Entry[]> {
    return this.query(entity, `where ${where}`);
  }

  /** The few that were entered last. */
  newest(entity: string): Promise<Entry[]> {
    return this.query(entity, 'orderby MetaData.CreateTime desc maxresults 5');
  }

  private async query(entity: string, rest: string): Promise<Entry[]> {
    const query = encodeURIComponent(`select * from ${entity} ${rest}`);
    const { QueryResponse } = (await this.call('GET', `query?query=${query}`)) as { QueryResponse: object };
    return ((QueryResponse as Record<string, Entry[]>)[entity] ?? []) as Entry[];
  }

  async create(entity: string, body: object): Promise<Entry> {
    return (await this.call('POST', entity.toLowerCase(), body))[entity] as Entry;
  }

  /** Changes the named fields of whatever stands there now. */
  async change(entity: string, id: string, fields: object): Promise<Entry> {
    const { SyncToken } = await this.read(entity, id);
    const body = { Id: id, SyncToken, sparse: true, ...fields };
    return (await this.call('POST', entity.toLowerCase(), body))[entity] as Entry;
  }

  /** One request to QuickBooks' own API; made again where it asks for patience. */
  async call(method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>> {
    this.token ??= await this.signIn();
    const response = await fetch(`${this.portal.root}/v3/company/${this.realm}/${path}`, {
      method,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `Bearer ${this.token}`,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return this.call(method, path, body);
    }
    if (!response.ok) throw new Error(`QuickBooks ${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  private async signIn(): Promise<string> {
    await this.portal.consentTo(this.realm);
    const question = new URLSearchParams({
      client_id: CLIENT.id,
      response_type: 'code',
      scope: 'com.intuit.quickbooks.accounting',
      redirect_uri: CONSENT_PAGE,
      state: 'bookkeeper',
    });
    const sent = await fetch(`${this.portal.root}/connect/oauth2?${question}`, { redirect: 'manual' });
    const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const response = await fetch(`${this.portal.root}/oauth2/v1/tokens/bearer`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: CONSENT_PAGE }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
