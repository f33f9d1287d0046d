import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { subjectOf } from '../records/names.js';
import { RecordLoads } from '../records/record-loads.js';
import { Subject } from '../records/subject.types.js';
import { RequestContext } from '../request/request-context.js';
import { WalkItemType } from './walk.types.js';

@Resolver(() => WalkItemType)
export class WalkItemFieldsResolver {
  constructor(private readonly records: RecordLoads) {}

  @ResolveField(() => Subject, { nullable: true, description: 'Absent where it became one with another record since.' })
  async record(@Context() request: RequestContext, @Parent() { view }: WalkItemType): Promise<Subject | null> {
    const pair = await this.records.pairOf(request, view.twin);
    return pair ? subjectOf(pair) : null;
  }
}
