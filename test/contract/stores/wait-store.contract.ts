import type { Reached, Wait } from '../../../src/modules/sync/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

export const describeWaitStore = (form: string, open: Open): void => {
  describe(`waits ${form}`, () => {
    let h: Harness;
    let [invoice, payment, contact, item] = ['', '', '', ''];
    beforeEach(async () => {
      h = await open();
      [invoice, payment, contact, item] = [h.newId(), h.newId(), h.newId(), h.newId()];
    });

    const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => h.transactions.inTenant(h.tenant, work);
    const wait = (twin: string, needs: string, more: Partial<Wait> = {}): Wait => ({
      twin,
      needs,
      side: 'books',
      until: 'exists',
      path: 'contact',
      ...more,
    });
    const replace = (twins: readonly string[], ...waits: Wait[]): Promise<Wait[]> =>
      within((tx) => h.waits.replace(tx, twins, waits));
    const of = async (...twins: string[]): Promise<Wait[]> => sorted(await within((tx) => h.waits.of(tx, twins)));
    const sorted = (waits: readonly Wait[]): Wait[] =>
      [...waits].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
    const end = async (...reached: (Omit<Reached, 'until'> & Partial<Reached>)[]): Promise<string[]> => {
      const all = reached.map((one): Reached => ({ until: 'exists', ...one }));
      return (await within((tx) => h.waits.end(tx, all))).sort();
    };
    const waitingFor = async (twin: string, ...among: string[]): Promise<Set<string>> =>
      new Set(await within((tx) => h.waits.waitingFor(tx, twin, among)));

    test('nothing given is nothing done or found', async () => {
      await replace([invoice], wait(invoice, contact));
      await within(async (tx) => {
        expect(await h.waits.of(tx, [])).toEqual([]);
        expect(await h.waits.replace(tx, [], [])).toEqual([]);
        expect(await h.waits.end(tx, [])).toEqual([]);
        expect(await h.waits.waitingFor(tx, contact, [])).toEqual([]);
      });
      expect(await of(invoice)).toEqual([wait(invoice, contact)]);
    });

    test('a twin waits for several others, at whichever side they are missing', async () => {
      const waits = [
        wait(invoice, contact),
        wait(invoice, contact, { side: 'app', path: 'lines[0].contact' }),
        wait(invoice, item, { path: 'lines[2].item' }),
      ];
      expect(sorted(await replace([invoice], ...waits))).toEqual(sorted(waits));
      expect(await of(invoice)).toEqual(sorted(waits));
      expect(await of(payment, contact)).toEqual([]);
    });

    test('what a twin waits for is replaced as a whole, and only what is new is told', async () => {
      await replace([invoice, payment], wait(invoice, contact), wait(payment, invoice));
      const renamed = wait(invoice, contact, { path: 'shipTo' });
      expect(await replace([invoice], renamed, wait(invoice, item))).toEqual([wait(invoice, item)]);
      expect(await of(invoice)).toEqual(sorted([renamed, wait(invoice, item)]));
      expect(await of(payment)).toEqual([wait(payment, invoice)]);
      expect(await replace([invoice, payment], wait(payment, invoice))).toEqual([]);
      expect(await of(invoice, payment)).toEqual([wait(payment, invoice)]);
    });

    test('a need that is named twice is one wait, new once', async () => {
      const twice = [wait(invoice, item, { path: 'lines[0].item' }), wait(invoice, item, { path: 'lines[1].item' })];
      expect(await replace([invoice], ...twice)).toEqual([twice[1]]);
      expect(await of(invoice)).toEqual([twice[1]]);
    });

    test('the waits on a twin end at the side where it now exists, and whoever waited is told once', async () => {
      await replace(
        [invoice, payment],
        wait(invoice, contact),
        wait(invoice, contact, { side: 'app' }),
        wait(invoice, item),
        wait(payment, contact),
        wait(payment, item),
      );
      const there = [
        { twin: contact, side: 'books' },
        { twin: item, side: 'books' },
        { twin: item, side: 'app' },
      ] as const;
      expect(await end(...there)).toEqual([invoice, payment].sort());
      expect(await of(invoice, payment)).toEqual([wait(invoice, contact, { side: 'app' })]);
      expect(await end(...there)).toEqual([]);
    });

    test('to wait until a twin exists is one thing, to wait until it has ended another', async () => {
      const both = [wait(contact, invoice), wait(contact, invoice, { until: 'ended' })];
      expect(sorted(await replace([contact], ...both))).toEqual(sorted(both));
      expect(await replace([contact], ...both)).toEqual([]);
      expect(await end({ twin: invoice, side: 'books', until: 'ended' })).toEqual([contact]);
      expect(await of(contact)).toEqual([both[0]]);
      await replace([contact], ...both);
      expect(await end({ twin: invoice, side: 'books' })).toEqual([contact]);
      expect(await of(contact)).toEqual([both[1]]);
    });

    describe('who waits for a twin', () => {
      test('waits for it directly, or for something that does, or is it', async () => {
        await replace(
          [payment, invoice, item],
          wait(payment, invoice),
          wait(invoice, contact),
          wait(invoice, item, { side: 'app' }),
        );
        expect(await waitingFor(contact, payment, invoice, item)).toEqual(new Set([payment, invoice]));
        expect(await waitingFor(item, payment, contact)).toEqual(new Set([payment]));
        expect(await waitingFor(contact, contact)).toEqual(new Set([contact]));
        expect(await waitingFor(payment, invoice, contact, item)).toEqual(new Set());
      });

      test('is found in circles too', async () => {
        await replace(
          [payment, invoice, contact],
          wait(payment, invoice),
          wait(invoice, contact),
          wait(contact, payment),
        );
        expect(await waitingFor(payment, invoice, contact, item)).toEqual(new Set([invoice, contact]));
        expect(await waitingFor(item, payment, invoice, contact)).toEqual(new Set());
      });
    });

    describe('when a twin vanishes into another', () => {
      const absorb = (gone: string, survivor: string): Promise<void> =>
        within((tx) => h.waits.absorb(tx, gone, survivor));

      test('whoever waited for it waits for the survivor, once', async () => {
        const gone = h.newId();
        await replace(
          [invoice, payment],
          wait(invoice, gone),
          wait(payment, gone),
          wait(payment, gone, { side: 'app' }),
          wait(payment, contact),
        );
        await absorb(gone, contact);
        expect(await of(invoice, payment)).toEqual(
          sorted([wait(invoice, contact), wait(payment, contact), wait(payment, contact, { side: 'app' })]),
        );
        expect(await end({ twin: contact, side: 'books' })).toEqual([invoice, payment].sort());
      });

      test('a wait until it exists and one until it has ended stay two', async () => {
        const gone = h.newId();
        await replace([payment], wait(payment, gone, { until: 'ended' }), wait(payment, contact));
        await absorb(gone, contact);
        expect(await of(payment)).toEqual(sorted([wait(payment, contact), wait(payment, contact, { until: 'ended' })]));
      });

      test('what it waited for itself is forgotten: the survivor says anew what it needs', async () => {
        const gone = h.newId();
        await replace([gone, invoice], wait(gone, contact), wait(invoice, item));
        await absorb(gone, invoice);
        expect(await of(gone, invoice)).toEqual([wait(invoice, item)]);
        expect(await end({ twin: contact, side: 'books' })).toEqual([]);
      });
    });

    test('what a transaction that is given up did to waits is undone', async () => {
      await replace([invoice, payment], wait(invoice, contact), wait(payment, invoice));
      const before = await of(invoice, payment, item);
      await giveUp(h, async (tx) => {
        await h.waits.end(tx, [{ twin: contact, side: 'books', until: 'exists' }]);
        await h.waits.replace(tx, [item], [wait(item, contact)]);
        await h.waits.absorb(tx, invoice, item);
      });
      expect(await of(invoice, payment, item)).toEqual(before);
    });
  });
};
