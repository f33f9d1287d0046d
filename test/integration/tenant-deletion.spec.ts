import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  ACCESS_ENTITIES,
  ApiKeys,
  Authenticator,
  Connecting,
  CONNECTION_ENTITIES,
  Entrance,
  type Principal,
  type Role,
  Tenants,
} from '../../src/modules/auth/index.js';
import { ChainStore, HISTORY_ENTITIES, Sequencer } from '../../src/modules/history/index.js';
import { SYNC_ENTITIES } from '../../src/modules/sync/index.js';
import { Database, migrate, roleUrl } from '../../src/platform/database/index.js';
import { FORGOTTEN, KEPT_OF_FORGOTTEN } from '../../src/platform/database/migrations/migration-001-first-storey.js';
import { type Application, startApplication } from './auth/application.js';
import { Browser } from './auth/browser.js';
import { OAuthProvider } from './auth/oauth-provider.js';
import { stubDefinition } from './auth/stub-definition.js';
import { type FreshDatabase, freshDatabase, TEST_MASTER_KEY } from './database.js';
import { fill, tablesOfTenants } from './rows-of-tenants.js';

const ROOT: Principal = { tenant: undefined, role: 'admin', actor: 'key:bootstrap', via: 'bootstrap_key' };
const RETURN = 'https://app.example.com/books';
const ENTITIES = [...CONNECTION_ENTITIES, ...ACCESS_ENTITIES, ...HISTORY_ENTITIES, ...SYNC_ENTITIES];

let fresh: FreshDatabase;
let provider: Awaited<ReturnType<typeof OAuthProvider.start>>;
let application: Application;
let tenants: Tenants;

beforeAll(async () => {
  fresh = await freshDatabase(ENTITIES);
  provider = await OAuthProvider.start();
  application = await startApplication({
    ...{ fresh, definitions: [stubDefinition()], providerUrl: provider.url, returnUrls: [RETURN] },
  });
  tenants = application.get(Tenants);
});
afterAll(async () => {
  await application.close();
  await provider.stop();
  await fresh.drop();
});
beforeEach(() => {
  provider.revocations.length = 0;
  provider.revocationStatus = 200;
});

const newTenant = async (externalId = randomUUID() as string): Promise<string> => {
  const made = await tenants.create(ROOT, { name: 'Acme', externalId });
  if (made.outcome !== 'created') throw new Error(made.outcome);
  return made.tenant.id;
};

/** A tenant with a key, a connection, and a record on its way. */
const busyTenant = async (): Promise<{ id: string; externalId: string; connection: string; secret: string }> => {
  const externalId = randomUUID();
  const id = await newTenant(externalId);
  const key = await application.get(ApiKeys).create(ROOT, { tenant: id, role: 'app', name: 'a test' });
  if (key.outcome !== 'created') throw new Error(key.why);
  provider.consent = { companies: [randomUUID()] };
  const browser = new Browser([application.url, provider.url]);
  const { authorizeUrl } = await application
    .get(Connecting)
    .beginConnection(id, 'connect:ana', { provider: 'stub', returnUrl: RETURN });
  const end = await browser.follow(await browser.submit(authorizeUrl));
  const connection = end.searchParams.get('connection')!;
  const [twin, conflict, walk] = [randomUUID(), randomUUID(), randomUUID()];
  for (const [sql, ...values] of [
    [
      `insert into record (tenant_id, kind, id, version, existence, contract, content, cause, created_at, updated_at)
       values ($1, 'contact', 'c1', 1, 'present', 2, '{"displayName":"canary"}', '{"by":"push"}', now(), now())`,
      id,
    ],
    [
      `insert into twin (id, tenant_id, connection_id, kind, app_id, created_at) values ($1, $2, $3, 'contact', 'c1', now())`,
      twin,
      id,
      connection,
    ],
    [
      `insert into conflict (id, tenant_id, connection_id, twin_id, kind, reason, groups, candidates, fingerprint, raised_at, updated_at)
       values ($1, $2, $3, $4, 'contact', 'both_edited', '[]', '[]', 'f', now(), now())`,
      ...[conflict, id, connection, twin],
    ],
    [
      `insert into decision (id, tenant_id, conflict_id, verb, choices, fingerprint, actor, at)
       values (gen_random_uuid(), $1, $2, 'keep_app', '{}', 'f', 'finance:ana', now())`,
      ...[id, conflict],
    ],
    [
      `insert into walk (id, tenant_id, connection_id, kind, lane, graph, lease_until, items, started_at)
       values ($1, $2, $3, 'contact', 1, 1, now(), 1, now())`,
      ...[walk, id, connection],
    ],
    [
      `insert into walk_item (walk_id, twin_id, tenant_id, position, wanted, look, attempts) values ($1, $2, $3, 0, 1, true, 0)`,
      ...[walk, twin, id],
    ],
  ] as [string, ...string[]][]) {
    await fresh.asOwner(sql, values);
  }
  return { id, externalId, connection, secret: key.secret };
};

