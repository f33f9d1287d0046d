import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Randomness } from '../../randomness.ts';
import { DAY, MINUTE } from '../calendar.ts';
import type { Switches } from '../switches.ts';
import { isApiScope } from './scopes.ts';

export const ACCESS_TOKEN_SECONDS = 1800;
const REFRESH_LIFETIME = 60 * DAY;
const GRACE = 30 * MINUTE;
const CODE_LIFETIME = 5 * MINUTE;

/** What one consent gave: the tokens that follow each other from it (sheet 1.3). */
export interface TokenSet {
  id: string;
  person: string;
  clientId: string;
  scopes: string[];
  authEventId: string;
  authorisedAt: number;
  ended: boolean;
  /** A custom connection is bound to its organisation and needs no tenant header. */
  tenant: string | undefined;
  dropNextAnswer: boolean;
}

interface RefreshToken {
  set: string;
  issuedAt: number;
  firstUsedAt: number | undefined;
  /** The pair its first use gave. */
  gave: { refresh: string; access: string } | undefined;
  ended: boolean;
}

interface AccessToken {
  set: string;
  expiresAt: number;
  ended: boolean;
}

interface Code {
  person: string;
  clientId: string;
  redirectUri: string;
  scopes: string[];
  challenge: string | undefined;
  authEventId: string;
  issuedAt: number;
  used: boolean;
}

/** One organisation connected to the app by one person. It keeps its id and birth when it is made again (sheet 1.5). */
export interface Connection {
  id: string;
  person: string;
  tenantId: string;
  authEventId: string;
  createdAt: number;
  updatedAt: number;
  isLive: boolean;
}

export interface Issued {
  set: TokenSet;
  accessToken: string;
  refreshToken: string | undefined;
  expiresIn: number;
}

export type TokenCheck = { set: TokenSet } | { refused: 'expired'; at: number } | { refused: 'unknown' };

export interface GrantsState {
  sets: TokenSet[];
  refreshTokens: [string, RefreshToken][];
  accessTokens: [string, AccessToken][];
  codes: [string, Code][];
  connections: Connection[];
  gathered: [string, string[]][];
}

/** Codes, tokens and connections, and what becomes of them. */
export class Grants {
  private readonly clock: Clock;
  private readonly random: Randomness;
  private readonly switches: Switches;
  private readonly sign: (set: TokenSet, expiresAt: number) => string;
  private sets = new Map<string, TokenSet>();
  private refreshTokens = new Map<string, RefreshToken>();
  private accessTokens = new Map<string, AccessToken>();
  private codes = new Map<string, Code>();
  private connections = new Map<string, Connection>();
  /** Scopes of the API gather over all consents of a person to the app. */
  private gathered = new Map<string, string[]>();

  constructor(
    clock: Clock,
    random: Randomness,
    switches: Switches,
    sign: (set: TokenSet, expiresAt: number) => string,
  ) {
    this.clock = clock;
    this.random = random;
    this.switches = switches;
    this.sign = sign;
  }

  /** A person says yes to one organisation. */
  consent(wanted: Omit<Code, 'issuedAt' | 'used' | 'authEventId'>, tenantId: string): string {
    const authEventId = this.random.uuid();
    const code = this.random.letters(43);
    const api = new Set([...(this.gathered.get(wanted.person) ?? []), ...wanted.scopes.filter(isApiScope)]);
    this.gathered.set(wanted.person, [...api]);
    const scopes = [...wanted.scopes.filter((scope) => !isApiScope(scope)), ...api];
    this.codes.set(code, { ...wanted, scopes, authEventId, issuedAt: this.clock.now(), used: false });
    this.connect(wanted.person, tenantId, authEventId);
    return code;
  }

  private connect(person: string, tenantId: string, authEventId: string): void {
    const now = this.clock.now();
    const before = [...this.connections.values()].find((each) => each.person === person && each.tenantId === tenantId);
    const id = before?.id ?? this.random.uuid();
    const createdAt = before?.createdAt ?? now;
    this.connections.set(id, { id, person, tenantId, authEventId, createdAt, updatedAt: now, isLive: true });
  }

