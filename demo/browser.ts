/** As much of a browser as a consent needs: cookies, redirects, and one button. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  /**
   * Opens a page of Concord, presses its button, and follows the redirects to the provider and back, until one leads to
   * an address that begins with `home`, which is answered and not opened.
   */
  async consent(page: string, home: string): Promise<URL> {
    const shown = await this.open(page, 'GET');
    if (shown.status !== 200) throw new Error(`the ticket page answered ${shown.status}`);
    let response = await this.open(page, 'POST');
    for (let hop = 0; hop < 10; hop++) {
      const location = response.headers.get('location');
      if (location === null) throw new Error(`the way to the provider ended at ${response.url} (${response.status})`);
      const next = new URL(location, response.url);
      if (next.href.startsWith(home) && next.searchParams.has('result')) return next;
      response = await this.open(next.href, 'GET');
    }
    throw new Error('the provider and Concord send the browser in circles');
  }

  private async open(url: string, method: 'GET' | 'POST'): Promise<Response> {
    const { origin, host } = new URL(url);
    const jar = [...this.cookies].flatMap(([name, value]) =>
      name.startsWith(`${host} `) ? [`${name.split(' ')[1]}=${value}`] : [],
    );
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { cookie: jar.join('; '), ...(method === 'POST' && { origin }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      this.cookies.set(`${host} ${pair.slice(0, at)}`, pair.slice(at + 1));
    }
    return response;
  }
}
