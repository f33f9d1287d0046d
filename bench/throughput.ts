import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { median, rounded } from './figures.ts';
import type { Measurement, Outcome, Row } from './measurement.ts';
import type { Backend, Stage } from './stage.ts';

const AIM = 0.5;
const CONCURRENCY = 8;
const EMPTY_FLOWS = { postgres: 250, redis: 1_500 };

/** How many invoices of each company are edited for a run, by how many a walk takes. */
const RUNS = [
  { batch: 1, invoices: 20 },
  { batch: 50, invoices: 100 },
] as const;

const REASONS: Record<number, string> = {
  1: 'A walk of one record is about thirty statements in eight transactions and one HTTP call, an empty flow is BullMQ’s own statements alone.',
  50: 'A walk of fifty records compares, stores and numbers fifty records; an empty flow handles none.',
};

/** Walks per second through the whole street, beside empty flows of the same shape on the same server in the same run. */
export const throughput: Measurement = {
  name: 'throughput',
  says: 'walks per second as a ratio to empty BullMQ flows, on PostgreSQL and on Redis',
  run: async (stage) => {
    const outcome: Outcome = { rows: [], figures: {} };
    for (const backend of ['postgres', 'redis'] as const) {
      const url = backend === 'postgres' ? stage.postgresUrl : stage.redisUrl;
      if (url === undefined) {
        outcome.rows.push({
          what: 'Walks per second on Redis',
          measured: 'left out: no redis-server is installed here',
        });
        continue;
      }
      for (const { batch, invoices } of RUNS) {
        await stage.concord({
          CONCORD_BATCH: String(batch),
          CONCORD_CONCURRENCY: String(CONCURRENCY),
          ...(backend === 'redis' && { REDIS_URL: url }),
        });
        const emptyBefore = await emptyFlows(url, EMPTY_FLOWS[backend]);
        await walks(stage, invoices / 5, `warm ${backend} ${batch}`);
        const runs = [
          await walks(stage, invoices, `first ${backend} ${batch}`),
          await walks(stage, invoices, `second ${backend} ${batch}`),
        ];
        const empty = (emptyBefore + (await emptyFlows(url, EMPTY_FLOWS[backend]))) / 2;
        const perSecond = median(runs.map(({ perSecond }) => perSecond));
        add(outcome, backend, batch, perSecond, median(runs.map(({ records }) => records)), empty);
      }
    }
    return outcome;
  },
};

const add = (
  { rows, figures }: Outcome,
  backend: Backend,
  batch: number,
  perSecond: number,
  records: number,
  empty: number,
): void => {
  const name = backend === 'postgres' ? 'PostgreSQL' : 'Redis';
  const ratio = perSecond / empty;
  const row: Row = {
    what: `Walks of ${batch === 1 ? 'one record' : `${batch} records`} per second, queue on ${name}, to empty flows`,
    measured: `${rounded(ratio, 2)} (${rounded(perSecond, 1)} walks, ${rounded(records)} records a second; ${rounded(empty)} empty flows)`,
    aim: { says: `≥ ${AIM}`, reached: ratio >= AIM },
    reason: REASONS[batch]!,
  };
  rows.push(row);
  const key = `${backend}${batch}`;
  figures[`${key}Ratio`] = rounded(ratio, 3);
  figures[`${key}WalksPerSecond`] = rounded(perSecond, 1);
  figures[`${key}RecordsPerSecond`] = rounded(records, 1);
  figures[`${key}EmptyFlowsPerSecond`] = rounded(empty, 1);
};

/** Edits invoices of every company in the books, tells of them all at once, and counts the walks that follow. */
const walks = async (stage: Stage, invoices: number, memo: string): Promise<{ perSecond: number; records: number }> => {
  const events = await Promise.all(stage.companies.map((company) => company.edit(company.next(invoices), memo)));
  const began = await stage.now();
  await stage.tell(events.flat());
  await stage.quiet();
  const { rows } = await stage.database.query<{ walks: number; records: number; seconds: number }>(
    `select count(*)::int as walks, sum(items)::int as records,
            extract(epoch from max(ended_at) - min(started_at))::float8 as seconds
       from walk where kind = 'invoice' and ending = 'done' and started_at >= $1`,
    [began],
  );
  const { walks: count, records, seconds } = rows[0]!;
  if (records < events.flat().length) throw new Error(`${events.flat().length} edits, but only ${records} were walked`);
  return { perSecond: count / seconds, records: records / seconds };
};

const emptyFlows = async (url: string, flows: number): Promise<number> => {
  const program = path.join(import.meta.dirname, 'empty-flows.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--disable-warning=ExperimentalWarning', program],
    ...[url, String(flows), String(CONCURRENCY)],
  ]);
  return (JSON.parse(stdout) as { perSecond: number }).perSecond;
};