  /** A code works once, for five minutes, for the client and redirect it was issued to, with its verifier. */
  exchange(value: string, redirectUri: string, clientId: string, verifier: string | null): Issued | undefined {
    const code = this.codes.get(value);
    const now = this.clock.now();
    const fits = code && !code.used && code.clientId === clientId && code.redirectUri === redirectUri;
    if (!fits || now >= code.issuedAt + CODE_LIFETIME) return undefined;
    if (code.challenge !== undefined && !answers(code.challenge, verifier)) return undefined;
    code.used = true;
    if (this.switches.newConsentEndsOlderTokens) {
      for (const set of this.sets.values()) if (set.person === code.person) set.ended = true;
    }
    const { person, scopes, authEventId } = code;
    return this.issue(this.newSet({ person, clientId, scopes, authEventId, tenant: undefined }));
  }

  /** For an app of one organisation only: no person, no refresh. */
  clientCredentials(clientId: string, scopes: string[], tenant: string): Issued {
    return this.issue(this.newSet({ person: '', clientId, scopes, authEventId: this.random.uuid(), tenant }));
  }

  private newSet(given: Pick<TokenSet, 'person' | 'clientId' | 'scopes' | 'authEventId' | 'tenant'>): TokenSet {
    const set: TokenSet = {
      id: this.random.uuid(),
      ...given,
      authorisedAt: this.clock.now(),
      ended: false,
      dropNextAnswer: false,
    };
    this.sets.set(set.id, set);
    return set;
  }

  /**
   * Every refresh gives another refresh token. The one before works on for half an hour after its first use, for those
   * whose answer was lost (sheet 1.3).
   */
  refresh(value: string, clientId: string): Issued | undefined {
    const token = this.refreshTokens.get(value);
    const set = token && this.sets.get(token.set);
    const now = this.clock.now();
    if (!token || !set || set.ended || token.ended || set.clientId !== clientId) return undefined;
    if (now >= token.issuedAt + REFRESH_LIFETIME) return undefined;
    if (token.firstUsedAt === undefined) {
      token.firstUsedAt = now;
      const issued = this.issue(set);
      token.gave = { refresh: String(issued.refreshToken), access: issued.accessToken };
      return issued;
    }
    if (now >= token.firstUsedAt + GRACE) return undefined;
    const { gave } = token;
    if (this.switches.graceRefresh === 'samePair' && gave) {
      const left = Math.floor(((this.accessTokens.get(gave.access)?.expiresAt ?? now) - now) / 1000);
      return { set, accessToken: gave.access, refreshToken: gave.refresh, expiresIn: left };
    }
    if (this.switches.graceRefreshEndsFirst && gave) {
      const [refresh, access] = [this.refreshTokens.get(gave.refresh), this.accessTokens.get(gave.access)];
      if (refresh) refresh.ended = true;
      if (access) access.ended = true;
    }
    const issued = this.issue(set);
    token.gave = { refresh: String(issued.refreshToken), access: issued.accessToken };
    return issued;
  }

  private issue(set: TokenSet): Issued {
    const now = this.clock.now();
    this.forgetOld(now);
    const expiresAt = now + ACCESS_TOKEN_SECONDS * 1000;
    const accessToken = this.sign(set, expiresAt);
    this.accessTokens.set(accessToken, { set: set.id, expiresAt, ended: false });
    if (!set.scopes.includes('offline_access')) {
      return { set, accessToken, refreshToken: undefined, expiresIn: ACCESS_TOKEN_SECONDS };
    }
    const refreshToken = this.random.letters(43);
    this.refreshTokens.set(refreshToken, {
      set: set.id,
      issuedAt: now,
      firstUsedAt: undefined,
      gave: undefined,
      ended: false,
    });
    return { set, accessToken, refreshToken, expiresIn: ACCESS_TOKEN_SECONDS };
  }

  private forgetOld(now: number): void {
    for (const [token, { expiresAt }] of this.accessTokens) {
      // In order of issue, which is the order of expiry.
      if (expiresAt + DAY > now) break;
      this.accessTokens.delete(token);
    }
  }

  /** Ends the tokens that follow from a consent. An unknown token is no error. */
  revoke(value: string): void {
    const set = this.sets.get(this.refreshTokens.get(value)?.set ?? '');
    if (!set) return;
    set.ended = true;
    this.gathered.delete(set.person);
    if (!this.switches.revocationDisconnects) return;
    for (const connection of this.connections.values()) if (connection.person === set.person) connection.isLive = false;
  }

  check(token: string): TokenCheck {
    const known = this.accessTokens.get(token);
    const set = known && this.sets.get(known.set);
    if (!known || !set || set.ended || known.ended) return { refused: 'unknown' };
    if (this.clock.now() >= known.expiresAt) return { refused: 'expired', at: known.expiresAt };
    return { set };
  }

