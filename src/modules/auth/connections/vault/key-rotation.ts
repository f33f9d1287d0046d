import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../../platform/database/index.js';
import { DataKeyStore } from '../store/data-key-store.js';
import { GrantStore } from '../store/grant-store.js';
import { DataKeys } from './data-keys.js';
import { Keyring } from './keyring.js';
import { TokenSeals } from './token-seals.js';

const MOST = 200;

/** New keys for old ones, piece by piece: interrupted anywhere, it goes on where it was. */
@Injectable()
export class KeyRotation {
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
   * many of both were done; when it returns 0, the old master key may leave the ring.
   */
  async run(): Promise<number> {
    return (await this.rewrap()) + (await this.reseal());
  }

  private async rewrap(): Promise<number> {
    const { current } = this.keyring;
    const keys = await this.transactions.dispatching((tx) => this.keyStore.wrappedByOthers(tx, current.id, MOST));
    for (const { tenant, version } of keys) {
      await this.transactions.inTenant(tenant, (tx) => this.dataKeys.rewrap(tx, version));
    }
    return keys.length;
  }

  private async reseal(): Promise<number> {
    const grants = await this.transactions.dispatching((tx) => this.grants.sealedBefore(tx, MOST));
    for (const { tenant, grant: id } of grants) {
      await this.transactions.inTenant(tenant, async (tx) => {
        const grant = await this.grants.lock(tx, id);
        if (grant) await this.grants.change(tx, grant, await this.seals.reseal(tx, grant));
      });
    }
    return grants.length;
  }
}
