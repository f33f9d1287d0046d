import { z } from 'zod';

/**
 * Every setting of Concord itself, as environment variables; what a provider needs is declared by the provider and read
 * in modules/providers. `.env.example` explains each to operators.
 */

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65535);
const flag = z.enum(['0', '1']).transform((value) => value === '1');
const isUrl = (text: string, protocols: readonly string[]): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);
const url = (...protocols: string[]) => z.string().refine((text) => isUrl(text, protocols));
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);

/** `id:base64` of 32 bytes, several separated by commas; the first one seals, all of them open. No two share an id. */
const keyring = list.refine((keys) => {
  const pairs = keys.map((key) => key.split(':'));
  const ids = new Set(pairs.map(([id]) => id));
  return (
    ids.size > 0 &&
    ids.size === keys.length &&
    pairs.every(([id = '', secret = '']) => /^[a-z0-9-]{1,32}$/.test(id) && Buffer.from(secret, 'base64').length === 32)
  );
});

interface Variable {
  readonly schema: z.ZodType<unknown, string>;
  readonly default?: string;
  /** What is allowed, for the error message. */
  readonly allowed: string;
}

const VARIABLES = {
  NODE_ENV: {
    schema: z.enum(['development', 'production', 'test']),
    default: 'development',
    allowed: 'development, production or test',
  },
  PORT: { schema: port, default: '3000', allowed: 'a port number from 0 to 65535 (0 takes a free one)' },
  HOST: { schema: z.string().min(1), default: '127.0.0.1', allowed: 'an address to listen on, such as 0.0.0.0' },
  SANDBOX_PORT: { schema: port, default: '4000', allowed: 'a port number from 0 to 65535' },
  CONCORD_SANDBOX: {
    schema: flag,
    allowed: '1 to run the sandboxes beside Concord, 0 not to',
  },
  CONCORD_SANDBOX_URL: { schema: url('http:', 'https:'), allowed: 'the URL of sandboxes that run elsewhere' },
  CONCORD_PUBLIC_URL: {
    schema: url('http:', 'https:'),
    allowed: 'the http(s) URL under which browsers and providers reach Concord',
  },
  CONCORD_DATA_DIR: { schema: z.string().min(1), default: '.data', allowed: 'a directory' },
  DATABASE_URL: {
    schema: url('postgres:', 'postgresql:'),
    allowed: 'a postgresql:// URL of a role that owns the database',
  },
  DATABASE_APP_URL: {
    schema: url('postgres:', 'postgresql:'),
    allowed: 'a postgresql:// URL of the role concord_app, where Concord may not create roles itself',
  },
  DATABASE_DISPATCH_URL: {
    schema: url('postgres:', 'postgresql:'),
    allowed: 'a postgresql:// URL of the role concord_dispatch, where Concord may not create roles itself',
  },
  REDIS_URL: { schema: url('redis:', 'rediss:'), allowed: 'a redis:// URL; without it the queue lives in PostgreSQL' },
  CONCORD_MASTER_KEY: {
    schema: keyring,
    allowed: 'id:key with a key of 32 bytes in base64, each id once and the newest first, such as k2:…,k1:…',
  },
  CONCORD_BOOTSTRAP_KEY: {
    schema: z.string().min(32).max(200),
    allowed: 'a secret of 32 to 200 characters: the first admin API key',
  },
  CONCORD_RETURN_URLS: {
    schema: list.refine((urls) => urls.every((one) => isUrl(one, ['http:', 'https:']))),
    default: '',
    allowed: 'the http(s) URLs, separated by commas, to which a browser may return after connecting',
  },
  CONCORD_CORS_ORIGINS: {
    schema: list.refine((urls) => urls.every((one) => URL.canParse(one) && new URL(one).origin === one)),
    default: '',
    allowed: 'the origins of SaaS frontends, separated by commas, such as https://app.example.com',
  },
  CONCORD_CONCURRENCY: { schema: whole(1, 64), default: '8', allowed: 'how many steps a worker runs at once, 1 to 64' },
  CONCORD_BATCH: { schema: whole(1, 50), default: '50', allowed: 'how many records a walk takes at most, 1 to 50' },
  CONCORD_RETENTION_DAYS: {
    schema: whole(1, 3650),
    default: '90',
    allowed: 'for how many days walks, bodies of deliveries and calls, and replaced contents are kept, 1 to 3650',
  },
  LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    default: 'info',
    allowed: 'fatal, error, warn, info, debug, trace or silent',
  },
  LOG_FORMAT: {
    schema: z.enum(['auto', 'line', 'json']),
    default: 'auto',
    allowed: 'line, json, or auto: lines in a terminal, JSON otherwise',
  },
} as const satisfies Record<string, Variable>;

type Name = keyof typeof VARIABLES;
type Parsed<N extends Name> = z.output<(typeof VARIABLES)[N]['schema']>;
export type Settings = {
  readonly [N in Name]: (typeof VARIABLES)[N] extends { default: string } ? Parsed<N> : Parsed<N> | undefined;
};

/** The settings cannot be used; one line per variable, naming it and what is allowed, never its value. */
export class SettingsError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(`Concord cannot start with these settings:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/** Reads and checks the environment. An empty variable counts as unset. Throws SettingsError. */
export const readSettings = (environment: Readonly<Record<string, string | undefined>>): Settings => {
  const lines: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    const text = environment[name] || variable.default;
    if (text === undefined) continue;
    const parsed = variable.schema.safeParse(text);
    if (parsed.success) settings[name] = parsed.data;
    else lines.push(`${name} must be ${variable.allowed}`);
  }
  if (settings.NODE_ENV === 'production') {
    for (const name of ['CONCORD_MASTER_KEY', 'CONCORD_PUBLIC_URL', 'DATABASE_URL'] as const) {
      if (!environment[name]) lines.push(`${name} is required in production: ${VARIABLES[name].allowed}`);
    }
  }
  if (lines.length > 0) throw new SettingsError(lines);
  return settings as Settings;
};

/** The names and rules, for documentation and its test. */
export const SETTING_NAMES = Object.keys(VARIABLES) as readonly Name[];
