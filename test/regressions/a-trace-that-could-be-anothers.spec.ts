import { Stage } from '../simulation/stage.js';

/**
 * Two payments say the same, and the provider has no place for a marker: a look-up finds what looks like them. One of
 * the two creates was carried out, but not even the provider could say which.
 */
test('a trace that could be the one of another create is believed for neither', async () => {
  const stage = new Stage();
  const { books, conflicts, twins } = stage.world;
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.rest();
  const marked = books.marked.bind(books);
  books.marked = (kind) => stage.inBooks(kind).flatMap(({ marker }) => marked(kind, marker!));

  const payment = { contact: { kind: 'contact', id: 'ana' }, date: '2026-03-03', amount: '10.00' };
  await stage.push('payment', 'p1', payment);
  await stage.push('payment', 'p2', payment);
  stage.losing('after', 'before');
  await stage.rest({ deaf: true });
  expect(stage.inBooks('payment')).toHaveLength(1);
  expect(conflicts.all().map(({ reason }) => reason)).toEqual(['outcome_unknown', 'outcome_unknown']);
  expect(twins.all().filter(({ kind, books: id }) => kind === 'payment' && id !== undefined)).toEqual([]);
});
