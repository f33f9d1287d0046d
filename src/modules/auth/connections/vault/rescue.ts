import { Injectable, Logger } from '@nestjs/common';
import { Transactions, type Tx } from '../../../../platform/database/index.js';
import { told } from '../../../../platform/log/index.js';
import { ProviderRegistry } from '../../../providers/index.js';
import { GrantStore } from '../store/grant-store.js';
import { ConsentEffects } from './consent-effects.js';
import { type EmergencyRecord, EmergencyRecords } from './emergency-records.js';
import { isLeased } from './grant.js';
import { TokenEndpoint } from './token-endpoint.js';
import { type FreshTokens, TokenSeals } from './token-seals.js';

type Fate =
  | { readonly is: 'stored' | 'outdated' | 'undecided' }
  /** The connection was ended meanwhile, and these tokens have to follow it. */
  | { readonly is: 'orphaned'; readonly provider: string; readonly fresh: FreshTokens };

/** Brings tokens that could not be stored in their time back from their emergency records. */
@Injectable()
export class Rescue {
  private readonly logger = new Logger('vault');

  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly grants: GrantStore,
    private readonly seals: TokenSeals,
    private readonly endpoint: TokenEndpoint,
    private readonly effects: ConsentEffects,
    private readonly emergencies: EmergencyRecords,
  ) {}

  /** Every record that this process can see; returns how many were stored. One that fails does not hold the others. */
  async run(): Promise<number> {
    let stored = 0;
    for (const { file, record } of await this.emergencies.all()) {
      try {
        const fate = await this.transactions.inTenant(record.tenant, (tx) => this.import(tx, record));
        if (fate.is === 'undecided') continue;
        if (fate.is === 'orphaned' && !(await this.revoke(fate.provider, fate.fresh))) continue;
        if (fate.is === 'stored') stored += 1;
        await this.emergencies.drop(file);
        this.logger.warn(`the emergency record of grant ${record.grant} is ${fate.is}`);
      } catch (error) {
        this.logger.error(`the emergency record of grant ${record.grant} could not be imported: ${told(error)}`);
      }
    }
    return stored;
  }

  private async import(tx: Tx, record: EmergencyRecord): Promise<Fate> {
    const grant = await this.grants.lock(tx, record.grant);
    if (!grant || grant.epoch > record.epoch) return { is: 'outdated' };
    const fresh = await this.seals.openEmergency(tx, record);
    if (grant.state === 'ended') return { is: 'orphaned', provider: grant.provider, fresh };
    // Another attempt may bring newer ones still; if it fails, these are the newest there are.
    if (isLeased(grant, tx.now) && grant.attempt !== record.attempt) return { is: 'undecided' };
    const sealed = this.seals.seal(await this.seals.key(tx), grant, fresh);
    await this.grants.renew(tx, grant, sealed, fresh.since);
    if (grant.state === 'dead' || grant.state === 'paused') await this.effects.revived(tx, grant);
    return { is: 'stored' };
  }

  private async revoke(provider: string, { tokens }: FreshTokens): Promise<boolean> {
    const token = tokens.refreshToken ?? tokens.accessToken;
    return this.endpoint.revoke(this.registry.of(provider), token);
  }
}
