import type { KindName, Ref } from '../../../src/domain/contract/index.js';
import type { Sighting } from '../../../src/domain/provider/index.js';
import type { NewSnapshot, Reception, Snapshot, VersionOrder } from '../../../src/modules/sync/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

const at = (second: number): Date => new Date(Date.parse('2026-03-01T10:00:00Z') + second * 1000);
const UNORDERED = (): VersionOrder => undefined;
const ORDERED = (): VersionOrder => (one, other) => Number(one) - Number(other);
const B: Ref = { kind: 'contact', id: 'b' };

const AT_SOME_TIME = expect.any(Date) as Date;

export const describeSnapshotStore = (form: string, open: Open): void => {
  describe(`snapshots ${form}`, () => {
    let h: Harness;
    beforeEach(async () => {
      h = await open();
    });

    const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => h.transactions.inTenant(h.tenant, work);
    const shown = (version: string, more: Partial<Sighting> = {}): Sighting => ({
      ...B,
      existence: 'present',
      content: { displayName: `as of version ${version}` },
      version,
      raw: { Id: 'b', SyncToken: version },
      ...more,
    });
    const save = (
      snapshots: readonly NewSnapshot[],
      orderOf: (kind: KindName) => VersionOrder = UNORDERED,
    ): Promise<Reception[]> => within((tx) => h.snapshots.save(tx, h.connection, snapshots, orderOf));
    const see = async (sighting: Sighting, asOf: Date, orderOf = UNORDERED): Promise<Reception> =>
      (await save([{ sighting, asOf }], orderOf))[0]!;
    const get = (...refs: Ref[]): Promise<Snapshot[]> => within((tx) => h.snapshots.get(tx, h.connection, refs));
    const end = (existence: 'deleted' | 'voided' | 'archived', asOf: Date, ref = B): Promise<Reception> =>
      within((tx) => h.snapshots.end(tx, h.connection, ref, existence, asOf));
    const hint = (into: string): Promise<void> => within((tx) => h.snapshots.hintMerged(tx, h.connection, B, into));

    test('nothing offered or asked is nothing kept or answered', async () => {
      expect(await save([])).toEqual([]);
      expect(await get()).toEqual([]);
      expect(await get(B)).toEqual([]);
    });

    test('a look is kept whole: what was shown, when, and what the provider said about it', async () => {
      const sighting = shown('7', {
        facet: 'customer',
        createdAt: '2026-01-01T00:00:00Z',
        changedAt: '2026-02-01T00:00:00Z',
        changedBy: 'Ana',
        content: {
          number: 'INV-1',
          total: '12.50',
          lines: [{ id: '1', amount: '12.50', account: { kind: 'account', id: '4' } }],
        },
        raw: { deep: [1, 'two', null, { three: true }] },
      });
      expect(await see(sighting, at(0))).toBe('new');
      expect(await get(B)).toEqual([{ ...sighting, asOf: at(0) }]);
    });

    test('a record without provider’s data or facet is kept without', async () => {
      await see(shown('1', { raw: null }), at(0));
      const [snapshot] = await get(B);
      expect(snapshot).toEqual({ ...shown('1', { raw: null }), asOf: at(0) });
      expect(Object.keys(snapshot!)).not.toContain('mergedInto');
    });

    test('a record is one of its connection and kind', async () => {
      await see(shown('1'), at(0));
      const elsewhere = await h.addConnection(h.tenant);
      expect(await get({ kind: 'invoice', id: 'b' })).toEqual([]);
      expect(await within((tx) => h.snapshots.get(tx, elsewhere, [B]))).toEqual([]);
      const [reception] = await within((tx) =>
        h.snapshots.save(tx, elsewhere, [{ sighting: shown('9'), asOf: at(0) }], UNORDERED),
      );
      expect(reception).toBe('new');
      expect(await get(B)).toMatchObject([{ version: '1' }]);
    });

    test('several records are told apart, and one asked for twice is answered once', async () => {
      const invoice: Ref = { kind: 'invoice', id: 'b' };
      expect(
        await save([
          { sighting: shown('1'), asOf: at(0) },
          { sighting: shown('2', invoice), asOf: at(0) },
        ]),
      ).toEqual(['new', 'new']);
      const found = await get(invoice, B, { kind: 'item', id: 'b' }, B);
      expect(found.map(({ kind, version }) => `${kind} ${version}`).sort()).toEqual(['contact 1', 'invoice 2']);
    });

    describe('of two looks', () => {
      test('a later one that shows another version replaces the earlier one', async () => {
        await see(shown('1'), at(0));
        expect(await see(shown('2'), at(1))).toBe('changed');
        expect(await get(B)).toEqual([{ ...shown('2'), asOf: at(1) }]);
      });

      test('a later one that shows the same is the same, and counts as the newer look', async () => {
        await see(shown('1'), at(0));
        expect(await see(shown('1'), at(1))).toBe('same');
        expect(await get(B)).toMatchObject([{ version: '1', asOf: at(1) }]);
      });

      test('a later one that shows another existence is a change', async () => {
        await see(shown('1'), at(0));
        expect(await see(shown('1', { existence: 'voided' }), at(1))).toBe('changed');
        expect(await get(B)).toMatchObject([{ existence: 'voided' }]);
      });

      test('an older one never replaces a newer one', async () => {
        await see(shown('2'), at(1));
        expect(await see(shown('1'), at(0))).toBe('older');
        expect(await get(B)).toEqual([{ ...shown('2'), asOf: at(1) }]);
      });

      test('one with a lower version never replaces one with a higher, however late it comes', async () => {
        await see(shown('10'), at(0), ORDERED);
        expect(await see(shown('9'), at(5), ORDERED)).toBe('older');
        expect(await get(B)).toEqual([{ ...shown('10'), asOf: at(0) }]);
      });

      test('one with a higher version replaces one with a lower, though it was begun earlier', async () => {
        await see(shown('9'), at(5), ORDERED);
        expect(await see(shown('10'), at(0), ORDERED)).toBe('changed');
        expect(await get(B)).toEqual([{ ...shown('10'), asOf: at(0) }]);
      });

      test('versions have the order that their kind’s provider gives them', async () => {
        const orderOf = (kind: KindName): VersionOrder => (kind === 'contact' ? ORDERED() : undefined);
        const item: Ref = { kind: 'item', id: 'b' };
        await save(
          [
            { sighting: shown('2'), asOf: at(0) },
            { sighting: shown('2', item), asOf: at(0) },
          ],
          orderOf,
        );
        const later = [
          { sighting: shown('1', item), asOf: at(1) },
          { sighting: shown('1'), asOf: at(1) },
        ];
        expect(await save(later, orderOf)).toEqual(['changed', 'older']);
      });

      test('both may come in one call: each is judged after the one before', async () => {
        await see(shown('1'), at(0));
        const looks = ['2', '2', '3', '1'].map((version, index) => ({
          sighting: shown(version),
          asOf: at(index === 3 ? 0 : index + 1),
        }));
        expect(await save(looks)).toEqual(['changed', 'same', 'changed', 'older']);
        expect(await get(B)).toEqual([{ ...shown('3'), asOf: at(3) }]);
      });

      test('both may come in one call for a record that was never seen', async () => {
        const looks = [
          { sighting: shown('1'), asOf: at(0) },
          { sighting: shown('2'), asOf: at(1) },
        ];
        expect(await save(looks)).toEqual(['new', 'changed']);
        expect(await get(B)).toEqual([{ ...shown('2'), asOf: at(1) }]);
      });
    });

    describe('a record that ended', () => {
      test('keeps its last content under the new existence', async () => {
        await see(shown('1'), at(0));
        expect(await end('deleted', at(1))).toBe('changed');
        expect(await get(B)).toEqual([{ ...shown('1'), existence: 'deleted', asOf: at(1), endedAt: AT_SOME_TIME }]);
        expect(await end('deleted', at(2))).toBe('same');
        expect(await get(B)).toMatchObject([{ existence: 'deleted', asOf: at(2) }]);
      });

      test('is known as ended, though it was never seen', async () => {
        expect(await end('deleted', at(1))).toBe('new');
        expect(await get(B)).toEqual([
          { ...B, existence: 'deleted', content: {}, version: '', raw: null, asOf: at(1), endedAt: AT_SOME_TIME },
        ]);
      });

      test('is known to have ended since we learnt it, however it ended and was seen since, until it is back', async () => {
        const endedAt = async (): Promise<Date | undefined> => (await get(B))[0]!.endedAt;
        await see(shown('1'), at(0));
        expect(await endedAt()).toBeUndefined();
        await see(shown('2', { existence: 'voided' }), at(1));
        const since = await endedAt();
        expect(since).toEqual(AT_SOME_TIME);
        await h.pass(60_000);
        await see(shown('3', { existence: 'archived' }), at(2));
        await end('deleted', at(3));
        expect(await endedAt()).toEqual(since);
        await see(shown('4'), at(4));
        expect(await endedAt()).toBeUndefined();
        await end('deleted', at(5));
        expect((await endedAt())!.getTime()).toBeGreaterThan(since!.getTime());
      });

      test('has not ended if it was seen after that', async () => {
        await see(shown('1'), at(2));
        expect(await end('deleted', at(1))).toBe('older');
        expect(await get(B)).toEqual([{ ...shown('1'), asOf: at(2) }]);
      });

      test('stays deleted while a list lags and still shows its last version', async () => {
        await see(shown('1'), at(0));
        await end('deleted', at(1));
        expect(await see(shown('1'), at(2))).toBe('older');
        expect(await see(shown('1', { existence: 'deleted' }), at(3))).toBe('same');
        expect(await get(B)).toMatchObject([{ existence: 'deleted', version: '1' }]);
      });

      test('is back when it is seen with another version', async () => {
        await see(shown('1'), at(0));
        await end('deleted', at(1));
        expect(await see(shown('2'), at(2))).toBe('changed');
        expect(await get(B)).toMatchObject([{ existence: 'present', version: '2' }]);
      });
    });

    describe('a record that an event called merged away', () => {
      test('is merged once it is no longer present', async () => {
        await see(shown('1'), at(0));
        await hint('survivor');
        expect(await get(B)).toEqual([{ ...shown('1'), mergedInto: 'survivor', asOf: at(0) }]);
        expect(await see(shown('1'), at(1))).toBe('same');
        expect(await get(B)).toMatchObject([{ existence: 'present', mergedInto: 'survivor' }]);
        expect(await see(shown('2', { existence: 'archived' }), at(2))).toBe('changed');
        expect(await get(B)).toMatchObject([{ existence: 'merged', mergedInto: 'survivor', version: '2' }]);
      });

      test('is merged when it turns out to be gone', async () => {
        await see(shown('1'), at(0));
        await hint('survivor');
        expect(await end('deleted', at(1))).toBe('changed');
        expect(await get(B)).toMatchObject([{ existence: 'merged', mergedInto: 'survivor' }]);
      });

      test('is voided when it is voided', async () => {
        await see(shown('1'), at(0));
        await hint('survivor');
        await see(shown('2', { existence: 'voided' }), at(1));
        expect(await get(B)).toMatchObject([{ existence: 'voided' }]);
      });

      test('has not changed when it is seen the same way again', async () => {
        await see(shown('1'), at(0));
        await hint('survivor');
        await see(shown('2', { existence: 'archived' }), at(1));
        expect(await see(shown('2', { existence: 'archived' }), at(2))).toBe('same');
        expect(await get(B)).toMatchObject([{ existence: 'merged', mergedInto: 'survivor', asOf: at(2) }]);
      });

      test('stays merged while a list lags and still shows its last version', async () => {
        await see(shown('1'), at(0));
        await hint('survivor');
        await end('deleted', at(1));
        expect(await see(shown('1'), at(2))).toBe('older');
        expect(await get(B)).toMatchObject([{ existence: 'merged' }]);
      });

      test('went into the survivor that a look names, whatever the event said', async () => {
        await see(shown('1'), at(0));
        await hint('hinted');
        await see(shown('2', { existence: 'merged', mergedInto: 'named' }), at(1));
        expect(await get(B)).toMatchObject([{ existence: 'merged', mergedInto: 'named' }]);
      });

      test('leaves nothing behind if it was never seen', async () => {
        await hint('survivor');
        expect(await get(B)).toEqual([]);
        expect(await see(shown('1', { existence: 'archived' }), at(0))).toBe('new');
        expect(await get(B)).toEqual([
          { ...shown('1', { existence: 'archived' }), asOf: at(0), endedAt: AT_SOME_TIME },
        ]);
      });
    });

    test('what a transaction that is given up did to snapshots is undone', async () => {
      const other: Ref = { kind: 'contact', id: 'other' };
      await see(shown('1'), at(0));
      const before = await get(B);
      await giveUp(h, async (tx) => {
        const looks = [
          { sighting: shown('2'), asOf: at(1) },
          { sighting: shown('1', other), asOf: at(1) },
        ];
        await h.snapshots.save(tx, h.connection, looks, UNORDERED);
        await h.snapshots.hintMerged(tx, h.connection, B, 'survivor');
        await h.snapshots.end(tx, h.connection, B, 'deleted', at(2));
      });
      expect(await get(B, other)).toEqual(before);
    });
  });
};
