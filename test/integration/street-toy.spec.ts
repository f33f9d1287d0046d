import type { Content, KindName } from '../../src/domain/contract/index.js';
import type { Json } from '../toy/stand-in/books.js';
import { ToyStreet, type AppRow } from '../toy/street.js';
import { AWKWARD } from '../toy/traits.js';
import { eventually } from './street-harness.js';

/** The whole street with a provider that has every awkward trait. */
describe('the street to a provider with every awkward trait', () => {
  let street: ToyStreet;
  beforeAll(async () => {
    street = await ToyStreet.open(AWKWARD);
  }, 60_000);
  afterAll(() => street.close());

  const books = () => street.stand.companies[0]!.accountant;

  /** Records of the books with their bodies, those that are ended included where they are still there. */
  const inBooks = async (kind: KindName): Promise<{ id: string; body: Json }[]> =>
    (await books().all(kind)).map(({ id, record }) => ({ id, body: (record as { body: Json }).body }));

  const entered = async (kind: KindName, member: string, value: unknown): Promise<{ id: string; body: Json }> => {
    const [found] = await eventually(
      async () => (await inBooks(kind)).filter(({ body }) => body[member] === value),
      ({ length }) => length === 1,
    );
    return found!;
  };

  /** The app's record of which something holds, asking the books for changes until it does. */
  const recorded = async (kind: KindName, holds: (row: AppRow) => boolean): Promise<AppRow> => {
    const [found] = await eventually(
      async () => {
        await street.syncNow();
        return (await street.records(kind)).filter(holds);
      },
      ({ length }) => length === 1,
    );
    return found!;
  };

  const customer = async (id: string, displayName: string): Promise<string> => {
    await street.push({ kind: 'contact', id, content: { displayName, isCustomer: true } });
    return (await entered('contact', 'name', displayName)).id;
  };

  const invoice = async (id: string, contact: string, more: Content = {}): Promise<string> => {
    await street.push({
      kind: 'invoice',
      id,
      content: {
        contact: { kind: 'contact', id: contact },
        issueDate: '2026-03-02',
        number: `INV-${id}`,
        lines: [{ description: 'Design', amount: '100.00' }],
        ...more,
      },
    });
    return (await entered('invoice', 'number', `INV-${id}`)).id;
  };

  test('an edit of the app travels into the books, and a polled one of the books into the app', async () => {
    const id = await customer('c1', 'Birch Lane');
    await street.polled();
    await books().edit({ kind: 'contact', id });
    const { content } = await recorded('contact', (row) => row.id === 'c1' && row.content.notes !== undefined);
    expect(content).toMatchObject({ displayName: 'Birch Lane', notes: expect.stringMatching(/^edited/) as string });
    expect(await street.troubles()).toEqual([]);
  });

  test('what is a bill and what is an invoice is found out by looking', async () => {
    await street.polled();
    const bill = await books().enter('bill');
    const sale = await books().enter('invoice');
    const { content } = await recorded('bill', () => true);
    await recorded('invoice', () => true);
    const refs = await street.database.asOwner('select kind, books_id from twin where books_id = any($1)', [
      [bill, sale],
    ]);
    expect(refs).toHaveLength(2);
    expect(refs).toEqual(
      expect.arrayContaining([
        { kind: 'bill', books_id: bill },
        { kind: 'invoice', books_id: sale },
      ]),
    );
    expect(content).toMatchObject({ lines: [expect.objectContaining({ amount: '1000' })] });
    expect(await street.troubles()).toEqual([]);
  });

  const credit = (id: string, contact: string, settles: string): Promise<unknown> =>
    street.push({
      kind: 'credit_note',
      id,
      content: {
        contact: { kind: 'contact', id: contact },
        issueDate: '2026-03-03',
        number: `CR-${id}`,
        lines: [{ description: 'Returned', amount: '40.00' }],
        allocations: [{ document: { kind: 'invoice', id: settles }, amount: '25.00' }],
      },
    });

  test.each([
    ['', '3', undefined],
    [', and the answer to the first one is lost', '11', 'POST credits'],
    [', and the answer to the second one is lost', '13', 'PUT applied'],
  ] as const)(
    'a credit is made and applied, though that takes two calls%s',
    async (_, number, lost) => {
      await customer(`c${number}`, `Cedar Row ${number}`);
      const settled = await invoice(`i${number}`, `c${number}`);
      if (lost) street.stand.loseAnswerTo(lost);
      await credit(`n${number}`, `c${number}`, `i${number}`);
      const made = await eventually(
        () => entered('credit_note', 'number', `CR-n${number}`),
        ({ body }) => body.applied !== undefined,
      );
      expect(made.body.applied).toEqual([{ document: settled, amount: '25' }]);
      await recorded('credit_note', (row) => row.id === `n${number}` && row.facts.remaining === '15');
      expect(await street.troubles()).toEqual([]);
    },
    30_000,
  );

  const paymentOf = (number: string, amount: string): Content => ({
    contact: { kind: 'contact', id: `c${number}` },
    ...{ date: '2026-03-04', amount, reference: `P-${number}` },
    allocations: [{ document: { kind: 'invoice', id: `i${number}` }, amount: '60.00' }],
  });

  /** A payment of 60 that stands on both sides. */
  const paid = async (number: string, party: string): Promise<string> => {
    await customer(`c${number}`, party);
    await invoice(`i${number}`, `c${number}`);
    await street.push({ kind: 'payment', id: `p${number}`, content: paymentOf(number, '60.00') });
    const { id } = await entered('payment', 'reference', `P-${number}`);
    await recorded('payment', (row) => row.id === `p${number}` && row.facts.unapplied === '0');
    return id;
  };

  test.each([
    ['', '4', undefined],
    [', and the answer to the end of the old one is lost', '14', 'DELETE receipts'],
    [', and the answer to the new one is lost', '15', 'POST receipts'],
  ] as const)(
    'a payment that changes in the app is replaced in the books, and stays the same record%s',
    async (_, number, lost) => {
      const old = await paid(number, `Dogwood Court ${number}`);
      const before = (await street.records('payment')).length;
      if (lost) street.stand.loseAnswerTo(lost);
      await street.push({ kind: 'payment', id: `p${number}`, content: paymentOf(number, '75.00') });
      await recorded('payment', (row) => row.id === `p${number}` && row.facts.unapplied === '15');
      const fresh = await entered('payment', 'reference', `P-${number}`);
      expect(fresh).not.toMatchObject({ id: old });
      expect(fresh.body).toMatchObject({ amount: '75', applied: [{ amount: '60' }] });
      await street.polled();
      await street.settled();
      expect(await street.records('payment')).toHaveLength(before);
      expect(await street.troubles()).toEqual([]);
    },
    30_000,
  );

  test('an expense is entered once, though nobody can look at it', async () => {
    await customer('c5', 'Elm Street');
    const checking = await entered('account', 'name', 'Checking');
    await street.push({ kind: 'account', id: 'a5', content: { name: 'Checking', type: 'bank' } });
    await street.link('account', 'a5', checking.id);
    const content = {
      contact: { kind: 'contact', id: 'c5' },
      date: '2026-03-05',
      paidFromAccount: { kind: 'account', id: 'a5' },
      lines: [{ description: 'Paper', amount: '9.90' }],
      memo: 'E-5',
    };
    await street.push({ kind: 'expense', id: 'e5', content });
    expect((await entered('expense', 'note', 'E-5')).body).toMatchObject({ account: checking.id });
    await street.settled();
    expect(await inBooks('expense')).toHaveLength(1);
    expect(await street.troubles()).toEqual([]);
  });

  test('terms are read from contacts, and come to the app with them', async () => {
    const term = await books().enter('payment_term');
    const { content } = await recorded('contact', (row) => row.content.paymentTerm !== undefined);
    const [twin] = await street.database.asOwner<{ app_id: string }>(
      `select app_id from twin where kind = 'payment_term' and books_id = $1`,
      [term],
    );
    expect(content.paymentTerm).toEqual({ kind: 'payment_term', id: twin!.app_id });
    expect(await street.troubles()).toEqual([]);
  });

  test('a lost answer makes one payment, which is found by its mark', async () => {
    await customer('c7', 'Fir Avenue');
    await street.stand.provoke('a line that is cut after all was done', street.stand.companies[0]!);
    const content = { contact: { kind: 'contact', id: 'c7' }, date: '2026-03-06', amount: '12.00', reference: 'P-7' };
    await street.push({ kind: 'payment', id: 'p7', content });
    await entered('payment', 'reference', 'P-7');
    await street.stand.calm();
    await recorded('payment', (row) => row.id === 'p7' && row.facts.unapplied === '12');
    expect((await inBooks('payment')).filter(({ body }) => body.reference === 'P-7')).toHaveLength(1);
    expect((await street.records('payment')).filter(({ content: { reference } }) => reference === 'P-7')).toHaveLength(
      1,
    );
    expect(await street.troubles()).toEqual([]);
  }, 30_000);

  test('a payment that is refused leaves the old one in the books, and one problem in the words of the provider', async () => {
    const old = await paid('16', 'Katsura Way');
    const allocations = [{ document: { kind: 'invoice', id: 'i16' }, amount: '150.00' }];
    await street.push({ kind: 'payment', id: 'p16', content: { ...paymentOf('16', '150.00'), allocations } });
    const [problem] = await eventually(
      () => street.troubles(),
      ({ length }) => length > 0,
    );
    expect(problem).toMatchObject({ code: 'refused_by_provider', message: 'More is applied than is open' });
    const again = await entered('payment', 'reference', 'P-16');
    expect(again.id).not.toBe(old);
    expect(again.body).toMatchObject({ amount: '60', applied: [{ amount: '60' }] });

    await street.push({ kind: 'payment', id: 'p16', content: paymentOf('16', '80.00') });
    await recorded('payment', (row) => row.id === 'p16' && row.facts.unapplied === '20');
    await street.settled();
    expect(await street.troubles()).toEqual([]);
  }, 30_000);

  test('tokens that come along with an answer are kept, and are the ones to go on with', async () => {
    const epoch = async (): Promise<number> =>
      Number((await street.database.asOwner('select epoch from oauth_grant'))[0]!.epoch);
    const before = await epoch();
    street.clock.pass(11 * 60_000);
    await customer('c8', 'Gum Tree Road');
    expect(await epoch()).toBeGreaterThan(before);
    street.clock.pass(25 * 60_000);
    await customer('c9', 'Hazel Walk');
    expect(await street.troubles()).toEqual([]);
  });

  test('an expense whose answer was lost is a question, for nobody can look at it, and is not made twice', async () => {
    street.stand.loseAnswerTo('POST spendings');
    const paidFromAccount = { kind: 'account', id: 'a5' };
    const lines = [{ description: 'Ink', amount: '19.90' }];
    const content = {
      contact: { kind: 'contact', id: 'c5' },
      date: '2026-03-05',
      paidFromAccount,
      lines,
      memo: 'E-17',
    };
    await street.push({ kind: 'expense', id: 'e17', content });
    await eventually(
      () => street.troubles(),
      ({ length }) => length > 0,
    );
    await street.settled();
    expect(await street.troubles()).toEqual([{ reason: 'outcome_unknown', candidates: [] }]);
    expect((await inBooks('expense')).filter(({ body }) => body.note === 'E-17')).toHaveLength(1);
  }, 30_000);

  test('one more company of the same consent gets its own copy of what is written from then on', async () => {
    const troubles = await street.troubles();
    await street.connect(1);
    await eventually(
      () => street.database.asOwner('select id from connection where first_look_at is not null'),
      ({ length }) => length === 2,
      20_000,
    );
    await customer('c10', 'Ivy House');
    const other = street.stand.companies[1]!.accountant;
    await eventually(
      async () => (await other.all('contact')).map(({ record }) => (record as { body: Json }).body.name),
      (names) => names.includes('Ivy House'),
    );
    expect(await street.troubles()).toEqual(troubles);
  }, 30_000);
});
