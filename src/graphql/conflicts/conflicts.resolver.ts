import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { ConflictQueries } from './conflict-queries.js';
import { ConflictArgs, ConflictsArgs, DecideConflictArgs, DecideConflictsArgs } from './conflict.inputs.js';
import { ConflictPage, ConflictType, DecideConflictResult } from './conflict.types.js';
import { type Decided, Deciding } from './deciding.js';

@Resolver()
@ChecksArguments()
export class ConflictsResolver {
  constructor(
    private readonly queries: ConflictQueries,
    private readonly deciding: Deciding,
  ) {}

  @Query(() => ConflictPage, { description: 'What people are asked, the newest first.' })
  conflicts(@Context() { tenant }: RequestContext, @Args() args: ConflictsArgs): Promise<ConflictPage> {
    return this.queries.page(tenant, args);
  }

  @Query(() => ConflictType, { nullable: true, description: 'One conflict, open or not.' })
  conflict(
    @Context() { tenant }: RequestContext,
    @Args() { id, contractVersion }: ConflictArgs,
  ): Promise<ConflictType | null> {
    return this.queries.get(tenant, id, contractVersion);
  }

  @Mutation(() => DecideConflictResult, {
    description: 'A person’s answer; the next walk, which begins at once, carries it out.',
  })
  async decideConflict(
    @Context() { tenant, actor }: RequestContext,
    @Args() { decision, contractVersion }: DecideConflictArgs,
  ): Promise<Decided> {
    const [decided] = await this.deciding.decide(tenant, actor, [decision], contractVersion);
    return decided!;
  }

  @Mutation(() => [DecideConflictResult], { description: 'Many answers at once, each for itself, in order.' })
  decideConflicts(
    @Context() { tenant, actor }: RequestContext,
    @Args() { decisions, contractVersion }: DecideConflictsArgs,
  ): Promise<Decided[]> {
    return this.deciding.decide(tenant, actor, decisions, contractVersion);
  }
}
