import { MikroORM } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { KindName } from '../../../src/domain/contract/index.js';
import { ACCESS_ENTITIES, CONNECTION_ENTITIES } from '../../../src/modules/auth/index.js';
import { CONFLICT_ENTITIES, type ConflictRaise } from '../../../src/modules/conflicts/index.js';
import { HISTORY_ENTITIES, type NewEvent } from '../../../src/modules/history/index.js';
import { RECORD_ENTITIES, type RecordWrite } from '../../../src/modules/records/index.js';
import {
  type Attempt,
  LEASE_MS,
  type NewIntent,
  type OpenedWalk,
  type Problem,
  type Raise,
  Superseded,
  SYNC_ENTITIES,
} from '../../../src/modules/sync/index.js';
import { rowsOf, sqlState, type Tx } from '../../../src/platform/database/index.js';
import { standing, waiting } from './interleaving.js';
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
const half = (side: 'app' | 'books', ref: string, kind: KindName = 'contact') => ({
  ...{ connection: h.connection, kind, facet: '', side, ref },
});
const twinOf = async (side: 'app' | 'books', ref: string, kind: KindName = 'contact'): Promise<string> =>
  (await within((tx) => h.twins.ensure(tx, [half(side, ref, kind)])))[0]!.id;
const raising = (twin: string, more: Partial<Raise> = {}): Raise => ({
  ...{ twin, lane: 'routine', look: false, cause: { by: 'webhook' } },
  ...more,
});
const raise = (...twins: string[]): Promise<void> =>
  within((tx) =>
    h.work.raise(
      tx,
      twins.map((twin) => raising(twin)),
    ),
  );
const openWalks = (room = 20): Promise<OpenedWalk[]> =>
  h.transactions.dispatching((tx) => h.work.open(tx, room, () => h.newId()));
const intent = (twin: string): NewIntent => ({
  ...{ id: h.newId(), connection: h.connection, twin, walk: h.newId(), kind: 'contact', facet: '' },
  ...{ target: undefined, marker: 'marker', decision: undefined },
  write: {
    ...{ side: 'books', operation: 'create', groups: ['name'], content: { displayName: 'Ana' } },
    ...{ policies: {}, paired: [], sources: {} },
  },
});
const conflictOf = (twin: string, fingerprint: string): ConflictRaise => ({
  ...{ connection: h.connection, twin, kind: 'contact', moneyEffect: undefined },
  draft: {
    ...{ reason: 'both_edited', groups: ['name'], base: undefined, candidates: [], fingerprint },
    app: { existence: 'present', content: { displayName: 'Ana' } },
    books: { existence: 'present', content: { displayName: 'Bea' } },
  },
});
const write = (expected: number, displayName: string): RecordWrite => ({
  ...{ kind: 'contact', id: 'a', expected, content: { displayName }, existence: 'present', pending: {} },
  cause: { by: 'push' },
});
const event = (number: string): NewEvent => ({ type: 'books_seen', cause: { by: 'webhook' }, number, detail: {} });
const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => sqlState(error),
  );

/** PostgreSQL's code for a value that another row has already. */
const TAKEN = '23505';
const LOST = { is: 'lost_answer', message: 'timed out' } as const;

