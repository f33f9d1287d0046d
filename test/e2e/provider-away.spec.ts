import { eventually } from '../../demo/eventually.ts';
import type { Company } from './company.js';
import { furnish } from './house.js';

describe('A provider that', () => {
  const house = furnish();

  afterEach(() => house.portal.control('DELETE', '/faults'));

  const opened = async (name: string): Promise<Company> => {
    const company = await house.company(name);
    await company.welcome();
    await company.invoiced('order-1');
    await company.idle();
    return company;
  };

  it(
    'asks for patience with 429: nothing is asked before the time that it names',
    house.told(async () => {
      const company = await opened('Patience');
      const hits = await company.disturb({ match: { operation: 'create' }, fault: '429', retryAfter: 3, times: 1 });
      const pushed = company.shop.push('invoice', 'order-2', company.order('order-2'));
      await eventually('the refusal', async () => (await hits()) || undefined, 20);
      const refused = performance.now();
      await pushed;
      const { connection } = await eventually('the pause', async () => {
        const found = await company.shop.concord.ask<{ connection: { pausedUntil: string | null } }>(
          'query ($id: ID!) { connection(id: $id) { pausedUntil } }',
          { id: company.shop.connection },
        );
        return found.connection.pausedUntil === null ? undefined : found;
      });
      expect(Date.parse(connection.pausedUntil!)).toBeGreaterThan(Date.now() + 1_000);
      await house.portal.control('DELETE', '/stats');
      await company.shop.booksIdOf('invoice', 'order-2');
      expect(performance.now() - refused).toBeGreaterThan(2_900);
      await company.agrees();
      expect(await company.invoices()).toHaveLength(2);
    }),
    100_000,
  );

  it(
    'never answers, before and after it has carried out a create: after the deadline there is one invoice each',
    house.told(async () => {
      const never = { match: { operation: 'create' }, fault: 'hang', ms: 100_000, times: 1 } as const;
      const [before, after] = [await opened('Silence before'), await opened('Silence after')];
      await before.disturb({ ...never, when: 'before' });
      await after.disturb({ ...never, when: 'after' });
      await Promise.all([before, after].map((company) => company.invoiced('order-2')));
      for (const company of [before, after]) {
        await company.agrees();
        expect(await company.invoices()).toHaveLength(2);
      }
    }),
    100_000,
  );

  it(
    'cannot be reached: what both sides say meanwhile is carried over when it is back',
    house.told(async () => {
      const company = await opened('Away');
      const [first] = await company.invoices();
      await house.line.down();
      await company.shop.push('invoice', 'order-2', company.order('order-2'));
      await company.books.change('Invoice', first!.Id, { PrivateNote: 'said while nobody came through' });
      await eventually(
        'a walk in vain',
        async () =>
          (
            await house.rows('select 1 from work_item where connection_id = $1 and attempts > 0', [
              company.shop.connection,
            ])
          ).length === 2 || undefined,
      );
      expect(await company.invoices()).toHaveLength(1);
      await house.line.up();
      await company.hasMemo('order-1', 'said while nobody came through');
      await company.shop.booksIdOf('invoice', 'order-2');
      await company.agrees();
      expect(await company.invoices()).toHaveLength(2);
    }),
    100_000,
  );

  it(
    'is cut off while it carries out a create: what became of it is found out when it is back',
    house.told(async () => {
      const company = await opened('Cut off');
      const hits = await company.disturb({ match: { operation: 'create' }, fault: 'latency', ms: 800, times: 1 });
      await company.shop.push('invoice', 'order-2', company.order('order-2'));
      await eventually('the create to be under way', async () => (await hits()) || undefined, 20);
      await house.line.down();
      await eventually(
        'the create to be carried out',
        async () => (await company.invoices()).length === 2 || undefined,
      );
      await house.line.up();
      await company.shop.booksIdOf('invoice', 'order-2');
      await company.agrees();
      expect(await company.invoices()).toHaveLength(2);
    }),
    100_000,
  );
});
