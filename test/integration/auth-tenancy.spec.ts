import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { ACCESS_ENTITIES } from '../../src/modules/auth/index.js';
import { ROLES, rowsOf, sqlState } from '../../src/platform/database/index.js';
import { KEPT_OF_FORGOTTEN } from '../../src/platform/database/migrations/migration-001-first-storey.js';
import { type FreshDatabase, freshDatabase } from './database.js';
import { fill, type Table, tablesOfTenants, UNTENANTED } from './rows-of-tenants.js';
import { eventually, fairWeather, Street } from './street-harness.js';

/** What forgetting a tenant leaves as it is. */
const UNCHANGED = KEPT_OF_FORGOTTEN.filter((table) => table !== 'event');
const NO_PRIVILEGE = '42501';
const [OURS, THEIRS] = [randomUUID(), randomUUID()] as const;

let fresh: FreshDatabase;
let app: pg.Client;
let dispatch: pg.Client;
let tables: readonly Table[];

beforeAll(async () => {
  fresh = await freshDatabase(ACCESS_ENTITIES);
  app = await connect(fresh.appUrl);
  dispatch = await connect(fresh.dispatchUrl);
  tables = await tablesOfTenants(fresh);
  for (const table of tables) for (const tenant of [OURS, THEIRS]) await fill(fresh, table, tenant);
});
afterAll(async () => {
  await Promise.all([app.end(), dispatch.end()]);
  await fresh.drop();
});

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};

/** Does something as a tenant, and leaves nothing behind. */
const as = async <T>(client: pg.Client, tenant: string | undefined, work: () => Promise<T>): Promise<T> => {
  await client.query('begin');
  try {
    if (tenant !== undefined) await client.query(`select set_config('concord.tenant', $1, true)`, [tenant]);
    return await work();
  } finally {
    await client.query('rollback');
  }
};
const ownersSeen = async ({ name, owner }: Table, tenant: string | undefined): Promise<string[]> => {
  const { rows } = await as(app, tenant, () => app.query<{ of: string }>(`select "${owner}" as of from ${name}`));
  return rows.map(({ of }) => of);
};
/** How many rows a statement reached, or the code with which it was refused. */
const outcomeOf = (tenant: string | undefined, statement: string, values: unknown[] = []): Promise<unknown> =>
  as(app, tenant, () =>
    app.query(statement, values).then(
      ({ rowCount }) => rowCount,
      (error: unknown) => sqlState(error),
    ),
  );

describe('the roles that Concord works under', () => {
  test('are not the owner, and neither can step around row-level security', async () => {
    const roles = await fresh.asOwner<Record<string, unknown>>(
      `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
              (select count(*)::int from pg_auth_members m where m.member = r.oid) as memberships,
              (select count(*)::int from pg_class c where c.relowner = r.oid) as owned
         from pg_roles r where rolname = any($1) order by 1`,
      [Object.values(ROLES)],
    );
    const harmless = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    const expected = { ...harmless, rolreplication: false, memberships: 0, owned: 0 };
    expect(roles).toEqual([
      { rolname: 'concord_app', ...expected },
      { rolname: 'concord_dispatch', ...expected },
    ]);
  });

  test('are really those that work is done under', async () => {
    const who = sql<{ one: string; other: string; rights: boolean }>`
      select current_user as one, session_user as other, row_security_active('twin') as rights`;
    const inTenant = await fresh.database.inTenant(OURS, (tx) => who.execute(rowsOf(tx)));
    expect(inTenant.rows).toEqual([{ one: 'concord_app', other: 'concord_app', rights: true }]);
    const dispatching = await fresh.database.dispatching((tx) => who.execute(rowsOf(tx)));
    expect(dispatching.rows).toEqual([{ one: 'concord_dispatch', other: 'concord_dispatch', rights: true }]);
  });

  test.each([
    'alter table twin disable row level security',
    'alter table twin no force row level security',
    'drop policy own_tenant on twin',
    'create policy everything on twin using (true)',
    'truncate twin',
    'set session_replication_role = replica',
    'set role concord_dispatch',
    'create table public.own (id int)',
    'alter function current_tenant() rename to other',
    'update test_clock set offset_ms = 1',
  ])('cannot change the rules: %s', async (statement) => {
    expect(await outcomeOf(OURS, statement)).toBe(NO_PRIVILEGE);
  });

  test('cannot switch row-level security off for themselves: they are refused instead', async () => {
    expect(
      await as(app, OURS, async () => {
        await app.query('set local row_security = off');
        return app.query('select * from twin').then(
          () => 'seen',
          (error: unknown) => sqlState(error),
        );
      }),
    ).toBe(NO_PRIVILEGE);
  });

  test('find no way around it: no view, and but one function that runs as somebody else', async () => {
    expect(
      await fresh.asOwner(
        `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm', 'f')
         union all
         select proname from pg_proc where pronamespace in ('public'::regnamespace, 'bullmq'::regnamespace) and prosecdef`,
      ),
    ).toEqual([{ relname: 'forget_tenant' }]);
  });

  test('can have a tenant forgotten only in its own transaction, and nobody but the one of tenants can', async () => {
    const forget = 'select forget_tenant($1)';
    expect(await outcomeOf(OURS, forget, [THEIRS])).toBe(NO_PRIVILEGE);
    expect(await outcomeOf(undefined, forget, [THEIRS])).toBe(NO_PRIVILEGE);
    expect(await outcomeOf(OURS, forget, [null])).toBe(NO_PRIVILEGE);
    const dispatching = as(dispatch, OURS, () => dispatch.query(forget, [OURS]));
    await expect(dispatching).rejects.toMatchObject({ code: NO_PRIVILEGE });
  });
});

