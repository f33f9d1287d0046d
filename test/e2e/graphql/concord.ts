import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { GraphqlModule } from '../../../src/graphql/index.js';
import type { KindName } from '../../../src/domain/contract/index.js';
import {
  answered,
  type ProviderDefinition,
  type ProviderExchange,
  type ProviderRequest,
  type Session,
} from '../../../src/domain/provider/index.js';
import {
  ACCESS_ENTITIES,
  AuthModule,
  type BooksLine,
  BooksLines,
  type Connection,
  CONNECTION_ENTITIES,
  ConnectionStore,
  type ExchangeNote,
  type Role,
} from '../../../src/modules/auth/index.js';
import { CONFLICT_ENTITIES } from '../../../src/modules/conflicts/index.js';
import { HISTORY_ENTITIES, HistoryModule, Sequencer } from '../../../src/modules/history/index.js';
import { ProvidersModule } from '../../../src/modules/providers/index.js';
import { RECORD_ENTITIES } from '../../../src/modules/records/index.js';
import {
  DeliveryStore,
  FirstLook,
  ProblemStore,
  SYNC_ENTITIES,
  SyncModule,
  WorkerSettings,
} from '../../../src/modules/sync/index.js';
import { Raising } from '../../../src/modules/sync/intake/raising.js';
import { readSettings, type Settings } from '../../../src/platform/config/index.js';
import { Database, PostgresWakeups, Transactions } from '../../../src/platform/database/index.js';
import { PlatformModule } from '../../../src/platform/platform.module.js';
import { postgresQueue, type QueueBackend } from '../../../src/platform/queue/index.js';
import { type FreshDatabase, freshDatabase } from '../../integration/database.js';
import { TEST_KEYRING } from '../../integration/auth/process.js';
import { eventually, TRAITS } from '../../integration/street-harness.js';
import { ModelBooks, type ModelWrite } from '../../simulation/model-books.js';
import { modelProvider } from '../../simulation/model-provider.js';

/** The first admin's key, as an operator gives it in CONCORD_BOOTSTRAP_KEY. */
export const ADMIN = 'ck_admin_of_the_tests_0123456789abcdef';
export const RETURN_URL = 'https://app.example.com/books';

const ENTITIES = [
  ...[ACCESS_ENTITIES, CONNECTION_ENTITIES, CONFLICT_ENTITIES, HISTORY_ENTITIES, RECORD_ENTITIES, SYNC_ENTITIES].flat(),
];

export interface Answer<Data = Record<string, never>> {
  readonly status: number;
  readonly data: Data | null | undefined;
  readonly errors: readonly ApiProblem[] | undefined;
  readonly text: string;
  readonly headers: Headers;
}

export interface ApiProblem {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly correlationId: string; readonly issues?: readonly object[] };
}

export interface Caller {
  readonly key: string | undefined;
  readonly tenant?: string | undefined;
}

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  readonly developmentKey?: string;
  /** Whether this process also walks; without, what is raised stays due. */
  readonly works?: boolean;
  /** Another process on the same database. */
  readonly beside?: Concord;
}

/** Concord as an API process has it: real PostgreSQL, real HTTP, model books behind an in-process line. */
export class Concord {
  readonly books = new ModelBooks(TRAITS, () => new Date());
  readonly definition: ProviderDefinition = consenting(modelProvider(TRAITS));
  private readonly dataDir = mkdtempSync(path.join(tmpdir(), 'concord-api-'));
  app!: NestExpressApplication;
  url!: string;
  private queue!: QueueBackend;
  private wakeups!: PostgresWakeups;

  private constructor(
    readonly database: FreshDatabase,
    /** Its pools; each process has its own. */
    private readonly pools: Database,
    private readonly ownsDatabase: boolean,
  ) {}