describe('two transactions at once', () => {
  test('that ensure the same half twin get the same one', async () => {
    const first = await standing(h.transactions, h.tenant, (tx) => h.twins.ensure(tx, [half('app', '1')]));
    const second = within((tx) => h.twins.ensure(tx, [half('app', '1')]));
    await waiting(form.fresh);
    await first.commit();
    expect((await second)[0]!.id).toBe(first.result[0]!.id);
  });

  test('that ensure many twins in different orders do not stop each other', async () => {
    const refs = Array.from({ length: 40 }, (_, at) => half('books', `${at}`));
    const orders = [refs, refs.toReversed(), refs.toSpliced(10, 15), [...refs.slice(20), ...refs.slice(0, 20)]];
    const made = await Promise.all(orders.map((halves) => within((tx) => h.twins.ensure(tx, halves))));
    expect(new Set(made.flat().map(({ id }) => id)).size).toBe(40);
  });

  test('of which one raises work for a twin that the other makes vanish lose no work', async () => {
    const [app, books] = [await twinOf('app', '1'), await twinOf('books', '9')];
    const raised = await standing(h.transactions, h.tenant, async (tx) => {
      const [twin] = await h.twins.ensure(tx, [half('books', '9')]);
      await h.work.raise(tx, [raising(twin!.id, { look: true })]);
    });
    const told = within(async (tx) => {
      const { absorbed } = await h.twins.tell(tx, app, 'books', '9');
      await h.work.absorb(tx, absorbed!, app);
      return absorbed;
    });
    await waiting(form.fresh);
    await raised.commit();
    expect(await told).toBe(books);
    const [walk] = await openWalks();
    expect(await within((tx) => h.work.items(tx, walk!.walk))).toMatchObject([{ twin: app, look: true }]);
  });

  test('that tell two halves of each other leave one twin', async () => {
    for (let round = 0; round < 10; round++) {
      const [app, books] = [await twinOf('app', `a${round}`), await twinOf('books', `b${round}`)];
      const ends = await Promise.allSettled([
        within((tx) => h.twins.tell(tx, app, 'books', `b${round}`)),
        within((tx) => h.twins.tell(tx, books, 'app', `a${round}`)),
      ]);
      const done = ends.filter(({ status }) => status === 'fulfilled');
      expect(done).toHaveLength(1);
      const left = await within((tx) => h.twins.get(tx, [app, books]));
      expect(left).toMatchObject([{ app: `a${round}`, books: `b${round}` }]);
      const gone = left[0]!.id === app ? books : app;
      expect(done).toMatchObject([{ value: { absorbed: gone } }]);
    }
  });

  test('that tell two twins the same ref: one has it, and the other one is refused', async () => {
    const [one, other] = [await twinOf('app', '1'), await twinOf('app', '2')];
    const first = await standing(h.transactions, h.tenant, (tx) => h.twins.tell(tx, one, 'books', '9'));
    const second = within((tx) => h.twins.tell(tx, other, 'books', '9'));
    await waiting(form.fresh);
    await first.commit();
    await expect(second).rejects.toThrow('belongs to another full twin');
    expect(await within((tx) => h.twins.get(tx, [one, other]))).toMatchObject([{ books: '9' }, { books: undefined }]);
  });

  test('that open walks claim different items, and each item once', async () => {
    const twins: string[] = [];
    for (const kind of ['contact', 'invoice', 'item'] as const) {
      for (let at = 0; at < 30; at++) twins.push(await twinOf('app', `${at}`, kind));
    }
    await raise(...twins);
    const opened = (await Promise.all(Array.from({ length: 6 }, () => openWalks()))).flat();
    const held = await Promise.all(opened.map(({ walk }) => within((tx) => h.work.items(tx, walk))));
    const claimed = held.flat().map(({ twin }) => twin);
    expect(claimed).toHaveLength(90);
    expect(new Set(claimed).size).toBe(90);
    expect(opened.map(({ items }) => items)).toEqual(held.map(({ length }) => length));
  });

  test('that begin one step are two attempts, of which the older one is over', async () => {
    await raise(await twinOf('app', '1'));
    const [walk] = await openWalks();
    const begin = () => h.transactions.dispatching((tx) => h.work.begin(tx, walk!.walk, 'plan'));
    const attempts = (await Promise.all([begin(), begin(), begin(), begin()])) as Attempt[];
    expect(attempts.map(({ epoch }) => epoch).sort()).toEqual([1, 2, 3, 4]);
    for (const attempt of attempts) {
      const fenced = within((tx) => h.work.fence(tx, attempt));
      if (attempt.epoch === 4) await fenced;
      else await expect(fenced).rejects.toBeInstanceOf(Superseded);
    }
  });

  test.each(['before', 'after'])(
    'of which one raises an item %s the other closes its walk: it is due again',
    async (when) => {
      const twin = await twinOf('app', '1');
      await raise(twin);
      const [walk] = await openWalks();
      const attempt = (await h.transactions.dispatching((tx) => h.work.begin(tx, walk!.walk, 'settle')))!;
      const close = (tx: Tx): Promise<void> =>
        h.work.close(tx, attempt, [{ twin, leave: 'settled', again: undefined, look: false }]);
      const again = (tx: Tx): Promise<void> => h.work.raise(tx, [raising(twin, { look: true })]);
      const [first, second] = when === 'before' ? [again, close] : [close, again];
      const one = await standing(h.transactions, h.tenant, first);
      const other = within(second);
      await waiting(form.fresh);
      await one.commit();
      await other;
      const [next] = await openWalks();
      expect(await within((tx) => h.work.items(tx, next!.walk))).toMatchObject([{ twin, wanted: 2, look: true }]);
    },
  );

  test('of which one has fenced a walk: however late it is, the other does not sweep it away', async () => {
    await raise(await twinOf('app', '1'));
    const [walk] = await openWalks();
    const attempt = (await h.transactions.dispatching((tx) => h.work.begin(tx, walk!.walk, 'apply')))!;
    const fenced = await standing(h.transactions, h.tenant, (tx) => h.work.fence(tx, attempt));
    await h.pass(LEASE_MS + 1);
    const sweep = () => h.transactions.dispatching((tx) => h.work.sweep(tx));
    expect(await sweep()).toBe(0);
    await fenced.commit();
    expect(await Promise.all([sweep(), sweep()]).then(([one, other]) => one + other)).toBe(1);
    await expect(within((tx) => h.work.fence(tx, attempt))).rejects.toBeInstanceOf(Superseded);
  });

  test('that plan a write for one twin: only one of them does', async () => {
    const twin = await twinOf('app', '1');
    const [one, other] = [intent(twin), intent(twin)];
    const first = await standing(h.transactions, h.tenant, (tx) => h.writes.plan(tx, [one]));
    const second = within((tx) => h.writes.plan(tx, [other]));
    await waiting(form.fresh);
    await first.commit();
    expect([first.result, await second]).toEqual([[one.id], []]);
  });

  test('that record two answers to one write: what was confirmed stays confirmed', async () => {
    const one = intent(await twinOf('app', '1'));
    await within((tx) => h.writes.plan(tx, [one]));
    const request = { method: 'POST', path: '/', label: 'create' } as const;
    await within((tx) =>
      h.writes.send(tx, {
        id: h.newId(),
        connection: h.connection,
        walk: one.walk,
        draft: { intents: [one.id], request },
      }),
    );
    const confirmed = await standing(h.transactions, h.tenant, (tx) =>
      h.writes.record(tx, undefined, undefined, [
        { intent: one.id, state: 'confirmed', answer: { sighting: undefined, exact: true } },
      ]),
    );
    const lost = within((tx) =>
      h.writes.record(tx, undefined, undefined, [{ intent: one.id, state: 'uncertain', failure: LOST }]),
    );
    await waiting(form.fresh);
    await confirmed.commit();
    expect([confirmed.result, await lost]).toEqual([[one.id], []]);
    expect(await within((tx) => h.writes.get(tx, [one.id]))).toMatchObject([{ state: 'confirmed' }]);
  });

  test('that raise a conflict of one twin: it is one conflict', async () => {
    const twin = await twinOf('app', '1');
    const first = await standing(h.transactions, h.tenant, (tx) => h.conflicts.raise(tx, [conflictOf(twin, 'f1')]));
    const second = within((tx) => h.conflicts.raise(tx, [conflictOf(twin, 'f2')]));
    await waiting(form.fresh);
    await first.commit();
    expect([first.result[0]!.was, (await second)[0]!.was]).toEqual(['opened', 'updated']);
    expect((await second)[0]!.id).toBe(first.result[0]!.id);
  });

  test('that raise one problem: it is counted twice', async () => {
    const problem: Problem = {
      ...{ code: 'suspended', message: 'paused', connection: h.connection, twin: undefined, detail: {} },
    };
    const first = await standing(h.transactions, h.tenant, (tx) => h.problems.raise(tx, [problem]));
    const second = within((tx) => h.problems.raise(tx, [problem]));
    await waiting(form.fresh);
    await first.commit();
    expect([first.result.length, (await second).length]).toEqual([1, 0]);
    expect(await h.openProblems(h.tenant)).toMatchObject([{ code: 'suspended', times: 2 }]);
  });

  test.each([0, 1])('that write one record at version %i: one of them has lost', async (version) => {
    if (version === 1) await within((tx) => h.records.save(tx, [write(0, 'Ann')]));
    const first = await standing(h.transactions, h.tenant, (tx) => h.records.save(tx, [write(version, 'Ana')]));
    const second = within((tx) => h.records.save(tx, [write(version, 'Bea')]));
    await waiting(form.fresh);
    await first.commit();
    expect([first.result.length, (await second).length]).toEqual([0, 1]);
    expect(await within((tx) => h.records.get(tx, [{ kind: 'contact', id: 'a' }]))).toMatchObject([
      { version: version + 1, content: { displayName: 'Ana' } },
    ]);
  });

  test('that push under one key: the second one is refused, and repeated it finds the first one’s result', async () => {
    const push = async (tx: Tx, result: string): Promise<unknown> => {
      const known = await h.records.pushOf(tx, 'key-1');
      if (known) return known.result;
      await h.records.savePush(tx, 'key-1', 'print', result);
      return result;
    };
    const first = await standing(h.transactions, h.tenant, (tx) => push(tx, 'first'));
    const second = codeOf(within((tx) => push(tx, 'second')));
    await waiting(form.fresh);
    await first.commit();
    expect(await second).toBe(TAKEN);
    expect(await within((tx) => push(tx, 'second'))).toBe('first');
  });
});

