import type { ConnectResultCode } from './ticket.js';

/** The places to which a browser may be sent after connecting, as CONCORD_RETURN_URLS lists them. */
export class ReturnUrls {
  private readonly allowed: readonly URL[];

  constructor(entries: readonly string[]) {
    this.allowed = entries.map((entry) => new URL(entry));
  }

  /**
   * The address in its normal form if an entry allows it: the very same origin, and a path that is the entry's or lies
   * below it. Undefined for everything else.
   */
  normal(text: string): string | undefined {
    if (!URL.canParse(text) || text.length > 2_000) return undefined;
    const url = new URL(text);
    if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined;
    const allows = (entry: URL): boolean =>
      entry.origin === url.origin &&
      (url.pathname === entry.pathname || url.pathname.startsWith(`${entry.pathname.replace(/\/$/, '')}/`));
    return this.allowed.some(allows) ? url.href : undefined;
  }
}

/** The return address with what came of it. Of several companies each one's connection is named. */
export const withResult = (
  returnUrl: string,
  result: ConnectResultCode,
  connections: readonly string[] = [],
): string => {
  const url = new URL(returnUrl);
  url.searchParams.set('result', result);
  url.searchParams.delete('connection');
  for (const connection of connections) url.searchParams.append('connection', connection);
  return url.href;
};
