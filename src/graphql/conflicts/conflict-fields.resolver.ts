import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { ConnectionLoads } from '../connections/connection-loads.js';
import { ConnectionQueries } from '../connections/connection-queries.js';
import { ConnectionType } from '../connections/connection.types.js';
import { subjectOf } from '../records/names.js';
import { RecordLoads } from '../records/record-loads.js';
import { Subject } from '../records/subject.types.js';
import { RequestContext } from '../request/request-context.js';
import { ConflictLoads } from './conflict-loads.js';
import { decisionShown } from './conflict-shown.js';
import { ConflictType, DecisionType, LastChange } from './conflict.types.js';

@Resolver(() => ConflictType)
export class ConflictFieldsResolver {
  constructor(
    private readonly conflicts: ConflictLoads,
    private readonly records: RecordLoads,
    private readonly connections: ConnectionLoads,
    private readonly connectionQueries: ConnectionQueries,
  ) {}

  @ResolveField(() => Subject, { nullable: true, description: 'The record that it is about.' })
  async record(@Context() request: RequestContext, @Parent() { view }: ConflictType): Promise<Subject | null> {
    const pair = await this.records.pairOf(request, view.twin);
    return pair ? subjectOf(pair) : null;
  }

  @ResolveField(() => ConnectionType)
  async connection(@Context() request: RequestContext, @Parent() { view }: ConflictType): Promise<ConnectionType> {
    const connection = await this.connections.connection(request, view.connection);
    return this.connectionQueries.shown(connection!);
  }

  @ResolveField(() => [DecisionType], { description: 'Every answer so far, oldest first.' })
  async decisions(
    @Context() request: RequestContext,
    @Parent() { view, contract }: ConflictType,
  ): Promise<DecisionType[]> {
    const decisions = await this.conflicts.decisionsOf(request, view.id);
    return decisions.map((decision) => decisionShown(decision, view.kind, contract));
  }

  @ResolveField(() => [LastChange], { description: 'When and by whom each side was changed last, as known now.' })
  async lastChanges(@Context() request: RequestContext, @Parent() { view }: ConflictType): Promise<LastChange[]> {
    const { record, snapshot } = (await this.records.pairOf(request, view.twin)) ?? {};
    return [
      ...(record
        ? [{ side: 'app' as const, by: record.cause.actor ?? record.cause.by, at: record.updatedAt.toISOString() }]
        : []),
      ...(snapshot ? [{ side: 'books' as const, by: snapshot.changedBy ?? null, at: snapshot.changedAt ?? null }] : []),
    ];
  }
}
