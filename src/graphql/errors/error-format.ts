import { unwrapResolverError } from '@apollo/server/errors';
import { Logger } from '@nestjs/common';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { told } from '../../platform/log/index.js';
import { ApiError } from './api-error.js';
import { ERROR_CODES, type ErrorCode } from './error-code.js';

const logger = new Logger('api');

/**
 * What the caller gets to see of an error: known ones as they are, everything else as INTERNAL. Each carries the
 * correlation id; no stack, no path of ours, no words of the database.
 */
export const formattedError = (error: unknown, correlationId: string): GraphQLFormattedError => {
  // One that ends a subscription has no path, and is wrapped all the same.
  const wrapped = error instanceof GraphQLError ? error.originalError : undefined;
  const cause = wrapped instanceof ApiError ? wrapped : unwrapResolverError(error);
  const { locations, path } = error instanceof GraphQLError ? error.toJSON() : {};
  const place = { ...(locations && { locations }), ...(path && { path }) };
  if (cause instanceof ApiError) {
    const { http: _, ...extensions } = cause.extensions;
    return { message: cause.message, ...place, extensions: { ...extensions, correlationId } };
  }
  const code = error instanceof GraphQLError ? CODES[String(error.extensions.code)] : undefined;
  if (cause instanceof GraphQLError && code) {
    return { message: brief(withoutSuggestion(cause.message)), ...place, extensions: { code, correlationId } };
  }
  logger.error(`${correlationId}: ${told(cause)}`);
  return { message: ERROR_CODES.INTERNAL, ...place, extensions: { code: 'INTERNAL', correlationId } };
};

/** What Apollo calls documents, variables and requests that do not fit. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_PARSE_FAILED',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  OPERATION_RESOLUTION_FAILURE: 'OPERATION_RESOLUTION_FAILURE',
  BAD_USER_INPUT: 'BAD_INPUT',
  BAD_REQUEST: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_REQUEST',
};

/** A message may repeat the value that it complains about. */
const brief = (message: string): string => (message.length <= 500 ? message : `${message.slice(0, 500)}…`);

/** Which fields there are is not told to those who guess. */
const withoutSuggestion = (message: string): string => message.replace(/ Did you mean .*$/s, '');
