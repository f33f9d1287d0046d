import type { Clock } from '../../clock.ts';
import type { Randomness } from '../../randomness.ts';
import { DAY, SECOND } from '../calendar.ts';

export const ACCESS_TOKEN_SECONDS = 1200;
const CODE_LIFETIME = 300 * SECOND;

/** One consent of one person for one company file (sheet 2.1, 2.3). */
export interface Grant {
  realm: string;
  clientId: string;
  scopes: string[];
  refreshToken: string;
  refreshExpiresAt: number;
  /** Counts every minting: exchange, refresh, rotation. */
  generation: number;
  accessToken: string;
  isRevoked: boolean;
  /** The next answer rotates, whatever the age of the token. */
  rotateNext: boolean;
  dropNextAnswer: boolean;
}

interface AccessToken {
  grant: Grant;
  generation: number;
  issuedAt: number;
  expiresAt: number;
  /** Calls it was good for, for rotation after a number of them. */
  calls: number;
  /** What came after it, and until when it still counts. */
  successor?: string;
  graceEndsAt?: number;
}

interface Code {
  realm: string;
  clientId: string;
  redirectUri: string;
  scopes: string[];
  expiresAt: number;
  isUsed: boolean;
}

/** When the gateway rotates by itself, in the sheet's own words. */
export interface RotationSettings {
  rotate_after_s: number;
  /** After so many calls with one token; 0 does not count calls. */
  rotate_every_n: number;
  grace_s: number;
}

export const initialRotation = (): RotationSettings => ({ rotate_after_s: 600, rotate_every_n: 0, grace_s: 60 });

/** A new access token, as the headers of an answer tell of it. */
export interface Minted {
  token: string;
  secondsLeft: number;
  generation: number;
}

export type Issued = { grant: Grant } | { refused: 'invalid_grant' | 'invalid_request' };

export interface GrantsState {
  grants: Grant[];
  accessTokens: [token: string, grant: number, rest: Omit<AccessToken, 'grant'>][];
  codes: [string, Code][];
  settings: RotationSettings;
}

/** Codes, access tokens and refresh tokens, and what becomes of them. */
export class Grants {
  settings: RotationSettings = initialRotation();
  /** How many tokens were rotated silently. */
  rotations = 0;
  private readonly clock: Clock;
  private readonly random: Randomness;
  private readonly refreshDays: () => number;
  private grants: Grant[] = [];
  private codes = new Map<string, Code>();
  private accessTokens = new Map<string, AccessToken>();
  private refreshTokens = new Map<string, Grant>();

  constructor(clock: Clock, random: Randomness, refreshDays: () => number) {
    this.clock = clock;
    this.random = random;
    this.refreshDays = refreshDays;
  }

  issueCode(code: Omit<Code, 'expiresAt' | 'isUsed'>): string {
    const value = `code_${this.random.letters(40)}`;
    this.codes.set(value, { ...code, expiresAt: this.clock.now() + CODE_LIFETIME, isUsed: false });
    return value;
  }

  /** A code works once, for five minutes; another redirect is told as such, and the code stays good. */
  exchange(value: string, redirectUri: string, clientId: string): Issued {
    const code = this.codes.get(value);
    const now = this.clock.now();
    if (!code || code.isUsed || code.clientId !== clientId || now >= code.expiresAt)
      return { refused: 'invalid_grant' };
    if (code.redirectUri !== redirectUri) return { refused: 'invalid_request' };
    code.isUsed = true;
    const grant: Grant = {
      realm: code.realm,
      clientId,
      scopes: code.scopes,
      refreshToken: '',
      refreshExpiresAt: 0,
      generation: 0,
      accessToken: '',
      isRevoked: false,
      rotateNext: false,
      dropNextAnswer: false,
    };
    this.grants.push(grant);
    this.renewRefreshToken(grant);
    this.mint(grant);
    return { grant };
  }

  /** Each refresh token works once; the access token before has its grace. */
  refresh(value: string, clientId: string): Issued {
    const grant = this.refreshTokens.get(value);
    const isGood =
      grant && !grant.isRevoked && grant.clientId === clientId && this.clock.now() < grant.refreshExpiresAt;
    if (!isGood) return { refused: 'invalid_grant' };
    this.renewRefreshToken(grant);
    this.mint(grant);
    return { grant };
  }

  /** The grant behind a token that counts now: the current one, or a superseded one within its grace. */
  check(token: string): Grant | undefined {
    const known = this.accessTokens.get(token);
    const now = this.clock.now();
    if (!known || known.grant.isRevoked || now >= known.expiresAt) return undefined;
    return known.graceEndsAt !== undefined && now >= known.graceEndsAt ? undefined : known.grant;
  }

