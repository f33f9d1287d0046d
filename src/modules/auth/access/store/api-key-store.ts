import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../../platform/database/index.js';
import type { Role } from '../principal.js';
import type { AccessTables } from './tables.js';

/** An API key as people see it; the key itself is shown once and stored nowhere. */
export interface ApiKey {
  readonly id: string;
  /** Undefined for a key that works across the platform. */
  readonly tenant: string | undefined;
  readonly role: Role;
  readonly name: string;
  /** The part by which people, and searches for leaked keys, tell it from others. */
  readonly prefix: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** To the minute. */
  readonly lastUsedAt: Date | undefined;
  readonly revokedAt: Date | undefined;
}

export type NewApiKey = Pick<ApiKey, 'id' | 'tenant' | 'role' | 'name' | 'prefix' | 'createdBy'> & {
  readonly hash: Buffer;
};

/** A tenant's own keys are reached in its transactions, those of the platform in dispatching ones. */
@Injectable()
export class ApiKeyStore {
  async add(tx: Tx | DispatchTx, { tenant, ...key }: NewApiKey): Promise<void> {
    await rowsOf<AccessTables>(tx)
      .insertInto('api_key')
      .values({ ...key, tenantId: tenant ?? null, createdAt: tx.now, lastUsedAt: null, revokedAt: null })
      .execute();
  }

  /** The live key with this hash, of a tenant that is still there; its use is noted once a minute. */
  async use(
    tx: DispatchTx,
    hash: Buffer,
  ): Promise<(Pick<ApiKey, 'id' | 'tenant' | 'role'> & { hash: Uint8Array }) | undefined> {
    const rows = rowsOf<AccessTables>(tx);
    const row = await rows
      .selectFrom('api_key as k')
      .leftJoin('tenant as t', 't.id', 'k.tenantId')
      .select(['k.id', 'k.tenantId', 'k.role', 'k.hash'])
      .where('k.hash', '=', hash)
      .where('k.revokedAt', 'is', null)
      .where('t.deletedAt', 'is', null)
      .executeTakeFirst();
    if (!row) return undefined;
    await rows
      .updateTable('api_key')
      .set({ lastUsedAt: tx.now })
      .where('id', '=', row.id)
      .where(({ eb, or }) =>
        or([eb('lastUsedAt', 'is', null), eb('lastUsedAt', '<=', new Date(tx.now.getTime() - 60_000))]),
      )
      .execute();
    return { id: row.id, tenant: row.tenantId ?? undefined, role: row.role, hash: row.hash };
  }

  /** Returns whether there was such a key, not revoked yet, within the transaction's reach. */
  async revoke(tx: Tx | DispatchTx, id: string): Promise<boolean> {
    let query = rowsOf<AccessTables>(tx)
      .updateTable('api_key')
      .set({ revokedAt: tx.now })
      .where('id', '=', id)
      .where('revokedAt', 'is', null);
    // Dispatching sees all tenants' keys; what belongs to a tenant is revoked within it.
    if ('dispatch' in tx) query = query.where('tenantId', 'is', null);
    const [revoked] = await query.execute();
    return (revoked?.numUpdatedRows ?? 0n) > 0n;
  }

  async list(tx: Tx | DispatchTx): Promise<ApiKey[]> {
    let query = rowsOf<AccessTables>(tx)
      .selectFrom('api_key')
      .select(['id', 'tenantId', 'role', 'name', 'prefix', 'createdAt', 'createdBy', 'lastUsedAt', 'revokedAt'])
      .orderBy('id', 'desc')
      .limit(500);
    if ('dispatch' in tx) query = query.where('tenantId', 'is', null);
    const rows = await query.execute();
    return rows.map(({ tenantId, lastUsedAt, revokedAt, ...row }) => ({
      ...row,
      tenant: tenantId ?? undefined,
      lastUsedAt: lastUsedAt ?? undefined,
      revokedAt: revokedAt ?? undefined,
    }));
  }

  /** The tenant that a key belongs to: null for one of the platform, undefined where there is no such key. */
  async tenantOf(tx: DispatchTx, id: string): Promise<string | null | undefined> {
    const { rows } = await sql<{ tenant: string | null }>`
      select tenant_id as tenant from api_key where id = ${id}`.execute(rowsOf<AccessTables>(tx));
    return rows[0]?.tenant;
  }
}
