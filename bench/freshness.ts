import { pause, percentile, randomOf, rounded } from './figures.ts';
import type { Measurement, Outcome } from './measurement.ts';
import { Reader } from './reader.ts';
import type { Stage } from './stage.ts';
import { deliveryOf, Endpoint } from './webhooks.ts';

const EDITS = 220;
const EVERY_MS = 250;
const AMONG = 8;
const CALLS_AIM = 2;

/**
 * From the moment a webhook is accepted until a reader of the feed sees the edit, with edits at random moments in several
 * companies, four a second; and how many calls to the provider an edit takes.
 */
export const freshness: Measurement = {
  name: 'freshness',
  says: 'notice to reflected with provider latency 0 and 200 ms; provider calls per change',
  run: async (stage) => {
    const outcome: Outcome = { rows: [], figures: {} };
    await stage.concord();
    await stage.quiet();
    await edits(stage, 10, 'warm');
    for (const latency of [0, 200]) {
      await stage.latency(latency);
      await stage.clearCalls();
      const times = await edits(stage, EDITS, `latency ${latency}`);
      const calls = [...(await stage.callsOfConcord()).values()].reduce((sum, one) => sum + one, 0) / EDITS;
      await stage.latency(0);
      const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
      outcome.rows.push({
        what: `Notice to reflected, provider latency ${latency} ms (${EDITS} edits)`,
        measured: `p50 ${rounded(p50)} ms, p99 ${rounded(p99)} ms`,
      });
      outcome.figures[`noticeToReflected${latency}P50Ms`] = rounded(p50, 1);
      outcome.figures[`noticeToReflected${latency}P99Ms`] = rounded(p99, 1);
      if (latency > 0) continue;
      outcome.rows.push({
        what: 'Provider calls per change told by a webhook',
        measured: String(rounded(calls, 2)),
        aim: { says: `≤ ${CALLS_AIM}`, reached: calls <= CALLS_AIM },
      });
      outcome.figures.callsPerChange = rounded(calls, 3);
    }
    return outcome;
  },
};

const edits = async (stage: Stage, count: number, memo: string): Promise<number[]> => {
  const random = randomOf(1);
  const { url } = await stage.concordNow();
  const endpoint = new Endpoint(url, AMONG);
  const among = stage.companies.slice(0, AMONG);
  const readers = await Promise.all(among.map((company) => Reader.of(company)));
  const seen: Promise<number>[] = [];
  for (let number = 0; number < count; number++) {
    const place = number % AMONG;
    const text = `${memo}, edit ${number}`;
    const events = await among[place]!.edit(among[place]!.next(1), text);
    await endpoint.deliver(deliveryOf(events));
    seen.push(readers[place]!.sees(text));
    // Arrivals that know nothing of each other.
    await pause(-Math.log(1 - random()) * EVERY_MS);
  }
  const times = await Promise.all(seen);
  endpoint.close();
  return times;
};
