import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule, type Provider } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { SystemTimers, Timers } from '../../platform/clock/index.js';
import { ConflictsModule } from '../conflicts/index.js';
import { RecordsModule } from '../records/index.js';
import { Absorption } from './flow/absorption.js';
import { Answers } from './flow/answers.js';
import { Apply } from './flow/apply.js';
import { BullFlowQueue } from './flow/bull-flow-queue.js';
import { Endings } from './flow/endings.js';
import { FlowQueue } from './flow/flow-queue.js';
import { FlowStarter } from './flow/flow-starter.js';
import { LostAnswers } from './flow/lost-answers.js';
import { ObserveApp } from './flow/observe-app.js';
import { ObserveBooks } from './flow/observe-books.js';
import { PlanStep } from './flow/plan.js';
import { Reactions } from './flow/reactions.js';
import { WALK_QUEUE } from './flow/record-flow.js';
import { Scenes } from './flow/scene.js';
import { SettleStep } from './flow/settle.js';
import { Steps } from './flow/steps.js';
import { WalkProcessor } from './flow/walk.processor.js';
import { WorkerSettings } from './flow/worker-settings.js';
import { AppEdits } from './intake/app-edits.js';
import { Decisions } from './intake/decisions.js';
import { FirstLook } from './intake/first-look.js';
import { Links } from './intake/links.js';
import { NoticeInbox } from './intake/notice-inbox.js';
import { Opened } from './intake/opened.js';
import { PolicyChanges } from './intake/policy-changes.js';
import { Poller } from './intake/poller.js';
import { Raising } from './intake/raising.js';
import { SyncNow } from './intake/sync-now.js';
import { rawBody, WebhookController } from './intake/webhook.controller.js';
import { BooksViews } from './store/books-views.js';
import { Retention } from './retention.js';
import { DeliveryStore } from './store/delivery-store.js';
import { PostgresBooksViews } from './store/postgres-books-views.js';
import { PostgresDeliveryStore } from './store/postgres-delivery-store.js';
import { PostgresProblemStore } from './store/postgres-problem-store.js';
import { PostgresProblemViews } from './store/postgres-problem-views.js';
import { PostgresRetentionStore } from './store/postgres-retention-store.js';
import { PostgresSnapshotStore } from './store/postgres-snapshot-store.js';
import { PostgresStreamStore } from './store/postgres-stream-store.js';
import { PostgresTwinStore } from './store/postgres-twin-store.js';
import { PostgresWaitStore } from './store/postgres-wait-store.js';
import { PostgresWalkViews } from './store/postgres-walk-views.js';
import { PostgresWorkStore } from './store/postgres-work-store.js';
import { PostgresWorkViews } from './store/postgres-work-views.js';
import { PostgresWriteStore } from './store/postgres-write-store.js';
import { ProblemStore } from './store/problem-store.js';
import { ProblemViews } from './store/problem-views.js';
import { RetentionStore } from './store/retention-store.js';
import { SnapshotStore } from './store/snapshot-store.js';
import { StreamStore } from './store/stream-store.js';
import { TwinStore } from './store/twin-store.js';
import { WaitStore } from './store/wait-store.js';
import { WalkViews } from './store/walk-views.js';
import { WorkStore } from './store/work-store.js';
import { WorkViews } from './store/work-views.js';
import { WriteStore } from './store/write-store.js';
import { StreetKeeper } from './street-keeper.js';

const STORES: Provider[] = [
  { provide: TwinStore, useClass: PostgresTwinStore },
  { provide: SnapshotStore, useClass: PostgresSnapshotStore },
  { provide: WorkStore, useClass: PostgresWorkStore },
  { provide: WriteStore, useClass: PostgresWriteStore },
  { provide: WaitStore, useClass: PostgresWaitStore },
  { provide: ProblemStore, useClass: PostgresProblemStore },
  { provide: DeliveryStore, useClass: PostgresDeliveryStore },
  { provide: StreamStore, useClass: PostgresStreamStore },
  { provide: RetentionStore, useClass: PostgresRetentionStore },
];

/** What people read; nothing here changes anything. */
const VIEWS: Provider[] = [
  { provide: BooksViews, useClass: PostgresBooksViews },
  { provide: ProblemViews, useClass: PostgresProblemViews },
  { provide: WalkViews, useClass: PostgresWalkViews },
  { provide: WorkViews, useClass: PostgresWorkViews },
];

/** What raises work: resolvers and controllers call these. */
const INTAKE = [AppEdits, Decisions, FirstLook, Links, NoticeInbox, Opened, PolicyChanges, Poller, Raising, SyncNow];

const STREET: Provider[] = [
  { provide: Timers, useClass: SystemTimers },
  { provide: FlowQueue, useClass: BullFlowQueue },
  ...[Scenes, Reactions, Absorption, Answers, LostAnswers, Endings],
  ...[ObserveApp, ObserveBooks, PlanStep, Apply, SettleStep, Steps, FlowStarter],
];

/** The street, from intake to settling. An API process takes work in; a worker also carries it out. */
@Module({})
export class SyncModule implements NestModule {
  static with(worker: WorkerSettings | undefined): DynamicModule {
    return {
      module: SyncModule,
      imports: [
        ConflictsModule,
        RecordsModule,
        BullModule.registerQueue({ name: WALK_QUEUE }),
        BullModule.registerFlowProducer({ name: WALK_QUEUE }),
        ...(worker ? [ScheduleModule.forRoot()] : []),
      ],
      controllers: [WebhookController],
      providers: [
        ...STORES,
        ...VIEWS,
        ...INTAKE,
        ...STREET,
        ...(worker ? [{ provide: WorkerSettings, useValue: worker }, WalkProcessor, Retention, StreetKeeper] : []),
      ],
      exports: [...STORES, ...VIEWS, ...INTAKE, Scenes, ConflictsModule, RecordsModule],
    };
  }

  /** The application parses no bodies by itself; each module says what it takes. */
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(rawBody).forRoutes(WebhookController);
  }
}