describe('another tenant', () => {
  let stranger: string;
  beforeEach(async () => {
    stranger = await h.addTenant();
  });

  test('sees nothing of what a tenant has', async () => {
    const twin = await twinOf('app', '1');
    const one = intent(twin);
    const [raised] = await within(async (tx) => {
      await h.writes.plan(tx, [one]);
      await h.records.save(tx, [write(0, 'Ana')]);
      await h.records.savePush(tx, 'key-1', 'print', {});
      await h.history.append(tx, [event('1')]);
      return h.conflicts.raise(tx, [conflictOf(twin, 'f1')]);
    });
    await raise(twin);
    const [walk] = await openWalks();
    await within(async (tx) => {
      expect(await h.twins.get(tx, [twin])).toEqual([]);
      expect(await h.twins.byRefs(tx, h.connection, 'app', [{ kind: 'contact', id: '1' }])).toEqual([]);
      expect(await h.twins.ofRecords(tx, [{ kind: 'contact', id: '1' }])).toEqual([]);
      expect(await h.writes.get(tx, [one.id])).toEqual([]);
      expect(await h.writes.unfinishedOf(tx, [twin])).toEqual([]);
      expect(await h.records.get(tx, [{ kind: 'contact', id: 'a' }])).toEqual([]);
      expect(await h.records.pushOf(tx, 'key-1')).toBeUndefined();
      expect(await h.conflicts.get(tx, raised!.id)).toBeUndefined();
      expect(await h.conflicts.openOf(tx, [twin])).toEqual([]);
      expect(await h.work.items(tx, walk!.walk)).toEqual([]);
      expect(await h.chain.after(tx, 0, 10, {})).toEqual([]);
    }, stranger);
  });

  test('changes nothing of it', async () => {
    const twin = await twinOf('app', '1');
    const one = intent(twin);
    await within((tx) => h.writes.plan(tx, [one]));
    await within((tx) => h.conflicts.raise(tx, [conflictOf(twin, 'f1')]));
    await raise(twin);
    const [walk] = await openWalks();
    const attempt = (await h.transactions.dispatching((tx) => h.work.begin(tx, walk!.walk, 'settle')))!;
    const before = await within((tx) => h.twins.get(tx, [twin]));
    await expect(within((tx) => h.twins.tell(tx, twin, 'books', '9'), stranger)).rejects.toThrow('is not there');
    await expect(within((tx) => h.twins.part(tx, twin), stranger)).rejects.toThrow('is not there');
    await expect(within((tx) => h.work.fence(tx, attempt), stranger)).rejects.toBeInstanceOf(Superseded);
    await within(async (tx) => {
      const [known] = before;
      await h.twins.settle(tx, [
        { twin, base: known!.base, holds: [{ code: 'creation_off', side: 'books' }], refusal: undefined },
      ]);
      expect(await h.conflicts.close(tx, [{ twin, how: 'decided' }])).toEqual([]);
      expect(await h.problems.closeOfTwins(tx, [twin])).toEqual([]);
      expect(
        await h.writes.record(tx, undefined, undefined, [{ intent: one.id, state: 'refused', failure: LOST }]),
      ).toEqual([]);
      await h.work.raise(tx, [raising(twin)]);
      await h.work.close(tx, attempt, [{ twin, leave: 'settled', again: undefined, look: false }]);
    }, stranger);
    expect(await within((tx) => h.twins.get(tx, [twin]))).toEqual(before);
    expect(await within((tx) => h.writes.get(tx, [one.id]))).toMatchObject([{ state: 'planned' }]);
    expect(await within((tx) => h.conflicts.openOf(tx, [twin]))).toHaveLength(1);
    await within((tx) => h.work.fence(tx, attempt));
    expect(await within((tx) => h.work.items(tx, walk!.walk))).toMatchObject([{ twin, wanted: 1 }]);
  });

  test('may use the same refs, keys and numbers for its own', async () => {
    const connection = await h.addConnection(stranger);
    const mine = await twinOf('app', '1');
    await within((tx) => h.records.save(tx, [write(0, 'Ana')]));
    await within((tx) => h.records.savePush(tx, 'key-1', 'print', {}));
    await within(async (tx) => {
      const [theirs] = await h.twins.ensure(tx, [{ ...half('app', '1'), connection }]);
      expect(theirs!.id).not.toBe(mine);
      expect(await h.records.save(tx, [write(0, 'Bea')])).toEqual([]);
      await h.records.savePush(tx, 'key-1', 'other print', {});
    }, stranger);
    expect(await within((tx) => h.records.get(tx, [{ kind: 'contact', id: 'a' }]))).toMatchObject([
      { content: { displayName: 'Ana' } },
    ]);
  });
});

