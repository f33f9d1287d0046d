import { eventually, Street } from '../integration/street-harness.js';

/**
 * The books tell of a record that we are creating before our walk has noted its id: a half twin comes to be for it, and
 * is absorbed while its own walk holds it. What the notice asked must not be lost with it.
 */
test('an edit in the books that is noticed while the record is being created still reaches the app', async () => {
  const street = await Street.open();
  const createAndEdit = async (name: string) => {
    await street.push(name, { kind: 'contact', id: name, content: { displayName: name, isCustomer: true } });
    const { id } = await street.entered('contact', 'displayName', name);
    street.books.edit({ kind: 'contact', id }, { email: `${name}@birch.example` });
    await street.notice('contact', id);
    await eventually(
      () => street.record('contact', name),
      (seen) => seen?.content.email === `${name}@birch.example`,
    );
  };
  try {
    for (let round = 0; round < 12; round++) {
      await Promise.all([0, 1, 2, 3, 4].map((one) => createAndEdit(`birch-${round}-${one}`)));
    }
  } finally {
    await street.close();
  }
}, 240_000);
