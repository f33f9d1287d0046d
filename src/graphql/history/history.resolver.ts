import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ConflictLoads } from '../conflicts/conflict-loads.js';
import { decisionShown } from '../conflicts/conflict-shown.js';
import { DecisionType } from '../conflicts/conflict.types.js';
import { ConnectionLoads } from '../connections/connection-loads.js';
import { ConnectionQueries } from '../connections/connection-queries.js';
import { ConnectionType } from '../connections/connection.types.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { callShown } from './event-shown.js';
import { HistoryLoads } from './history-loads.js';
import { HistoryQueries } from './history-queries.js';
import { checkHistoryArgs, HistoryArgs } from './history.inputs.js';
import { HistoryEventType, HistoryPage, ProviderCall } from './history.types.js';

@Resolver(() => HistoryEventType)
@ChecksArguments()
export class HistoryResolver {
  constructor(
    private readonly queries: HistoryQueries,
    private readonly loads: HistoryLoads,
    private readonly conflicts: ConflictLoads,
    private readonly connections: ConnectionLoads,
    private readonly connectionQueries: ConnectionQueries,
  ) {}

  @Query(() => HistoryPage, {
    description: 'Everything that happened to a record on either side, the newest first: by id, or by document number.',
  })
  recordHistory(@Context() { tenant }: RequestContext, @Args() args: HistoryArgs): Promise<HistoryPage> {
    checkHistoryArgs(args);
    return this.queries.page(tenant, args);
  }

  @ResolveField(() => ConnectionType, { nullable: true })
  async connection(
    @Context() request: RequestContext,
    @Parent() { view }: HistoryEventType,
  ): Promise<ConnectionType | null> {
    const { connection: id } = view;
    const connection = id === undefined ? undefined : await this.connections.connection(request, id);
    return connection ? this.connectionQueries.shown(connection) : null;
  }

  @ResolveField(() => DecisionType, { nullable: true, description: 'The decision that it carried out.' })
  async decision(
    @Context() request: RequestContext,
    @Parent() { view, contract }: HistoryEventType,
  ): Promise<DecisionType | null> {
    const id = view.type === 'conflict_decided' ? view.cause.id : view.detail.decision;
    const decision = typeof id === 'string' ? await this.conflicts.decision(request, id) : undefined;
    return decision && view.kind ? decisionShown(decision, view.kind, contract) : null;
  }

  @ResolveField(() => [ProviderCall], { description: 'The provider’s requests that carried it.' })
  async calls(@Context() request: RequestContext, @Parent() { view }: HistoryEventType): Promise<ProviderCall[]> {
    return (await this.loads.callsOf(request, view)).map(callShown);
  }
}
