import type { NewEvent } from '../../../src/modules/history/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp, type Harness, type Open } from './harness.js';

export const describeHistoryStore = (form: string, open: Open): void => {
  describe(`history ${form}`, () => {
    let h: Harness;
    beforeEach(async () => {
      h = await open();
    });

    const within = <T>(work: (tx: Tx) => Promise<T>, of = h.tenant): Promise<T> => h.transactions.inTenant(of, work);
    const event = (number: string, more: Partial<NewEvent> = {}): NewEvent => ({
      type: 'books_seen',
      cause: { by: 'webhook', id: 'delivery' },
      number,
      detail: {},
      ...more,
    });
    const append = (...events: NewEvent[]): Promise<void> => within((tx) => h.history.append(tx, events));
    const numbers = async (of = h.tenant): Promise<(string | undefined)[]> =>
      (await h.events(of)).map(({ number }) => number);

    test('nothing appended is nothing to tell', async () => {
      await within(async (tx) => {
        await h.history.append(tx, []);
        expect(tx.wakes).toEqual(new Set());
      });
      expect(await h.events(h.tenant)).toEqual([]);
    });

    test('an event is kept whole, with an id and the time of its transaction', async () => {
      const whole: NewEvent = {
        ...{ type: 'conflict_decided', cause: { by: 'person', actor: 'finance:ana', id: 'd' } },
        ...{ connection: h.connection, twin: h.newId(), kind: 'invoice', appId: 'a', booksId: 'b', number: 'INV-1' },
        detail: { before: { amount: '12.50' }, after: { lines: [{ id: '1' }] }, policies: {}, none: null },
      };
      const now = await within(async (tx) => {
        await h.history.append(tx, [whole]);
        return tx.now;
      });
      const [kept] = await h.events(h.tenant);
      expect(kept).toMatchObject({ ...whole, at: now });
      expect(kept!.detail).toEqual(whole.detail);
      expect(kept!.id).toMatch(/./);
    });

    test('an event says nothing of what it does not know', async () => {
      await append({ type: 'policy_set', cause: { by: 'person' }, detail: {} });
      const [kept] = await h.events(h.tenant);
      for (const name of ['connection', 'twin', 'kind', 'appId', 'booksId', 'number']) {
        expect(Object.keys(kept!)).not.toContain(name);
      }
    });

    test('events are told in the order in which they were appended, those of one moment too', async () => {
      const first = Array.from({ length: 30 }, (_, index) => event(`1.${index}`));
      const second = Array.from({ length: 30 }, (_, index) => event(`2.${index}`));
      await append(...first);
      await h.pass(1_000);
      await append(...second);
      expect(await numbers()).toEqual([...first, ...second].map(({ number }) => number));
    });

    test('the same event twice is two events', async () => {
      await append(event('1'), event('1'));
      const events = await h.events(h.tenant);
      expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    });

    test('whoever numbers events is woken', async () => {
      await within(async (tx) => {
        await h.history.append(tx, [event('1')]);
        expect(tx.wakes).toEqual(new Set(['history']));
      });
    });

    test('a history is its tenant’s own', async () => {
      const stranger = await h.addTenant();
      await append(event('mine'));
      await within((tx) => h.history.append(tx, [event('theirs')]), stranger);
      expect(await numbers()).toEqual(['mine']);
      expect(await numbers(stranger)).toEqual(['theirs']);
    });

    test('what a transaction that is given up appended never happened', async () => {
      await append(event('1'));
      await giveUp(h, (tx) => h.history.append(tx, [event('2')]));
      await append(event('3'));
      expect(await numbers()).toEqual(['1', '3']);
    });
  });
};
