import { eventually } from '../demo/eventually.ts';
import type { Company } from './company.ts';
import { pause, percentile, rounded } from './figures.ts';
import type { Measurement, Outcome } from './measurement.ts';
import { Reader } from './reader.ts';
import type { Stage } from './stage.ts';
import { deliveryOf, Endpoint } from './webhooks.ts';

const EDITS = 100;
const AIM_MS = 150;
const LOOK_MS = 5;

/**
 * One edit at a time, with nothing else going on: how much longer it takes until the other side shows it than the
 * provider's own calls took, which are taken from what the walk has noted of them.
 */
export const singleEdit: Measurement = {
  name: 'single-edit',
  says: 'engine overhead over the provider’s own latency for one edit, in both directions',
  run: async (stage) => {
    await stage.concord();
    await stage.quiet();
    const outcome: Outcome = { rows: [], figures: {} };
    await fromBooks(stage, 'warm', 10);
    add(outcome, 'in the books until the feed tells it', 'overheadBooksToApp', await fromBooks(stage, 'alone', EDITS));
    await fromApp(stage, 'warm', 10);
    add(outcome, 'in the app until QuickBooks shows it', 'overheadAppToBooks', await fromApp(stage, 'alone', EDITS));
    return outcome;
  },
};

const add = ({ rows, figures }: Outcome, what: string, key: string, overheads: readonly number[]): void => {
  const [p50, p99] = [percentile(overheads, 0.5), percentile(overheads, 0.99)];
  rows.push({
    what: `Engine overhead of one edit ${what}, over the provider’s own latency`,
    measured: `p50 ${rounded(p50)} ms, p99 ${rounded(p99)} ms`,
    aim: { says: `p50 ≤ ${AIM_MS} ms`, reached: p50 <= AIM_MS },
  });
  figures[`${key}P50Ms`] = rounded(p50, 1);
  figures[`${key}P99Ms`] = rounded(p99, 1);
};

const fromBooks = async (stage: Stage, memo: string, count: number): Promise<number[]> => {
  const { url } = await stage.concordNow();
  const endpoint = new Endpoint(url, 1);
  const readers = new Map<Company, Reader>();
  for (const company of stage.companies) readers.set(company, await Reader.of(company, LOOK_MS));
  const overheads = await overEach(stage, count, async (company, number) => {
    const text = `${memo}, edit ${number}`;
    const events = await company.edit(company.next(1), text);
    await endpoint.deliver(deliveryOf(events));
    return readers.get(company)!.sees(text);
  });
  endpoint.close();
  return overheads;
};

const fromApp = (stage: Stage, memo: string, count: number): Promise<number[]> =>
  overEach(stage, count, async (company, number) => {
    const text = `${memo}, push ${number}`;
    const [invoice] = company.next(1);
    const id = await stage.appIdOf(company, invoice!);
    await company.shop.read('invoice', id);
    await company.shop.push('invoice', id, { memo: text });
    const pushed = performance.now();
    await eventually(
      'the push in QuickBooks',
      async () => {
        const { PrivateNote, SyncToken } = await company.read(invoice!);
        if (PrivateNote !== text) return undefined;
        invoice!.SyncToken = SyncToken;
        return true;
      },
      LOOK_MS,
    );
    return performance.now() - pushed;
  });

/** Carries out edits one after the other; returns each one's time less that of the provider's calls for it. */
const overEach = async (
  stage: Stage,
  count: number,
  edit: (company: Company, number: number) => Promise<number>,
): Promise<number[]> => {
  const overheads: number[] = [];
  for (let number = 0; number < count; number++) {
    const company = stage.companies[number % stage.companies.length]!;
    const began = await stage.now();
    const elapsed = await edit(company, number);
    await stage.quiet();
    overheads.push(elapsed - (await providerMs(stage, company, began)));
    await pause(20);
  }
  return overheads;
};

const providerMs = async (stage: Stage, { shop }: Company, since: Date): Promise<number> => {
  const { rows } = await stage.database.query<{ ms: number }>(
    `select coalesce(sum((call->>'ms')::float8), 0) as ms
       from walk w join walk_step s on s.walk_id = w.id cross join lateral jsonb_array_elements(s.calls) call
      where w.connection_id = $1 and w.started_at >= $2`,
    [shop.connection, since],
  );
  return rows[0]!.ms;
};
