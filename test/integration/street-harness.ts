import type { NestApplicationContext } from '@nestjs/core';
import { Module, type DynamicModule, Global } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { KindName } from '../../src/domain/contract/index.js';
import {
  answered,
  type ProviderDefinition,
  type ProviderExchange,
  type ProviderRequest,
  type Session,
} from '../../src/domain/provider/index.js';
import {
  type BooksLine,
  BooksLines,
  type Connection,
  ConnectionStore,
  type ExchangeNote,
} from '../../src/modules/auth/index.js';
import { PostgresConnectionStore } from '../../src/modules/auth/connections/store/postgres-connection-store.js';
import { CONNECTION_ENTITIES } from '../../src/modules/auth/connections/store/tables.js';
import { CONFLICT_ENTITIES } from '../../src/modules/conflicts/index.js';
import { HISTORY_ENTITIES, HistoryModule } from '../../src/modules/history/index.js';
import { ProvidersModule } from '../../src/modules/providers/index.js';
import { type AppRecord, RECORD_ENTITIES, RecordStore } from '../../src/modules/records/index.js';
import { AppEdits, SYNC_ENTITIES, SyncModule, WorkerSettings } from '../../src/modules/sync/index.js';
import type { PushedRecord } from '../../src/modules/sync/intake/app-edits.js';
import { Raising } from '../../src/modules/sync/intake/raising.js';
import { PostgresWakeups, Transactions } from '../../src/platform/database/index.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { postgresQueue, type QueueBackend, redisQueue } from '../../src/platform/queue/index.js';
import { ModelBooks, type ModelWrite, type Stored, type Traits } from '../simulation/model-books.js';
import { modelProvider } from '../simulation/model-provider.js';
import { type FreshDatabase, freshDatabase } from './database.js';

export const TENANT = '00000000-0000-7000-8000-000000000001';
export const CONNECTION = '00000000-0000-7000-8000-000000000002';

export const TRAITS: Traits = {
  guardsVersions: true,
  keyWindowMs: 60_000,
  traceable: true,
  replaces: [],
  lagMs: 0,
  ordered: true,
  namesVersions: true,
  keepsNamed: true,
};

/** What the line to the books does to an exchange; the test decides. */
export type Weather = (request: ProviderRequest, serve: () => unknown) => ProviderExchange | Promise<ProviderExchange>;

export const fairWeather: Weather = (_request, serve) => ({ status: 200, headers: {}, body: JSON.stringify(serve()) });

/** Gives the model another habit than its traits do. */
export type Adapt = (definition: ProviderDefinition) => ProviderDefinition;

/** The engine on real PostgreSQL and a real queue, with model books at the other end of an in-process line. */
export class Street {
  weather: Weather = fairWeather;
  readonly books: ModelBooks;
  readonly definition;
  app!: NestApplicationContext;
  private queue!: QueueBackend;
  private wakeups!: PostgresWakeups;

  private constructor(
    readonly database: FreshDatabase,
    traits: Traits,
    adapt: Adapt,
  ) {
    this.books = new ModelBooks(traits, () => new Date());
    this.definition = adapt(modelProvider(traits));
  }

  static async open(
    traits: Traits = TRAITS,
    redisUrl?: string,
    adapt: Adapt = (definition) => definition,
  ): Promise<Street> {
    const database = await freshDatabase([
      ...CONNECTION_ENTITIES,
      ...CONFLICT_ENTITIES,
      ...HISTORY_ENTITIES,
      ...RECORD_ENTITIES,
      ...SYNC_ENTITIES,
    ]);
    const street = new Street(database, traits, adapt);
    await database.asOwner(`insert into tenant (id, name, created_at) values ($1, 'Test', now())`, [TENANT]);
    await database.asOwner(
      `insert into connection (id, tenant_id, provider, company, state, go_live, creates, connected_at, connected_by, first_look_at)
       values ($1, $2, 'model', 'company-1', 'active', '2026-01-01', '["contact"]', now(), 'test', now())`,
      [CONNECTION, TENANT],
    );
    await street.start(redisUrl);
    return street;
  }

