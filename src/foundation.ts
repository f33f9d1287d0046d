import path from 'node:path';
import { ACCESS_ENTITIES, CONNECTION_ENTITIES, Keyring } from './modules/auth/index.js';
import { CONFLICT_ENTITIES } from './modules/conflicts/index.js';
import { HISTORY_ENTITIES } from './modules/history/index.js';
import { RECORD_ENTITIES } from './modules/records/index.js';
import { SYNC_ENTITIES } from './modules/sync/index.js';
import type { Settings } from './platform/config/index.js';
import { Database, migrate, PostgresWakeups, roleUrl } from './platform/database/index.js';
import { EmbeddedPostgres } from './platform/embedded/embedded-postgres.js';
import type { Plumbing } from './platform/platform.module.js';
import { postgresQueue, redisQueue } from './platform/queue/index.js';

/** All tables that stores declare. */
export const ENTITIES = [
  ...[CONNECTION_ENTITIES, ACCESS_ENTITIES, CONFLICT_ENTITIES, HISTORY_ENTITIES, RECORD_ENTITIES, SYNC_ENTITIES].flat(),
];

/** What has to stand before Nest starts, and falls after it has stopped. */
export interface Foundation extends Plumbing {
  readonly keyring: Keyring;
  close(): Promise<void>;
}

/**
 * Opens keys, database, wake-ups and queue in this order, and brings the database to this version's shape. Without
 * DATABASE_URL a PostgreSQL of our own starts in the data directory. What was opened is closed again when a later part
 * cannot be opened.
 */
export const layFoundation = async (settings: Settings, say: (line: string) => void): Promise<Foundation> => {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const shut of opened.splice(0).reverse()) await shut();
  };
  try {
    const dataDir = path.resolve(settings.CONCORD_DATA_DIR);
    const keyring = Keyring.open(settings.CONCORD_MASTER_KEY, dataDir);
    const masterKey = keyring.current.secret;

    let ownerUrl = settings.DATABASE_URL;
    if (ownerUrl === undefined) {
      const embedded = new EmbeddedPostgres({ dataDir: path.join(dataDir, 'postgres'), log: say });
      await embedded.start();
      opened.push(() => embedded.stop());
      ownerUrl = embedded.url;
    }
    const rolesGiven = settings.DATABASE_APP_URL !== undefined && settings.DATABASE_DISPATCH_URL !== undefined;
    await migrate({ ownerUrl, masterKey, rolesGiven, withQueue: settings.REDIS_URL === undefined });

    const appUrl = settings.DATABASE_APP_URL ?? roleUrl(ownerUrl, 'app', masterKey);
    const dispatchUrl = settings.DATABASE_DISPATCH_URL ?? roleUrl(ownerUrl, 'dispatch', masterKey);
    const poolSize = 8 + 2 * settings.CONCORD_CONCURRENCY;
    const database = await Database.open({ appUrl, dispatchUrl, entities: ENTITIES, poolSize });
    opened.push(() => database.close());

    const wakeups = new PostgresWakeups(dispatchUrl);
    await wakeups.open();
    opened.push(() => wakeups.close());
    database.wakeWith(wakeups);

    const queue = settings.REDIS_URL === undefined ? postgresQueue(dispatchUrl) : redisQueue(settings.REDIS_URL);
    opened.push(() => queue.close());
    return { database, wakeups, queue, keyring, close };
  } catch (error) {
    await close();
    throw error;
  }
};