  static async open({ environment = {}, developmentKey, works = true, beside }: Options = {}): Promise<Concord> {
    const fresh = beside?.database ?? (await freshDatabase(ENTITIES));
    const { appUrl, dispatchUrl } = fresh;
    const pools = beside
      ? await Database.open({ appUrl, dispatchUrl, entities: ENTITIES, poolSize: 8 })
      : fresh.database;
    const concord = new Concord(fresh, pools, beside === undefined);
    const settings = readSettings({ NODE_ENV: 'test', ...environment });
    await concord.start(settings, developmentKey, works);
    return concord;
  }

  private async start(settings: Settings, developmentKey: string | undefined, works: boolean): Promise<void> {
    const { dispatchUrl } = this.database;
    const database = this.pools;
    this.queue = postgresQueue(dispatchUrl);
    this.wakeups = new PostgresWakeups(dispatchUrl);
    await this.wakeups.open();
    database.wakeWith(this.wakeups);
    const street = SyncModule.with(works ? new WorkerSettings('test-worker', 4) : undefined);
    // Nearest first: the street finds the lines of the model before those of the vault.
    const sync = { ...street, imports: [LinesModule.with(this), ...(street.imports ?? [])] };
    const module: DynamicModule = {
      module: RootModule,
      imports: [
        PlatformModule.with({ database, wakeups: this.wakeups, queue: this.queue }),
        HistoryModule,
        ProvidersModule.with([this.definition], {}, 'http://sandbox.invalid'),
        AuthModule.with({
          ...{ keyring: TEST_KEYRING, publicUrl: 'http://localhost:3000', returnUrls: [RETURN_URL] },
          ...{ bootstrapKey: ADMIN, dataDir: this.dataDir, production: false, privateAddresses: 'allowed' },
          ...{ imports: [sync], problems: ProblemStore, connected: FirstLook },
        }),
        sync,
        GraphqlModule.with({ settings, developmentKey, imports: [sync] }),
      ],
    };
    this.app = await NestFactory.create<NestExpressApplication>(module, {
      ...{ bodyParser: false, logger: false, abortOnError: false },
    });
    await this.app.listen(0, '127.0.0.1');
    this.url = `http://127.0.0.1:${(this.app.getHttpServer().address() as { port: number }).port}`;
  }

  get transactions(): Transactions {
    return this.app.get(Transactions);
  }

  get deliveries(): DeliveryStore {
    return this.app.get(DeliveryStore, { strict: false });
  }

  get problems(): ProblemStore {
    return this.app.get(ProblemStore, { strict: false });
  }

  async ask<Data = Record<string, never>>(
    { key, tenant }: Caller,
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<Answer<Data>> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(tenant !== undefined && { 'x-concord-tenant': tenant }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data, errors } = JSON.parse(text) as Pick<Answer<Data>, 'data' | 'errors'>;
    return { status: response.status, data, errors, text, headers: response.headers };
  }

  /** The data of an answer without errors. */
  async get<Data>(caller: Caller, query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    const { data, errors } = await this.ask<Data>(caller, query, variables);
    if (errors || !data) throw new Error(`it was refused: ${JSON.stringify(errors)}`);
    return data;
  }

  /** A tenant with one company that is connected. */
  async tenant(name: string): Promise<{ readonly id: string; readonly connection: string }> {
    const { createTenant } = await this.get<{ createTenant: { tenant: { id: string } } }>(
      { key: ADMIN },
      'mutation ($name: String!) { createTenant(name: $name) { tenant { id } } }',
      { name },
    );
    const { id } = createTenant.tenant;
    return { id, connection: await this.connect(id, `company of ${name}`) };
  }

  async connect(tenant: string, company: string): Promise<string> {
    const [row] = await this.database.asOwner<{ id: string }>(
      `insert into connection (id, tenant_id, provider, company, company_name, state, go_live, creates, connected_at,
                               connected_by, first_look_at)
       values (gen_random_uuid(), $1, 'model', $2, $2, 'active', '2026-01-01', '["contact"]', now(), 'test', now())
       returning id`,
      [tenant, company],
    );
    return row!.id;
  }