describe('time', () => {
  const databaseTime = async (): Promise<Date> =>
    (await form.fresh.asOwner<{ now: Date }>('select concord_now() as now'))[0]!.now;

  test('is the database’s own, for both kinds of transaction', async () => {
    const before = await databaseTime();
    const seen = [await within(async ({ now }) => now), await h.transactions.dispatching(async ({ now }) => now)];
    const after = await databaseTime();
    for (const now of seen) {
      expect(now.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1);
      expect(now.getTime()).toBeLessThanOrEqual(after.getTime());
    }
  });

  test('moves with the test clock, for everything that is stored', async () => {
    const before = await within(async ({ now }) => now);
    await h.pass(90 * 86_400_000);
    const after = await within(async ({ now }) => now);
    expect(after.getTime() - before.getTime()).toBeGreaterThanOrEqual(90 * 86_400_000);
    const twin = await twinOf('app', '1');
    const [stored] = await within((tx) => h.twins.get(tx, [twin]));
    expect(stored!.createdAt.getTime()).toBeGreaterThanOrEqual(after.getTime());
  });

  test('stands still within a transaction', async () => {
    await within(async (tx) => {
      await sql`select pg_sleep(0.02)`.execute(rowsOf(tx));
      const [one] = await h.twins.ensure(tx, [half('app', '1')]);
      await sql`select pg_sleep(0.02)`.execute(rowsOf(tx));
      const [other] = await h.twins.ensure(tx, [half('app', '2')]);
      expect([one!.createdAt, other!.createdAt]).toEqual([tx.now, tx.now]);
    });
  });
});

