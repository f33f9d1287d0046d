/** As much of a browser as a person needs to give consent: it follows redirects, keeps cookies and sends forms. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  /**
   * Opens an address and goes on, filling in every form with what it is told, until it is sent to `home`, which is not
   * opened any more. Throws where the road ends elsewhere.
   */
  async travel(address: string, home: string, fill: Readonly<Record<string, string>>): Promise<URL> {
    let response = await this.open(address, {});
    let at = address;
    for (let steps = 0; steps < 12; steps++) {
      const location = response.headers.get('location');
      if (location !== null) {
        at = new URL(location, at).href;
        if (at.startsWith(home)) return new URL(at);
        response = await this.open(at, {});
        continue;
      }
      const page = await response.text();
      const form = formIn(page);
      if (!form || response.status !== 200) throw new Error(`the road ends at status ${response.status}: ${page}`);
      const fields = new URLSearchParams({ ...form.fields, ...fill });
      at = new URL(form.action, at).href;
      response = await this.open(at, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: fields.toString(),
      });
    }
    throw new Error(`${address} leads round in circles`);
  }

  private async open(address: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...init.headers, ...(cookie && { cookie }) },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (name !== undefined) this.cookies.set(name, value!);
    }
    return response;
  }
}

/** The first form of a page with what is filled in already; buttons count only when they are pressed. */
const formIn = (page: string): { action: string; fields: Record<string, string> } | undefined => {
  const [, head, inside] = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(page) ?? [];
  if (head === undefined) return undefined;
  const inputs = [...inside!.matchAll(/<input\b([^>]*)>/gi)].map(([, attributes]) => attributes!);
  const filled = inputs.filter((input) => !/type="(radio|checkbox|submit)"/i.test(input) || /\schecked\b/i.test(input));
  return {
    action: attribute(head, 'action') ?? '',
    fields: Object.fromEntries(
      filled.flatMap((input) => {
        const name = attribute(input, 'name');
        return name === undefined ? [] : [[name, attribute(input, 'value') ?? '']];
      }),
    ),
  };
};

const attribute = (tag: string, name: string): string | undefined => {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(` ${tag}`) ?? [];
  return value?.replace(/&(amp|lt|gt|quot|#39);/g, (_, entity: string) => ENTITIES[entity]!);
};

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
