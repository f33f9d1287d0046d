import type { KindName } from '../../../src/domain/contract/index.js';
import { EMPTY_PLAN } from '../../../src/domain/planning/index.js';
import type { Cause } from '../../../src/modules/history/index.js';
import {
  type Attempt,
  BATCH,
  type ItemOutcome,
  type ItemPlan,
  LEASE_MS,
  type OpenedWalk,
  PRESENCE_MS,
  type Raise,
  type Release,
  type Step,
  Superseded,
  type WalkItem,
} from '../../../src/modules/sync/index.js';
import type { DispatchTx, Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

const HEARD: Cause = { by: 'webhook', id: 'delivery' };
const SECOND = 1_000;

export const describeWorkStore = (form: string, open: Open): void => {
  describe(`work ${form}`, () => {
    let h: Harness;
    beforeEach(async () => {
      h = await open();
    });

    const within = <T>(work: (tx: Tx) => Promise<T>, of = h.tenant): Promise<T> => h.transactions.inTenant(of, work);
    const dispatching = <T>(work: (tx: DispatchTx) => Promise<T>): Promise<T> => h.transactions.dispatching(work);

    const twins = async (
      refs: readonly string[],
      { connection = h.connection, kind = 'invoice' as KindName, tenant = h.tenant } = {},
    ): Promise<string[]> => {
      const halves = refs.map((ref) => ({ connection, kind, facet: '', side: 'app' as const, ref }));
      return (await within((tx) => h.twins.ensure(tx, halves), tenant)).map(({ id }) => id);
    };
    const twin = async (ref: string, more: { connection?: string; kind?: KindName; tenant?: string } = {}) =>
      (await twins([ref], more))[0]!;
    const raising = (of: string, more: Partial<Raise> = {}): Raise => ({
      twin: of,
      lane: 'routine',
      look: false,
      cause: HEARD,
      ...more,
    });
    const raise = (of: string, more: Partial<Raise> = {}, tenant = h.tenant): Promise<void> =>
      within((tx) => h.work.raise(tx, [raising(of, more)]), tenant);
    /** Raised to be due after a while, counted in seconds from now. */
    const raiseIn = (of: string, seconds: number, more: Partial<Raise> = {}): Promise<void> =>
      within((tx) => {
        const notBefore = new Date(tx.now.getTime() + seconds * SECOND);
        return h.work.raise(tx, [raising(of, { ...more, notBefore })]);
      });
    const openWalks = (room = 10): Promise<OpenedWalk[]> => dispatching((tx) => h.work.open(tx, room, () => h.newId()));
    const openOne = async (): Promise<OpenedWalk> => {
      const walks = await openWalks();
      expect(walks).toHaveLength(1);
      return walks[0]!;
    };
    const items = (walk: string, tenant = h.tenant): Promise<WalkItem[]> =>
      within((tx) => h.work.items(tx, walk), tenant);
    const twinsIn = async (walk: OpenedWalk): Promise<string[]> =>
      (await items(walk.walk, walk.tenant)).map((item) => item.twin);
    const begin = (walk: string, step: Step): Promise<Attempt | undefined> =>
      dispatching((tx) => h.work.begin(tx, walk, step));
    const extend = (attempt: Attempt): Promise<boolean> => dispatching((tx) => h.work.extend(tx, attempt));
    const fence = (attempt: Attempt): Promise<void> => within((tx) => h.work.fence(tx, attempt));
    const sweep = (): Promise<number> => dispatching((tx) => h.work.sweep(tx));
    /** All items of a walk leave it. */
    const close = async (walk: string, ...outcomes: ItemOutcome[]): Promise<void> => {
      const attempt = (await begin(walk, 'settle'))!;
      await within((tx) => h.work.close(tx, attempt, outcomes));
    };
    const settled = (of: string, again?: number, look = false): ItemOutcome => ({
      twin: of,
      leave: 'settled',
      again: again === undefined ? undefined : { inMs: again * SECOND },
      look,
    });
    const released = (of: string, seconds: number, more: Partial<Release> = {}): ItemOutcome => ({
      twin: of,
      leave: 'released',
      release: { why: 'unavailable', waitMs: seconds * SECOND, look: false, ...more },
    });
    const passSeconds = (seconds: number): Promise<void> => h.pass(seconds * SECOND);

    describe('raising', () => {
      test('nothing raised is nothing to open', async () => {
        await within(async (tx) => {
          await h.work.raise(tx, []);
          expect(tx.wakes).toEqual(new Set());
        });
        expect(await openWalks()).toEqual([]);
      });

      test('a raised twin is opened in a walk, as it was raised', async () => {
        const id = await twin('1');
        await raise(id, { look: true, lane: 'interactive' });
        const walk = await openOne();
        const { tenant, connection } = h;
        expect(walk).toEqual({ ...walk, tenant, connection, kind: 'invoice', lane: 'interactive', items: 1 });
        expect(await items(walk.walk)).toMatchObject([{ twin: id, wanted: 1, look: true, cause: HEARD, attempts: 0 }]);
        const [item] = await items(walk.walk);
        expect([item!.seen, item!.plan, item!.written]).toEqual([undefined, undefined, undefined]);
      });

      test('whoever opens walks is woken', async () => {
        const id = await twin('1');
        await within(async (tx) => {
          await h.work.raise(tx, [raising(id)]);
          expect(tx.wakes).toEqual(new Set(['work']));
        });
      });

      test('a twin that is not there raises nothing, nor does one of another tenant', async () => {
        await raise(h.newId());
        const id = await twin('1');
        await raise(id, {}, await h.addTenant());
        expect(await openWalks()).toEqual([]);
      });

      test.each(['one call', 'several calls'])(
        'what is raised repeatedly in %s is one item: the most urgent lane, any look, the newest cause',
        async (calls) => {
          const id = await twin('1');
          const raises = [
            raising(id, { lane: 'bulk', cause: { by: 'sweep' } }),
            raising(id, { lane: 'interactive', look: true, cause: { by: 'push', actor: 'key:1' } }),
            raising(id, { lane: 'routine', cause: { by: 'poll' } }),
          ];
          if (calls === 'one call') await within((tx) => h.work.raise(tx, raises));
          else for (const one of raises) await within((tx) => h.work.raise(tx, [one]));
          const walk = await openOne();
          expect(walk).toMatchObject({ lane: 'interactive', items: 1 });
          expect(await items(walk.walk)).toMatchObject([{ wanted: 3, look: true, cause: { by: 'poll' } }]);
        },
      );

      test.each(['one call', 'several calls'])(
        'raised repeatedly in %s, it is due at the earliest time',
        async (calls) => {
          const id = await twin('1');
          if (calls === 'one call') {
            await within((tx) => {
              const inSeconds = (seconds: number): Date => new Date(tx.now.getTime() + seconds * SECOND);
              return h.work.raise(tx, [
                raising(id, { notBefore: inSeconds(60) }),
                raising(id, { notBefore: inSeconds(20) }),
                raising(id, { notBefore: inSeconds(40) }),
              ]);
            });
          } else for (const seconds of [60, 20, 40]) await raiseIn(id, seconds);
          await passSeconds(15);
          expect(await openWalks()).toEqual([]);
          await passSeconds(5);
          expect(await openWalks()).toHaveLength(1);
        },
      );

      test.each(['one call', 'two calls'])(
        'put off twice until the very same time in %s, it is due at once: one write has one echo',
        async (calls) => {
          const id = await twin('1');
          await within(async (tx) => {
            const notBefore = new Date(tx.now.getTime() + 20 * SECOND);
            const raises = [raising(id, { notBefore }), raising(id, { notBefore })];
            if (calls === 'one call') return h.work.raise(tx, raises);
            for (const one of raises) await h.work.raise(tx, [one]);
          });
          expect(await openWalks()).toHaveLength(1);
        },
      );

      test('a raise that is not put off is due at once, though an earlier one was', async () => {
        const id = await twin('1');
        await raiseIn(id, 60);
        await raise(id);
        expect(await openWalks()).toHaveLength(1);
      });

      test('an item that is done takes lane and time from the next raise alone', async () => {
        const id = await twin('1');
        await raise(id, { lane: 'interactive', look: true });
        await close((await openOne()).walk, settled(id));
        await raiseIn(id, 20, { lane: 'bulk' });
        expect(await openWalks()).toEqual([]);
        await passSeconds(20);
        const walk = await openOne();
        expect(walk.lane).toBe('bulk');
        expect(await items(walk.walk)).toMatchObject([{ wanted: 2, look: false }]);
      });
    });

    describe('opening', () => {
      test('a walk holds items of one connection, kind and lane', async () => {
        const elsewhere = await h.addConnection(h.tenant);
        const ids = [
          await twin('1'),
          await twin('2'),
          await twin('3', { kind: 'contact' }),
          await twin('4', { connection: elsewhere }),
          await twin('5'),
        ];
        await within((tx) =>
          h.work.raise(
            tx,
            ids.map((id, index) => raising(id, { lane: index === 4 ? 'bulk' : 'routine' })),
          ),
        );
        const walks = await openWalks();
        expect(walks.map(({ connection, kind, lane, items: n }) => [connection, kind, lane, n])).toEqual(
          expect.arrayContaining([
            [h.connection, 'invoice', 'routine', 2],
            [h.connection, 'contact', 'routine', 1],
            [elsewhere, 'invoice', 'routine', 1],
            [h.connection, 'invoice', 'bulk', 1],
          ]),
        );
        expect(walks).toHaveLength(4);
        const held = await Promise.all(walks.map(twinsIn));
        expect(held.flat().sort()).toEqual([...ids].sort());
      });

      test('no more walks are opened than there is room for, and none without room', async () => {
        for (const kind of ['contact', 'item', 'invoice'] as const) await raise(await twin('1', { kind }));
        expect(await openWalks(0)).toEqual([]);
        expect(await openWalks(2)).toHaveLength(2);
        expect(await openWalks(2)).toHaveLength(1);
        expect(await openWalks(2)).toEqual([]);
      });

      test('a walk takes what has been due longest, no more than a batch, and the next walk the rest', async () => {
        const ids = await twins(Array.from({ length: BATCH + 2 }, (_, index) => `i${index}`));
        await within((tx) =>
          h.work.raise(
            tx,
            // The last named are due first.
            ids.map((id, index) => raising(id, { notBefore: new Date(tx.now.getTime() - index) })),
          ),
        );
        const first = await openOne();
        expect(first.items).toBe(BATCH);
        expect(await twinsIn(first)).toEqual(ids.slice(2).reverse());
        const second = await openOne();
        expect(await twinsIn(second)).toEqual([ids[1], ids[0]]);
      });

      test('a walk takes fewer where fewer are asked for', async () => {
        for (const id of ['a', 'b', 'c']) await raise(await twin(id));
        const opened = await dispatching((tx) => h.work.open(tx, 10, () => h.newId(), 2));
        expect(opened.map(({ items }) => items)).toEqual([2]);
        expect((await openOne()).items).toBe(1);
      });

      test('lanes come in order, whosever they are', async () => {
        const other = await h.addTenant();
        const otherConnection = await h.addConnection(other);
        const theirs = { tenant: other, connection: otherConnection };
        await raise(await twin('1', theirs), { lane: 'bulk' }, other);
        await raise(await twin('1'), { lane: 'routine' });
        await raise(await twin('1', { kind: 'contact' }), { lane: 'interactive' });
        await raise(await twin('1', { kind: 'item' }), { lane: 'interactive' });
        expect((await openWalks()).map(({ lane }) => lane)).toEqual(['interactive', 'interactive', 'routine', 'bulk']);
      });

      test('each tenant’s most urgent group comes before any tenant’s second', async () => {
        const others = [await h.addTenant(), await h.addTenant()];
        for (const kind of ['contact', 'item', 'invoice', 'bill'] as const) await raise(await twin('1', { kind }));
        await passSeconds(5);
        for (const tenant of others) {
          const connection = await h.addConnection(tenant);
          for (const kind of ['contact', 'item'] as const) {
            await raise(await twin('1', { tenant, connection, kind }), {}, tenant);
          }
        }
        const order = (await openWalks()).map(({ tenant }) => tenant);
        expect(order.slice(0, 3).sort()).toEqual([h.tenant, ...others].sort());
        expect(order.slice(3, 6).sort()).toEqual([h.tenant, ...others].sort());
        expect(order.slice(6)).toEqual([h.tenant, h.tenant]);
      });

      test('with room for one at a time, equally urgent tenants take turns', async () => {
        const other = await h.addTenant();
        const connection = await h.addConnection(other);
        const mine = await twins(Array.from({ length: 2 * BATCH }, (_, index) => `m${index}`));
        const theirs = await twins(
          Array.from({ length: 2 * BATCH }, (_, index) => `t${index}`),
          { tenant: other, connection },
        );
        await within((tx) =>
          h.work.raise(
            tx,
            mine.map((id) => raising(id)),
          ),
        );
        await passSeconds(1);
        await within(
          (tx) =>
            h.work.raise(
              tx,
              theirs.map((id) => raising(id)),
            ),
          other,
        );
        const order: string[] = [];
        for (let turn = 0; turn < 4; turn++) {
          await passSeconds(1);
          order.push(...(await openWalks(1)).map(({ tenant }) => tenant));
        }
        expect(order).toEqual([h.tenant, other, h.tenant, other]);
      });

      test.each(['active', 'suspended'] as const)('work of a connection that is %s is opened', async (state) => {
        await raise(await twin('1'));
        await h.setConnection(h.connection, { state });
        expect(await openWalks()).toHaveLength(1);
      });

      test.each(['needs_reconnect', 'disconnected'] as const)(
        'work of a connection that is %s waits',
        async (state) => {
          await raise(await twin('1'));
          await h.setConnection(h.connection, { state });
          expect(await openWalks()).toEqual([]);
          await h.setConnection(h.connection, { state: 'active' });
          expect(await openWalks()).toHaveLength(1);
        },
      );

      test('work of a connection that may not be called now waits until it may', async () => {
        await raise(await twin('1'));
        const { now } = await within(async (tx) => tx);
        await h.setConnection(h.connection, { notBefore: new Date(now.getTime() + 60 * SECOND) });
        expect(await openWalks()).toEqual([]);
        await passSeconds(61);
        expect(await openWalks()).toHaveLength(1);
      });
    });

    describe('room', () => {
      const room = (): Promise<number> => dispatching((tx) => h.work.room(tx));
      const present = (worker: string, places: number): Promise<void> =>
        dispatching((tx) => h.work.present(tx, worker, places));

      test('there is none without workers, and twice as much as all their places with them', async () => {
        expect(await room()).toBe(0);
        await present('one', 3);
        await present('other', 4);
        expect(await room()).toBe(14);
      });

      test('a worker’s last sign of life counts, and none that is too old', async () => {
        await present('one', 3);
        await present('one', 5);
        await present('other', 1);
        expect(await room()).toBe(12);
        await h.pass(PRESENCE_MS / 2);
        await present('other', 1);
        await h.pass(PRESENCE_MS / 2);
        expect(await room()).toBe(2);
      });

      test('an open walk takes room until it is closed', async () => {
        await present('one', 2);
        const [invoice, contact] = [await twin('1'), await twin('1', { kind: 'contact' })];
        await raise(invoice);
        await raise(contact);
        const walks = await openWalks();
        expect(await room()).toBe(2);
        const ofInvoice = walks.find(({ kind }) => kind === 'invoice')!;
        await close(ofInvoice.walk, settled(invoice));
        expect(await room()).toBe(3);
      });
    });

    describe('a step', () => {
      let walk: string;
      let id: string;
      beforeEach(async () => {
        id = await twin('1');
        await raise(id, { lane: 'bulk' });
        ({ walk } = await openOne());
      });

      test('knows its walk, and each new attempt has a new epoch', async () => {
        const { tenant, connection } = h;
        const of = { walk, step: 'plan', tenant, connection, kind: 'invoice', lane: 'bulk' };
        expect(await begin(walk, 'plan')).toEqual({ ...of, epoch: 1 });
        expect(await begin(walk, 'plan')).toEqual({ ...of, epoch: 2 });
        expect(await within((tx) => h.work.begin(tx, walk, 'plan'))).toEqual({ ...of, epoch: 3 });
      });

      test('is not begun in the name of another tenant', async () => {
        const other = await h.addTenant();
        expect(await within((tx) => h.work.begin(tx, walk, 'plan'), other)).toBeUndefined();
        expect(await begin(walk, 'plan')).toMatchObject({ epoch: 1 });
      });

      test('is held by its newest attempt; the older one is fenced off', async () => {
        const older = (await begin(walk, 'apply'))!;
        await fence(older);
        expect(await extend(older)).toBe(true);
        const newer = (await begin(walk, 'apply'))!;
        await expect(fence(older)).rejects.toThrow(Superseded);
        expect(await extend(older)).toBe(false);
        await fence(newer);
        expect(await extend(newer)).toBe(true);
      });

      test('has epochs of its own: the two sides are observed side by side', async () => {
        const app = (await begin(walk, 'observe_app'))!;
        const books = (await begin(walk, 'observe_books'))!;
        expect([app.epoch, books.epoch]).toEqual([1, 1]);
        await fence(app);
        await fence(books);
      });

      test('that is done is not begun again, nor is its attempt believed any longer', async () => {
        const attempt = (await begin(walk, 'observe_app'))!;
        const calls = [{ label: 'query Invoice', status: 200, requestId: 'r', ms: 12 }];
        await within((tx) => h.work.finishStep(tx, attempt, { calls }));
        expect(await begin(walk, 'observe_app')).toBeUndefined();
        await expect(fence(attempt)).rejects.toThrow(Superseded);
        expect(await extend(attempt)).toBe(false);
        expect(await begin(walk, 'plan')).toMatchObject({ epoch: 1 });
      });

      test('of a walk that is over is not begun, nor is an attempt at it believed', async () => {
        const attempt = (await begin(walk, 'apply'))!;
        await close(walk, settled(id));
        for (const step of ['apply', 'settle', 'plan'] as const) expect(await begin(walk, step)).toBeUndefined();
        await expect(fence(attempt)).rejects.toThrow(Superseded);
        expect(await extend(attempt)).toBe(false);
      });

      test('of a walk that never was is nobody’s', async () => {
        const unknown = h.newId();
        expect(await begin(unknown, 'plan')).toBeUndefined();
        const attempt = { ...(await begin(walk, 'plan'))!, walk: unknown };
        await expect(fence(attempt)).rejects.toThrow(Superseded);
        expect(await extend(attempt)).toBe(false);
        expect(await items(unknown)).toEqual([]);
      });
    });

    describe('what a walk notes of its items', () => {
      const plan: ItemPlan = {
        ...{
          do: 'carry_out',
          plan: EMPTY_PLAN,
          booksVersion: undefined,
          appVersion: 3,
          decision: undefined,
          findings: [],
        },
        ...{ mark: 'mark', refusedBefore: undefined, waits: [], circle: false },
      };

      test('is there for the next step: what was seen of both sides, the plan, and what was written', async () => {
        const [one, other] = await twins(['1', '2']);
        await raise(one!);
        await raise(other!);
        const { walk } = await openOne();
        const failure = { is: 'unavailable', message: 'down' } as const;
        const release = { why: 'unavailable', waitMs: 1, look: true } as const;
        await within(async (tx) => {
          await h.work.saveSeen(tx, walk, [
            { twin: one!, app: 3 },
            { twin: other!, app: 0 },
          ]);
          await h.work.saveSeen(tx, walk, [{ twin: one!, failure }]);
          await h.work.savePlans(tx, walk, [{ twin: one!, plan }]);
          await h.work.saveWritten(tx, walk, [{ twin: other!, written: { outcome: 'release', release } }]);
        });
        const noted = new Map((await items(walk)).map((item) => [item.twin, item]));
        const { seen, plan: planned, written } = noted.get(one!)!;
        expect({ seen, planned, written }).toEqual({ seen: { app: 3, failure }, planned: plan });
        expect(noted.get(other!)).toMatchObject({ seen: { app: 0 }, written: { outcome: 'release', release } });
        expect(noted.get(other!)!.plan).toBeUndefined();
      });

      test('is replaced by the last word, but for what was seen, which adds up', async () => {
        const id = await twin('1');
        await raise(id);
        const { walk } = await openOne();
        await within(async (tx) => {
          await h.work.saveSeen(tx, walk, [
            { twin: id, app: 3 },
            { twin: id, namesakes: ['b'] },
            { twin: id, app: 4 },
          ]);
          await h.work.savePlans(tx, walk, [
            { twin: id, plan },
            { twin: id, plan: { do: 'recover', intents: ['i'] } },
          ]);
          await h.work.saveWritten(tx, walk, [
            { twin: id, written: { outcome: 'recovered', intents: ['i'] } },
            { twin: id, written: { outcome: 'confirmed', intent: 'i', again: false } },
          ]);
        });
        expect(await items(walk)).toMatchObject([
          {
            seen: { app: 4, namesakes: ['b'] },
            plan: { do: 'recover', intents: ['i'] },
            written: { outcome: 'confirmed', intent: 'i', again: false },
          },
        ]);
      });

      test('leaves out what the walk does not hold, and may be nothing', async () => {
        const [id, stranger] = await twins(['1', '2']);
        await raise(id!);
        const { walk } = await openOne();
        await within(async (tx) => {
          await h.work.saveSeen(tx, walk, []);
          await h.work.savePlans(tx, walk, []);
          await h.work.saveWritten(tx, walk, []);
          await h.work.saveSeen(tx, walk, [{ twin: stranger!, app: 1 }]);
          await h.work.savePlans(tx, walk, [{ twin: stranger!, plan }]);
          await h.work.saveWritten(tx, walk, [{ twin: stranger!, written: { outcome: 'recovered', intents: [] } }]);
        });
        const [item, ...others] = await items(walk);
        expect(others).toEqual([]);
        expect([item!.seen, item!.plan, item!.written]).toEqual([undefined, undefined, undefined]);
      });

      test('names the newest cause, also of what is raised while the walk goes on', async () => {
        const id = await twin('1');
        await raise(id);
        const { walk } = await openOne();
        await raise(id, { cause: { by: 'person', actor: 'ana' } });
        expect(await items(walk)).toMatchObject([{ cause: { by: 'person', actor: 'ana' }, wanted: 1 }]);
      });
    });

    describe('an item that leaves its walk', () => {
      test('settled is done, and due again when it is raised', async () => {
        const id = await twin('1');
        await raise(id);
        await close((await openOne()).walk, settled(id));
        await passSeconds(3_600);
        expect(await openWalks()).toEqual([]);
        await raise(id);
        const walk = await openOne();
        expect(await items(walk.walk)).toMatchObject([{ wanted: 2, attempts: 0, look: false }]);
      });

      test('is held by nobody else as long as the walk goes on, though it is raised meanwhile', async () => {
        const id = await twin('1');
        await raise(id);
        const walk = await openOne();
        await raise(id, { look: true, lane: 'interactive' });
        expect(await openWalks()).toEqual([]);
        await close(walk.walk, settled(id));
        const next = await openOne();
        expect(next.lane).toBe('interactive');
        expect(await items(next.walk)).toMatchObject([{ twin: id, wanted: 2, look: true }]);
      });

      test('is due again only when the raise that came meanwhile says so', async () => {
        const id = await twin('1');
        await raise(id);
        const walk = await openOne();
        await raiseIn(id, 20);
        await close(walk.walk, settled(id));
        expect(await openWalks()).toEqual([]);
        await passSeconds(20);
        expect(await openWalks()).toHaveLength(1);
      });

      test('settled for now is due again when it says so, with a look if it asks for one', async () => {
        const id = await twin('1');
        await raise(id);
        await close((await openOne()).walk, settled(id, 10, true));
        expect(await openWalks()).toEqual([]);
        await passSeconds(10);
        const next = await openOne();
        expect(await items(next.walk)).toMatchObject([{ wanted: 2, look: true, attempts: 1, cause: HEARD }]);
        await close(next.walk, settled(id));
        await raise(id);
        expect(await items((await openOne()).walk)).toMatchObject([{ attempts: 0 }]);
      });

      test('released is due again when its release says so, and each release in a row is counted', async () => {
        const id = await twin('1');
        await raise(id);
        for (const attempts of [0, 1, 2]) {
          const walk = await openOne();
          expect(await items(walk.walk)).toMatchObject([{ attempts, wanted: 1, look: attempts === 1 }]);
          await close(walk.walk, released(id, 30, { look: attempts === 0 }));
          await passSeconds(29);
          expect(await openWalks()).toEqual([]);
          await passSeconds(1);
        }
      });

      test('released is due earlier when it is raised, during the walk or after it', async () => {
        const [during, after] = await twins(['1', '2']);
        await raise(during!);
        await raise(after!);
        const walk = await openOne();
        await raise(during!);
        await close(walk.walk, released(during!, 60), released(after!, 60));
        expect(await twinsIn(await openOne())).toEqual([during]);
        await raise(after!);
        expect(await twinsIn(await openOne())).toEqual([after]);
      });

      test('leaves alone: others of its batch may be settled or wait', async () => {
        const [done, waiting] = await twins(['1', '2']);
        await raise(done!);
        await raise(waiting!);
        await close((await openOne()).walk, settled(done!), released(waiting!, 0));
        expect(await twinsIn(await openOne())).toEqual([waiting]);
      });

      test('is untouched by outcomes of a walk that does not hold it', async () => {
        const [id, stranger] = await twins(['1', '2']);
        await raise(id!);
        const walk = await openOne();
        await raise(stranger!, { lane: 'bulk' });
        await close(walk.walk, settled(id!), settled(stranger!), settled(h.newId()));
        expect(await twinsIn(await openOne())).toEqual([stranger]);
      });

      test('is untouched by a walk that was dropped, when a newer one holds it', async () => {
        const id = await twin('1');
        await raise(id);
        const dropped = await openOne();
        const late = (await begin(dropped.walk, 'settle'))!;
        await h.pass(LEASE_MS + 1);
        await sweep();
        const next = await openOne();
        await within((tx) => h.work.close(tx, late, [settled(id)]));
        expect(await openWalks()).toEqual([]);
        await close(next.walk, released(id, 0));
        expect(await twinsIn(await openOne())).toEqual([id]);
      });

      test('makes room: whoever opens walks is woken', async () => {
        const id = await twin('1');
        await raise(id);
        const attempt = (await begin((await openOne()).walk, 'settle'))!;
        await within(async (tx) => {
          await h.work.close(tx, attempt, [settled(id)]);
          expect(tx.wakes).toEqual(new Set(['work']));
        });
      });
    });

    describe('sweeping', () => {
      test('a walk without a sign of life is dropped, and its items are due with the look they were to get', async () => {
        const [looking, other] = await twins(['1', '2']);
        await raise(looking!, { look: true });
        await raise(other!);
        const { walk } = await openOne();
        await h.pass(LEASE_MS - SECOND);
        expect(await sweep()).toBe(0);
        await h.pass(2 * SECOND);
        expect(await sweep()).toBe(1);
        expect(await sweep()).toBe(0);
        expect(await begin(walk, 'plan')).toBeUndefined();
        const next = await openOne();
        expect(next.walk).not.toBe(walk);
        const looks = new Map((await items(next.walk)).map((item) => [item.twin, item.look]));
        expect(looks).toEqual(
          new Map([
            [looking, true],
            [other, false],
          ]),
        );
      });

      test('every begun step and every extension is a sign of life', async () => {
        await raise(await twin('1'));
        const { walk } = await openOne();
        await h.pass(LEASE_MS - SECOND);
        const attempt = (await begin(walk, 'observe_app'))!;
        await h.pass(LEASE_MS - SECOND);
        expect(await extend(attempt)).toBe(true);
        await h.pass(LEASE_MS - SECOND);
        expect(await sweep()).toBe(0);
        await fence(attempt);
        await h.pass(2 * SECOND);
        expect(await sweep()).toBe(1);
        await expect(fence(attempt)).rejects.toThrow(Superseded);
      });

      test('several walks are dropped together, and those that live go on', async () => {
        for (const kind of ['contact', 'item', 'invoice'] as const) await raise(await twin('1', { kind }));
        const walks = await openWalks();
        await h.pass(LEASE_MS - SECOND);
        await begin(walks[0]!.walk, 'observe_app');
        await h.pass(2 * SECOND);
        expect(await sweep()).toBe(2);
        expect((await openWalks()).map(({ kind }) => kind).sort()).toEqual(
          walks
            .slice(1)
            .map(({ kind }) => kind)
            .sort(),
        );
      });
    });

    describe('a twin that vanished into another', () => {
      const absorb = (gone: string, survivor: string): Promise<void> =>
        within((tx) => h.work.absorb(tx, gone, survivor));

      test('leaves its wanted work to the survivor', async () => {
        const [gone, survivor] = await twins(['1', '2']);
        await raise(gone!, { lane: 'interactive', look: true });
        await absorb(gone!, survivor!);
        const walk = await openOne();
        expect(walk).toMatchObject({ lane: 'interactive', items: 1 });
        expect(await items(walk.walk)).toMatchObject([{ twin: survivor, look: true, cause: HEARD, wanted: 1 }]);
      });

      test('leaves the look that its walk was to take, too', async () => {
        const [gone, survivor] = await twins(['1', '2']);
        await raise(gone!, { look: true });
        const held = await openOne();
        await absorb(gone!, survivor!);
        const next = await openOne();
        expect(await items(next.walk)).toMatchObject([{ twin: survivor, look: true }]);
        await close(held.walk, settled(gone!));
        await close(next.walk, settled(survivor!));
        expect(await openWalks()).toEqual([]);
      });

      test('leaves nothing when nothing was wanted of it', async () => {
        const [done, never, survivor] = await twins(['1', '2', '3']);
        await raise(done!, { look: true });
        await close((await openOne()).walk, settled(done!));
        await absorb(done!, survivor!);
        await absorb(never!, survivor!);
        expect(await openWalks()).toEqual([]);
      });

      test('adds to what is wanted of the survivor', async () => {
        const [gone, survivor] = await twins(['1', '2']);
        await raiseIn(survivor!, 60, { lane: 'interactive', look: true });
        await raise(gone!, { lane: 'bulk' });
        await absorb(gone!, survivor!);
        const walk = await openOne();
        expect(walk).toMatchObject({ lane: 'interactive', items: 1 });
        expect(await items(walk.walk)).toMatchObject([{ twin: survivor, look: true, wanted: 2 }]);
      });
    });

    test('what a transaction that is given up did to work is undone', async () => {
      const [held, fresh, gone] = await twins(['1', '2', '3']);
      await raise(held!);
      const { walk } = await openOne();
      const attempt = (await begin(walk, 'settle'))!;
      await raise(gone!, { lane: 'bulk' });
      await giveUp(h, async (tx) => {
        await h.work.raise(tx, [raising(fresh!)]);
        await h.work.absorb(tx, gone!, fresh!);
        await h.work.saveSeen(tx, walk, [{ twin: held!, app: 1 }]);
        await h.work.finishStep(tx, attempt, { calls: [] });
        await h.work.close(tx, attempt, [settled(held!)]);
      });
      await fence(attempt);
      expect((await items(walk))[0]!.seen).toBeUndefined();
      expect(await twinsIn(await openOne())).toEqual([gone]);
      await close(walk, released(held!, 0));
      expect(await twinsIn(await openOne())).toEqual([held]);
    });

    test('what a dispatching transaction that is given up did is undone', async () => {
      await raise(await twin('1'));
      const givenUp = new Error('given up');
      await expect(
        dispatching(async (tx) => {
          expect(await h.work.open(tx, 5, () => h.newId())).toHaveLength(1);
          await h.work.present(tx, 'one', 3);
          throw givenUp;
        }),
      ).rejects.toBe(givenUp);
      expect(await dispatching((tx) => h.work.room(tx))).toBe(0);
      expect(await openWalks()).toHaveLength(1);
    });
  });
};
