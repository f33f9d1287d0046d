import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { RecordQueries } from '../records/record-queries.js';
import { RecordType } from '../records/record.types.js';
import { RequestContext } from '../request/request-context.js';
import { HistoryPage } from './history.types.js';

@Resolver(() => HistoryPage)
export class HistoryPageResolver {
  constructor(private readonly queries: RecordQueries) {}

  @ResolveField(() => [RecordType], {
    description: 'What the history is about, as it is now: `books.difference` says in words why both sides differ.',
  })
  async records(
    @Context() { tenant }: RequestContext,
    @Parent() { about, contract }: HistoryPage,
  ): Promise<RecordType[]> {
    const found = await Promise.all(about.map((key) => this.queries.known(tenant, key, contract)));
    return found.filter((record) => record !== null);
  }
}
