import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getVariableValues,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { type ComplexityEstimator, fieldExtensionsEstimator, getComplexity } from 'graphql-query-complexity';
import { ApiError } from '../errors/api-error.js';

/** A document longer than this is not parsed. */
export const TOKENS_MOST = 3_000;
export const DEPTH_MOST = 12;
export const ALIASES_MOST = 30;
/** One for each field, times `first` for what is inside a page. */
export const COST_MOST = 25_000;
/** Of a request over HTTP. */
export const BODY_MOST = '2mb';

/**
 * Refuses an operation that asks for too much; throws ApiError. The document has been validated, so fragments lead to no
 * circle. Introspection is only ever served in development, and counts for nothing.
 */
export const checkLimits = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void => {
  const fragments = fragmentsIn(document);
  const depth = depthOf(operation.selectionSet, fragments);
  if (depth > DEPTH_MOST) throw tooMuch('QUERY_TOO_DEEP', `it is ${depth} deep, ${DEPTH_MOST} are allowed`);
  const aliases = aliasesIn(document);
  if (aliases > ALIASES_MOST) throw tooMuch('TOO_MANY_ALIASES', `it names ${aliases}, ${ALIASES_MOST} are allowed`);
  // What is wrong with variables is told when the operation is carried out.
  if ('errors' in getVariableValues(schema, operation.variableDefinitions ?? [], { ...variables })) return;
  const cost = costOf(schema, document, operation, variables);
  if (cost > COST_MOST) throw tooMuch('QUERY_TOO_COSTLY', `it costs ${cost}, ${COST_MOST} are allowed`);
};

const tooMuch = (code: 'QUERY_TOO_DEEP' | 'TOO_MANY_ALIASES' | 'QUERY_TOO_COSTLY', says: string): ApiError =>
  new ApiError(code, `The document asks for too much: ${says}.`, undefined, 400);

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const fragmentsIn = ({ definitions }: DocumentNode): Fragments =>
  new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );

/** Each fragment's depth is worked out once, however often it is spread. */
const depthOf = (selections: SelectionSetNode, fragments: Fragments, known = new Map<string, number>()): number =>
  Math.max(
    0,
    ...selections.selections.map((selection) => {
      switch (selection.kind) {
        case Kind.FIELD:
          if (selection.name.value.startsWith('__') || !selection.selectionSet) return 1;
          return 1 + depthOf(selection.selectionSet, fragments, known);
        case Kind.INLINE_FRAGMENT:
          return depthOf(selection.selectionSet, fragments, known);
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value;
          const depth = known.get(name) ?? depthOf(fragments.get(name)!.selectionSet, fragments, known);
          known.set(name, depth);
          return depth;
        }
      }
    }),
  );

const aliasesIn = (document: DocumentNode): number => {
  let aliases = 0;
  visit(document, {
    Field: ({ alias }) => {
      if (alias) aliases += 1;
    },
  });
  return aliases;
};

const costOf = (
  schema: GraphQLSchema,
  query: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number => {
  try {
    return getComplexity({
      ...{ schema, query },
      ...(operation.name && { operationName: operation.name.value }),
      variables: { ...variables },
      estimators: [introspection, fieldExtensionsEstimator(), page],
    });
  } catch {
    // It gives up on documents that spread their fragments over and over.
    return Number.POSITIVE_INFINITY;
  }
};

const introspection: ComplexityEstimator = ({ field }) => (field.name.startsWith('__') ? 0 : undefined);

const page: ComplexityEstimator = ({ args, childComplexity }) =>
  1 + childComplexity * (typeof args.first === 'number' ? Math.max(1, args.first) : 1);
