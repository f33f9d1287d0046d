import { Stage } from '../simulation/stage.js';

/** The difference remains after a refusal, so every walk plans the same write again; only somebody's act repeats it. */
test('a write that was refused is not sent again on every notice, but when somebody acts', async () => {
  const stage = new Stage();
  const contact = { kind: 'contact', id: 'ana' } as const;
  const lines = [{ description: 'Design', amount: '10.00' }];
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.push('invoice', 'i1', { contact, issueDate: '2026-03-02', state: 'open', lines });
  await stage.rest();
  stage.world.books.end(stage.inBooks('contact')[0]!, 'archived');
  await stage.rest();

  await stage.push('invoice', 'i1', { memo: 'thank you' });
  await stage.rest();
  expect(stage.written('update')).toBe(1);
  expect(stage.world.problems.all()).toMatchObject([{ message: 'The contact is not active.' }]);
  for (let times = 0; times < 5; times++) {
    stage.world.pollEverything('poller');
    await stage.rest();
  }
  expect(stage.written('update')).toBe(1);
  expect(stage.world.problems.all()).toHaveLength(1);

  await stage.push('invoice', 'i1', { memo: 'thank you!' });
  await stage.rest();
  expect(stage.written('update')).toBe(2);
});
