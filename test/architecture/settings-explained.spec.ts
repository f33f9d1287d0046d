import { readFileSync } from 'node:fs';
import { PROVIDERS } from '../../src/modules/providers/index.js';
import { readSettings, SETTING_NAMES } from '../../src/platform/config/index.js';

const EXAMPLE = readFileSync('.env.example', 'utf8');

interface Line {
  readonly name: string;
  readonly value: string;
  /** Whether it is commented out: an example, or what is left to others. */
  readonly off: boolean;
  /** The words above it, or above the group of lines that it stands in. */
  readonly words: string;
}

const LINES: readonly Line[] = EXAMPLE.split(/\n{2,}/).flatMap((paragraph) => {
  const lines = paragraph.split('\n');
  const isSetting = (line: string): boolean => /^(?:# )?[A-Z][A-Z0-9_]*=/.test(line);
  const words = lines
    .filter((line) => !isSetting(line))
    .map((line) => line.replace(/^# ?/, ''))
    .join(' ');
  return lines.filter(isSetting).map((line) => {
    const [, off, name, value] = /^(# )?([A-Z0-9_]+)=(.*)$/.exec(line)!;
    return { name: name!, value: value!, off: off !== undefined, words };
  });
});

const OF_PROVIDERS = PROVIDERS.flatMap(({ settings }) => settings.map(({ name }) => name));
const own = LINES.filter(({ name }) => !OF_PROVIDERS.includes(name));

test('.env.example names every setting once, and nothing that nobody reads', () => {
  expect(own.map(({ name }) => name).sort()).toEqual([...SETTING_NAMES].sort());
  expect(new Set(LINES.map(({ name }) => name)).size).toBe(LINES.length);
});

test('.env.example explains each setting in words of its own', () => {
  for (const { name, words } of LINES)
    expect({ name, words }).toEqual({ name, words: expect.stringMatching(/\w{3}.*\./) });
});

test('.env.example shows the defaults: as it is, it changes nothing', () => {
  const given = Object.fromEntries(own.filter(({ off }) => !off).map(({ name, value }) => [name, value]));
  expect(readSettings(given)).toEqual(readSettings({}));
  const withDefault = SETTING_NAMES.filter((name) => {
    const value: unknown = readSettings({})[name];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  expect(Object.keys(given).sort()).toEqual(withDefault.sort());
});

test('.env.example shows examples that would be taken', () => {
  const examples = Object.fromEntries(own.filter(({ value }) => value !== '').map(({ name, value }) => [name, value]));
  expect(() => readSettings(examples)).not.toThrow();
});

test('.env.example holds no secret', () => {
  for (const { name, value } of LINES) {
    if (/KEY|SECRET|TOKEN/.test(name)) expect({ name, value }).toEqual({ name, value: '' });
    expect(value).not.toMatch(/:\/\/[^:@/]+:(?!password@)[^@]+@/);
  }
});
