import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type Connection, ConnectionStore } from '../../modules/auth/index.js';
import { ProviderRegistry } from '../../modules/providers/index.js';
import { Opened, type Stream } from '../../modules/sync/index.js';
import { Transactions } from '../../platform/database/index.js';
import { Cursors, type Page } from '../paging.js';
import type { ConnectionStream, ConnectionType } from './connection.types.js';

const cursors = new Cursors('connections', z.guid());

/** The tenant's connections as the API shows them. */
@Injectable()
export class ConnectionQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly opened: Opened,
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
  async open(tenant: string, actor: string, id: string): Promise<ConnectionType | null> {
    const connection = await this.transactions.inTenant(tenant, (tx) => this.connections.get(tx, id));
    if (!connection) return null;
    this.opened.note(tenant, actor, { connection: id });
    return this.shown(connection);
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
}
