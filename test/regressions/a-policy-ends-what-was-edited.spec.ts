import { Stage } from '../simulation/stage.js';
import { TENANT } from '../simulation/world.js';

/** By policy the app's deletion counts more than the accountant's edit, which no other place has ever seen. */
test('what an accountant had entered in a record that a policy deletes stays in the history', async () => {
  const stage = new Stage();
  const { database, conflicts, books, history } = stage.world;
  await database.inTenant(TENANT, (tx) =>
    conflicts.setPolicy(tx, { kind: 'invoice', rule: 'app_wins' }, 'finance:ana'),
  );
  const contact = { kind: 'contact', id: 'ana' } as const;
  const lines = [{ description: 'Design', amount: '10.00' }];
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.push('invoice', 'i1', { contact, issueDate: '2026-03-02', state: 'open', lines });
  await stage.rest();
  books.edit(stage.inBooks('invoice')[0]!, { memo: 'paid in cash' });
  await stage.delete('invoice', 'i1');
  await stage.rest();
  expect(stage.inBooks('invoice')).toMatchObject([{ existence: 'deleted' }]);
  const told = history.all().findLast(({ type }) => type === 'books_written');
  expect(told).toMatchObject({
    detail: { operation: 'delete', before: { memo: 'paid in cash' }, policies: { existence: 'app_wins' } },
  });
});