  /** Called once for every answer to a good token: what the answer has to say of a newer one. */
  rotation(token: string): Minted | undefined {
    const known = this.accessTokens.get(token);
    if (!known) return undefined;
    known.calls++;
    const { grant } = known;
    if (known.successor === undefined && this.isDue(known)) {
      grant.rotateNext = false;
      this.rotations++;
      this.mint(grant);
    }
    const successor = known.successor === undefined ? undefined : this.accessTokens.get(known.successor);
    if (!successor) return undefined;
    return {
      token: known.successor as string,
      secondsLeft: Math.max(0, Math.floor((successor.expiresAt - this.clock.now()) / SECOND)),
      generation: successor.generation,
    };
  }

  isConnected(realm: string): boolean {
    return this.of(realm).length > 0;
  }

  revoke(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.isRevoked = true;
  }

  expireAccess(realm: string | undefined): void {
    for (const token of this.tokensOf(realm)) token.expiresAt = this.clock.now();
  }

  endGrace(realm: string | undefined): void {
    for (const token of this.tokensOf(realm)) {
      if (token.graceEndsAt !== undefined) token.graceEndsAt = this.clock.now();
    }
  }

  rotateNext(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.rotateNext = true;
  }

  hardExpire(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.refreshExpiresAt = this.clock.now();
  }

  dropNextAnswer(realm: string | undefined): void {
    for (const grant of this.of(realm)) grant.dropNextAnswer = true;
  }

  setScopes(realm: string | undefined, scopes: string[]): void {
    for (const grant of this.of(realm)) grant.scopes = scopes;
  }

  /** Numbers only; token values never leave this class except in the answers that issue them. */
  counts(): object {
    const now = this.clock.now();
    const live = this.of(undefined);
    return {
      settings: this.settings,
      grants: this.grants.length,
      live: live.length,
      ended: this.grants.length - live.length,
      accessTokens: [...this.accessTokens.keys()].filter((token) => this.check(token)).length,
      refreshable: live.filter((grant) => now < grant.refreshExpiresAt).length,
      byRealm: Object.fromEntries(
        live.map(({ realm }) => [
          realm,
          {
            live: this.of(realm).length,
            generations: this.of(realm).map(({ generation }) => generation),
          },
        ]),
      ),
    };
  }

  snapshot(): GrantsState {
    const places = new Map(this.grants.map((grant, index) => [grant, index]));
    return {
      grants: this.grants,
      accessTokens: [...this.accessTokens].map(([token, { grant, ...rest }]) => [token, places.get(grant) ?? -1, rest]),
      codes: [...this.codes],
      settings: this.settings,
    };
  }

  restore(state: GrantsState): void {
    this.settings = state.settings;
    this.grants = state.grants;
    this.codes = new Map(state.codes);
    this.accessTokens = new Map();
    for (const [token, place, rest] of state.accessTokens) {
      const grant = state.grants[place];
      if (grant) this.accessTokens.set(token, { ...rest, grant });
    }
    this.refreshTokens = new Map(state.grants.map((grant) => [grant.refreshToken, grant]));
  }

  private of(realm: string | undefined): Grant[] {
    return this.grants.filter((grant) => !grant.isRevoked && (realm === undefined || grant.realm === realm));
  }

  private tokensOf(realm: string | undefined): AccessToken[] {
    const grants = new Set(this.of(realm));
    return [...this.accessTokens.values()].filter((token) => grants.has(token.grant));
  }

  private isDue({ grant, issuedAt, calls }: AccessToken): boolean {
    const { rotate_after_s, rotate_every_n } = this.settings;
    if (grant.rotateNext) return true;
    if (rotate_every_n > 0 && calls >= rotate_every_n) return true;
    return this.clock.now() - issuedAt >= rotate_after_s * SECOND;
  }

  /** A new current token; the one before lives on for its grace, never past its own end. */
  private mint(grant: Grant): void {
    const now = this.clock.now();
    const before = this.accessTokens.get(grant.accessToken);
    const token = `at_${this.random.letters(60)}`;
    grant.generation++;
    grant.accessToken = token;
    if (before) {
      before.successor = token;
      before.graceEndsAt = Math.min(now + this.settings.grace_s * SECOND, before.expiresAt);
    }
    this.accessTokens.set(token, {
      grant,
      generation: grant.generation,
      issuedAt: now,
      expiresAt: now + ACCESS_TOKEN_SECONDS * SECOND,
      calls: 0,
    });
    this.forgetOld(now);
  }

  private renewRefreshToken(grant: Grant): void {
    this.refreshTokens.delete(grant.refreshToken);
    grant.refreshToken = `rt_${this.random.letters(60)}`;
    grant.refreshExpiresAt = this.clock.now() + this.refreshDays() * DAY;
    this.refreshTokens.set(grant.refreshToken, grant);
  }

  /** Insertion order is nearly the order of ends, so the first that has some life left ends the sweep. */
  private forgetOld(now: number): void {
    for (const [token, { expiresAt }] of this.accessTokens) {
      if (expiresAt + DAY > now) return;
      this.accessTokens.delete(token);
    }
  }
}
