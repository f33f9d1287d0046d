import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** One forbidden import for each rule: the file that would write it, and what it would import. */
const BREAKERS: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['no-circles', 'src/modules/sync/flow/one.ts', 'src/modules/sync/flow/other.ts'],
  ['domain-imports-only-domain', 'src/domain/planning/plan.ts', 'src/platform/clock/index.ts'],
  ['domain-imports-only-domain', 'src/domain/planning/random.ts', 'node:crypto'],
  ['fingerprints-may-hash', 'src/domain/contract/fingerprint.ts', 'node:fs'],
  ['platform-imports-only-third-parties', 'src/platform/http/http.ts', 'src/domain/provider/index.ts'],
  ['modules-know-nothing-above-them', 'src/modules/records/records.ts', 'src/graphql/index.ts'],
  ['modules-meet-at-their-index', 'src/graphql/records.ts', 'src/modules/records/store/record-store.ts'],
  ['modules-meet-at-their-index', 'src/modules/sync/intake/edits.ts', 'src/modules/records/store/record-store.ts'],
  ['history-imports-only-itself', 'src/modules/history/events.ts', 'src/modules/records/index.ts'],
  ['providers-imports-only-itself', 'src/modules/providers/registry.ts', 'src/modules/history/index.ts'],
  ['records-imports-only-itself-history', 'src/modules/records/feed.ts', 'src/modules/sync/index.ts'],
  ['conflicts-imports-only-itself-history', 'src/modules/conflicts/queue.ts', 'src/modules/sync/index.ts'],
  ['auth-imports-only-itself-providers-history', 'src/modules/auth/vault.ts', 'src/modules/sync/index.ts'],
  [
    'sync-imports-only-itself-providers-auth-records-conflicts-history',
    'src/modules/sync/flow/third.ts',
    'src/modules/runs/index.ts',
  ],
  ['a-provider-is-one-folder', 'src/modules/providers/xero/index.ts', 'src/modules/providers/wave/index.ts'],
  ['a-provider-is-one-folder', 'src/modules/providers/xero/index.ts', 'src/modules/history/index.ts'],
  ['providers-are-used-through-the-registry', 'src/modules/sync/poll.ts', 'src/modules/providers/xero/index.ts'],
  ['vendors-are-called-through-platform-http', 'src/modules/providers/xero/client.ts', 'node:https'],
  ['only-flow-and-queue-know-bullmq', 'src/modules/records/jobs.ts', 'bullmq'],
  ['only-stores-know-the-orm', 'src/modules/records/query.ts', 'kysely'],
  ['graphql-only-where-it-is-served', 'src/modules/records/resolver.ts', '@nestjs/graphql'],
  ['the-sandbox-shares-nothing-with-src', 'sandbox/xero.ts', 'src/domain/contract/index.ts'],
  ['src-knows-no-stand-in', 'src/modules/records/fake.ts', 'sandbox/xero.ts'],
  ['demonstrations-are-outsiders', 'demo/story.ts', 'src/domain/contract/index.ts'],
  ['everything-is-reached', 'src/modules/records/forgotten.ts', ''],
  ['only-what-package-json-names', 'src/modules/records/loose.ts', 'left-over'],
  ['no-development-packages-at-run-time', 'src/modules/records/checks.ts', 'fast-check'],
];

const PACKAGES = { dependencies: ['bullmq', 'kysely', '@nestjs/graphql'], devDependencies: ['fast-check'] };

describe('the rules of who may import whom', () => {
  let house: string;
  let broken: string[];

  beforeAll(() => {
    house = realpathSync(mkdtempSync(path.join(tmpdir(), 'concord-rules-')));
    const write = (file: string, text: string): void => {
      mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
      writeFileSync(path.join(house, file), text);
    };
    const importOf = (file: string, target: string): string => {
      const outside = !/\.ts$/.test(target);
      const from = outside ? target : path.relative(path.dirname(file), target).replace(/^(?!\.)/, './');
      return `import '${from}';\n`;
    };
    for (const [, , target] of BREAKERS) if (/\.ts$/.test(target)) write(target, 'export {};\n');
    const texts = Map.groupBy(BREAKERS, ([, file]) => file);
    for (const [file, of] of texts) {
      write(file, [...of.map(([, , target]) => target && importOf(file, target)), 'export {};\n'].join(''));
    }
    write('src/modules/sync/flow/other.ts', importOf('src/modules/sync/flow/other.ts', 'src/modules/sync/flow/one.ts'));
    for (const name of [...Object.values(PACKAGES).flat(), 'left-over']) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
      write(`node_modules/${name}/index.js`, 'module.exports = {};\n');
    }
    const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
    const { dependencies, devDependencies } = PACKAGES;
    write(
      'package.json',
      JSON.stringify({ dependencies: versions(dependencies), devDependencies: versions(devDependencies) }),
    );
    for (const file of ['.dependency-cruiser.mjs', 'tsconfig.test.json', 'tsconfig.json']) {
      copyFileSync(path.resolve(file), path.join(house, file));
    }
    broken = violationsIn(house);
  });
  afterAll(() => rmSync(house, { recursive: true, force: true }));

  test.each(BREAKERS)('%s: %s may not import %s', (rule, file, target) => {
    const named = broken.filter((one) => one.startsWith(`${rule}: ${file}`));
    expect(named.filter((one) => target === '' || one.includes(target.replace(/^node:/, '')))).not.toEqual([]);
  });

  test('there is a forbidden import here for every rule', async () => {
    const { default: config } = (await import(path.resolve('.dependency-cruiser.mjs'))) as {
      default: { forbidden: { name: string }[] };
    };
    const tried = new Set(BREAKERS.map(([rule]) => rule));
    expect(config.forbidden.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });
});

/** "rule: from → to" for everything that the cruiser finds. */
const violationsIn = (directory: string): string[] => {
  const cruiser = path.resolve('node_modules/.bin/depcruise');
  const args = [cruiser, 'src', 'sandbox', 'demo', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'];
  const run = (): string => {
    try {
      return execFileSync(process.execPath, args, { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 26 });
    } catch (error) {
      // Ends with the number of violations.
      return (error as { stdout: string }).stdout;
    }
  };
  const { summary } = JSON.parse(run()) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[] };
  };
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
};
