import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Concord } from '../../demo/concord.ts';
import { eventually } from '../../demo/eventually.ts';
import { Bookkeeper, Portal } from '../../demo/quickbooks.ts';
import { Shop } from '../../demo/shop.ts';
import { quickbooks } from '../../sandbox/quickbooks/index.ts';
import { createSandbox, type RunningSandbox } from '../../sandbox/server.ts';
import { EmbeddedPostgres, freePort } from '../../src/platform/embedded/embedded-postgres.js';
import { freshDatabase, TEST_MASTER_KEY } from '../integration/database.js';
import { Company } from './company.js';
import { Program } from './program.js';
import { Relay } from './relay.js';

/** Where the queue can live; Redis where one is offered. */
export const QUEUES: readonly (readonly [name: string, redisUrl: string | undefined])[] = [
  ['PostgreSQL', undefined],
  ...(process.env.TEST_REDIS_URL ? [['Redis', process.env.TEST_REDIS_URL] as const] : []),
];

export interface Furnishing {
  /** The queue lives there, and in PostgreSQL without it. */
  readonly redisUrl?: string | undefined;
  /** How many workers run from the start; one if absent. */
  readonly workers?: number;
  /** A PostgreSQL of its own, which can be restarted. */
  readonly ownPostgres?: boolean;
}

/**
 * Concord as it runs at an operator's: an API process and workers, built and started as they are in production, on a
 * database and a queue of their own, with a QuickBooks sandbox at the end of a line that can be cut.
 */
export class House {
  admin!: Concord;
  portal!: Portal;
  api!: Program;
  readonly workers: Program[] = [];
  /** The line to the books. */
  line!: Relay;
  /** The line to the database, where the house has one of its own. */
  databaseLine: Relay | undefined;
  private postgres: EmbeddedPostgres | undefined;
  private owner!: pg.Pool;
  private environment!: Record<string, string>;
  private redis: Redis | undefined;
  private readonly ends: (() => Promise<unknown>)[] = [];
  private readonly programs: Program[] = [];
  private sandbox!: RunningSandbox;

  constructor(private readonly furnishing: Furnishing) {}

