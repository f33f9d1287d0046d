import type { DueStream, Look, Stream } from '../../../src/modules/sync/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import { giveUp } from './harness.js';
import { PostgresForm, type PostgresHarness } from './postgres-harness.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

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
const stream = (name: string, everyMs = 5 * MINUTE) => ({ name, everyMs, why: 'nobody is looking' });
const ensure = (...names: string[]): Promise<void> =>
  within((tx) =>
    h.streams.ensure(
      tx,
      h.connection,
      names.map((name) => stream(name)),
    ),
  );
const streams = (): Promise<Stream[]> => within((tx) => h.streams.of(tx, h.connection));
const one = async (name: string): Promise<Stream> => (await streams()).find((found) => found.name === name)!;
const claimDue = (most = 10): Promise<DueStream[]> => h.transactions.dispatching((tx) => h.streams.claimDue(tx, most));
const due = async (most?: number): Promise<string[]> => (await claimDue(most)).map(({ name }) => name).sort();
const advance = (name: string, cursor: string, inMs: number | undefined, found = 0, began?: Date): Promise<void> =>
  within((tx) => {
    const dueAt = inMs === undefined ? undefined : new Date(tx.now.getTime() + inMs);
    return h.streams.advance(tx, h.connection, name, { cursor, found, began: began ?? tx.now, dueAt });
  });

/** A look that began with the transaction and is done with it. */
const look = (tx: Tx, cursor: string, inMs: number): Look => ({
  ...{ cursor, found: 0, began: tx.now },
  dueAt: new Date(tx.now.getTime() + inMs),
});

describe('the streams of a connection', () => {
  test('are due at once when they are made, and have no cursor', async () => {
    const now = await within(async (tx) => {
      await h.streams.ensure(tx, h.connection, [stream('invoices', MINUTE), stream('contacts')]);
      return tx.now;
    });
    const fresh = { cursor: undefined, dueAt: now, lookedAt: undefined, found: 0, failure: undefined };
    expect(await streams()).toEqual([
      { connection: h.connection, ...stream('contacts'), ...fresh },
      { connection: h.connection, ...stream('invoices', MINUTE), ...fresh },
    ]);
  });

  test('that exist are left alone', async () => {
    await ensure('contacts');
    await advance('contacts', 'c1', MINUTE, 7);
    const before = await one('contacts');
    await within((tx) => h.streams.ensure(tx, h.connection, [stream('contacts', 1), stream('items'), stream('items')]));
    await within((tx) => h.streams.ensure(tx, h.connection, []));
    expect(await one('contacts')).toEqual(before);
    expect((await streams()).map(({ name }) => name)).toEqual(['contacts', 'items']);
  });

  test('are its own: another tenant sees none of them', async () => {
    await ensure('contacts');
    const stranger = await h.addTenant();
    await within(async (tx) => {
      expect(await h.streams.of(tx, h.connection)).toEqual([]);
      await h.streams.end(tx, h.connection, 'contacts');
      await h.streams.advance(tx, h.connection, 'contacts', look(tx, 'stolen', 0));
      await h.streams.failed(tx, h.connection, 'contacts', 'broken', tx.now);
    }, stranger);
    expect(await streams()).toMatchObject([{ name: 'contacts', cursor: undefined, failure: undefined }]);
  });

  test('that have ended are gone', async () => {
    await ensure('contacts', 'recount');
    await within((tx) => h.streams.end(tx, h.connection, 'recount'));
    await within((tx) => h.streams.end(tx, h.connection, 'never was'));
    expect((await streams()).map(({ name }) => name)).toEqual(['contacts']);
  });
});

describe('a due stream', () => {
  test('is claimed with its tenant, for a minute', async () => {
    await ensure('contacts');
    const { tenant, connection } = h;
    expect(await claimDue()).toEqual([{ tenant, connection, name: 'contacts' }]);
    await h.pass(59 * SECOND);
    expect(await due()).toEqual([]);
    await h.pass(2 * SECOND);
    expect(await due()).toEqual(['contacts']);
  });

  test('that has waited longest comes first', async () => {
    await ensure('a', 'b', 'c');
    await advance('a', '1', 3 * SECOND);
    await advance('b', '1', 1 * SECOND);
    await advance('c', '1', 2 * SECOND);
    expect(await due()).toEqual([]);
    await h.pass(5 * SECOND);
    expect(await due(2)).toEqual(['b', 'c']);
    expect(await due(2)).toEqual(['a']);
  });

  test('that many claim at once is one’s alone', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `s${String(at).padStart(2, '0')}`);
    await ensure(...names);
    const claimed = (await Promise.all(Array.from({ length: 6 }, () => due(5)))).flat();
    expect(claimed.sort()).toEqual(names);
  });

  test.each(['needs_reconnect', 'suspended', 'disconnected'] as const)(
    'of a connection that is %s is not claimed',
    async (state) => {
      await ensure('contacts');
      await h.setConnection(h.connection, { state });
      expect(await due()).toEqual([]);
      await h.setConnection(h.connection, { state: 'active' });
      expect(await due()).toEqual(['contacts']);
    },
  );

  test('of a connection that is paused is claimed when the pause is over', async () => {
    await ensure('contacts');
    const now = await within(async (tx) => tx.now);
    await h.setConnection(h.connection, { notBefore: new Date(now.getTime() + MINUTE) });
    expect(await due()).toEqual([]);
    await h.pass(MINUTE + SECOND);
    expect(await due()).toEqual(['contacts']);
  });
});

