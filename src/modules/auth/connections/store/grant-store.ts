import { Injectable } from '@nestjs/common';
import { type Selectable, sql, type Updateable } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../../platform/database/index.js';
import { DAY_MS, endOf, type Grant, WARNINGS } from '../vault/grant.js';
import type { ConnectionTables } from './tables.js';

type GrantRow = ConnectionTables['oauth_grant'];

export interface NewGrant {
  readonly id: string;
  readonly provider: string;
  readonly by: string;
}

/** The sealed tokens of a grant, all under one version of the data key. */
export type SealedTokens = Pick<
  Updateable<GrantRow>,
  | 'accessSealed'
  | 'refreshSealed'
  | 'previousRefreshSealed'
  | 'keyVersion'
  | 'accessExpiresAt'
  | 'refreshExpiresAt'
  | 'endsAt'
>;

/** A grant somewhere among all tenants. */
export interface GrantAddress {
  readonly tenant: string;
  readonly grant: string;
}

@Injectable()
export class GrantStore {
  async get(tx: Tx, id: string): Promise<Grant | undefined> {
    const row = await rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && grantOf(row);
  }

  /** The same, and nobody else changes it until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<Grant | undefined> {
    const row = await rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return row && grantOf(row);
  }

  async add(tx: Tx, { id, provider, by }: NewGrant, tokens: Required<SealedTokens>): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .insertInto('oauth_grant')
      .values({
        ...(tokens as Selectable<Pick<GrantRow, keyof SealedTokens>>),
        ...{ id, tenantId: tx.tenant, provider, epoch: 1, state: 'ok' as const, createdBy: by },
        ...{ refreshedAt: tx.now, createdAt: tx.now, failures: 0, lateTries: 0 },
        ...{ attemptId: null, attemptStartedAt: null, leaseUntil: null, uncertainSince: null },
        ...{ notBefore: null, failure: null, warnedDays: null },
      })
      .execute();
  }

  /**
   * The one way in which a grant changes: compare-and-set on the epoch and the attempt that the caller saw. Returns
   * whether it was so.
   */
  async change(tx: Tx, seen: Pick<Grant, 'id' | 'epoch' | 'attempt'>, change: Updateable<GrantRow>): Promise<boolean> {
    const [changed] = await rowsOf<ConnectionTables>(tx)
      .updateTable('oauth_grant')
      .set(change)
      .where('id', '=', seen.id)
      .where('epoch', '=', seen.epoch)
      .where('attemptId', 'is not distinct from', seen.attempt ?? null)
      .execute();
    return (changed?.numUpdatedRows ?? 0n) > 0n;
  }

  /** New tokens: the next epoch, nothing under way and nothing unknown. Returns whether the grant was as it was seen. */
  async renew(tx: Tx, seen: Grant, tokens: Required<SealedTokens>, refreshedAt: Date): Promise<boolean> {
    const { endsAt, refreshExpiresAt } = tokens as Selectable<Pick<GrantRow, 'endsAt' | 'refreshExpiresAt'>>;
    const end = endOf({ endsAt: endsAt ?? undefined, refreshExpiresAt: refreshExpiresAt ?? undefined });
    const far = !end || end.getTime() - tx.now.getTime() > WARNINGS.at(-1)! * DAY_MS;
    return this.change(tx, seen, {
      ...tokens,
      epoch: seen.epoch + 1,
      // Tokens of a grant that is about to be revoked are only there to be revoked.
      state: seen.state === 'ending' ? 'ending' : 'ok',
      refreshedAt,
      ...{ attemptId: null, attemptStartedAt: null, leaseUntil: null, uncertainSince: null, lateTries: 0 },
      ...{ notBefore: null, failure: null, failures: 0, warnedDays: far ? null : (seen.warnedDays ?? null) },
    });
  }

