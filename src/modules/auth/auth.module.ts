import {
  type Abstract,
  type DynamicModule,
  Global,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestModule,
  type Type,
} from '@nestjs/common';
import helmet from 'helmet';
import { Identifiers, Pauses } from '../../platform/clock/index.js';
import { OutboundHttp, type OutboundOptions } from '../../platform/http/index.js';
import { Limits, Pacing, PostgresLimits } from '../../platform/limits/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import { ApiKeys } from './access/api-keys.js';
import { Authenticator, BootstrapKey } from './access/authenticator.js';
import { BrowserTokens } from './access/browser-tokens.js';
import { Entrance } from './access/entrance.js';
import { ApiKeyStore } from './access/store/api-key-store.js';
import { SupportGrantStore } from './access/store/support-grant-store.js';
import { TenantStore } from './access/store/tenant-store.js';
import { SupportAccess } from './access/support-access.js';
import { Tenants } from './access/tenants.js';
import { BooksLines } from './connections/books-line.js';
import { Arrivals } from './connections/connect/arrivals.js';
import { BrowserCookie } from './connections/connect/browser-cookie.js';
import { STYLE_SOURCE } from './connections/connect/connect-page.js';
import { ConnectController } from './connections/connect/connect.controller.js';
import { Connecting } from './connections/connect/connecting.js';
import { Consents } from './connections/connect/consents.js';
import { Journeys } from './connections/connect/journeys.js';
import { PublicUrl } from './connections/connect/public-url.js';
import { ReturnUrls } from './connections/connect/return-urls.js';
import { Connected } from './connections/connected.js';
import { ConsentKeeper } from './connections/consent-keeper.js';
import { ConnectionProblems } from './connections/connection-problems.js';
import { Connections } from './connections/connections.js';
import { ProviderHttp } from './connections/provider-http.js';
import { ProviderLines } from './connections/provider-lines.js';
import { ConnectionStore } from './connections/store/connection-store.js';
import { DataKeyStore } from './connections/store/data-key-store.js';
import { GrantStore } from './connections/store/grant-store.js';
import { PostgresConnectionStore } from './connections/store/postgres-connection-store.js';
import { TicketStore } from './connections/store/ticket-store.js';
import { ConsentEffects } from './connections/vault/consent-effects.js';
import { DataKeys } from './connections/vault/data-keys.js';
import { EmergencyRecords } from './connections/vault/emergency-records.js';
import { GrantEndings } from './connections/vault/grant-endings.js';
import { KeepAlive } from './connections/vault/keep-alive.js';
import { KeyRotation } from './connections/vault/key-rotation.js';
import { Keyring } from './connections/vault/keyring.js';
import { Rescue } from './connections/vault/rescue.js';
import { TokenEndpoint } from './connections/vault/token-endpoint.js';
import { TokenSeals } from './connections/vault/token-seals.js';
import { TokenVault } from './connections/vault/token-vault.js';

export interface AuthOptions {
  readonly keyring: Keyring;
  /** The address under which browsers and providers reach us; the callback of every provider lies below it. */
  readonly publicUrl: string;
  /** CONCORD_RETURN_URLS. */
  readonly returnUrls: readonly string[];
  /** CONCORD_BOOTSTRAP_KEY. */
  readonly bootstrapKey: string | undefined;
  /** Where emergency records are kept; on a disk that outlives the process. */
  readonly dataDir: string;
  readonly production: boolean;
  /** `refused` in production, unless a sandbox stands in for a provider. */
  readonly privateAddresses: OutboundOptions['privateAddresses'];
  /** Modules that export the two below; they may use what this module exports. */
  readonly imports: ModuleMetadata['imports'];
  /** The store of problems, of which those about connections are raised here. */
  readonly problems: Type<ConnectionProblems> | Abstract<ConnectionProblems>;
  /** What is to happen after a company was connected. */
  readonly connected: Type<Connected> | Abstract<Connected>;
}

const STORES = [
  { provide: ConnectionStore, useClass: PostgresConnectionStore },
  { provide: Limits, useClass: PostgresLimits },
  ...[DataKeyStore, GrantStore, TicketStore, TenantStore, ApiKeyStore, SupportGrantStore],
];

const VAULT = [
  ...[DataKeys, TokenSeals, TokenEndpoint, TokenVault, ConsentEffects, Rescue, GrantEndings, KeepAlive, KeyRotation],
  ...[ProviderHttp, { provide: BooksLines, useClass: ProviderLines }],
];

const CONNECT = [Connecting, Connections, Journeys, Consents, Arrivals, ConsentKeeper];

const ACCESS = [Authenticator, Entrance, Tenants, ApiKeys, BrowserTokens, SupportAccess];

/** What others may use; the rest is this module's own. */
const EXPORTED = [
  ...[BooksLines, ConnectionStore, Connecting, Connections, KeepAlive, KeyRotation, Journeys, Keyring],
  ...ACCESS,
];

/** Who may come in, and the connections to the books: consents, tokens, lines. */
@Global()
@Module({})
export class AuthModule implements NestModule {
  static with(options: AuthOptions): DynamicModule {
    const { keyring, publicUrl, returnUrls, bootstrapKey, dataDir, production, privateAddresses } = options;
    return {
      module: AuthModule,
      imports: options.imports ?? [],
      controllers: [ConnectController],
      providers: [
        { provide: Keyring, useValue: keyring },
        { provide: PublicUrl, useValue: new PublicUrl(publicUrl, production) },
        { provide: ReturnUrls, useValue: new ReturnUrls(returnUrls) },
        { provide: BootstrapKey, useValue: new BootstrapKey(bootstrapKey) },
        { provide: EmergencyRecords, useValue: new EmergencyRecords(dataDir) },
        { provide: ConnectionProblems, useExisting: options.problems },
        { provide: Connected, useExisting: options.connected },
        {
          provide: OutboundHttp,
          inject: [Metrics],
          useFactory: (metrics: Metrics) => new OutboundHttp({ privateAddresses, metrics }),
        },
        {
          provide: Pacing,
          inject: [Limits, Pauses],
          useFactory: (limits: Limits, pauses: Pauses) => new Pacing(limits, pauses),
        },
        {
          provide: BrowserCookie,
          inject: [PublicUrl, Identifiers],
          useFactory: (url: PublicUrl, identifiers: Identifiers) => new BrowserCookie(url, identifiers),
        },
        ...STORES,
        ...VAULT,
        ...CONNECT,
        ...ACCESS,
      ],
      exports: EXPORTED,
    };
  }

  /** The connect pages show nothing of others, run nothing, are framed by nobody and kept by nobody. */
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(
        helmet({
          contentSecurityPolicy: {
            useDefaults: false,
            // No form-action: browsers apply it to the whole way to the provider and back, whose hosts we do not know.
            directives: {
              defaultSrc: ["'none'"],
              styleSrc: [STYLE_SOURCE],
              baseUri: ["'none'"],
              frameAncestors: ["'none'"],
            },
          },
          // A page that was opened in a window of its own must not lose the one that opened it.
          crossOriginOpenerPolicy: { policy: 'unsafe-none' },
          referrerPolicy: { policy: 'same-origin' },
          frameguard: { action: 'deny' },
        }),
        (_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
          response.setHeader('cache-control', 'no-store');
          next();
        },
      )
      .forRoutes(ConnectController);
  }
}
