import { getNamedType, GraphQLString, Kind, type ASTNode, type ASTVisitor, type ValidationContext } from 'graphql';
import { failure } from './failure.ts';

/**
 * Arguments of type String have to be variables (sheet 2.1); texts for ids, dates and decimals may be inline. The vendor
 * says nothing of texts inside inline input objects: `inObjects` refuses those too.
 */
export function stringsAreVariables(inObjects: boolean) {
  return (context: ValidationContext): ASTVisitor => ({
    StringValue(node, _key, parent, _path, ancestors) {
      const type = context.getInputType();
      if (!type || getNamedType(type) !== GraphQLString) return;
      if (!inObjects && [parent, ...ancestors].some(isObjectField)) return;
      const message = 'String arguments must be passed as variables, not as literals.';
      context.reportError(failure('GRAPHQL_VALIDATION_FAILED', message, node));
    },
    // The default of a variable is no argument.
    VariableDefinition: () => false,
  });
}

function isObjectField(ancestor: ASTNode | readonly ASTNode[] | undefined): boolean {
  return ancestor !== undefined && 'kind' in ancestor && ancestor.kind === Kind.OBJECT_FIELD;
}
