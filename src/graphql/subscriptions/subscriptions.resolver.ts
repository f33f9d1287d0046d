import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import type { ChainedEvent, EventType } from '../../modules/history/index.js';
import { sequenceOf } from '../changes/change-queries.js';
import { ConflictLoads } from '../conflicts/conflict-loads.js';
import { conflictShown } from '../conflicts/conflict-shown.js';
import { ConnectionLoads } from '../connections/connection-loads.js';
import { ConnectionQueries } from '../connections/connection-queries.js';
import { eventShown } from '../history/event-shown.js';
import { RecordQueries } from '../records/record-queries.js';
import { Admissions } from '../request/admissions.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { Feed } from './feed.js';
import { Mapped } from './follower.js';
import { ConflictRaisedArgs, RecordChangedArgs, SubscriptionArgs } from './subscription.inputs.js';
import { ConflictRaised, ConnectionChanged, RecordChanged } from './subscription.types.js';

const CONFLICT_EVENTS: readonly EventType[] = ['conflict_raised', 'conflict_updated'];
const RECORD_EVENTS: readonly EventType[] = [
  ...(['record_pushed', 'record_deleted', 'app_written', 'app_facts'] as const),
  ...(['books_seen', 'books_written', 'books_refused', 'books_uncertain'] as const),
  ...(['held', 'waiting', 'linked', 'unlinked', 'problem_raised', 'problem_closed'] as const),
  ...(['conflict_raised', 'conflict_updated', 'conflict_decided', 'conflict_closed'] as const),
];
const CONNECTION_EVENTS: readonly EventType[] = ['connection_made', 'connection_changed', 'connection_ended'];

/** What happens from now on, or from a place in the history on; read from the numbered history, so that none is missed. */
@Resolver()
@ChecksArguments()
export class SubscriptionsResolver {
  constructor(
    private readonly feed: Feed,
    private readonly admissions: Admissions,
    private readonly conflicts: ConflictLoads,
    private readonly connections: ConnectionLoads,
    private readonly connectionQueries: ConnectionQueries,
    private readonly records: RecordQueries,
  ) {}

  @Subscription(() => ConflictRaised, { description: 'A person is asked something.' })
  async conflictRaised(
    @Context() request: RequestContext,
    @Args() args: ConflictRaisedArgs,
  ): Promise<AsyncIterableIterator<{ conflictRaised: ConflictRaised }>> {
    const events = await this.follow(request, 'conflictRaised', CONFLICT_EVENTS, args);
    return new Mapped(events, async (event) => {
      const view = matches(event, args) ? await this.conflicts.ofEvent(request, event) : undefined;
      const conflict = view && conflictShown(view, args.contractVersion);
      const updated = event.type === 'conflict_updated';
      return conflict && { conflictRaised: { sequence: String(event.sequence), updated, conflict } };
    });
  }

  @Subscription(() => RecordChanged, { description: 'Something happened to a record, on either side.' })
  async recordChanged(
    @Context() request: RequestContext,
    @Args() args: RecordChangedArgs,
  ): Promise<AsyncIterableIterator<{ recordChanged: RecordChanged }>> {
    const events = await this.follow(request, 'recordChanged', RECORD_EVENTS, args);
    return new Mapped(events, async (event) => {
      if (!matches(event, args)) return undefined;
      const shown = eventShown(event, args.contractVersion);
      const record = await this.recordOf(request, event, args.contractVersion);
      return { recordChanged: { sequence: String(event.sequence), event: shown, record } };
    });
  }

  @Subscription(() => ConnectionChanged, { description: 'A company was connected, changed its state, or was ended.' })
  async connectionChanged(
    @Context() request: RequestContext,
    @Args() args: SubscriptionArgs,
  ): Promise<AsyncIterableIterator<{ connectionChanged: ConnectionChanged }>> {
    const events = await this.follow(request, 'connectionChanged', CONNECTION_EVENTS, args);
    return new Mapped(events, async (event) => {
      const { connection: id, sequence } = event;
      const found = id !== undefined && matches(event, args) && (await this.connections.connection(request, id));
      if (!found) return undefined;
      const shown = eventShown(event, args.contractVersion);
      return {
        connectionChanged: {
          ...{ sequence: String(sequence), event: shown },
          connection: this.connectionQueries.shown(found),
        },
      };
    });
  }

  private follow(
    request: RequestContext,
    operation: string,
    types: readonly EventType[],
    { after }: SubscriptionArgs,
  ): Promise<AsyncIterableIterator<ChainedEvent>> {
    return this.feed.follow({
      ...{ tenant: request.tenant, types },
      after: after === undefined ? undefined : sequenceOf(after),
      check: () => this.admissions.checkAgain(request, operation),
    });
  }

  private recordOf(
    { tenant }: RequestContext,
    { kind, appId, booksId, connection }: ChainedEvent,
    contract: number,
  ): Promise<RecordChanged['record']> {
    if (kind === undefined) return Promise.resolve(null);
    if (appId !== undefined) return this.records.known(tenant, { kind, id: appId }, contract);
    if (connection === undefined || booksId === undefined) return Promise.resolve(null);
    return this.records.known(tenant, { kind, connection, booksId }, contract);
  }
}

const matches = (event: ChainedEvent, { connection, kinds, id }: Partial<RecordChangedArgs>): boolean =>
  (connection === undefined || event.connection === connection) &&
  (kinds === undefined || (event.kind !== undefined && kinds.includes(event.kind))) &&
  (id === undefined || event.appId === id);
