import { Injectable } from '@nestjs/common';
import type { TokenSet } from '../../../../domain/provider/index.js';
import { Transactions, type Tx } from '../../../../platform/database/index.js';
import { ProviderRegistry } from '../../../providers/index.js';
import { ConnectionStore } from '../store/connection-store.js';
import { type GrantAddress, GrantStore } from '../store/grant-store.js';
import { coolDownMs, type Grant } from './grant.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenSeals } from './token-seals.js';

/** After so many attempts in vain the tokens are wiped here, whatever the provider still keeps: about two days. */
const MOST_ATTEMPTS = 200;

const WIPED = { state: 'ended', accessSealed: null, refreshSealed: null, previousRefreshSealed: null } as const;

/** The end of consents: revoked at the provider where it must be, and wiped here in any case. */
@Injectable()
export class GrantEndings {
  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly grants: GrantStore,
    private readonly seals: TokenSeals,
    private readonly endpoint: TokenEndpoint,
  ) {}

  /**
   * Nobody gets a token of the grant from here on, if no living connection is left on it. Returns whether it is to be
   * revoked, by `revoke` after the commit.
   */
  async letGo(tx: Tx, id: string): Promise<boolean> {
    const grant = await this.unused(tx, id);
    if (!grant || grant.state === 'ended') return false;
    await this.grants.change(tx, grant, {
      state: 'ending',
      ...{ attemptId: null, leaseUntil: null, notBefore: null, failures: 0, accessSealed: null },
    });
    return true;
  }

  /**
   * Wipes a grant that a newer consent to the same companies has replaced. It is not revoked: at some providers that
   * would end the new one too.
   */
  async replace(tx: Tx, id: string): Promise<void> {
    const grant = await this.unused(tx, id);
    if (grant) await this.grants.change(tx, grant, { ...WIPED, attemptId: null, leaseUntil: null });
  }

  /** Revokes a grant that was let go and wipes it; what fails is tried again by the sweep. */
  async revoke({ tenant, grant: id }: GrantAddress): Promise<void> {
    const found = await this.transactions.inTenant(tenant, async (tx) => {
      const grant = await this.grants.get(tx, id);
      return grant?.state === 'ending' ? { grant, token: await this.seals.open(tx, grant, 'refresh') } : undefined;
    });
    if (!found) return;
    const { grant, token } = found;
    const revoked = token === undefined || (await this.endpoint.revoke(this.registry.of(grant.provider), token));
    const failures = grant.failures + 1;
    await this.transactions.inTenant(tenant, async (tx) => {
      const notBefore = new Date(tx.now.getTime() + coolDownMs(failures));
      await this.grants.change(tx, grant, revoked || failures >= MOST_ATTEMPTS ? WIPED : { failures, notBefore });
    });
  }

  /** Revokes tokens that were never stored: a consent that is not wanted. */
  async refuse(provider: string, tokens: TokenSet): Promise<void> {
    await this.endpoint.revoke(this.registry.of(provider), tokens.refreshToken ?? tokens.accessToken);
  }

  private async unused(tx: Tx, id: string): Promise<Grant | undefined> {
    const grant = await this.grants.lock(tx, id);
    return (await this.connections.ofGrant(tx, id)).length === 0 ? grant : undefined;
  }
}