const rowsIn = async (table: string, tenant: string): Promise<number> => {
  const [row] = await fresh.asOwner<{ count: number }>(
    `select count(*)::int as count from ${table} where tenant_id = $1`,
    [tenant],
  );
  return row!.count;
};
const leftOf = async (tenant: string): Promise<string[]> => {
  const left: string[] = [];
  for (const table of FORGOTTEN) if ((await rowsIn(table, tenant)) > 0) left.push(table);
  return left;
};
const eventsOf = (tenant: string) =>
  fresh.asOwner<{ type: string; cause: object; detail: object; connection_id: string | null }>(
    'select type, cause, detail, connection_id from event where tenant_id = $1 order by at, id',
    [tenant],
  );
const firstBroken = (tenant: string): Promise<number | undefined> =>
  fresh.database.inTenant(tenant, (tx) => application.get(ChainStore).firstBroken(tx));

test('every table that has a tenant is on one of the two lists: what goes with it, and what stays', async () => {
  const columns = await fresh.asOwner<{ name: string }>(
    `select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'tenant_id' order by 1`,
  );
  expect([...FORGOTTEN, ...KEPT_OF_FORGOTTEN].sort()).toEqual(columns.map(({ name }) => name));
});

test('a tenant that is deleted leaves no row in any of its tables, and no other tenant loses one', async () => {
  const [gone, other] = [await newTenant(), await newTenant()];
  const tables = (await tablesOfTenants(fresh)).filter(({ name }) => name !== 'tenant');
  for (const table of tables) for (const tenant of [gone, other]) await fill(fresh, table, tenant);
  const before = await Promise.all(tables.map(({ name }) => rowsIn(name, other)));
  expect(before.every((rows) => rows > 0)).toBe(true);

  expect(await tenants.delete(ROOT, gone)).toEqual({ outcome: 'deleted' });
  expect(await leftOf(gone)).toEqual([]);
  expect(await Promise.all(tables.map(({ name }) => rowsIn(name, other)))).toEqual(before);
  expect(await fresh.asOwner('select name, deleted_by from tenant where id = $1', [gone])).toEqual([
    { name: '', deleted_by: 'key:bootstrap' },
  ]);
});

