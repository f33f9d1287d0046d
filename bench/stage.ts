import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import pg from 'pg';
import { Concord } from '../demo/concord.ts';
import { eventually } from '../demo/eventually.ts';
import { freePort, Program, startConcord, startSandbox } from '../demo/programs.ts';
import { Portal } from '../demo/quickbooks.ts';
import { Shop } from '../demo/shop.ts';
import { EmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.ts';
import { Company } from './company.ts';
import { pause } from './figures.ts';
import { type ChangeEvent, deliveryOf, Endpoint } from './webhooks.ts';

/** So many companies that what QuickBooks allows each of them (six to seven calls a second) is no bound for all. */
const COMPANIES = 24;
const INVOICES = 100;
/** What QuickBooks tells in one delivery. */
const EVENTS = 100;

/** Where the queue lives. */
export type Backend = 'postgres' | 'redis';

/**
 * What every measurement plays on: a PostgreSQL of its own, a Redis where there is one, the sandbox as a process that
 * stays, connected companies with invoices that both sides know, and Concord as a process with the settings asked for.
 */
export class Stage {
  readonly portal: Portal;
  readonly companies: Company[] = [];
  /** As the owner, for counting what was done. */
  readonly database: pg.Pool;
  readonly postgresUrl: string;
  readonly redisUrl: string | undefined;
  private readonly home: string;
  private readonly sandbox: Program;
  private readonly port: number;
  private readonly adminKey = randomBytes(32).toString('base64url');
  private readonly ends: (() => Promise<void>)[];
  private running: { program: Program; settings: string } | undefined;

  private constructor(
    home: string,
    sandbox: Program,
    database: pg.Pool,
    postgresUrl: string,
    redisUrl: string | undefined,
    port: number,
    ends: (() => Promise<void>)[],
  ) {
    this.home = home;
    this.sandbox = sandbox;
    this.database = database;
    this.postgresUrl = postgresUrl;
    this.redisUrl = redisUrl;
    this.port = port;
    this.ends = ends;
    this.portal = new Portal(sandbox.url);
  }

  static async set(): Promise<Stage> {
    const ends: (() => Promise<void>)[] = [];
    try {
      const home = await mkdtemp(path.join(tmpdir(), 'concord-bench-'));
      ends.push(() => rm(home, { recursive: true, force: true }));
      const postgres = await new EmbeddedPostgres({ dataDir: path.join(home, 'postgres') }).start();
      ends.push(() => postgres.stop());
      const database = new pg.Pool({ connectionString: postgres.url, max: 2 });
      database.on('error', () => undefined);
      ends.push(() => database.end());
      const redisUrl = await startRedis(home, ends);
      const sandbox = await startSandbox();
      ends.push(() => sandbox.stop());
      const stage = new Stage(home, sandbox, database, postgres.url, redisUrl, await freePort(), ends);
      await stage.fill();
      return stage;
    } catch (error) {
      await strike(ends);
      throw error;
    }
  }

  /** Concord with these settings; started anew where others are in force. */
  async concord(environment: Record<string, string> = {}, nodeOptions: string[] = []): Promise<Program> {
    const settings = JSON.stringify([environment, nodeOptions]);
    if (this.running?.settings === settings) return this.running.program;
    await this.running?.program.stop();
    this.running = undefined;
    const program = await startConcord({
      ...{ dataDir: path.join(this.home, 'concord'), adminKey: this.adminKey, sandboxUrl: this.sandbox.url },
      port: this.port,
      environment: { DATABASE_URL: this.postgresUrl, ...environment },
      nodeOptions,
    });
    this.running = { program, settings };
    return program;
  }

  /** Tells Concord of all these changes, as fast as it takes them. */
  async tell(events: readonly ChangeEvent[]): Promise<void> {
    const { url } = await this.concordNow();
    const endpoint = new Endpoint(url, 8);
    const byRealm = Map.groupBy(events, ({ realm }) => realm);
    const deliveries = [...byRealm.values()].flatMap((of) =>
      Array.from({ length: Math.ceil(of.length / EVENTS) }, (_, at) =>
        deliveryOf(of.slice(at * EVENTS, (at + 1) * EVENTS)),
      ),
    );
    await Promise.all(deliveries.map((delivery) => endpoint.deliver(delivery)));
    endpoint.close();
  }

  /** Waits until nothing is wanted any more that is due, and every delivery is unpacked. */
  async quiet(withinMs = 120_000): Promise<void> {
    for (const end = Date.now() + withinMs; Date.now() < end; await pause(100)) {
      if ((await this.backlog()) === 0) return;
    }
    throw new Error(`still at work after ${withinMs / 1000} s: ${await this.backlog()} records`);
  }

  /** Records that are wanted, and deliveries that are not unpacked. */
  async backlog(): Promise<number> {
    const { rows } = await this.database.query<{ backlog: number }>(
      `select ((select count(*) from work_item where wanted > done)
             + (select count(*) from delivery where unpacked_at is null))::int as backlog`,
    );
    return rows[0]!.backlog;
  }

  /** The database's time, to which all stored times belong. */
  async now(): Promise<Date> {
    return (await this.database.query<{ now: Date }>('select concord_now() as now')).rows[0]!.now;
  }

  /** The shop's id of an invoice in the books. */
  async appIdOf({ shop }: Company, { Id }: { Id: string }): Promise<string> {
    const { rows } = await this.database.query<{ app: string }>(
      `select app_id as app from twin
        where connection_id = $1 and kind = 'invoice' and split_part(books_id, ':', -1) = $2`,
      [shop.connection, Id],
    );
    return rows[0]!.app;
  }

  /** From now on QuickBooks answers what it is asked so much later; what is written to it is not delayed. */
  async latency(ms: number): Promise<void> {
    await this.portal.control('DELETE', '/faults');
    if (ms === 0) return;
    const rules = ['query', 'read', 'batch'].map((operation) => ({ match: { operation }, fault: 'latency', ms }));
    await this.portal.control('POST', '/faults', { rules });
  }

  /** Calls that Concord made to QuickBooks since the counts were cleared, by company. */
  async callsOfConcord(): Promise<Map<string, number>> {
    const { realms } = await this.portal.control<{ realms: Record<string, { calls: number }> }>('GET', '/stats');
    return new Map(this.companies.map(({ realm, calls }) => [realm, (realms[realm]?.calls ?? 0) - calls]));
  }

  async clearCalls(): Promise<void> {
    await this.portal.control('DELETE', '/stats');
    for (const company of this.companies) company.calls = 0;
  }

  async strike(): Promise<void> {
    await this.running?.program.stop();
    await strike(this.ends);
  }

  async concordNow(): Promise<Program> {
    return this.running?.program ?? this.concord();
  }

  /** Companies, connected, with invoices that the shop knows too. */
  private async fill(): Promise<void> {
    await this.portal.control('POST', '/limits', { enabled: false });
    await this.portal.control('POST', '/webhooks', { enabled: false });
    const { url } = await this.concord();
    for (let number = 1; number <= COMPANIES; number++) {
      const realmId = String(9_341_450_000_001_000n + BigInt(number));
      await this.portal.control('POST', '/companies', { flavour: 'us', realmId, name: `Bench ${number}`, empty: true });
      const shop = await Shop.open(new Concord(url, this.adminKey), `Bench ${number}`, this.portal, realmId);
      this.companies.push(await Company.open(this.portal, realmId, shop));
    }
    for (const { shop } of this.companies) await eventually('the first looks', () => shop.firstLooked(), 200);
    await this.tell((await Promise.all(this.companies.map((company) => company.enter(INVOICES)))).flat());
    await this.quiet();
    const { rows } = await this.database.query<{ pairs: number }>(
      `select count(*)::int as pairs from twin where kind = 'invoice' and app_id is not null and books_id is not null`,
    );
    if (rows[0]!.pairs !== COMPANIES * INVOICES) throw new Error(`only ${rows[0]!.pairs} invoices arrived in the app`);
  }
}

const strike = async (ends: (() => Promise<void>)[]): Promise<void> => {
  for (const end of ends.splice(0).reverse()) await end();
};

/** A Redis that keeps what it is told as one in production would; undefined where none is installed. */
const startRedis = async (home: string, ends: (() => Promise<void>)[]): Promise<string | undefined> => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const port = await freePort();
  const server: ChildProcess = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', home, '--save', '', '--appendonly', 'yes'],
    { stdio: 'ignore' },
  );
  ends.push(async () => {
    const exited = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode !== null) return;
    server.kill('SIGTERM');
    await exited;
  });
  return `redis://127.0.0.1:${port}`;
};
