import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { ProviderRegistry } from '../../modules/providers/index.js';
import { capabilitiesOf } from '../providers/capabilities.js';
import { Capability } from '../providers/provider.types.js';
import { RecordQueries } from '../records/record-queries.js';
import { BooksRecordsArgs } from '../records/record.inputs.js';
import { BooksRecordPage } from '../records/record.types.js';
import { Admissions } from '../request/admissions.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { ConnectionLoads } from './connection-loads.js';
import { ConnectionQueries } from './connection-queries.js';
import { ConnectionCounts, ConnectionStream, ConnectionType } from './connection.types.js';

@Resolver(() => ConnectionType)
@ChecksArguments()
export class ConnectionFieldsResolver {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly admissions: Admissions,
    private readonly queries: ConnectionQueries,
    private readonly loads: ConnectionLoads,
    private readonly recordQueries: RecordQueries,
  ) {}

  @ResolveField(() => [ConnectionStream], { description: 'What is asked at an interval, and when it last was.' })
  async streams(
    @Context() request: RequestContext,
    @Parent() { id, provider }: ConnectionType,
  ): Promise<ConnectionStream[]> {
    const streams = await this.loads.streamsOf(request, id);
    return streams.map((stream) => this.queries.streamShown(provider, stream));
  }

  @ResolveField(() => ConnectionCounts, { description: 'What there is to do.' })
  counts(@Context() request: RequestContext, @Parent() { id }: ConnectionType): Promise<ConnectionCounts> {
    return this.loads.countsOf(request, id);
  }

  @ResolveField(() => [Capability], { description: 'What can be done with each kind for this company.' })
  capabilities(@Parent() { provider, features }: ConnectionType): readonly Capability[] {
    return capabilitiesOf(this.registry.of(provider), features);
  }

  @ResolveField(() => BooksRecordPage, {
    description: 'What the books have of a kind, as last seen; for linking, and for choosing accounts and tax rates.',
  })
  booksRecords(
    @Context() request: RequestContext,
    @Parent() { id }: ConnectionType,
    @Args() args: BooksRecordsArgs,
  ): Promise<BooksRecordPage> {
    this.admissions.require(request, 'records');
    return this.recordQueries.booksPage(request.tenant, id, args);
  }
}
