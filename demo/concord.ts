/** One caller of Concord's API, as any program would be: a key, and GraphQL over HTTP. */
export class Concord {
  readonly url: string;
  private readonly key: string;
  private readonly tenant: string | undefined;

  constructor(url: string, key: string, tenant?: string) {
    this.url = url;
    this.key = key;
    this.tenant = tenant;
  }

  /** The same place with another key. */
  as(key: string): Concord {
    return new Concord(this.url, key);
  }

  /** A platform-wide key at work in one tenant. */
  within(tenant: string): Concord {
    return new Concord(this.url, this.key, tenant);
  }

  /** The data of an answer. Throws an Error with the API's words when the request was refused. */
  async ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.key}`,
        ...(this.tenant !== undefined && { 'x-concord-tenant': this.tenant }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data?: Data; errors?: { message: string; path?: string[] }[] };
    if (answer.errors) {
      throw new Error(
        answer.errors.map(({ message, path }) => `${path?.join('.') ?? 'request'}: ${message}`).join('; '),
      );
    }
    return answer.data!;
  }

  /** Every entry of a paged list. */
  async all<Node>(list: string, args: string, node: string): Promise<Node[]> {
    const found: Node[] = [];
    for (let after: string | null = null; ;) {
      const data: Record<string, Page<Node>> = await this.ask(
        `query ($after: String) { ${list}(first: 100, after: $after${args && `, ${args}`}) {
          edges { node { ${node} } } pageInfo { hasNextPage endCursor }
        } }`,
        { after },
      );
      const page: Page<Node> = data[list]!;
      found.push(...page.edges.map((edge) => edge.node));
      if (!page.pageInfo.hasNextPage) return found;
      after = page.pageInfo.endCursor;
    }
  }
}

interface Page<Node> {
  edges: { node: Node }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
