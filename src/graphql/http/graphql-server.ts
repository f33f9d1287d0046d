import type { ApolloDriverConfig } from '@nestjs/apollo';
import type { Request } from 'express';
import { formattedError } from '../errors/error-format.js';
import { TOKENS_MOST } from '../limits/limits.js';
import { correlationId } from '../request/correlation.js';
import { RequestContext } from '../request/request-context.js';
import { GRAPHQL_PATH, type GraphqlSettings } from './graphql-settings.js';

/** How Apollo serves queries and mutations over HTTP; subscriptions have a socket of their own. */
export const graphqlServer = ({ production }: GraphqlSettings): Omit<ApolloDriverConfig, 'driver'> => ({
  path: GRAPHQL_PATH,
  autoSchemaFile: true,
  sortSchema: true,
  introspection: !production,
  graphiql: false,
  csrfPrevention: true,
  allowBatchedHttpRequests: false,
  persistedQueries: false,
  parseOptions: { maxTokens: TOKENS_MOST },
  includeStacktraceInErrorResponses: false,
  autoTransformHttpErrors: false,
  stopOnTerminationSignals: false,
  formatError: (_formatted, error) => formattedError(error, correlationId()),
  context: ({ req }: { req: Request }) => new RequestContext(req.headers, correlationId(), false),
});
