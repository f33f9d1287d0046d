import type { IncomingMessage } from 'node:http';
import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { DestinationStream, Level, Logger as Pino } from 'pino';
import pretty from 'pino-pretty';
import { told } from './told.js';

export interface LogSettings {
  readonly level: Level | 'silent';
  /** `auto` writes lines for people when the output is a terminal, and JSON for machines otherwise. */
  readonly format: 'auto' | 'line' | 'json';
}

/** What Nest says of its own assembly at every start; nobody waits for it. */
const ASSEMBLY = new Set([
  ...['InstanceLoader', 'NestFactory', 'RoutesResolver', 'RouterExplorer', 'GraphQLModule'],
  'NestApplication',
]);

/**
 * One line for each thing worth saying: readable in a terminal, JSON elsewhere. No headers, bodies or addresses are ever
 * logged, and of a path only its first part, because tickets and codes stand in the rest.
 */
@Module({})
export class LogModule {
  static with({ level, format }: LogSettings): DynamicModule {
    const lines = format === 'line' || (format === 'auto' && process.stdout.isTTY);
    return {
      module: LogModule,
      imports: [
        LoggerModule.forRoot({
          pinoHttp: {
            level,
            ...(lines && { stream: forPeople() }),
            base: lines ? null : { service: 'concord' },
            serializers: {
              req: ({ method, url }: IncomingMessage) => ({ method, path: firstPart(url) }),
              res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
              err: (error: unknown) => told(error),
            },
            customLogLevel: (_request, { statusCode }, error) =>
              error || statusCode >= 500 ? 'error' : statusCode >= 400 ? 'info' : 'debug',
            customSuccessMessage: (request, { statusCode }) =>
              `${request.method} ${firstPart(request.url)} ${statusCode}`,
            customErrorMessage: (request, { statusCode }) =>
              `${request.method} ${firstPart(request.url)} ${statusCode}`,
            hooks: {
              logMethod(args, method, number) {
                const context = (args[0] as { context?: unknown } | undefined)?.context;
                if (number <= 30 && typeof context === 'string' && ASSEMBLY.has(context)) return;
                method.apply(this as Pino, args);
              },
            },
          },
        }),
      ],
    };
  }
}

const firstPart = (url: string | undefined): string => `/${(url ?? '').split(/[/?#]/)[1] ?? ''}`;

const forPeople = (): DestinationStream =>
  pretty({
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'context,req,res,responseTime,pid,hostname',
    messageFormat: '{if context}{context}: {end}{msg}',
  });
