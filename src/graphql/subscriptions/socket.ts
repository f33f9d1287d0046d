import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLFormattedError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import {
  CloseCode,
  type Context,
  handleProtocols,
  makeServer,
  type Server as GraphqlSocketServer,
  type SubscribePayload,
} from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { Identifiers, Timers } from '../../platform/clock/index.js';
import { told } from '../../platform/log/index.js';
import { ApiError } from '../errors/api-error.js';
import { formattedError } from '../errors/error-format.js';
import { GRAPHQL_PATH, GraphqlSettings } from '../http/graphql-settings.js';
import { checkLimits, TOKENS_MOST } from '../limits/limits.js';
import { Admissions } from '../request/admissions.js';
import { type CallerHeaders, RequestContext } from '../request/request-context.js';

/** Subscriptions of one socket. */
const SUBSCRIPTIONS_MOST = 20;
const MESSAGE_MOST_BYTES = 64 * 1024;
/** A socket that has not said goodbye after this is cut. */
const PATIENCE_MS = 1_000;
const HEARTBEAT_MS = 15_000;
/** The close code of a server that goes. */
const GOING_AWAY = 1001;

/** Serves subscriptions over graphql-ws. A socket is let in by its connection parameters, each subscription by the guard. */
@Injectable()
export class Socket implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly sockets = new WebSocketServer({
    ...{ noServer: true, maxPayload: MESSAGE_MOST_BYTES, handleProtocols },
  });
  private readonly logger = new Logger('api');
  private close: (() => Promise<void>) | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly schema: GraphQLSchemaHost,
    private readonly settings: GraphqlSettings,
    private readonly admissions: Admissions,
    private readonly identifiers: Identifiers,
    private readonly timers: Timers,
  ) {}

  onApplicationBootstrap(): void {
    const server = makeServer({
      schema: this.schema.schema,
      onConnect: ({ connectionParams }) => this.admissions.isKnown(headersIn(connectionParams)),
      onSubscribe: (context, _id, payload) => this.begin(context, payload),
      onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
        errors ? { ...result, errors: this.formatted(errors) } : undefined,
      onError: (_context, _id, _payload, errors) => this.formatted(errors),
    });
    this.sockets.on('connection', (socket: WebSocket) => this.serve(server, socket));
    const http: Server = this.host.httpAdapter.getHttpServer();
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (request.url?.split('?')[0] !== GRAPHQL_PATH) return void socket.destroy();
      this.sockets.handleUpgrade(request, socket, head, (opened) => this.sockets.emit('connection', opened));
    };
    http.on('upgrade', upgrade);
    this.close = async () => {
      http.off('upgrade', upgrade);
      const closed = new Promise<void>((resolve) => this.sockets.close(() => resolve()));
      for (const socket of this.sockets.clients) socket.close(GOING_AWAY);
      const impatient = setTimeout(() => {
        for (const socket of this.sockets.clients) socket.terminate();
      }, PATIENCE_MS);
      await closed;
      clearTimeout(impatient);
    };
  }

  async onModuleDestroy(): Promise<void> {
    await this.close?.();
  }

  /** What graphql-ws says and hears over one socket. A caller that breaks off, or talks nonsense, is no error of ours. */
  private serve(server: GraphqlSocketServer, socket: WebSocket): void {
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (data) => {
          if (socket.readyState === socket.OPEN) socket.send(data);
        },
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) => {
          socket.on('message', (data) => {
            receive(String(data)).catch((error: unknown) => {
              this.logger.error(told(error));
              socket.close(CloseCode.InternalServerError);
            });
          });
        },
      },
      undefined,
    );
    const heartbeat = this.heartbeatOf(socket);
    socket.on('error', () => socket.terminate());
    socket.once('close', (code, reason) => {
      heartbeat();
      closed(code, String(reason)).catch((error: unknown) => this.logger.error(told(error)));
    });
  }

  /** Cuts a socket at whose other end nobody is any more. */
  private heartbeatOf(socket: WebSocket): () => void {
    let alive = true;
    socket.on('pong', () => {
      alive = true;
    });
    return this.timers.every(HEARTBEAT_MS, () => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    });
  }

  /** The subscription to be carried out, or why it is not. */
  private async begin(
    { connectionParams, subscriptions }: Context,
    { query, variables, operationName }: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    const tooMany = Object.keys(subscriptions).length > SUBSCRIPTIONS_MOST;
    if (tooMany) return [new ApiError('TOO_MANY_SUBSCRIPTIONS')];
    try {
      const document = this.documentOf(query);
      const operation = getOperationAST(document, operationName);
      if (!operation) throw new ApiError('OPERATION_RESOLUTION_FAILURE');
      if (operation.operation !== 'subscription') throw new ApiError('SUBSCRIPTIONS_ONLY');
      checkLimits(this.schema.schema, document, operation, variables ?? {});
      const read = getVariableValues(this.schema.schema, operation.variableDefinitions ?? [], variables ?? {});
      if (read.errors) throw new ApiError('BAD_INPUT', read.errors[0]!.message);
      return {
        ...{ schema: this.schema.schema, document },
        operationName: operationName ?? null,
        variableValues: variables ?? null,
        contextValue: new RequestContext(headersIn(connectionParams), this.identifiers.id(), true),
      };
    } catch (error) {
      return [error instanceof GraphQLError ? error : new ApiError('BAD_REQUEST')];
    }
  }

  private documentOf(query: string): DocumentNode {
    const document = parsed(query);
    const rules = this.settings.production ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules;
    const [error] = validate(this.schema.schema, document, rules);
    if (error) throw new ApiError('GRAPHQL_VALIDATION_FAILED', error.message);
    return document;
  }

  private formatted(errors: readonly (GraphQLError | GraphQLFormattedError)[]): GraphQLFormattedError[] {
    return errors.map((error) => formattedError(error, this.identifiers.id()));
  }
}

const parsed = (query: string): DocumentNode => {
  try {
    return parse(query, { maxTokens: TOKENS_MOST });
  } catch (error) {
    throw new ApiError('GRAPHQL_PARSE_FAILED', error instanceof GraphQLError ? error.message : undefined);
  }
};

/** Connection parameters stand for the headers that browsers cannot give a socket; some clients put them one deeper. */
const headersIn = (params: Readonly<Record<string, unknown>> | undefined): CallerHeaders => {
  const { headers, ...own } = params ?? {};
  const all = { ...own, ...(headers !== null && typeof headers === 'object' ? headers : {}) };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value]] : [])),
  );
};
