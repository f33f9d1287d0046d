import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { BROWSER_ROLES, OPERATIONS_OF_ROLES, type Role, ROLES } from '../../src/modules/auth/index.js';
import { eventually } from '../integration/street-harness.js';
import { ADMIN, type Answer, type Caller, Concord } from './graphql/concord.js';
import { Following } from './graphql/following.js';
import { NOTHING, type Subjects, TRIALS } from './graphql/operations.js';

/** Operations of the permissions table that the schema does not have yet. */
const LATER = ['runs', 'run', 'runProgress', 'approveMatches', 'startBackfill', 'pauseRun', 'resumeRun', 'cancelRun'];
/** May be asked without a tenant, by those who may ask at all. */
const WITHOUT_TENANT = ['providers', 'health', 'createTenant', 'deleteTenant', 'apiKeys', 'revokeApiKey'];
/** Only for keys of the platform. */
const OF_THE_PLATFORM = ['createTenant', 'deleteTenant'];
const SUBSCRIPTIONS: Readonly<Record<string, string>> = {
  conflictRaised: 'subscription { conflictRaised { sequence } }',
  recordChanged: 'subscription { recordChanged { sequence } }',
  connectionChanged: 'subscription { connectionChanged { sequence } }',
};

const mayDo = (role: Role, operation: string): boolean => {
  const roles: readonly Role[] = OPERATIONS_OF_ROLES[operation as keyof typeof OPERATIONS_OF_ROLES];
  return role === 'admin' || roles.includes(role);
};

const codesOf = ({ errors = [] }: Answer): string[] => errors.map(({ extensions }) => extensions.code);

/** What can be compared of two answers: everything but the id that leads to the log. */
const comparable = ({ status, text }: Answer): string =>
  `${status} ${text.replace(/"correlationId":"[^"]*"/g, '"correlationId":"…"')}`;

