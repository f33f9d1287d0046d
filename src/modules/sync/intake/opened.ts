import { Injectable, Logger } from '@nestjs/common';
import { isAbsent, type ProviderDefinition } from '../../../domain/provider/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { told } from '../../../platform/log/index.js';
import { type Connection, ConnectionStore } from '../../auth/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { SnapshotStore, StreamStore, type Twin, TwinStore, WorkStore, WorkViews } from '../store/index.js';

/** For how long a look counts as fresh: what is opened again within it is not looked at again. */
const FRESH_MS = 15_000;

/** What somebody has opened: a connection, or the pairs of a record. */
export type Subject = { readonly connection: string } | { readonly twins: readonly string[] };

/**
 * Somebody is looking at something: what no webhook would tell is looked at, so that what they see is fresh (ENGINE F4).
 * What is being looked at already, or waits because its provider has failed, is left to its own time.
 */
@Injectable()
export class Opened {
  private readonly logger = new Logger('opened');

  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
    private readonly streams: StreamStore,
    private readonly work: WorkStore,
    private readonly workViews: WorkViews,
  ) {}

  /** Lets the looking begin, and returns at once: whoever opened it neither waits for that nor hears of its failure. */
  note(tenant: string, actor: string, subject: Subject): void {
    void this.opened(tenant, actor, subject).catch((error: unknown) => {
      this.logger.warn(`what was opened is not looked at: ${told(error)}`);
    });
  }

  async opened(tenant: string, actor: string, subject: Subject): Promise<void> {
    await this.transactions.inTenant(tenant, async (tx) => {
      if ('twins' in subject) return this.lookAt(tx, actor, subject.twins);
      const connection = await this.connections.get(tx, subject.connection);
      if (connection?.state === 'active') await this.poll(tx, connection);
    });
  }

  private async lookAt(tx: Tx, actor: string, ids: readonly string[]): Promise<void> {
    const busy = new Set(
      (await this.workViews.of(tx, ids))
        .filter(({ state, attempts }) => state === 'walking' || (state === 'due' && attempts > 0))
        .map(({ twin }) => twin),
    );
    const stale: Twin[] = [];
    for (const twin of await this.twins.get(tx, ids)) {
      if (!busy.has(twin.id) && (await this.mayBeStale(tx, twin))) stale.push(twin);
    }
    await this.work.raise(
      tx,
      stale.map(({ id }) => ({ twin: id, lane: 'interactive', look: true, cause: { by: 'sync_now', actor } })),
    );
  }

  private async mayBeStale(tx: Tx, { connection: id, kind, books }: Twin): Promise<boolean> {
    const connection = await this.connections.get(tx, id);
    if (connection?.state !== 'active' || books === undefined) return false;
    const ability = this.registry.of(connection.provider).kinds[kind];
    if (isAbsent(ability) || ability.unreadable !== undefined || ability.noticedBy === 'webhook') return false;
    const [snapshot] = await this.snapshots.get(tx, id, [{ kind, id: books }]);
    return snapshot === undefined || snapshot.asOf.getTime() < tx.now.getTime() - FRESH_MS;
  }

  private async poll(tx: Tx, { id, provider }: Connection): Promise<void> {
    const polled = polledStreams(this.registry.of(provider));
    const stale = (await this.streams.of(tx, id))
      .filter(({ name, failure }) => polled.has(name) && failure === undefined)
      .filter(({ lookedAt, dueAt }) => dueAt > tx.now && (lookedAt?.getTime() ?? 0) < tx.now.getTime() - FRESH_MS)
      .map(({ name }) => name);
    if (stale.length > 0) await this.streams.hurry(tx, id, stale);
  }
}

/** Streams that are the only way to learn of some kind's changes; the others only find what webhooks missed. */
const polledStreams = ({ streams, kinds }: ProviderDefinition): ReadonlySet<string> =>
  new Set(
    streams
      .filter((stream) =>
        stream.kinds.some((kind) => {
          const ability = kinds[kind];
          return !isAbsent(ability) && ability.noticedBy !== 'webhook';
        }),
      )
      .map(({ name }) => name),
  );
