import { Injectable } from '@nestjs/common';
import { jwtVerify, SignJWT } from 'jose';
import { Clock, Identifiers } from '../../../platform/clock/index.js';
import { derivedKey, Keyring, type MasterKey } from '../connections/vault/keyring.js';
import type { Principal } from './principal.js';

/** Roles that a person in a browser may have: never those of a backend or an administrator. */
export const BROWSER_ROLES = ['connect', 'finance', 'support'] as const;
export type BrowserRole = (typeof BROWSER_ROLES)[number];

export const LONGEST_BROWSER_TOKEN_SECONDS = 900;
const ISSUER = 'concord';
const AUDIENCE = 'concord-api';
const ALGORITHM = 'HS256';
/** How far the clocks of two of our own processes may be apart. */
const TOLERANCE_SECONDS = 10;

export interface BrowserTokenRequest {
  readonly tenant: string;
  /** The person, as the SaaS knows them: shown in the history. */
  readonly actor: string;
  readonly role: BrowserRole;
  readonly seconds: number;
}

export interface BrowserToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** The request asks for more than a browser may have. */
export class BrowserTokenRefused extends Error {
  readonly code = 'invalid_browser_token';

  constructor(message: string) {
    super(message);
    this.name = 'BrowserTokenRefused';
  }
}

/** Short-lived tokens of one person in one tenant, signed with a key that follows from the master key. */
@Injectable()
export class BrowserTokens {
  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly identifiers: Identifiers,
  ) {}

  async create({ tenant, actor, role, seconds }: BrowserTokenRequest): Promise<BrowserToken> {
    if (!BROWSER_ROLES.includes(role)) throw new BrowserTokenRefused('the role is connect, finance or support');
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_BROWSER_TOKEN_SECONDS) {
      throw new BrowserTokenRefused(`a browser token lives 1 to ${LONGEST_BROWSER_TOKEN_SECONDS} seconds`);
    }
    if (!/^\S.{0,199}$/u.test(actor)) throw new BrowserTokenRefused('the actor is a name of 1 to 200 characters');
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const { current } = this.keyring;
    const token = await new SignJWT({ tenant, role })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: current.id })
      .setSubject(actor)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setJti(this.identifiers.id())
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + seconds)
      .sign(signingKey(current));
    return { token, expiresAt: new Date((now + seconds) * 1000) };
  }

  /** Whose token it is; undefined for one that is not ours, or no longer good. Why is told to nobody. */
  async principalOf(token: string): Promise<Principal | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => signingKey(this.keyring.of(kid ?? '')), {
        algorithms: [ALGORITHM],
        typ: 'JWT',
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'nbf', 'iat', 'sub', 'jti', 'tenant', 'role'],
        maxTokenAge: LONGEST_BROWSER_TOKEN_SECONDS,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: this.clock.now(),
      });
      const { tenant, role, sub } = payload;
      const known = BROWSER_ROLES.find((one) => one === role);
      if (typeof tenant !== 'string' || known === undefined || sub === undefined) return undefined;
      return { tenant, role: known, actor: `${known}:${sub}`, via: 'browser_token' };
    } catch {
      return undefined;
    }
  }
}

const signingKey = (master: MasterKey): Uint8Array => derivedKey(master, 'signing of browser tokens');