  /** The live connections that a token reaches. */
  connectionsOf({ person }: TokenSet): Connection[] {
    return [...this.connections.values()].filter((each) => each.isLive && each.person === person);
  }

  connectionTo(set: TokenSet, tenantId: string): Connection | undefined {
    return this.connectionsOf(set).find((each) => each.tenantId === tenantId);
  }

  /** False when the token reaches no such connection. */
  disconnect(set: TokenSet, id: string): boolean {
    const connection = this.connectionsOf(set).find((each) => each.id === id);
    if (connection) connection.isLive = false;
    return connection !== undefined;
  }

  isConnected(tenantId: string): boolean {
    return [...this.connections.values()].some((each) => each.isLive && each.tenantId === tenantId);
  }

  /** Somebody disconnects within the product; the app is not told. */
  disconnectTenant(tenantId: string | undefined): void {
    for (const connection of this.connections.values()) {
      if (tenantId === undefined || connection.tenantId === tenantId) connection.isLive = false;
    }
  }

  /** The token sets of everybody who connected an organisation, or of all. */
  private setsFor(tenantId: string | undefined): TokenSet[] {
    const people = new Set(
      [...this.connections.values()]
        .filter((each) => tenantId === undefined || each.tenantId === tenantId)
        .map((each) => each.person),
    );
    return [...this.sets.values()].filter((set) => !set.ended && (people.has(set.person) || set.tenant === tenantId));
  }

  revokeAll(tenantId: string | undefined): void {
    for (const set of this.setsFor(tenantId)) {
      set.ended = true;
      this.gathered.delete(set.person);
      for (const each of this.connections.values()) if (each.person === set.person) each.isLive = false;
    }
  }

  expireAccess(tenantId: string | undefined): void {
    const ids = new Set(this.setsFor(tenantId).map((set) => set.id));
    const now = this.clock.now();
    for (const token of this.accessTokens.values()) if (ids.has(token.set)) token.expiresAt = now;
  }

  /** As after sixty idle days. */
  expireRefresh(tenantId: string | undefined): void {
    const ids = new Set(this.setsFor(tenantId).map((set) => set.id));
    for (const token of this.refreshTokens.values()) if (ids.has(token.set)) token.issuedAt -= REFRESH_LIFETIME;
  }

  /** As if the half hour of every token that was used had gone by. */
  endGrace(tenantId: string | undefined): void {
    const ids = new Set(this.setsFor(tenantId).map((set) => set.id));
    for (const token of this.refreshTokens.values()) {
      if (ids.has(token.set) && token.firstUsedAt !== undefined) token.firstUsedAt -= GRACE;
    }
  }

  dropNextAnswer(tenantId: string | undefined): void {
    for (const set of this.setsFor(tenantId)) set.dropNextAnswer = true;
  }

  /** Numbers only; token values never leave this class except in the answer that issues them. */
  counts(): object {
    const now = this.clock.now();
    const live = [...this.connections.values()].filter((each) => each.isLive);
    const accessTokens = [...this.accessTokens.values()].filter(
      (token) => token.expiresAt > now && !token.ended && this.sets.get(token.set)?.ended === false,
    );
    const tenants = [...new Set([...this.connections.values()].map((each) => each.tenantId))];
    return {
      grants: this.sets.size,
      live: [...this.sets.values()].filter((set) => !set.ended).length,
      ended: [...this.sets.values()].filter((set) => set.ended).length,
      accessTokens: accessTokens.length,
      connections: live.length,
      byRealm: Object.fromEntries(
        tenants.map((tenant) => [tenant, live.filter((each) => each.tenantId === tenant).length]),
      ),
    };
  }

  snapshot(): GrantsState {
    return {
      sets: [...this.sets.values()],
      refreshTokens: [...this.refreshTokens],
      accessTokens: [...this.accessTokens],
      codes: [...this.codes],
      connections: [...this.connections.values()],
      gathered: [...this.gathered],
    };
  }

  restore(state: GrantsState): void {
    this.sets = new Map(state.sets.map((set) => [set.id, set]));
    this.refreshTokens = new Map(state.refreshTokens);
    this.accessTokens = new Map(state.accessTokens);
    this.codes = new Map(state.codes);
    this.connections = new Map(state.connections.map((connection) => [connection.id, connection]));
    this.gathered = new Map(state.gathered);
  }
}

function answers(challenge: string, verifier: string | null): boolean {
  if (verifier === null || !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}

export function emptyGrants(): GrantsState {
  return { sets: [], refreshTokens: [], accessTokens: [], codes: [], connections: [], gathered: [] };
}