  /** A key of a role, for one tenant or, without one, for the platform. */
  async key(role: Role, tenant?: string): Promise<{ readonly id: string; readonly secret: string }> {
    const { createApiKey } = await this.get<{ createApiKey: { id: string; secret: string } }>(
      { key: ADMIN, tenant },
      `mutation ($scope: ApiKeyScope!, $role: Role!) {
         createApiKey(scope: $scope, role: $role, name: "a test") { id secret } }`,
      { scope: tenant === undefined ? 'platform' : 'tenant', role },
    );
    return createApiKey;
  }

  /** Numbers what is committed, as a worker does by and by. */
  async number(): Promise<void> {
    await this.app.get(Sequencer).run();
  }

  /** The accountant edits a record of the books, and the provider tells. */
  async edit(tenant: string, connection: string, kind: KindName, id: string, content: object): Promise<void> {
    this.books.edit({ kind, id }, content as never);
    await this.transactions.inTenant(tenant, async (tx) => {
      const known = (await this.app.get(ConnectionStore).get(tx, connection))!;
      const raising = this.app.get(Raising, { strict: false });
      await raising.booksNoticed(tx, known, [{ candidates: [kind], id }], 'interactive', { by: 'webhook' });
    });
  }

  /** The books' id of a record of the app, once it has one. */
  async entered(tenant: string, kind: KindName, id: string): Promise<string> {
    const caller = { key: ADMIN, tenant };
    const { record } = await eventually(
      () =>
        this.get<{ record: { books: { id: string | null; difference: { inStep: boolean } }[] } }>(
          caller,
          'query ($key: RecordKey!) { record(key: $key) { books { id difference { inStep reasons { says } } } } }',
          { key: { kind, id } },
        ),
      (seen) => seen.record.books[0]?.difference.inStep === true && seen.record.books[0].id !== null,
    );
    return record.books[0]!.id!;
  }

  line(connection: Connection): BooksLine {
    const notes: ExchangeNote[] = [];
    const send = async (request: ProviderRequest): Promise<ProviderExchange> => {
      const exchange = { status: 200, headers: {}, body: JSON.stringify(this.serve(request)) };
      const status = answered(exchange) ? exchange.status : undefined;
      notes.push({ label: request.label, status, requestId: 'request-1', ms: 1 });
      return exchange;
    };
    const { company, features, baseCurrency } = connection;
    const session: Session = { company, features, baseCurrency, send, now: () => new Date() };
    return { adapter: this.definition.connect(session), send, notes };
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.wakeups.close();
    await this.queue.close();
    if (this.ownsDatabase) await this.database.drop();
    else await this.pools.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private serve({ path: asked, body }: ProviderRequest): unknown {
    const question = JSON.parse(body ?? 'null');
    switch (asked) {
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

/** The model gives no tokens; here it at least has a page where a person would consent. */
const consenting = (definition: ProviderDefinition): ProviderDefinition => ({
  ...definition,
  oauth: {
    ...definition.oauth,
    authorizationUrl: () => 'http://model.invalid/authorize',
    tokenUrl: () => 'http://model.invalid/token',
    clientIdSetting: 'MODEL_CLIENT_ID',
    clientSecretSetting: 'MODEL_CLIENT_SECRET',
  },
  settings: [
    { name: 'MODEL_CLIENT_ID', says: 'the model’s client', secret: false, inSandbox: 'model' },
    { name: 'MODEL_CLIENT_SECRET', says: 'its secret', secret: true, inSandbox: 'model' },
  ],
});

@Module({})
class RootModule {}

@Global()
@Module({})
class LinesModule {
  static with(concord: Concord): DynamicModule {
    const lines = { provide: BooksLines, useValue: { open: (connection: Connection) => concord.line(connection) } };
    return { module: LinesModule, providers: [lines], exports: [lines] };
  }
}
