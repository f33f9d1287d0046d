import { GraphQLError, type ASTNode } from 'graphql';

export type FailureCode =
  | 'BAD_USER_INPUT'
  | 'FORBIDDEN'
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'INTERNAL_SERVER_ERROR'
  | 'NOT_FOUND'
  | 'UNAUTHENTICATED'
  | 'VARIABLE_VALUE';

/** An error of the first of the two channels: an entry in `errors` with a code (sheet 2.2). */
export function failure(code: FailureCode, message: string, nodes?: ASTNode): GraphQLError {
  return new GraphQLError(message, { nodes, extensions: { code } });
}

export function notFound(type: string, id: string): GraphQLError {
  return failure('NOT_FOUND', `${type} '${id}' could not be found.`);
}
