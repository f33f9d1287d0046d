import 'reflect-metadata';
import { type Role, ROLES } from './app.module.js';
import { readSettings, SettingsError } from './platform/config/index.js';
import { told } from './platform/log/index.js';
import { start } from './start.js';

/** A stop that takes longer than this is no longer an orderly one. */
const LONGEST_STOP_MS = 20_000;

const roleOf = (words: readonly string[]): Role => {
  const given = words.find((word) => word.startsWith('--role='))?.slice('--role='.length) ?? 'all';
  const role = ROLES.find((known) => known === given);
  if (!role) throw new SettingsError([`--role must be ${ROLES.join(', ')}`]);
  return role;
};

/** What a person who starts Concord can do about it, in one line where that is possible. */
const reasonOf = (error: unknown): string => {
  if (error instanceof SettingsError) return error.message;
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE') return `Concord cannot start: port ${port} is taken; PORT takes another one`;
  return `Concord cannot start: ${error instanceof Error ? error.message : told(error)}`;
};

let stop: (() => Promise<void>) | undefined;
let leaving = false;
const leave = (): void => {
  // Whoever asks twice does not want to wait.
  if (leaving) process.exit(1);
  leaving = true;
  setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
  // A signal during the start is obeyed as soon as there is something to stop.
  void starting.then(async () => {
    await stop?.();
    process.exit(0);
  });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, leave);

const starting = (async (): Promise<void> => {
  try {
    stop = await start(readSettings(process.env), roleOf(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exit(1);
  }
})();
await starting;
