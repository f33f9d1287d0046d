import { Injectable } from '@nestjs/common';
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
      .values({ id: tx.tenant, name, externalId: externalId ?? null, createdAt: tx.now, deletedAt: null })
      .execute();
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
