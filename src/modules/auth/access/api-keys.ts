import { Injectable, Logger } from '@nestjs/common';
import { Identifiers, isId } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { HistoryStore } from '../../history/index.js';
import { apiKeyOf, hashOf } from './bearer.js';
import type { Principal, Role } from './principal.js';
import { type ApiKey, ApiKeyStore, type NewApiKey } from './store/api-key-store.js';
import { TenantStore } from './store/tenant-store.js';

export interface ApiKeyRequest {
  /** Undefined for a key that works across the platform. */
  readonly tenant: string | undefined;
  readonly role: Role;
  /** What it is for, in words. */
  readonly name: string;
}

export type ApiKeyCreated =
  /** `secret` is the key itself: shown this once, and stored nowhere. */
  | { readonly outcome: 'created'; readonly id: string; readonly prefix: string; readonly secret: string }
  /** A key of one tenant makes keys for that tenant only; and for a tenant that is not there nobody makes any. */
  | { readonly outcome: 'refused'; readonly why: 'forbidden' | 'unknown_tenant' };

/** Keys of backends and administrators. Two live keys at once let one take over from the other. */
@Injectable()
export class ApiKeys {
  private readonly logger = new Logger('access');

  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly keys: ApiKeyStore,
    private readonly tenants: TenantStore,
    private readonly history: HistoryStore,
  ) {}

  async create(by: Principal, { tenant, role, name }: ApiKeyRequest): Promise<ApiKeyCreated> {
    if (by.tenant !== undefined && by.tenant !== tenant) return { outcome: 'refused', why: 'forbidden' };
    const id = this.identifiers.id();
    const prefix = Buffer.from(this.identifiers.secret(4), 'base64url').toString('hex');
    const secret = apiKeyOf(prefix, this.identifiers.secret(32));
    const key: NewApiKey = { id, tenant, role, name, prefix, hash: hashOf(secret), createdBy: by.actor };
    if (!(await this.add(key))) return { outcome: 'refused', why: 'unknown_tenant' };
    return { outcome: 'created', id, prefix, secret };
  }

  /** Ends a key at once; false for one that is not there, not the caller's to end, or ended already. */
  async revoke(by: Principal, id: string): Promise<boolean> {
    if (!isId(id)) return false;
    const tenant = await this.transactions.dispatching((tx) => this.keys.tenantOf(tx, id));
    if (tenant === undefined || (by.tenant !== undefined && by.tenant !== tenant)) return false;
    if (tenant === null) {
      this.logger.log(`API key ${id} of the platform is revoked by ${by.actor}`);
      return this.transactions.dispatching((tx) => this.keys.revoke(tx, id));
    }
    return this.transactions.inTenant(tenant, async (tx) => {
      if (!(await this.keys.revoke(tx, id))) return false;
      const cause = { by: 'person', actor: by.actor, id } as const;
      await this.history.append(tx, [{ type: 'key_revoked', cause, detail: {} }]);
      return true;
    });
  }

  /** The keys of a tenant, or those of the platform; the newest first, ended ones included. */
  async list(tenant: string | undefined): Promise<ApiKey[]> {
    return tenant === undefined
      ? this.transactions.dispatching((tx) => this.keys.list(tx))
      : this.transactions.inTenant(tenant, (tx) => this.keys.list(tx));
  }

  private async add(key: NewApiKey): Promise<boolean> {
    const { tenant, id, role, name, prefix, createdBy: actor } = key;
    if (tenant === undefined) {
      await this.transactions.dispatching((tx) => this.keys.add(tx, key));
      // No tenant's history can hold it.
      this.logger.log(`API key ${id} of the platform (${role}) is made by ${actor}`);
      return true;
    }
    if (!isId(tenant)) return false;
    return this.transactions.inTenant(tenant, async (tx) => {
      if (!(await this.tenants.current(tx))) return false;
      await this.keys.add(tx, key);
      const cause = { by: 'person', actor, id } as const;
      await this.history.append(tx, [{ type: 'key_created', cause, detail: { role, name, prefix } }]);
      return true;
    });
  }
}
