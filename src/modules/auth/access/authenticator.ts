import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/index.js';
import { Metrics } from '../../../platform/metrics/index.js';
import { bearerOf, hashOf, type Headers, isApiKey, isSame } from './bearer.js';
import { BrowserTokens } from './browser-tokens.js';
import type { Principal } from './principal.js';
import { ApiKeyStore } from './store/api-key-store.js';

/** The first admin key, from CONCORD_BOOTSTRAP_KEY; it needs no row, and opens the door to making others. */
export class BootstrapKey {
  private readonly hash: Buffer | undefined;

  constructor(secret: string | undefined) {
    this.hash = secret === undefined ? undefined : hashOf(secret);
  }

  matches(hash: Buffer): boolean {
    return this.hash !== undefined && isSame(this.hash, hash);
  }
}

const BOOTSTRAP: Principal = {
  tenant: undefined,
  role: 'admin',
  actor: 'key:bootstrap',
  via: 'bootstrap_key',
};

/** Tells who calls. Every failure is one and the same to the caller; the metrics tell them apart. */
@Injectable()
export class Authenticator {
  private readonly attempts;

  constructor(
    private readonly transactions: Transactions,
    private readonly bootstrap: BootstrapKey,
    private readonly keys: ApiKeyStore,
    private readonly browserTokens: BrowserTokens,
    metrics: Metrics,
  ) {
    this.attempts = metrics.counter('concord_authentications_total', 'Attempts to come in, by what came of them.', [
      'outcome',
    ]);
  }

  /** Reads `authorization: Bearer <API key or browser token>`; undefined for anybody who is not let in. */
  async principalOf(headers: Headers): Promise<Principal | undefined> {
    const bearer = bearerOf(headers);
    const principal = bearer === undefined ? undefined : await this.ofBearer(bearer);
    const refused = bearer === undefined ? 'no_bearer' : isApiKey(bearer) ? 'refused_key' : 'refused_token';
    this.attempts.inc({ outcome: principal?.via ?? refused });
    return principal;
  }

  private async ofBearer(bearer: string): Promise<Principal | undefined> {
    const hash = hashOf(bearer);
    if (this.bootstrap.matches(hash)) return BOOTSTRAP;
    if (!isApiKey(bearer)) return this.browserTokens.principalOf(bearer);
    const key = await this.transactions.dispatching((tx) => this.keys.use(tx, hash));
    if (!key || !isSame(key.hash, hash)) return undefined;
    return { tenant: key.tenant, role: key.role, actor: `key:${key.id}`, via: 'api_key' };
  }
}