describe('deleting a tenant', () => {
  test('ends its connections, revokes their consents, and lets nobody in any more', async () => {
    const { id, externalId, secret } = await busyTenant();
    expect(await tenants.delete(ROOT, id)).toEqual({ outcome: 'deleted' });
    expect(provider.revocations).toHaveLength(1);
    expect(await application.get(Authenticator).principalOf({ authorization: `Bearer ${secret}` })).toBeUndefined();
    expect(await application.get(Entrance).admit(ROOT, 'records', id)).toEqual({
      ...{ admitted: false, why: 'unknown_tenant' },
    });
    expect(await leftOf(id)).toEqual([]);
    expect(await tenants.create(ROOT, { name: 'Again', externalId })).toEqual({ outcome: 'refused', why: 'deleted' });
    expect(await tenants.delete(ROOT, id)).toEqual({ outcome: 'refused', why: 'unknown' });
  });

  test('is done whatever the provider answers to the revocation', async () => {
    const { id } = await busyTenant();
    provider.revocationStatus = 503;
    expect(await tenants.delete(ROOT, id)).toEqual({ outcome: 'deleted' });
    expect(await leftOf(id)).toEqual([]);
  });

  test('keeps the chain of its history whole and empty, with a last event that says who deleted it', async () => {
    const { id } = await busyTenant();
    const chain = application.get(ChainStore);
    await application.get(Sequencer).runFor(id);
    const hashes = async (): Promise<string[]> =>
      (await fresh.database.inTenant(id, (tx) => chain.after(tx, 0, 100, {}))).map(({ hash }) => hash);
    const before = await hashes();
    expect(before.length).toBeGreaterThan(2);

    await tenants.delete(ROOT, id);
    await application.get(Sequencer).runFor(id);
    expect((await hashes()).slice(0, before.length)).toEqual(before);
    expect(await firstBroken(id)).toBeUndefined();
    const events = await eventsOf(id);
    expect(events.at(-1)).toMatchObject({ type: 'tenant_deleted', cause: { by: 'person', actor: 'key:bootstrap' } });
    for (const { cause, detail, connection_id } of events.slice(0, -1)) {
      expect({ cause, detail, connection_id }).toEqual({ cause: { by: 'system' }, detail: {}, connection_id: null });
    }
    expect(events.filter(({ type }) => type === 'tenant_deleted')).toHaveLength(1);

    await fresh.asOwner(`begin; set local session_replication_role = replica;
      update chain set hash = '\\x00' where tenant_id = '${id}' and sequence = 2; commit`);
    expect(await firstBroken(id)).toBe(3);
  });

  test('that was cut short is carried on, in the name of whoever began it', async () => {
    const { id } = await busyTenant();
    await fresh.asOwner(`update tenant set deleted_at = now(), deleted_by = 'key:ana' where id = $1`, [id]);
    await tenants.finishDeleting();
    expect(await leftOf(id)).toEqual([]);
    expect(provider.revocations).toHaveLength(1);
    expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'tenant_deleted', cause: { actor: 'key:ana' } });
  });

  test('removes afterwards, for an hour, what was written by somebody who had come in before', async () => {
    const { id } = await busyTenant();
    await tenants.delete(ROOT, id);
    const push = `insert into push (tenant_id, key, fingerprint, result, at) values ($1, 'late', 'f', '{}', now())`;
    await fresh.asOwner(push, [id]);
    await tenants.finishDeleting();
    expect(await leftOf(id)).toEqual([]);
    expect((await eventsOf(id)).filter(({ type }) => type === 'tenant_deleted')).toHaveLength(1);
    await fresh.pass(3_600_001);
    expect(await tenants.finishDeleting()).toBe(0);
  });

  test.each<[Role, boolean]>([
    ['admin', true],
    ['app', false],
    ['support', false],
    ['finance', false],
  ])('is refused to %s (bound to the tenant: %s)', async (role, bound) => {
    const id = await newTenant();
    const by: Principal = { tenant: bound ? id : undefined, role, actor: 'key:1', via: 'api_key' };
    expect(await tenants.delete(by, id)).toEqual({ outcome: 'refused', why: 'forbidden' });
    expect(await tenants.get(id)).toBeDefined();
  });

  test.each(['no id', '00000000-0000-7000-8000-00000000000f'])('that is not there changes nothing: %s', async (id) => {
    expect(await tenants.delete(ROOT, id)).toEqual({ outcome: 'refused', why: 'unknown' });
  });
});

test('an owner that is no superuser and is bound by row-level security deletes a tenant all the same', async () => {
  const administrator = new pg.Client({ connectionString: fresh.ownerUrl });
  await administrator.connect();
  const name = `plain_${randomUUID().slice(0, 8)}`;
  await administrator.query(`create role ${name} login nosuperuser nobypassrls password 'plain'`);
  await administrator.query(`create database ${name} owner ${name}`);
  const url = new URL(fresh.ownerUrl);
  Object.assign(url, { pathname: `/${name}`, username: name, password: 'plain' });
  try {
    await migrate({ ownerUrl: url.href, masterKey: TEST_MASTER_KEY, rolesGiven: true, withQueue: false });
    const database = await Database.open({
      appUrl: roleUrl(url.href, 'app', TEST_MASTER_KEY),
      dispatchUrl: roleUrl(url.href, 'dispatch', TEST_MASTER_KEY),
      ...{ entities: ENTITIES, poolSize: 2 },
    });
    try {
      const plain = await startApplication({
        ...{ fresh: { ...fresh, database }, definitions: [stubDefinition()], providerUrl: provider.url },
      });
      const made = await plain.get(Tenants).create(ROOT, { name: 'Acme' });
      const id = made.outcome === 'created' ? made.tenant.id : '';
      await plain.get(ApiKeys).create(ROOT, { tenant: id, role: 'app', name: 'a test' });
      expect(await plain.get(Tenants).delete(ROOT, id)).toEqual({ outcome: 'deleted' });
      expect(await plain.get(ApiKeys).list(id)).toEqual([]);
      await plain.get(Sequencer).runFor(id);
      const told = await database.inTenant(id, (tx) => plain.get(ChainStore).after(tx, 0, 10, {}));
      expect(told.map(({ type, detail }) => [type, detail])).toEqual([
        ['tenant_created', {}],
        ['key_created', {}],
        ['tenant_deleted', { events: 2 }],
      ]);
      await plain.close();
    } finally {
      await database.close();
    }
  } finally {
    await administrator.query(`drop database if exists ${name} with (force)`);
    await administrator.query(`drop role ${name}`);
    await administrator.end();
  }
});
