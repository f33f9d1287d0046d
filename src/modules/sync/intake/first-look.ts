import { Injectable, Logger } from '@nestjs/common';
import { KIND_NAMES, type KindName, KINDS } from '../../../domain/contract/index.js';
import { isAbsent, type ProviderDefinition, ProviderFailureError } from '../../../domain/provider/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { BooksLines, Connected, type Connection, ConnectionStore } from '../../auth/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { versionOrders } from '../flow/observe-books.js';
import { Reactions } from '../flow/reactions.js';
import { releaseAfter } from '../flow/releases.js';
import { SnapshotStore, type Stream, StreamStore } from '../store/index.js';
import { companyOf } from './poller.js';

/**
 * What happens when a company is connected: the company and its reference records (accounts, tax rates, tracking, terms,
 * items, contacts) are read into snapshots, and nothing is written to either side (ENGINE C6).
 */
@Injectable()
export class FirstLook extends Connected {
  private readonly logger = new Logger('first look');
  private readonly looking = new Set<string>();

  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly lines: BooksLines,
    private readonly streams: StreamStore,
    private readonly snapshots: SnapshotStore,
    private readonly reactions: Reactions,
  ) {
    super();
  }

  override async connected(tenant: string, connection: string): Promise<void> {
    await this.look(tenant, connection);
  }

  /** First looks that were cut short, by a dead process or a provider that was down. */
  async resume(): Promise<void> {
    const waiting = await this.transactions.dispatching((tx) => this.connections.unlooked(tx));
    for (const { tenant, connection } of waiting) await this.look(tenant, connection);
  }

  private async look(tenant: string, id: string): Promise<void> {
    if (this.looking.has(id)) return;
    this.looking.add(id);
    try {
      const connection = await this.transactions.inTenant(tenant, (tx) => this.connections.get(tx, id));
      if (connection?.state !== 'active') return;
      const definition = this.registry.of(connection.provider);
      // The streams begin before the reading does, so that nothing falls between the two.
      await this.transactions.inTenant(tenant, (tx) => this.streams.ensure(tx, id, streamsOf(definition)));
      for (const kind of KIND_NAMES.filter((name) => KINDS[name].nature !== 'document')) {
        if (!isAbsent(definition.kinds[kind])) await this.read(connection, kind);
      }
      await this.transactions.inTenant(tenant, (tx) => this.connections.firstLooked(tx, id));
    } catch (error) {
      if (!(error instanceof ProviderFailureError)) throw error;
      this.logger.warn(`connection ${id}: the provider is ${error.failure.is}`);
      await this.transactions.inTenant(tenant, (tx) => this.reactions.to(tx, id, releaseAfter(error.failure, 0)));
    } finally {
      this.looking.delete(id);
    }
  }

  /** All records of a kind, page by page. */
  private async read(known: Connection, kind: KindName): Promise<void> {
    const { tenant, id } = known;
    const definition = this.registry.of(known.provider);
    let cursor: string | undefined;
    do {
      const { connection, began } = await this.transactions.inTenant(tenant, async (tx) => ({
        connection: (await this.connections.get(tx, id))!,
        began: tx.now,
      }));
      const page = await this.lines.open(connection).adapter.list(kind, cursor);
      await this.transactions.inTenant(tenant, async (tx) => {
        const offered = page.sightings.map((sighting) => ({ sighting, asOf: began }));
        await this.snapshots.save(tx, id, offered, versionOrders(definition));
        if (kind === 'company' && page.sightings[0]) {
          await this.connections.describe(tx, id, companyOf(page.sightings[0]));
        }
      });
      cursor = page.next;
    } while (cursor !== undefined);
  }
}

const streamsOf = ({ streams }: ProviderDefinition): Pick<Stream, 'name' | 'everyMs' | 'why'>[] =>
  streams.map(({ name, everyMs, says }) => ({ name, everyMs, why: says }));
