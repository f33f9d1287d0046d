import { Args, ArgsType, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ConflictLoads } from '../conflicts/conflict-loads.js';
import { conflictShown } from '../conflicts/conflict-shown.js';
import { ConflictType } from '../conflicts/conflict.types.js';
import { ConnectionLoads } from '../connections/connection-loads.js';
import { ConnectionQueries } from '../connections/connection-queries.js';
import { ConnectionType } from '../connections/connection.types.js';
import { ContentPageArgs } from '../contract-args.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { ChangeQueries } from './change-queries.js';
import { Change, ChangePage } from './change.types.js';

@ArgsType()
export class ChangesArgs extends ContentPageArgs {}

@Resolver(() => Change)
@ChecksArguments()
export class ChangesResolver {
  constructor(
    private readonly queries: ChangeQueries,
    private readonly conflicts: ConflictLoads,
    private readonly connections: ConnectionLoads,
    private readonly connectionQueries: ConnectionQueries,
  ) {}

  @Query(() => ChangePage, {
    description:
      'What became of the SaaS’s records since a place in the feed, the oldest first. Keep the last cursor and go on there.',
  })
  changes(
    @Context() { tenant }: RequestContext,
    @Args() { first, after, contractVersion }: ChangesArgs,
  ): Promise<ChangePage> {
    return this.queries.page(tenant, after, first, contractVersion);
  }

  @ResolveField(() => ConflictType, { nullable: true, description: 'The conflict that it tells of, as it is now.' })
  async conflict(
    @Context() request: RequestContext,
    @Parent() { event, contract }: Change,
  ): Promise<ConflictType | null> {
    const conflict = await this.conflicts.ofEvent(request, event);
    return conflict ? conflictShown(conflict, contract) : null;
  }

  @ResolveField(() => ConnectionType, { nullable: true })
  async connection(@Context() request: RequestContext, @Parent() { event }: Change): Promise<ConnectionType | null> {
    const { connection: id } = event;
    const connection = id === undefined ? undefined : await this.connections.connection(request, id);
    return connection ? this.connectionQueries.shown(connection) : null;
  }
}
