import { Stage } from '../simulation/stage.js';

/**
 * The answer to a create is lost, nothing can tell what became of it, and a person is asked. Meanwhile a webhook tells
 * of a record that was born in the books at that time, and the accountant has changed it already: neither its number
 * nor its sum is that of the create. It may be the very one.
 */
test('a record that was born in the books when a create was lost waits, and is joined with it, not doubled', async () => {
  const stage = new Stage({ traceable: false });
  const { books, conflicts, records, waits } = stage.world;
  const contact = { kind: 'contact', id: 'ana' } as const;
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.rest();
  stage.losing('after', 'not');
  const lines = [{ description: 'Design', amount: '10.00' }];
  await stage.push('invoice', 'i1', { contact, issueDate: '2026-03-02', state: 'open', lines });
  await stage.rest({ deaf: true });
  expect(conflicts.all()).toMatchObject([{ reason: 'outcome_unknown' }]);

  const [born] = stage.inBooks('invoice');
  books.edit(born!, { lines: [{ description: 'Design and print', amount: '25.00' }] });
  await stage.rest();
  const invoices = (): unknown[] => records.all().filter(({ kind }) => kind === 'invoice');
  expect(invoices()).toHaveLength(1);
  expect(waits.all()).toMatchObject([{ side: 'books', until: 'exists' }]);

  expect(await stage.link('invoice', 'i1', born!.id)).toMatchObject({ outcome: 'linked' });
  await stage.rest();
  expect(invoices()).toMatchObject([{ id: 'i1', content: { lines: [{ description: 'Design and print' }] } }]);
  expect(stage.inBooks('invoice')).toHaveLength(1);
  expect(waits.all()).toEqual([]);
});
