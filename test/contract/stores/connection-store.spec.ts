import { randomUUID } from 'node:crypto';
import type { ConnectionStore, NewConnection } from '../../../src/modules/auth/index.js';
import { PostgresConnectionStore } from '../../../src/modules/auth/connections/store/postgres-connection-store.js';
import { CONNECTION_ENTITIES } from '../../../src/modules/auth/connections/store/tables.js';
import type { Transactions } from '../../../src/platform/database/index.js';
import { freshDatabase } from '../../integration/database.js';
import { MemoryConnectionStore, MemoryDatabase } from '../../simulation/memory/index.js';

interface Form {
  readonly transactions: Transactions;
  readonly store: ConnectionStore;
  pass(ms: number): Promise<void>;
  /** Makes a tenant, or a consent of it, where the store wants them to be there. */
  tenant(): Promise<string>;
  grant(tenant: string): Promise<string>;
  close(): Promise<void>;
}

const FORMS: readonly (readonly [string, () => Promise<Form>])[] = [
  [
    'in memory',
    async () => {
      let now = Date.parse('2026-03-02T09:00:00Z');
      const database = new MemoryDatabase(() => new Date(now));
      return {
        transactions: database,
        store: new MemoryConnectionStore(database),
        pass: async (ms) => void (now += ms),
        tenant: async () => randomUUID(),
        grant: async () => randomUUID(),
        close: async () => undefined,
      };
    },
  ],
  [
    'on PostgreSQL',
    async () => {
      const fresh = await freshDatabase(CONNECTION_ENTITIES);
      return {
        transactions: fresh.database,
        store: new PostgresConnectionStore(),
        pass: (ms) => fresh.pass(ms),
        tenant: async () => {
          const id = randomUUID();
          await fresh.asOwner(`insert into tenant (id, name, created_at) values ($1, 'Acme', now())`, [id]);
          return id;
        },
        grant: async (tenant) => {
          const id = randomUUID();
          await fresh.asOwner(
            `insert into oauth_grant (id, tenant_id, provider, epoch, state, key_version, access_expires_at,
                                      refreshed_at, created_at, created_by)
             values ($1, $2, 'stub', 1, 'ok', 1, now(), now(), now(), 'ana')`,
            [id, tenant],
          );
          return id;
        },
        close: () => fresh.drop(),
      };
    },
  ],
];

