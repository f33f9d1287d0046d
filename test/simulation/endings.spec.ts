import type { Content } from '../../src/domain/contract/index.js';
import { Stage } from './stage.js';

const ANA = { kind: 'contact', id: 'ana' } as const;

/** An accounting product that ends nothing to which something present refers. */
const settled = async (): Promise<Stage> => {
  const stage = new Stage({ keepsNamed: true });
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.push('invoice', 'i1', invoice('first'));
  await stage.push('invoice', 'i2', invoice('second'));
  await stage.push('payment', 'p1', {
    contact: ANA,
    date: '2026-03-03',
    amount: '10.00',
    allocations: [{ document: { kind: 'invoice', id: 'i1' }, amount: '10.00' }],
  });
  await stage.rest();
  expect(stage.booksShow).toEqual(['present contact', 'present invoice', 'present invoice', 'present payment']);
  return stage;
};

const invoice = (description: string): Content => ({
  contact: ANA,
  issueDate: '2026-03-02',
  state: 'open',
  lines: [{ description, amount: '10.00' }],
});

const refusalsIn = (stage: Stage): unknown[] =>
  stage.world.history.all().filter(({ type }) => type === 'books_refused');

test('a contact is archived after its invoices have ended, and an invoice voided after its payment was deleted', async () => {
  const stage = await settled();
  await stage.push('contact', 'ana', {}, { existence: 'archived' });
  await stage.push('invoice', 'i1', {}, { existence: 'voided' });
  await stage.delete('invoice', 'i2');
  await stage.delete('payment', 'p1');
  await stage.rest();
  expect(stage.booksShow).toEqual(['archived contact', 'deleted invoice', 'deleted payment', 'voided invoice']);
  expect(refusalsIn(stage)).toEqual([]);
  expect(stage.world.waits.all()).toEqual([]);
});

test('an end that was refused is tried again once what was in its way has ended, and not before', async () => {
  const stage = await settled();
  const attempts = (): number => stage.world.books.served.filter((what) => what === 'write archive').length;
  await stage.push('contact', 'ana', {}, { existence: 'archived' });
  await stage.rest();
  expect(stage.world.problems.all()).toMatchObject([{ code: 'refused_by_provider' }]);
  expect(attempts()).toBe(1);
  stage.world.pollEverything('poller');
  await stage.rest();
  expect(attempts()).toBe(1);

  for (const ref of [...stage.inBooks('payment'), ...stage.inBooks('invoice')]) stage.world.books.end(ref, 'deleted');
  await stage.rest();
  expect(stage.booksShow).toEqual(['archived contact', 'deleted invoice', 'deleted invoice', 'deleted payment']);
  expect(stage.world.problems.all()).toEqual([]);
});

test('while a dependent stands before a person its record waits, and goes on with the answer', async () => {
  const stage = await settled();
  const [, second] = stage.inBooks('invoice');
  stage.world.books.edit(second!, { memo: 'paid in cash' });
  await stage.delete('invoice', 'i2');
  await stage.push('contact', 'ana', {}, { existence: 'archived' });
  for (const kind of ['payment', 'invoice'] as const) await stage.delete(kind, kind === 'payment' ? 'p1' : 'i1');
  await stage.rest();
  expect(stage.booksShow).toEqual(['deleted invoice', 'deleted payment', 'present contact', 'present invoice']);
  expect(stage.world.waits.all()).toMatchObject([{ side: 'books', until: 'ended', path: 'contact' }]);
  expect(stage.world.problems.all()).toEqual([]);

  const [conflict] = stage.world.conflicts.all().filter(({ ended }) => ended === undefined);
  await stage.decide(conflict!.id, 'keep_app');
  await stage.rest();
  expect(stage.booksShow).toEqual(['archived contact', 'deleted invoice', 'deleted invoice', 'deleted payment']);
  expect(refusalsIn(stage)).toEqual([]);
});

test('a dependent that stays in the books by a person’s word is not waited for any more', async () => {
  const stage = await settled();
  const [, second] = stage.inBooks('invoice');
  stage.world.books.edit(second!, { memo: 'paid in cash' });
  await stage.delete('invoice', 'i2');
  await stage.push('contact', 'ana', {}, { existence: 'archived' });
  await stage.rest();
  const [conflict] = stage.world.conflicts.all().filter(({ ended }) => ended === undefined);
  await stage.decide(conflict!.id, 'leave_apart');
  await stage.rest();
  expect(stage.world.waits.all()).toEqual([]);
  expect(stage.world.problems.all()).toMatchObject([{ message: 'It is used by other transactions.' }]);
});
