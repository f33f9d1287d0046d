import { Args, ArgsType, Context, Field, ID, InputType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMinSize, IsArray, IsBoolean, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { PROBLEM_CODES, type ProblemCode } from '../../modules/sync/index.js';
import { IsOwnId } from '../arguments.js';
import { ConnectionLoads } from '../connections/connection-loads.js';
import { ConnectionQueries } from '../connections/connection-queries.js';
import { ConnectionType } from '../connections/connection.types.js';
import { PageArgs } from '../paging.js';
import { subjectOf } from '../records/names.js';
import { RecordLoads } from '../records/record-loads.js';
import { Subject } from '../records/subject.types.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { ProblemCodeEnum } from '../vocabulary.js';
import { ProblemQueries } from './problem-queries.js';
import { ProblemPage, ProblemType } from './problem.types.js';

@InputType()
export class ProblemFilterInput {
  @Field(() => Boolean, { nullable: true, description: 'Left out: the open ones.' })
  @IsOptional()
  @IsBoolean()
  open?: boolean;

  @Field(() => ID, { nullable: true })
  @IsOptional()
  @IsOwnId()
  connection?: string;

  @Field(() => [ProblemCodeEnum], { nullable: true })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(PROBLEM_CODES, { each: true })
  codes?: ProblemCode[];
}

@ArgsType()
export class ProblemsArgs extends PageArgs {
  @Field(() => ProblemFilterInput, { nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => ProblemFilterInput)
  filter?: ProblemFilterInput;
}

@Resolver(() => ProblemType)
@ChecksArguments()
export class ProblemsResolver {
  constructor(
    private readonly queries: ProblemQueries,
    private readonly records: RecordLoads,
    private readonly connections: ConnectionLoads,
    private readonly connectionQueries: ConnectionQueries,
  ) {}

  @Query(() => ProblemPage, { description: 'What people must see to, the newest first.' })
  problems(@Context() { tenant }: RequestContext, @Args() args: ProblemsArgs): Promise<ProblemPage> {
    return this.queries.page(tenant, args);
  }

  @ResolveField(() => Subject, { nullable: true, description: 'The record that it is about, where it is about one.' })
  async record(@Context() request: RequestContext, @Parent() { view }: ProblemType): Promise<Subject | null> {
    const pair = view.twin === undefined ? undefined : await this.records.pairOf(request, view.twin);
    return pair ? subjectOf(pair) : null;
  }

  @ResolveField(() => ConnectionType, { nullable: true })
  async connection(
    @Context() request: RequestContext,
    @Parent() { view }: ProblemType,
  ): Promise<ConnectionType | null> {
    const { connection: id } = view;
    const connection = id === undefined ? undefined : await this.connections.connection(request, id);
    return connection ? this.connectionQueries.shown(connection) : null;
  }
}
