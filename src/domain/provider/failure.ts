/**
 * How a provider can fail, told by what to do next. Each provider translates its answers into these in one file; nobody
 * else looks at status codes (ENGINE D, DESIGN "Turns on the street").
 */
export type ProviderFailure =
  /** The provider will refuse this until the data changes: a problem in its own words on the record. */
  | FailureOf<'invalid', { readonly field?: string }>
  /** The natural key is taken over there: goes to review with candidates, never a second record (ENGINE C4). */
  | FailureOf<'duplicate', { readonly candidates: readonly string[] }>
  /** Somebody else changed the record since we looked: look again, compare again. */
  | FailureOf<'stale'>
  /** The record is deleted over there. */
  | FailureOf<'gone'>
  /** Not executed; come back no sooner than in `waitMs`. */
  | FailureOf<'rate_limited', { readonly waitMs: number }>
  /** The access token was not accepted: refresh once, replay once. */
  | FailureOf<'token_refused'>
  /** The consent is gone or reaches no longer this company: the connection needs its person. */
  | FailureOf<'access_revoked'>
  /** The company's subscription lapsed or the provider paused it: come back in `waitMs`, keep the connection. */
  | FailureOf<'suspended', { readonly waitMs: number }>
  /** Nothing was executed and it is not our data's fault: try again later. */
  | FailureOf<'unavailable'>
  /** The request may have been executed; nobody knows (ENGINE D3, D5). */
  | FailureOf<'lost_answer'>
  /** An answer that cannot be read; for a write the outcome is unknown. */
  | FailureOf<'unreadable'>;

interface FailureBase {
  /** The provider's own words, shown to people; holds no token and no record content of ours. */
  readonly message: string;
  /** The provider's own code, such as `6140`. */
  readonly code?: string;
}

type FailureOf<Is extends string, More = unknown> = FailureBase & More & { readonly is: Is };

export type FailureKind = ProviderFailure['is'];

/** Carries a failure through code that has no outcome to put it in, such as a read. */
export class ProviderFailureError extends Error {
  constructor(readonly failure: ProviderFailure) {
    super(`${failure.is}: ${failure.message}`);
    this.name = 'ProviderFailureError';
  }
}
