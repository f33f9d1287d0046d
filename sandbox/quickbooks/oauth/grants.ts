import type { Clock } from '../../clock.ts';
import type { Randomness } from '../../randomness.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
export const ACCESS_TOKEN_SECONDS = 3600;
export const REFRESH_TOKEN_SECONDS = 8_726_400;
const CODE_LIFETIME = 10 * 60 * SECOND;
const HARD_LIFETIME = 5 * 365 * DAY;

export const ACCOUNTING_SCOPE = 'com.intuit.quickbooks.accounting';

/** One consent of one person for one company (sheet 1.2). */
export interface Grant {
  realm: string;
  clientId: string;
  scopes: string[];
  refreshToken: string;
  previousRefreshToken: string | undefined;
  previousValidUntil: number;
  rotatedAt: number;
  lastUsedAt: number;
  hardExpiresAt: number;
  /** Revoked through the API, or disconnected by a person in the product. */
  ended: 'revoked' | 'disconnected' | undefined;
  rotateNext: boolean;
  dropNextAnswer: boolean;
}

interface AccessToken {
  grant: Grant;
  expiresAt: number;
}

interface Code {
  realm: string;
  clientId: string;
  redirectUri: string;
  scopes: string[];
  issuedAt: number;
  used: boolean;
}

export interface TokenSettings {
  rotation: 'daily' | 'eachUse';
  graceHours: 0 | 24;
}

export type TokenCheck = { grant: Grant } | { refused: 'malformed' | 'expired' | 'revoked' | 'disconnected' };

export type Issued = { grant: Grant; accessToken: string } | { refused: string };

export interface GrantsState {
  grants: Grant[];
  accessTokens: [token: string, grant: number, expiresAt: number][];
  codes: [string, Code][];
  settings: TokenSettings;
}

/** Codes, access tokens and refresh tokens, and what becomes of them. */
export class Grants {
  settings: TokenSettings = { rotation: 'daily', graceHours: 0 };
  private readonly clock: Clock;
  private readonly random: Randomness;
  private readonly refreshMinimumInterval: () => number;
  private grants: Grant[] = [];
  private codes = new Map<string, Code>();
  private accessTokens = new Map<string, AccessToken>();
  private refreshTokens = new Map<string, Grant>();

  constructor(clock: Clock, random: Randomness, refreshMinimumInterval: () => number) {
    this.clock = clock;
    this.random = random;
    this.refreshMinimumInterval = refreshMinimumInterval;
  }

  issueCode(code: Omit<Code, 'issuedAt' | 'used'>): string {
    const value = `AB11${this.random.letters(44)}`;
    this.codes.set(value, { ...code, issuedAt: this.clock.now(), used: false });
    return value;
  }

  /** A code works once, for ten minutes, for the client and redirect it was issued to. */
  exchange(value: string, redirectUri: string, clientId: string): Issued {
    const code = this.codes.get(value);
    const now = this.clock.now();
    const fits = code && !code.used && code.clientId === clientId && code.redirectUri === redirectUri;
    if (!fits || now > code.issuedAt + CODE_LIFETIME) return { refused: 'Invalid authorization code' };
    code.used = true;
    const grant: Grant = {
      realm: code.realm,
      clientId,
      scopes: code.scopes,
      refreshToken: this.newRefreshToken(),
      previousRefreshToken: undefined,
      previousValidUntil: 0,
      rotatedAt: now,
      lastUsedAt: now,
      hardExpiresAt: now + HARD_LIFETIME,
      ended: undefined,
      rotateNext: false,
      dropNextAnswer: false,
    };
    this.grants.push(grant);
    this.refreshTokens.set(grant.refreshToken, grant);
    return { grant, accessToken: this.issueAccessToken(grant) };
  }

  /** The refresh value changes about once a day, or on each use (sheet 1.4). Old access tokens live out their hour. */
  refresh(value: string, clientId: string): Issued {
    const refused = { refused: 'Incorrect or invalid refresh token' };
    const grant = this.refreshTokens.get(value);
    const now = this.clock.now();
    if (!grant || grant.ended || now >= grant.hardExpiresAt) return refused;
    if (grant.clientId !== clientId) return { refused: 'Incorrect Token type or clientID' };
    if (now >= grant.lastUsedAt + REFRESH_TOKEN_SECONDS * SECOND) return refused;
    if (value !== grant.refreshToken && now >= grant.previousValidUntil) return refused;
    const interval = this.refreshMinimumInterval();
    if (interval > 0 && now < grant.lastUsedAt + interval) return refused;
    grant.lastUsedAt = now;
    const due = this.settings.rotation === 'eachUse' || grant.rotateNext || now - grant.rotatedAt > DAY;
    if (due) this.rotate(grant, now);
    return { grant, accessToken: this.issueAccessToken(grant) };
  }

