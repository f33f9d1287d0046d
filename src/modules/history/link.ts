import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/contract/index.js';
import type { HistoryEvent } from './event.js';

/** What the first link follows. */
export const GENESIS = new Uint8Array(32);

/** hₙ = SHA-256(hₙ₋₁ ‖ canonical(event with its number)) (reliability.md 6.5). */
export const linkHash = (previous: Uint8Array, sequence: number, event: HistoryEvent): Uint8Array =>
  new Uint8Array(
    createHash('sha256')
      .update(previous)
      .update(canonicalJson({ ...event, at: event.at.toISOString(), sequence }))
      .digest(),
  );
