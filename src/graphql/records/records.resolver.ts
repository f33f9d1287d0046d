import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { AppEdits, Links, SyncNow } from '../../modules/sync/index.js';
import { answer } from '../answer.js';
import { idOrNil } from '../arguments.js';
import { invalid, notFound, Refused } from '../errors/refused.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import {
  AlreadyLinked,
  DeleteRecordResult,
  LinkRecordsResult,
  outcomeShown,
  RecordDeleted,
  RecordsLinked,
  RecordsPushed,
  RecordsUnlinked,
  SyncNowResult,
  SyncRequested,
  UnlinkRecordsResult,
  UpsertRecordsResult,
} from './push.types.js';
import { Pushing } from './pushing.js';
import { RecordQueries } from './record-queries.js';
import {
  DeleteRecordArgs,
  LinkRecordsArgs,
  RecordArgs,
  RecordsArgs,
  SyncNowArgs,
  UpsertRecordsArgs,
} from './record.inputs.js';
import { RecordPage, RecordType } from './record.types.js';

@Resolver()
@ChecksArguments()
export class RecordsResolver {
  constructor(
    private readonly queries: RecordQueries,
    private readonly pushing: Pushing,
    private readonly edits: AppEdits,
    private readonly looking: SyncNow,
    private readonly links: Links,
  ) {}

  @Query(() => RecordPage, { description: 'The SaaS’s own records.' })
  records(@Context() request: RequestContext, @Args() args: RecordsArgs): Promise<RecordPage> {
    return this.queries.page(request.tenant, args);
  }

  @Query(() => RecordType, {
    nullable: true,
    description: 'One record: both sides, what they last agreed on, and why they differ. The books are looked at anew.',
  })
  record(
    @Context() { tenant, actor }: RequestContext,
    @Args() { key, contractVersion }: RecordArgs,
  ): Promise<RecordType | null> {
    return this.queries.open(tenant, actor, key, contractVersion);
  }

  @Mutation(() => UpsertRecordsResult, { description: 'Stores records of the SaaS and brings them into the books.' })
  async upsertRecords(
    @Context() { tenant, actor }: RequestContext,
    @Args() { key, records, contractVersion }: UpsertRecordsArgs,
  ): Promise<RecordsPushed | Refused> {
    const pushed = records.map((record) => ({ ...record, content: record.content.value }));
    const outcomes = await this.pushing.push(tenant, actor, { key, contract: contractVersion, records: pushed });
    return outcomes instanceof Refused ? outcomes : answer(RecordsPushed, { outcomes: outcomes.map(outcomeShown) });
  }

  @Mutation(() => DeleteRecordResult, { description: 'The SaaS has deleted a record.' })
  async deleteRecord(
    @Context() { tenant, actor }: RequestContext,
    @Args() { kind, id }: DeleteRecordArgs,
  ): Promise<RecordDeleted | Refused> {
    const deleted = await this.edits.deleteRecord(tenant, actor, kind, id);
    return deleted ? answer(RecordDeleted, { kind, id, ...deleted }) : notFound();
  }

  @Mutation(() => SyncNowResult, { description: 'Looks at the present state of a connection or of a record now.' })
  async syncNow(
    @Context() { tenant, actor }: RequestContext,
    @Args() { connection, record }: SyncNowArgs,
  ): Promise<SyncRequested | Refused> {
    if ((connection === undefined) === (record === undefined)) return invalid([ONE_OF_TWO]);
    const raised = record
      ? await this.looking.record(tenant, actor, record.kind, record.id)
      : await this.looking.connection(tenant, actor, connection!);
    return raised === undefined ? notFound() : answer(SyncRequested, { raised });
  }

  @Mutation(() => LinkRecordsResult, { description: 'The two records are the same, says a person.' })
  async linkRecords(
    @Context() { tenant, actor }: RequestContext,
    @Args() args: LinkRecordsArgs,
  ): Promise<RecordsLinked | AlreadyLinked | Refused> {
    const outcome = await this.links.linkRecords(tenant, actor, args);
    switch (outcome.outcome) {
      case 'linked':
        return answer(RecordsLinked, { twin: outcome.twin });
      case 'taken':
        return new AlreadyLinked(outcome.appId, outcome.booksId);
      case 'not_found':
        return notFound();
    }
  }

  @Mutation(() => UnlinkRecordsResult, { description: 'The two records of a twin are not the same, says a person.' })
  async unlinkRecords(
    @Context() { tenant, actor }: RequestContext,
    @Args('twin', { type: () => ID }) twin: string,
  ): Promise<RecordsUnlinked | Refused> {
    const unlinked = await this.links.unlinkRecords(tenant, actor, idOrNil(twin));
    return unlinked ? answer(RecordsUnlinked, { twin: idOrNil(twin) }) : notFound();
  }
}

const ONE_OF_TWO = { path: '', rule: 'one_of', message: 'give either a connection or a record' };
