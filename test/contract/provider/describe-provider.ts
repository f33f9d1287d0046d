import { Bench, RUNS, SEED } from './bench.js';
import { abilities } from './promises/abilities.js';
import { changing } from './promises/changing.js';
import { consenting } from './promises/consenting.js';
import { creating } from './promises/creating.js';
import { drafting } from './promises/drafting.js';
import { ending } from './promises/ending.js';
import { failing } from './promises/failing.js';
import { following } from './promises/following.js';
import type { Grounds, Promises } from './promises/grounds.js';
import { lensLaws } from './promises/lens-laws.js';
import { lostAnswers } from './promises/lost-answers.js';
import { namesakes } from './promises/namesakes.js';
import { noticing } from './promises/noticing.js';
import { reading } from './promises/reading.js';
import type { ProviderTrial } from './trial.js';
import { TrialClock } from './trial-clock.js';

const PROMISES: readonly Promises[] = [
  abilities,
  consenting,
  creating,
  changing,
  ending,
  reading,
  following,
  noticing,
  namesakes,
  lostAnswers,
  drafting,
  lensLaws,
  failing,
];

/**
 * Puts a provider on trial: every promise that a provider makes to the rest of the product, tested against its
 * stand-in over HTTP. What the provider does not declare is left out by itself.
 */
export const describeProvider = (trial: ProviderTrial): void => {
  describe(`${trial.definition.title} (CONTRACT_SEED=${SEED} CONTRACT_RUNS=${RUNS})`, () => {
    let grounds: Grounds | undefined;

    beforeAll(async () => {
      const clock = new TrialClock();
      const stand = await trial.start(clock);
      const benches: Bench[] = [];
      for (const company of stand.companies) benches.push(await Bench.open(trial, stand, company, clock));
      const past = await Bench.open(trial, stand, stand.past, clock);
      grounds = { clock, stand, benches, first: benches[0]!, past };
    });
    afterAll(() => grounds?.stand.close());

    for (const promises of PROMISES) promises(trial, () => grounds!);
  });
};
