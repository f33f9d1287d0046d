import { Injectable } from '@nestjs/common';
import { Identifiers, isId } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { HistoryStore } from '../../history/index.js';
import type { Principal } from './principal.js';
import { type SupportGrant, SupportGrantStore } from './store/support-grant-store.js';
import { TenantStore } from './store/tenant-store.js';

/** One working day; whoever needs longer asks again. */
export const LONGEST_SUPPORT_SECONDS = 8 * 3600;

export interface SupportRequest {
  readonly tenant: string;
  /** Who of the platform's support: the actor of a platform-wide support key, `key:<id>`. */
  readonly actor: string;
  readonly reason: string;
  readonly seconds: number;
}

export type SupportGranted =
  | { readonly outcome: 'granted'; readonly id: string; readonly until: Date }
  | { readonly outcome: 'refused'; readonly why: 'forbidden' | 'unknown_tenant' | 'invalid_seconds' };

/** Time-boxed leave for the platform's support to look into one tenant, each one and each use in its history. */
@Injectable()
export class SupportAccess {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly grants: SupportGrantStore,
    private readonly tenants: TenantStore,
    private readonly history: HistoryStore,
  ) {}

  async grant(by: Principal, { tenant, actor, reason, seconds }: SupportRequest): Promise<SupportGranted> {
    if (by.tenant !== undefined && by.tenant !== tenant) return { outcome: 'refused', why: 'forbidden' };
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_SUPPORT_SECONDS) {
      return { outcome: 'refused', why: 'invalid_seconds' };
    }
    if (!isId(tenant)) return { outcome: 'refused', why: 'unknown_tenant' };
    return this.transactions.inTenant(tenant, async (tx): Promise<SupportGranted> => {
      if (!(await this.tenants.current(tx))) return { outcome: 'refused', why: 'unknown_tenant' };
      const id = this.identifiers.id();
      const until = new Date(tx.now.getTime() + seconds * 1000);
      await this.grants.add(tx, { id, actor, reason, grantedBy: by.actor, until });
      const cause = { by: 'person', actor: by.actor, id } as const;
      const detail = { did: 'granted', actor, reason, until: until.toISOString() };
      await this.history.append(tx, [{ type: 'support_granted', cause, detail }]);
      return { outcome: 'granted', id, until };
    });
  }

  /** Ends a grant before its time; false if it is not there or over already. */
  async end(by: Principal, tenant: string, id: string): Promise<boolean> {
    if (!isId(tenant) || !isId(id) || (by.tenant !== undefined && by.tenant !== tenant)) return false;
    return this.transactions.inTenant(tenant, async (tx) => {
      const ended = await this.grants.end(tx, id);
      if (!ended) return false;
      const cause = { by: 'person', actor: by.actor, id } as const;
      const detail = { did: 'ended', actor: ended.actor, reason: ended.reason, until: tx.now.toISOString() };
      await this.history.append(tx, [{ type: 'support_granted', cause, detail }]);
      return true;
    });
  }

  list(tenant: string): Promise<SupportGrant[]> {
    return this.transactions.inTenant(tenant, (tx) => this.grants.list(tx));
  }
}
