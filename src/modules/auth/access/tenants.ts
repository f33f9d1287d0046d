import { Injectable, Logger } from '@nestjs/common';
import { Identifiers, isId } from '../../../platform/clock/index.js';
import { sqlState, Transactions } from '../../../platform/database/index.js';
import { told } from '../../../platform/log/index.js';
import { HistoryStore } from '../../history/index.js';
import { Connections } from '../connections/connections.js';
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

export type TenantDeleted =
  | { readonly outcome: 'deleted' }
  /** `unknown`: there is no such tenant, or none any more. */
  | { readonly outcome: 'refused'; readonly why: 'forbidden' | 'unknown' };

/** For so long after a tenant was forgotten, what somebody wrote who had come in before is removed too. */
const LATE_MS = 3_600_000;

/** PostgreSQL's code for a value that another row has already. */
const TAKEN = '23505';

@Injectable()
export class Tenants {
  private readonly logger = new Logger('tenants');

  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly tenants: TenantStore,
    private readonly connections: Connections,
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

  /**
   * Deletes a tenant for good (ENGINE G7). From the first moment nobody comes in any more; its connections are ended and
   * their consents revoked as far as the providers answer; then contents, tokens and keys are removed. What stays is the
   * tenant's id, and its chain of history with nothing in it but a last event that says who deleted it.
   */
  async delete(by: Principal, tenant: string): Promise<TenantDeleted> {
    if (by.tenant !== undefined || by.role !== 'admin') return { outcome: 'refused', why: 'forbidden' };
    const ended = isId(tenant) && (await this.transactions.inTenant(tenant, (tx) => this.tenants.end(tx, by.actor)));
    if (!ended) return { outcome: 'refused', why: 'unknown' };
    await this.forget(tenant, by.actor);
    return { outcome: 'deleted' };
  }

  /** Deletions that were cut short are carried on, and those of the last hour once more; returns how many there were. */
  async finishDeleting(): Promise<number> {
    const tenants = await this.transactions.dispatching((tx) =>
      this.tenants.toForget(tx, new Date(tx.now.getTime() - LATE_MS)),
    );
    for (const tenant of tenants) {
      try {
        await this.forget(tenant, 'system');
      } catch (error) {
        this.logger.error(`tenant ${tenant} is not deleted yet: ${told(error)}`);
      }
    }
    return tenants.length;
  }

  private async forget(tenant: string, actor: string): Promise<void> {
    for (const { id, state } of await this.connections.list(tenant)) {
      if (state !== 'disconnected') await this.connections.disconnect(tenant, actor, id);
    }
    await this.transactions.inTenant(tenant, async (tx) => {
      const { events, firstFor } = await this.tenants.forget(tx);
      if (firstFor === undefined) return;
      const cause = { by: 'person', actor: firstFor } as const;
      await this.history.append(tx, [{ type: 'tenant_deleted', cause, detail: { events } }]);
    });
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
