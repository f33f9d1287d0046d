import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type DispatchTx, rowsOf, type Tx } from '../../../../platform/database/index.js';
import type { AccessTables } from './tables.js';

/** A customer of the SaaS. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** The SaaS's own id of it. */
  readonly externalId: string | undefined;
  readonly createdAt: Date;
}

const NOT_DELETED = { deletedAt: null, deletedBy: null, forgottenAt: null } as const;

@Injectable()
export class TenantStore {
  /** The tenant whose transaction this is; undefined if there is none of that id, or none any more. */
  async current(tx: Tx): Promise<Tenant | undefined> {
    const row = await rowsOf<AccessTables>(tx)
      .selectFrom('tenant')
      .select(['id', 'name', 'externalId', 'createdAt'])
      .where('id', '=', tx.tenant)
      .where('deletedAt', 'is', null)
      .executeTakeFirst();
    return row && { ...row, externalId: row.externalId ?? undefined };
  }

  /** Makes the tenant whose transaction this is. */
  async add(tx: Tx, name: string, externalId: string | undefined): Promise<void> {
    await rowsOf<AccessTables>(tx)
      .insertInto('tenant')
      .values({ id: tx.tenant, name, externalId: externalId ?? null, createdAt: tx.now, ...NOT_DELETED })
      .execute();
  }

  /** Marks the tenant whose transaction this is as deleted; false if there is none of that id, or none any more. */
  async end(tx: Tx, by: string): Promise<boolean> {
    const [ended] = await rowsOf<AccessTables>(tx)
      .updateTable('tenant')
      .set({ deletedAt: tx.now, deletedBy: by })
      .where('id', '=', tx.tenant)
      .where('deletedAt', 'is', null)
      .execute();
    return (ended?.numUpdatedRows ?? 0n) > 0n;
  }

  /**
   * Removes the contents and tokens of the tenant whose transaction this is, and empties its history. Returns how many
   * events were emptied, and who deleted it if this is the first time.
   */
  async forget(tx: Tx): Promise<{ readonly events: number; readonly firstFor: string | undefined }> {
    const rows = rowsOf<AccessTables>(tx);
    const tenant = await rows
      .selectFrom('tenant')
      .select(['deletedBy', 'forgottenAt'])
      .where('id', '=', tx.tenant)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const { rows: forgotten } = await sql<{ events: string }>`
      select forget_tenant(${tx.tenant}) as events`.execute(rows);
    const first = tenant.forgottenAt === null;
    return { events: Number(forgotten[0]!.events), firstFor: first ? (tenant.deletedBy ?? '') : undefined };
  }

  /**
   * Tenants that are deleted and not forgotten, because that was cut short; or forgotten since the given time, for
   * somebody who had come in before may have written after.
   */
  async toForget(tx: DispatchTx, since: Date): Promise<string[]> {
    const rows = await rowsOf<AccessTables>(tx)
      .selectFrom('tenant')
      .select('id')
      .where('deletedAt', 'is not', null)
      .where(({ eb, or }) => or([eb('forgottenAt', 'is', null), eb('forgottenAt', '>', since)]))
      .execute();
    return rows.map(({ id }) => id);
  }

  /** The tenant that has the external id, a deleted one included. */
  async ofExternalId(tx: DispatchTx, externalId: string): Promise<string | undefined> {
    const row = await rowsOf<AccessTables>(tx)
      .selectFrom('tenant')
      .select('id')
      .where('externalId', '=', externalId)
      .executeTakeFirst();
    return row?.id;
  }
}