  /** Living grants that have not been refreshed since `before`, the longest idle first. */
  async idleSince(tx: DispatchTx, before: Date, most: number): Promise<GrantAddress[]> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant')
      .select(['tenantId as tenant', 'id as grant'])
      .where('state', 'in', ['ok', 'refreshing', 'uncertain', 'paused'])
      .where('refreshedAt', '<', before)
      .where(({ eb, or }) => or([eb('notBefore', 'is', null), eb('notBefore', '<=', tx.now)]))
      .where(({ eb, or }) => or([eb('leaseUntil', 'is', null), eb('leaseUntil', '<=', tx.now)]))
      .orderBy('refreshedAt')
      .limit(most)
      .execute();
  }

  /** Grants whose attempt ran out of its lease in the middle. */
  async abandoned(tx: DispatchTx, most: number): Promise<GrantAddress[]> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant')
      .select(['tenantId as tenant', 'id as grant'])
      .where('state', '=', 'refreshing')
      .where('leaseUntil', '<=', tx.now)
      .limit(most)
      .execute();
  }

  /** Disconnected grants that are still to be revoked. */
  async ending(tx: DispatchTx, most: number): Promise<GrantAddress[]> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant')
      .select(['tenantId as tenant', 'id as grant'])
      .where('state', '=', 'ending')
      .where(({ eb, or }) => or([eb('notBefore', 'is', null), eb('notBefore', '<=', tx.now)]))
      .limit(most)
      .execute();
  }

  /** Living grants of whose coming end people are still to be told. */
  async toBeWarned(tx: DispatchTx, most: number): Promise<GrantAddress[]> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant')
      .select(['tenantId as tenant', 'id as grant'])
      .where('state', 'in', ['ok', 'refreshing', 'uncertain', 'paused'])
      .where(({ and, eb, or }) =>
        or(
          WARNINGS.map((days) =>
            and([
              or([eb('warnedDays', 'is', null), eb('warnedDays', '>', days)]),
              or(
                (['endsAt', 'refreshExpiresAt'] as const).map((end) =>
                  eb(end, '<=', new Date(tx.now.getTime() + days * DAY_MS)),
                ),
              ),
            ]),
          ),
        ),
      )
      .limit(most)
      .execute();
  }

  /** Grants that are sealed under an earlier version of their tenant's data key. */
  async sealedBefore(tx: DispatchTx, most: number): Promise<GrantAddress[]> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant as g')
      .select(['g.tenantId as tenant', 'g.id as grant'])
      .where('g.state', 'not in', ['ended'])
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('data_key as k')
            .select('k.version')
            .whereRef('k.tenantId', '=', 'g.tenantId')
            .whereRef('k.version', '>', 'g.keyVersion'),
        ),
      )
      .limit(most)
      .execute();
  }

  /** Every tenant that has living grants. */
  async tenants(tx: DispatchTx): Promise<string[]> {
    const rows = await rowsOf<ConnectionTables>(tx)
      .selectFrom('oauth_grant')
      .select('tenantId')
      .distinct()
      .where('state', 'in', ['ok', 'refreshing', 'uncertain', 'paused'])
      .execute();
    return rows.map(({ tenantId }) => tenantId);
  }

  /** Nobody knows any more whether the stored tokens are the newest: of one tenant, all at once. */
  async distrust(tx: Tx): Promise<number> {
    const { numAffectedRows } = await sql`
      update oauth_grant
         set state = 'uncertain', attempt_id = null, lease_until = null,
             uncertain_since = coalesce(uncertain_since, refreshed_at), access_expires_at = least(access_expires_at, ${tx.now})
       where tenant_id = ${tx.tenant} and state in ('ok', 'refreshing', 'paused')`.execute(
      rowsOf<ConnectionTables>(tx),
    );
    return Number(numAffectedRows ?? 0n);
  }
}

const grantOf = (row: Selectable<GrantRow>): Grant => ({
  id: row.id,
  tenant: row.tenantId,
  provider: row.provider,
  epoch: row.epoch,
  state: row.state,
  accessSealed: row.accessSealed ?? undefined,
  refreshSealed: row.refreshSealed ?? undefined,
  previousRefreshSealed: row.previousRefreshSealed ?? undefined,
  keyVersion: row.keyVersion,
  accessExpiresAt: row.accessExpiresAt,
  refreshExpiresAt: row.refreshExpiresAt ?? undefined,
  endsAt: row.endsAt ?? undefined,
  warnedDays: row.warnedDays ?? undefined,
  attempt: row.attemptId ?? undefined,
  attemptStartedAt: row.attemptStartedAt ?? undefined,
  leaseUntil: row.leaseUntil ?? undefined,
  uncertainSince: row.uncertainSince ?? undefined,
  lateTries: row.lateTries,
  notBefore: row.notBefore ?? undefined,
  refreshedAt: row.refreshedAt,
  failure: row.failure ?? undefined,
  failures: row.failures,
});
