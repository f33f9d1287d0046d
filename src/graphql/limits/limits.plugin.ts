import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { Plugin } from '@nestjs/apollo';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { checkLimits } from './limits.js';

/** Holds operations that come over HTTP to the limits. */
@Plugin()
export class LimitsPlugin implements ApolloServerPlugin {
  constructor(private readonly schema: GraphQLSchemaHost) {}

  async requestDidStart(): Promise<GraphQLRequestListener<object>> {
    const { schema } = this.schema;
    return {
      async didResolveOperation({ request, document, operation }) {
        if (operation) checkLimits(schema, document, operation, request.variables ?? {});
      },
    };
  }
}
