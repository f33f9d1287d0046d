import { Injectable } from '@nestjs/common';
import { Identifiers, isId } from '../../../platform/clock/index.js';
import { sqlState, Transactions } from '../../../platform/database/index.js';
import { HistoryStore } from '../../history/index.js';
import type { Principal } from './principal.js';
import { type Tenant, TenantStore } from './store/tenant-store.js';

export type TenantCreated =
  /** `known`: there is a tenant of that external id already; it is left as it is. */
  | { readonly outcome: 'created' | 'known'; readonly tenant: Tenant }
  /**
   * `forbidden`: the caller is bound to a tenant, and learns nothing of others. `deleted`: a tenant of that external id
   * was deleted; its id is not given again.
   */
  | { readonly outcome: 'refused'; readonly why: 'forbidden' | 'deleted' };

/** PostgreSQL's code for a value that another row has already. */
const TAKEN = '23505';

@Injectable()
export class Tenants {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly tenants: TenantStore,
    private readonly history: HistoryStore,
  ) {}

  /** Makes a tenant. With an external id it may be repeated: the second call finds what the first has made. */
  async create(
    by: Principal,
    { name, externalId }: { readonly name: string; readonly externalId?: string },
  ): Promise<TenantCreated> {
    if (by.tenant !== undefined) return { outcome: 'refused', why: 'forbidden' };
    const known = await this.idOf(externalId);
    if (known !== undefined) return this.known(known);
    try {
      return { outcome: 'created', tenant: await this.add(by, name, externalId) };
    } catch (error) {
      if (sqlState(error) !== TAKEN) throw error;
      // Somebody was faster by a moment.
      return this.known((await this.idOf(externalId))!);
    }
  }

  /** Undefined if there is no such tenant any more. */
  async get(tenant: string): Promise<Tenant | undefined> {
    if (!isId(tenant)) return undefined;
    return this.transactions.inTenant(tenant, (tx) => this.tenants.current(tx));
  }

  private add({ actor }: Principal, name: string, externalId: string | undefined): Promise<Tenant> {
    return this.transactions.inTenant(this.identifiers.id(), async (tx) => {
      await this.tenants.add(tx, name, externalId);
      const detail = { name, ...(externalId !== undefined && { externalId }) };
      await this.history.append(tx, [{ type: 'tenant_created', cause: { by: 'person', actor }, detail }]);
      return (await this.tenants.current(tx))!;
    });
  }

  private async known(id: string): Promise<TenantCreated> {
    const tenant = await this.get(id);
    return tenant ? { outcome: 'known', tenant } : { outcome: 'refused', why: 'deleted' };
  }

  private async idOf(externalId: string | undefined): Promise<string | undefined> {
    if (externalId === undefined) return undefined;
    return this.transactions.dispatching((tx) => this.tenants.ofExternalId(tx, externalId));
  }
}
