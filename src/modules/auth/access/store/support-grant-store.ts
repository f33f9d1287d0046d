import { Injectable } from '@nestjs/common';
import { rowsOf, type Tx } from '../../../../platform/database/index.js';
import type { AccessTables } from './tables.js';

/** Somebody of the platform's support may look into a tenant until a time. */
export interface SupportGrant {
  readonly id: string;
  /** As principals name themselves: `key:3f…`. */
  readonly actor: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly grantedAt: Date;
  readonly until: Date;
}

@Injectable()
export class SupportGrantStore {
  async add(tx: Tx, grant: Omit<SupportGrant, 'grantedAt'>): Promise<void> {
    await rowsOf<AccessTables>(tx)
      .insertInto('support_grant')
      .values({ ...grant, tenantId: tx.tenant, grantedAt: tx.now })
      .execute();
  }

  /** The grant under which somebody may look into this tenant now. */
  async liveOf(tx: Tx, actor: string): Promise<SupportGrant | undefined> {
    return rowsOf<AccessTables>(tx)
      .selectFrom('support_grant')
      .select(['id', 'actor', 'reason', 'grantedBy', 'grantedAt', 'until'])
      .where('tenantId', '=', tx.tenant)
      .where('actor', '=', actor)
      .where('until', '>', tx.now)
      .orderBy('until', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  /** Ends a grant before its time; returns it if it was still running. */
  async end(tx: Tx, id: string): Promise<SupportGrant | undefined> {
    return rowsOf<AccessTables>(tx)
      .updateTable('support_grant')
      .set({ until: tx.now })
      .where('id', '=', id)
      .where('until', '>', tx.now)
      .returning(['id', 'actor', 'reason', 'grantedBy', 'grantedAt', 'until'])
      .executeTakeFirst();
  }

  async list(tx: Tx): Promise<SupportGrant[]> {
    return rowsOf<AccessTables>(tx)
      .selectFrom('support_grant')
      .select(['id', 'actor', 'reason', 'grantedBy', 'grantedAt', 'until'])
      .where('tenantId', '=', tx.tenant)
      .orderBy('grantedAt', 'desc')
      .limit(500)
      .execute();
  }
}