  async open(): Promise<void> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'concord-e2e-'));
    this.ends.push(() => rm(dataDir, { recursive: true, force: true }));
    // PostgreSQL runs as a user of its own where this is root.
    await chmod(dataDir, 0o755);
    const databaseUrl = await (this.furnishing.ownPostgres ? this.ownDatabase(dataDir) : this.freshDatabase());
    this.owner = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    this.owner.on('error', () => undefined);
    this.ends.push(() => this.owner.end());
    const redisUrl = this.furnishing.redisUrl && (await this.claimRedis(this.furnishing.redisUrl));

    this.sandbox = await createSandbox({ empty: true, seed: 1, providers: [quickbooks] }).listen(0);
    this.ends.push(() => this.sandbox.close());
    this.line = await Relay.open(Number(new URL(this.sandbox.url).port));
    this.ends.push(() => this.line.down());
    this.portal = new Portal(this.sandbox.url);
    await this.portal.control('POST', '/limits', { enabled: false });

    const port = await freePort();
    const url = `http://localhost:${port}`;
    const adminKey = `ck_admin_${randomBytes(32).toString('base64url')}`;
    this.environment = {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      CONCORD_PUBLIC_URL: url,
      CONCORD_RETURN_URLS: `${url}/graphql`,
      CONCORD_DATA_DIR: dataDir,
      CONCORD_MASTER_KEY: `e2e:${TEST_MASTER_KEY.toString('base64')}`,
      CONCORD_BOOTSTRAP_KEY: adminKey,
      CONCORD_SANDBOX_URL: `http://127.0.0.1:${this.line.port}`,
      DATABASE_URL: databaseUrl,
      ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
      LOG_FORMAT: 'line',
    };
    this.admin = new Concord(url, adminKey);
    this.api = await this.run('api', 'api', port);
    for (let count = 0; count < (this.furnishing.workers ?? 1); count++) await this.startWorker();
    await this.portal.subscribe(`${url}/webhooks/quickbooks`);
  }

  async close(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.kill()));
    for (const end of this.ends.splice(0).reverse()) await end();
  }

  /** One more worker. */
  async startWorker(): Promise<Program> {
    const worker = await this.run(`worker ${this.programs.length}`, 'worker', await freePort());
    this.workers.push(worker);
    return worker;
  }

  /** A customer of the shop whose company is connected by the redirects of a person's browser, and looked at. */
  async company(name: string, flavour: 'us' | 'us-ast' | 'uk' = 'us'): Promise<Company> {
    const since = new Date();
    const { realmId } = await this.portal.control<{ realmId: string }>('POST', '/companies', {
      ...{ flavour, name, empty: true },
    });
    const books = new Bookkeeper(this.portal, realmId);
    const [hours] = await books.find('Item', "Name = 'Hours'");
    const shop = await Shop.open(this.admin, name, this.portal, realmId);
    await eventually('the first look', () => shop.firstLooked());
    const mara = await shop.as('Mara', 'finance');
    await mara.allowCreating(['contact']);
    // Whatever day it is at the company, at the shop and in this test.
    const goLive = new Date(since.getTime() - 2 * 24 * 3_600_000).toISOString().slice(0, 10);
    await mara.concord.ask(
      'mutation ($id: ID!, $goLive: String!) { setGoLive(connection: $id, goLive: $goLive) { __typename } }',
      { id: shop.connection, goLive },
    );
    await shop.push('item', 'hours', { name: 'Hours', type: 'service', salePrice: String(hours!.UnitPrice) });
    await mara.link('item', 'hours', hours!.Id);
    return new Company(this, this.portal, realmId, shop, mara, books, since);
  }

  /** A test that prints what the programs logged last when it fails. */
  told(test: () => Promise<void>): () => Promise<void> {
    return async () => {
      try {
        await test();
      } catch (error) {
        process.stderr.write(`${this.programs.map(({ tail }) => tail).join('\n')}\n`);
        throw error;
      }
    };
  }

  /** Rows of Concord's own tables, as their owner sees them. */
  async rows<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.owner.query<Row>(sql, [...values])).rows;
  }

  /** Lets time pass for everything that Concord stores (ENGINE G4). */
  async pass(milliseconds: number): Promise<void> {
    await this.rows('update test_clock set offset_ms = offset_ms + $1', [milliseconds]);
  }

  /** Gives its time to whatever waits for a later one. */
  async hurry(connection: string): Promise<void> {
    await this.rows(
      `update work_item set not_before = least(not_before, concord_now())
        where connection_id = $1 and wanted > done and walk_id is null`,
      [connection],
    );
  }

  /** Everything that is polled of a connection is asked for now; settles when the answers are taken in. */
  async poll(connection: string): Promise<void> {
    const [moment] = await this.rows<{ now: string }>('select concord_now()::text as now');
    await this.rows('update stream set due_at = concord_now() where connection_id = $1', [connection]);
    await eventually('the polls', async () => {
      const waiting = await this.rows(
        `select 1 from stream where connection_id = $1
           and (looked_at is null or looked_at < $2::timestamptz or due_at <= concord_now() or failure is not null)`,
        [connection, moment!.now],
      );
      return waiting.length === 0 || undefined;
    });
  }

  /** Deletes everything that the queue holds. */
  async emptyQueue(): Promise<void> {
    if (this.redis) {
      await this.redis.flushdb();
      return;
    }
    const tables = await this.rows<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema = 'bullmq' and table_type = 'BASE TABLE' and table_name not like '%migration%'`,
    );
    await this.rows(`truncate ${tables.map(({ name }) => name).join(', ')}`);
  }

  async stopDatabase(): Promise<void> {
    await this.databaseLine!.down();
    await this.postgres!.stop();
  }

  async startDatabase(): Promise<void> {
    await this.postgres!.start();
    await this.databaseLine!.up(Number(new URL(this.postgres!.url).port));
  }

  private async run(name: string, role: 'api' | 'worker', port: number): Promise<Program> {
    const program = await Program.start(name, role, { ...this.environment, PORT: `${port}` });
    this.programs.push(program);
    return program;
  }

  private async freshDatabase(): Promise<string> {
    const database = await freshDatabase([]);
    this.ends.push(() => database.drop());
    return database.ownerUrl;
  }

  private async ownDatabase(dataDir: string): Promise<string> {
    this.postgres = new EmbeddedPostgres({ dataDir: path.join(dataDir, 'postgres') });
    await this.postgres.start();
    this.ends.push(() => this.postgres!.stop());
    const url = new URL(this.postgres.url);
    this.databaseLine = await Relay.open(Number(url.port));
    this.ends.push(() => this.databaseLine!.down());
    url.port = `${this.databaseLine.port}`;
    return url.href;
  }

  /** One of the numbered databases that nobody else uses at this moment. */
  private async claimRedis(url: string): Promise<string> {
    for (let number = 1; number < 16; number++) {
      const mine = new URL(url);
      mine.pathname = `/${number}`;
      const redis = new Redis(mine.href, { maxRetriesPerRequest: 1 });
      if ((await redis.dbsize()) === 0 && (await redis.set('claimed', `${process.pid}`, 'NX'))) {
        this.redis = redis;
        this.ends.push(async () => {
          await redis.flushdb();
          await redis.quit();
        });
        return mine.href;
      }
      await redis.quit();
    }
    throw new Error('every database of this Redis is in use');
  }
}

/** A house for the tests of one block, opened before them and closed after them. */
export const furnish = (furnishing: Furnishing = {}): House => {
  const house = new House(furnishing);
  beforeAll(() => house.open(), 90_000);
  afterAll(() => house.close(), 30_000);
  return house;
};