describe('every table of tenants', () => {
  test('names the tenant in each row, or is on the short list of those that belong to none', async () => {
    const columns = await fresh.asOwner<{ name: string }>(
      `select table_name as name from information_schema.columns
        where table_schema = 'public' and column_name = 'tenant_id' order by 1`,
    );
    expect(columns.map(({ name }) => name)).toEqual(tables.map(({ name }) => name).filter((name) => name !== 'tenant'));
    expect(tables.length).toBeGreaterThan(30);
  });

  test('forces row-level security, with one rule for each of the two roles, and the owner’s for forgetting a tenant', async () => {
    const [{ owning } = { owning: '' }] = await fresh.asOwner<{ owning: string }>('select current_user as owning');
    for (const { name, owner } of tables) {
      const [flags] = await fresh.asOwner(
        'select relrowsecurity as enabled, relforcerowsecurity as forced from pg_class where oid = $1::regclass',
        [name],
      );
      expect({ name, ...flags }).toEqual({ name, enabled: true, forced: true });
      const policies = await fresh.asOwner(
        `select permissive, array_to_string(roles, ',') as roles, cmd, qual, with_check from pg_policies
          where schemaname = 'public' and tablename = $1 order by policyname`,
        [name],
      );
      const own = `(${owner} = current_tenant())`;
      const rule = { permissive: 'PERMISSIVE', cmd: 'ALL', qual: own, with_check: own };
      expect({ name, policies }).toEqual({
        name,
        policies: [
          { permissive: 'PERMISSIVE', roles: 'concord_dispatch', cmd: 'ALL', qual: 'true', with_check: 'true' },
          ...(UNCHANGED.includes(name) ? [] : [{ ...rule, roles: owning }]),
          { ...rule, roles: 'concord_app' },
        ],
      });
    }
  });

  test('has rows of two tenants here, so that the tests below can fail', async () => {
    for (const { name, owner } of tables) {
      const rows = await fresh.asOwner<{ of: string }>(`select "${owner}" as of from ${name} order by 1`);
      expect({ name, owners: rows.map(({ of }) => of) }).toEqual({ name, owners: [OURS, THEIRS].sort() });
    }
  });

  test('shows nothing without a tenant, with an empty one, or with one that is not there', async () => {
    for (const table of tables) {
      for (const tenant of [undefined, '', randomUUID()]) {
        expect({ table, seen: await ownersSeen(table, tenant) }).toEqual({ table, seen: [] });
      }
    }
  });

  test('shows a tenant its own rows and no others', async () => {
    for (const table of tables) {
      expect({ table, seen: await ownersSeen(table, OURS) }).toEqual({ table, seen: [OURS] });
      expect({ table, seen: await ownersSeen(table, THEIRS) }).toEqual({ table, seen: [THEIRS] });
    }
  });

  test('takes no row of another tenant, and none without a tenant', async () => {
    for (const { name } of tables) {
      const copied = `insert into ${name} select * from jsonb_populate_record(null::public."${name}", $1)`;
      const [row] = await fresh.asOwner<{ row: object }>(
        `select to_jsonb(t) as row from ${name} t where to_jsonb(t) ->> $1 = $2`,
        [name === 'tenant' ? 'id' : 'tenant_id', THEIRS],
      );
      for (const tenant of [OURS, undefined]) {
        expect({ name, outcome: await outcomeOf(tenant, copied, [row!.row]) }).toEqual({
          ...{ name, outcome: NO_PRIVILEGE },
        });
      }
    }
  });

  test('lets nobody change, move or delete what is another tenant’s', async () => {
    for (const { name, owner } of tables) {
      const theirs = [
        `update ${name} set "${owner}" = "${owner}" where "${owner}" = $1`,
        `delete from ${name} where "${owner}" = $1`,
      ];
      for (const statement of theirs) {
        // Out of sight, or not within the role's rights at all.
        expect([0, NO_PRIVILEGE]).toContain(await outcomeOf(OURS, statement, [THEIRS]));
      }
      const given = await outcomeOf(OURS, `update ${name} set "${owner}" = $1`, [THEIRS]);
      expect({ name, given }).toEqual({ name, given: NO_PRIVILEGE });
      const taken = await outcomeOf(OURS, `update ${name} set "${owner}" = $1 where "${owner}" = $2`, [OURS, THEIRS]);
      expect([0, NO_PRIVILEGE]).toContain(taken);
    }
  });

  test('forgets the tenant at the end of each transaction', async () => {
    await app.query('begin');
    await app.query(`select set_config('concord.tenant', $1, true)`, [OURS]);
    await app.query('commit');
    expect((await app.query('select 1 from twin')).rowCount).toBe(0);
    await expect(
      fresh.database.inTenant(OURS, async () => {
        throw new Error('given up');
      }),
    ).rejects.toThrow('given up');
    const seen = await fresh.database.inTenant(THEIRS, (tx) =>
      sql<{ of: string }>`select tenant_id as of from twin`.execute(rowsOf(tx)),
    );
    expect(seen.rows).toEqual([{ of: THEIRS }]);
  });
});