  async start(redisUrl?: string): Promise<void> {
    this.queue = redisUrl ? redisQueue(redisUrl) : postgresQueue(this.database.dispatchUrl);
    this.wakeups = new PostgresWakeups(this.database.dispatchUrl);
    await this.wakeups.open();
    this.database.database.wakeWith(this.wakeups);
    const platform = { database: this.database.database, wakeups: this.wakeups, queue: this.queue };
    const module = await Test.createTestingModule({
      imports: [
        PlatformModule.with(platform),
        HistoryModule,
        ProvidersModule.with([this.definition], {}, 'http://sandbox.invalid'),
        LinesModule.with(this),
        SyncModule.with(new WorkerSettings('test-worker', 4)),
      ],
    }).compile();
    module.enableShutdownHooks();
    this.app = (await module.init()) as unknown as NestApplicationContext;
  }

  get transactions(): Transactions {
    return this.app.get(Transactions);
  }

  push(key: string, record: PushedRecord): Promise<unknown> {
    return this.app.get(AppEdits).upsertRecords(TENANT, 'key:test', { key, records: [record] });
  }

  async record(kind: KindName, id: string): Promise<AppRecord | undefined> {
    return this.transactions.inTenant(
      TENANT,
      async (tx) => (await this.app.get(RecordStore).get(tx, [{ kind, id }]))[0],
    );
  }

  /** Says that something has happened to a record of the books, as a webhook does. */
  async notice(kind: KindName, id: string): Promise<void> {
    await this.transactions.inTenant(TENANT, async (tx) => {
      const connection = (await this.app.get(ConnectionStore).get(tx, CONNECTION))!;
      const notice = { candidates: [kind], id };
      await this.app.get(Raising).booksNoticed(tx, connection, [notice], 'interactive', { by: 'webhook' });
    });
  }

  /** The books' record of that name, once there is exactly one. */
  async entered(kind: KindName, field: string, value: string): Promise<Stored> {
    const [found] = await eventually(
      () => this.books.all().filter((one) => one.kind === kind && one.content[field] === value),
      ({ length }) => length === 1,
    );
    return found!;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.wakeups.close();
    await this.queue.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.drop();
  }

  open(connection: Connection): BooksLine {
    const notes: ExchangeNote[] = [];
    const send = async (request: ProviderRequest): Promise<ProviderExchange> => {
      const exchange = await this.weather(request, () => this.serve(request));
      notes.push({
        label: request.label,
        status: answered(exchange) ? exchange.status : undefined,
        requestId: undefined,
        ms: 0,
      });
      return exchange;
    };
    const { company, features, baseCurrency } = connection;
    const session: Session = { company, features, baseCurrency, send, now: () => new Date() };
    return { adapter: this.definition.connect(session), send, notes };
  }

  private serve(request: ProviderRequest): unknown {
    const question = JSON.parse(request.body ?? 'null');
    switch (request.path) {
      case '/observe':
        return question.map((ref: Parameters<ModelBooks['observe']>[0]) => this.books.observe(ref));
      case '/namesakes':
        return question.map(({ kind, name }: { kind: 'contact'; name?: string }) =>
          name ? this.books.named(kind, name) : [],
        );
      case '/trace':
        return this.books.marked(question.kind, question.marker);
      default:
        return this.books.write(question.key as string, question.writes as ModelWrite[]);
    }
  }
}

@Global()
@Module({})
class LinesModule {
  static with(street: Street): DynamicModule {
    const provided = [
      { provide: BooksLines, useValue: { open: (connection: Connection) => street.open(connection) } },
      { provide: ConnectionStore, useClass: PostgresConnectionStore },
    ];
    return { module: LinesModule, providers: provided, exports: provided };
  }
}

/** The engine's queue works on both; Redis where one is offered. */
export const queues: readonly (readonly [name: string, redisUrl: string | undefined])[] = [
  ['PostgreSQL', undefined],
  ...(process.env.TEST_REDIS_URL ? [['Redis', process.env.TEST_REDIS_URL] as const] : []),
];

/** Waits until something holds; fails with what was seen last. */
export const eventually = async <T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  ms = 25_000,
): Promise<T> => {
  const deadline = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline)
      throw new Error(`it never came to be; last seen: ${JSON.stringify(seen)?.slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
