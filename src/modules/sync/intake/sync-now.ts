import { Injectable } from '@nestjs/common';
import type { KindName } from '../../../domain/contract/index.js';
import { isAbsent } from '../../../domain/provider/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { ConnectionStore } from '../../auth/index.js';
import type { Cause } from '../../history/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { SnapshotStore, StreamStore, type Twin, TwinStore, WorkStore } from '../store/index.js';

/** For how long a look counts as fresh when somebody opens a record (ENGINE F4). */
const FRESH_MS = 15_000;

/** Somebody wants to see the present state now. */
@Injectable()
export class SyncNow {
  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
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

  /** Somebody opened records: what no webhook would tell is looked at unless it was just now (ENGINE F4). */
  async opened(tenant: string, actor: string, twinIds: readonly string[]): Promise<void> {
    await this.transactions.inTenant(tenant, async (tx) => {
      const stale: Twin[] = [];
      for (const twin of await this.twins.get(tx, twinIds)) if (await this.mayBeStale(tx, twin)) stale.push(twin);
      await this.raise(tx, stale, { by: 'sync_now', actor });
    });
  }

  private async mayBeStale(tx: Tx, { connection: id, kind, books }: Twin): Promise<boolean> {
    const connection = await this.connections.get(tx, id);
    if (connection?.state !== 'active' || books === undefined) return false;
    const ability = this.registry.of(connection.provider).kinds[kind];
    if (isAbsent(ability) || ability.unreadable !== undefined || ability.noticedBy === 'webhook') return false;
    const [snapshot] = await this.snapshots.get(tx, id, [{ kind, id: books }]);
    return snapshot === undefined || snapshot.asOf.getTime() < tx.now.getTime() - FRESH_MS;
  }

  private async raise(tx: Tx, twins: readonly Twin[], cause: Cause): Promise<void> {
    await this.work.raise(
      tx,
      twins.map(({ id, books }) => ({ twin: id, lane: 'interactive', look: books !== undefined, cause })),
    );
  }
}
