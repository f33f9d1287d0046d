import type { CookieOptions, Request, Response } from 'express';
import { Identifiers } from '../../../../platform/clock/index.js';
import type { PublicUrl } from './public-url.js';
import { TICKET_MS } from './ticket.js';

/** A secret that a browser holds while it is on its way; nothing else is known of it. */
export class BrowserCookie {
  private readonly name: string;
  private readonly options: CookieOptions;

  constructor(
    { secure }: PublicUrl,
    private readonly identifiers: Identifiers,
  ) {
    // The prefix binds the cookie to this very host; browsers allow it with Secure only.
    this.name = secure ? '__Host-concord_connect' : 'concord_connect';
    this.options = { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: 2 * TICKET_MS };
  }

  of({ headers }: Request): string | undefined {
    for (const part of (headers.cookie ?? '').split(';')) {
      const at = part.indexOf('=');
      const value = part.slice(at + 1).trim();
      if (part.slice(0, at).trim() === this.name && /^[A-Za-z0-9_-]{43}$/.test(value)) return value;
    }
    return undefined;
  }

  /** The browser's secret; one that has none yet is given one. Two journeys in two tabs share it. */
  give(request: Request, response: Response): string {
    const secret = this.of(request) ?? this.identifiers.secret(32);
    response.cookie(this.name, secret, this.options);
    return secret;
  }
}
