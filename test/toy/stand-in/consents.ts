import { createHash, randomBytes } from 'node:crypto';

/** A person who can log in, and what is that person's. */
export interface Person {
  readonly name: string;
  readonly companies: readonly string[];
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

interface Consent {
  readonly companies: readonly string[];
  /** Access tokens with the instant at which each was given. */
  readonly access: Map<string, number>;
  refresh: string;
  /** Good until the one that replaced it is used: its answer may have been lost. */
  former: string | undefined;
  over: boolean;
}

interface Code {
  readonly consent: Consent;
  readonly redirectUri: string;
  readonly challenge: string;
}

export const ACCESS_SECONDS = 1800;
/** After so long a token is replaced by the next answer, where tokens rotate silently. */
const STALE_MS = 600_000;

/** Consents and their tokens. */
export class Consents {
  private readonly consents: Consent[] = [];
  private readonly codes = new Map<string, Code>();

  constructor(private readonly now: () => number) {}

  /** Answers a code that is good once. */
  give(companies: readonly string[], redirectUri: string, challenge: string): string {
    const code = randomBytes(12).toString('hex');
    const consent: Consent = { companies, access: new Map(), refresh: '', former: undefined, over: false };
    this.consents.push(consent);
    this.codes.set(code, { consent, redirectUri, challenge });
    return code;
  }

  redeem(code: string, redirectUri: string, verifier: string): Tokens | undefined {
    const known = this.codes.get(code);
    this.codes.delete(code);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (known?.redirectUri !== redirectUri || known.challenge !== challenge) return undefined;
    return this.renew(known.consent);
  }

  refresh(token: string): Tokens | undefined {
    const consent = this.consents.find((one) => !one.over && (one.refresh === token || one.former === token));
    return consent && this.renew(consent);
  }

  /** The companies that an access token reaches; undefined where it is none, or none any more. */
  reach(access: string): readonly string[] | undefined {
    const consent = this.of(access);
    const since = consent?.access.get(access);
    return since === undefined || this.now() - since >= ACCESS_SECONDS * 1000 ? undefined : consent?.companies;
  }

  /** New tokens for an access token that has been in use for a while; the old one goes on for its time. */
  rotated(access: string): Tokens | undefined {
    const consent = this.of(access);
    const newest = [...(consent?.access ?? [])].at(-1);
    if (!consent || newest?.[0] !== access || this.now() - newest[1] < STALE_MS) return undefined;
    return this.renew(consent);
  }

  revoke(token: string): void {
    for (const consent of this.consents) if (consent.refresh === token) consent.over = true;
  }

  withdraw(company: string): void {
    for (const consent of this.consents) if (consent.companies.includes(company)) consent.over = true;
  }

  private of(access: string): Consent | undefined {
    return this.consents.find((consent) => !consent.over && consent.access.has(access));
  }

  private renew(consent: Consent): Tokens {
    const access = randomBytes(16).toString('hex');
    consent.access.set(access, this.now());
    consent.former = consent.refresh || undefined;
    consent.refresh = randomBytes(16).toString('hex');
    return { access, refresh: consent.refresh };
  }
}
