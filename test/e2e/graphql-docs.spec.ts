import { readFileSync } from 'node:fs';
import { REASON_CODES } from '../../src/domain/planning/index.js';
import { ERROR_CODES } from '../../src/graphql/errors/error-code.js';
import { ALIASES_MOST, COST_MOST, DEPTH_MOST, TOKENS_MOST } from '../../src/graphql/limits/limits.js';
import { DECISIONS_MOST } from '../../src/graphql/conflicts/conflict.inputs.js';
import { PUSH_MOST } from '../../src/graphql/records/record.inputs.js';
import { CONNECT_RESULTS, OPERATIONS_OF_ROLES } from '../../src/modules/auth/index.js';
import { eventually } from '../integration/street-harness.js';
import { ADMIN, type Caller, Concord } from './graphql/concord.js';
import { Following } from './graphql/following.js';
import { TRIALS } from './graphql/operations.js';

const PAGE = readFileSync('docs/api.md', 'utf8');

/** Examples and remarks, in their order; a remark says what happens in the world before the next example. */
type Step =
  | { readonly is: 'remark'; readonly says: string }
  | { readonly is: 'example'; readonly line: number; readonly document: string; readonly variables: string };

const STEPS: readonly Step[] = [
  ...PAGE.matchAll(/<!-- (.+?) -->|```graphql\n([\s\S]*?)```(?:\n```json\n([\s\S]*?)```)?/g),
].map(({ index, 1: says, 2: document = '', 3: variables = '{}' }) =>
  says === undefined
    ? { is: 'example', line: PAGE.slice(0, index).split('\n').length, document, variables }
    : { is: 'remark', says },
);

const rowsUnder = (heading: string): string[][] => {
  const section = PAGE.split(`\n## ${heading}\n`)[1] ?? PAGE.split(`\n### ${heading}\n`)[1]!;
  return section
    .split(/\n##/)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|---'))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
};

const codesIn = (cell: string): string[] => [...cell.matchAll(/`([A-Za-z_]+)`/g)].map(([, code]) => code!);

describe('docs/api.md', () => {
  let concord: Concord;
  let tenant: { id: string; connection: string };
  let caller: Caller;
  /** What stands on the page for ids that are only known here. */
  const samples = new Map<string, string>();

  beforeAll(async () => {
    concord = await Concord.open();
    tenant = await concord.tenant('Birch Lane Studio');
    caller = { key: ADMIN, tenant: tenant.id };
    samples.set('0197c1f0-5c2e-7c1a-9d3e-0a1b2c3d4e01', tenant.connection);
    samples.set('"quickbooks"', '"model"');
  });
  afterAll(() => concord.close());

  const actual = (text: string): string =>
    [...samples].reduce((result, [sample, value]) => result.replaceAll(sample, value), text);

  const WORLD: Readonly<Record<string, () => Promise<void>>> = {
    'both sides edit the e-mail address of c-1': async () => {
      const booksId = await concord.entered(tenant.id, 'contact', 'c-1');
      concord.books.edit({ kind: 'contact', id: booksId }, { email: 'books@elm.example' });
      await concord.get(
        caller,
        `mutation ($records: [RecordInput!]!) { upsertRecords(key: "order-1002", records: $records) { __typename } }`,
        { records: [{ kind: 'contact', id: 'c-1', basedOn: 1, content: { email: 'app@elm.example' } }] },
      );
      await concord.edit(tenant.id, tenant.connection, 'contact', booksId, { email: 'books@elm.example' });
      const { conflicts } = await eventually(
        () =>
          concord.get<{ conflicts: { edges: { node: { id: string; fingerprint: string } }[] } }>(
            caller,
            '{ conflicts { edges { node { id fingerprint } } } }',
          ),
        (seen) => seen.conflicts.edges.length === 1,
      );
      samples.set('0197c1f0-5c2e-7c1a-9d3e-0a1b2c3d4e02', conflicts.edges[0]!.node.id);
      samples.set('9f2c7d', conflicts.edges[0]!.node.fingerprint);
    },
    'the decision is carried out': async () => {
      await eventually(
        () => concord.books.all().find(({ kind }) => kind === 'contact')!.content.email,
        (email) => email === 'accounts@elm.example',
      );
    },
  };

  test('every example does what it says', async () => {
    const examples = STEPS.filter(({ is }) => is === 'example');
    expect(examples.length).toBeGreaterThan(20);
    for (const step of STEPS) {
      if (step.is === 'remark') {
        await WORLD[step.says]!();
        continue;
      }
      const document = actual(step.document);
      const variables = JSON.parse(actual(step.variables)) as Record<string, unknown>;
      const place = `docs/api.md:${step.line}`;
      if (document.trimStart().startsWith('subscription')) {
        const following = new Following(concord.url, caller);
        const subscriber = following.subscribe(document, variables);
        await new Promise((resolve) => setTimeout(resolve, 150));
        expect([place, subscriber.ended, subscriber.codes]).toEqual([place, undefined, []]);
        subscriber.stop();
        await following.close();
        continue;
      }
      const { data, errors } = await concord.ask<Record<string, unknown>>(caller, document, variables);
      expect([place, errors]).toEqual([place, undefined]);
      for (const answer of Object.values(data!)) {
        expect([place, answer]).not.toEqual([place, null]);
        // A refusal is a member with a code; the page shows what works.
        expect([place, Object.keys(ERROR_CODES).includes(String((answer as { code?: string }).code))]).toEqual([
          ...[place, false],
        ]);
      }
      if (document.includes('upsertRecords')) await concord.entered(tenant.id, 'invoice', 'i-1');
    }
  });

  test('names every code of an error, with the words that callers get', () => {
    const rows = rowsUnder('Errors').map(([code, means]) => [codesIn(code!)[0], means]);
    expect(Object.fromEntries(rows)).toEqual(ERROR_CODES);
  });

  test('names every reason for which two sides differ, once', () => {
    const codes = rowsUnder('Why two sides differ').flatMap(([codes]) => codesIn(codes!));
    expect([...codes].sort()).toEqual([...REASON_CODES].sort());
  });

  test('names every operation, with the roles that may do it', () => {
    const rows = rowsUnder('Who may do what').flatMap(([operations, roles]) =>
      codesIn(operations!).map((operation) => [operation, roles === 'none' ? [] : roles!.split(', ')] as const),
    );
    const served = [...Object.keys(TRIALS), 'conflictRaised', 'recordChanged', 'connectionChanged'];
    expect(rows.map(([operation]) => operation).sort()).toEqual([...served].sort());
    for (const [operation, roles] of rows) {
      expect([operation, [...roles].sort()]).toEqual([
        operation,
        [...OPERATIONS_OF_ROLES[operation as keyof typeof OPERATIONS_OF_ROLES]].sort(),
      ]);
    }
  });

  test('names the limits as they are', () => {
    const limits = Object.fromEntries(rowsUnder('Pages and limits').map(([limit, value]) => [limit, value]));
    expect(limits).toMatchObject({
      'records in one push': String(PUSH_MOST),
      'decisions in one call': String(DECISIONS_MOST),
      'tokens in a document': String(TOKENS_MOST),
      depth: String(DEPTH_MOST),
      aliases: String(ALIASES_MOST),
      'cost: one for each field, times `first` for what is inside a page': String(COST_MOST),
    });
  });

  test('names how a journey to a provider can end', () => {
    for (const result of CONNECT_RESULTS) expect(PAGE).toContain(`\`${result}\``);
  });
});
