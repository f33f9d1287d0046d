import type { Company } from './company.ts';
import { pause, rounded } from './figures.ts';
import type { Measurement } from './measurement.ts';
import type { Stage } from './stage.ts';

const WRITES = 200;
const EVERY_MS = 250;
const LONE = 6;
const AIM = 0.1;
/** Notices of what is probably our own write are gathered for up to 20 s before one look at all of them. */
const GATHERED_MS = 22_000;

/**
 * What the webhooks about our own writes cost. A busy company gets four pushes a second for fifty seconds; in some others
 * one lone record is written. Every call for an echo is a read, because a push of a known record needs none.
 */
export const echoes: Measurement = {
  name: 'echoes',
  says: 'provider calls per echo of our own writes',
  run: async (stage) => {
    const { url } = await stage.concord();
    await stage.quiet();
    const [busy, ...others] = stage.companies;
    const lone = others.slice(0, LONE);
    await stage.portal.subscribe(`${url.replace('localhost', '127.0.0.1')}/webhooks/quickbooks`);
    try {
      await stage.clearCalls();
      const began = await stage.now();
      for (const company of lone) await push(stage, company, 'a lone write');
      for (let number = 0; number < WRITES; number++) {
        const pushed = push(stage, busy!, `write ${number}`);
        await pause(EVERY_MS);
        await pushed;
      }
      await pause(GATHERED_MS);
      await stage.quiet();
      const reads = await readsOfConcord(stage, began);
      const readsOf = (companies: readonly Company[]): number =>
        companies.reduce((sum, { shop }) => sum + (reads.get(shop.connection) ?? 0), 0);
      const heard = await noticesSince(stage, began);
      if (heard < WRITES + LONE) throw new Error(`${WRITES + LONE} writes, but only ${heard} echoes were heard`);
      const [inBusy, inLone] = [readsOf([busy!]) / WRITES, readsOf(lone) / LONE];
      return {
        rows: [
          {
            what: `Provider calls per echo of our own writes (${WRITES} in a company within ${(WRITES * EVERY_MS) / 1000} s)`,
            measured: `${rounded(inBusy, 3)}; for the echo of a lone write ${rounded(inLone, 2)}`,
            aim: { says: `≤ ${AIM}`, reached: inBusy <= AIM },
          },
        ],
        figures: { callsPerEcho: rounded(inBusy, 4), callsPerLoneEcho: rounded(inLone, 3) },
      };
    } finally {
      await stage.portal.control('POST', '/webhooks', { enabled: false });
    }
  },
};

const push = async (stage: Stage, company: Company, memo: string): Promise<void> => {
  const [invoice] = company.next(1);
  const id = await stage.appIdOf(company, invoice!);
  await company.shop.read('invoice', id);
  await company.shop.push('invoice', id, { memo });
};

/** By connection: requests that Concord noted in the step that looks at the books. */
const readsOfConcord = async (stage: Stage, since: Date): Promise<Map<string, number>> => {
  const { rows } = await stage.database.query<{ connection: string; reads: number }>(
    `select w.connection_id as connection, sum(jsonb_array_length(s.calls))::int as reads
       from walk w join walk_step s on s.walk_id = w.id
      where s.step = 'observe_books' and w.started_at >= $1 group by 1`,
    [since],
  );
  return new Map(rows.map(({ connection, reads }) => [connection, reads]));
};

const noticesSince = async (stage: Stage, since: Date): Promise<number> => {
  const { rows } = await stage.database.query<{ notices: number }>(
    'select coalesce(sum(notices), 0)::int as notices from delivery where received_at >= $1',
    [since],
  );
  return rows[0]!.notices;
};
