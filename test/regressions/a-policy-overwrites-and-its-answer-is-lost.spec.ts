import { Stage } from '../simulation/stage.js';
import { TENANT } from '../simulation/world.js';

/**
 * By policy the app's name replaces the accountant's. The answer is lost, and before anybody looks the accountant has
 * written yet another name: whether the write was carried out shows nowhere but in what it overwrote.
 */
test('what a policy may have overwritten stays in the history, though the answer to the write was lost', async () => {
  const stage = new Stage();
  const { database, conflicts, books, history } = stage.world;
  await database.inTenant(TENANT, (tx) =>
    conflicts.setPolicy(tx, { kind: 'contact', rule: 'app_wins' }, 'finance:ana'),
  );
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.rest();
  books.edit(stage.inBooks('contact')[0]!, { displayName: 'Ana of the books' });
  await stage.push('contact', 'ana', { displayName: 'Ana of the app' });
  await stage.poll(stage.inBooks('contact')[0]!);
  stage.losing('after', 'not');
  await stage.rest({ until: () => stage.written('update') === 1 });
  books.edit(stage.inBooks('contact')[0]!, { displayName: 'Ana once more' });
  await stage.rest();

  const told = history.all().filter(({ type }) => type === 'books_uncertain' || type === 'books_written');
  const overwriting = told.find(({ detail }) => JSON.stringify(detail.before).includes('Ana of the books'));
  expect(overwriting).toMatchObject({ detail: { policies: { naming: 'app_wins' } } });
});
