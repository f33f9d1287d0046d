import { GraphQLError } from 'graphql';
import type { Issue } from '../../domain/contract/index.js';
import { ERROR_CODES, type ErrorCode } from './error-code.js';

/** An error of the whole request that the caller may know of. Everything else is masked. */
export class ApiError extends GraphQLError {
  constructor(code: ErrorCode, message: string = ERROR_CODES[code], issues?: readonly Issue[], status?: number) {
    super(message, { extensions: { code, ...(issues && { issues }), ...(status && { http: { status } }) } });
  }
}
