import { createHash } from 'node:crypto';
import pg from 'pg';
import { canonicalJson } from '../../../src/domain/contract/index.js';
import type { ChainedEvent, EventFilter, NewEvent } from '../../../src/modules/history/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp } from './harness.js';
import { standing } from './interleaving.js';
import { PostgresForm, type PostgresHarness } from './postgres-harness.js';

let form: PostgresForm;
let h: PostgresHarness;
beforeAll(async () => {
  form = await PostgresForm.start();
});
afterAll(() => form.stop());
beforeEach(async () => {
  h = await form.open();
});

const within = <T>(work: (tx: Tx) => Promise<T>, of = h.tenant): Promise<T> => h.transactions.inTenant(of, work);
const event = (number: string, more: Partial<NewEvent> = {}): NewEvent => ({
  ...{ type: 'books_seen', cause: { by: 'webhook', id: 'delivery' }, number, detail: { total: '12.50' } },
  ...more,
});
const append = (numbers: readonly string[], of = h.tenant): Promise<void> =>
  within(
    (tx) =>
      h.history.append(
        tx,
        numbers.map((number) => event(number)),
      ),
    of,
  );
const chain = (most = 100, of = h.tenant): Promise<number | undefined> => within((tx) => h.chain.chain(tx, most), of);
const after = (sequence = 0, filter: EventFilter = {}, first = 100): Promise<ChainedEvent[]> =>
  within((tx) => h.chain.after(tx, sequence, first, filter));
const before = (sequence: number | undefined, filter: EventFilter = {}, first = 100): Promise<ChainedEvent[]> =>
  within((tx) => h.chain.before(tx, sequence, first, filter));
/** `1:INV-1` for each event in the chain. */
const told = (events: readonly ChainedEvent[]): string[] =>
  events.map(({ sequence, number }) => `${sequence}:${number}`);
const firstBroken = (of = h.tenant): Promise<number | undefined> => within((tx) => h.chain.firstBroken(tx), of);
const waiting = (): Promise<string[]> => h.transactions.dispatching((tx) => h.chain.waiting(tx));

describe('numbering', () => {
  test('counts committed events from 1, in the order in which they were told', async () => {
    await append(['a', 'b']);
    await append(['c']);
    expect(await chain()).toBe(3);
    expect(told(await after())).toEqual(['1:a', '2:b', '3:c']);
    await append(['d']);
    expect(await chain()).toBe(1);
    expect(told(await after())).toEqual(['1:a', '2:b', '3:c', '4:d']);
    expect(await chain()).toBe(0);
  });

  test('takes no more events at once than it is asked to, and goes on where it was', async () => {
    await append(['a', 'b', 'c', 'd', 'e']);
    expect([await chain(2), await chain(2), await chain(2), await chain(2)]).toEqual([2, 2, 1, 0]);
    expect(told(await after())).toEqual(['1:a', '2:b', '3:c', '4:d', '5:e']);
  });

  test('gives a late commit a later number, and skips nobody who reads on from where they were', async () => {
    const late = await standing(h.transactions, h.tenant, (tx) => h.history.append(tx, [event('late')]));
    await append(['early']);
    await chain();
    const seen = await after();
    expect(told(seen)).toEqual(['1:early']);
    await late.commit();
    await chain();
    const [next] = await after(seen.at(-1)!.sequence);
    expect(told([next!])).toEqual(['2:late']);
    expect(next!.at.getTime()).toBeLessThanOrEqual(seen[0]!.at.getTime());
  });

  test('is one process’s at a time; another one leaves it alone', async () => {
    await append(['a']);
    await chain();
    await append(['b']);
    const first = await standing(h.transactions, h.tenant, (tx) => h.chain.chain(tx, 100));
    expect(await chain()).toBeUndefined();
    await first.commit();
    expect(first.result).toBe(1);
    expect(told(await after())).toEqual(['1:a', '2:b']);
  });

  test('of one tenant does not wait for another’s, nor count it', async () => {
    const stranger = await h.addTenant();
    await append(['a']);
    await append(['x', 'y'], stranger);
    const first = await standing(h.transactions, h.tenant, (tx) => h.chain.chain(tx, 100));
    expect(await chain(100, stranger)).toBe(2);
    await first.commit();
    expect(told(await after())).toEqual(['1:a']);
    expect(await within((tx) => h.chain.head(tx), stranger)).toBe(2);
  });

  test('that is given up has numbered nothing', async () => {
    await append(['a']);
    await giveUp(h, (tx) => h.chain.chain(tx, 100));
    expect(await after()).toEqual([]);
    expect(await within((tx) => h.chain.head(tx))).toBe(0);
    expect(await chain()).toBe(1);
  });

  test('has no gap and no double, however many append and number at once', async () => {
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let at = 0; at < 15; at++) await append([`${writer}-${at}`]);
    });
    let writing = true;
    const sequencers = Array.from({ length: 3 }, async () => {
      while (writing) await chain(7);
    });
    await Promise.all(writers);
    writing = false;
    await Promise.all(sequencers);
    while ((await chain()) !== 0);
    const events = await after();
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 90 }, (_, at) => at + 1));
    expect(new Set(events.map(({ number }) => number)).size).toBe(90);
    for (let writer = 0; writer < 6; writer++) {
      const own = events.filter(({ number }) => number!.startsWith(`${writer}-`)).map(({ number }) => number);
      expect(own).toEqual(Array.from({ length: 15 }, (_, at) => `${writer}-${at}`));
    }
    expect(await firstBroken()).toBeUndefined();
  });

  test('wakes those who read, if there is anything', async () => {
    await append(['a']);
    const wakes = (): Promise<ReadonlySet<string>> =>
      within(async (tx) => {
        await h.chain.chain(tx, 100);
        return tx.wakes;
      });
    expect(await wakes()).toEqual(new Set(['feed']));
    expect(await wakes()).toEqual(new Set());
  });

  test('is waited for by the tenants whose events have no number yet', async () => {
    const stranger = await h.addTenant();
    expect(await waiting()).toEqual([]);
    await append(['a', 'b']);
    await append(['x'], stranger);
    expect((await waiting()).sort()).toEqual([h.tenant, stranger].sort());
    await chain();
    expect(await waiting()).toEqual([stranger]);
  });
});

