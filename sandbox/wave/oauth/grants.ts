import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Randomness } from '../../randomness.ts';
import type { Switches } from '../switches.ts';
import { covers, OFFLINE_ACCESS } from './scopes.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
export const ACCESS_TOKEN_SECONDS = 7200;

/** One consent of the person to one application, or one full-access token (sheet 1). */
export interface Grant {
  number: number;
  /** Ids of the businesses it is for; undefined for all of the person's. */
  businesses: string[] | undefined;
  scopes: string[];
  /** Made in the portal: unscoped, for all businesses, without a refresh token and without an end. */
  isFullAccess: boolean;
  accessToken: string;
  expiresAt: number;
  refreshToken: string | undefined;
  lastUsedAt: number;
  ended: boolean;
  dropNextAnswer: boolean;
}

interface Code {
  businesses: string[];
  scopes: string[];
  redirectUri: string;
  challenge: string | undefined;
  issuedAt: number;
  used: boolean;
}

export interface GrantsState {
  grants: Grant[];
  oldRefreshTokens: [token: string, grant: number][];
  codes: [string, Code][];
}

export type Refused = { refused: 'invalid_grant' | 'invalid_request' | 'access_denied' };

/** Codes and tokens, and what becomes of them. A grant has one live access token: a refresh ends the one before. */
export class Grants {
  private readonly clock: Clock;
  private readonly random: Randomness;
  private readonly switches: Switches;
  /** False for a business whose plan lapsed: nothing is granted or refreshed for it. */
  private readonly isEntitled: (businessId: string) => boolean;
  private grants: Grant[] = [];
  private codes = new Map<string, Code>();
  private byAccessToken = new Map<string, Grant>();
  private byRefreshToken = new Map<string, Grant>();
  /** Rotated away; known only to recognise a replay. */
  private oldRefreshTokens = new Map<string, Grant>();

  constructor(clock: Clock, random: Randomness, switches: Switches, isEntitled: (businessId: string) => boolean) {
    this.clock = clock;
    this.random = random;
    this.switches = switches;
    this.isEntitled = isEntitled;
  }

  issueCode(code: Omit<Code, 'issuedAt' | 'used'>): string {
    const value = this.random.letters(30);
    this.codes.set(value, { ...code, issuedAt: this.clock.now(), used: false });
    return value;
  }

  /** A code works once, for a short time, with the redirect and the PKCE verifier it was asked with. */
  exchange(value: string, redirectUri: string, verifier: string | null): Grant | Refused {
    const code = this.codes.get(value);
    const now = this.clock.now();
    const isAlive = code && !code.used && now <= code.issuedAt + this.switches.codeSeconds * SECOND;
    if (!isAlive || code.redirectUri !== redirectUri) return { refused: 'invalid_grant' };
    if (code.challenge !== undefined && challengeOf(verifier ?? '') !== code.challenge) {
      return { refused: 'invalid_grant' };
    }
    code.used = true;
    return this.add({
      businesses: code.businesses,
      scopes: code.scopes,
      isFullAccess: false,
      refreshToken: code.scopes.includes(OFFLINE_ACCESS) ? this.random.letters(40) : undefined,
      expiresAt: now + ACCESS_TOKEN_SECONDS * SECOND,
    });
  }

  /** Both tokens change and the access token before stops working at once (sheet 1.4). */
  refresh(value: string): Grant | Refused {
    const grant = this.byRefreshToken.get(value);
    const now = this.clock.now();
    if (!grant || grant.ended) {
      const replayed = this.oldRefreshTokens.get(value);
      if (replayed && this.switches.replayedRefresh === 'endGrant') replayed.ended = true;
      return { refused: 'invalid_grant' };
    }
    const days = this.switches.refreshTokenDays;
    if (days > 0 && now > grant.lastUsedAt + days * DAY) return { refused: 'invalid_grant' };
    if (grant.businesses?.some((business) => !this.isEntitled(business))) return { refused: 'access_denied' };
    this.byAccessToken.delete(grant.accessToken);
    this.byRefreshToken.delete(value);
    this.oldRefreshTokens.set(value, grant);
    grant.accessToken = this.random.letters(30);
    grant.refreshToken = this.random.letters(40);
    grant.expiresAt = now + ACCESS_TOKEN_SECONDS * SECOND;
    grant.lastUsedAt = now;
    this.know(grant);
    return grant;
  }

