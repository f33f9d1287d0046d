import { Args, Context, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { idOrNil } from '../arguments.js';
import { ConnectionLoads } from '../connections/connection-loads.js';
import { ConnectionQueries } from '../connections/connection-queries.js';
import { ConnectionType } from '../connections/connection.types.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { WalkLoads } from './walk-loads.js';
import { WalkQueries } from './walk-queries.js';
import { WalksArgs } from './walk.inputs.js';
import { WalkItemType, WalkPage, WalkStep, WalkType } from './walk.types.js';

@Resolver(() => WalkType)
@ChecksArguments()
export class WalksResolver {
  constructor(
    private readonly queries: WalkQueries,
    private readonly loads: WalkLoads,
    private readonly connections: ConnectionLoads,
    private readonly connectionQueries: ConnectionQueries,
  ) {}

  @Query(() => WalkPage, { description: 'Passes of the engine over records, the newest first.' })
  walks(@Context() { tenant }: RequestContext, @Args() args: WalksArgs): Promise<WalkPage> {
    return this.queries.page(tenant, args);
  }

  @Query(() => WalkType, { nullable: true, description: 'One walk: its steps, its records, the provider’s requests.' })
  walk(@Context() { tenant }: RequestContext, @Args('id', { type: () => ID }) id: string): Promise<WalkType | null> {
    return this.queries.get(tenant, idOrNil(id));
  }

  @ResolveField(() => ConnectionType)
  async connection(@Context() request: RequestContext, @Parent() { view }: WalkType): Promise<ConnectionType> {
    const connection = await this.connections.connection(request, view.connection);
    return this.connectionQueries.shown(connection!);
  }

  @ResolveField(() => [WalkStep], { description: 'In the order in which they were begun.' })
  steps(@Context() request: RequestContext, @Parent() { id }: WalkType): Promise<readonly WalkStep[]> {
    return this.loads.stepsOf(request, id);
  }

  @ResolveField(() => [WalkItemType], { description: 'The records that it was over, at most 50.' })
  items(@Context() request: RequestContext, @Parent() { id }: WalkType): Promise<readonly WalkItemType[]> {
    return this.loads.itemsOf(request, id);
  }
}
