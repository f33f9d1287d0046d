import type { Bench } from '../bench.js';
import type { ProviderTrial, Stand } from '../trial.js';
import type { TrialClock } from '../trial-clock.js';

/** What stands while the promises of one provider are tested. */
export interface Grounds {
  readonly clock: TrialClock;
  readonly stand: Stand;
  /** The companies of the trial, connected, in its order. */
  readonly benches: readonly Bench[];
  /** Where one company is enough. */
  readonly first: Bench;
  /** A company with a past. */
  readonly past: Bench;
}

/** Registers tests; what stands is there when they run. */
export type Promises = (trial: ProviderTrial, grounds: () => Grounds) => void;

/** A test for every card, like jest's own `it.each`; none where the provider has nothing of the sort. */
export const forEachOf =
  <Of>(rows: readonly (readonly [title: string, of: Of])[]) =>
  (says: string, test: (title: string, of: Of) => unknown): void => {
    for (const [title, of] of rows) it(says.replace('%s', title), async () => void (await test(title, of)));
  };
