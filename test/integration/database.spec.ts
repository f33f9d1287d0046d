import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { rowsOf, type Tx } from '../../src/platform/database/index.js';
import { type FreshDatabase, freshDatabase } from './database.js';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase([]);
});
afterAll(() => fresh.drop());

test('stored time is the database’s own and can be moved', async () => {
  const before = await fresh.database.dispatching((tx) => Promise.resolve(tx.now));
  await fresh.pass(3_600_000);
  const after = await fresh.database.inTenant(randomUUID(), (tx) => Promise.resolve(tx.now));
  const passed = after.getTime() - before.getTime();
  expect(passed).toBeGreaterThanOrEqual(3_600_000);
  expect(passed).toBeLessThan(3_610_000);
});

describe('what travels together', () => {
  const tenant = randomUUID();
  interface Books {
    shelf: { id: number; title: string };
  }
  const shelf = (tx: Tx) => rowsOf<Books>(tx).selectFrom('shelf');

  beforeAll(async () => {
    await fresh.asOwner('create table shelf (id int primary key, title text not null)');
    await fresh.asOwner('grant all on shelf to concord_app');
  });

  test('a transaction is one from its first statement on: what fails in it undoes it whole', async () => {
    const work = fresh.database.inTenant(tenant, async (tx) => {
      await rowsOf<Books>(tx).insertInto('shelf').values({ id: 1, title: 'one' }).execute();
      await rowsOf<Books>(tx).insertInto('shelf').values({ id: 1, title: 'again' }).execute();
    });
    await expect(work).rejects.toThrow(/duplicate key/);
    expect(await fresh.asOwner('select * from shelf')).toEqual([]);
  });

  test('the tenant of a transaction is that of the next one on the same connection no more', async () => {
    const named = (tx: Tx): Promise<unknown> =>
      sql<{ tenant: string }>`select current_tenant() as tenant`
        .execute(rowsOf(tx))
        .then(({ rows }) => rows[0]!.tenant);
    const other = randomUUID();
    expect(await fresh.database.inTenant(tenant, named)).toBe(tenant);
    expect(await fresh.database.inTenant(other, named)).toBe(other);
  });

  test('nobody slips in as a tenant whose name is no id', async () => {
    const name = `${tenant}', true); select ('`;
    await expect(fresh.database.inTenant(name, () => Promise.resolve())).rejects.toThrow('named by its id');
  });

  test('a statement that comes often is prepared once, and goes on after a migration has changed what it answers', async () => {
    const titles = (): Promise<unknown[]> =>
      fresh.database.inTenant(tenant, (tx) => shelf(tx).selectAll().where('id', '>', 0).execute());
    await fresh.asOwner(`insert into shelf values (7, 'seven')`);
    for (let time = 0; time < 10; time++) expect(await titles()).toEqual([{ id: 7, title: 'seven' }]);
    const prepared = await fresh.database.inTenant(tenant, (tx) =>
      sql`select statement from pg_prepared_statements where statement like '%shelf%'`.execute(rowsOf(tx)),
    );
    expect(prepared.rows).toHaveLength(1);
    await fresh.asOwner('alter table shelf add column author text');
    for (let time = 0; time < 5; time++) expect(await titles()).toEqual([{ id: 7, title: 'seven', author: null }]);
  });
});
