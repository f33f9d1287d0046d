/** A record as the stand-in keeps it. */
export interface WaveRow {
  readonly id: string;
  readonly [member: string]: unknown;
}

export type Body = Readonly<Record<string, unknown>>;

/** The vendor refused, in its own words. */
export class Refused extends Error {}

/**
 * The vendor's API and the sandbox's controls as any other program would use them: plain requests, with a token of the
 * developer's own that reaches every business.
 */
export class WaveApi {
  private token: string | undefined;

  constructor(
    private readonly root: string,
    readonly business: string,
  ) {}

  async control<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.root}/_control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status !== 200) throw new Refused(`${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Everything that the business keeps, by the vendor's names. */
  async dump(): Promise<Dump> {
    return this.control<Dump>('GET', `/dump/${this.business}`);
  }

  async rows(name: string): Promise<readonly WaveRow[]> {
    return (await this.dump()).entities[name] ?? [];
  }

  async row(name: string, id: string): Promise<WaveRow> {
    const row = (await this.rows(name)).find((one) => one.id === id);
    if (!row) throw new Error(`there is no ${name} ${id}`);
    return row;
  }

  /** One mutation by the vendor's own rules; answers the id of what it shows, if it shows something. */
  async mutate(mutation: string, input: Body, shows?: string): Promise<string> {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const shown = shows === undefined ? '' : `${shows} { id }`;
    const query = `mutation($input: ${type}!) { ${mutation}(input: $input) { didSucceed inputErrors { path message } ${shown} } }`;
    const data = await this.ask(query, { input });
    const payload = data[mutation] as Body | null;
    if (payload?.didSucceed !== true) throw new Refused(`${mutation}: ${JSON.stringify(payload)}`);
    return shows === undefined ? '' : (payload[shows] as { id: string }).id;
  }

  /** What an estimate shows of itself. */
  async estimate(id: string): Promise<Body> {
    const shown = 'status title estimateDate dueDate exchangeRate currency { code } customer { id }';
    const query = `query($b: ID!, $id: ID!) { business(id: $b) { estimate(id: $id) { ${shown} } } }`;
    const { business } = await this.ask(query, { b: this.business, id });
    return (business as { estimate: Body }).estimate;
  }

  private async ask(query: string, variables: Body, again = true): Promise<Body> {
    this.token ??= (await this.control<{ access_token: string }>('POST', '/tokens/full-access')).access_token;
    const response = await fetch(`${this.root}/graphql/public`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data, errors } = JSON.parse(text) as { readonly data?: Body; readonly errors?: unknown };
    if (text.includes('UNAUTHENTICATED') && again) {
      this.token = undefined;
      return this.ask(query, variables, false);
    }
    if (!data || errors !== undefined) throw new Refused(text);
    return data;
  }
}

interface Dump {
  readonly settings: Body;
  readonly entities: Readonly<Record<string, readonly WaveRow[]>>;
}
