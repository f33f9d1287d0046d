import { createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';

/** Where BullMQ keeps its jobs: a Redis, or a schema of the PostgreSQL that is there anyway (docs/adr/0004). */
export interface QueueBackend {
  readonly kind: 'postgres' | 'redis';
  /** What BullMQ takes as `connection`. */
  readonly connection: object;
  close(): Promise<void>;
}

/**
 * A pool of its own, larger than the workers that listen on it: each of them holds one client for LISTEN, and on a
 * smaller pool nothing runs and nothing complains.
 */
export const postgresQueue = (url: string): QueueBackend => {
  setDefaultBackendFactory(createPostgresBackend as never);
  const pool = new pg.Pool({
    connectionString: url,
    max: 12,
    keepAlive: true,
    options: '-c search_path=bullmq -c synchronous_commit=off',
  });
  // A restarting server ends idle clients; the pool makes new ones.
  pool.on('error', () => undefined);
  let closing: Promise<void> | undefined;
  return { kind: 'postgres', connection: pool, close: () => (closing ??= pool.end()) };
};

export const redisQueue = (url: string): QueueBackend => {
  // BullMQ's own default; said again, because a process may have had a queue on PostgreSQL before.
  setDefaultBackendFactory();
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  return {
    kind: 'redis',
    connection: redis,
    close: async () => {
      await redis.quit().catch(() => redis.disconnect());
    },
  };
};
