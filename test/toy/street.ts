import { randomUUID } from 'node:crypto';
import type { NestApplicationContext } from '@nestjs/core';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Content, KindName } from '../../src/domain/contract/index.js';
import type { ProviderDefinition } from '../../src/domain/provider/index.js';
import { BooksLines, CONNECTION_ENTITIES, ConnectionStore } from '../../src/modules/auth/index.js';
import { CONFLICT_ENTITIES } from '../../src/modules/conflicts/index.js';
import { HISTORY_ENTITIES, HistoryModule } from '../../src/modules/history/index.js';
import { ProvidersModule } from '../../src/modules/providers/index.js';
import { RECORD_ENTITIES } from '../../src/modules/records/index.js';
import { AppEdits, Links, SYNC_ENTITIES, SyncModule, SyncNow, WorkerSettings } from '../../src/modules/sync/index.js';
import type { PushedRecord } from '../../src/modules/sync/intake/app-edits.js';
import { PostgresWakeups } from '../../src/platform/database/index.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { postgresQueue, type QueueBackend } from '../../src/platform/queue/index.js';
import { type Process, startProcess } from '../integration/auth/process.js';
import { type FreshDatabase, freshDatabase } from '../integration/database.js';
import { eventually } from '../integration/street-harness.js';
import { giveConsent } from '../contract/provider/consent.js';
import { TrialClock } from '../contract/provider/trial-clock.js';
import type { ToyTraits } from './traits.js';
import { toyTrial, type ToyStand } from './trial/toy.trial.js';

export const TENANT = '00000000-0000-7000-8000-000000000001';

/** A record of the app as it stands in the database. */
export interface AppRow {
  readonly id: string;
  readonly kind: KindName;
  readonly content: Content;
  readonly facts: Content;
  readonly existence: string;
}

/** The whole engine on real PostgreSQL, with the toy's stand-in at the other end of real HTTP and real consents. */
export class ToyStreet {
  /** By company, in the order of the stand's. */
  readonly connections: string[] = [];
  readonly grant = randomUUID();
  private app!: NestApplicationContext;
  private wakeups!: PostgresWakeups;
  private queue!: QueueBackend;
  private pushes = 0;

  private constructor(
    readonly database: FreshDatabase,
    readonly stand: ToyStand,
    readonly clock: TrialClock,
    private readonly definition: ProviderDefinition,
    private readonly process: Process,
  ) {}

  /** Connects the first company by a consent of its person, and starts to work. */
  static async open(traits: ToyTraits): Promise<ToyStreet> {
    const database = await freshDatabase([
      ...CONNECTION_ENTITIES,
      ...CONFLICT_ENTITIES,
      ...HISTORY_ENTITIES,
      ...RECORD_ENTITIES,
      ...SYNC_ENTITIES,
    ]);
    const trial = toyTrial(traits);
    const clock = new TrialClock();
    const stand = await trial.start(clock);
    const { definition } = trial;
    const process = startProcess({
      transactions: database.database,
      definition,
      providerUrl: stand.settings.TOY_URL!,
    });
    await database.asOwner(`insert into tenant (id, name, created_at) values ($1, 'Test', now())`, [TENANT]);
    const street = new ToyStreet(database, stand, clock, definition, process);
    await street.consent();
    await street.connect(0);
    await street.start();
    return street;
  }

  private async consent(): Promise<void> {
    const { tokens } = await giveConsent(this.definition, this.stand, this.stand.companies[0]!);
    const { seals, grants } = this.process;
    await this.database.database.inTenant(TENANT, async (tx) => {
      const sealed = seals.seal(
        await seals.key(tx),
        { id: this.grant, tenant: TENANT },
        { tokens, since: tx.now, formerRefreshToken: undefined, endsAt: undefined },
      );
      await grants.add(tx, { id: this.grant, provider: this.definition.name, by: 'test' }, sealed);
    });
  }

