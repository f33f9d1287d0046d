import { Stage } from '../simulation/stage.js';

/**
 * A write is confirmed, and its worker dies before the walk settles. The next walk carries out another plan; that the
 * last one was confirmed says nothing about this one.
 */
test('an edit that comes between the answer to a write and its settling is written too', async () => {
  const stage = new Stage();
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.rest();
  await stage.push('contact', 'ana', { displayName: 'Anna' });
  await stage.workThrough('apply');
  expect(stage.inBooks('contact')).toMatchObject([{ content: { displayName: 'Anna' } }]);

  stage.world.forgetQueue();
  await stage.push('contact', 'ana', { displayName: 'Annabel' });
  stage.world.pass(31_000);
  await stage.rest({ deaf: true });
  expect(stage.inBooks('contact')).toMatchObject([{ content: { displayName: 'Annabel' } }]);
  expect(stage.world.conflicts.all()).toEqual([]);
});
