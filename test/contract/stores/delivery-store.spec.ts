import type { StoredDelivery } from '../../../src/modules/sync/index.js';
import type { DispatchTx } from '../../../src/platform/database/index.js';
import { giveUp } from './harness.js';
import { standing, waiting } from './interleaving.js';
import { PostgresForm, type PostgresHarness } from './postgres-harness.js';

const SECOND = 1_000;

let form: PostgresForm;
let h: PostgresHarness;
beforeAll(async () => {
  form = await PostgresForm.start();
});
afterAll(() => form.stop());
beforeEach(async () => {
  h = await form.open();
});

const dispatching = <T>(work: (tx: DispatchTx) => Promise<T>): Promise<T> => h.transactions.dispatching(work);
const delivery = (body: string, receivedAt: Date): StoredDelivery => ({
  ...{ id: h.newId(), provider: 'quickbooks', receivedAt, body: Buffer.from(body) },
  headers: { 'intuit-signature': 'abc=', 'content-type': 'application/json' },
});
/** Deliveries of so many seconds in order, stored. */
const stored = async (many: number): Promise<StoredDelivery[]> => {
  const start = Date.parse('2026-03-02T09:00:00Z');
  const deliveries = Array.from({ length: many }, (_, at) => delivery(`body ${at}`, new Date(start + at * SECOND)));
  await dispatching((tx) => h.deliveries.add(tx, deliveries.toReversed()));
  return deliveries;
};
const claim = (most = 10): Promise<StoredDelivery[]> => dispatching((tx) => h.deliveries.claim(tx, most));
const idsOf = (deliveries: readonly StoredDelivery[]): string[] => deliveries.map(({ id }) => id);
const unpack = (id: string): Promise<void> =>
  dispatching((tx) => h.deliveries.unpacked(tx, [{ id, notices: 2, orphans: 1, unreadable: undefined }]));
const unheard = async (events: readonly string[], connection = h.connection, of = h.tenant): Promise<string[]> =>
  [...(await h.transactions.inTenant(of, (tx) => h.deliveries.unheard(tx, connection, h.newId(), events)))].sort();

describe('a delivery', () => {
  test('is kept as it came, byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 123, 0xc3, 0x28]);
    const one: StoredDelivery = { ...delivery('', new Date('2026-03-02T09:00:00.123Z')), body: bytes };
    await dispatching((tx) => h.deliveries.add(tx, [one]));
    const [found] = await claim();
    expect({ ...found, body: Buffer.from(found!.body) }).toEqual(one);
  });

  test('is claimed before those that came later, and no more of them than asked for', async () => {
    const [first, second, third] = await stored(3);
    expect(idsOf(await claim(2))).toEqual([first!.id, second!.id]);
    expect(idsOf(await claim(2))).toEqual([third!.id]);
  });

  test('is claimed by one at a time, for half a minute', async () => {
    const [one] = await stored(1);
    expect(idsOf(await claim())).toEqual([one!.id]);
    await h.pass(29 * SECOND);
    expect(await claim()).toEqual([]);
    await h.pass(2 * SECOND);
    expect(idsOf(await claim())).toEqual([one!.id]);
  });

  test('that several claim at once is one’s alone', async () => {
    const all = await stored(40);
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim(5)))).flat();
    expect(idsOf(claimed).sort()).toEqual(idsOf(all).sort());
  });

  test('that was unpacked is never claimed again, and says what was in it', async () => {
    const [one, other] = await stored(2);
    await claim();
    await unpack(one!.id);
    await h.pass(60 * SECOND);
    expect(idsOf(await claim())).toEqual([other!.id]);
    expect(
      await form.fresh.asOwner('select notices, orphans, unreadable from delivery where id = $1', [one!.id]),
    ).toEqual([{ notices: 2, orphans: 1, unreadable: null }]);
  });

  test('that nobody could read is kept with the reason', async () => {
    const [one] = await stored(1);
    const unreadable = 'not JSON';
    await dispatching((tx) => h.deliveries.unpacked(tx, [{ id: one!.id, notices: 0, orphans: 0, unreadable }]));
    expect(await claim()).toEqual([]);
    expect(await form.fresh.asOwner('select unreadable from delivery')).toEqual([{ unreadable }]);
  });

  test('is not there if there is none', async () => {
    await dispatching(async (tx) => {
      await h.deliveries.add(tx, []);
      await h.deliveries.unpacked(tx, []);
      expect(await h.deliveries.claim(tx, 10)).toEqual([]);
    });
  });

  test('is stored wholly or not at all', async () => {
    const one = delivery('x', new Date());
    await expect(
      dispatching(async (tx) => {
        await h.deliveries.add(tx, [one]);
        await h.deliveries.count(tx, 'quickbooks', 'accepted', 1);
        throw new Error('given up');
      }),
    ).rejects.toThrow('given up');
    expect(await claim()).toEqual([]);
    expect(await dispatching((tx) => h.deliveries.counts(tx))).toEqual([]);
  });
});

describe('what is only counted', () => {
  test('adds up, for each provider and each thing, with the last time', async () => {
    const count = (provider: string, what: 'forged' | 'accepted', times: number): Promise<Date> =>
      dispatching(async (tx) => {
        await h.deliveries.count(tx, provider, what, times);
        return tx.now;
      });
    const forged = await count('quickbooks', 'forged', 1);
    await count('quickbooks', 'accepted', 2);
    await h.pass(SECOND);
    const accepted = await count('quickbooks', 'accepted', 3);
    const elsewhere = await count('xero', 'forged', 1);
    const counts = await dispatching((tx) => h.deliveries.counts(tx));
    expect(counts).toHaveLength(3);
    expect(counts).toEqual(
      expect.arrayContaining([
        { provider: 'quickbooks', what: 'forged', count: 1, lastAt: forged },
        { provider: 'quickbooks', what: 'accepted', count: 5, lastAt: accepted },
        { provider: 'xero', what: 'forged', count: 1, lastAt: elsewhere },
      ]),
    );
  });

  test('is counted by many at once without losing any', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () => dispatching((tx) => h.deliveries.count(tx, 'quickbooks', 'forged', 1))),
    );
    expect(await dispatching((tx) => h.deliveries.counts(tx))).toMatchObject([{ count: 20 }]);
  });
});

describe('an event of a provider', () => {
  test('is heard once by a connection, however often it is told', async () => {
    expect(await unheard(['e1', 'e2', 'e1'])).toEqual(['e1', 'e2']);
    expect(await unheard(['e2', 'e3'])).toEqual(['e3']);
    expect(await unheard(['e1', 'e2', 'e3'])).toEqual([]);
    expect(await unheard([])).toEqual([]);
  });

  test('is heard by each connection for itself', async () => {
    await unheard(['e1']);
    expect(await unheard(['e1'], await h.addConnection(h.tenant))).toEqual(['e1']);
    const stranger = await h.addTenant();
    expect(await unheard(['e1'], await h.addConnection(stranger), stranger)).toEqual(['e1']);
  });

  test('that was heard in a transaction that is given up was not heard', async () => {
    await giveUp(h, (tx) => h.deliveries.unheard(tx, h.connection, h.newId(), ['e1']));
    expect(await unheard(['e1'])).toEqual(['e1']);
  });

  test('that two hear at once is new to one of them', async () => {
    const first = await standing(h.transactions, h.tenant, (tx) =>
      h.deliveries.unheard(tx, h.connection, h.newId(), ['e1']),
    );
    const second = unheard(['e1', 'e2']);
    await waiting(form.fresh);
    await first.commit();
    expect([[...first.result], await second]).toEqual([['e1'], ['e2']]);
  });
});
