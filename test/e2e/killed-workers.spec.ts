import { eventually } from '../../demo/eventually.ts';
import type { Company } from './company.js';
import { furnish, QUEUES } from './house.js';

/** Work of a worker that is gone goes on within this (ENGINE E2), */
const RESUMED_WITHIN_MS = 6_000;
/** and on a machine that has other tests to run, too, somewhat later. */
const BUSY_MS = 3_000;

/** For how long the books are at the write that nobody waits for any more. */
const LATENCY_MS = 15_000;

interface Attempt {
  /** Each attempt at a step has a new one. */
  readonly epoch: number;
  readonly startedAt: Date;
}

interface Written {
  readonly state: string;
  readonly attempts: number;
  readonly answeredAt: Date | null;
}

describe.each(QUEUES)('Workers, with the queue in %s', (_name, redisUrl) => {
  const house = furnish({ redisUrl });
  let company: Company;

  beforeAll(async () => {
    company = await house.company('Killed workers');
    await company.welcome();
    await company.idle();
  }, 60_000);

  afterEach(() => company.calm());

  /** The newest attempt at the step that writes invoices to the books. */
  const applied = async (): Promise<Attempt> => {
    const [attempt] = await house.rows<{ epoch: number; started_at: Date }>(
      `select s.epoch, s.started_at from walk_step s join walk w on w.id = s.walk_id
        where w.connection_id = $1 and w.kind = 'invoice' and s.step = 'apply' order by s.started_at desc limit 1`,
      [company.shop.connection],
    );
    return { epoch: attempt!.epoch, startedAt: attempt!.started_at };
  };

  /** What has become of the one write of an invoice. */
  const writeOf = async (id: string): Promise<Written> => {
    const [intent, ...others] = await house.rows<{ state: string; attempts: number; answered_at: Date | null }>(
      `select i.state, c.attempts, i.answered_at
         from intent i join call c on c.id = i.call_id join twin t on t.id = i.twin_id
        where i.connection_id = $1 and t.app_id = $2`,
      [company.shop.connection, id],
    );
    expect(others).toEqual([]);
    return { state: intent!.state, attempts: intent!.attempts, answeredAt: intent!.answered_at };
  };

  const isInBooks = async (memo: string): Promise<true | undefined> =>
    (await company.invoices()).some(({ PrivateNote }) => PrivateNote === memo) || undefined;

  it.each([
    ['before the books have carried it out', 'before', 'order-1'],
    ['after the books have carried it out', 'after', 'order-2'],
  ] as const)(
    'one that is killed in mid-write, %s, is followed by another within six seconds, and one invoice is made',
    async (says, when, id) =>
      house.told(async () => {
        const [first] = house.workers.splice(0, 1);
        const latency = { match: { operation: 'create' }, fault: 'latency', ms: LATENCY_MS, when, times: 1 } as const;
        const hits = await company.disturb(latency);
        await company.shop.push('invoice', id, company.order(id));
        await eventually('the create to be under way', async () => (await hits()) || undefined, 20);
        const struck = performance.now();
        await house.startWorker();
        if (when === 'after') await eventually('the create to be carried out', () => isInBooks(id));
        const before = await applied();
        const killedAt = new Date();
        await first!.kill();

        const resumed = await eventually('another attempt at the write', async () => {
          const attempt = await applied();
          return attempt.epoch > before.epoch ? attempt : undefined;
        });
        const written = await eventually('the write to be confirmed', async () => {
          const write = await writeOf(id);
          return write.state === 'confirmed' ? write : undefined;
        });
        const [toResume, toConfirm] = [resumed.startedAt, written.answeredAt!].map(
          (at) => at.getTime() - killedAt.getTime(),
        );
        process.stdout.write(
          `killed ${says}: the step began again after ${toResume} ms, the write was confirmed after ${toConfirm} ms\n`,
        );
        expect(toResume).toBeLessThan(RESUMED_WITHIN_MS + BUSY_MS);
        // The books carry out what nobody waits for any more, and see that they have done so already.
        if (when === 'before') {
          await eventually(
            'the first call to come to its end',
            async () => performance.now() - struck > LATENCY_MS + 500 || undefined,
          );
        }
        await company.agrees();
        expect((await company.invoices()).filter(({ PrivateNote }) => PrivateNote === id)).toHaveLength(1);
      })(),
    100_000,
  );

  it(
    'one that is asked to end in mid-write finishes it, ends with 0, and its work is settled by the next',
    house.told(async () => {
      const [first] = house.workers.splice(0, 1);
      const hits = await company.disturb({ match: { operation: 'create' }, fault: 'latency', ms: 2_000, times: 1 });
      await company.shop.push('invoice', 'order-3', company.order('order-3'));
      await eventually('the create to be under way', async () => (await hits()) || undefined, 20);
      expect(await first!.stop()).toEqual({ code: 0, signal: null });
      expect(await writeOf('order-3')).toMatchObject({ state: 'confirmed', attempts: 1 });
      expect(await isInBooks('order-3')).toBe(true);
      await house.startWorker();
      await company.agrees();
      expect(await company.invoices()).toHaveLength(3);
    }),
    100_000,
  );
});
