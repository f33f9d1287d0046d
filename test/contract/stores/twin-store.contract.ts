import { NO_BASE } from '../../../src/domain/comparison/index.js';
import type { Ref } from '../../../src/domain/contract/index.js';
import type { HalfTwin, Refusal, Twin, TwinByRef } from '../../../src/modules/sync/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

const REFUSAL: Refusal = {
  write: 'mark',
  at: '2026-03-02T09:00:00.000Z',
  failure: { is: 'invalid', message: 'The number is too long', code: '6000' },
};
const AGREED = { existence: { app: 'present', books: 'present' }, groups: {}, lines: [] } as const;
const HELD = { code: 'creation_off', side: 'books' } as const;

export const describeTwinStore = (form: string, open: Open): void => {
  describe(`twins ${form}`, () => {
    let h: Harness;
    beforeEach(async () => {
      h = await open();
    });

    const within = <T>(work: (tx: Tx) => Promise<T>, of = h.tenant): Promise<T> => h.transactions.inTenant(of, work);
    const half = (side: 'app' | 'books', ref: string, more: Partial<HalfTwin> = {}): HalfTwin => ({
      connection: h.connection,
      kind: 'contact',
      facet: '',
      side,
      ref,
      ...more,
    });
    const ensure = async (...halves: HalfTwin[]): Promise<Twin[]> => within((tx) => h.twins.ensure(tx, halves));
    const one = async (side: 'app' | 'books', ref: string, more: Partial<HalfTwin> = {}): Promise<Twin> =>
      (await ensure(half(side, ref, more)))[0]!;
    const get = async (...ids: string[]): Promise<Twin[]> => within((tx) => h.twins.get(tx, ids));
    const tell = (twin: string, side: 'app' | 'books', ref: string): Promise<{ absorbed: string | undefined }> =>
      within((tx) => h.twins.tell(tx, twin, side, ref));
    /** A twin that knows both sides. */
    const full = async (app: string, books: string, more: Partial<HalfTwin> = {}): Promise<Twin> => {
      const twin = await one('app', app, more);
      await tell(twin.id, 'books', books);
      return (await get(twin.id))[0]!;
    };
    /** Who is found by refs of contacts, as `ref → twin` with a mark for former ones. */
    const found = async (side: 'app' | 'books', ...ids: string[]): Promise<string[]> => {
      const refs = ids.map((id) => ({ kind: 'contact' as const, id }));
      return told(await within((tx) => h.twins.byRefs(tx, h.connection, side, refs)));
    };
    const told = (twins: readonly TwinByRef[]): string[] =>
      twins.map(({ ref, twin, former }) => `${former ? 'former ' : ''}${ref.id} → ${twin.id}`).sort();

    test('nothing asked is nothing answered', async () => {
      await one('app', 'a');
      await within(async (tx) => {
        expect(await h.twins.get(tx, [])).toEqual([]);
        expect(await h.twins.byRefs(tx, h.connection, 'app', [])).toEqual([]);
        expect(await h.twins.ofRecords(tx, [])).toEqual([]);
        expect(await h.twins.ensure(tx, [])).toEqual([]);
        await h.twins.settle(tx, []);
      });
    });

    test('both sides are asked at once, and one side’s refs are not taken for the other’s', async () => {
      const pair = await full('x', 'y');
      const [app, books] = [await one('app', 'y'), await one('books', 'x')];
      await tell(pair.id, 'books', 'z');
      const contacts = (...ids: string[]): Ref[] => ids.map((id) => ({ kind: 'contact', id }));
      const both = await within((tx) =>
        h.twins.byRefsOfBoth(tx, h.connection, { app: contacts('x', 'y'), books: contacts('x', 'y', 'z') }),
      );
      expect(told(both.app)).toEqual([`x → ${pair.id}`, `y → ${app.id}`]);
      expect(told(both.books)).toEqual([`former y → ${pair.id}`, `x → ${books.id}`, `z → ${pair.id}`]);
      const alone = await within((tx) => h.twins.byRefsOfBoth(tx, h.connection, { app: [], books: contacts('z') }));
      expect([told(alone.app), told(alone.books)]).toEqual([[], [`z → ${pair.id}`]]);
    });

    describe('ensuring', () => {
      test('a record nobody has met becomes a half twin without a base', async () => {
        const [app, books] = await ensure(half('app', 'a'), half('books', 'b', { kind: 'invoice' }));
        const { now } = await within(async (tx) => tx);
        const fresh = { connection: h.connection, facet: '', base: NO_BASE, holds: [], refusal: undefined };
        expect(app).toMatchObject({ ...fresh, kind: 'contact', app: 'a', books: undefined });
        expect(books).toMatchObject({ ...fresh, kind: 'invoice', app: undefined, books: 'b' });
        expect(await get(app!.id, books!.id)).toEqual([app, books]);
        expect(app!.createdAt.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(app!.createdAt.getTime()).toBeGreaterThan(now.getTime() - 60_000);
      });

      test('the twins come in the order of the halves, and a half named twice is one twin', async () => {
        const known = await one('books', 'b2');
        const twins = await ensure(
          ...['b3', 'b2', 'b1', 'b3', 'b2'].map((ref) => half('books', ref)),
          half('app', 'b2'),
        );
        expect(twins.map(({ books, app }) => books ?? app)).toEqual(['b3', 'b2', 'b1', 'b3', 'b2', 'b2']);
        expect(twins[0]!.id).toBe(twins[3]!.id);
        expect([twins[1]!.id, twins[4]!.id]).toEqual([known.id, known.id]);
        expect(new Set(twins.map(({ id }) => id)).size).toBe(4);
      });

      test('a record that was met is not met again, by whichever of its refs it is named', async () => {
        const twin = await full('a', 'b');
        const again = await ensure(half('app', 'a'), half('books', 'b'));
        expect(again.map(({ id }) => id)).toEqual([twin.id, twin.id]);
      });

      test('a ref means another record in another kind, connection or facet, and at the other side', async () => {
        const elsewhere = await h.addConnection(h.tenant);
        const twins = await ensure(
          half('books', '1'),
          half('books', '1', { kind: 'invoice' }),
          half('books', '1', { connection: elsewhere }),
          half('books', '1', { facet: 'vendor' }),
          half('app', '1'),
        );
        expect(new Set(twins.map(({ id }) => id)).size).toBe(5);
        expect(twins.map(({ facet }) => facet)).toEqual(['', '', '', 'vendor', '']);
      });

      test('a record is still known by what its side used to call it', async () => {
        const twin = await full('a', 'b1');
        await tell(twin.id, 'books', 'b2');
        expect((await one('books', 'b1')).id).toBe(twin.id);
      });

      test('a former ref of one facet is a new record in another, though the ref is in use there', async () => {
        const customer = await full('a', 'b1', { facet: 'customer' });
        await tell(customer.id, 'books', 'b2');
        const vendor = await one('books', 'b1', { facet: 'vendor' });
        const again = await ensure(
          half('books', 'b1', { facet: 'customer' }),
          half('books', 'b1', { facet: 'vendor' }),
        );
        expect(again.map(({ id }) => id)).toEqual([customer.id, vendor.id]);
      });
    });

    describe('finding', () => {
      test('twins come in the order asked; unknown ones and those of other tenants are left out', async () => {
        const twins = await ensure(half('app', 'a'), half('app', 'b'), half('app', 'c'));
        const ids = twins.map(({ id }) => id);
        expect(await get(ids[2]!, h.newId(), ids[0]!)).toEqual([twins[2], twins[0]]);
        const other = await h.addTenant();
        expect(await within((tx) => h.twins.get(tx, ids), other)).toEqual([]);
      });

      test('a ref finds every facet of the record, within the connection and the side alone', async () => {
        const elsewhere = await h.addConnection(h.tenant);
        const customer = await one('app', 'a', { facet: 'customer' });
        const vendor = await one('app', 'a', { facet: 'vendor' });
        await ensure(half('app', 'a', { connection: elsewhere }), half('books', 'a'), half('app', 'other'));
        expect(await found('app', 'a', 'a', 'nobody')).toEqual([`a → ${customer.id}`, `a → ${vendor.id}`].sort());
      });

      test('a ref is one of its kind', async () => {
        await one('books', '1', { kind: 'invoice' });
        expect(await found('books', '1')).toEqual([]);
      });

      test('a twin is found by its present ref and by former ones, and the answer tells them apart', async () => {
        const { id } = await full('a', 'b1');
        await tell(id, 'books', 'b2');
        await tell(id, 'books', 'b3');
        expect(await found('books', 'b1', 'b2', 'b3')).toEqual([
          `b3 → ${id}`,
          `former b1 → ${id}`,
          `former b2 → ${id}`,
        ]);
        expect(await found('app', 'b1', 'b2')).toEqual([]);
      });

      test('a ref that is former for one facet and present for another finds both', async () => {
        const customer = await full('a', 'b1', { facet: 'customer' });
        await tell(customer.id, 'books', 'b2');
        const vendor = await one('books', 'b1', { facet: 'vendor' });
        expect(await found('books', 'b1')).toEqual([`b1 → ${vendor.id}`, `former b1 → ${customer.id}`]);
      });

      test('the app’s record has a twin in each connection and for each facet', async () => {
        const elsewhere = await h.addConnection(h.tenant);
        const twins = await ensure(
          half('app', 'a', { facet: 'customer' }),
          half('app', 'a', { facet: 'vendor' }),
          half('app', 'a', { connection: elsewhere }),
        );
        await ensure(half('books', 'a'), half('app', 'a', { kind: 'item' }));
        const refs = [
          { kind: 'contact', id: 'a' },
          { kind: 'contact', id: 'a' },
          { kind: 'contact', id: 'nobody' },
        ] as const;
        const ofRecords = await within((tx) => h.twins.ofRecords(tx, refs));
        expect(ofRecords.map(({ id }) => id).sort()).toEqual(twins.map(({ id }) => id).sort());
      });

      test('restless are the twins of a connection that are held, refused or waiting', async () => {
        const elsewhere = await h.addConnection(h.tenant);
        const [held, refused, waiting, needed, quiet] = await ensure(
          ...['held', 'refused', 'waiting', 'needed', 'quiet'].map((ref) => half('app', ref)),
        );
        const [foreign] = await ensure(half('app', 'held', { connection: elsewhere }));
        await within(async (tx) => {
          const settled = { base: NO_BASE, holds: [], refusal: undefined };
          await h.twins.settle(tx, [
            { ...settled, twin: held!.id, holds: [HELD] },
            { ...settled, twin: foreign!.id, holds: [HELD] },
            { ...settled, twin: refused!.id, refusal: REFUSAL },
            { ...settled, twin: quiet!.id },
          ]);
          await h.waits.replace(
            tx,
            [waiting!.id],
            [{ twin: waiting!.id, needs: needed!.id, side: 'books', until: 'exists', path: 'parent' }],
          );
        });
        const restless = await within((tx) => h.twins.restless(tx, h.connection));
        expect(restless.map(({ app }) => app).sort()).toEqual(['held', 'refused', 'waiting']);
      });
    });

    describe('telling', () => {
      test('a half twin that is told its other ref knows both sides', async () => {
        const { id } = await one('app', 'a');
        expect(await tell(id, 'books', 'b')).toEqual({ absorbed: undefined });
        expect(await get(id)).toMatchObject([{ id, app: 'a', books: 'b' }]);
      });

      test('told what it knows, a twin stays as it is', async () => {
        const twin = await full('a', 'b');
        expect(await tell(twin.id, 'books', 'b')).toEqual({ absorbed: undefined });
        expect(await get(twin.id)).toEqual([twin]);
        expect(await found('books', 'b')).toEqual([`b → ${twin.id}`]);
      });

      test('two halves of one record become one, and whoever was told survives as it was', async () => {
        const [app, books] = await ensure(half('app', 'a'), half('books', 'b'));
        await within((tx) => h.twins.settle(tx, [{ twin: app!.id, base: AGREED, holds: [HELD], refusal: REFUSAL }]));
        expect(await tell(app!.id, 'books', 'b')).toEqual({ absorbed: books!.id });
        expect(await get(app!.id, books!.id)).toEqual([
          { ...app, books: 'b', base: AGREED, holds: [HELD], refusal: REFUSAL },
        ]);
        expect((await one('books', 'b')).id).toBe(app!.id);
      });

      test('the half that is told may be that of the books as well', async () => {
        const [app, books] = await ensure(half('app', 'a'), half('books', 'b'));
        expect(await tell(books!.id, 'app', 'a')).toEqual({ absorbed: app!.id });
        expect(await get(app!.id, books!.id)).toMatchObject([{ id: books!.id, app: 'a', books: 'b' }]);
      });

      test('halves of different facets are not the same record', async () => {
        const customer = await one('app', 'a', { facet: 'customer' });
        const vendor = await one('books', 'b', { facet: 'vendor' });
        expect(await tell(customer.id, 'books', 'b')).toEqual({ absorbed: undefined });
        expect(await found('books', 'b')).toEqual([`b → ${customer.id}`, `b → ${vendor.id}`].sort());
      });

      test('a ref that changes stays as a former ref, and the half that had the new one is absorbed', async () => {
        const twin = await full('a', 'b1');
        const half2 = await one('books', 'b2');
        expect(await tell(twin.id, 'books', 'b2')).toEqual({ absorbed: half2.id });
        expect(await found('books', 'b1', 'b2')).toEqual([`b2 → ${twin.id}`, `former b1 → ${twin.id}`]);
      });

      test('a ref that comes back is present again, and the one between is former', async () => {
        const { id } = await full('a', 'b1');
        await tell(id, 'books', 'b2');
        await tell(id, 'books', 'b1');
        expect(await found('books', 'b1', 'b2')).toEqual([`b1 → ${id}`, `former b2 → ${id}`]);
      });

      test('what the absorbed half used to be called leads to the survivor', async () => {
        const books = await one('books', 'b1');
        await tell(books.id, 'books', 'b2');
        const app = await one('app', 'a');
        expect(await tell(app.id, 'books', 'b2')).toEqual({ absorbed: books.id });
        expect(await found('books', 'b1', 'b2')).toEqual([`b2 → ${app.id}`, `former b1 → ${app.id}`]);
      });

      test('a ref of another full twin is refused, and both stay as they are', async () => {
        const [twin, other] = [await full('a1', 'b1'), await full('a2', 'b2')];
        await expect(tell(twin.id, 'books', 'b2')).rejects.toThrow('b2 belongs to another full twin');
        expect(await get(twin.id, other.id)).toEqual([twin, other]);
      });

      test('a ref that another twin has given up belongs to the twin that is told it', async () => {
        const replaced = await full('a1', 'b1');
        await tell(replaced.id, 'books', 'b2');
        const told = await one('app', 'a2');
        expect(await tell(told.id, 'books', 'b1')).toEqual({ absorbed: undefined });
        expect(await found('books', 'b1', 'b2')).toEqual([`b1 → ${told.id}`, `b2 → ${replaced.id}`].sort());
        await tell(told.id, 'books', 'b3');
        expect(await found('books', 'b1')).toEqual([`former b1 → ${told.id}`]);
      });

      test('a twin that has vanished can be told nothing', async () => {
        const [app, books] = await ensure(half('app', 'a'), half('books', 'b'));
        await tell(app!.id, 'books', 'b');
        await expect(tell(books!.id, 'app', 'a')).rejects.toThrow(`twin ${books!.id} is not there`);
        expect(await get(app!.id)).toMatchObject([{ app: 'a', books: 'b' }]);
      });
    });

    describe('losing its record in the books', () => {
      const lose = (twin: string, ref: string): Promise<void> => within((tx) => h.twins.loseBooks(tx, twin, ref));

      test('makes a pair the app’s bare half, and the lost ref a former one', async () => {
        const twin = await full('a', 'b', { facet: 'customer' });
        await within((tx) => h.twins.settle(tx, [{ twin: twin.id, base: AGREED, holds: [HELD], refusal: REFUSAL }]));
        await lose(twin.id, 'b');
        const bare = { base: NO_BASE, holds: [], refusal: undefined };
        const { connection, kind, facet } = twin;
        expect(await get(twin.id)).toMatchObject([{ connection, kind, facet, app: 'a', books: undefined, ...bare }]);
        expect(await found('books', 'b')).toEqual([`former b → ${twin.id}`]);
        await tell(twin.id, 'books', 'c');
        expect(await found('books', 'b', 'c')).toEqual([`c → ${twin.id}`, `former b → ${twin.id}`]);
      });

      test('leaves alone what is no pair, or has another ref by now', async () => {
        const [pair, half] = [await full('a', 'b'), await one('books', 'c')];
        await lose(pair.id, 'an older ref');
        await lose(half.id, 'c');
        await lose(h.newId(), 'b');
        expect(await get(pair.id, half.id)).toEqual([pair, half]);
      });
    });

    describe('parting', () => {
      test('each half has its own ref, and neither has a base, a hold or a refusal', async () => {
        const twin = await full('a', 'b', { facet: 'customer' });
        await within((tx) => h.twins.settle(tx, [{ twin: twin.id, base: AGREED, holds: [HELD], refusal: REFUSAL }]));
        const books = await within((tx) => h.twins.part(tx, twin.id));
        const bare = { connection: h.connection, kind: 'contact', facet: 'customer', base: NO_BASE, holds: [] };
        expect(await get(twin.id, books.id)).toMatchObject([
          { ...bare, id: twin.id, app: 'a', books: undefined, refusal: undefined },
          { ...bare, id: books.id, app: undefined, books: 'b', refusal: undefined },
        ]);
        expect(await get(books.id)).toEqual([books]);
        expect((await one('books', 'b', { facet: 'customer' })).id).toBe(books.id);
      });

      test('what the books used to call the record leads to the books’ half', async () => {
        const twin = await full('a1', 'b1');
        await tell(twin.id, 'books', 'b2');
        await tell(twin.id, 'app', 'a2');
        const books = await within((tx) => h.twins.part(tx, twin.id));
        expect(await found('books', 'b1', 'b2')).toEqual([`b2 → ${books.id}`, `former b1 → ${books.id}`]);
        expect(await found('app', 'a1', 'a2')).toEqual([`a2 → ${twin.id}`, `former a1 → ${twin.id}`]);
      });

      test('parted halves can become one again', async () => {
        const twin = await full('a', 'b');
        const books = await within((tx) => h.twins.part(tx, twin.id));
        expect(await tell(twin.id, 'books', 'b')).toEqual({ absorbed: books.id });
        expect(await get(twin.id)).toMatchObject([{ app: 'a', books: 'b' }]);
      });

      test('a twin that has vanished cannot be parted', async () => {
        const gone = h.newId();
        await expect(within((tx) => h.twins.part(tx, gone))).rejects.toThrow(`twin ${gone} is not there`);
      });
    });

    describe('settling', () => {
      test('what a walk leaves in the twin is there, and the next walk replaces all of it', async () => {
        const [twin, other] = await ensure(half('app', 'a'), half('app', 'b'));
        const settle = (settled: { base: typeof AGREED; holds: (typeof HELD)[]; refusal: Refusal | undefined }) =>
          within((tx) => h.twins.settle(tx, [{ twin: twin!.id, ...settled }]));
        await settle({ base: AGREED, holds: [HELD], refusal: REFUSAL });
        expect(await get(twin!.id)).toEqual([{ ...twin, base: AGREED, holds: [HELD], refusal: REFUSAL }]);
        await settle({ base: AGREED, holds: [], refusal: undefined });
        expect(await get(twin!.id, other!.id)).toEqual([{ ...twin, base: AGREED }, other]);
      });

      test('what was refused may be tried again: the refusal is forgotten, and nothing else', async () => {
        const [twin, other] = await ensure(half('app', '1'), half('app', '2'));
        await within((tx) => h.twins.settle(tx, [{ twin: twin!.id, base: AGREED, holds: [HELD], refusal: REFUSAL }]));
        const forget = (...twins: string[]): Promise<string[]> =>
          within((tx) => h.twins.forgetRefusals(tx, twins, new Date(REFUSAL.at)));
        expect(await forget()).toEqual([]);
        expect(await forget(other!.id, h.newId())).toEqual([]);
        expect(
          await within((tx) => h.twins.forgetRefusals(tx, [twin!.id], new Date('2026-03-02T08:59:59.999Z'))),
        ).toEqual([]);
        expect(await forget(twin!.id, other!.id)).toEqual([twin!.id]);
        const [after] = await within((tx) => h.twins.get(tx, [twin!.id]));
        expect(after).toMatchObject({ base: AGREED, holds: [HELD] });
        expect(after!.refusal).toBeUndefined();
        expect(await forget(twin!.id)).toEqual([]);
      });

      test('several twins are settled together, the last word on one of them counts, and a vanished one is let be', async () => {
        const [twin, other] = await ensure(half('app', 'a'), half('app', 'b'));
        const bare = { base: NO_BASE, holds: [], refusal: undefined };
        await within((tx) =>
          h.twins.settle(tx, [
            { ...bare, twin: twin!.id, holds: [HELD] },
            { ...bare, twin: h.newId(), holds: [HELD] },
            { ...bare, twin: other!.id, base: AGREED },
            { ...bare, twin: twin!.id, refusal: REFUSAL },
          ]),
        );
        expect(await get(twin!.id, other!.id)).toEqual([
          { ...twin, refusal: REFUSAL },
          { ...other, base: AGREED },
        ]);
      });
    });

    describe('correcting the kind', () => {
      const rekind = (
        twin: string,
        kind: 'bill' | 'invoice',
        facet = '',
      ): Promise<{ absorbedBy: string | undefined }> => within((tx) => h.twins.rekind(tx, twin, kind, facet));

      test('a half twin has its true kind and facet from then on', async () => {
        const guessed = await one('books', 'b', { kind: 'invoice' });
        expect(await rekind(guessed.id, 'bill', 'draft')).toEqual({ absorbedBy: undefined });
        expect(await get(guessed.id)).toEqual([{ ...guessed, kind: 'bill', facet: 'draft' }]);
        expect((await one('books', 'b', { kind: 'bill', facet: 'draft' })).id).toBe(guessed.id);
        expect((await one('books', 'b', { kind: 'invoice' })).id).not.toBe(guessed.id);
      });

      test('where the record is known under its true kind, the guess goes into that twin', async () => {
        const known = await full('a', 'b', { kind: 'bill' });
        const guessed = await one('books', 'b', { kind: 'invoice' });
        expect(await rekind(guessed.id, 'bill')).toEqual({ absorbedBy: known.id });
        expect(await get(guessed.id, known.id)).toEqual([known]);
      });

      test('a guess that was right is left alone', async () => {
        const guessed = await one('books', 'b', { kind: 'invoice' });
        expect(await rekind(guessed.id, 'invoice')).toEqual({ absorbedBy: undefined });
        expect(await get(guessed.id)).toEqual([guessed]);
      });
    });

    test('what a transaction that is given up did to twins is undone', async () => {
      const [app, books, twin, guessed] = [
        await one('app', 'a1'),
        await one('books', 'b1'),
        await full('a2', 'b2'),
        await one('books', 'b3', { kind: 'invoice' }),
      ];
      const before = await get(app.id, books.id, twin.id, guessed.id);
      await giveUp(h, async (tx) => {
        await h.twins.ensure(tx, [half('app', 'a3')]);
        await h.twins.tell(tx, app.id, 'books', 'b1');
        await h.twins.tell(tx, twin.id, 'books', 'b4');
        await h.twins.part(tx, twin.id);
        await h.twins.settle(tx, [{ twin: app.id, base: AGREED, holds: [HELD], refusal: REFUSAL }]);
        await h.twins.rekind(tx, guessed.id, 'bill', '');
      });
      expect(await get(app.id, books.id, twin.id, guessed.id)).toEqual(before);
      expect(await found('app', 'a1', 'a2', 'a3')).toEqual([`a1 → ${app.id}`, `a2 → ${twin.id}`].sort());
      expect(await found('books', 'b1', 'b2', 'b4')).toEqual([`b1 → ${books.id}`, `b2 → ${twin.id}`].sort());
    });
  });
};
