import type { Wait } from '../../src/modules/sync/index.js';
import type { Tx } from '../../src/platform/database/index.js';
import { standing, waiting } from '../contract/stores/interleaving.js';
import { PostgresForm, type PostgresHarness } from '../contract/stores/postgres-harness.js';

/**
 * A record was walked once more while what it waits for came to exist: both settled at the same moment. The waiting one
 * said its wait again, by taking it out and putting it in anew, and the other one, which stood at the old row, saw it gone
 * and the new one not yet. Nobody was left to wake it.
 */
let form: PostgresForm;
let h: PostgresHarness;
beforeAll(async () => {
  form = await PostgresForm.start();
});
afterAll(() => form.stop());
beforeEach(async () => {
  h = await form.open();
});

const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => h.transactions.inTenant(h.tenant, work);
const waitOf = (twin: string, needs: string, path: string): Wait => ({
  ...{ twin, needs, side: 'app', until: 'exists', path },
});

test.each([
  ['as it was', 'fromAccount'],
  ['at another place', 'toAccount'],
])('a wait that is said again, %s, while it ends has ended', async (_says, path) => {
  const [transfer, account] = [h.newId(), h.newId()];
  await within((tx) => h.waits.replace(tx, [transfer], [waitOf(transfer, account, 'fromAccount')]));

  const again = await standing(h.transactions, h.tenant, (tx) =>
    h.waits.replace(tx, [transfer], [waitOf(transfer, account, path)]),
  );
  const ending = within((tx) => h.waits.end(tx, [{ twin: account, side: 'app', until: 'exists' }]));
  await waiting(form.fresh);
  await again.commit();

  expect(await ending).toEqual([transfer]);
  expect(again.result).toEqual([]);
  expect(await within((tx) => h.waits.of(tx, [transfer]))).toEqual([]);
});

test('a wait that ends while it is said again is new', async () => {
  const [transfer, account] = [h.newId(), h.newId()];
  await within((tx) => h.waits.replace(tx, [transfer], [waitOf(transfer, account, 'fromAccount')]));

  const ended = await standing(h.transactions, h.tenant, (tx) =>
    h.waits.end(tx, [{ twin: account, side: 'app', until: 'exists' }]),
  );
  const wait = waitOf(transfer, account, 'fromAccount');
  const again = within((tx) => h.waits.replace(tx, [transfer], [wait]));
  await waiting(form.fresh);
  await ended.commit();

  expect(ended.result).toEqual([transfer]);
  expect(await again).toEqual([wait]);
  expect(await within((tx) => h.waits.of(tx, [transfer]))).toEqual([wait]);
});
