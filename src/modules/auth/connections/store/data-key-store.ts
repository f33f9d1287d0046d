import { Injectable } from '@nestjs/common';
import { type DispatchTx, rowsOf, type Tx } from '../../../../platform/database/index.js';
import type { ConnectionTables } from './tables.js';

/** A data key as it is stored. */
export interface WrappedKey {
  readonly version: number;
  readonly wrapped: Uint8Array;
  /** The id of the master key that wraps it. */
  readonly masterKey: string;
}

@Injectable()
export class DataKeyStore {
  async newest(tx: Tx): Promise<WrappedKey | undefined> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('data_key')
      .select(['version', 'wrapped', 'masterKey'])
      .where('tenantId', '=', tx.tenant)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  async get(tx: Tx, version: number): Promise<WrappedKey | undefined> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('data_key')
      .select(['version', 'wrapped', 'masterKey'])
      .where('tenantId', '=', tx.tenant)
      .where('version', '=', version)
      .executeTakeFirst();
  }

  /** Somebody else's key of the same version stays. */
  async add(tx: Tx, { version, wrapped, masterKey }: WrappedKey): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .insertInto('data_key')
      .values({ tenantId: tx.tenant, version, wrapped, masterKey, createdAt: tx.now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async rewrap(tx: Tx, before: WrappedKey, after: WrappedKey): Promise<void> {
    await rowsOf<ConnectionTables>(tx)
      .updateTable('data_key')
      .set({ wrapped: after.wrapped, masterKey: after.masterKey })
      .where('tenantId', '=', tx.tenant)
      .where('version', '=', before.version)
      .where('masterKey', '=', before.masterKey)
      .execute();
  }

  /** Keys that another master key wraps. */
  async wrappedByOthers(
    tx: DispatchTx,
    masterKey: string,
    most: number,
  ): Promise<{ readonly tenant: string; readonly version: number }[]> {
    return rowsOf<ConnectionTables>(tx)
      .selectFrom('data_key')
      .select(['tenantId as tenant', 'version'])
      .where('masterKey', '<>', masterKey)
      .limit(most)
      .execute();
  }
}
