/** A browser as far as the way to a provider and back needs one: cookies by origin, redirects, one form per page. */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();
  /** Everything that was visited, for tests to look at. */
  readonly visited: string[] = [];

  /** `home` are the origins that are really there; a redirect elsewhere is where the journey ends. */
  constructor(private readonly home: readonly string[]) {}

  get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.request(url, { method: 'GET', headers });
  }

  /** Presses the button of the page at this address. */
  submit(
    url: string,
    headers: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin' },
  ): Promise<Response> {
    return this.request(url, { method: 'POST', headers });
  }

  /** Follows redirects for as long as they lead to an origin that is there; returns where they lead in the end. */
  async follow(response: Response): Promise<URL> {
    for (let current = response; ;) {
      const location = current.headers.get('location');
      if (location === null) throw new Error(`no redirect but ${current.status}: ${await current.text()}`);
      const url = new URL(location, current.url);
      if (!this.home.includes(url.origin)) return url;
      current = await this.get(url.href);
    }
  }

  cookieNames(origin: string): string[] {
    return [...(this.cookies.get(origin)?.keys() ?? [])];
  }

  private async request(
    url: string,
    { method, headers }: { method: string; headers: Record<string, string> },
  ): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    this.cookies.set(origin, jar);
    this.visited.push(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return response;
  }
}
