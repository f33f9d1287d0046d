import { runHistory } from './run.js';

/** SIM_SEED replays one history; SIM_RUNS sets how many are run from SIM_FROM on. */
const from = Number(process.env.SIM_SEED ?? process.env.SIM_FROM ?? 1);
const runs = process.env.SIM_SEED === undefined ? Number(process.env.SIM_RUNS ?? 400) : 1;

/**
 * Payments that the provider does not change are deleted and made anew, while answers are lost, workers die, the provider
 * refuses and the accountant edits in between.
 */
test(`${runs} seeded histories of replacements double no payment, and take none of our deletions for the accountant’s`, async () => {
  const failed: string[] = [];
  const met = { goneOnWith: 0, madeAgain: 0 };
  for (let seed = from; seed < from + runs; seed++) {
    const { complaints, world } = await runHistory(seed, { replacements: true });
    if (complaints.length > 0) failed.push(`SIM_SEED=${seed}\n  ${complaints.join('\n  ')}`);
    if (failed.length >= 5) break;
    const replaced = world.writes.all().filter(({ write, done }) => write.operation === 'replace' && done.length > 0);
    met.goneOnWith += replaced.filter(({ looks }) => looks > 0).length;
    met.madeAgain += replaced.filter(({ state, answer }) => state === 'refused' && answer !== undefined).length;
  }
  expect(failed.join('\n')).toBe('');
  // The histories are of use only as long as they come through these turns.
  if (runs >= 400) expect(Math.min(met.goneOnWith, met.madeAgain)).toBeGreaterThan(20);
}, 900_000);
