import { type DynamicModule, Module } from '@nestjs/common';
import { GraphqlModule } from './graphql/index.js';
import { AuthModule, type Keyring } from './modules/auth/index.js';
import { HistoryModule } from './modules/history/index.js';
import { PROVIDERS, ProvidersModule } from './modules/providers/index.js';
import { FirstLook, ProblemStore, SyncModule, WorkerSettings } from './modules/sync/index.js';
import type { Settings } from './platform/config/index.js';
import { HealthModule } from './platform/health/index.js';
import { LogModule } from './platform/log/index.js';
import { PlatformModule, type Plumbing } from './platform/platform.module.js';

/** `api` takes in and answers, `worker` walks the street, `all` does both in one process. */
export const ROLES = ['all', 'api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

export interface AppOptions {
  readonly settings: Settings;
  readonly role: Role;
  readonly plumbing: Plumbing;
  readonly keyring: Keyring;
  /** Names this process among the workers. */
  readonly worker: string;
  /** Root URL of the sandboxes, where they stand in for providers. */
  readonly sandboxUrl: string | undefined;
  readonly publicUrl: string;
  /** Where a browser may return to after connecting. */
  readonly returnUrls: readonly string[];
  readonly bootstrapKey: string | undefined;
  /** A key that development's GraphiQL is opened with. */
  readonly developmentKey: string | undefined;
  /** Settings of providers are read from here. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The only place that lists every module. */
@Module({})
export class AppModule {
  static with({ settings, role, plumbing, ...options }: AppOptions): DynamicModule {
    const production = settings.NODE_ENV === 'production';
    const { CONCORD_CONCURRENCY: concurrency, CONCORD_RETENTION_DAYS: retentionDays, CONCORD_BATCH: batch } = settings;
    const worker = role === 'api' ? undefined : new WorkerSettings(options.worker, concurrency, retentionDays, batch);
    const sync = SyncModule.with(worker);
    return {
      module: AppModule,
      imports: [
        LogModule.with({ level: settings.LOG_LEVEL, format: settings.LOG_FORMAT }),
        PlatformModule.with(plumbing),
        HealthModule,
        HistoryModule,
        ProvidersModule.with(PROVIDERS, options.environment, options.sandboxUrl),
        AuthModule.with({
          keyring: options.keyring,
          publicUrl: options.publicUrl,
          returnUrls: options.returnUrls,
          bootstrapKey: options.bootstrapKey,
          dataDir: settings.CONCORD_DATA_DIR,
          production,
          privateAddresses: production && options.sandboxUrl === undefined ? 'refused' : 'allowed',
          imports: [sync],
          problems: ProblemStore,
          connected: FirstLook,
        }),
        sync,
        ...(role === 'worker'
          ? []
          : [GraphqlModule.with({ settings, developmentKey: options.developmentKey, imports: [sync] })]),
      ],
    };
  }
}
