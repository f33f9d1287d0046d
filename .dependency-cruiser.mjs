/**
 * Who may import whom, as sentences (docs/how-a-change-travels.md shows the street they guard). Each rule says what
 * would go wrong without it; breaking one breaks the build.
 */

const MODULES = 'src/modules/(?:providers|auth|records|sync|conflicts|history)';

/** One module may import these others, at their index. */
const mayImport = (module, others, why) => ({
  name: `${module}-imports-only-${['itself', ...others].join('-')}`,
  comment: why,
  severity: 'error',
  from: { path: `^src/modules/${module}/` },
  to: {
    path: '^src/modules/',
    pathNot: [`^src/modules/${module}/`, ...others.map((other) => `^src/modules/${other}/`)],
  },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other cannot be understood, tested or replaced apart.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-imports-only-domain',
      comment:
        'The rules that keep money safe are pure: no Nest, ORM, HTTP, queue, environment, clock or randomness, so that hundreds of thousands of cases run in seconds and always alike.',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: ['\\.spec\\.ts$', '^src/domain/contract/fingerprint\\.ts$'] },
      to: { pathNot: ['^src/domain/', '^node_modules/decimal\\.js/'] },
    },
    {
      name: 'fingerprints-may-hash',
      comment: 'A hash is a function of its input, like everything else in the domain; the rest of crypto is not.',
      severity: 'error',
      from: { path: '^src/domain/contract/fingerprint\\.ts$' },
      to: { pathNot: ['^src/domain/', '^(node:)?crypto$'] },
    },
    {
      name: 'platform-imports-only-third-parties',
      comment: 'Plumbing that knows the house it stands in cannot be reasoned about apart from it.',
      severity: 'error',
      from: { path: '^src/platform/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/', pathNot: '^src/platform/' },
    },
    {
      name: 'modules-know-nothing-above-them',
      comment: 'GraphQL, the assembly and main stand on the modules, never the other way round.',
      severity: 'error',
      from: { path: '^src/modules/' },
      to: { path: '^src/(graphql/|[^/]+\\.ts$)' },
    },
    {
      name: 'modules-meet-at-their-index',
      comment: 'What a module has inside is its own; whoever reaches past the index makes it impossible to change.',
      severity: 'error',
      from: { path: `^src/(modules/([^/]+)/|graphql/|[^/]+\\.ts$)` },
      to: {
        path: `^${MODULES}/`,
        pathNot: [`^${MODULES}/index\\.ts$`, '^src/modules/$2/', '^src/modules/providers/[^/]+/index\\.ts$'],
      },
    },
    mayImport('history', [], 'Everybody writes history; history knows nobody.'),
    mayImport(
      'providers',
      [],
      'A provider knows its vendor and the contract, and nothing of connections, records or the street.',
    ),
    mayImport('records', ['history'], 'The app side must make sense without any books.'),
    mayImport('conflicts', ['history'], 'A conflict is described by what it holds, not by the street that found it.'),
    mayImport(
      'auth',
      ['providers', 'history'],
      'Tokens are kept and lent; what is done with them is not the business of the vault.',
    ),
    mayImport(
      'sync',
      ['providers', 'auth', 'records', 'conflicts', 'history'],
      'The street uses every module; none of them may lead back to it.',
    ),
    {
      name: 'a-provider-is-one-folder',
      comment:
        'A fifth provider is one folder plus one line: nothing is shared between siblings but the contract, the mapping tables of the domain and platform/http.',
      severity: 'error',
      from: { path: '^src/modules/providers/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/', pathNot: ['^src/domain/', '^src/platform/http/', '^src/modules/providers/$1/'] },
    },
    {
      name: 'providers-are-used-through-the-registry',
      comment: 'Whoever imports one provider treats it unlike the others; only the list may name them.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/modules/providers/providers\\.ts$', '^src/modules/providers/[^/]+/'] },
      to: { path: '^src/modules/providers/[^/]+/' },
    },
    {
      name: 'vendors-are-called-through-platform-http',
      comment: 'Limits, deadlines, size caps and the ban on private addresses hold only where all calls go one way.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/http/' },
      to: {
        path: ['^node:https?$', '^https?$', '^node_modules/(undici|axios|got|node-fetch)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-flow-and-queue-know-bullmq',
      comment:
        'The queue is a hint that may be deleted at any time; nobody else may come to rely on it. Its schema is migrated with ours.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/modules/sync/flow/',
          '^src/modules/sync/sync\\.module\\.ts$',
          '^src/platform/(queue/|platform\\.module|database/migrate)',
        ],
      },
      to: { path: '^node_modules/(@nestjs/)?(bullmq|ioredis)/' },
    },
    {
      name: 'only-stores-know-the-orm',
      comment:
        'What is asked of the database stands in the stores, where row-level security and statements can be read together.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['/store/', '^src/platform/(database|limits)/', '^src/platform/queue/'],
      },
      to: { path: '^node_modules/(@mikro-orm|kysely|pg)/' },
    },
    {
      name: 'graphql-only-where-it-is-served',
      comment: 'Use cases that know their transport cannot be called by another one.',
      severity: 'error',
      from: { path: '^src/(domain|modules|platform)/' },
      to: { path: '^node_modules/(@nestjs/graphql|@apollo|graphql|graphql-ws|dataloader)/' },
    },
    {
      name: 'the-sandbox-shares-nothing-with-src',
      comment: 'A stand-in that shares code with the adapter would agree with its mistakes.',
      severity: 'error',
      from: { path: '^sandbox/' },
      to: { path: ['^src/', '^test/', '^demo/', '^bench/'] },
    },
    {
      name: 'src-knows-no-stand-in',
      comment: 'What runs in production must not need what exists for tests and demonstrations.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['^sandbox/', '^test/', '^demo/', '^bench/'] },
    },
    {
      name: 'demonstrations-are-outsiders',
      comment: 'The demo and its audit see what a customer sees: HTTP and GraphQL, never our code.',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: ['^src/', '^sandbox/', '^test/'] },
    },
    {
      name: 'everything-is-reached',
      comment: 'A file that nothing imports is dead, or is forgotten.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.spec\\.ts$',
          '\\.d\\.ts$',
          '^src/main\\.ts$',
          '^sandbox/main\\.ts$',
          '^test/global-[a-z]+\\.mjs$',
          '^(demo|bench|tools)/[^/]+\\.(ts|mjs)$',
        ],
      },
      to: {},
    },
    {
      name: 'only-what-package-json-names',
      comment: 'A package that came along with another one disappears with it.',
      severity: 'error',
      from: { path: '^(src|sandbox|demo|bench)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-packages-at-run-time',
      comment: 'They are not installed in production.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.test.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
