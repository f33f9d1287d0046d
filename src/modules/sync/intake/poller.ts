import { Injectable, Logger } from '@nestjs/common';
import { KINDS } from '../../../domain/contract/index.js';
import { ProviderFailureError, type Sighting, type UnreadableRecord } from '../../../domain/provider/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { told } from '../../../platform/log/index.js';
import { BooksLines, type Connection, ConnectionStore } from '../../auth/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { versionOrders } from '../flow/observe-books.js';
import { Reactions } from '../flow/reactions.js';
import { backoffMs, releaseAfter } from '../flow/releases.js';
import {
  type DueStream,
  type Problem,
  ProblemStore,
  type Reception,
  SnapshotStore,
  type Stream,
  StreamStore,
} from '../store/index.js';
import { Raising } from './raising.js';
import { type Recount, recountOf, recountPage, recountStreams, type StreamPage } from './recount.js';

const AT_ONCE = 4;

/** Asks the providers for changes: where they have no webhooks, and to find what webhooks did not tell. */
@Injectable()
export class Poller {
  private readonly logger = new Logger('polls');

  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly lines: BooksLines,
    private readonly streams: StreamStore,
    private readonly snapshots: SnapshotStore,
    private readonly problems: ProblemStore,
    private readonly raising: Raising,
    private readonly reactions: Reactions,
  ) {}

  /** Looks at the streams that are due; returns how many there were. */
  async pollDue(): Promise<number> {
    const due = await this.transactions.dispatching((tx) => this.streams.claimDue(tx, AT_ONCE));
    await Promise.all(due.map((stream) => this.poll(stream)));
    return due.length;
  }

  private async poll(due: DueStream): Promise<void> {
    try {
      for (let since: Date | undefined; ;) {
        const { now, connection, stream } = await this.transactions.inTenant(due.tenant, async (tx) => ({
          now: tx.now,
          connection: await this.connections.get(tx, due.connection),
          stream: (await this.streams.of(tx, due.connection)).find(({ name }) => name === due.name),
        }));
        if (!connection || !stream || connection.state !== 'active') return;
        since ??= now;
        if (!(await this.takePage(due, connection, stream, since))) return;
      }
    } catch (error) {
      await this.note(due, error);
    }
  }

  /** One page: its rows, its work and the cursor are one transaction. Returns whether there is more. */
  private async takePage(due: DueStream, connection: Connection, stream: Stream, since: Date): Promise<boolean> {
    const began = await this.transactions.inTenant(due.tenant, (tx) => Promise.resolve(tx.now));
    const recount = recountOf(stream, began);
    const { adapter } = this.lines.open(connection);
    const page: StreamPage = recount
      ? recountPage(recount, await adapter.list(recount.kind, recount.standing.next))
      : await adapter.poll(stream.name, stream.cursor);
    await this.transactions.inTenant(due.tenant, async (tx) => {
      const found = await this.keep(tx, connection, page, began);
      if (recount && !page.more) {
        await this.finish(tx, connection, recount);
        await this.streams.end(tx, connection.id, stream.name);
      } else {
        const dueAt = page.more ? undefined : new Date(tx.now.getTime() + stream.everyMs);
        const look = { cursor: page.cursor, found, began: since, dueAt };
        await this.streams.advance(tx, connection.id, stream.name, look);
      }
    });
    return page.more;
  }

  /** Returns how many changes the page told of. */
  private async keep(tx: Tx, connection: Connection, page: StreamPage, began: Date): Promise<number> {
    const definition = this.registry.of(connection.provider);
    const receptions = await this.snapshots.save(
      tx,
      connection.id,
      page.sightings.map((sighting) => ({ sighting, asOf: began })),
      versionOrders(definition),
    );
    const received = (...as: Reception[]): Sighting[] =>
      page.sightings.filter((_, index) => as.includes(receptions[index]!));
    const changed = received('new', 'changed');
    for (const company of changed.filter(({ kind }) => KINDS[kind].nature === 'company')) {
      await this.connections.describe(tx, connection.id, companyOf(company));
    }
    await this.raising.booksSeen(tx, connection, changed, 'routine', { by: 'poll' });
    // What looks older than what is known may still hide something newer: it is looked at once more.
    const overtaken = received('older').map(({ kind, id }) => ({ candidates: [kind], id }));
    await this.raising.booksNoticed(tx, connection, [...page.notices, ...overtaken], 'routine', { by: 'poll' });
    await this.streams.ensure(tx, connection.id, recountStreams(page.recheck ?? []));
    await this.problems.raise(tx, (page.unreadable ?? []).map(problemOf(connection)));
    return changed.length + page.notices.length;
  }

  /** What was there before and was not listed may be gone: a look at each tells. */
  private async finish(tx: Tx, connection: Connection, { kind, standing }: Recount): Promise<void> {
    const unseen = await this.snapshots.unseenSince(tx, connection.id, kind, new Date(standing.began));
    const notices = unseen.map(({ id }) => ({ candidates: [kind], id }));
    await this.raising.booksNoticed(tx, connection, notices, 'bulk', { by: 'poll' });
  }

  private async note(due: DueStream, error: unknown): Promise<void> {
    const failure = error instanceof ProviderFailureError ? error.failure : undefined;
    const message = failure?.message ?? told(error);
    if (!failure) this.logger.warn(`${due.name} of ${due.connection}: ${message}`);
    await this.transactions.inTenant(due.tenant, async (tx) => {
      const release = failure && releaseAfter(failure, 4);
      if (release) await this.reactions.to(tx, due.connection, release);
      const waitMs = Math.max(release?.waitMs ?? 0, backoffMs(4));
      await this.streams.failed(tx, due.connection, due.name, message, new Date(tx.now.getTime() + waitMs));
    });
  }
}

const problemOf =
  ({ id }: Connection) =>
  ({ kind, failure }: UnreadableRecord): Problem => ({
    ...{ code: 'unreadable_record', connection: id, twin: undefined, detail: { kind } },
    message: failure.message,
  });

/** What the company's own record means for its connection. */
export const companyOf = ({
  content,
}: Sighting): { name: string | undefined; baseCurrency: string | undefined; features: Record<string, string> } => ({
  name: content.name as string | undefined,
  baseCurrency: content.baseCurrency as string | undefined,
  features: (content.features ?? {}) as Record<string, string>,
});
