import { eventually } from '../../demo/eventually.ts';
import type { Company } from './company.js';
import { furnish, type House, QUEUES } from './house.js';

/** Work of a worker that is gone goes on within this (ENGINE E2). */
const RESUMED_WITHIN_MS = 6_000;

/** For how long the books are at the write that nobody waits for any more. */
const LATENCY_MS = 15_000;

interface Applied {
  /** Of the step that writes: each attempt has a new one. */
  readonly epoch: number;
  readonly startedAt: Date;
}

interface Written {
  readonly state: string;
  readonly attempts: number;
  readonly answeredAt: Date | null;
}

describe.each(QUEUES)('Workers, with the queue in %s', (_name, redisUrl) => {
  const house = furnish({ redisUrl, workers: 0 });

  const opened = async (name: string): Promise<Company> => {
    await house.startWorker();
    const company = await house.company(name);
    await company.welcome();
    await company.idle();
    return company;
  };

  afterEach(async () => {
    await house.portal.control('DELETE', '/faults');
    await house.killWorkers();
  });

  it.each([
    ['before the books have carried it out', 'before'],
    ['after the books have carried it out', 'after'],
  ] as const)(
    'one that is killed in mid-write, %s, is followed by another within six seconds, and one invoice is made',
    async (says, when) =>
      house.told(async () => {
        const company = await opened(`Killed ${when}`);
        const [first] = house.workers;
        const latency = { match: { operation: 'create' }, fault: 'latency', ms: LATENCY_MS, when, times: 1 } as const;
        const hits = await company.disturb(latency);
        await company.shop.push('invoice', 'order-1', company.order('order-1'));
        await eventually('the create to be under way', async () => (await hits()) || undefined, 20);
        const struck = performance.now();
        await house.startWorker();
        if (when === 'after') {
          await eventually(
            'the create to be carried out',
            async () => (await company.invoices()).length === 1 || undefined,
          );
        }
        const before = await applied(house, company);
        const killedAt = new Date();
        await first!.kill();

        const resumed = await eventually('another attempt at the write', async () => {
          const attempt = await applied(house, company);
          return attempt.epoch > before.epoch ? attempt : undefined;
        });
        const written = await eventually('the write to be confirmed', async () => {
          const write = await writeOf(house, company);
          return write.state === 'confirmed' ? write : undefined;
        });
        const [toResume, toConfirm] = [resumed.startedAt, written.answeredAt!].map(
          (at) => (at.getTime() - killedAt.getTime()) / 1000,
        );
        process.stdout.write(
          `killed ${says}: the step began again after ${toResume} s, the write was confirmed after ${toConfirm} s\n`,
        );
        expect(toResume! * 1000).toBeLessThan(RESUMED_WITHIN_MS);
        await eventually(
          'the first call to come to its end',
          async () => performance.now() - struck > LATENCY_MS + 500 || undefined,
        );
        await company.agrees();
        expect(await company.invoices()).toHaveLength(1);
      })(),
    100_000,
  );

  it(
    'one that is asked to end in mid-write finishes it, ends with 0, and its work is settled by the next',
    house.told(async () => {
      const company = await opened('Drained');
      const [first] = house.workers;
      const hits = await company.disturb({ match: { operation: 'create' }, fault: 'latency', ms: 3_000, times: 1 });
      await company.shop.push('invoice', 'order-1', company.order('order-1'));
      await eventually('the create to be under way', async () => (await hits()) || undefined, 20);
      expect(await first!.stop()).toEqual({ code: 0, signal: null });
      expect(await writeOf(house, company)).toMatchObject({ state: 'confirmed', attempts: 1 });
      expect(await company.invoices()).toHaveLength(1);
      await house.startWorker();
      await company.agrees();
      expect(await company.invoices()).toHaveLength(1);
    }),
    100_000,
  );
});

/** The newest attempt at the step that writes to the books. */
const applied = async (house: House, { shop }: Company): Promise<Applied> => {
  const [attempt] = await house.rows<{ epoch: number; started_at: Date }>(
    `select s.epoch, s.started_at from walk_step s join walk w on w.id = s.walk_id
      where w.connection_id = $1 and w.kind = 'invoice' and s.step = 'apply' order by s.started_at desc limit 1`,
    [shop.connection],
  );
  return { epoch: attempt!.epoch, startedAt: attempt!.started_at };
};

/** What has become of the one write of an invoice. */
const writeOf = async (house: House, { shop }: Company): Promise<Written> => {
  const [intent, ...others] = await house.rows<{ state: string; attempts: number; answered_at: Date | null }>(
    `select i.state, c.attempts, i.answered_at from intent i join call c on c.id = i.call_id
      where i.connection_id = $1 and i.kind = 'invoice'`,
    [shop.connection],
  );
  expect(others).toEqual([]);
  return { state: intent!.state, attempts: intent!.attempts, answeredAt: intent!.answered_at };
};