  /** A token from the portal's button: everything the person may do, in all businesses. */
  issueFullAccess(): Grant {
    return this.add({
      businesses: undefined,
      scopes: [],
      isFullAccess: true,
      refreshToken: undefined,
      expiresAt: Number.MAX_SAFE_INTEGER,
    });
  }

  /** Either kind of token ends the whole grant. */
  revoke(token: string): void {
    const grant = this.byRefreshToken.get(token) ?? this.byAccessToken.get(token);
    if (grant) grant.ended = true;
  }

  /** The grant behind a live access token. */
  check(token: string): Grant | undefined {
    const grant = this.byAccessToken.get(token);
    return grant && !grant.ended && this.clock.now() < grant.expiresAt ? grant : undefined;
  }

  /** A live grant for exactly these scopes and business: whoever has one need not ask the person again. */
  hasSame(scopes: readonly string[], business: string | undefined): Grant | undefined {
    const wanted = [...scopes].sort().join(' ');
    return this.live().find(
      (grant) =>
        !grant.isFullAccess &&
        [...grant.scopes].sort().join(' ') === wanted &&
        (business === undefined || grant.businesses?.includes(business) === true),
    );
  }

  /** Whether a person let an application be told of what needs this scope; a full-access token asked nobody. */
  isGranted(business: string, scope: string): boolean {
    return this.live(business).some((grant) => !grant.isFullAccess && covers(grant.scopes, scope));
  }

  expireAccess(business: string | undefined): void {
    for (const grant of this.live(business)) grant.expiresAt = Math.min(grant.expiresAt, this.clock.now());
  }

  end(business: string | undefined): void {
    for (const grant of this.live(business)) grant.ended = true;
  }

  dropNextAnswer(business: string | undefined): void {
    for (const grant of this.live(business)) grant.dropNextAnswer = true;
  }

  /** Numbers only; values of tokens leave in the answers that issue them, and nowhere else. */
  counts(): object {
    const now = this.clock.now();
    const live = this.live();
    const businesses = new Set(this.grants.flatMap((grant) => grant.businesses ?? []));
    return {
      grants: this.grants.length,
      live: live.length,
      ended: this.grants.length - live.length,
      accessTokens: live.filter((grant) => grant.expiresAt > now).length,
      fullAccess: live.filter((grant) => grant.isFullAccess).length,
      byRealm: Object.fromEntries([...businesses].map((business) => [business, this.live(business).length])),
    };
  }

  snapshot(): GrantsState {
    return {
      grants: this.grants,
      oldRefreshTokens: [...this.oldRefreshTokens].map(([token, grant]) => [token, grant.number]),
      codes: [...this.codes],
    };
  }

  restore(state: GrantsState): void {
    this.grants = state.grants;
    this.codes = new Map(state.codes);
    this.byAccessToken = new Map();
    this.byRefreshToken = new Map();
    for (const grant of this.grants) this.know(grant);
    const byNumber = new Map(this.grants.map((grant) => [grant.number, grant]));
    this.oldRefreshTokens = new Map();
    for (const [token, number] of state.oldRefreshTokens) {
      const grant = byNumber.get(number);
      if (grant) this.oldRefreshTokens.set(token, grant);
    }
  }

  private live(business?: string): Grant[] {
    return this.grants.filter(
      (grant) =>
        !grant.ended &&
        (business === undefined || grant.businesses === undefined || grant.businesses.includes(business)),
    );
  }

  private add(wanted: Pick<Grant, 'businesses' | 'scopes' | 'isFullAccess' | 'refreshToken' | 'expiresAt'>): Grant {
    const grant: Grant = {
      ...wanted,
      number: this.grants.length + 1,
      accessToken: this.random.letters(30),
      lastUsedAt: this.clock.now(),
      ended: false,
      dropNextAnswer: false,
    };
    this.grants.push(grant);
    this.know(grant);
    return grant;
  }

  private know(grant: Grant): void {
    this.byAccessToken.set(grant.accessToken, grant);
    if (grant.refreshToken !== undefined) this.byRefreshToken.set(grant.refreshToken, grant);
  }
}

/** The S256 challenge of a PKCE verifier. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
