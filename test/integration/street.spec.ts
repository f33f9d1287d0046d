import { eventually, fairWeather, queues, Street } from './street-harness.js';

describe.each(queues)('the street with its queue on %s', (_name, redisUrl) => {
  let street: Street;
  beforeAll(async () => {
    street = await Street.open(undefined, redisUrl);
  });
  afterAll(() => street.close());

  test('an edit of the app travels into the books, and one of the books into the app', async () => {
    await street.push('k1', { kind: 'contact', id: 'c1', content: { displayName: 'Birch Lane', isCustomer: true } });
    const { id } = await street.entered('contact', 'displayName', 'Birch Lane');
    street.books.edit({ kind: 'contact', id }, { email: 'ap@birch.example' });
    await street.notice('contact', id);
    await eventually(
      () => street.record('contact', 'c1'),
      (seen) => seen?.content.email === 'ap@birch.example',
    );
  });

  test('an invoice waits for its contact and goes on by itself', async () => {
    const contact = { kind: 'contact', id: 'c2' } as const;
    await street.push('k2', {
      kind: 'invoice',
      id: 'i2',
      content: { contact, issueDate: '2026-03-02', state: 'open', lines: [{ description: 'Design', amount: '10.00' }] },
    });
    await street.push('k3', { kind: 'contact', id: 'c2', content: { displayName: 'Elm Co', isCustomer: true } });
    const elm = await street.entered('contact', 'displayName', 'Elm Co');
    const [invoice] = await eventually(
      () => street.books.all().filter(({ kind }) => kind === 'invoice'),
      (found) => found.length === 1,
    );
    expect(invoice!.content.contact).toMatchObject({ id: elm.id });
    await eventually(
      () => street.record('invoice', 'i2'),
      (seen) => seen?.facts.total === '10',
    );
  });

  test('a lost answer makes one record, not two', async () => {
    let lost = 0;
    street.weather = (request, serve) => {
      const exchange = fairWeather(request, serve);
      if (request.path === '/write' && lost++ === 0) return { unanswered: 'maybe_sent', message: 'connection reset' };
      return exchange;
    };
    await street.push('k4', { kind: 'contact', id: 'c4', content: { displayName: 'Ash Ltd', isCustomer: true } });
    await eventually(
      () =>
        street.database.asOwner(
          `select state from intent where settled_at is not null and write->'content'->>'displayName' = 'Ash Ltd'`,
        ),
      (rows) => rows.length === 1,
    );
    await street.entered('contact', 'displayName', 'Ash Ltd');
    street.weather = fairWeather;
  });
});
