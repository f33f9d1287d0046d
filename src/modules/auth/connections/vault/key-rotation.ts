import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../../../../platform/database/index.js';
import { told } from '../../../../platform/log/index.js';
import { DataKeyStore } from '../store/data-key-store.js';
import { GrantStore } from '../store/grant-store.js';
import { DataKeys } from './data-keys.js';
import { Keyring } from './keyring.js';
import { TokenSeals } from './token-seals.js';

const MOST = 200;

/** New keys for old ones, piece by piece: interrupted anywhere, it goes on where it was. */
@Injectable()
export class KeyRotation {
  private readonly logger = new Logger('vault');

  constructor(
    private readonly transactions: Transactions,
    private readonly keyring: Keyring,
    private readonly keyStore: DataKeyStore,
    private readonly dataKeys: DataKeys,
    private readonly grants: GrantStore,
    private readonly seals: TokenSeals,
  ) {}

  /** Begins a new data key for a tenant; what is sealed from now on is sealed under it. */
  renew(tenant: string): Promise<number> {
    return this.transactions.inTenant(tenant, (tx) => this.dataKeys.renew(tx));
  }

  /**
   * Wraps data keys under the present master key and seals grants under their tenant's newest data key. Returns how
   * many of both were done; when it returns 0 and has told of nothing, the old master key may leave the ring.
   */
  async run(): Promise<number> {
    return (await this.rewrap()) + (await this.reseal());
  }

  private async rewrap(): Promise<number> {
    const { current } = this.keyring;
    const keys = await this.transactions.dispatching((tx) => this.keyStore.wrappedByOthers(tx, current.id, MOST));
    return this.each(
      keys,
      ({ tenant, version }) => `data key ${version} of tenant ${tenant}`,
      ({ tenant, version }) => this.transactions.inTenant(tenant, (tx) => this.dataKeys.rewrap(tx, version)),
    );
  }

  private async reseal(): Promise<number> {
    const grants = await this.transactions.dispatching((tx) => this.grants.sealedBefore(tx, MOST));
    return this.each(
      grants,
      ({ grant }) => `grant ${grant}`,
      ({ tenant, grant: id }) =>
        this.transactions.inTenant(tenant, async (tx) => {
          const grant = await this.grants.lock(tx, id);
          if (grant) await this.grants.change(tx, grant, await this.seals.reseal(tx, grant));
        }),
    );
  }

  /** What cannot be opened is told and left as it is; it holds up nothing else. */
  private async each<T>(all: readonly T[], name: (one: T) => string, work: (one: T) => Promise<void>): Promise<number> {
    let done = 0;
    for (const one of all) {
      try {
        await work(one);
        done += 1;
      } catch (error) {
        this.logger.error(`${name(one)} could not be sealed anew: ${told(error)}`);
      }
    }
    return done;
  }
}
