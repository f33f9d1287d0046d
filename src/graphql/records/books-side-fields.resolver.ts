import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { ConflictLoads } from '../conflicts/conflict-loads.js';
import { conflictShown } from '../conflicts/conflict-shown.js';
import { ConflictType } from '../conflicts/conflict.types.js';
import { ConnectionLoads } from '../connections/connection-loads.js';
import { ConnectionQueries } from '../connections/connection-queries.js';
import { ConnectionType } from '../connections/connection.types.js';
import { ProblemLoads } from '../problems/problem-loads.js';
import { ProblemType } from '../problems/problem.types.js';
import { RequestContext } from '../request/request-context.js';
import { BooksSide } from './record.types.js';

@Resolver(() => BooksSide)
export class BooksSideFieldsResolver {
  constructor(
    private readonly connections: ConnectionLoads,
    private readonly connectionQueries: ConnectionQueries,
    private readonly conflicts: ConflictLoads,
    private readonly problemLoads: ProblemLoads,
  ) {}

  @ResolveField(() => ConnectionType)
  async connection(@Context() request: RequestContext, @Parent() side: BooksSide): Promise<ConnectionType> {
    const connection = await this.connections.connection(request, side.connectionId);
    return this.connectionQueries.shown(connection!);
  }

  @ResolveField(() => ConflictType, { nullable: true, description: 'The open conflict, if there is one.' })
  async conflict(@Context() request: RequestContext, @Parent() side: BooksSide): Promise<ConflictType | null> {
    const conflict = side.twin === null ? undefined : await this.conflicts.openOf(request, side.twin);
    return conflict ? conflictShown(conflict, side.contract) : null;
  }

  @ResolveField(() => [ProblemType], { description: 'The open problems.' })
  async problems(@Context() request: RequestContext, @Parent() side: BooksSide): Promise<readonly ProblemType[]> {
    return side.twin === null ? [] : this.problemLoads.openOf(request, side.twin);
  }
}
