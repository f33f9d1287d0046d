import type { ASTVisitor, ValidationContext } from 'graphql';
import { failure } from './failure.ts';

/** A subscription has no type to be checked against, so it has to be refused by its kind. */
export function operationsExist(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (context.getSchema().getRootType(node.operation)) return;
      const message = `Schema is not configured for ${node.operation}s.`;
      context.reportError(failure('GRAPHQL_VALIDATION_FAILED', message, node));
    },
  };
}
