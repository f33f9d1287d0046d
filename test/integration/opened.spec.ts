import type { PollPage, ProviderDefinition } from '../../src/domain/provider/index.js';
import { Opened, TwinStore } from '../../src/modules/sync/index.js';
import { CONNECTION, eventually, Street, TENANT, TRAITS } from './street-harness.js';

const FRESH_MS = 15_000;
const ANA = 'finance:ana';

/** The model without webhooks: it is asked once a day, or when somebody looks. */
const polled =
  (polls: string[]) =>
  (definition: ProviderDefinition): ProviderDefinition => ({
    ...definition,
    kinds: Object.fromEntries(
      Object.entries(definition.kinds).map(([kind, ability]) => [kind, { ...ability, noticedBy: 'poll' }]),
    ) as unknown as ProviderDefinition['kinds'],
    streams: [{ name: 'changes', kinds: ['contact'], everyMs: 86_400_000, says: 'The model has no webhooks.' }],
    connect: (session) => {
      const poll = async (stream: string): Promise<PollPage> => {
        polls.push(stream);
        return { sightings: [], notices: [], cursor: String(polls.length), more: false };
      };
      return Object.assign(Object.create(definition.connect(session)) as ReturnType<ProviderDefinition['connect']>, {
        poll,
      });
    },
  });

describe('what somebody opens, where no webhook tells', () => {
  const polls: string[] = [];
  let street: Street;
  let booksId: string;
  let twin: string;

  beforeAll(async () => {
    street = await Street.open(TRAITS, undefined, polled(polls));
    await street.database.asOwner(
      `insert into stream (connection_id, name, tenant_id, every_ms, due_at, why)
       values ($1, 'changes', $2, 86400000, concord_now() + interval '1 day', 'no webhooks')`,
      [CONNECTION, TENANT],
    );
    await street.push('k1', { kind: 'contact', id: 'c1', content: { displayName: 'Birch Lane', isCustomer: true } });
    booksId = (await street.entered('contact', 'displayName', 'Birch Lane')).id;
    twin = await eventually(
      async () =>
        (
          await street.transactions.inTenant(TENANT, (tx) =>
            street.app.get(TwinStore).ofRecords(tx, [{ kind: 'contact', id: 'c1' }]),
          )
        )[0],
      (found) => found?.books !== undefined && found.base.existence !== undefined,
    ).then((found) => found!.id);
  });
  afterAll(() => street.close());
  beforeEach(() => street.database.pass(FRESH_MS + 1));

  const open = (): Promise<void> => street.app.get(Opened).opened(TENANT, ANA, { twins: [twin] });
  const looks = (): number => street.books.served.filter((what) => what === 'observe').length;
  const wanted = async (): Promise<number> => {
    const [row] = await street.database.asOwner<{ wanted: number }>(
      'select wanted::int from work_item where twin_id = $1',
      [twin],
    );
    return row!.wanted;
  };
  const quiet = () =>
    eventually(
      () => street.database.asOwner('select from work_item where wanted > done or walk_id is not null'),
      (rows) => rows.length === 0,
    );

  test('a record is looked at at once, so that what the accountant did is there', async () => {
    street.books.edit({ kind: 'contact', id: booksId }, { email: 'ap@birch.example' });
    street.app.get(Opened).note(TENANT, ANA, { twins: [twin] });
    await eventually(
      () => street.record('contact', 'c1'),
      (seen) => seen?.content.email === 'ap@birch.example',
    );
  });

  test('a record that was looked at just now is not looked at again, however often it is opened', async () => {
    await open();
    await quiet();
    const [before, raised] = [looks(), await wanted()];
    for (let times = 0; times < 5; times++) await open();
    await quiet();
    expect([looks(), await wanted()]).toEqual([before, raised]);
  });

  test('a record whose provider fails is left to its own time', async () => {
    await quiet();
    street.weather = () => ({ status: 503, headers: {}, body: '' });
    await open();
    const putOff = (): Promise<{ attempts: number; not_before: Date }[]> =>
      street.database.asOwner(
        `update work_item set not_before = now() + interval '1 hour'
          where twin_id = $1 and walk_id is null and attempts > 0 returning attempts, not_before`,
        [twin],
      );
    const [before] = await eventually(putOff, (rows) => rows.length === 1);
    await open();
    const after = await street.database.asOwner('select attempts, not_before from work_item where twin_id = $1', [
      twin,
    ]);
    expect(after).toEqual([before]);
    street.weather = (_request, serve) => ({ status: 200, headers: {}, body: JSON.stringify(serve()) });
    await street.notice('contact', booksId);
    await quiet();
  });

  test('a connection is polled at once, and once only', async () => {
    const before = polls.length;
    const openIt = (): Promise<void> => street.app.get(Opened).opened(TENANT, ANA, { connection: CONNECTION });
    await openIt();
    await eventually(
      () => polls.length,
      (count) => count === before + 1,
    );
    await eventually(
      () => street.database.asOwner('select from stream where looked_at is not null and due_at > concord_now()'),
      (rows) => rows.length === 1,
    );
    await openIt();
    const [row] = await street.database.asOwner<{ later: boolean }>(
      'select due_at > concord_now() as later from stream',
    );
    expect(row!.later).toBe(true);
    expect(polls.length).toBe(before + 1);
  });

  test('nobody hears of it when it fails, and what is not there is not looked at', async () => {
    const opened = street.app.get(Opened);
    expect(opened.note('not a tenant', ANA, { connection: CONNECTION })).toBeUndefined();
    const nowhere = '00000000-0000-7000-8000-0000000000ff';
    await opened.opened(TENANT, ANA, { connection: nowhere });
    await opened.opened(TENANT, ANA, { twins: [nowhere] });
    await opened.opened(nowhere, ANA, { twins: [twin] });
    await quiet();
  });
});

test('where webhooks tell, opening asks nothing', async () => {
  const street = await Street.open();
  try {
    await street.push('k1', { kind: 'contact', id: 'c1', content: { displayName: 'Elm Co', isCustomer: true } });
    await street.entered('contact', 'displayName', 'Elm Co');
    const [twin] = await eventually(
      () =>
        street.database.asOwner<{ id: string; wanted: number }>(
          `select t.id, w.wanted::int from twin t join work_item w on w.twin_id = t.id where wanted = done and books_id is not null`,
        ),
      (rows) => rows.length === 1,
    );
    await street.database.pass(FRESH_MS + 1);
    await street.app.get(Opened).opened(TENANT, ANA, { twins: [twin!.id] });
    const [after] = await street.database.asOwner('select wanted::int from work_item where twin_id = $1', [twin!.id]);
    expect(after).toEqual({ wanted: twin!.wanted });
  } finally {
    await street.close();
  }
});