describe('a look', () => {
  test('that was done moves the cursor, says what it found, and frees the stream until it is due', async () => {
    await ensure('contacts');
    await claimDue();
    const now = await within(async (tx) => {
      await h.streams.advance(tx, h.connection, 'contacts', { ...look(tx, 'c2', MINUTE), found: 3 });
      return tx.now;
    });
    expect(await one('contacts')).toMatchObject({
      ...{ cursor: 'c2', found: 3, lookedAt: now, dueAt: new Date(now.getTime() + MINUTE), failure: undefined },
    });
    await h.pass(MINUTE + SECOND);
    expect(await due()).toEqual(['contacts']);
  });

  test('of which pages remain stays claimed for another minute, and goes on from the cursor if nobody does', async () => {
    await ensure('contacts');
    await claimDue();
    await h.pass(59 * SECOND);
    await advance('contacts', 'page 2', undefined);
    await h.pass(59 * SECOND);
    expect(await due()).toEqual([]);
    await h.pass(2 * SECOND);
    expect(await due()).toEqual(['contacts']);
    expect((await one('contacts')).cursor).toBe('page 2');
  });

  test('that failed keeps the cursor and says why, until one is done', async () => {
    await ensure('contacts');
    await advance('contacts', 'c1', 0, 5);
    const before = await one('contacts');
    await h.pass(SECOND);
    await claimDue();
    const fail = (tx: Tx): Promise<void> =>
      h.streams.failed(tx, h.connection, 'contacts', 'no answer', new Date(tx.now.getTime() + MINUTE));
    await within(fail);
    const { cursor, found, lookedAt } = before;
    expect(await one('contacts')).toMatchObject({ cursor, found, lookedAt, failure: 'no answer' });
    await h.pass(MINUTE + SECOND);
    expect(await due()).toEqual(['contacts']);
    await advance('contacts', 'c2', MINUTE);
    expect((await one('contacts')).failure).toBeUndefined();
  });

  test('moves the cursor together with the rows that it covers, or not at all', async () => {
    await ensure('contacts');
    await giveUp(h, async (tx) => {
      await h.streams.advance(tx, h.connection, 'contacts', look(tx, 'c9', 0));
      await h.history.append(tx, [{ type: 'books_seen', cause: { by: 'poll' }, detail: {} }]);
    });
    expect((await one('contacts')).cursor).toBeUndefined();
    expect(await h.events(h.tenant)).toEqual([]);
  });
});

describe('hurry', () => {
  const hurry = (names?: readonly string[]): Promise<ReadonlySet<string>> =>
    within(async (tx) => {
      await h.streams.hurry(tx, h.connection, names);
      return tx.wakes;
    });
  beforeEach(async () => {
    await ensure('contacts', 'invoices');
    for (const name of ['contacts', 'invoices']) await advance(name, 'c1', 60 * MINUTE);
  });

  test('makes the named streams due at once, and wakes who looks', async () => {
    expect(await hurry(['invoices', 'never was'])).toEqual(new Set(['work']));
    expect(await due()).toEqual(['invoices']);
    expect((await one('invoices')).cursor).toBe('c1');
  });

  test('makes all of the connection’s due without names, and no others', async () => {
    const elsewhere = await h.addConnection(h.tenant);
    await within(async (tx) => {
      await h.streams.ensure(tx, elsewhere, [stream('contacts')]);
      await h.streams.advance(tx, elsewhere, 'contacts', look(tx, 'x', MINUTE));
    });
    await hurry();
    expect((await claimDue()).map(({ connection, name }) => `${connection} ${name}`).sort()).toEqual([
      `${h.connection} contacts`,
      `${h.connection} invoices`,
    ]);
  });

  test('with no name at all makes nothing due', async () => {
    await hurry([]);
    expect(await due()).toEqual([]);
  });

  test('leaves what is due already where it is in the line', async () => {
    await h.pass(61 * MINUTE);
    const before = await streams();
    await hurry();
    expect(await streams()).toEqual(before);
  });

  test('while the stream is being looked at makes it due again when the look is done', async () => {
    await h.pass(61 * MINUTE);
    const began = await within(async (tx) => tx.now);
    expect(await due()).toEqual(['contacts', 'invoices']);
    await h.pass(SECOND);
    await hurry(['contacts']);
    expect(await due()).toEqual([]);
    for (const name of ['contacts', 'invoices']) await advance(name, 'c2', 5 * MINUTE, 0, began);
    expect(await due()).toEqual(['contacts']);
    await advance('contacts', 'c3', 5 * MINUTE);
    expect(await due()).toEqual([]);
  });

  test('while the stream is being looked at page by page is not forgotten with a page', async () => {
    await h.pass(61 * MINUTE);
    const began = await within(async (tx) => tx.now);
    expect(await due()).toEqual(['contacts', 'invoices']);
    await h.pass(SECOND);
    await advance('contacts', 'page 2', undefined, 50, began);
    expect(await one('contacts')).toMatchObject({ cursor: 'page 2', found: 50 });
    await hurry(['contacts']);
    await h.pass(SECOND);
    await advance('contacts', 'page 3', undefined, 50, began);
    expect(await due()).toEqual([]);
    await advance('contacts', 'end', 5 * MINUTE, 1, began);
    expect(await due()).toEqual(['contacts']);
  });

  test('of another tenant does nothing', async () => {
    const stranger = await h.addTenant();
    await within((tx) => h.streams.hurry(tx, h.connection), stranger);
    expect(await due()).toEqual([]);
  });
});
