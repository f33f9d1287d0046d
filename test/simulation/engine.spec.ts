import { runHistory } from './run.js';

/** SIM_SEED replays one history; SIM_RUNS sets how many are run from SIM_FROM on. */
const from = Number(process.env.SIM_SEED ?? process.env.SIM_FROM ?? 1);
const runs = process.env.SIM_SEED === undefined ? Number(process.env.SIM_RUNS ?? 1000) : 1;

test(`${runs} seeded histories end in agreement or in an open conflict, and lose, double and overwrite nothing`, async () => {
  const failed: string[] = [];
  for (let seed = from; seed < from + runs; seed++) {
    const { complaints } = await runHistory(seed);
    if (complaints.length > 0) failed.push(`SIM_SEED=${seed}\n  ${complaints.join('\n  ')}`);
    if (failed.length >= 5) break;
  }
  expect(failed.join('\n')).toBe('');
}, 900_000);

test('a seed always tells the same story', async () => {
  for (let seed = from; seed < from + Math.min(runs, 50); seed++) {
    const [one, other] = [await runHistory(seed), await runHistory(seed)];
    expect({ seed, digest: other.digest }).toEqual({ seed, digest: one.digest });
  }
}, 900_000);