  private rotate(grant: Grant, now: number): void {
    if (grant.previousRefreshToken !== undefined) this.refreshTokens.delete(grant.previousRefreshToken);
    grant.previousRefreshToken = grant.refreshToken;
    grant.previousValidUntil = now + this.settings.graceHours * 3_600_000;
    grant.refreshToken = this.newRefreshToken();
    grant.rotatedAt = now;
    grant.rotateNext = false;
    this.refreshTokens.set(grant.refreshToken, grant);
  }

  /** Either kind of token ends the whole grant. False when the token is unknown. */
  revoke(token: string): boolean {
    const grant = this.refreshTokens.get(token) ?? this.accessTokens.get(token)?.grant;
    if (!grant || grant.ended) return false;
    grant.ended = 'revoked';
    return true;
  }

  check(token: string): TokenCheck {
    const known = this.accessTokens.get(token);
    if (!known) return { refused: token.length < 100 || token.length > 4096 ? 'malformed' : 'expired' };
    if (known.grant.ended) return { refused: known.grant.ended };
    if (this.clock.now() >= known.expiresAt) return { refused: 'expired' };
    return { grant: known.grant };
  }

  isConnected(realm: string): boolean {
    const now = this.clock.now();
    return this.grants.some((grant) => grant.realm === realm && !grant.ended && now < grant.hardExpiresAt);
  }

  private of(realm: string | undefined): Grant[] {
    return this.grants.filter((grant) => !grant.ended && (realm === undefined || grant.realm === realm));
  }

  expireAccess(realm: string | undefined): void {
    const grants = new Set(this.of(realm));
    for (const token of this.accessTokens.values()) if (grants.has(token.grant)) token.expiresAt = this.clock.now();
  }

  disconnect(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.ended = 'disconnected';
  }

  rotateNext(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.rotateNext = true;
  }

  hardExpire(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.hardExpiresAt = this.clock.now();
  }

  dropNextAnswer(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.dropNextAnswer = true;
  }

  /** Numbers only; token values never leave this class except in the answer that issues them. */
  counts(): object {
    const now = this.clock.now();
    return {
      settings: this.settings,
      grants: this.grants.length,
      live: this.of(undefined).length,
      ended: this.grants.filter((grant) => grant.ended).length,
      accessTokens: [...this.accessTokens.values()].filter((token) => token.expiresAt > now && !token.grant.ended)
        .length,
      byRealm: Object.fromEntries(
        [...new Set(this.grants.map((grant) => grant.realm))].map((realm) => [realm, this.of(realm).length]),
      ),
    };
  }

  snapshot(): GrantsState {
    const places = new Map(this.grants.map((grant, index) => [grant, index]));
    return {
      grants: this.grants,
      accessTokens: [...this.accessTokens].map(([token, { grant, expiresAt }]) => [
        token,
        places.get(grant) ?? -1,
        expiresAt,
      ]),
      codes: [...this.codes],
      settings: this.settings,
    };
  }

  restore(state: GrantsState): void {
    this.settings = state.settings;
    this.grants = state.grants;
    this.codes = new Map(state.codes);
    this.accessTokens = new Map();
    this.refreshTokens = new Map();
    for (const [token, place, expiresAt] of state.accessTokens) {
      const grant = state.grants[place];
      if (grant) this.accessTokens.set(token, { grant, expiresAt });
    }
    for (const grant of state.grants) {
      this.refreshTokens.set(grant.refreshToken, grant);
      if (grant.previousRefreshToken !== undefined) this.refreshTokens.set(grant.previousRefreshToken, grant);
    }
  }

  private issueAccessToken(grant: Grant): string {
    const now = this.clock.now();
    for (const [token, { expiresAt }] of this.accessTokens) {
      // Insertion order is nearly expiry order, so the first that has some life left ends the sweep.
      if (expiresAt + DAY > now) break;
      this.accessTokens.delete(token);
    }
    const token = `eyJ${this.random.letters(1020)}`;
    this.accessTokens.set(token, { grant, expiresAt: now + ACCESS_TOKEN_SECONDS * SECOND });
    return token;
  }

  private newRefreshToken(): string {
    return `AB11${this.random.letters(46)}`;
  }
}