describe('the role that sees across tenants', () => {
  const readable = (): Promise<{ table: string; column: string; type: string }[]> =>
    fresh.asOwner(
      `select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relname = any($1)
          and has_column_privilege('concord_dispatch', c.oid, a.attnum, 'select')
        order by 1, 2`,
      [UNTENANTED],
    );

  test('reads ids, times, counters and states, and no other words but these', async () => {
    const plain = new Set(['uuid', 'boolean', 'smallint', 'integer', 'bigint', 'timestamp with time zone']);
    const others = (await readable()).filter(({ type }) => !plain.has(type));
    expect(others.map(({ table, column }) => `${table}.${column}`)).toEqual([
      ...['api_key.created_by', 'api_key.hash', 'api_key.name', 'api_key.prefix', 'api_key.role'],
      ...['connect_ticket.browser_hash', 'connect_ticket.provider', 'connect_ticket.secret_hash'],
      ...['connect_ticket.state', 'connection.company', 'connection.provider', 'connection.state'],
      ...['data_key.master_key', 'oauth_grant.provider', 'oauth_grant.state'],
      ...['oauth_state.browser_hash', 'oauth_state.state_hash', 'stream.name'],
      ...['tenant.external_id', 'walk.ending', 'walk.kind', 'walk_step.calls', 'walk_step.step', 'work_item.kind'],
    ]);
  });

  test('reads nothing that a record holds and nothing that is sealed', async () => {
    for (const statement of [
      ...['select content from record', 'select content from snapshot', 'select base from twin'],
      ...['select detail from event', 'select write from intent', 'select request from call', 'select * from conflict'],
      ...['select access_sealed from oauth_grant', 'select wrapped from data_key', 'select name from tenant'],
      ...['select verifier_sealed from oauth_state', 'select company_name from connection', 'select * from work_item'],
    ]) {
      const outcome = await as(dispatch, undefined, () =>
        dispatch.query(statement).then(
          () => 'seen',
          (error: unknown) => sqlState(error),
        ),
      );
      expect({ statement, outcome }).toEqual({ statement, outcome: NO_PRIVILEGE });
    }
  });

  test('writes no records, no history and no tenants', async () => {
    const rows = await fresh.asOwner<{ name: string }>(
      `select c.relname as name from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relname = any($1)
          and (has_any_column_privilege('concord_dispatch', c.oid, 'insert')
               or has_any_column_privilege('concord_dispatch', c.oid, 'update')
               or has_table_privilege('concord_dispatch', c.oid, 'delete')) order by 1`,
      [UNTENANTED],
    );
    expect(rows.map(({ name }) => name)).toEqual([
      ...['api_key', 'connect_ticket', 'connection', 'oauth_state', 'stream', 'walk', 'walk_item', 'walk_step'],
      'work_item',
    ]);
  });
});

test('the queue holds ids only, whatever travels and whatever goes wrong', async () => {
  const canary = 'canary-9f3c';
  const street = await Street.open();
  try {
    let failures = 3;
    street.weather = (request, serve) => {
      if (request.path === '/observe' || failures-- <= 0) return fairWeather(request, serve);
      throw new TypeError(`cannot read ${canary}`);
    };
    const content = { displayName: canary, email: `${canary}@example.com`, isCustomer: true };
    await street.push('k1', { kind: 'contact', id: canary, content });
    await street.entered('contact', 'displayName', canary);
    const inQueue = (): Promise<{ jobs: number; text: string }[]> =>
      street.database.asOwner(`select count(*)::int as jobs, string_agg(j::text, E'\\n') as text from bullmq.job j`);
    await eventually(inQueue, ([row]) => row!.jobs > 0);
    for (const { name } of await street.database.asOwner<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'bullmq'::regnamespace and relkind in ('r', 'p')`,
    )) {
      const [row] = await street.database.asOwner<{ text: string | null }>(
        `select string_agg(t::text, E'\\n') as text from bullmq.${name} t`,
      );
      expect({ name, leaks: (row!.text ?? '').includes(canary) }).toEqual({ name, leaks: false });
    }
    const jobs = await street.database.asOwner<{ data: object }>('select data from bullmq.job');
    for (const { data } of jobs) {
      expect(data).toEqual({
        walk: expect.stringMatching(/^[0-9a-f-]{36}$/),
        tenant: expect.stringMatching(/^[0-9a-f-]{36}$/),
        graph: expect.any(Number),
      });
    }
    expect(failures).toBeLessThan(3);
  } finally {
    await street.close();
  }
});
