import type { ProviderFailure } from '../../../domain/provider/index.js';
import { type Intent, isRefusal, type Release } from '../store/index.js';

/** One second, doubled with each attempt in vain, five minutes at most. */
export const backoffMs = (attempts: number): number => Math.min(1_000 * 2 ** Math.min(attempts, 20), 300_000);

/** When to come back after a failure that is not the record's own fault. */
export const releaseAfter = (failure: ProviderFailure, attempts: number): Release => {
  const { message } = failure;
  switch (failure.is) {
    case 'rate_limited':
      return { why: 'rate_limited', waitMs: failure.waitMs, look: true, message };
    case 'suspended':
      return { why: 'suspended', waitMs: failure.waitMs, look: true, message };
    case 'token_refused':
    case 'access_revoked':
      return { why: 'access_revoked', waitMs: 0, look: true, message };
    case 'stale':
    case 'gone':
      // Somebody was faster: look again at once, but not in a tight circle.
      return { why: 'stale', waitMs: attempts < 3 ? 0 : backoffMs(attempts), look: true, message };
    case 'lost_answer':
      return { why: 'lost_answer', waitMs: backoffMs(attempts), look: false, message };
    case 'unavailable':
      return { why: 'unavailable', waitMs: backoffMs(attempts), look: true, message };
    case 'unreadable':
    case 'invalid':
    case 'duplicate':
      return { why: 'unreadable', waitMs: backoffMs(attempts + 4), look: true, message };
  }
};

/** When to ask again what became of a write that is still open. */
export const releaseOfOpen = ({ failure }: Pick<Intent, 'failure'>, attempts: number): Release =>
  releaseAfter(failure && !isRefusal(failure) ? failure : UNANSWERED, attempts);

const UNANSWERED: ProviderFailure = { is: 'lost_answer', message: 'no answer was recorded' };