describe('what is append-only', () => {
  const NO_PRIVILEGE = '42501';
  const APPEND_ONLY = '23001';

  const fill = async (): Promise<void> => {
    const twin = await twinOf('app', '1');
    await within(async (tx) => {
      await h.records.save(tx, [write(0, 'Ana')]);
      await h.history.append(tx, [event('1')]);
      const [raised] = await h.conflicts.raise(tx, [conflictOf(twin, 'f1')]);
      await h.conflicts.decide(tx, raised!.id, {
        ...{ id: h.newId(), fingerprint: 'f1', choices: {}, actor: 'finance:ana', verb: 'keep_app' },
      });
      await h.chain.chain(tx, 10);
    });
  };

  test.each(['event', 'chain', 'decision', 'record_version'])(
    '%s is changed by nobody, not even its owner',
    async (table) => {
      await fill();
      expect(await form.fresh.asOwner(`select 1 from ${table}`)).toHaveLength(1);
      const change = `update ${table} set tenant_id = tenant_id`;
      expect(await codeOf(within((tx) => sql.raw(change).execute(rowsOf(tx))))).toBe(NO_PRIVILEGE);
      expect(await codeOf(form.fresh.asOwner(change))).toBe(APPEND_ONLY);
    },
  );

  test.each(['event', 'chain', 'decision'])('%s loses nothing', async (table) => {
    await fill();
    expect(await codeOf(within((tx) => sql.raw(`delete from ${table}`).execute(rowsOf(tx))))).toBe(NO_PRIVILEGE);
  });
});

