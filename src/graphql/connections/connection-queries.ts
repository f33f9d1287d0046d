import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { isAbsent, type ProviderDefinition } from '../../domain/provider/index.js';
import { type Connection, ConnectionStore } from '../../modules/auth/index.js';
import { ProviderRegistry } from '../../modules/providers/index.js';
import { type Stream, StreamStore } from '../../modules/sync/index.js';
import { Transactions, type Tx } from '../../platform/database/index.js';
import { Cursors, type Page } from '../paging.js';
import type { ConnectionStream, ConnectionType } from './connection.types.js';

/** For how long a look counts as fresh when somebody opens a connection (ENGINE F4). */
const FRESH_MS = 15_000;

const cursors = new Cursors('connections', z.guid());

/** The tenant's connections as the API shows them. */
@Injectable()
export class ConnectionQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly streams: StreamStore,
  ) {}

  /** In the order in which they were made, ended ones included. */
  async page(tenant: string, first: number, after: string | undefined): Promise<Page<ConnectionType>> {
    const place = cursors.read(after) ?? '';
    const all = await this.transactions.inTenant(tenant, (tx) => this.connections.all(tx));
    const rows = all
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .filter(({ id }) => id > place)
      .slice(0, first + 1);
    return cursors.page(
      rows,
      first,
      ({ id }) => id,
      (connection) => this.shown(connection),
    );
  }

  /** One connection; what no webhook would tell is asked for at once, because somebody is looking (ENGINE F4). */
  async open(tenant: string, id: string): Promise<ConnectionType | null> {
    const connection = await this.transactions.inTenant(tenant, async (tx) => {
      const found = await this.connections.get(tx, id);
      if (found?.state === 'active') await this.freshen(tx, found);
      return found;
    });
    return connection ? this.shown(connection) : null;
  }

  shown(connection: Connection): ConnectionType {
    const { id, provider, company, state, goLive, creates, features } = connection;
    return {
      ...{ id, provider, company, state, goLive, creates, features },
      providerTitle: this.registry.of(provider).title,
      companyName: connection.companyName ?? null,
      stateReason: connection.stateReason ?? null,
      baseCurrency: connection.baseCurrency ?? null,
      pausedUntil: connection.notBefore ?? null,
      connectedAt: connection.connectedAt ?? null,
      connectedBy: connection.connectedBy ?? null,
      firstLookAt: connection.firstLookAt ?? null,
      disconnectedAt: connection.disconnectedAt ?? null,
    };
  }

  streamShown(provider: string, stream: Stream): ConnectionStream {
    const declared = this.registry.of(provider).streams.find(({ name }) => name === stream.name);
    return {
      name: stream.name,
      kinds: declared?.kinds ?? [],
      everySeconds: Math.round(stream.everyMs / 1000),
      why: stream.why,
      lookedAt: stream.lookedAt ?? null,
      dueAt: stream.dueAt,
      found: stream.found,
      failure: stream.failure ?? null,
    };
  }

  private async freshen(tx: Tx, { id, provider }: Connection): Promise<void> {
    const polled = polledStreams(this.registry.of(provider));
    const stale = (await this.streams.of(tx, id))
      // A stream that fails comes back at a time of its own.
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
