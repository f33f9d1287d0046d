import { registerEnumType } from '@nestjs/graphql';

/** Every code that an answer can carry, and what it means to the caller. docs/api.md is tested against this table. */
export const ERROR_CODES = {
  // Errors of a whole request.
  UNAUTHENTICATED: 'There is no valid API key or browser token.',
  FORBIDDEN: 'The key’s role may not do this.',
  TENANT_REQUIRED: 'A platform-wide key must name a tenant in the header x-concord-tenant.',
  UNKNOWN_TENANT: 'There is no tenant of that id, or none that this key may enter.',
  BAD_INPUT: 'An argument is out of its bounds; `issues` name the paths and the rules.',
  GRAPHQL_PARSE_FAILED: 'The document is no GraphQL, or it has too many tokens.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  OPERATION_RESOLUTION_FAILURE: 'The document has several operations and none was chosen.',
  BAD_REQUEST: 'The HTTP request is not one that a GraphQL server answers.',
  QUERY_TOO_DEEP: 'The document is nested too deeply.',
  QUERY_TOO_COSTLY: 'The document asks for too much at once; ask for smaller pages.',
  TOO_MANY_ALIASES: 'The document names too many aliases.',
  PAYLOAD_TOO_LARGE: 'The request is larger than 2 MB.',
  METHOD_NOT_ALLOWED: 'The API answers POST only.',
  SUBSCRIPTIONS_ONLY: 'Queries and mutations go over HTTP; the socket serves subscriptions.',
  TOO_MANY_SUBSCRIPTIONS: 'One socket carries at most 20 subscriptions.',
  INTERNAL: 'Concord failed; the correlation id leads to its log.',
  // Refusals, as members of an answer.
  NOT_FOUND: 'There is no such thing, or it is another tenant’s.',
  INVALID: 'The contents or the choice are not possible; `issues` say where and why.',
  KEY_REUSED: 'The idempotency key was used before for something else.',
  BUSY: 'Others changed the same at the same moment, several times over; send it again.',
  CONFLICT_CHANGED: 'The conflict is another one by now; look at it again.',
  CONNECTION_ENDED: 'The connection was ended; connect the company anew.',
  PROVIDER_NOT_SET_UP: 'The operator has given no credentials of that provider.',
  TENANT_DELETED: 'A tenant of that external id was deleted; its id is not given again.',
  ALREADY_LINKED: 'One of the records is linked with another one; unlink that first.',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

export const ErrorCodeEnum = Object.fromEntries(Object.keys(ERROR_CODES).map((code) => [code, code])) as {
  readonly [Code in ErrorCode]: Code;
};

registerEnumType(ErrorCodeEnum, {
  name: 'ErrorCode',
  description: 'What went wrong.',
  valuesMap: Object.fromEntries(Object.entries(ERROR_CODES).map(([code, description]) => [code, { description }])),
});
