import { randomUUID } from 'node:crypto';
import { RecordStore } from '../../src/modules/records/index.js';
import { DeliveryStore } from '../../src/modules/sync/index.js';
import { Retention } from '../../src/modules/sync/retention.js';
import { CONNECTION, eventually, Street, TENANT } from './street-harness.js';

const DAY_MS = 24 * 3_600_000;
const KEPT_DAYS = 90;

let street: Street;
beforeAll(async () => {
  street = await Street.open();
  await street.push('k1', { kind: 'contact', id: 'c1', content: { displayName: 'Birch Lane', isCustomer: true } });
  await street.entered('contact', 'displayName', 'Birch Lane');
  await street.push('k2', { kind: 'contact', id: 'c1', basedOn: 1, content: { email: 'one@birch.example' } });
  await quiet();
});
afterAll(() => street.close());

const quiet = () =>
  eventually(
    () =>
      street.database.asOwner(
        `select from work_item where wanted > done or walk_id is not null
         union all select from intent where settled_at is null and state in ('planned', 'in_flight', 'confirmed')`,
      ),
    (rows) => rows.length === 0,
  );
const retain = (): Promise<void> => street.app.get(Retention).run();
const counts = async (): Promise<Record<string, number>> => {
  const [row] = await street.database.asOwner<Record<string, number>>(
    `select (select count(*)::int from call where request ? 'body') as "calls with bodies",
            (select count(*)::int from call) as calls,
            (select count(*)::int from walk where not open) as walks,
            (select count(*)::int from walk_item) as "items of walks",
            (select count(*)::int from heard_event) as "heard events"`,
  );
  return row!;
};
const versions = (): Promise<number[]> =>
  street.transactions.inTenant(TENANT, async (tx) =>
    (await street.app.get(RecordStore).versions(tx, { kind: 'contact', id: 'c1' }, 0)).map(({ version }) => version),
  );
const deliver = async (unpacked: boolean): Promise<string> => {
  const id = randomUUID();
  const deliveries = street.app.get(DeliveryStore);
  await street.transactions.dispatching(async (tx) => {
    const delivery = { id, provider: 'model', headers: { 'x-signature': 's' }, body: Buffer.from('{"canary":1}') };
    await deliveries.add(tx, [{ ...delivery, receivedAt: tx.now }]);
    // Claimed for ever by somebody who never comes back to it, where it is not unpacked.
    if (unpacked) await deliveries.unpacked(tx, [{ id, notices: 1, orphans: 0, unreadable: undefined }]);
  });
  if (!unpacked) {
    await street.database.asOwner(`update delivery set claimed_until = 'infinity' where id = $1`, [id]);
  }
  return id;
};
const bodyOf = async (id: string): Promise<string> => {
  const [row] = await street.database.asOwner<{ body: Buffer; headers: object }>(
    'select body, headers from delivery where id = $1',
    [id],
  );
  expect(row!.headers).toEqual(row!.body.length === 0 ? {} : { 'x-signature': 's' });
  return row!.body.toString();
};

test('what only explains the past is kept for as long as the setting says, and then emptied or removed', async () => {
  const [unpacked, waiting] = [await deliver(true), await deliver(false)];
  await street.database.asOwner(
    `insert into heard_event (tenant_id, connection_id, event_id, delivery_id, at) values ($1, $2, 'e1', $3, concord_now())`,
    [TENANT, CONNECTION, unpacked],
  );
  const before = await counts();
  expect(before['calls with bodies']).toBeGreaterThan(1);
  expect(before.walks).toBeGreaterThan(1);
  // One of the writes waits for a person who knows what became of it: it may be sent again.
  const [open] = await street.database.asOwner<{ call: string }>(
    `update intent set state = 'uncertain' where id = (select id from intent order by created_at limit 1)
     returning call_id as call`,
  );

  await street.database.pass((KEPT_DAYS - 1) * DAY_MS);
  await retain();
  expect(await counts()).toEqual(before);
  expect(await bodyOf(unpacked)).toBe('{"canary":1}');
  expect(await versions()).toEqual([1, 2]);

  await street.push('k3', { kind: 'contact', id: 'c1', basedOn: 2, content: { email: 'two@birch.example' } });
  await street.database.pass(2 * DAY_MS);
  await retain();
  expect([await bodyOf(unpacked), await bodyOf(waiting)]).toEqual(['', '{"canary":1}']);
  const emptied = await street.database.asOwner<{ id: string; request: Record<string, unknown> }>(
    `select id, request from call where not request ? 'body'`,
  );
  expect(emptied.length).toBeGreaterThan(0);
  for (const { id, request } of emptied) {
    expect(id).not.toBe(open!.call);
    expect(request).toEqual({ method: 'POST', path: '/write', label: 'write contact' });
  }
  const after = await counts();
  expect(after.calls).toBe(before.calls);
  expect(after['heard events']).toBe(0);
  const [old] = await street.database.asOwner<{ count: number }>(
    `select count(*)::int from walk where ended_at < concord_now() - interval '90 days'`,
  );
  expect(old!.count).toBe(0);
});

test('what a push may still be based on is kept: the newest content, and one that was replaced not long ago', async () => {
  // The second version is as old as the first, but it was replaced in the last days.
  expect(await versions()).toEqual([2, 3]);
  const merged = { kind: 'contact', id: 'c1', basedOn: 2, content: { notes: 'on the second version' } } as const;
  expect(await street.push('k4', merged)).toMatchObject([{ outcome: 'merged' }]);
  const stale = { kind: 'contact', id: 'c1', basedOn: 1, content: { notes: 'on the first version' } } as const;
  expect(await street.push('k5', stale)).toMatchObject([{ outcome: 'stale' }]);
});

test('what both sides agreed on, what was last seen and the history stay whatever their age', async () => {
  const facts = (): Promise<unknown[]> =>
    street.database.asOwner(
      `select (select jsonb_agg(base order by id) from twin) as bases,
              (select jsonb_agg(content order by books_id) from snapshot) as seen,
              (select count(*)::int from event) as events, (select count(*)::int from intent) as intents`,
    );
  await street.database.asOwner(`update work_item set done = wanted, walk_id = null`);
  const before = await facts();
  await street.database.pass(400 * DAY_MS);
  await retain();
  expect(await facts()).toEqual(before);
  expect(await versions()).toEqual([4]);
});

test('a tenant that is deleted is left to its deletion', async () => {
  const id = randomUUID();
  await street.database.asOwner(
    `insert into tenant (id, name, created_at, deleted_at) values ($1, '', now() - interval '2 years', now())`,
    [id],
  );
  await street.database.asOwner(
    `insert into heard_event (tenant_id, connection_id, event_id, delivery_id, at)
     values ($1, $2, 'old', $2, now() - interval '2 years')`,
    [id, CONNECTION],
  );
  await retain();
  expect(await street.database.asOwner('select from heard_event where tenant_id = $1', [id])).toHaveLength(1);
});
