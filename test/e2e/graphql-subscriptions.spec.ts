import pg from 'pg';
import { WebSocket } from 'ws';
import { eventually } from '../integration/street-harness.js';
import { ADMIN, Concord } from './graphql/concord.js';
import { Following, type Subscriber } from './graphql/following.js';

const ADMIN_OF = (tenant: string): { key: string; tenant: string } => ({ key: ADMIN, tenant });

describe('subscriptions', () => {
  let concord: Concord;
  let own: { id: string; connection: string };
  let foreign: { id: string; connection: string };
  const opened: Following[] = [];
  beforeAll(async () => {
    concord = await Concord.open();
    own = await concord.tenant('Own');
    foreign = await concord.tenant('Foreign');
  });
  afterEach(async () => {
    for (const following of opened.splice(0)) await following.close();
  });
  afterAll(() => concord.close());

  const follow = (url = concord.url, caller: { key: string; tenant?: string } = ADMIN_OF(own.id)): Following => {
    const following = new Following(url, caller);
    opened.push(following);
    return following;
  };

  const push = (tenant: string, key: string, id: string, content: object, basedOn?: number): Promise<unknown> =>
    concord.get(
      ADMIN_OF(tenant),
      `mutation ($key: String!, $records: [RecordInput!]!) { upsertRecords(key: $key, records: $records) {
         ... on RecordsPushed { outcomes { __typename } } } }`,
      { key, records: [{ kind: 'contact', id, content, ...(basedOn !== undefined && { basedOn }) }] },
    );

  /** Subscriptions begin when the server has read the end of the history; a moment after they were asked for. */
  const begun = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 200));

  const has = (subscriber: Subscriber, count: number): Promise<Subscriber> =>
    eventually(
      () => subscriber,
      ({ told }) => told.length >= count,
    );

  const RECORD_CHANGED = `subscription ($id: ID, $after: String) { recordChanged(id: $id, after: $after) {
    sequence event { type sequence after cause { by actor } } record { id version content } } }`;
  type Changed = { recordChanged: { sequence: string; event: { type: string }; record: { content: object } | null } };

  test('a record’s own subscriber hears what happens to it on both sides, in order, and nothing of others', async () => {
    const subscriber = follow().subscribe(RECORD_CHANGED, { id: 's1' });
    const all = follow().subscribe(RECORD_CHANGED);
    await begun();
    await push(own.id, 's1', 's1', { displayName: 'Ash Ltd', isCustomer: true });
    await push(own.id, 's2', 's2', { displayName: 'Beech Ltd', isCustomer: true });
    await push(foreign.id, 's1', 's1', { displayName: 'Secret Ltd', isCustomer: true });
    const booksId = await concord.entered(own.id, 'contact', 's1');
    await concord.edit(own.id, own.connection, 'contact', booksId, { email: 'ap@ash.example' });
    await has(subscriber, 3);
    const changes = subscriber.told.map(({ data }) => (data as unknown as Changed).recordChanged);
    expect(changes.map(({ event }) => event.type)).toEqual(['record_pushed', 'books_written', 'app_written']);
    expect(changes.at(-1)!.record!.content).toMatchObject({ email: 'ap@ash.example' });
    const sequences = changes.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual([...sequences].sort((one, other) => one - other));
    expect(JSON.stringify(all.told)).toContain('Beech Ltd');
    expect(JSON.stringify(all.told)).not.toContain('Secret Ltd');
  });

  test('whoever comes back with the last sequence has missed nothing', async () => {
    const first = follow().subscribe(RECORD_CHANGED, { id: 't1' });
    await begun();
    await push(own.id, 't1', 't1', { displayName: 'Cedar Ltd', isCustomer: true });
    await concord.entered(own.id, 'contact', 't1');
    await has(first, 2);
    const after = (first.told[0]!.data as unknown as Changed).recordChanged.sequence;
    first.stop();
    await push(own.id, 't2', 't1', { email: 'one@cedar.example' }, 1);
    const second = follow().subscribe(RECORD_CHANGED, { id: 't1', after });
    await has(second, 3);
    const types = second.told.map(({ data }) => (data as unknown as Changed).recordChanged.event.type);
    expect(types.slice(0, 3)).toEqual(['books_written', 'record_pushed', 'books_written']);
  });

  test('a person is told of a conflict, and again when it is about something else', async () => {
    await push(own.id, 'u1', 'u1', { displayName: 'Elder Ltd', isCustomer: true });
    const booksId = await concord.entered(own.id, 'contact', 'u1');
    const subscriber = follow().subscribe(`subscription { conflictRaised(kinds: [contact]) {
      sequence updated conflict { id open fields { field app books } record { appId } connection { id } } } }`);
    await begun();
    concord.books.edit({ kind: 'contact', id: booksId }, { email: 'books@elder.example' });
    await push(own.id, 'u2', 'u1', { email: 'app@elder.example' }, 1);
    await concord.edit(own.id, own.connection, 'contact', booksId, { email: 'books@elder.example' });
    await has(subscriber, 1);
    await concord.edit(own.id, own.connection, 'contact', booksId, { email: 'newer@elder.example' });
    await has(subscriber, 2);
    const news = subscriber.told.map(({ data }) => data!.conflictRaised as { updated: boolean; conflict: object });
    expect(news.map(({ updated }) => updated)).toEqual([false, true]);
    expect(news[1]!.conflict).toMatchObject({
      open: true,
      fields: [{ field: 'email', app: 'app@elder.example', books: 'newer@elder.example' }],
      record: { appId: 'u1' },
      connection: { id: own.connection },
    });
  });

  test('a connection that changes is shown as it is then', async () => {
    const subscriber = follow().subscribe(
      'subscription { connectionChanged { sequence event { type detail } connection { id goLive } } }',
    );
    await begun();
    const document = 'mutation ($id: ID!) { setGoLive(connection: $id, goLive: "2026-03-01") { __typename } }';
    await concord.get(ADMIN_OF(foreign.id), document, { id: foreign.connection });
    await concord.get(ADMIN_OF(own.id), document, { id: own.connection });
    await has(subscriber, 1);
    expect(subscriber.told).toHaveLength(1);
    expect(subscriber.told[0]!.data!.connectionChanged).toMatchObject({
      event: { type: 'connection_changed' },
      connection: { id: own.connection, goLive: '2026-03-01' },
    });
  });

  test('another process serves the same: what one writes, the subscribers of the other hear', async () => {
    const other = await Concord.open({ works: false, beside: concord });
    try {
      const subscriber = follow(other.url).subscribe(RECORD_CHANGED, { id: 'v1' });
      await begun();
      await push(own.id, 'v1', 'v1', { displayName: 'Fir Ltd', isCustomer: true });
      await has(subscriber, 1);
    } finally {
      await other.close();
    }
  });

  test('a commit that comes late is heard, although later events were numbered before it', async () => {
    const subscriber = follow().subscribe(RECORD_CHANGED);
    await begun();
    const lateId = '00000000-0000-7000-8000-0000000001a7';
    const late = new pg.Client({ connectionString: concord.database.ownerUrl });
    await late.connect();
    await late.query('begin');
    await late.query(
      `insert into event (id, tenant_id, at, type, cause, kind, app_id, detail)
       values ($1, $2, concord_now(), 'record_pushed', '{"by":"push"}', 'contact', 'late', '{}')`,
      [lateId, own.id],
    );
    await late.query('insert into unchained (event_id, tenant_id) values ($1, $2)', [lateId, own.id]);
    await push(own.id, 'w1', 'w1', { displayName: 'Gum Ltd', isCustomer: true });
    await concord.entered(own.id, 'contact', 'w1');
    await has(subscriber, 2);
    await late.query('commit');
    await late.end();
    await concord.number();
    const [row] = await concord.database.asOwner<{ sequence: string }>(
      'select sequence from chain where event_id = $1',
      [lateId],
    );
    const sequences = await eventually(
      () => subscriber.told.map(({ data }) => (data as unknown as Changed).recordChanged.sequence),
      (seen) => seen.includes(String(row!.sequence)),
    );
    expect(new Set(sequences).size).toBe(sequences.length);
  });

  test('a key that is revoked meanwhile hears no more', async () => {
    const { id, secret } = await concord.key('finance', own.id);
    const subscriber = follow(concord.url, { key: secret }).subscribe(RECORD_CHANGED);
    await begun();
    await push(own.id, 'x1', 'x1', { displayName: 'Hazel Ltd', isCustomer: true });
    await has(subscriber, 1);
    await concord.get(ADMIN_OF(own.id), 'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', { id });
    await eventually(
      () => subscriber,
      ({ codes }) => codes.includes('UNAUTHENTICATED'),
      15_000,
    );
    const heard = subscriber.told.length;
    await push(own.id, 'x2', 'x2', { displayName: 'Iris Ltd', isCustomer: true });
    await concord.entered(own.id, 'contact', 'x2');
    expect(subscriber.told).toHaveLength(heard);
  });

  test('following leaves no event that a follower would hear', async () => {
    const support = await concord.key('support');
    await concord.get(
      ADMIN_OF(own.id),
      'mutation ($actor: String!) { grantSupport(actor: $actor, reason: "a trial", seconds: 60) { id } }',
      { actor: `key:${support.id}` },
    );
    follow(concord.url, { key: support.secret, tenant: own.id }).subscribe(RECORD_CHANGED);
    await begun();
    await push(own.id, 'y1', 'y1', { displayName: 'Juniper Ltd', isCustomer: true });
    await concord.entered(own.id, 'contact', 'y1');
    const used = await concord.database.asOwner(
      `select 1 from event where tenant_id = $1 and type = 'support_granted' and detail->>'did' = 'used'
         and cause->>'actor' = $2`,
      [own.id, `key:${support.id}`],
    );
    expect(used).toHaveLength(1);
  });

  test('one that is given up is forgotten, also while it sleeps', async () => {
    const following = follow();
    const subscribers = Array.from({ length: 5 }, () => following.subscribe(RECORD_CHANGED));
    await begun();
    for (const { stop } of subscribers) stop();
    await eventually(
      () => subscribers,
      (all) => all.every(({ ended }) => ended?.how === 'complete'),
    );
  });

  describe('what the socket does not take', () => {
    const codeOf = async (document: string): Promise<readonly string[]> => {
      const subscriber = follow().subscribe(document);
      await eventually(
        () => subscriber,
        ({ codes }) => codes.length > 0,
      );
      return subscriber.codes;
    };

    test('queries and mutations', async () => {
      expect(await codeOf('{ tenant { id } }')).toEqual(['SUBSCRIPTIONS_ONLY']);
      expect(await codeOf('mutation { createTenant(name: "x") { known } }')).toEqual(['SUBSCRIPTIONS_ONLY']);
    });

    test('what is no GraphQL, or does not fit', async () => {
      expect(await codeOf('{')).toEqual(['GRAPHQL_PARSE_FAILED']);
      expect(await codeOf('subscription { nothing }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      expect(await codeOf('subscription { recordChanged(after: "x") { sequence } }')).toEqual(['BAD_INPUT']);
      expect(await codeOf('subscription ($id: ID!) { recordChanged(id: $id) { sequence } }')).toEqual(['BAD_INPUT']);
    });

    test('more than twenty at once', async () => {
      const following = follow();
      const subscribers = Array.from({ length: 21 }, () => following.subscribe(RECORD_CHANGED));
      await eventually(
        () => subscribers.flatMap(({ codes }) => codes),
        (codes) => codes.includes('TOO_MANY_SUBSCRIPTIONS'),
      );
      expect(subscribers.flatMap(({ codes }) => codes)).toEqual(['TOO_MANY_SUBSCRIPTIONS']);
    });

    const closing = (path: string, send?: string): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${concord.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws');
        socket.on('close', resolve);
        socket.on('error', () => undefined);
        if (send !== undefined) socket.on('open', () => socket.send(send));
      });

    test('strangers', async () => {
      expect(await closing('/graphql', JSON.stringify({ type: 'connection_init' }))).toBe(4403);
      const payload = { authorization: 'Bearer ck_00000000_nonsense' };
      expect(await closing('/graphql', JSON.stringify({ type: 'connection_init', payload }))).toBe(4403);
    });

    test('silence, noise, and other paths', async () => {
      expect(await closing('/graphql', 'noise')).toBe(4400);
      expect(await closing('/graphql', 'x'.repeat(70_000))).toBe(1009);
      expect(await closing('/elsewhere')).toBe(1006);
      expect(await closing('/graphql')).toBe(4408);
    });
  });
});
