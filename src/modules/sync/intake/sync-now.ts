import { Injectable } from '@nestjs/common';
import type { KindName } from '../../../domain/contract/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { ConnectionStore } from '../../auth/index.js';
import type { Cause } from '../../history/index.js';
import { StreamStore, type Twin, TwinStore, WorkStore } from '../store/index.js';

/** Somebody wants to see the present state now. */
@Injectable()
export class SyncNow {
  constructor(
    private readonly transactions: Transactions,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly streams: StreamStore,
    private readonly work: WorkStore,
  ) {}

  /**
   * Polls all streams of a connection at once, and walks every record again that is held, refused or waiting. Returns
   * how many records were raised; undefined when there is no such connection.
   */
  async connection(tenant: string, actor: string, id: string): Promise<number | undefined> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const connection = await this.connections.get(tx, id);
      if (!connection || connection.state === 'disconnected') return undefined;
      await this.streams.hurry(tx, id);
      const restless = await this.twins.restless(tx, id);
      await this.raise(tx, restless, { by: 'sync_now', actor });
      return restless.length;
    });
  }

  /** Looks at both sides of one record now; returns the number of twins raised, undefined when there is none. */
  async record(tenant: string, actor: string, kind: KindName, appId: string): Promise<number | undefined> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const twins = await this.twins.ofRecords(tx, [{ kind, id: appId }]);
      if (twins.length === 0) return undefined;
      await this.raise(tx, twins, { by: 'sync_now', actor });
      return twins.length;
    });
  }

  private async raise(tx: Tx, twins: readonly Twin[], cause: Cause): Promise<void> {
    await this.work.raise(
      tx,
      twins.map(({ id, books }) => ({ twin: id, lane: 'interactive', look: books !== undefined, cause })),
    );
  }
}
