import { Injectable, Logger } from '@nestjs/common';
import { Transactions, type Tx } from '../../../../platform/database/index.js';
import { told } from '../../../../platform/log/index.js';
import { HistoryStore } from '../../../history/index.js';
import { ConnectionStore } from '../store/connection-store.js';
import { type GrantAddress, GrantStore } from '../store/grant-store.js';
import { DAY_MS, endOf, WARNINGS } from './grant.js';
import { GrantEndings } from './grant-endings.js';
import { Rescue } from './rescue.js';
import { TokenVault } from './token-vault.js';

const HOUR_MS = 3_600_000;
/** A grant that nobody used for so long is refreshed, well within a day. */
const IDLE_MS = 20 * HOUR_MS;
const MOST = 100;

/** Looks after consents that nobody is using. Any number of processes may run it: each grant's row has one owner. */
@Injectable()
export class KeepAlive {
  private readonly logger = new Logger('vault');

  constructor(
    private readonly transactions: Transactions,
    private readonly grants: GrantStore,
    private readonly connections: ConnectionStore,
    private readonly vault: TokenVault,
    private readonly endings: GrantEndings,
    private readonly rescue: Rescue,
    private readonly history: HistoryStore,
  ) {}

  /** One round: rescued tokens first, then attempts left in the middle, revocations, idle grants, and warnings. */
  async run(): Promise<void> {
    await this.rescue.run();
    const { abandoned, ending, idle, soon } = await this.transactions.dispatching(async (tx) => ({
      abandoned: await this.grants.abandoned(tx, MOST),
      ending: await this.grants.ending(tx, MOST),
      idle: await this.grants.idleSince(tx, new Date(tx.now.getTime() - IDLE_MS), MOST),
      soon: await this.grants.toBeWarned(tx, MOST),
    }));
    await this.each(abandoned, ({ tenant, grant }) => this.vault.accessToken(tenant, grant));
    await this.each(ending, (address) => this.endings.revoke(address));
    await this.each(idle, ({ tenant, grant }) => this.vault.renew(tenant, grant));
    await this.each(soon, ({ tenant, grant }) => this.transactions.inTenant(tenant, (tx) => this.warn(tx, grant)));
  }

  /**
   * After the database was restored from a backup: its tokens may have been replaced since. None of them counts as
   * known to be good; each grant tries the stored refresh token as after a lost answer. Returns how many there are.
   */
  async distrustAll(): Promise<number> {
    let grants = 0;
    for (const tenant of await this.transactions.dispatching((tx) => this.grants.tenants(tx))) {
      grants += await this.transactions.inTenant(tenant, (tx) => this.grants.distrust(tx));
    }
    return grants;
  }

  /** A provider that fails for one grant holds up no other. */
  private async each(grants: readonly GrantAddress[], work: (grant: GrantAddress) => Promise<unknown>): Promise<void> {
    for (const grant of grants) {
      try {
        await work(grant);
      } catch (error) {
        this.logger.error(`grant ${grant.grant}: ${told(error)}`);
      }
    }
  }

  private async warn(tx: Tx, id: string): Promise<void> {
    const grant = await this.grants.lock(tx, id);
    const end = grant && endOf(grant);
    if (!grant || !end) return;
    const daysLeft = (end.getTime() - tx.now.getTime()) / DAY_MS;
    const warning = WARNINGS.find((days) => daysLeft <= days);
    if (warning === undefined || (grant.warnedDays !== undefined && grant.warnedDays <= warning)) return;
    await this.grants.change(tx, grant, { warnedDays: warning });
    const connections = await this.connections.ofGrant(tx, id);
    await this.history.append(
      tx,
      connections.map((connection) => ({
        type: 'connection_changed' as const,
        cause: { by: 'system' as const },
        connection: connection.id,
        detail: { consentEnds: end.toISOString(), days: warning },
      })),
    );
  }
}
