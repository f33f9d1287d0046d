import { eventually } from '../../demo/eventually.ts';
import { furnish, QUEUES } from './house.js';

describe('A database that is restarted', () => {
  const house = furnish({ ownPostgres: true });

  it(
    'in mid-write ends no program: the write is found, what was said meanwhile arrives, and work goes on',
    house.told(async () => {
      const company = await house.company('Restart');
      await company.welcome();
      const { Id } = await company.invoiced('order-1');
      await company.idle();

      const hits = await company.disturb({ match: { operation: 'create' }, fault: 'latency', ms: 1_000, times: 1 });
      await company.shop.push('invoice', 'order-2', company.order('order-2'));
      await eventually('the create to be under way', async () => (await hits()) || undefined, 20);
      await house.stopDatabase();
      await eventually(
        'the create to be carried out',
        async () => (await company.invoices()).length === 2 || undefined,
      );
      await company.books.change('Invoice', Id, { PrivateNote: 'said while nobody could write it down' });
      await eventually('a delivery that is not acknowledged', async () => {
        const { failed } = await house.portal.control<{ failed: number }>('POST', '/webhooks/flush');
        return failed > 0 || undefined;
      });
      expect((await fetch(`${house.admin.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${house.admin.url}/readyz`)).status).toBe(503);
      await expect(company.shop.push('invoice', 'order-3', company.order('order-3'))).rejects.toThrow();

      await house.startDatabase();
      await eventually('the API to be ready', async () => (await fetch(`${house.admin.url}/readyz`)).ok || undefined);
      await company.shop.booksIdOf('invoice', 'order-2');
      await eventually('the delivery to be acknowledged', async () => {
        const { waiting } = await house.portal.control<{ waiting: number }>('POST', '/webhooks/flush');
        return waiting === 0 || undefined;
      });
      await company.hasMemo('order-1', 'said while nobody could write it down');
      await company.invoiced('order-3');
      await company.agrees();
      expect(await company.invoices()).toHaveLength(3);
      expect([house.api, ...house.workers].map(({ ended }) => ended)).toEqual([false, false]);
    }),
    120_000,
  );
});

describe.each(QUEUES)('A queue in %s that is emptied', (_name, redisUrl) => {
  const house = furnish({ redisUrl });

  it(
    'while work is due and under way is built anew: everything arrives once',
    house.told(async () => {
      const company = await house.company('Emptied');
      await company.welcome();
      await company.idle();
      const hits = await company.disturb({ match: { operation: 'create' }, fault: 'latency', ms: 1_000 });
      const ids = Array.from({ length: 12 }, (_, index) => `order-${index + 1}`);
      for (const id of ids) await company.shop.push('invoice', id, company.order(id));
      await eventually('a create to be under way', async () => (await hits()) || undefined, 20);
      const open = await house.rows<{ id: string }>('select id from walk where open');
      expect(open.length).toBeGreaterThan(0);
      await house.emptyQueue();
      await company.calm();
      // The leases of the walks that the queue has forgotten run out.
      await house.pass(31_000);
      for (const id of ids) await company.shop.booksIdOf('invoice', id);
      await company.agrees();
      expect(await company.invoices()).toHaveLength(ids.length);
      const dropped = await house.rows(`select 1 from walk where ending = 'dropped'`);
      expect(dropped.length).toBeGreaterThan(0);
      expect([house.api, ...house.workers].map(({ ended }) => ended)).toEqual([false, false]);
    }),
    120_000,
  );
});
