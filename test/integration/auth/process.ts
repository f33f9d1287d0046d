import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { ProviderDefinition } from '../../../src/domain/provider/index.js';
import {
  ConnectionProblems,
  type ConnectionProblem,
} from '../../../src/modules/auth/connections/connection-problems.js';
import { ProviderHttp } from '../../../src/modules/auth/connections/provider-http.js';
import { ProviderLines } from '../../../src/modules/auth/connections/provider-lines.js';
import { DataKeyStore } from '../../../src/modules/auth/connections/store/data-key-store.js';
import { GrantStore } from '../../../src/modules/auth/connections/store/grant-store.js';
import { PostgresConnectionStore } from '../../../src/modules/auth/connections/store/postgres-connection-store.js';
import { ConsentEffects } from '../../../src/modules/auth/connections/vault/consent-effects.js';
import { DataKeys } from '../../../src/modules/auth/connections/vault/data-keys.js';
import { EmergencyRecords } from '../../../src/modules/auth/connections/vault/emergency-records.js';
import { GrantEndings } from '../../../src/modules/auth/connections/vault/grant-endings.js';
import { KeepAlive } from '../../../src/modules/auth/connections/vault/keep-alive.js';
import { KeyRotation } from '../../../src/modules/auth/connections/vault/key-rotation.js';
import { Keyring } from '../../../src/modules/auth/connections/vault/keyring.js';
import { Rescue } from '../../../src/modules/auth/connections/vault/rescue.js';
import { TokenEndpoint } from '../../../src/modules/auth/connections/vault/token-endpoint.js';
import { TokenSeals } from '../../../src/modules/auth/connections/vault/token-seals.js';
import { TokenVault } from '../../../src/modules/auth/connections/vault/token-vault.js';
import { PostgresHistoryStore } from '../../../src/modules/history/store/postgres-history-store.js';
import { ProviderRegistry, ProviderSettingsBook } from '../../../src/modules/providers/index.js';
import { Pauses, RandomIdentifiers, SystemClock } from '../../../src/platform/clock/index.js';
import type { Transactions, Tx } from '../../../src/platform/database/index.js';
import { OutboundHttp } from '../../../src/platform/http/index.js';
import { Pacing, PostgresLimits } from '../../../src/platform/limits/index.js';
import { Metrics } from '../../../src/platform/metrics/index.js';

export const TEST_KEYRING = Keyring.of([`k1:${Buffer.alloc(32, 1).toString('base64')}`]);

/** Problems as they were raised, for tests to look at. */
export class NotedProblems extends ConnectionProblems {
  readonly raised: ConnectionProblem[] = [];
  readonly closed: { readonly connection: string; readonly codes: readonly string[] }[] = [];

  override async raise(_tx: Tx, problems: readonly ConnectionProblem[]): Promise<void> {
    this.raised.push(...problems);
  }

  override async closeOfConnection(_tx: Tx, connection: string, codes: readonly string[]): Promise<void> {
    this.closed.push({ connection, codes });
  }
}

/** Waits a little, whatever it is asked to. */
class ShortPauses extends Pauses {
  override wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.min(ms, 10)));
  }
}

export interface ProcessOptions {
  readonly transactions: Transactions;
  readonly definition: ProviderDefinition;
  readonly providerUrl: string;
  readonly keyring?: Keyring;
  readonly dataDir?: string;
  readonly problems?: NotedProblems;
  readonly http?: OutboundHttp;
  readonly pauses?: Pauses;
}

/** What one process of Concord has for consents, without the rest of it. */
export const startProcess = (options: ProcessOptions) => {
  const { transactions, definition, providerUrl, keyring = TEST_KEYRING, problems = new NotedProblems() } = options;
  const { dataDir = mkdtempSync(path.join(tmpdir(), 'concord-vault-')), pauses = new ShortPauses() } = options;
  const identifiers = new RandomIdentifiers();
  const metrics = new Metrics();
  const registry = new ProviderRegistry([definition]);
  const settings = new ProviderSettingsBook([definition], {}, providerUrl);
  const http = options.http ?? new OutboundHttp({ privateAddresses: 'allowed', metrics });
  const providerHttp = new ProviderHttp(http, settings);
  const connections = new PostgresConnectionStore();
  const history = new PostgresHistoryStore(identifiers);
  const grants = new GrantStore();
  const keyStore = new DataKeyStore();
  const dataKeys = new DataKeys(keyring, keyStore);
  const seals = new TokenSeals(dataKeys);
  const endpoint = new TokenEndpoint(providerHttp);
  const effects = new ConsentEffects(registry, connections, problems, history);
  const emergencies = new EmergencyRecords(dataDir);
  const vault = new TokenVault(
    transactions,
    identifiers,
    pauses,
    registry,
    grants,
    seals,
    endpoint,
    effects,
    emergencies,
    metrics,
  );
  const rescue = new Rescue(transactions, registry, grants, seals, endpoint, effects, emergencies);
  const endings = new GrantEndings(transactions, registry, connections, grants, seals, endpoint);
  const keepAlive = new KeepAlive(transactions, grants, connections, vault, endings, rescue, history);
  const rotation = new KeyRotation(transactions, keyring, keyStore, dataKeys, grants, seals);
  const pacing = new Pacing(new PostgresLimits(transactions), pauses);
  const lines = new ProviderLines(new SystemClock(), identifiers, registry, vault, pacing, providerHttp);
  return {
    ...{ vault, rescue, endings, keepAlive, rotation, lines, grants, connections, problems, dataDir, seals, metrics },
    identifiers,
    close: () => {
      http.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

export type Process = ReturnType<typeof startProcess>;
