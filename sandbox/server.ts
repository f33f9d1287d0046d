import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { SandboxProvider } from './provider.ts';
import { providers as everyProvider } from './providers.ts';
import type { MakeProvider } from './provider.ts';
import { StateFile } from './state-file.ts';

export interface SandboxOptions {
  /** Real time by default. */
  clock?: { now(): number };
  seed?: number;
  /** Companies without history, which start in no time. */
  empty?: boolean;
  /** Keeps state over restarts in this file. */
  stateFile?: string;
  providers?: readonly MakeProvider[];
  /** Told of errors in the sandbox itself. */
  report?(error: unknown): void;
}

export interface RunningSandbox {
  url: string;
  /** Answers what is in hand, stops deliveries, writes the state file. */
  close(): Promise<void>;
}

export interface Sandbox {
  app: Express;
  providers: readonly SandboxProvider[];
  /** Listens on loopback unless another host is named; port 0 takes a free one. */
  listen(port: number, host?: string): Promise<RunningSandbox>;
}

/** The stand-ins of all vendors in one express app, each below its own name. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const running = (options.providers ?? everyProvider).map((make) =>
    make({
      clock: options.clock ?? { now: () => Date.now() },
      seed: options.seed ?? 1,
      empty: options.empty ?? false,
      report: options.report ?? (() => undefined),
    }),
  );
  const stateFile = options.stateFile === undefined ? undefined : keepState(options.stateFile, running);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  for (const provider of running)
    app.use(`/${provider.name}`, (request, response) => provider.handle(request, response));
  app.get('/', (_request, response) => {
    response.type('html').send(indexPage(running));
  });

  return {
    app,
    providers: running,
    async listen(port, host = '127.0.0.1') {
      const server = createServer({ keepAliveTimeout: 30_000 }, app);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const address = server.address() as AddressInfo;
      const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
      return {
        url: `http://${shown}:${address.port}`,
        async close() {
          const closed = new Promise((resolve) => server.close(resolve));
          server.closeIdleConnections();
          await Promise.all(running.map((provider) => provider.close()));
          // What still hangs, hangs on purpose.
          setTimeout(() => server.closeAllConnections(), 500).unref();
          await closed;
          stateFile?.save();
        },
      };
    },
  };
}

function keepState(path: string, running: readonly SandboxProvider[]): StateFile {
  const file = new StateFile(path, () => Object.fromEntries(running.map((each) => [each.name, each.snapshot()])));
  const saved = file.read();
  for (const provider of running) {
    if (saved[provider.name] !== undefined) provider.restore(saved[provider.name]);
    provider.onChange(() => file.changed());
  }
  return file;
}

function indexPage(running: readonly SandboxProvider[]): string {
  const rows = running.map(({ name, title, pages }) => {
    const links = pages.map(({ path, label }) => `<a href="/${name}${path}">${label}</a>`);
    return `<li><b>${title}</b> at <code>/${name}</code><br>${links.join(' · ')}</li>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sandboxes</title><style>
body{margin:48px auto;max-width:640px;padding:0 24px;font:16px/1.6 system-ui,sans-serif;color:#1f2a2e;background:#f4f7f7}
h1{font-size:22px}ul{list-style:none;padding:0}li{background:#fff;border:1px solid #dfe5e7;border-radius:10px;padding:16px 20px;margin:12px 0}
a{color:#1d6b4f}code{background:#eef2f2;padding:1px 6px;border-radius:4px}p{color:#5d6b70}</style></head><body>
<h1>Accounting sandboxes</h1><p>Stand-ins for vendors' APIs, for development and tests. Nothing here is real.</p>
<ul>${rows.join('')}</ul></body></html>`;
}
