import { Injectable } from '@nestjs/common';
import { Identifiers } from '../../../platform/clock/index.js';
import { sqlState, Transactions } from '../../../platform/database/index.js';
import { HistoryStore } from '../../history/index.js';
import type { Principal } from './principal.js';
import { type Tenant, TenantStore } from './store/tenant-store.js';

/** `known`: there is a tenant of that external id already; it is left as it is. */
export interface TenantCreated {
  readonly outcome: 'created' | 'known';
  readonly tenant: Tenant;
}

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
    const known = await this.ofExternalId(externalId);
    if (known) return { outcome: 'known', tenant: known };
    try {
      return { outcome: 'created', tenant: await this.add(by, name, externalId) };
    } catch (error) {
      if (sqlState(error) !== TAKEN) throw error;
      // Somebody was faster by a moment.
      return { outcome: 'known', tenant: (await this.ofExternalId(externalId))! };
    }
  }

  /** Undefined if there is no such tenant any more. */
  get(tenant: string): Promise<Tenant | undefined> {
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

  private async ofExternalId(externalId: string | undefined): Promise<Tenant | undefined> {
    if (externalId === undefined) return undefined;
    const id = await this.transactions.dispatching((tx) => this.tenants.ofExternalId(tx, externalId));
    return id === undefined ? undefined : this.get(id);
  }
}