describe('the tables as the stores declare them', () => {
  interface Column {
    readonly table: string;
    readonly column: string;
    readonly type: string;
    readonly nullable: boolean;
    readonly key: boolean;
  }

  /** Reached by statements of their own and declared by no store. */
  const UNDECLARED_TABLES = ['limit_bucket', 'limit_slot', 'mikro_orm_migrations', 'test_clock', 'worker'];
  const UNDECLARED_COLUMNS = ['connection.served_at'];

  /** PostgreSQL's full names of what declarations abbreviate. */
  const TYPES: Readonly<Record<string, string>> = {
    int: 'integer',
    'timestamptz(3)': 'timestamp(3) with time zone',
    'numeric(10,0)': 'numeric',
  };

  const declared = async (): Promise<Column[]> => {
    const orm = await MikroORM.init({
      clientUrl: form.fresh.ownerUrl,
      entities: [
        ...[ACCESS_ENTITIES, CONNECTION_ENTITIES, RECORD_ENTITIES, CONFLICT_ENTITIES].flat(),
        ...[HISTORY_ENTITIES, SYNC_ENTITIES].flat(),
      ],
    });
    try {
      return [...orm.getMetadata().getAll().values()].flatMap(({ tableName, props }) =>
        props.map(({ fieldNames, columnTypes, nullable, primary }) => ({
          table: tableName,
          column: fieldNames[0]!,
          type: TYPES[columnTypes[0]!] ?? columnTypes[0]!,
          nullable: nullable ?? false,
          key: primary ?? false,
        })),
      );
    } finally {
      await orm.close();
    }
  };

  const migrated = (): Promise<Column[]> =>
    form.fresh.asOwner<Column>(
      `select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
              not a.attnotnull as nullable, coalesce(a.attnum = any(i.indkey), false) as key
         from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         left join pg_index i on i.indrelid = c.oid and i.indisprimary
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relname = any($1)`,
      [UNDECLARED_TABLES],
    );

  const inOrder = (columns: readonly Column[]): Column[] =>
    columns.toSorted((one, other) => (`${one.table}.${one.column}` < `${other.table}.${other.column}` ? -1 : 1));

  test('are those that the migrations make: names, types, what may be absent, keys', async () => {
    const made = (await migrated()).filter(({ table, column }) => !UNDECLARED_COLUMNS.includes(`${table}.${column}`));
    expect(inOrder(await declared())).toEqual(inOrder(made));
  });

  test('and what they leave out fills itself', async () => {
    for (const name of UNDECLARED_COLUMNS) {
      const [table, column] = name.split('.');
      const rows = await form.fresh.asOwner(
        `select 1 from information_schema.columns
          where table_name = $1 and column_name = $2 and (column_default is not null or is_nullable = 'YES')`,
        [table, column],
      );
      expect({ name, fills: rows.length }).toEqual({ name, fills: 1 });
    }
  });
});
