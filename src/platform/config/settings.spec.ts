import { readSettings, SettingsError } from './settings.js';

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
