import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Global, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ProviderDefinition } from '../../../src/domain/provider/index.js';
import { AuthModule, BooksLines, Connected, Keyring } from '../../../src/modules/auth/index.js';
import { HistoryModule } from '../../../src/modules/history/index.js';
import { ProvidersModule } from '../../../src/modules/providers/index.js';
import { PostgresProblemStore } from '../../../src/modules/sync/store/postgres-problem-store.js';
import { ProblemStore } from '../../../src/modules/sync/index.js';
import {
  Clock,
  Identifiers,
  Pauses,
  RandomIdentifiers,
  SystemClock,
  SystemPauses,
} from '../../../src/platform/clock/index.js';
import { Transactions } from '../../../src/platform/database/index.js';
import { Metrics } from '../../../src/platform/metrics/index.js';
import type { FreshDatabase } from '../database.js';
import { TEST_KEYRING } from './process.js';

/** Told of every connection; it needs the lines, as the first look does. */
@Injectable()
export class NotedConnections extends Connected {
  readonly told: { readonly tenant: string; readonly connection: string }[] = [];

  constructor(readonly lines: BooksLines) {
    super();
  }

  override async connected(tenant: string, connection: string): Promise<void> {
    this.told.push({ tenant, connection });
  }
}

/** What stands on the connections and is used by them. */
@Module({
  providers: [NotedConnections, { provide: ProblemStore, useClass: PostgresProblemStore }],
  exports: [NotedConnections, ProblemStore],
})
class StreetModule {}

export interface ApplicationOptions {
  readonly fresh: FreshDatabase;
  readonly definitions: readonly ProviderDefinition[];
  /** Where the sandbox of all of them is; undefined where none of them is set up. */
  readonly providerUrl: string | undefined;
  readonly returnUrls?: readonly string[];
  readonly production?: boolean;
  readonly keyring?: Keyring;
  readonly bootstrapKey?: string;
  readonly clock?: Clock;
}

/** The Nest application as far as connecting and coming in go, listening on loopback. */
export const startApplication = async (options: ApplicationOptions) => {
  const {
    fresh,
    definitions,
    providerUrl,
    returnUrls = ['https://app.example.com/books'],
    production = false,
  } = options;
  const { clock = new SystemClock(), keyring = TEST_KEYRING, bootstrapKey } = options;
  const dataDir = mkdtempSync(path.join(tmpdir(), 'concord-auth-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;

  const provided = [
    { provide: Transactions, useValue: fresh.database },
    { provide: Identifiers, useValue: new RandomIdentifiers() },
    { provide: Clock, useValue: clock },
    { provide: Pauses, useValue: new SystemPauses() },
    Metrics,
  ];
  @Global()
  @Module({ providers: provided, exports: provided })
  class PlumbingModule {}

  @Module({
    imports: [
      PlumbingModule,
      HistoryModule,
      ProvidersModule.with(definitions, {}, providerUrl),
      AuthModule.with({
        ...{ keyring, publicUrl: url, returnUrls, bootstrapKey, dataDir, production },
        privateAddresses: 'allowed',
        imports: [StreetModule],
        problems: ProblemStore,
        connected: NotedConnections,
      }),
    ],
  })
  class ApplicationModule {}

  const app = await NestFactory.create(ApplicationModule, { logger: false });
  await app.listen(port, '127.0.0.1');
  return {
    app,
    url,
    dataDir,
    get: app.get.bind(app),
    connected: app.get(NotedConnections),
    close: async () => {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

export type Application = Awaited<ReturnType<typeof startApplication>>;

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