describe.each(FORMS)('connections %s', (_name, open) => {
  let form: Form;
  let tenant: string;
  beforeAll(async () => {
    form = await open();
  });
  afterAll(() => form.close());
  beforeEach(async () => {
    tenant = await form.tenant();
  });

  const fresh = async (more: Partial<NewConnection> = {}): Promise<NewConnection> => ({
    id: randomUUID(),
    provider: 'stub',
    company: randomUUID(),
    companyName: 'Sample Co',
    grant: await form.grant(tenant),
    goLive: '2026-01-01',
    by: 'ana',
    ...more,
  });
  const connect = async (more: Partial<NewConnection> = {}, of = tenant) => {
    const connection = await fresh(more);
    return form.transactions.inTenant(of, (tx) => form.store.connect(tx, connection));
  };
  const get = (id: string, of = tenant) => form.transactions.inTenant(of, (tx) => form.store.get(tx, id));

  test('a company connected for the first time is active, creates nothing by itself, and is dated', async () => {
    const { connection, was } = await connect();
    expect(was).toBe('new');
    expect(await get(connection.id)).toEqual(connection);
    expect(connection).toMatchObject({
      tenant,
      state: 'active',
      companyName: 'Sample Co',
      goLive: '2026-01-01',
      creates: [],
      features: {},
      connectedBy: 'ana',
    });
    expect(connection.connectedAt).toBeInstanceOf(Date);
  });

  test('without a go-live date it is the day of connecting', async () => {
    const { connection } = await connect({ goLive: undefined });
    expect(connection.goLive).toBe(connection.connectedAt!.toISOString().slice(0, 10));
  });

  test('the same company connected again keeps its identity and settings and has the new consent', async () => {
    const first = await connect({ company: 'one' });
    const { id, grant } = first.connection;
    await form.transactions.inTenant(tenant, async (tx) => {
      await form.store.setCreates(tx, id, ['contact', 'item']);
      await form.store.setState(tx, id, 'needs_reconnect', 'revoked');
      await form.store.pause(tx, id, new Date(tx.now.getTime() + 60_000));
    });
    const again = await connect({ company: 'one', companyName: undefined, goLive: undefined, by: 'bob' });
    expect(again).toMatchObject({
      was: 'known',
      formerGrant: grant,
      connection: {
        id,
        state: 'active',
        goLive: '2026-01-01',
        creates: ['contact', 'item'],
        companyName: 'Sample Co',
        connectedBy: 'bob',
      },
    });
    expect(again.connection.stateReason).toBeUndefined();
    expect(again.connection.notBefore).toBeUndefined();
    expect(again.connection.grant).not.toBe(grant);
  });

  test('an ended connection lets go of its consent, keeps the rest, and comes back as itself', async () => {
    const { connection } = await connect({ company: 'two' });
    await form.transactions.inTenant(tenant, (tx) => form.store.end(tx, connection.id));
    const ended = (await get(connection.id))!;
    expect(ended).toMatchObject({ state: 'disconnected', company: 'two', companyName: 'Sample Co' });
    expect(ended.grant).toBeUndefined();
    expect(ended.disconnectedAt).toBeInstanceOf(Date);

    const { connection: back, formerGrant } = await connect({ company: 'two' });
    expect(back).toMatchObject({ id: connection.id, state: 'active' });
    expect(back.disconnectedAt).toBeUndefined();
    expect(formerGrant).toBeUndefined();
  });

  test('one consent carries several companies, and those that are ended no longer count', async () => {
    const grant = await form.grant(tenant);
    const one = await connect({ grant });
    const other = await connect({ grant });
    const living = () => form.transactions.inTenant(tenant, (tx) => form.store.ofGrant(tx, grant));
    expect((await living()).map(({ id }) => id).sort()).toEqual([one.connection.id, other.connection.id].sort());
    await form.transactions.inTenant(tenant, (tx) => form.store.end(tx, one.connection.id));
    expect((await living()).map(({ id }) => id)).toEqual([other.connection.id]);
  });

  test('a state is told to be new once, with its reason', async () => {
    const { connection } = await connect();
    const set = () =>
      form.transactions.inTenant(tenant, (tx) => form.store.setState(tx, connection.id, 'suspended', 'plan lapsed'));
    expect(await set()).toBe(true);
    expect(await set()).toBe(false);
    expect(await get(connection.id)).toMatchObject({ state: 'suspended', stateReason: 'plan lapsed' });
  });

  test('of two pauses the later one counts', async () => {
    const { connection } = await connect();
    const [soon, late] = [new Date('2030-01-01T00:00:00Z'), new Date('2030-01-02T00:00:00Z')];
    for (const until of [soon, late, soon]) {
      await form.transactions.inTenant(tenant, (tx) => form.store.pause(tx, connection.id, until));
    }
    expect((await get(connection.id))!.notBefore).toEqual(late);
  });

  test('what the company’s own record says is kept', async () => {
    const { connection } = await connect();
    const company = { name: 'Sample & Sons', baseCurrency: 'EUR', features: { classTracking: 'per_line' } };
    await form.transactions.inTenant(tenant, (tx) => form.store.describe(tx, connection.id, company));
    expect(await get(connection.id)).toMatchObject({
      companyName: 'Sample & Sons',
      baseCurrency: 'EUR',
      features: { classTracking: 'per_line' },
    });
  });

  test('the go-live date can be moved', async () => {
    const { connection } = await connect();
    await form.transactions.inTenant(tenant, (tx) => form.store.setGoLive(tx, connection.id, '2026-07-01'));
    expect((await get(connection.id))!.goLive).toBe('2026-07-01');
  });

  test('notices find every tenant with a living connection to the company', async () => {
    const company = randomUUID();
    const { connection: mine } = await connect({ company });
    const neighbour = await form.tenant();
    const grant = await form.grant(neighbour);
    const { connection: theirs } = await connect({ company, grant }, neighbour);
    const routes = () => form.transactions.dispatching((tx) => form.store.routesTo(tx, 'stub', [company, 'nobody']));
    expect(new Set((await routes()).map(({ connection }) => connection))).toEqual(new Set([mine.id, theirs.id]));
    await form.transactions.inTenant(neighbour, (tx) => form.store.end(tx, theirs.id));
    expect(await routes()).toEqual([{ company, tenant, connection: mine.id }]);
  });

  test('a first look is to be done once, and again after an end', async () => {
    const { connection } = await connect({ company: 'three' });
    const waits = async (): Promise<boolean> => {
      const unlooked = await form.transactions.dispatching((tx) => form.store.unlooked(tx));
      return unlooked.some((one) => one.connection === connection.id && one.tenant === tenant);
    };
    expect(await waits()).toBe(true);
    await form.transactions.inTenant(tenant, (tx) => form.store.firstLooked(tx, connection.id));
    expect(await waits()).toBe(false);
    await connect({ company: 'three' });
    expect(await waits()).toBe(false);
    await form.transactions.inTenant(tenant, (tx) => form.store.end(tx, connection.id));
    await connect({ company: 'three' });
    expect(await waits()).toBe(true);
  });

  test('only a living, working connection waits for its first look', async () => {
    const { connection } = await connect();
    const unlooked = async (): Promise<string[]> =>
      (await form.transactions.dispatching((tx) => form.store.unlooked(tx)))
        .filter((one) => one.tenant === tenant)
        .map((one) => one.connection);
    for (const state of ['needs_reconnect', 'suspended', 'disconnected'] as const) {
      await form.transactions.inTenant(tenant, (tx) => form.store.setState(tx, connection.id, state, undefined));
      expect(await unlooked()).toEqual([]);
    }
    await form.transactions.inTenant(tenant, (tx) => form.store.setState(tx, connection.id, 'active', undefined));
    expect(await unlooked()).toEqual([connection.id]);
  });

  test('when the first look was done is told, and forgotten with an end', async () => {
    const { connection } = await connect({ company: 'five' });
    expect(connection.firstLookAt).toBeUndefined();
    const at = await form.transactions.inTenant(tenant, async (tx) => {
      await form.store.firstLooked(tx, connection.id);
      return tx.now;
    });
    expect((await get(connection.id))!.firstLookAt).toEqual(at);
    expect((await connect({ company: 'five' })).connection.firstLookAt).toEqual(at);
    await form.transactions.inTenant(tenant, (tx) => form.store.end(tx, connection.id));
    expect((await connect({ company: 'five' })).connection.firstLookAt).toBeUndefined();
  });

  test('a tenant’s connections are listed by id, ended ones included', async () => {
    const made = [await connect(), await connect({ provider: 'other' }), await connect()];
    const ids = made.map(({ connection }) => connection.id);
    await form.transactions.inTenant(tenant, (tx) => form.store.end(tx, ids[1]!));
    const all = await form.transactions.inTenant(tenant, (tx) => form.store.all(tx));
    expect(all.map(({ id }) => id)).toEqual([...ids].sort());
    expect(all.filter(({ state }) => state === 'disconnected').map(({ id }) => id)).toEqual([ids[1]]);
  });

  test('a company is another one at another provider', async () => {
    const { connection: here } = await connect({ company: 'same' });
    const { connection: there, was } = await connect({ company: 'same', provider: 'other' });
    expect(was).toBe('new');
    const found = (provider: string) =>
      form.transactions.inTenant(tenant, (tx) => form.store.ofCompany(tx, provider, 'same'));
    expect((await found('stub'))!.id).toBe(here.id);
    expect((await found('other'))!.id).toBe(there.id);
    expect(await found('third')).toBeUndefined();
    const routes = await form.transactions.dispatching((tx) => form.store.routesTo(tx, 'other', ['same', 'same']));
    expect(routes.filter((one) => one.tenant === tenant)).toEqual([{ company: 'same', tenant, connection: there.id }]);
  });

  test('nobody is asked for, and nobody is found', async () => {
    await connect();
    expect(await form.transactions.dispatching((tx) => form.store.routesTo(tx, 'stub', []))).toEqual([]);
    expect(await form.transactions.inTenant(tenant, (tx) => form.store.ofGrant(tx, randomUUID()))).toEqual([]);
    for (const id of [randomUUID(), 'no id at all', '']) expect(await get(id)).toBeUndefined();
  });

  test('what is told of a connection that is not there changes nothing', async () => {
    const { connection } = await connect();
    const nobody = randomUUID();
    await form.transactions.inTenant(tenant, async (tx) => {
      expect(await form.store.setState(tx, nobody, 'suspended', 'why')).toBe(false);
      await form.store.pause(tx, nobody, tx.now);
      await form.store.describe(tx, nobody, { name: 'Nobody', baseCurrency: undefined, features: {} });
      await form.store.firstLooked(tx, nobody);
      await form.store.end(tx, nobody);
      await form.store.setGoLive(tx, nobody, '2026-07-01');
      await form.store.setCreates(tx, nobody, ['contact']);
      expect(await form.store.all(tx)).toEqual([connection]);
    });
  });

  test('the kinds that may be created are those that were set last', async () => {
    const { connection } = await connect();
    for (const kinds of [['contact', 'item'], ['account'], []] as const) {
      await form.transactions.inTenant(tenant, (tx) => form.store.setCreates(tx, connection.id, kinds));
      expect((await get(connection.id))!.creates).toEqual(kinds);
    }
  });

  test('an end lifts the pause and takes the reason along', async () => {
    const { connection } = await connect();
    await form.transactions.inTenant(tenant, async (tx) => {
      await form.store.setState(tx, connection.id, 'suspended', 'plan lapsed');
      await form.store.pause(tx, connection.id, new Date('2030-01-01T00:00:00Z'));
      await form.store.end(tx, connection.id);
    });
    const ended = (await get(connection.id))!;
    expect(ended.state).toBe('disconnected');
    expect(ended.notBefore).toBeUndefined();
    expect(ended.stateReason).toBeUndefined();
  });

  test('a consent that is renewed by itself has no former one', async () => {
    const grant = await form.grant(tenant);
    await connect({ company: 'six', grant });
    expect(await connect({ company: 'six', grant })).toMatchObject({ was: 'known', formerGrant: undefined });
  });

  test('the same company connected twice at once is one connection', async () => {
    const company = randomUUID();
    const both = await Promise.all([connect({ company }), connect({ company })]);
    expect(both.map(({ was }) => was).sort()).toEqual(['known', 'new']);
    expect(both[0]!.connection.id).toBe(both[1]!.connection.id);
  });

  test('a transaction that is given up connects and changes nothing', async () => {
    const { connection } = await connect();
    const other = await fresh();
    const givenUp = new Error('given up');
    const attempt = form.transactions.inTenant(tenant, async (tx) => {
      await form.store.connect(tx, other);
      await form.store.setState(tx, connection.id, 'suspended', 'why');
      await form.store.firstLooked(tx, connection.id);
      throw givenUp;
    });
    await expect(attempt).rejects.toBe(givenUp);
    expect(await form.transactions.inTenant(tenant, (tx) => form.store.all(tx))).toEqual([connection]);
  });

  test('another tenant neither sees nor changes a connection', async () => {
    const { connection } = await connect({ company: 'four' });
    const neighbour = await form.tenant();
    await form.transactions.inTenant(neighbour, async (tx) => {
      expect(await form.store.get(tx, connection.id)).toBeUndefined();
      expect(await form.store.all(tx)).toEqual([]);
      expect(await form.store.ofCompany(tx, 'stub', 'four')).toBeUndefined();
      expect(await form.store.ofGrant(tx, connection.grant!)).toEqual([]);
      expect(await form.store.setState(tx, connection.id, 'suspended', 'mine now')).toBe(false);
      await form.store.end(tx, connection.id);
      await form.store.pause(tx, connection.id, tx.now);
      await form.store.describe(tx, connection.id, { name: 'Mine', baseCurrency: 'EUR', features: {} });
      await form.store.firstLooked(tx, connection.id);
      await form.store.setGoLive(tx, connection.id, '1999-01-01');
      await form.store.setCreates(tx, connection.id, ['contact']);
    });
    expect(await get(connection.id)).toEqual(connection);
    expect(await form.transactions.inTenant(tenant, (tx) => form.store.ofCompany(tx, 'stub', 'four'))).toEqual(
      connection,
    );
  });
});
