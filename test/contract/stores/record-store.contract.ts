import type { Content, KindName, Ref } from '../../../src/domain/contract/index.js';
import type { Cause } from '../../../src/modules/history/index.js';
import type { AppRecord, RecordVersion, RecordWrite } from '../../../src/modules/records/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

const PUSHED: Cause = { by: 'push', actor: 'key:1', id: 'push-1' };
const A: Ref = { kind: 'contact', id: 'a' };

export const describeRecordStore = (form: string, open: Open): void => {
  describe(`records ${form}`, () => {
    let h: Harness;
    beforeEach(async () => {
      h = await open();
    });

    const within = <T>(work: (tx: Tx) => Promise<T>, of = h.tenant): Promise<T> => h.transactions.inTenant(of, work);
    const write = (expected: number, content: Content, more: Partial<RecordWrite> = {}): RecordWrite => ({
      ...A,
      ...{ expected, content, existence: 'present', pending: {}, cause: PUSHED },
      ...more,
    });
    const save = (...writes: RecordWrite[]): Promise<Ref[]> => within((tx) => h.records.save(tx, writes));
    const get = async (...refs: Ref[]): Promise<AppRecord[]> => within((tx) => h.records.get(tx, refs));
    const one = async (ref = A): Promise<AppRecord> => (await get(ref))[0]!;
    const versions = (from: number, ref = A): Promise<RecordVersion[]> =>
      within((tx) => h.records.versions(tx, ref, from));
    const saveFacts = (...facts: { ref: Ref; facts: Content }[]): Promise<Ref[]> =>
      within((tx) => h.records.saveFacts(tx, facts));
    const named = async (key: Content, kind: KindName = 'contact'): Promise<string[]> =>
      (await within((tx) => h.records.withNaturalKey(tx, kind, key))).sort();

    test('nothing given is nothing saved or found', async () => {
      expect(await save()).toEqual([]);
      expect(await get()).toEqual([]);
      expect(await get(A)).toEqual([]);
      expect(await versions(0)).toEqual([]);
      expect(await saveFacts()).toEqual([]);
    });

    describe('saving', () => {
      test('a record that is new is there as it was written, at version 1, with no facts of the books', async () => {
        const content = {
          displayName: 'Ana',
          lines: [{ id: '1', amount: '12.50', item: { kind: 'item', id: '4' } }],
          isCustomer: true,
        };
        const pending = { name: { pushed: { displayName: 'Anna' }, ancestor: { displayName: 'Ann' } } };
        expect(await save(write(0, content, { pending, existence: 'archived' }))).toEqual([]);
        const record = await one();
        expect(record).toMatchObject({ ...A, version: 1, existence: 'archived', facts: {}, cause: PUSHED });
        expect([record.content, record.pending]).toEqual([content, pending]);
        expect(record.updatedAt).toBeInstanceOf(Date);
      });

      test('one that is at the expected version goes on to the next', async () => {
        await save(write(0, { displayName: 'Ana' }));
        const before = await one();
        await h.pass(60_000);
        const cause: Cause = { by: 'books' };
        expect(await save(write(1, { displayName: 'Bea' }, { cause }))).toEqual([]);
        const after = await one();
        expect(after).toMatchObject({ version: 2, content: { displayName: 'Bea' }, cause });
        expect(after.updatedAt.getTime() - before.updatedAt.getTime()).toBeGreaterThanOrEqual(60_000);
      });

      test('one that is not at the expected version is left alone, and the write is told as lost', async () => {
        await save(write(0, { displayName: 'Ana' }));
        const before = await one();
        for (const expected of [0, 2, 7]) {
          expect(await save(write(expected, { displayName: 'Eve' }))).toEqual([A]);
        }
        expect(await one()).toEqual(before);
        expect(await versions(0)).toHaveLength(1);
      });

      test('one that is not there cannot be at a version', async () => {
        expect(await save(write(3, { displayName: 'Ana' }))).toEqual([A]);
        expect(await get(A)).toEqual([]);
        expect(await versions(0)).toEqual([]);
      });

      test('each of several wins or loses for itself', async () => {
        const [b, c]: Ref[] = [
          { kind: 'contact', id: 'b' },
          { kind: 'invoice', id: 'a' },
        ];
        await save(write(0, { displayName: 'Ana' }));
        const lost = await save(
          write(1, { displayName: 'Bea' }),
          write(1, { displayName: 'lost' }, b),
          write(0, { number: 'INV-1' }, c),
        );
        expect(lost).toEqual([b]);
        const found = await get(c!, b!, A, c!);
        expect(found.map(({ kind, version }) => `${kind} ${version}`).sort()).toEqual(['contact 2', 'invoice 1']);
      });

      test('a record may be written once in a call, for one answer cannot tell which of two writes was lost', async () => {
        await save(write(0, { displayName: 'Ana' }));
        const twice = save(write(1, { displayName: 'Bea' }), write(1, { displayName: 'Eve' }));
        await expect(twice).rejects.toThrow('contact:a is written twice');
        expect(await one()).toMatchObject({ version: 1, content: { displayName: 'Ana' } });
      });

      test('a record is one of its tenant', async () => {
        const stranger = await h.addTenant();
        await save(write(0, { displayName: 'Ana' }));
        expect(await within((tx) => h.records.get(tx, [A]), stranger)).toEqual([]);
        expect(await within((tx) => h.records.save(tx, [write(0, { displayName: 'Eve' })]), stranger)).toEqual([]);
        expect(await one()).toMatchObject({ content: { displayName: 'Ana' } });
        expect(await within((tx) => h.records.versions(tx, A, 0), stranger)).toHaveLength(1);
      });
    });

    test('every content is kept as a version, with its cause, and told from any version on', async () => {
      const causes: Cause[] = [PUSHED, { by: 'books' }, { by: 'person', actor: 'ana', id: 'd' }];
      for (const [index, cause] of causes.entries()) {
        const existence = index === 2 ? 'deleted' : 'present';
        await save(write(index, { displayName: `name ${index + 1}` }, { cause, existence }));
      }
      const all = causes.map((cause, index) => ({
        version: index + 1,
        existence: index === 2 ? 'deleted' : 'present',
        content: { displayName: `name ${index + 1}` },
        cause,
      }));
      expect(await versions(0)).toEqual(all);
      expect(await versions(2)).toEqual(all.slice(1));
      expect(await versions(4)).toEqual([]);
      expect(await versions(0, { kind: 'invoice', id: 'a' })).toEqual([]);
    });

    describe('contents that were replaced', () => {
      const drop = async (most = 100): Promise<number> => {
        const before = await within(async (tx) => new Date(tx.now.getTime() - 1_000));
        return within((tx) => h.records.dropReplaced(tx, before, most));
      };
      const kept = async (ref = A): Promise<number[]> => (await versions(0, ref)).map(({ version }) => version);
      const rewrite = async (times: number, ref = A): Promise<void> => {
        for (let version = 0; version < times; version++) {
          await save(write(version, { displayName: `name ${version + 1}` }, ref));
          await h.pass(10);
        }
      };

      test('are forgotten once they were replaced long enough ago; the newest one is kept however old', async () => {
        await rewrite(3);
        expect(await drop()).toBe(0);
        await h.pass(5_000);
        await save(write(3, { displayName: 'name 4' }));
        // The third one is as old as the others, but it was replaced just now: pushes may still be based on it.
        expect(await drop()).toBe(2);
        expect(await kept()).toEqual([3, 4]);
        expect(await drop()).toBe(0);
        await h.pass(5_000);
        expect(await drop()).toBe(1);
        expect(await kept()).toEqual([4]);
        expect(await one()).toMatchObject({ version: 4, content: { displayName: 'name 4' } });
      });

      test('go in batches, the oldest first, and only the tenant’s', async () => {
        const other: Ref = { kind: 'contact', id: 'b' };
        await rewrite(3);
        await rewrite(3, other);
        const stranger = await h.addTenant();
        await within((tx) => h.records.save(tx, [write(0, { displayName: 'Eve' })]), stranger);
        await within((tx) => h.records.save(tx, [write(1, { displayName: 'Eva' })]), stranger);
        await h.pass(5_000);
        expect(await drop(3)).toBe(3);
        expect([await kept(), await kept(other)]).toEqual([[3], [2, 3]]);
        expect(await drop(3)).toBe(1);
        expect(await within((tx) => h.records.versions(tx, A, 0), stranger)).toHaveLength(2);
      });
    });

    describe('facts of the books', () => {
      test('are kept beside the content and leave the version alone', async () => {
        await save(write(0, { number: 'INV-1' }));
        expect(await saveFacts({ ref: A, facts: { total: '12.50', balance: '0' } })).toEqual([A]);
        expect(await one()).toMatchObject({
          version: 1,
          content: { number: 'INV-1' },
          facts: { total: '12.50', balance: '0' },
        });
        expect(await versions(0)).toHaveLength(1);
        await save(write(1, { number: 'INV-2' }));
        expect((await one()).facts).toEqual({ total: '12.50', balance: '0' });
      });

      test('are told only when they differ, and replaced as a whole', async () => {
        await save(write(0, { number: 'INV-1' }));
        await saveFacts({ ref: A, facts: { total: '12.50', balance: '0' } });
        expect(await saveFacts({ ref: A, facts: { balance: '0', total: '12.50' } })).toEqual([]);
        expect(await saveFacts({ ref: A, facts: { total: '13' } })).toEqual([A]);
        expect((await one()).facts).toEqual({ total: '13' });
      });

      test('of a record that is not there are nobody’s; the last word on one counts', async () => {
        await save(write(0, { number: 'INV-1' }));
        await saveFacts({ ref: A, facts: { total: '1' } });
        const unknown: Ref = { kind: 'contact', id: 'nobody' };
        expect(
          await saveFacts(
            { ref: A, facts: { total: '2' } },
            { ref: unknown, facts: { total: '9' } },
            { ref: A, facts: { total: '3' } },
          ),
        ).toEqual([A]);
        expect((await one()).facts).toEqual({ total: '3' });
        expect(await saveFacts({ ref: A, facts: { total: '4' } }, { ref: A, facts: { total: '3' } })).toEqual([]);
        expect(await get(unknown)).toEqual([]);
      });
    });

    describe('by natural key', () => {
      const contact = (id: string, content: Content, more: Partial<RecordWrite> = {}): RecordWrite =>
        write(0, content, { id, ...more });

      test('records are found by all the given values, texts trimmed and caseless', async () => {
        await save(
          contact('1', { displayName: ' Ána  Smith\t', email: 'a@x' }),
          contact('2', { displayName: 'ÁNA  SMITH' }),
          contact('3', { displayName: 'Ána Smith' }),
          contact('4', { displayName: 'ána  smith', email: 'A@X' }, { kind: 'item' }),
        );
        expect(await named({ displayName: 'ána  smith\n' })).toEqual(['1', '2']);
        expect(await named({ displayName: 'ána  smith', email: 'A@x ' })).toEqual(['1']);
        expect(await named({ displayName: 'ána' })).toEqual([]);
        expect(await named({ displayName: 'ÁNA  smith' }, 'item')).toEqual(['4']);
      });

      test('null means absent', async () => {
        await save(
          contact('1', { name: 'Rent', parent: { kind: 'account', id: 'p' } }),
          contact('2', { name: 'Rent' }),
          contact('3', { name: 'Rent', parent: null }),
        );
        expect(await named({ name: 'rent', parent: null })).toEqual(['2', '3']);
        expect(await named({ name: 'rent' })).toEqual(['1', '2', '3']);
      });

      test('values that are no texts are equal or not', async () => {
        await save(
          contact('1', { name: 'Rent', parent: { kind: 'account', id: 'p' }, days: 30, active: true }),
          contact('2', { name: 'Rent', parent: { kind: 'account', id: 'q' }, days: 14, active: false }),
        );
        expect(await named({ parent: { id: 'p', kind: 'account' } })).toEqual(['1']);
        expect(await named({ days: 14 })).toEqual(['2']);
        expect(await named({ active: true, name: 'RENT' })).toEqual(['1']);
        expect(await named({ days: 15 })).toEqual([]);
      });

      test('only records that are present count, and only the tenant’s', async () => {
        const existences = ['present', 'archived', 'voided', 'deleted', 'merged'] as const;
        await save(...existences.map((existence) => contact(existence, { displayName: 'Ana' }, { existence })));
        const stranger = await h.addTenant();
        await within((tx) => h.records.save(tx, [contact('foreign', { displayName: 'Ana' })]), stranger);
        expect(await named({ displayName: 'Ana' })).toEqual(['present']);
      });
    });

    describe('that have ended and refer to another', () => {
      const to = (id: string, kind: KindName = 'contact'): Ref => ({ kind, id });
      const naming = async (ref: Ref, of = h.tenant): Promise<string[]> =>
        (await within((tx) => h.records.endedNaming(tx, ref), of)).map(({ id }) => id).sort();
      const ended = (kind: KindName, id: string, content: Content, more: Partial<RecordWrite> = {}): RecordWrite =>
        write(0, content, { kind, id, existence: 'deleted', ...more });

      test('are found wherever the reference stands, whatever their end', async () => {
        const allocation = { document: to('a"\\', 'invoice'), amount: '1' };
        await save(
          ended('invoice', '1', { contact: to('a') }),
          ended('invoice', '2', { contact: to('a') }, { existence: 'voided' }),
          ended('invoice', '3', { lines: [{ amount: '1' }, { item: to('a', 'item'), amount: '2' }] }),
          ended('payment', '4', { contact: to('b'), allocations: [allocation] }),
          ended('contact', '5', { displayName: 'Ana' }, { existence: 'archived' }),
        );
        expect(await naming(to('a'))).toEqual(['1', '2']);
        expect(await naming(to('a', 'item'))).toEqual(['3']);
        expect(await naming(to('a"\\', 'invoice'))).toEqual(['4']);
        expect(await naming(to('c'))).toEqual([]);
        expect(await naming(to('a', 'company'))).toEqual([]);
      });

      test('are no present ones, no other tenant’s, and none that only speak of it', async () => {
        await save(
          ended('invoice', '1', { contact: to('a') }, { existence: 'present' }),
          ended('invoice', '2', { memo: 'contact a', contact: to('b') }),
        );
        const stranger = await h.addTenant();
        await within((tx) => h.records.save(tx, [ended('invoice', '3', { contact: to('a') })]), stranger);
        expect(await naming(to('a'))).toEqual([]);
        expect(await naming(to('a'), stranger)).toEqual(['3']);
      });
    });

    describe('the result of a push', () => {
      const pushOf = (key: string, of = h.tenant) => within((tx) => h.records.pushOf(tx, key), of);
      const savePush = (key: string, result: unknown, of = h.tenant): Promise<void> =>
        within((tx) => h.records.savePush(tx, key, `fingerprint of ${key}`, result), of);

      test('is there again under its key, for its tenant alone', async () => {
        const result = [{ kind: 'contact', id: 'a', outcome: 'created', version: 1, groups: ['name'] }];
        await savePush('k', result);
        expect(await pushOf('k')).toEqual({ fingerprint: 'fingerprint of k', result });
        expect(await pushOf('K')).toBeUndefined();
        const stranger = await h.addTenant();
        expect(await pushOf('k', stranger)).toBeUndefined();
        await savePush('k', [], stranger);
        expect(await pushOf('k')).toMatchObject({ result });
      });

      test('may be that nothing was pushed', async () => {
        await savePush('k', []);
        expect(await pushOf('k')).toEqual({ fingerprint: 'fingerprint of k', result: [] });
      });

      test('is stored once: a key that is used cannot be used again', async () => {
        await savePush('k', ['first']);
        await expect(savePush('k', ['second'])).rejects.toThrow();
        expect(await pushOf('k')).toMatchObject({ result: ['first'] });
      });
    });

    test('what a transaction that is given up did to records is undone', async () => {
      await save(write(0, { displayName: 'Ana' }));
      const before = await one();
      const fresh: Ref = { kind: 'item', id: 'new' };
      await giveUp(h, async (tx) => {
        await h.records.save(tx, [write(1, { displayName: 'Bea' }), write(0, { name: 'Item' }, fresh)]);
        await h.records.saveFacts(tx, [{ ref: A, facts: { total: '1' } }]);
        await h.records.savePush(tx, 'k', 'f', []);
      });
      expect(await get(A, fresh)).toEqual([before]);
      expect(await versions(0)).toHaveLength(1);
      expect(await versions(0, fresh)).toEqual([]);
      expect(await within((tx) => h.records.pushOf(tx, 'k'))).toBeUndefined();
    });
  });
};
