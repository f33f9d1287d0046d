import { randomBytes } from 'node:crypto';
import type { EntitySchema } from '@mikro-orm/postgresql';
import pg from 'pg';
import { Database, migrate, roleUrl } from '../../src/platform/database/index.js';

/** Roles' passwords in tests follow from this key; the test cluster trusts everybody anyway. */
export const TEST_MASTER_KEY = Buffer.alloc(32, 7);

const TEMPLATE = 'concord_template';
/** Of the whole test run: whoever comes first makes the template, and it has no session while it is cloned. */
const TEMPLATE_LOCK = 4021;

export interface FreshDatabase {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly dispatchUrl: string;
  readonly database: Database;
  /** Runs SQL as the owner, whom row-level security does not bind. */
  asOwner<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Lets time pass for everything that is stored (ENGINE G4). */
  pass(milliseconds: number): Promise<void>;
  /** Closes all pools and removes the database. */
  drop(): Promise<void>;
}

/** A migrated database of one's own, on the PostgreSQL that the test run started. */
export const freshDatabase = async (
  entities: readonly EntitySchema[],
  { poolSize = 8 }: { readonly poolSize?: number } = {},
): Promise<FreshDatabase> => {
  const name = `t_${randomBytes(6).toString('hex')}`;
  await asAdministrator(async (administrator) => {
    await administrator.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    await makeTemplate(administrator);
    await administrator.query(`create database ${name} template ${TEMPLATE} strategy file_copy`);
  });
  const ownerUrl = urlOf(name);
  const appUrl = roleUrl(ownerUrl, 'app', TEST_MASTER_KEY);
  const dispatchUrl = roleUrl(ownerUrl, 'dispatch', TEST_MASTER_KEY);
  const database = await Database.open({ appUrl, dispatchUrl, entities, poolSize });
  const owner = new pg.Pool({ connectionString: ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  return {
    ownerUrl,
    appUrl,
    dispatchUrl,
    database,
    asOwner: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await owner.query<Row>(sql, [...values])).rows,
    pass: async (milliseconds) => {
      await owner.query('update test_clock set offset_ms = offset_ms + $1', [milliseconds]);
    },
    drop: async () => {
      await Promise.all([database.close(), owner.end()]);
      await asAdministrator((administrator) => administrator.query(`drop database ${name} with (force)`));
    },
  };
};

const makeTemplate = async (administrator: pg.Client): Promise<void> => {
  const { rowCount } = await administrator.query('select from pg_database where datname = $1', [TEMPLATE]);
  if (rowCount) return;
  const unfinished = `${TEMPLATE}_unfinished`;
  await administrator.query(`drop database if exists ${unfinished}`);
  await administrator.query(`create database ${unfinished}`);
  await migrate({ ownerUrl: urlOf(unfinished), masterKey: TEST_MASTER_KEY, rolesGiven: false, withQueue: true });
  await administrator.query(`alter database ${unfinished} rename to ${TEMPLATE}`);
};

const asAdministrator = async (work: (administrator: pg.Client) => Promise<unknown>): Promise<void> => {
  const administrator = new pg.Client({ connectionString: clusterUrl() });
  administrator.on('error', () => undefined);
  await administrator.connect();
  try {
    await work(administrator);
  } finally {
    await administrator.end();
  }
};

const urlOf = (database: string): string => {
  const url = new URL(clusterUrl());
  url.pathname = `/${database}`;
  return url.href;
};

const clusterUrl = (): string => {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('TEST_POSTGRES_URL is not set: jest must run with test/global-setup.mjs');
  return url;
};
