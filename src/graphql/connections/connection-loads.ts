import { Injectable } from '@nestjs/common';
import type DataLoader from 'dataloader';
import { Transactions } from '../../platform/database/index.js';
import { type Connection, ConnectionStore } from '../../modules/auth/index.js';
import { ConflictViews } from '../../modules/conflicts/index.js';
import { ProblemViews, type Stream, StreamStore, WorkViews } from '../../modules/sync/index.js';
import { loading } from '../request/loading.js';
import { PerRequest, type RequestContext } from '../request/request-context.js';
import type { ConnectionCounts } from './connection.types.js';

/** What answers read of connections, once for each request. */
@Injectable()
export class ConnectionLoads {
  private readonly loaders = new PerRequest((request) => ({
    connections: this.connections(request),
    streams: this.streams(request),
    counts: this.counts(request),
  }));

  constructor(
    private readonly transactions: Transactions,
    private readonly connectionStore: ConnectionStore,
    private readonly streamStore: StreamStore,
    private readonly work: WorkViews,
    private readonly conflicts: ConflictViews,
    private readonly problems: ProblemViews,
  ) {}

  connection(request: RequestContext, id: string): Promise<Connection | undefined> {
    return this.loaders.of(request).connections.load(id);
  }

  async streamsOf(request: RequestContext, id: string): Promise<readonly Stream[]> {
    return (await this.loaders.of(request).streams.load(id)) ?? [];
  }

  async countsOf(request: RequestContext, id: string): Promise<ConnectionCounts> {
    return (await this.loaders.of(request).counts.load(id)) ?? { pending: 0, conflicts: 0, problems: 0 };
  }

  private connections(request: RequestContext): DataLoader<string, Connection | undefined, string> {
    return loading(this.transactions, request, async (tx) => {
      const all = await this.connectionStore.all(tx);
      return new Map(all.map((connection) => [connection.id, connection]));
    });
  }

  private streams(request: RequestContext): DataLoader<string, Stream[] | undefined, string> {
    return loading(this.transactions, request, async (tx, ids) => {
      const streams = new Map<string, Stream[]>();
      for (const id of ids) streams.set(id, await this.streamStore.of(tx, id));
      return streams;
    });
  }

  private counts(request: RequestContext): DataLoader<string, ConnectionCounts | undefined, string> {
    return loading(this.transactions, request, async (tx, ids) => {
      const pending = await this.work.pendingByConnection(tx);
      const conflicts = await this.conflicts.openByConnection(tx);
      const problems = await this.problems.openByConnection(tx);
      const of = (counts: ReadonlyMap<string, number>, id: string): number => counts.get(id) ?? 0;
      return new Map(
        ids.map((id) => [id, { pending: of(pending, id), conflicts: of(conflicts, id), problems: of(problems, id) }]),
      );
    });
  }
}
