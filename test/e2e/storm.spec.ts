import { eventually } from '../../demo/eventually.ts';
import type { Entry } from '../../demo/quickbooks.ts';
import { furnish, QUEUES } from './house.js';

const ORDERS = 12;
const ROUNDS = 3;
/** What is rolled follows from it; what the machine does meanwhile does not. */
const SEED = Number(process.env.E2E_SEED ?? Date.now() % 1_000_000);

/** The same numbers for the same seed. */
const dice = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

describe.each(QUEUES)('Everything at once, with the queue in %s', (name, redisUrl) => {
  const house = furnish({ redisUrl, workers: 2 });

  it(
    'answers are lost, workers are killed, webhooks are dropped and doubled, both sides edit: all is there once',
    house.told(async () => {
      process.stdout.write(`E2E_SEED=${SEED}\n`);
      const roll = dice(SEED + name.length);
      const company = await house.company('Storm');
      await company.welcome();
      await house.portal.control('POST', '/webhooks', { duplicate: 1, dropProbability: 0.2, reorder: true });
      const hits = await company.disturb(
        { match: { method: 'POST' }, fault: 'cut', when: 'after', probability: 0.2, times: 8 },
        { match: { method: 'POST' }, fault: '500', probability: 0.1, times: 8 },
        { match: { method: 'GET' }, fault: '503', probability: 0.1, times: 8 },
        { fault: 'latency', ms: 200, probability: 0.3 },
      );
      const ids = Array.from({ length: ORDERS }, (_, index) => `order-${index + 1}`);
      const said = new Map<string, string>();
      const due = new Map<string, string>();
      for (let round = 0; round < ROUNDS; round++) {
        const victim = house.workers.splice(roll(house.workers.length), 1)[0]!;
        const killed = new Promise((resolve) => setTimeout(resolve, 200 + roll(1_500))).then(() => victim.kill());
        for (const id of ids) {
          const memo = `${id}, round ${round}`;
          if (round === 0) {
            await company.shop.push('invoice', id, {
              ...company.order(memo, String(1 + roll(9))),
              dueDate: '2031-12-31',
            });
            said.set(id, memo);
            continue;
          }
          const { content, books } = await company.shop.read('invoice', id);
          const there: Entry | undefined = (await company.invoices()).find(({ Id }) => Id === books[0]?.id);
          if (roll(2) === 0 || !there) {
            await company.shop.push('invoice', id, { ...content, memo });
            said.set(id, memo);
          } else {
            // Another field group than the memo's: nobody is to be asked.
            const DueDate = `2031-0${1 + round}-${10 + roll(18)}`;
            await retried(() => company.books.change('Invoice', there.Id, { DueDate }));
            due.set(id, DueDate);
          }
        }
        await killed;
        await house.startWorker();
      }
      expect(await hits()).toBeGreaterThan(ORDERS);
      await company.calm();
      await house.portal.control('POST', '/webhooks/flush');
      await house.portal.control('POST', '/webhooks', { duplicate: 0, dropProbability: 0, reorder: false });
      await house.poll(company.shop.connection);
      for (const [id, memo] of said) {
        await eventually(`the memo of ${id} in the books`, async () => {
          await house.hurry(company.shop.connection);
          return (await company.invoices()).some(({ PrivateNote }) => PrivateNote === memo) || undefined;
        });
      }
      await company.agrees();
      for (const [id, date] of due) expect((await company.shop.read('invoice', id)).content.dueDate).toBe(date);
      expect(await company.invoices()).toHaveLength(ORDERS);
    }),
    170_000,
  );
});

/** People try again. */
const retried = async (work: () => Promise<unknown>): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt >= 8) throw error;
    }
  }
};
