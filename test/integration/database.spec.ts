import { randomUUID } from 'node:crypto';
import { type FreshDatabase, freshDatabase } from './database.js';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase([]);
});
afterAll(() => fresh.drop());

test('stored time is the database’s own and can be moved', async () => {
  const before = await fresh.database.dispatching((tx) => Promise.resolve(tx.now));
  await fresh.pass(3_600_000);
  const after = await fresh.database.inTenant(randomUUID(), (tx) => Promise.resolve(tx.now));
  const passed = after.getTime() - before.getTime();
  expect(passed).toBeGreaterThanOrEqual(3_600_000);
  expect(passed).toBeLessThan(3_610_000);
});
