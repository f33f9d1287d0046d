import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock, Identifiers, Pauses, RandomIdentifiers, SystemClock, SystemPauses } from './clock/index.js';
import { Database, PostgresWakeups, Transactions, Wakeups } from './database/index.js';
import { Metrics } from './metrics/index.js';
import type { QueueBackend } from './queue/index.js';

export interface Plumbing {
  readonly database: Database;
  readonly wakeups: PostgresWakeups;
  readonly queue: QueueBackend;
  readonly identifiers?: Identifiers;
  readonly clock?: Clock;
}

/** What every module stands on; opened before Nest starts and closed after it has stopped. */
@Global()
@Module({})
export class PlatformModule {
  static with({ database, wakeups, queue, identifiers, clock }: Plumbing): DynamicModule {
    const provided = [
      { provide: Database, useValue: database },
      { provide: Transactions, useValue: database },
      { provide: PostgresWakeups, useValue: wakeups },
      { provide: Wakeups, useValue: wakeups },
      { provide: Identifiers, useValue: identifiers ?? new RandomIdentifiers() },
      { provide: Clock, useValue: clock ?? new SystemClock() },
      { provide: Pauses, useClass: SystemPauses },
      Metrics,
    ];
    return {
      module: PlatformModule,
      imports: [BullModule.forRoot({ connection: queue.connection as never })],
      providers: provided,
      exports: provided,
    };
  }
}
