import { readSettings, SETTING_NAMES, SettingsError } from './settings.js';

const linesOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    return (error as SettingsError).lines;
  }
};

test('without any variable the defaults of a first start apply', () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({
    PORT: 3000,
    SANDBOX_PORT: 4000,
    CONCORD_DATA_DIR: '.data',
    NODE_ENV: 'development',
  });
  expect(settings.DATABASE_URL).toBeUndefined();
});

test('each wrong variable is named with what is allowed, all at once', () => {
  expect(linesOf({ PORT: 'abc', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://x' })).toEqual([
    'PORT must be a port number from 0 to 65535 (0 takes a free one)',
    'DATABASE_URL must be a postgresql:// URL of a role that owns the database',
    'LOG_LEVEL must be fatal, error, warn, info, debug, trace, silent'.replace('trace, silent', 'trace or silent'),
  ]);
});

test('a wrong secret is never repeated in the message', () => {
  const lines = linesOf({ CONCORD_MASTER_KEY: 'k1:tooshort', CONCORD_BOOTSTRAP_KEY: 'short-secret' });
  expect(lines).toHaveLength(2);
  expect(lines.join('\n')).not.toMatch(/tooshort|short-secret/);
});

test('production asks for a key of its own, its public URL and a database', () => {
  expect(linesOf({ NODE_ENV: 'production' }).map((line) => line.split(' ')[0])).toEqual([
    'CONCORD_MASTER_KEY',
    'CONCORD_PUBLIC_URL',
    'DATABASE_URL',
  ]);
});

test('an empty variable counts as unset', () => {
  expect(readSettings({ REDIS_URL: '', PORT: '' }).PORT).toBe(3000);
});

const KEY = Buffer.alloc(32, 1).toString('base64');
const KEYS = `k2:${KEY},k1:${KEY}`;

/** For each variable what is taken and what is refused; where nothing is refused, any text will do. */
const CASES: Readonly<Record<(typeof SETTING_NAMES)[number], { taken: string[]; refused: string[] }>> = {
  NODE_ENV: { taken: ['development', 'test'], refused: ['prod', 'Production'] },
  PORT: { taken: ['0', '1', '65535'], refused: ['65536', '-1', '3000.5', 'http', ' 3000'] },
  HOST: { taken: ['0.0.0.0', '::'], refused: [] },
  SANDBOX_PORT: { taken: ['0', '4000'], refused: ['65536', 'none'] },
  CONCORD_SANDBOX: { taken: ['0', '1'], refused: ['true', 'yes', '2'] },
  CONCORD_SANDBOX_URL: { taken: ['http://sandbox:4000'], refused: ['sandbox:4000', 'ftp://sandbox', '4000'] },
  CONCORD_PUBLIC_URL: { taken: ['https://concord.example.com/books'], refused: ['concord.example.com', '//x'] },
  CONCORD_DATA_DIR: { taken: ['/var/lib/concord'], refused: [] },
  DATABASE_URL: { taken: ['postgresql://a:b@db/c', 'postgres://db'], refused: ['mysql://db/c', 'db/c'] },
  DATABASE_APP_URL: { taken: ['postgresql://db/c'], refused: ['http://db/c'] },
  DATABASE_DISPATCH_URL: { taken: ['postgresql://db/c'], refused: ['http://db/c'] },
  REDIS_URL: { taken: ['redis://cache:6379/1', 'rediss://cache'], refused: ['cache:6379', 'http://cache'] },
  CONCORD_MASTER_KEY: {
    taken: [`k1:${KEY}`, KEYS, KEYS.replace(',', ' , ')],
    refused: [KEY, 'k1:', `K1:${KEY}`, `k1:${KEY.slice(4)}`, `${KEYS},k3:short`, `k1:${KEY},k1:${KEY}`, ','],
  },
  CONCORD_BOOTSTRAP_KEY: { taken: ['x'.repeat(32), 'x'.repeat(200)], refused: ['x'.repeat(31), 'x'.repeat(201)] },
  CONCORD_RETURN_URLS: {
    taken: ['https://app.example.com/books', 'https://a.example.com, http://localhost:5173'],
    refused: ['app.example.com', 'https://app.example.com,books', 'javascript:alert(1)', 'app:callback'],
  },
  CONCORD_CORS_ORIGINS: {
    taken: ['https://app.example.com', 'https://a.example.com,http://localhost:5173'],
    refused: ['https://app.example.com/', 'https://app.example.com/books', '*', 'app.example.com', 'null'],
  },
  CONCORD_CONCURRENCY: { taken: ['1', '64'], refused: ['0', '65', '8.5', '-8', 'many'] },
  CONCORD_BATCH: { taken: ['1', '50'], refused: ['0', '51', '2.5', 'all'] },
  CONCORD_RETENTION_DAYS: { taken: ['1', '3650'], refused: ['0', '3651', 'forever'] },
  LOG_LEVEL: { taken: ['fatal', 'silent'], refused: ['loud', 'INFO'] },
  LOG_FORMAT: { taken: ['auto', 'line', 'json'], refused: ['pretty'] },
};

describe.each(SETTING_NAMES)('%s', (name) => {
  const { taken, refused } = CASES[name];

  test('takes what is allowed', () => {
    for (const text of taken) expect({ text, lines: linesOf({ [name]: text }) }).toEqual({ text, lines: [] });
  });

  test('is named when it is refused, alone, with what is allowed and without the value', () => {
    for (const text of refused) {
      const lines = linesOf({ [name]: text });
      expect({ text, lines }).toEqual({ text, lines: [expect.stringMatching(`^${name} must be \\S.{5,}`)] });
    }
    // Whatever was given, the words are the same.
    expect(new Set(refused.flatMap((text) => linesOf({ [name]: text }))).size).toBe(refused.length && 1);
  });
});

test('all refusals stand in the message, one in each line', () => {
  const error = new SettingsError(['PORT must be a port', 'HOST must be a host']);
  expect(error.message).toBe('Concord cannot start with these settings:\n  PORT must be a port\n  HOST must be a host');
});

test('lists are read with blanks around their entries, and without empty ones', () => {
  const { CONCORD_RETURN_URLS, CONCORD_CORS_ORIGINS } = readSettings({
    CONCORD_RETURN_URLS: ' https://a.example.com/x , ,https://b.example.com',
  });
  expect(CONCORD_RETURN_URLS).toEqual(['https://a.example.com/x', 'https://b.example.com']);
  expect(CONCORD_CORS_ORIGINS).toEqual([]);
});

test('production starts with what it asks for', () => {
  const settings = readSettings({
    NODE_ENV: 'production',
    CONCORD_MASTER_KEY: KEYS,
    CONCORD_PUBLIC_URL: 'https://concord.example.com',
    DATABASE_URL: 'postgresql://owner@db/concord',
  });
  expect(settings).toMatchObject({ NODE_ENV: 'production', CONCORD_MASTER_KEY: KEYS.split(',') });
});
