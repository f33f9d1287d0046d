import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { RequestContext } from '../request/request-context.js';
import { RecordLoads } from './record-loads.js';
import { BooksSide, RecordType } from './record.types.js';

@Resolver(() => RecordType)
export class RecordFieldsResolver {
  constructor(private readonly loads: RecordLoads) {}

  @ResolveField(() => [BooksSide], { description: 'The same record in every company’s books.' })
  books(@Context() request: RequestContext, @Parent() record: RecordType): Promise<readonly BooksSide[]> {
    return this.loads.sidesOf(request, record);
  }
}
