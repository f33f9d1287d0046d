import { CONTRACT_VERSION } from '../../src/domain/contract/index.js';
import { eventually } from '../integration/street-harness.js';
import { ADMIN, type Caller, Concord, RETURN_URL } from './graphql/concord.js';
import { NOTHING } from './graphql/operations.js';

type Json = Readonly<Record<string, unknown>>;
interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

describe('the API', () => {
  let concord: Concord;
  let own: { id: string; connection: string };
  let caller: Caller;
  beforeAll(async () => {
    concord = await Concord.open();
    own = await concord.tenant('Birch');
    caller = { key: ADMIN, tenant: own.id };
  });
  afterAll(() => concord.close());

  const get = <Data = Record<string, Json>>(query: string, variables: Json = {}): Promise<Data> =>
    concord.get<Data>(caller, query, variables);

  const OUTCOMES = `... on RecordsPushed { outcomes { __typename
    ... on RecordStored { id version as } ... on RecordInReview { id version groups }
    ... on RecordStale { id version groups } ... on RecordInvalid { id issues { path rule } } } }
    ... on Refused { code issues { path } }`;

  const push = async (key: string, records: readonly Json[], contractVersion = CONTRACT_VERSION): Promise<Json> => {
    const { upsertRecords } = await get<{ upsertRecords: Json }>(
      `mutation ($key: String!, $records: [RecordInput!]!, $contractVersion: Int!) {
         upsertRecords(key: $key, records: $records, contractVersion: $contractVersion) { __typename ${OUTCOMES} } }`,
      { key, records, contractVersion },
    );
    return upsertRecords;
  };

  const contact = (id: string, displayName: string, more: Json = {}): Json => ({
    ...{ kind: 'contact', id },
    content: { displayName, isCustomer: true },
    ...more,
  });

  /** A contact that both sides have edited, and the conflict about it. */
  const conflictAbout = async (id: string): Promise<{ conflict: string; fingerprint: string; booksId: string }> => {
    await push(`${id}-1`, [contact(id, `Contact ${id}`)]);
    const booksId = await concord.entered(own.id, 'contact', id);
    concord.books.edit({ kind: 'contact', id: booksId }, { email: 'books@example.com' });
    await push(`${id}-2`, [{ kind: 'contact', id, basedOn: 1, content: { email: 'app@example.com' } }]);
    await concord.edit(own.id, own.connection, 'contact', booksId, { email: 'books@example.com' });
    const [found] = await eventually(
      async () => {
        const { conflicts } = await get<{
          conflicts: Page<{ id: string; fingerprint: string; record: { appId: string } }>;
        }>('{ conflicts(first: 100) { edges { node { id fingerprint record { appId } } } } }');
        return conflicts.edges.filter(({ node }) => node.record.appId === id);
      },
      ({ length }) => length === 1,
    );
    return { conflict: found!.node.id, fingerprint: found!.node.fingerprint, booksId };
  };

  const emailInBooks = (id: string): unknown => concord.books.all().find((one) => one.id === id)?.content.email;

  describe('tenants and keys', () => {
    test('a tenant is made once for an external id', async () => {
      const create =
        'mutation { createTenant(name: "Elm", externalId: "elm-1") { known tenant { id name externalId } } }';
      const first = await concord.get<{ createTenant: { tenant: Json } }>({ key: ADMIN }, create);
      const second = await concord.get<{ createTenant: { tenant: Json } }>({ key: ADMIN }, create);
      expect(first.createTenant).toMatchObject({ known: false, tenant: { name: 'Elm', externalId: 'elm-1' } });
      expect(second.createTenant).toEqual({ ...first.createTenant, known: true });
      const { tenant } = await concord.get<{ tenant: Json }>(
        { key: ADMIN, tenant: first.createTenant.tenant.id as string },
        '{ tenant { id name externalId } }',
      );
      expect(tenant).toEqual(first.createTenant.tenant);
    });

    test('a tenant that was deleted is nobody’s any more, and its external id is not given again', async () => {
      const create = 'mutation { createTenant(name: "Gone", externalId: "gone") { tenant { id } } }';
      const { createTenant } = await concord.get<{ createTenant: { tenant: { id: string } } }>({ key: ADMIN }, create);
      const { id } = createTenant.tenant;
      const remove = 'mutation ($id: ID!) { deleteTenant(id: $id) { __typename ... on Refused { code } } }';
      expect(await concord.get({ key: ADMIN }, remove, { id })).toEqual({
        deleteTenant: { __typename: 'TenantDeleted' },
      });
      expect(await concord.get({ key: ADMIN }, remove, { id })).toEqual({
        deleteTenant: { __typename: 'Refused', code: 'NOT_FOUND' },
      });
      const { errors } = await concord.ask({ key: ADMIN, tenant: id }, '{ tenant { id } }');
      expect(errors![0]!.extensions.code).toBe('UNKNOWN_TENANT');
      expect((await concord.ask({ key: ADMIN }, create)).errors![0]!.extensions.code).toBe('TENANT_DELETED');
    });

    test('a key is shown once, listed without its secret, and ended for good', async () => {
      const { id, secret } = await concord.key('finance', own.id);
      const list = '{ apiKeys { id scope role name prefix createdBy revokedAt } }';
      const { apiKeys } = await get<{ apiKeys: Json[] }>(list);
      expect(apiKeys.find((key) => key.id === id)).toMatchObject({ scope: 'tenant', role: 'finance', revokedAt: null });
      expect(JSON.stringify(apiKeys)).not.toContain(secret);
      const revoke =
        'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename ... on Refused { code message issues { path } } } }';
      expect(await get(revoke, { id })).toEqual({ revokeApiKey: { __typename: 'ApiKeyRevoked' } });
      expect(await get(revoke, { id })).toEqual({
        revokeApiKey: {
          ...{ __typename: 'Refused', code: 'NOT_FOUND', issues: [] },
          message: 'There is no such thing, or it is another tenant’s.',
        },
      });
    });

    test('a key of one tenant is made where a tenant is named', async () => {
      const document = 'mutation { createApiKey(scope: tenant, role: app, name: "x") { id } }';
      const { errors } = await concord.ask({ key: ADMIN }, document);
      expect(errors![0]!.extensions.code).toBe('TENANT_REQUIRED');
    });

    test('a browser token lives as long as it was asked for, and no longer than a quarter of an hour', async () => {
      const document = `mutation ($seconds: Int!) { createBrowserToken(actor: "ana", role: finance, seconds: $seconds) {
        token expiresAt } }`;
      const { createBrowserToken } = await get<{ createBrowserToken: { token: string; expiresAt: string } }>(document, {
        seconds: 60,
      });
      expect(new Date(createBrowserToken.expiresAt).getTime()).toBeLessThanOrEqual(Date.now() + 61_000);
      const { errors } = await concord.ask(caller, document, { seconds: 901 });
      expect(errors![0]!.extensions.issues).toMatchObject([{ path: 'seconds', rule: 'max' }]);
    });

    test('leave for support is listed, and ended once', async () => {
      const { grantSupport } = await get<{ grantSupport: { id: string } }>(
        `mutation { grantSupport(actor: "key:00000000-0000-7000-8000-000000000001", reason: "ticket 9", seconds: 60) {
          id until } }`,
      );
      const { supportGrants } = await get<{ supportGrants: Json[] }>('{ supportGrants { id reason grantedBy until } }');
      expect(supportGrants).toMatchObject([{ id: grantSupport.id, reason: 'ticket 9', grantedBy: 'key:bootstrap' }]);
      const end = 'mutation ($id: ID!) { endSupport(id: $id) { __typename ... on Refused { code } } }';
      expect(await get(end, grantSupport)).toEqual({ endSupport: { __typename: 'SupportEnded' } });
      expect(await get(end, grantSupport)).toEqual({ endSupport: { __typename: 'Refused', code: 'NOT_FOUND' } });
    });
  });

  describe('providers and connections', () => {
    test('what a provider can do is told for all eighteen kinds, and why not the rest', async () => {
      const { providers } = await get<{ providers: { name: string; capabilities: Json[] }[] }>(
        `{ providers { name title setUp webhooks streams { name } capabilities {
            kind absent operations impossible { what why } noticedBy carries decides guardsVersions lookUp } } }`,
      );
      const [model] = providers;
      expect(model).toMatchObject({ name: 'model', title: 'Model books', setUp: true, webhooks: false });
      expect(model!.capabilities).toHaveLength(18);
      const of = (kind: string): Json => model!.capabilities.find((one) => one.kind === kind)!;
      expect(of('account')).toMatchObject({ absent: 'the model has no such thing', operations: [] });
      expect(of('contact')).toMatchObject({ absent: null, carries: ['displayName', 'email', 'notes'] });
    });

    test('an invitation to connect leads to a page of ours', async () => {
      const { beginConnection } = await get<{ beginConnection: { authorizeUrl: string } }>(
        `mutation { beginConnection(provider: "model", returnUrl: "${RETURN_URL}", goLive: "2026-01-31") {
          ... on ConnectInvitation { authorizeUrl expiresAt } } }`,
      );
      expect(beginConnection.authorizeUrl).toMatch(/^http:\/\/localhost:3000\/connect\/[\w-]{43}$/);
      const { reconnect } = await get<{ reconnect: { authorizeUrl: string } }>(
        `mutation ($id: ID!) { reconnect(connection: $id, returnUrl: "${RETURN_URL}") {
          ... on ConnectInvitation { authorizeUrl } } }`,
        { id: own.connection },
      );
      expect(reconnect.authorizeUrl).toMatch(/\/connect\//);
    });

    test.each([
      ['provider: "nobody", returnUrl: "https://app.example.com/books"', 'provider'],
      ['provider: "model", returnUrl: "https://evil.example/"', 'returnUrl'],
      ['provider: "model", returnUrl: "https://app.example.com/books", goLive: "2026-02-30"', 'goLive'],
    ])('an invitation with %s is refused, and says which argument', async (args, path) => {
      const { beginConnection } = await get(
        `mutation { beginConnection(${args}) { ... on Refused { code issues { path rule message } } } }`,
      );
      expect(beginConnection).toMatchObject({ code: 'INVALID', issues: [{ path }] });
    });

    test('connections come in pages, in the order in which they were made, whatever is added meanwhile', async () => {
      const other = await concord.tenant('Many companies');
      const ids = [other.connection];
      for (let count = 0; count < 4; count++) ids.push(await concord.connect(other.id, `company ${count}`));
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const { connections }: { connections: Page<{ id: string }> } = await concord.get(
          { key: ADMIN, tenant: other.id },
          'query ($after: String) { connections(first: 2, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }',
          { after },
        );
        seen.push(...connections.edges.map(({ node }) => node.id));
        after = connections.pageInfo.hasNextPage ? connections.pageInfo.endCursor : null;
      } while (after !== null);
      expect(seen).toEqual([...ids].sort());
    });

    test('a connection shows its state, its streams and what there is to do', async () => {
      const { connection } = await get(
        `query ($id: ID!) { connection(id: $id) { provider providerTitle companyName state stateReason goLive creates
            firstLookAt streams { name } counts { pending conflicts problems } capabilities { kind } } }`,
        { id: own.connection },
      );
      expect(connection).toMatchObject({ provider: 'model', state: 'active', creates: ['contact'], streams: [] });
      expect(await get('query ($id: ID!) { connection(id: $id) { id } }', { id: 'no id at all' })).toEqual({
        connection: null,
      });
    });

    test('settings of a connection change one by one, and a connection that was ended changes no more', async () => {
      const id = await concord.connect(own.id, 'to be ended');
      const changed = '__typename ... on Connection { goLive creates state } ... on Refused { code issues { path } }';
      const goLive = `mutation ($id: ID!) { setGoLive(connection: $id, goLive: "2026-04-01") { ${changed} } }`;
      const creates = `mutation ($id: ID!, $kinds: [Kind!]!) { setCreates(connection: $id, kinds: $kinds) { ${changed} } }`;
      expect((await get(goLive, { id })).setGoLive).toMatchObject({ goLive: '2026-04-01' });
      expect((await get(creates, { id, kinds: ['item', 'account'] })).setCreates).toMatchObject({
        creates: ['account', 'item'],
      });
      expect((await get(creates, { id, kinds: ['invoice'] })).setCreates).toMatchObject({
        ...{ code: 'INVALID', issues: [{ path: 'kinds' }] },
      });
      const end = `mutation ($id: ID!) { disconnect(connection: $id) { ${changed} } }`;
      expect((await get(end, { id })).disconnect).toMatchObject({ state: 'disconnected' });
      expect((await get(end, { id })).disconnect).toMatchObject({ state: 'disconnected' });
      expect((await get(goLive, { id })).setGoLive).toMatchObject({ code: 'CONNECTION_ENDED' });
      expect((await get(end, { id: NOTHING.connection })).disconnect).toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('records', () => {
    test('a push answers for each record, and one bad record does not refuse the others', async () => {
      const pushed = await push('mixed', [
        contact('m1', 'Maple Ltd'),
        { kind: 'contact', id: 'm2', content: { displayName: 7, nonsense: true } },
        { kind: 'invoice', id: 'm3', content: { issueDate: '2026-03-02' } },
        contact('m4', 'Mango Ltd', { basedOn: 3 }),
      ]);
      expect(pushed).toMatchObject({
        __typename: 'RecordsPushed',
        outcomes: [
          { __typename: 'RecordStored', id: 'm1', version: 1, as: 'created' },
          { __typename: 'RecordInvalid', id: 'm2' },
          { __typename: 'RecordInvalid', id: 'm3' },
          { __typename: 'RecordInvalid', id: 'm4', issues: [{ path: 'basedOn', rule: 'known_version' }] },
        ],
      });
      const [, second] = pushed.outcomes as { issues: { path: string }[] }[];
      expect(second!.issues.map(({ path }) => path).sort()).toEqual(['displayName', 'nonsense']);
    });

    test('the same push again is the same push, and another one under its key is refused', async () => {
      const first = await push('twice', [contact('n1', 'Nut Ltd')]);
      expect(await push('twice', [contact('n1', 'Nut Ltd')])).toEqual(first);
      expect(await push('twice', [contact('n1', 'Other Ltd')])).toMatchObject({ code: 'KEY_REUSED' });
    });

    test('pushes of one record that meet are both answered, and neither is lost', async () => {
      await push('meet-0', [contact('o1', 'Oak Ltd')]);
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          push(`meet-${index + 1}`, [{ kind: 'contact', id: 'o1', basedOn: 1, content: { notes: `note ${index}` } }]),
        ),
      );
      const outcomes = answers.map(({ outcomes }) => (outcomes as { __typename: string }[])[0]!.__typename);
      expect(outcomes.filter((name) => name === 'RecordStored')).toHaveLength(1);
      expect(outcomes.filter((name) => name === 'RecordStale')).toHaveLength(5);
    });

    test('null clears a field, a field that is left out stays, and money as a number is refused', async () => {
      await push('clear-1', [
        contact('p1', 'Pine Ltd', {
          content: { displayName: 'Pine Ltd', isCustomer: true, notes: 'a', email: 'a@b.example' },
        }),
      ]);
      await push('clear-2', [{ kind: 'contact', id: 'p1', basedOn: 1, content: { notes: null } }]);
      const { record } = await get<{ record: { content: Json } }>(
        'query ($key: RecordKey!) { record(key: $key) { content } }',
        { key: { kind: 'contact', id: 'p1' } },
      );
      expect(record.content).toEqual({ displayName: 'Pine Ltd', isCustomer: true, email: 'a@b.example' });
      const invoice = { kind: 'invoice', id: 'p2', content: { lines: [{ amount: 10.5 }] } };
      expect(await push('number', [invoice])).toMatchObject({
        outcomes: [{ issues: expect.arrayContaining([{ path: 'lines[0].amount', rule: 'decimal' }]) }],
      });
    });

    test('an old caller sees what it knows, and what it writes leaves the rest alone', async () => {
      const tracking = [{ dimension: 'class', category: { kind: 'tracking_category', id: 'west' } }];
      const content = {
        contact: { kind: 'contact', id: 'q0' },
        issueDate: '2026-03-02',
        state: 'open',
        lines: [{ id: 'l1', description: 'Design', amount: '10.00', tracking }],
      };
      expect(await push('old-0', [{ kind: 'invoice', id: 'q1', content }])).toMatchObject({
        outcomes: [{ __typename: 'RecordStored' }],
      });
      const read = async (contractVersion: number): Promise<{ lines: Json[] }> => {
        const { record } = await get<{ record: { content: { lines: Json[] } } }>(
          'query ($key: RecordKey!, $contractVersion: Int!) { record(key: $key, contractVersion: $contractVersion) { content } }',
          { key: { kind: 'invoice', id: 'q1' }, contractVersion },
        );
        return record.content;
      };
      expect((await read(1)).lines[0]).toEqual({ id: 'l1', description: 'Design', amount: '10.00' });
      await push(
        'old-1',
        [
          {
            kind: 'invoice',
            id: 'q1',
            basedOn: 1,
            content: { lines: [{ id: 'l1', description: 'Art', amount: '12.00' }] },
          },
        ],
        1,
      );
      expect((await read(2)).lines[0]).toEqual({ id: 'l1', description: 'Art', amount: '12.00', tracking });
    });

    test('a record shows both sides, what they agreed on, and in words why they differ', async () => {
      const { booksId } = await conflictAbout('r1');
      const fields = `name version content changedBy { by actor } books { id existence content version card
        connection { id } base { groups { group app books } } verdicts { group verdict } holds { says } waits { path }
        conflict { id reason } problems { id } difference { inStep differs reasons { code says fields } } }`;
      const bySaas = await get<{ record: { books: Json[] } }>(
        `query ($key: RecordKey!) { record(key: $key) { ${fields} } }`,
        {
          key: { kind: 'contact', id: 'r1' },
        },
      );
      const byBooks = await get(`query ($key: RecordKey!) { record(key: $key) { ${fields} } }`, {
        key: { kind: 'contact', connection: own.connection, booksId },
      });
      expect(byBooks).toEqual(bySaas);
      const side = bySaas.record.books.find((one) => (one.connection as Json).id === own.connection);
      expect(side).toMatchObject({
        id: booksId,
        content: { displayName: 'Contact r1', email: 'books@example.com' },
        verdicts: expect.arrayContaining([{ group: 'reach', verdict: 'clash' }]),
        conflict: { reason: 'both_edited' },
        difference: {
          ...{ inStep: false, differs: ['email'] },
          reasons: expect.arrayContaining([
            {
              ...{ code: 'both_edited', fields: ['email'] },
              says: 'Both sides changed email to different values; a person must decide.',
            },
          ]),
        },
      });
      expect(
        await get('query ($key: RecordKey!) { record(key: $key) { name } }', { key: { kind: 'contact', id: '?' } }),
      ).toEqual({
        record: null,
      });
    });

    test('a key of a record names it in one way', async () => {
      const { errors } = await concord.ask(caller, 'query ($key: RecordKey!) { record(key: $key) { name } }', {
        key: { kind: 'contact', id: 'a', booksId: 'b' },
      });
      expect(errors![0]!.extensions).toMatchObject({ code: 'BAD_INPUT', issues: [{ path: 'key', rule: 'one_of' }] });
    });

    test('records come in pages that inserts do not disturb, by kind, name, number and time', async () => {
      const other = await concord.tenant('Pages');
      const there = { key: ADMIN, tenant: other.id };
      const add = (id: string): Promise<unknown> =>
        concord.get(
          there,
          `mutation ($records: [RecordInput!]!, $key: String!) { upsertRecords(key: $key, records: $records) { __typename } }`,
          { key: id, records: [contact(id, `Name ${id}`)] },
        );
      for (const id of ['b', 'd', 'f', 'h']) await add(id);
      const document = `query ($after: String, $filter: RecordFilterInput, $order: RecordOrder!) {
        records(first: 2, after: $after, filter: $filter, order: $order) {
          edges { node { id } } pageInfo { hasNextPage endCursor } } }`;
      type Answer = { records: Page<{ id: string }> };
      const first = await concord.get<Answer>(there, document, { order: 'id' });
      expect(first.records.edges.map(({ node }) => node.id)).toEqual(['b', 'd']);
      await add('a');
      await add('e');
      const second = await concord.get<Answer>(there, document, {
        order: 'id',
        after: first.records.pageInfo.endCursor,
      });
      expect(second.records.edges.map(({ node }) => node.id)).toEqual(['e', 'f']);
      const changed = await concord.get<Answer>(there, document, { order: 'changed' });
      expect(changed.records.edges.map(({ node }) => node.id)).toEqual(['e', 'a']);
      const named = await concord.get<Answer>(there, document, {
        order: 'id',
        filter: { kind: 'contact', name: ' name H ' },
      });
      expect(named.records.edges.map(({ node }) => node.id)).toEqual(['h']);
    });

    test('a record is deleted, once, and what is not there is not', async () => {
      await push('del', [contact('s1', 'Spruce Ltd')]);
      const document = `mutation ($id: ID!) { deleteRecord(kind: contact, id: $id) {
        __typename ... on RecordDeleted { id version } ... on Refused { code } } }`;
      expect(await get(document, { id: 's1' })).toEqual({
        deleteRecord: { __typename: 'RecordDeleted', id: 's1', version: 2 },
      });
      expect(await get(document, { id: 's1' })).toEqual({
        deleteRecord: { __typename: 'RecordDeleted', id: 's1', version: 2 },
      });
      expect(await get(document, { id: 's0' })).toEqual({ deleteRecord: { __typename: 'Refused', code: 'NOT_FOUND' } });
    });

    test('the present state is asked for, of a connection or of a record', async () => {
      await push('now', [contact('t1', 'Teak Ltd')]);
      await concord.entered(own.id, 'contact', 't1');
      const document = `mutation ($connection: ID, $record: AppRecordKey) { syncNow(connection: $connection, record: $record) {
        __typename ... on SyncRequested { raised } ... on Refused { code issues { rule } } } }`;
      expect((await get(document, { record: { kind: 'contact', id: 't1' } })).syncNow).toEqual({
        ...{ __typename: 'SyncRequested', raised: 1 },
      });
      expect((await get(document, { connection: own.connection })).syncNow).toMatchObject({
        __typename: 'SyncRequested',
      });
      expect((await get(document, { connection: NOTHING.connection })).syncNow).toMatchObject({ code: 'NOT_FOUND' });
      expect((await get(document)).syncNow).toMatchObject({ code: 'INVALID', issues: [{ rule: 'one_of' }] });
    });

    test('two records are linked and unlinked by people', async () => {
      const entered = concord.books.enter('contact', { displayName: 'Umber Books' });
      await concord.edit(own.id, own.connection, 'contact', entered, {});
      const born = await eventually(
        () =>
          get<{
            connection: { booksRecords: Page<{ id: string; appId: string | null; twin: string | null; name: string }> };
          }>(
            `query ($id: ID!) { connection(id: $id) { booksRecords(kind: contact, search: "umber", first: 5) {
               edges { node { id appId twin name } } } } }`,
            { id: own.connection },
          ),
        ({ connection }) => connection.booksRecords.edges[0]?.node.appId != null,
      );
      const { appId, twin, name } = born.connection.booksRecords.edges[0]!.node;
      expect(name).toBe('Umber Books');
      const unlink = 'mutation ($twin: ID!) { unlinkRecords(twin: $twin) { __typename ... on Refused { code } } }';
      expect(await get(unlink, { twin })).toEqual({ unlinkRecords: { __typename: 'RecordsUnlinked' } });
      expect(await get(unlink, { twin })).toEqual({ unlinkRecords: { __typename: 'Refused', code: 'NOT_FOUND' } });

      const link = `mutation ($connection: ID!, $appId: ID!, $booksId: ID!) {
        linkRecords(connection: $connection, kind: contact, appId: $appId, booksId: $booksId) { __typename
          ... on RecordsLinked { twin } ... on AlreadyLinked { code appId booksId } ... on Refused { code } } }`;
      const args = { connection: own.connection, appId, booksId: entered };
      expect((await get(link, args)).linkRecords).toMatchObject({ __typename: 'RecordsLinked' });
      await push('taken', [contact('u9', 'Umber App')]);
      expect((await get(link, { ...args, appId: 'u9' })).linkRecords).toMatchObject({
        ...{ __typename: 'AlreadyLinked', code: 'ALREADY_LINKED', appId },
      });
      expect((await get(link, { ...args, booksId: 'nothing' })).linkRecords).toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('history', () => {
    test('tells everything of a record, by its id, by the books’ id and by a number, the newest first', async () => {
      const { booksId } = await conflictAbout('h1');
      const document = `query ($kind: Kind, $id: ID, $connection: ID, $booksId: ID, $after: String) {
        recordHistory(kind: $kind, id: $id, connection: $connection, booksId: $booksId, first: 3, after: $after) {
          edges { node { type cause { by actor id } before after groups policies { group rule }
            decision { verb } connection { id } calls { label status requestId attempts } } }
          pageInfo { hasNextPage endCursor } } }`;
      type Answer = { recordHistory: Page<{ type: string } & Json> };
      const first = await get<Answer>(document, { kind: 'contact', id: 'h1' });
      expect(first.recordHistory.pageInfo.hasNextPage).toBe(true);
      const rest = await get<Answer>(document, {
        ...{ kind: 'contact', id: 'h1', after: first.recordHistory.pageInfo.endCursor },
      });
      const types = [...first.recordHistory.edges, ...rest.recordHistory.edges].map(({ node }) => node.type);
      expect(types).toEqual(['conflict_raised', 'record_pushed', 'books_written', 'record_pushed']);
      expect(first.recordHistory.edges[2]!.node).toMatchObject({
        cause: { by: 'push', actor: 'key:bootstrap', id: 'h1-1' },
        after: { displayName: 'Contact h1' },
        calls: [{ label: 'write contact', status: 200, attempts: 1 }],
      });
      const byBooks = await get<Answer>(document, { kind: 'contact', connection: own.connection, booksId });
      expect(byBooks.recordHistory.edges).toEqual(first.recordHistory.edges);
      const { errors } = await concord.ask(caller, document, { id: 'h1' });
      expect(errors![0]!.extensions.issues).toMatchObject([{ rule: 'one_of' }]);
    });

    test('says what it is about, and in words why both sides differ now', async () => {
      const { booksId } = await conflictAbout('h2');
      const document = `query ($kind: Kind, $id: ID, $connection: ID, $booksId: ID) {
        recordHistory(kind: $kind, id: $id, connection: $connection, booksId: $booksId) {
          records { id name books { id difference { inStep reasons { code says } } } } } }`;
      const says = 'Both sides changed email to different values; a person must decide.';
      const clash = { code: 'both_edited', says };
      for (const by of [{ id: 'h2' }, { connection: own.connection, booksId }]) {
        const { recordHistory } = await get<{ recordHistory: Json }>(document, { kind: 'contact', ...by });
        expect(recordHistory.records).toMatchObject([
          {
            id: 'h2',
            books: [{ id: booksId, difference: { inStep: false, reasons: expect.arrayContaining([clash]) } }],
          },
        ]);
      }
    });

    test('finds a document by a number that it had before', async () => {
      const invoice = (number: string): Json => ({
        ...{ contact: { kind: 'contact', id: 'h5' }, issueDate: '2026-03-02', state: 'open', number },
        lines: [{ description: 'Design', amount: '10.00' }],
      });
      await push('num-0', [contact('h5', 'Hemlock Ltd'), { kind: 'invoice', id: 'h6', content: invoice('A-1') }]);
      await push('num-1', [{ kind: 'invoice', id: 'h6', basedOn: 1, content: { number: 'A-2' } }]);
      const document = 'query ($n: String!) { recordHistory(number: $n) { edges { node { type appId number } } } }';
      for (const n of ['A-1', 'A-2']) {
        const { recordHistory } = await get<{ recordHistory: Page<{ appId: string }> }>(document, { n });
        expect(recordHistory.edges.every(({ node }) => node.appId === 'h6')).toBe(true);
        expect(recordHistory.edges.length).toBeGreaterThanOrEqual(2);
      }
    });

    test('the feed goes on after its last cursor, with whole contents in the caller’s version', async () => {
      const document = `query ($after: String) { changes(first: 100, after: $after) {
        edges { cursor node { sequence type kind id version content facts groups says conflict { id } connection { id } } }
        pageInfo { hasNextPage endCursor } } }`;
      type Answer = { changes: Page<{ type: string; id: string | null } & Json> };
      const end = async (): Promise<string | null> => {
        for (let after: string | null = null; ;) {
          const { changes }: Answer = await get<Answer>(document, { after });
          if (changes.edges.length === 0) return after;
          after = changes.pageInfo.endCursor;
        }
      };
      await concord.number();
      const before = await end();
      await push('feed', [contact('f1', 'Fig Ltd')]);
      const booksId = await concord.entered(own.id, 'contact', 'f1');
      await concord.edit(own.id, own.connection, 'contact', booksId, { email: 'ap@fig.example' });
      const { changes } = await eventually(
        () => get<Answer>(document, { after: before }),
        ({ changes: { edges } }) => edges.some(({ node }) => node.type === 'app_written'),
      );
      const written = changes.edges.find(({ node }) => node.type === 'app_written')!;
      expect(written.cursor).toBe(written.node.sequence);
      expect(written.node).toMatchObject({
        ...{ kind: 'contact', id: 'f1', version: 2 },
        content: { displayName: 'Fig Ltd', isCustomer: true, email: 'ap@fig.example' },
      });
      const { errors } = await concord.ask(caller, document, { after: 'x' });
      expect(errors![0]!.extensions.code).toBe('BAD_INPUT');
    });

    test('the feed tells of conflicts with the conflict itself, also after it has ended', async () => {
      const { conflict } = await conflictAbout('f5');
      await get(`mutation ($decision: ConflictDecisionInput!) { decideConflict(decision: $decision) { __typename } }`, {
        decision: { conflict, verb: 'keep_app' },
      });
      const { changes } = await eventually(
        () =>
          get<{ changes: Page<{ type: string; conflict: { id: string; ending: string | null } | null }> }>(
            '{ changes(first: 100) { edges { node { type conflict { id ending } } } } }',
          ),
        ({ changes: { edges } }) =>
          edges.some(({ node }) => node.type === 'conflict_closed' && node.conflict?.id === conflict),
      );
      const about = changes.edges.filter(({ node }) => node.conflict?.id === conflict).map(({ node }) => node);
      expect(about.map(({ type }) => type)).toEqual(['conflict_raised', 'conflict_decided', 'conflict_closed']);
      expect(about.at(-1)!.conflict!.ending).toBe('decided');
    });
  });

  describe('conflicts and policies', () => {
    const DECIDE = `mutation ($decision: ConflictDecisionInput!) { decideConflict(decision: $decision) { __typename
      ... on DecisionAccepted { decision conflict { id decided } }
      ... on ConflictChanged { code conflict { id fingerprint } }
      ... on Refused { code issues { path rule } } } }`;

    test('a conflict keeps what both sides say, field by field, and who changed what', async () => {
      const { conflict } = await conflictAbout('c1');
      const { conflict: shown } = await get(
        `query ($id: ID!) { conflict(id: $id) { kind reason groups open decided moneyEffect ending
           base { content } app { content } books { content } fields { group field base app books }
           record { appId name } connection { id } decisions { id } lastChanges { side by } candidates { id } } }`,
        { id: conflict },
      );
      expect(shown).toMatchObject({
        ...{ kind: 'contact', reason: 'both_edited', groups: ['reach'], open: true, decided: false },
        fields: [{ field: 'email', base: null, app: 'app@example.com', books: 'books@example.com' }],
        record: { appId: 'c1', name: 'Contact c1' },
        decisions: [],
      });
      const { conflicts } = await get<{ conflicts: Page<{ id: string }> }>(
        `query ($filter: ConflictFilterInput) { conflicts(first: 100, filter: $filter) { edges { node { id } } } }`,
        { filter: { connection: own.connection, kinds: ['contact'], reasons: ['both_edited'], decided: false } },
      );
      expect(conflicts.edges.map(({ node }) => node.id)).toContain(conflict);
    });

    test('a decision is carried out, and stands in the history with the person’s name', async () => {
      const { conflict, fingerprint, booksId } = await conflictAbout('d1');
      const { createBrowserToken } = await get<{ createBrowserToken: { token: string } }>(
        'mutation { createBrowserToken(actor: "ana@example.com", role: finance) { token } }',
      );
      const ana = { key: createBrowserToken.token };
      const { decideConflict } = await concord.get<{ decideConflict: Json }>(ana, DECIDE, {
        decision: { conflict, fingerprint, verb: 'keep_books' },
      });
      expect(decideConflict).toMatchObject({
        __typename: 'DecisionAccepted',
        conflict: { id: conflict, decided: true },
      });
      const { record } = await eventually(
        () =>
          get<{ record: { content: Json } }>('query ($key: RecordKey!) { record(key: $key) { content } }', {
            key: { kind: 'contact', id: 'd1' },
          }),
        (seen) => seen.record.content.email === 'books@example.com',
      );
      expect(record.content.displayName).toBe('Contact d1');
      expect(emailInBooks(booksId)).toBe('books@example.com');
      const { recordHistory } = await get<{ recordHistory: Page<Json> }>(
        'query { recordHistory(kind: contact, id: "d1") { edges { node { type cause { by actor } decision { verb actor } } } } }',
      );
      const written = recordHistory.edges.find(({ node }) => node.type === 'app_written')!.node;
      expect(written).toMatchObject({
        cause: { by: 'person', actor: 'finance:ana@example.com' },
        decision: { verb: 'keep_books', actor: 'finance:ana@example.com' },
      });
    });

    test('a clash that changed meanwhile is not decided blindly', async () => {
      const { conflict, fingerprint, booksId } = await conflictAbout('d2');
      await concord.edit(own.id, own.connection, 'contact', booksId, { email: 'newer@example.com' });
      await eventually(
        () =>
          get<{ conflict: { fingerprint: string } }>('query ($id: ID!) { conflict(id: $id) { fingerprint } }', {
            id: conflict,
          }),
        (seen) => seen.conflict.fingerprint !== fingerprint,
      );
      const { decideConflict } = await get(DECIDE, { decision: { conflict, fingerprint, verb: 'keep_app' } });
      expect(decideConflict).toMatchObject({ __typename: 'ConflictChanged', code: 'CONFLICT_CHANGED' });
      expect((decideConflict!.conflict as Json).fingerprint).not.toBe(fingerprint);
    });

    test('a choice that is not possible says where', async () => {
      const { conflict } = await conflictAbout('d3');
      const issuesOf = async (decision: Json): Promise<unknown> =>
        (await get(DECIDE, { decision: { conflict, ...decision } })).decideConflict;
      expect(await issuesOf({ verb: 'edit' })).toMatchObject({ code: 'INVALID', issues: [{ path: 'content' }] });
      expect(await issuesOf({ verb: 'edit', content: { email: 5 } })).toMatchObject({
        ...{ code: 'INVALID', issues: [{ path: 'content.email' }] },
      });
      expect(await issuesOf({ verb: 'by_group', groups: [] })).toMatchObject({ issues: [{ path: 'groups.reach' }] });
      expect(await issuesOf({ verb: 'leave_apart', always: true })).toMatchObject({ issues: [{ path: 'always' }] });
      expect(
        (await get(DECIDE, { decision: { conflict: NOTHING.conflict, verb: 'keep_app' } })).decideConflict,
      ).toMatchObject({
        ...{ __typename: 'Refused', code: 'NOT_FOUND' },
      });
    });

    test('many decisions are each for itself, in order', async () => {
      const one = await conflictAbout('d4');
      const two = await conflictAbout('d5');
      const { decideConflicts } = await get<{ decideConflicts: Json[] }>(
        `mutation ($decisions: [ConflictDecisionInput!]!) { decideConflicts(decisions: $decisions) { __typename } }`,
        {
          decisions: [
            { conflict: one.conflict, verb: 'edit', content: { email: 'both@example.com' } },
            { conflict: NOTHING.conflict, verb: 'keep_app' },
            { conflict: two.conflict, verb: 'by_group', groups: [{ group: 'reach', take: 'app' }] },
          ],
        },
      );
      expect(decideConflicts.map(({ __typename }) => __typename)).toEqual([
        'DecisionAccepted',
        'Refused',
        'DecisionAccepted',
      ]);
      await eventually(
        () => emailInBooks(one.booksId),
        (email) => email === 'both@example.com',
      );
    });

    test('policies stand in one table, set or not, and the narrowest rule counts', async () => {
      const POLICIES = `policies { kind granularity own { rule setBy } groups { group fields rule origin own { rule } } }`;
      const set = `mutation ($group: String, $rule: Rule!) { setPolicy(kind: invoice, group: $group, rule: $rule) { __typename
        ... on PolicyChanged { walkedAgain ${POLICIES} } ... on Refused { code issues { path } } } }`;
      const { policies } = await get<{ policies: Json[] }>(`{ ${POLICIES} }`);
      expect(policies).toHaveLength(17);
      await get(set, { rule: 'app_wins' });
      const { setPolicy } = await get<{ setPolicy: { policies: { groups: Json[]; own: Json } } }>(set, {
        ...{ group: 'money', rule: 'review' },
      });
      const of = (group: string): Json => setPolicy.policies.groups.find((one) => one.group === group)!;
      expect(setPolicy.policies.own).toEqual({ rule: 'app_wins', setBy: 'key:bootstrap' });
      expect(of('money')).toMatchObject({ rule: 'review', origin: 'group' });
      expect(of('dates')).toMatchObject({ rule: 'app_wins', origin: 'kind', own: null });
      expect(of('existence')).toMatchObject({ fields: [] });
      expect((await get(set, { group: 'nonsense', rule: 'review' })).setPolicy).toMatchObject({
        ...{ code: 'INVALID', issues: [{ path: 'group' }] },
      });
      const clear = `mutation ($group: String) { clearPolicy(kind: invoice, group: $group) { __typename
        ... on PolicyChanged { ${POLICIES} } ... on Refused { code } } }`;
      expect((await get(clear, { group: 'money' })).clearPolicy).toMatchObject({ __typename: 'PolicyChanged' });
      expect((await get(clear, { group: 'money' })).clearPolicy).toMatchObject({ code: 'NOT_FOUND' });
      const { setGranularity } = await get(
        `mutation { setGranularity(kind: invoice, granularity: record) { ... on PolicyChanged { policies { granularity } } } }`,
      );
      expect(setGranularity).toEqual({ policies: { granularity: 'record' } });
      const { errors } = await concord.ask(
        caller,
        'mutation { setPolicy(kind: company, rule: review) { __typename } }',
      );
      expect(errors![0]!.extensions.issues).toMatchObject([{ path: 'kind' }]);
    });

    test('a policy settles the open conflicts that it can', async () => {
      const { booksId } = await conflictAbout('d6');
      const { setPolicy } = await get<{ setPolicy: { walkedAgain: number } }>(
        `mutation { setPolicy(kind: contact, group: "reach", rule: books_wins) { ... on PolicyChanged { walkedAgain } } }`,
      );
      expect(setPolicy.walkedAgain).toBeGreaterThanOrEqual(1);
      await eventually(
        () =>
          get<{ record: { content: Json } }>('query ($key: RecordKey!) { record(key: $key) { content } }', {
            key: { kind: 'contact', connection: own.connection, booksId },
          }),
        ({ record }) => record.content.email === 'books@example.com',
      );
      await get('mutation { clearPolicy(kind: contact, group: "reach") { __typename } }');
    });
  });

  describe('for support', () => {
    test('a walk tells its steps, its records in words, and the provider’s requests by their ids', async () => {
      await push('walk', [contact('w1', 'Willow Ltd')]);
      await concord.entered(own.id, 'contact', 'w1');
      const { walks } = await get<{ walks: Page<{ id: string }> }>(
        `query ($filter: WalkFilterInput) { walks(filter: $filter) { edges { node { id kind lane open size ending } } } }`,
        { filter: { open: false, record: { kind: 'contact', id: 'w1' } } },
      );
      const { walk } = await get(
        `query ($id: ID!) { walk(id: $id) { kind connection { id } steps { step attempts done requests { label status requestId ms } }
           items { says outcome record { appId } writes { operation state failure calls { label status requestId } } } } }`,
        { id: walks.edges.at(-1)!.node.id },
      );
      expect(walk).toMatchObject({
        kind: 'contact',
        connection: { id: own.connection },
        items: [
          {
            outcome: 'settled',
            record: { appId: 'w1' },
            writes: [{ operation: 'create', state: 'confirmed', calls: [{ label: 'write contact', status: 200 }] }],
          },
        ],
      });
      const [item] = walk!.items as { says: string }[];
      expect(item!.says).toMatch(/^The plan: create in the books \(.*\)\. It is settled\.$/);
      const { walks: none } = await get<{ walks: Page<Json> }>(
        '{ walks(filter: { record: { kind: contact, id: "nobody" } }) { edges { node { id } } } }',
      );
      expect(none.edges).toEqual([]);
    });

    test('problems come with the record and the company that they are about', async () => {
      await push('prob', [contact('x1', 'Xylem Ltd')]);
      await concord.entered(own.id, 'contact', 'x1');
      const { record } = await get<{ record: { books: { twin: string | null }[] } }>(
        'query { record(key: { kind: contact, id: "x1" }) { books { twin } } }',
      );
      const twin = record.books.find((side) => side.twin !== null)!.twin!;
      const problem = {
        code: 'refused_by_provider',
        message: 'Business Validation Error',
        detail: { code: '6000' },
      } as const;
      for (let time = 0; time < 2; time++) {
        await concord.transactions.inTenant(own.id, (tx) =>
          concord.problems.raise(tx, [{ ...problem, connection: own.connection, twin }]),
        );
      }
      const { problems } = await get<{ problems: Page<Json> }>(
        `query ($filter: ProblemFilterInput) { problems(filter: $filter) { edges { node { code message detail open times
           record { appId name } connection { id } } } } }`,
        { filter: { codes: ['refused_by_provider'], connection: own.connection } },
      );
      expect(problems.edges.map(({ node }) => node)).toEqual([
        {
          ...{ code: 'refused_by_provider', message: 'Business Validation Error', detail: { code: '6000' } },
          ...{ open: true, times: 2, record: { appId: 'x1', name: 'Xylem Ltd' }, connection: { id: own.connection } },
        },
      ]);
    });

    test('health tells how busy the engine is, and the platform’s people also what belongs to no tenant', async () => {
      await concord.transactions.dispatching((tx) => concord.deliveries.count(tx, 'model', 'forged', 3));
      const document = `{ health { at due { lane due } oldestDueAt later openWalks queueLagSeconds unnumberedEvents
        connections { state connections } platform { workerPlaces waitingDeliveries deliveries { provider what count } } } }`;
      const { health } = await concord.get<{ health: { platform: { workerPlaces: number } & Json } & Json }>(
        { key: ADMIN },
        document,
      );
      expect(health.platform).toMatchObject({ deliveries: [{ provider: 'model', what: 'forged', count: 3 }] });
      expect(health.platform.workerPlaces).toBeGreaterThan(0);
      const ofTenant = await get<{ health: { connections: Json[] } & Json }>(document);
      expect(ofTenant.health.platform).toBeNull();
      expect(ofTenant.health.connections).toContainEqual({ state: 'active', connections: 1 });
    });
  });
});
