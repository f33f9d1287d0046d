import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { FreshDatabase } from './database.js';

/** Tables that belong to no tenant: they hold no tenant's content, but for deliveries, which may carry several (F2). */
export const UNTENANTED = [
  ...['delivery', 'intake_counter', 'limit_bucket', 'limit_slot', 'mikro_orm_migrations', 'test_clock', 'worker'],
];

export interface Table {
  readonly name: string;
  /** The column that names the tenant. */
  readonly owner: string;
}

/** Every table whose rows are a tenant's, as the catalogue has them. */
export const tablesOfTenants = (fresh: FreshDatabase): Promise<Table[]> =>
  fresh.asOwner<Table>(
    `select c.relname as name, case when c.relname = 'tenant' then 'id' else 'tenant_id' end as owner
       from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relname = any($1)
      order by 1`,
    [UNTENANTED],
  );

/** What a column of each type is filled with; the values of texts, ids and bytes are unlike any other. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  uuid: randomUUID,
  text: randomUUID,
  bytea: () => randomBytes(32),
  jsonb: () => '{}',
  boolean: () => true,
  smallint: () => 1,
  integer: () => 1,
  bigint: () => 1,
  numeric: () => 1,
  date: () => '2026-03-02',
  'timestamp with time zone': () => '2026-03-02T09:00:00Z',
  'uuid[]': () => [],
};

/** One row that says nothing, of one tenant; what it refers to need not be there. */
export const fill = async (fresh: FreshDatabase, { name, owner }: Table, tenant: string): Promise<void> => {
  const columns = await fresh.asOwner<{ column: string; type: string }>(
    `select attname as column, regexp_replace(format_type(atttypid, null), '\\(.*\\)', '') as type
       from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [name],
  );
  const values = columns.map(({ column, type }) => (column === owner ? tenant : VALUES[type]!()));
  const places = values.map((_, at) => `$${at + 1}`).join(', ');
  const loader = new pg.Client({ connectionString: fresh.ownerUrl });
  await loader.connect();
  try {
    await loader.query('set session_replication_role = replica');
    await loader.query(
      `insert into ${name} (${columns.map(({ column }) => `"${column}"`).join(', ')}) values (${places})`,
      values,
    );
  } finally {
    await loader.end();
  }
};
