import { fileURLToPath } from 'node:url';

/**
 * What a log may say of an error: its class, its code, and where it arose. Messages of unforeseen errors repeat values
 * (a statement's parameters, a piece of the JSON that does not parse) and so may hold what a record holds; only those of
 * the operating system are passed on.
 */
export const told = (error: unknown): string => {
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  const state = stateOf(error);
  if (state !== undefined) return `PostgreSQL refused: ${state}${placeOf(error)}`;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return `${code}: ${error.message}`;
  return `${error.name}${placeOf(error)}`;
};

/** SQLSTATE and, where it names one, the constraint: of the error itself or of the one that it wraps. */
const stateOf = (error: Error): string | undefined => {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const { code, constraint } = one as { code?: unknown; constraint?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) {
      return typeof constraint === 'string' ? `${code} (${constraint})` : code;
    }
  }
  return undefined;
};

/** The innermost line of our own code. */
const placeOf = ({ stack }: Error): string => {
  const frame = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('node_modules') && !line.includes('node:'))
    .map((line) => /\(?((?:file:)?\/[^()]+:\d+):\d+\)?$/.exec(line)?.[1])
    .find((found) => found !== undefined);
  if (frame === undefined) return '';
  const file = frame.startsWith('file:') ? fileURLToPath(frame.replace(/:\d+$/, '')) : frame.replace(/:\d+$/, '');
  return ` at ${file.split('/').slice(-2).join('/')}:${/\d+$/.exec(frame)![0]}`;
};
