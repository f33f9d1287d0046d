import { Injectable } from '@nestjs/common';
import { isId } from '../../../platform/clock/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { HistoryStore } from '../../history/index.js';
import { mayDo } from './permissions.js';
import type { Principal } from './principal.js';
import { SupportGrantStore } from './store/support-grant-store.js';
import { TenantStore } from './store/tenant-store.js';

/**
 * `forbidden`: the role may not do this, anywhere. `tenant_required`: somebody of the platform has to name a tenant.
 * `unknown_tenant`: there is none of that name, or none that this caller may enter; it is not told which.
 */
export type Admission =
  | { readonly admitted: true; readonly tenant: string }
  | { readonly admitted: false; readonly why: 'forbidden' | 'tenant_required' | 'unknown_tenant' };

/** The door to a tenant: everything that touches a tenant's data on somebody's behalf goes through it first. */
@Injectable()
export class Entrance {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly supportGrants: SupportGrantStore,
    private readonly history: HistoryStore,
  ) {}

  /** Whether the principal may do the operation at all, for operations that belong to no tenant. */
  mayDo({ role }: Principal, operation: string): boolean {
    return mayDo(role, operation);
  }

  /**
   * Whether, and into which tenant, a principal may go with an operation. `named` is the tenant that the request names;
   * a principal that is bound to a tenant need not name it and can name no other.
   */
  async admit(principal: Principal, operation: string, named: string | undefined): Promise<Admission> {
    if (!mayDo(principal.role, operation)) return { admitted: false, why: 'forbidden' };
    const tenant = principal.tenant ?? named;
    if (tenant === undefined) return { admitted: false, why: 'tenant_required' };
    if (!isId(tenant) || (named !== undefined && named !== tenant)) return UNKNOWN;
    const mayEnter = await this.transactions.inTenant(tenant, (tx) => this.mayEnter(tx, principal, operation));
    return mayEnter ? { admitted: true, tenant } : UNKNOWN;
  }

  /** The platform's support needs a grant that somebody gave for this tenant, and each use of it leaves an event. */
  private async mayEnter(tx: Tx, { tenant, role, actor }: Principal, operation: string): Promise<boolean> {
    if (!(await this.tenants.current(tx))) return false;
    if (role !== 'support' || tenant !== undefined) return true;
    const grant = await this.supportGrants.liveOf(tx, actor);
    if (!grant) return false;
    await this.history.append(tx, [
      {
        type: 'support_granted',
        cause: { by: 'person', actor, id: grant.id },
        detail: { did: 'used', operation, reason: grant.reason },
      },
    ]);
    return true;
  }
}

const UNKNOWN: Admission = { admitted: false, why: 'unknown_tenant' };
