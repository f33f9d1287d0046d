import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { json, type NextFunction, type Request, type Response } from 'express';
import { Identifiers } from '../../platform/clock/index.js';
import { ERROR_CODES, type ErrorCode } from '../errors/error-code.js';
import { BODY_MOST } from '../limits/limits.js';
import { TENANT_HEADER } from '../request/admissions.js';
import { correlated } from '../request/correlation.js';
import { graphiqlPage } from './graphiql-page.js';
import { GRAPHQL_PATH, GraphqlSettings } from './graphql-settings.js';

const CORRELATION_HEADER = 'x-correlation-id';
const parseJson = json({ limit: BODY_MOST });

/**
 * What an HTTP request meets before GraphQL. It stands before the application's own body parsers, whose limit is too
 * small for pushes, so it is put there when it is made: Nest installs its parsers when it starts.
 */
@Injectable()
export class Doorstep {
  constructor(
    host: HttpAdapterHost,
    private readonly settings: GraphqlSettings,
    private readonly identifiers: Identifiers,
  ) {
    // Under a name of its own: Nest installs no JSON parser where it finds one that bears the usual name.
    host.httpAdapter?.use(GRAPHQL_PATH, (request: Request, response: Response, next: NextFunction) =>
      this.meet(request, response, next),
    );
  }

  private meet(request: Request, response: Response, next: NextFunction): void {
    const id = this.identifiers.id();
    response.removeHeader('x-powered-by');
    response.setHeader(CORRELATION_HEADER, id);
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    this.allowOrigin(request, response);
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    if (request.method === 'GET' && !this.settings.production && request.accepts(['json', 'html']) === 'html') {
      graphiqlPage(request, response, this.settings.developmentKey);
      return;
    }
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      refuse(response, 405, 'METHOD_NOT_ALLOWED', id);
      return;
    }
    parseJson(request, response, (error?: unknown) => {
      if (error === undefined) return correlated(id, next);
      const status = (error as { status?: unknown }).status;
      if (status === 413) refuse(response, 413, 'PAYLOAD_TOO_LARGE', id);
      else refuse(response, typeof status === 'number' && status < 500 ? status : 400, 'BAD_REQUEST', id);
    });
  }

  /** The frontends that the operator names, and no others. There are no cookies, so there are no credentials to allow. */
  private allowOrigin({ headers: { origin } }: Request, response: Response): void {
    if (this.settings.corsOrigins.size === 0) return;
    response.setHeader('vary', 'origin');
    if (origin === undefined || !this.settings.corsOrigins.has(origin)) return;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-methods', 'POST');
    response.setHeader('access-control-allow-headers', `authorization, content-type, ${TENANT_HEADER}`);
    response.setHeader('access-control-expose-headers', CORRELATION_HEADER);
    response.setHeader('access-control-max-age', '600');
  }
}

const refuse = (response: Response, status: number, code: ErrorCode, correlationId: string): void => {
  response.status(status).json({ errors: [{ message: ERROR_CODES[code], extensions: { code, correlationId } }] });
};