  /** One more company of the same consent. */
  async connect(index: number): Promise<void> {
    const id = randomUUID();
    const { id: company } = this.stand.companies[index]!;
    await this.database.database.inTenant(TENANT, async (tx) => {
      const { connections } = this.process;
      await connections.connect(tx, {
        ...{ id, provider: this.definition.name, company, companyName: company, grant: this.grant },
        ...{ goLive: '2020-01-01', by: 'test' },
      });
      await connections.setCreates(tx, id, ['contact']);
    });
    this.connections[index] = id;
  }

  private async start(): Promise<void> {
    this.queue = postgresQueue(this.database.dispatchUrl);
    this.wakeups = new PostgresWakeups(this.database.dispatchUrl);
    await this.wakeups.open();
    this.database.database.wakeWith(this.wakeups);
    const platform = { database: this.database.database, wakeups: this.wakeups, queue: this.queue };
    const module = await Test.createTestingModule({
      imports: [
        PlatformModule.with(platform),
        HistoryModule,
        ProvidersModule.with([this.definition], {}, this.stand.settings.TOY_URL),
        LinesModule.with(this.process),
        SyncModule.with(new WorkerSettings('test-worker', 4)),
      ],
    }).compile();
    module.enableShutdownHooks();
    this.app = (await module.init()) as unknown as NestApplicationContext;
  }

  /** Enters or changes a record of the app, over whatever stands there now. */
  async push(record: Omit<PushedRecord, 'basedOn'>): Promise<unknown> {
    const [known] = await this.database.asOwner<{ version: number }>(
      'select version from record where kind = $1 and id = $2',
      [record.kind, record.id],
    );
    const key = `push-${++this.pushes}`;
    return this.app.get(AppEdits).upsertRecords(TENANT, 'key:test', {
      key,
      records: [{ ...record, basedOn: known?.version ?? 0 }],
    });
  }

  /** Asks the books for changes now, as a person does who does not want to wait for the next poll. */
  async syncNow(): Promise<void> {
    for (const id of this.connections) await this.app.get(SyncNow).connection(TENANT, 'test', id);
  }

  /** All streams have been polled since now. */
  async polled(): Promise<void> {
    const [{ now }] = (await this.database.asOwner<{ now: Date }>('select clock_timestamp() as now')) as [
      { now: Date },
    ];
    await eventually(
      async () => {
        await this.syncNow();
        return this.database.asOwner(
          'select name from stream where cursor is null or looked_at is null or looked_at < $1',
          [now],
        );
      },
      ({ length }) => length === 0,
    );
  }

  /** Nothing is left to be done now. */
  async settled(): Promise<void> {
    await eventually(
      () => this.database.asOwner('select twin_id from work_item where wanted > done'),
      ({ length }) => length === 0,
    );
  }

  /** A person says that two records are the same. */
  async link(kind: KindName, appId: string, booksId: string): Promise<void> {
    const [connection] = this.connections;
    await this.app.get(Links).linkRecords(TENANT, 'test', { connection: connection!, kind, appId, booksId });
  }

  async records(kind: KindName): Promise<AppRow[]> {
    return this.database.asOwner<AppRow & Record<string, unknown>>(
      'select id, kind, content, facts, existence from record where kind = $1 order by id',
      [kind],
    );
  }

  /** What people would be told is wrong. */
  async troubles(): Promise<unknown[]> {
    const problems = await this.database.asOwner('select code, message from problem where closed_at is null');
    const conflicts = await this.database.asOwner('select reason, candidates from conflict where closed_at is null');
    return [...problems, ...conflicts];
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.wakeups.close();
    await this.queue.close();
    this.process.close();
    await this.stand.close();
    await this.database.drop();
  }
}

@Global()
@Module({})
class LinesModule {
  static with({ lines, connections }: Process): DynamicModule {
    const provided = [
      { provide: BooksLines, useValue: lines },
      { provide: ConnectionStore, useValue: connections },
    ];
    return { module: LinesModule, providers: provided, exports: provided };
  }
}
