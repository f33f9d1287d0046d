import * as path from 'node:path';
import { randomBytes } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule, type Role } from './app.module.js';
import { Companion } from './companions.js';
import { layFoundation } from './foundation.js';
import { anyCredentials, PROVIDERS } from './modules/providers/index.js';
import { ownSecret, type Settings } from './platform/config/index.js';
import { freePort } from './platform/embedded/embedded-postgres.js';

/**
 * Starts the process in the order in which things need each other, and answers how to stop it. Each part that was started
 * leaves its end on a pile; when a later part cannot start, the earlier ones end again.
 */
export const start = async (settings: Settings, role: Role): Promise<() => Promise<void>> => {
  const ends: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const development = settings.NODE_ENV !== 'production';
    const port = settings.PORT || (await freePort());
    const publicUrl = settings.CONCORD_PUBLIC_URL ?? `http://localhost:${port}`;
    const lines: string[] = [];
    const foundation = await layFoundation(settings, (line) => lines.push(line));
    ends.push(() => foundation.close());

    const besides = standsIn(settings, role);
    const sandboxPort = settings.SANDBOX_PORT || (await freePort());
    const sandboxUrl = settings.CONCORD_SANDBOX_URL ?? (besides ? `http://127.0.0.1:${sandboxPort}` : undefined);
    const ownKey =
      development && settings.CONCORD_BOOTSTRAP_KEY === undefined
        ? ownSecret(path.join(settings.CONCORD_DATA_DIR, 'admin.key'), freshKey)
        : undefined;
    const bootstrapKey = settings.CONCORD_BOOTSTRAP_KEY ?? ownKey;

    const module = AppModule.with({
      settings,
      role,
      plumbing: foundation,
      keyring: foundation.keyring,
      worker: `${role}-${process.pid}-${randomBytes(3).toString('hex')}`,
      sandboxUrl,
      publicUrl,
      returnUrls: settings.CONCORD_RETURN_URLS.length > 0 || !development ? settings.CONCORD_RETURN_URLS : [publicUrl],
      bootstrapKey,
      developmentKey: ownKey,
      environment: process.env,
    });
    const app = await NestFactory.create<NestExpressApplication>(module, {
      bodyParser: false,
      bufferLogs: true,
      abortOnError: false,
    });
    const log = app.get(Logger);
    app.useLogger(log);
    ends.push(() => app.close());
    for (const line of lines) log.log(line, 'database');

    if (besides) {
      const sandbox = await Companion.start('sandbox/main.ts', {
        environment: {
          SANDBOX_PORT: String(sandboxPort),
          SANDBOX_STATE: path.resolve(settings.CONCORD_DATA_DIR, 'sandbox.json'),
        },
        say: (line) => log.log(line, 'sandbox'),
        ended: (code) => log.error(`ended by itself (${code})`, 'sandbox'),
      });
      // Before the application, so that what is being sent is still answered while the street drains.
      ends.splice(-1, 0, () => sandbox.stop());
    }
    await app.listen(port, settings.HOST);
    log.log(`Concord listens on ${settings.HOST}:${port} as ${role}`, 'main');
    if (development && role !== 'worker') welcome(publicUrl, ownKey, sandboxUrl);
    if (besides && bootstrapKey !== undefined) {
      const demo = await Companion.start('demo/live.ts', {
        environment: {
          CONCORD_URL: publicUrl,
          CONCORD_KEY: bootstrapKey,
          SANDBOX_URL: sandboxUrl!,
          DEMO_STATE: path.resolve(settings.CONCORD_DATA_DIR, 'demo.json'),
        },
        say: (line) => log.log(line, 'demo'),
        ended: (code) => log.warn(`ended by itself (${code})`, 'demo'),
      });
      ends.push(() => demo.stop());
    }
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
};

/** The sandboxes run beside Concord when they are asked for, and where an operator has no provider's credentials. */
const standsIn = (settings: Settings, role: Role): boolean =>
  role === 'all' &&
  settings.CONCORD_SANDBOX_URL === undefined &&
  (settings.CONCORD_SANDBOX ?? (settings.NODE_ENV === 'development' && !anyCredentials(PROVIDERS, process.env)));

const freshKey = (): string => `ck_admin_${randomBytes(32).toString('base64url')}`;

/** Lines for people; where a machine reads the output, they stay out of its JSON. */
const welcome = (publicUrl: string, ownKey: string | undefined, sandboxUrl: string | undefined): void => {
  const lines = ['', `  Concord      ${publicUrl}`, `  GraphiQL     ${publicUrl}/graphql`];
  lines.push(`  admin key    ${ownKey ?? 'the one in CONCORD_BOOTSTRAP_KEY'}`);
  if (sandboxUrl) lines.push(`  accountant   ${sandboxUrl}/quickbooks/accountant  (edit an invoice as QuickBooks)`);
  const output = process.stdout.isTTY ? process.stdout : process.stderr;
  output.write(`${[...lines, '  stop         Ctrl-C', ''].join('\n')}\n`);
};
