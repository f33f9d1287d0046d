import { randomInt } from 'node:crypto';
import { createSandbox } from './server.ts';

/** Starts the sandboxes: SANDBOX_PORT, SANDBOX_HOST, SANDBOX_STATE and SANDBOX_SEED say where and how. */

const port = Number(process.env.SANDBOX_PORT ?? 4000);
const host = process.env.SANDBOX_HOST ?? '127.0.0.1';
// Token values come from the seed, so only a seed that was asked for is the same twice.
const seed = process.env.SANDBOX_SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SANDBOX_SEED);

const sandbox = createSandbox({
  seed,
  empty: process.env.SANDBOX_EMPTY === '1',
  stateFile: process.env.SANDBOX_STATE,
  report: (error) => console.error(error),
});
const running = await sandbox.listen(port, host).catch((error: NodeJS.ErrnoException) => {
  console.error(error.code === 'EADDRINUSE' ? `port ${port} is taken; SANDBOX_PORT takes another one` : error);
  process.exit(1);
});
console.log(`sandboxes at ${running.url} (${sandbox.providers.map((each) => each.name).join(', ')}; seed ${seed})`);

// Whoever started us as a companion waits for this, and takes us along when the line to it is cut.
process.send?.({ url: running.url });

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  void running.close().then(() => process.exit(0));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
process.on('disconnect', stop);
