import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { runMigrations } from 'bullmq';
import pg from 'pg';
import { Migration001FirstStorey } from './migrations/migration-001-first-storey.js';
import { prepareRoles, ROLES } from './roles.js';

/** In the order in which they are run; a list and no directory scan, so it is the same in sources, build and tests. */
const MIGRATIONS = [{ name: 'Migration001FirstStorey', class: Migration001FirstStorey }];

export interface MigrateOptions {
  readonly ownerUrl: string;
  readonly masterKey: Buffer;
  /** The roles exist already and Concord may not change them. */
  readonly rolesGiven: boolean;
  /** The queue lives in this database too. */
  readonly withQueue: boolean;
}

/** Brings the database to this version's shape; safe to run by several processes at once. */
export const migrate = async ({ ownerUrl, masterKey, rolesGiven, withQueue }: MigrateOptions): Promise<void> => {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query('select pg_advisory_lock(4020)');
    if (!rolesGiven) await prepareRoles(owner, masterKey);
    const orm = await MikroORM.init({
      clientUrl: ownerUrl,
      entities: [],
      discovery: { warnWhenNoEntities: false },
      extensions: [Migrator],
      // Its progress lines say nothing that an operator needs.
      logger: () => undefined,
      migrations: { migrationsList: MIGRATIONS, snapshot: false, transactional: true, allOrNothing: true },
      pool: { min: 0, max: 2 },
    });
    try {
      await orm.migrator.up();
    } finally {
      await orm.close();
    }
    if (withQueue) await migrateQueue(owner);
  } finally {
    await owner.end();
  }
};

/** BullMQ's own tables; they hold ids only, and the dispatching role works on them. */
const migrateQueue = async (owner: pg.Client): Promise<void> => {
  await runMigrations(owner as never);
  await owner.query(`grant usage, create on schema bullmq to ${ROLES.dispatch}`);
  await owner.query(`grant all on all tables in schema bullmq to ${ROLES.dispatch}`);
  await owner.query(`grant all on all sequences in schema bullmq to ${ROLES.dispatch}`);
  await owner.query(`grant execute on all functions in schema bullmq to ${ROLES.dispatch}`);
};
