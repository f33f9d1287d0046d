import { Stage } from '../simulation/stage.js';

const inStep = async (): Promise<Stage> => {
  const stage = new Stage();
  await stage.push('contact', 'ana', { displayName: 'Ana', email: 'ana@old.example', isCustomer: true });
  await stage.rest();
  return stage;
};

/** Two processes of the SaaS read the same version and push what they changed; neither knows of the other. */
test('pushes that race on one old version are merged where they changed different things', async () => {
  const stage = await inStep();
  const outcomes = [
    await stage.push('contact', 'ana', { displayName: 'Anna' }, { basedOn: 1 }),
    await stage.push('contact', 'ana', { email: 'anna@new.example' }, { basedOn: 1 }),
    await stage.push('contact', 'ana', { notes: 'pays late' }, { basedOn: 1 }),
  ];
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['updated', 'merged', 'merged']);
  await stage.rest();
  const all = { displayName: 'Anna', email: 'anna@new.example', notes: 'pays late' };
  expect(stage.record('contact', 'ana')!.content).toMatchObject(all);
  expect(stage.inBooks('contact')).toMatchObject([{ content: all }]);
});

/** The first one waits for a person, because the accountant has changed the same; the second must not take its place. */
test('a push that waits for a person is not replaced by another one on the same old version', async () => {
  const stage = await inStep();
  stage.world.books.edit(stage.inBooks('contact')[0]!, { email: 'ana@books.example' });
  await stage.rest();
  const first = await stage.push('contact', 'ana', { email: 'first@app.example' }, { basedOn: 1 });
  const second = await stage.push('contact', 'ana', { email: 'second@app.example' }, { basedOn: 1 });
  expect([first.outcome, second.outcome]).toEqual(['in_review', 'stale']);
  await stage.rest();
  expect(stage.world.conflicts.all()).toMatchObject([
    { app: { content: { email: 'first@app.example' } }, books: { content: { email: 'ana@books.example' } } },
  ]);
});
