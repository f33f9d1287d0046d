import { eventually } from '../../demo/eventually.ts';
import type { Company } from './company.js';
import { furnish } from './house.js';

interface Figures {
  readonly forged: number;
  readonly unreadable: number;
  readonly orphan: number;
}

describe('Webhooks', () => {
  const house = furnish();
  let company: Company;

  beforeAll(async () => {
    company = await house.company('Notices');
    await company.welcome();
  }, 60_000);

  afterEach(async () => {
    await house.portal.control('POST', '/webhooks', { duplicate: 0, dropProbability: 0, delayMs: 0, reorder: false });
  });

  const figures = async (): Promise<Figures> => {
    const { health } = await house.admin.ask<{
      health: { platform: { deliveries: { what: keyof Figures; count: number }[] } };
    }>('{ health { platform { deliveries { what count } } } }');
    const counted = new Map(health.platform.deliveries.map(({ what, count }) => [what, count]));
    const count = (what: keyof Figures): number => counted.get(what) ?? 0;
    return { forged: count('forged'), unreadable: count('unreadable'), orphan: count('orphan') };
  };

  const stored = async (): Promise<{ unreadable: string | null; body: string }[]> =>
    house.rows(`select unreadable, convert_from(body, 'UTF8') as body from delivery order by received_at`);

  const send = async (body: string): Promise<number> =>
    (await house.portal.control<{ status: number }>('POST', '/webhooks/send', { body })).status;

  const noticeOf = (realm: string, id: string): object => ({
    realmId: realm,
    dataChangeEvent: {
      entities: [{ name: 'Invoice', id, operation: 'Update', lastUpdated: new Date().toISOString() }],
    },
  });

  it(
    'a forged one is refused with 401, and nothing of it is kept but a count',
    house.told(async () => {
      const entry = await company.invoiced('order-forged');
      await company.idle();
      const [before, deliveries] = [await figures(), await stored()];
      const forgery = { realm: company.realm, entity: 'Invoice', id: entry.Id, operation: 'Update' };
      expect(await house.portal.control('POST', '/webhooks/forge', forgery)).toEqual({ status: 401 });
      expect(await figures()).toEqual({ ...before, forged: before.forged + 1 });
      expect(await stored()).toEqual(deliveries);
      await company.agrees();
    }),
    100_000,
  );

  it(
    'one that is signed and in no known form is acknowledged, stored whole and counted',
    house.told(async () => {
      const before = await figures();
      expect(await send('{"hello":"world"}')).toBe(200);
      await eventually('it to be counted', async () => (await figures()).unreadable > before.unreadable || undefined);
      const last = (await stored()).at(-1)!;
      expect(last.body).toBe('{"hello":"world"}');
      expect(last.unreadable).toMatch(/known formats/);
    }),
    100_000,
  );

  it(
    'one of which a part cannot be read is a problem of the company that it names, and the rest of it counts',
    house.told(async () => {
      const entry = await company.invoiced('order-partly');
      await company.idle();
      await house.portal.control('POST', '/webhooks', { dropProbability: 1 });
      await company.books.change('Invoice', entry.Id, { PrivateNote: 'told by half a delivery' });
      const broken = { realmId: company.realm, dataChangeEvent: 'of no form' };
      expect(await send(JSON.stringify({ eventNotifications: [noticeOf(company.realm, entry.Id), broken] }))).toBe(200);
      await company.hasMemo('order-partly', 'told by half a delivery');
      const problems = await eventually('the problem', async () => {
        const found = await company.shop.concord.all<{ code: string; message: string }>('problems', '', 'code message');
        return found.length > 0 ? found : undefined;
      });
      expect(problems).toEqual([{ code: 'unreadable_delivery', message: '1 of 2 events cannot be read' }]);
      await company.idle();
      await company.isWhole();
    }),
    100_000,
  );

  it(
    'one about a company that nobody has connected is acknowledged and counted as an orphan',
    house.told(async () => {
      const before = await figures();
      expect(await send(JSON.stringify({ eventNotifications: [noticeOf('9341450000099999', '1')] }))).toBe(200);
      await eventually('it to be counted', async () => (await figures()).orphan > before.orphan || undefined);
      expect(await figures()).toEqual({ ...before, orphan: before.orphan + 1 });
    }),
    100_000,
  );

  it(
    'one that comes four times is one change',
    house.told(async () => {
      const entry = await company.invoiced('order-often');
      await company.idle();
      await house.portal.control('POST', '/webhooks', { duplicate: 3 });
      await company.books.change('Invoice', entry.Id, { PrivateNote: 'said once' });
      await company.hasMemo('order-often', 'said once');
      await house.portal.control('POST', '/webhooks/flush');
      await company.idle();
      const events = await company.shop.concord.all<{ type: string }>(
        'recordHistory',
        'kind: invoice, id: "order-often"',
        'type',
      );
      expect(events.filter(({ type }) => type === 'app_written')).toHaveLength(1);
      await company.isWhole();
    }),
    100_000,
  );

  it(
    'those that come late and in no order lead to what the books say last',
    house.told(async () => {
      const ids = ['order-late-1', 'order-late-2', 'order-late-3'];
      const entries = [];
      for (const id of ids) entries.push(await company.invoiced(id));
      await company.idle();
      await house.portal.control('POST', '/webhooks', { delayMs: 1_500, reorder: true, duplicate: 1 });
      for (const words of ['first', 'second', 'last']) {
        for (const { Id } of entries) await company.books.change('Invoice', Id, { PrivateNote: `${words} words` });
      }
      for (const id of ids) await company.hasMemo(id, 'last words');
      await house.portal.control('POST', '/webhooks/flush');
      for (const id of ids) await company.hasMemo(id, 'last words');
      await company.idle();
      await company.isWhole();
    }),
    100_000,
  );

  it(
    'those that never come are made good by the next poll',
    house.told(async () => {
      const entry = await company.invoiced('order-dropped');
      await company.idle();
      await house.portal.control('POST', '/webhooks', { dropProbability: 1 });
      await company.books.change('Invoice', entry.Id, { PrivateNote: 'nobody was told' });
      const born = await company.books.create('Invoice', {
        CustomerRef: entry.CustomerRef,
        PrivateNote: 'born unheard',
        Line: [
          {
            DetailType: 'SalesItemLineDetail',
            Amount: 75,
            SalesItemLineDetail: {
              ItemRef: { value: (await company.shop.read('item', 'hours')).books[0]!.id },
              Qty: 1,
            },
          },
        ],
      });
      await house.poll(company.shop.connection);
      await company.hasMemo('order-dropped', 'nobody was told');
      await eventually('the invoice that nobody was told of', async () =>
        (await company.shop.concord.all<{ content: { memo?: string } }>('records', '', 'content')).find(
          ({ content }) => content.memo === 'born unheard',
        ),
      );
      const events = await company.shop.concord.all<{ type: string; cause: { by: string } }>(
        'recordHistory',
        'kind: invoice, id: "order-dropped"',
        'type cause { by }',
      );
      expect(events.find(({ type }) => type === 'app_written')?.cause.by).toBe('books');
      await company.idle();
      expect((await company.invoices()).map(({ Id }) => Id)).toContain(born.Id);
      await company.isWhole();
    }),
    100_000,
  );
});