describe('who may do what', () => {
  let concord: Concord;
  let own: { id: string; connection: string };
  let foreign: { id: string; connection: string };
  let ofOthers: Subjects;
  const bound = {} as Record<Role, string>;
  const platform = {} as Record<Role, { id: string; secret: string }>;

  const tryAs = (caller: Caller, operation: string, of: Subjects = NOTHING): Promise<Answer> => {
    const { document, variables } = TRIALS[operation]!;
    return concord.ask(caller, document, variables?.(of));
  };

  beforeAll(async () => {
    concord = await Concord.open();
    own = await concord.tenant('Own');
    foreign = await concord.tenant('Foreign');
    for (const role of ROLES) {
      bound[role] = (await concord.key(role, own.id)).secret;
      platform[role] = await concord.key(role);
    }
    ofOthers = await subjectsOf(foreign);
  });
  afterAll(() => concord.close());

  /** One of everything in a tenant: a linked record that was walked, a conflict about it, a key, a grant. */
  const subjectsOf = async (tenant: { id: string; connection: string }): Promise<Subjects> => {
    const caller = { key: ADMIN, tenant: tenant.id };
    const push = (key: string, record: object): Promise<unknown> =>
      concord.get(
        caller,
        `mutation ($key: String!, $records: [RecordInput!]!) { upsertRecords(key: $key, records: $records) {
           ... on RecordsPushed { outcomes { __typename } } } }`,
        { key, records: [record] },
      );
    const content = { displayName: 'Elm Co', isCustomer: true };
    await push('k1', { kind: 'contact', id: 'c1', content });
    const booksId = await concord.entered(tenant.id, 'contact', 'c1');
    await push('k2', { kind: 'contact', id: 'c1', basedOn: 1, content: { email: 'app@elm.example' } });
    concord.books.edit({ kind: 'contact', id: booksId }, { email: 'books@elm.example' });
    await concord.edit(tenant.id, tenant.connection, 'contact', booksId, { email: 'books@elm.example' });
    const ids = await eventually(
      () =>
        concord.get<{
          conflicts: { edges: { node: { id: string; record: { twin: string } } }[] };
          walks: { edges: { node: { id: string } }[] };
        }>(caller, '{ conflicts { edges { node { id record { twin } } } } walks { edges { node { id } } } }'),
      ({ conflicts }) => conflicts.edges.length === 1,
    );
    const [conflict] = ids.conflicts.edges;
    const { grantSupport } = await concord.get<{ grantSupport: { id: string } }>(
      caller,
      `mutation ($actor: String!) { grantSupport(actor: $actor, reason: "a trial", seconds: 3600) { id } }`,
      { actor: `key:${platform.admin.id}` },
    );
    return {
      ...{ connection: tenant.connection, booksId, conflict: conflict!.node.id, twin: conflict!.node.record.twin },
      ...{ walk: ids.walks.edges[0]!.node.id, grant: grantSupport.id, key: (await concord.key('app', tenant.id)).id },
    };
  };

  test('every operation of the schema is tried here, and stands in the permissions table', () => {
    const schema = buildSchema(readFileSync('src/graphql/schema.graphql', 'utf8'));
    const names = [schema.getQueryType(), schema.getMutationType()].flatMap((type) => Object.keys(type!.getFields()));
    const subscriptions = Object.keys(schema.getSubscriptionType()!.getFields());
    expect(Object.keys(TRIALS).sort()).toEqual([...names].sort());
    expect(Object.keys(SUBSCRIPTIONS).sort()).toEqual([...subscriptions].sort());
    const known = Object.keys(OPERATIONS_OF_ROLES).filter((name) => !LATER.includes(name));
    expect(known.sort()).toEqual([...names, ...subscriptions].sort());
  });

  describe.each(Object.keys(TRIALS))('%s', (operation) => {
    test('is refused to strangers', async () => {
      expect(codesOf(await tryAs({ key: undefined }, operation))).toEqual(['UNAUTHENTICATED']);
      const wrong = `ck_00000000_${'A'.repeat(43)}`;
      expect(codesOf(await tryAs({ key: wrong, tenant: own.id }, operation))).toEqual(['UNAUTHENTICATED']);
    });

    test.each(ROLES)('with a key of its tenant, as %s', async (role) => {
      const codes = codesOf(await tryAs({ key: bound[role] }, operation));
      const forbidden = !mayDo(role, operation) || OF_THE_PLATFORM.includes(operation);
      expect(codes).toEqual(forbidden ? ['FORBIDDEN'] : []);
      expect(codesOf(await tryAs({ key: bound[role], tenant: own.id }, operation))).toEqual(codes);
    });

    test.each(ROLES)('with a key of another tenant, as %s', async (role) => {
      const answer = await tryAs({ key: bound[role], tenant: foreign.id }, operation);
      expect(codesOf(answer)).toEqual([mayDo(role, operation) ? 'UNKNOWN_TENANT' : 'FORBIDDEN']);
      const missing = await tryAs({ key: bound[role], tenant: NOTHING.connection }, operation);
      expect(comparable(answer)).toBe(comparable(missing));
    });

    test.each(ROLES)('with a key of the platform that names no tenant, as %s', async (role) => {
      const codes = codesOf(await tryAs({ key: platform[role].secret }, operation));
      if (!mayDo(role, operation)) expect(codes).toEqual(['FORBIDDEN']);
      else expect(codes).toEqual(WITHOUT_TENANT.includes(operation) ? [] : ['TENANT_REQUIRED']);
    });

    test.each(ROLES)('with a key of the platform that names a tenant, as %s', async (role) => {
      const codes = codesOf(await tryAs({ key: platform[role].secret, tenant: own.id }, operation));
      if (!mayDo(role, operation)) expect(codes).toEqual(['FORBIDDEN']);
      else expect(codes).toEqual(role === 'support' ? ['UNKNOWN_TENANT'] : []);
    });

    test('answers for what is another tenant’s exactly as for what is nowhere', async () => {
      const caller = { key: bound.admin };
      const missing = await tryAs(caller, operation, NOTHING);
      const others = await tryAs(caller, operation, ofOthers);
      if (!TRIALS[operation]!.variables || operation === 'upsertRecords') return;
      expect(comparable(others)).toBe(comparable(missing));
    });
  });

  test('nothing of the other tenant has changed by all that', async () => {
    const caller = { key: ADMIN, tenant: foreign.id };
    const { connection, conflict, apiKeys } = await concord.get<Record<string, never>>(
      caller,
      `query ($connection: ID!, $conflict: ID!) {
         connection(id: $connection) { state goLive } conflict(id: $conflict) { open decisions { id } }
         apiKeys { revokedAt } }`,
      { connection: ofOthers.connection, conflict: ofOthers.conflict },
    );
    expect({ connection, conflict, apiKeys }).toEqual({
      connection: { state: 'active', goLive: '2026-01-01' },
      conflict: { open: true, decisions: [] },
      apiKeys: [{ revokedAt: null }],
    });
  });

  test('a key of the platform that names one tenant reaches no thing of another one', async () => {
    const caller = { key: platform.admin.secret, tenant: own.id };
    for (const operation of ['revokeApiKey', 'endSupport', 'disconnect', 'connection', 'conflict', 'walk']) {
      const others = await tryAs(caller, operation, ofOthers);
      expect(comparable(others)).toBe(comparable(await tryAs(caller, operation, NOTHING)));
    }
  });

  test.each(BROWSER_ROLES)('a browser token of a %s may do what the role may, in its tenant alone', async (role) => {
    const { createBrowserToken } = await concord.get<{ createBrowserToken: { token: string } }>(
      { key: bound.app },
      'mutation ($role: BrowserRole!) { createBrowserToken(actor: "ana@example.com", role: $role) { token } }',
      { role },
    );
    for (const operation of Object.keys(TRIALS)) {
      const codes = codesOf(await tryAs({ key: createBrowserToken.token }, operation));
      expect([operation, codes]).toEqual([operation, mayDo(role, operation) ? [] : ['FORBIDDEN']]);
    }
    expect(codesOf(await tryAs({ key: createBrowserToken.token, tenant: foreign.id }, 'tenant'))).toEqual([
      'UNKNOWN_TENANT',
    ]);
  });

  test('the platform’s support comes in by a grant, and each use stands in the tenant’s history', async () => {
    const caller = { key: platform.support.secret, tenant: own.id };
    const admin = { key: ADMIN, tenant: own.id };
    expect(codesOf(await tryAs(caller, 'records'))).toEqual(['UNKNOWN_TENANT']);
    const { grantSupport } = await concord.get<{ grantSupport: { id: string } }>(
      admin,
      'mutation ($actor: String!) { grantSupport(actor: $actor, reason: "ticket 7", seconds: 60) { id until } }',
      { actor: `key:${platform.support.id}` },
    );
    expect(codesOf(await tryAs(caller, 'records'))).toEqual([]);
    expect(codesOf(await tryAs(caller, 'setPolicy'))).toEqual(['FORBIDDEN']);
    const used = await concord.database.asOwner(
      `select detail->>'operation' as operation, cause->>'actor' as actor from event
        where tenant_id = $1 and type = 'support_granted' and detail->>'did' = 'used'`,
      [own.id],
    );
    expect(used).toEqual([{ operation: 'records', actor: `key:${platform.support.id}` }]);
    await concord.get(admin, 'mutation ($id: ID!) { endSupport(id: $id) { __typename } }', { id: grantSupport.id });
    expect(codesOf(await tryAs(caller, 'records'))).toEqual(['UNKNOWN_TENANT']);
  });

  test('a revoked key is no key any more', async () => {
    const { id, secret } = await concord.key('finance', own.id);
    expect(codesOf(await tryAs({ key: secret }, 'policies'))).toEqual([]);
    await concord.get({ key: bound.admin }, 'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', { id });
    expect(codesOf(await tryAs({ key: secret }, 'policies'))).toEqual(['UNAUTHENTICATED']);
  });

  test('an administrator of one tenant makes no keys of the platform', async () => {
    const answer = await concord.ask(
      { key: bound.admin },
      'mutation { createApiKey(scope: platform, role: admin, name: "too much") { secret } }',
    );
    expect(codesOf(answer)).toEqual(['FORBIDDEN']);
  });

  test('fields that show records ask for the leave to read records', async () => {
    const document = `query ($id: ID!) { connection(id: $id) { booksRecords(kind: contact) { edges { node { id } } } } }`;
    const ask = (role: Role): Promise<Answer> => concord.ask({ key: bound[role] }, document, { id: own.connection });
    expect(codesOf(await ask('connect'))).toEqual(['FORBIDDEN']);
    expect(codesOf(await ask('finance'))).toEqual([]);
  });

  describe.each(Object.entries(SUBSCRIPTIONS))('%s', (operation, document) => {
    const refusals = async (caller: Caller, expected: readonly string[]): Promise<void> => {
      const following = new Following(concord.url, caller);
      const subscriber = following.subscribe(document);
      // Whoever is let in is told nothing; so long is listened for a refusal where none is expected.
      await eventually(
        () => subscriber,
        ({ ended, codes }) => ended !== undefined || codes.length > 0,
        expected.length > 0 ? 25_000 : 150,
      ).catch(() => undefined);
      subscriber.stop();
      await following.close();
      expect(subscriber.codes).toEqual(expected);
    };

    test.each(ROLES)('as %s', async (role) => {
      const expected = mayDo(role, operation) ? [] : ['FORBIDDEN'];
      const orElse = (code: string): readonly string[] => (expected.length > 0 ? expected : [code]);
      await refusals({ key: bound[role] }, expected);
      await refusals({ key: bound[role], tenant: foreign.id }, orElse('UNKNOWN_TENANT'));
      await refusals({ key: platform[role].secret }, orElse('TENANT_REQUIRED'));
    });
  });
});
