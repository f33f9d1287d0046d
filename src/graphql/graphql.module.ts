import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { SystemTimers, Timers } from '../platform/clock/index.js';
import { ChangeQueries } from './changes/change-queries.js';
import { ConflictLoads } from './conflicts/conflict-loads.js';
import { ConflictQueries } from './conflicts/conflict-queries.js';
import { Deciding } from './conflicts/deciding.js';
import { ConnectionLoads } from './connections/connection-loads.js';
import { ConnectionQueries } from './connections/connection-queries.js';
import { ErrorFilter } from './errors/error-filter.js';
import { HealthQueries } from './health/health-queries.js';
import { HistoryLoads } from './history/history-loads.js';
import { HistoryQueries } from './history/history-queries.js';
import { Doorstep } from './http/doorstep.js';
import { graphqlServer } from './http/graphql-server.js';
import { type GraphqlOptions, GraphqlSettings } from './http/graphql-settings.js';
import { LimitsPlugin } from './limits/limits.plugin.js';
import { PolicyQueries } from './policies/policy-queries.js';
import { ProblemLoads } from './problems/problem-loads.js';
import { ProblemQueries } from './problems/problem-queries.js';
import { Pushing } from './records/pushing.js';
import { RecordLoads } from './records/record-loads.js';
import { RecordQueries } from './records/record-queries.js';
import { Sides } from './records/sides.js';
import { Situations } from './records/situations.js';
import { Admissions } from './request/admissions.js';
import { OperationGuard } from './request/operation.guard.js';
import { RESOLVERS } from './resolvers.js';
import { Feed } from './subscriptions/feed.js';
import { Socket } from './subscriptions/socket.js';
import { WalkLoads } from './walks/walk-loads.js';
import { WalkQueries } from './walks/walk-queries.js';

const READING: Provider[] = [
  ...[ChangeQueries, ConflictQueries, ConnectionQueries, HealthQueries, HistoryQueries, PolicyQueries],
  ...[ProblemQueries, RecordQueries, WalkQueries, Sides, Situations],
  ...[ConflictLoads, ConnectionLoads, HistoryLoads, ProblemLoads, RecordLoads, WalkLoads],
];

const SERVING: Provider[] = [
  ...[Admissions, Deciding, Pushing, Doorstep, LimitsPlugin, Feed, Socket],
  { provide: Timers, useClass: SystemTimers },
  { provide: APP_GUARD, useClass: OperationGuard },
  { provide: APP_FILTER, useClass: ErrorFilter },
];

/** The API. `imports` has the module of the street, which owns the use cases. */
@Module({})
export class GraphqlModule {
  static with({ imports = [], ...options }: GraphqlOptions & Pick<ModuleMetadata, 'imports'>): DynamicModule {
    const settings = new GraphqlSettings(options);
    return {
      module: GraphqlModule,
      imports: [
        ...imports,
        GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, ...graphqlServer(settings) }),
      ],
      providers: [{ provide: GraphqlSettings, useValue: settings }, ...READING, ...SERVING, ...RESOLVERS],
    };
  }
}
