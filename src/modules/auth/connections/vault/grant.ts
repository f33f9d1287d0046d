import type { ProviderFailure } from '../../../../domain/provider/index.js';

/**
 * `refreshing`: an attempt was begun, and its outcome is not written yet. `uncertain`: an attempt was begun and nobody
 * knows its outcome. `paused`: the provider refuses tokens for a while. `dead`: only a person can renew it. `ending`:
 * disconnected, and still to be revoked at the provider. `ended`: its tokens are wiped.
 */
export const GRANT_STATES = ['ok', 'refreshing', 'uncertain', 'paused', 'dead', 'ending', 'ended'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

/** What became of the last attempt at new tokens, if it failed. */
export type GrantFailure = 'revoked' | 'paused' | 'unavailable' | 'lost';

/** One person's consent at a provider, with its tokens as they are stored: sealed. */
export interface Grant {
  readonly id: string;
  readonly tenant: string;
  readonly provider: string;
  /** Counts the tokens that the grant has had. */
  readonly epoch: number;
  readonly state: GrantState;
  readonly accessSealed: Uint8Array | undefined;
  readonly refreshSealed: Uint8Array | undefined;
  /** The refresh token before the present one, until that one has worked. */
  readonly previousRefreshSealed: Uint8Array | undefined;
  /** The version of the tenant's data key that sealed them. */
  readonly keyVersion: number;
  readonly accessExpiresAt: Date;
  /** When the refresh token dies unused. */
  readonly refreshExpiresAt: Date | undefined;
  /** When the consent ends whatever its use. */
  readonly endsAt: Date | undefined;
  /** The smallest number of days before its end of which people have been told. */
  readonly warnedDays: number | undefined;
  readonly attempt: string | undefined;
  readonly attemptStartedAt: Date | undefined;
  readonly leaseUntil: Date | undefined;
  /** When the first of the attempts began whose outcome is unknown. */
  readonly uncertainSince: Date | undefined;
  /** Attempts begun after the provider's promise for lost answers had run out. */
  readonly lateTries: number;
  /** No attempt before this time. */
  readonly notBefore: Date | undefined;
  readonly refreshedAt: Date;
  readonly failure: GrantFailure | undefined;
  /** Attempts in a row that failed. */
  readonly failures: number;
}

/** An access token with less life left than this, or than half of its whole life, is refreshed before it is used. */
export const MARGIN_MS = 5 * 60_000;
/** While somebody refreshes it, others go on with an access token that lives at least this long. */
export const SHARED_MS = 60_000;
/** For how long an attempt may take; after that nobody knows what became of it. */
export const LEASE_MS = 30_000;

/** What somebody who needs an access token does next. */
export type Step =
  | { readonly do: 'use' }
  | { readonly do: 'wait' }
  /** `late` if the provider no longer promises that the stored refresh token works. */
  | { readonly do: 'refresh'; readonly late: boolean }
  /** The outcome of an attempt is unknown, and the provider's promise for lost answers has run out twice over. */
  | { readonly do: 'give_up' }
  | { readonly do: 'refuse'; readonly is: 'access_revoked' }
  | { readonly do: 'refuse'; readonly is: 'suspended' | 'unavailable'; readonly waitMs: number };

export interface Need {
  readonly now: Date;
  /** Tokens before this epoch are no good: the provider has refused them, or they are to be renewed in any case. */
  readonly notOlderThan: number;
  /** For how long the provider lets a refresh token be used again whose answer was lost. */
  readonly lostRefreshRetryMs: number;
}

/** Pure: the rules of reliability.md 4.2 for one grant at one moment. */
export const stepFor = (grant: Grant, { now, notOlderThan, lostRefreshRetryMs }: Need): Step => {
  if (isOver(grant)) return { do: 'refuse', is: 'access_revoked' };
  const left = grant.accessSealed ? grant.accessExpiresAt.getTime() - now.getTime() : 0;
  const fresh = grant.epoch >= notOlderThan;
  const life = grant.accessExpiresAt.getTime() - grant.refreshedAt.getTime();
  if (fresh && left > Math.min(MARGIN_MS, life / 2)) return { do: 'use' };

  if (isLeased(grant, now)) return fresh && left > SHARED_MS ? { do: 'use' } : { do: 'wait' };
  if (!grant.refreshSealed) return fresh && left > 0 ? { do: 'use' } : { do: 'refuse', is: 'access_revoked' };

  const waitMs = grant.notBefore ? grant.notBefore.getTime() - now.getTime() : 0;
  if (waitMs > 0) {
    if (fresh && left > 0) return { do: 'use' };
    return { do: 'refuse', is: grant.state === 'paused' ? 'suspended' : 'unavailable', waitMs };
  }
  const late = isLate(grant, now, lostRefreshRetryMs);
  return late && grant.lateTries > 0 ? { do: 'give_up' } : { do: 'refresh', late };
};

/** Whether nothing but a person can bring it back. */
export const isOver = ({ state }: Grant): boolean => state === 'dead' || state === 'ending' || state === 'ended';

/** Whether somebody is at it right now. */
export const isLeased = ({ state, leaseUntil }: Grant, now: Date): boolean =>
  state === 'refreshing' && leaseUntil !== undefined && leaseUntil > now;

/** Since when the outcome of an attempt is unknown: one that was given up, or one whose lease ran out in the middle. */
export const uncertainSince = (grant: Grant): Date | undefined =>
  grant.uncertainSince ?? (grant.state === 'refreshing' ? grant.attemptStartedAt : undefined);

/** An earlier answer was lost, and longer ago than the provider lets its refresh token be used again. */
const isLate = (grant: Grant, now: Date, lostRefreshRetryMs: number): boolean => {
  const since = uncertainSince(grant);
  return since !== undefined && now.getTime() - since.getTime() > lostRefreshRetryMs;
};

/** How many days before its end people are told, each time once. */
export const WARNINGS = [1, 7, 30] as const;
export const DAY_MS = 24 * 3_600_000;

/** When it ends unless a person renews it: for good, or because nobody uses it. */
export const endOf = ({ endsAt, refreshExpiresAt }: Pick<Grant, 'endsAt' | 'refreshExpiresAt'>): Date | undefined =>
  endsAt && refreshExpiresAt && refreshExpiresAt < endsAt ? refreshExpiresAt : (endsAt ?? refreshExpiresAt);

/** After a failure that is nobody's fault: five seconds, doubled, a quarter of an hour at most. */
export const coolDownMs = (failures: number): number => Math.min(5_000 * 2 ** Math.max(0, failures - 1), 900_000);

/** A paused grant is asked again after this. */
export const PAUSE_MS = 3_600_000;

/** An access token to send with a request, and which of the grant's tokens it is. */
export interface AccessToken {
  readonly token: string;
  readonly epoch: number;
  readonly expiresAt: Date;
}

/** A token, or what its absence means for the request that needs it. */
export type TokenAnswer = AccessToken | { readonly refused: ProviderFailure };

export const isRefused = (answer: TokenAnswer): answer is { readonly refused: ProviderFailure } => 'refused' in answer;