describe('reading', () => {
  beforeEach(async () => {
    await append(['a', 'b']);
    await within((tx) => h.history.append(tx, [event('c', { type: 'policy_set' }), event('d', { twin: TWIN })]));
    await chain();
  });
  const TWIN = '00000000-0000-7000-8000-0000000000aa';

  test('goes on after a number, forwards, so many at a time', async () => {
    expect(told(await after(0, {}, 3))).toEqual(['1:a', '2:b', '3:c']);
    expect(told(await after(3, {}, 3))).toEqual(['4:d']);
    expect(await after(4)).toEqual([]);
  });

  test('goes back before a number, from the newest one on', async () => {
    expect(told(await before(undefined, {}, 3))).toEqual(['4:d', '3:c', '2:b']);
    expect(told(await before(2))).toEqual(['1:a']);
    expect(await before(1)).toEqual([]);
  });

  test('may look for types and twins only, and for none of them finds nothing', async () => {
    expect(told(await after(0, { types: ['policy_set'] }))).toEqual(['3:c']);
    expect(told(await after(0, { twins: [TWIN] }))).toEqual(['4:d']);
    expect(told(await before(undefined, { types: ['books_seen'], twins: [TWIN] }))).toEqual(['4:d']);
    expect(await after(0, { twins: [] })).toEqual([]);
    expect(await after(0, { types: [] })).toEqual([]);
  });

  test('knows the newest number, and 0 where there is none', async () => {
    expect(await within((tx) => h.chain.head(tx))).toBe(4);
    expect(await within((tx) => h.chain.head(tx), await h.addTenant())).toBe(0);
  });

  test('shows another tenant nothing', async () => {
    const stranger = await h.addTenant();
    expect(await within((tx) => h.chain.after(tx, 0, 100, {}), stranger)).toEqual([]);
    expect(await within((tx) => h.chain.before(tx, undefined, 100, {}), stranger)).toEqual([]);
  });
});

describe('the chain', () => {
  /** Changes history as only somebody with the owner's rights could. */
  const tamper = async (...statements: string[]): Promise<void> => {
    const owner = new pg.Client({ connectionString: form.fresh.ownerUrl });
    await owner.connect();
    try {
      await owner.query('set session_replication_role = replica');
      for (const statement of statements) await owner.query(statement);
    } finally {
      await owner.end();
    }
  };
  const eventAt = (sequence: number): string => `(select event_id from chain where sequence = ${sequence})`;
  beforeEach(async () => {
    await append(['a', 'b', 'c', 'd', 'e']);
    await chain();
  });

  test('is whole as long as nobody touches it, and where there is none', async () => {
    expect(await firstBroken()).toBeUndefined();
    expect(await firstBroken(await h.addTenant())).toBeUndefined();
  });

  test('can be followed by anybody who knows the events', async () => {
    let previous: Uint8Array = new Uint8Array(32);
    for (const { sequence, hash, ...rest } of await after()) {
      const told = canonicalJson({ ...rest, at: rest.at.toISOString(), sequence });
      previous = createHash('sha256').update(previous).update(told).digest();
      expect(Buffer.from(previous).toString('hex')).toBe(hash);
    }
  });

  test.each<[string, number, () => string[]]>([
    ['whose content was changed', 3, () => [`update event set detail = '{"total":"99"}' where id = ${eventAt(3)}`]],
    ['whose actor was changed', 2, () => [`update event set cause = '{"by":"system"}' where id = ${eventAt(2)}`]],
    ['whose time was changed', 4, () => [`update event set at = at - interval '1 day' where id = ${eventAt(4)}`]],
    ['whose type was changed', 1, () => [`update event set type = 'held' where id = ${eventAt(1)}`]],
    ['that was taken away', 3, () => [`delete from event where id = ${eventAt(3)}`]],
    ['that was taken away with its link', 3, () => [`delete from chain where sequence = 3`]],
    ['that was the last one and was taken away', 5, () => [`delete from chain where sequence = 5`]],
    ['whose link was changed', 2, () => [String.raw`update chain set hash = '\x00' where sequence = 2`]],
    [
      'that has changed places with another one',
      2,
      () => [
        `update chain set sequence = case sequence when 2 then -4 else -2 end where sequence in (2, 4)`,
        `update chain set sequence = -sequence where sequence < 0`,
      ],
    ],
  ])('breaks at an event %s', async (_what, place, statements) => {
    await tamper(...statements());
    expect(await firstBroken()).toBe(place);
  });

  test('of one tenant says nothing of another’s', async () => {
    const stranger = await h.addTenant();
    await append(['x'], stranger);
    await chain(100, stranger);
    await tamper(`update event set number = 'changed' where tenant_id = '${h.tenant}' and number = 'd'`);
    expect(await firstBroken()).toBe(4);
    expect(await firstBroken(stranger)).toBeUndefined();
  });
});
