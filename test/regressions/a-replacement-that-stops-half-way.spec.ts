import type { Content } from '../../src/domain/contract/index.js';
import type { ProviderExchange, ProviderRequest } from '../../src/domain/provider/index.js';
import type { Traits } from '../simulation/model-books.js';
import { Stage } from '../simulation/stage.js';
import { TENANT } from '../simulation/world.js';

/**
 * A payment that the provider cannot change is replaced by two calls: the old one is deleted, and another one made. What
 * happens between the two, or to their answers, must neither double the payment nor be taken for somebody's deletion.
 */
const CONTACT = { kind: 'contact', id: 'ana' } as const;
const payment = (amount: string): Content => ({ contact: CONTACT, date: '2026-03-03', amount, memo: 'P' });

const paid = async (traits: Partial<Traits>): Promise<Stage> => {
  const stage = new Stage({ replaces: ['payment'], ...traits });
  await stage.push('contact', 'ana', { displayName: 'Ana', isCustomer: true });
  await stage.push('payment', 'p', payment('60.00'));
  await stage.rest();
  return stage;
};

/** One payment on both sides, with this amount, and nothing that anybody is told or asked. */
const expectOne = ({ world }: Stage, amount: string): void => {
  const live = world.books.all().filter(({ kind, existence }) => kind === 'payment' && existence === 'present');
  expect(live).toMatchObject([{ content: { memo: 'P' } }]);
  expect(Number(live[0]!.content.amount)).toBe(Number(amount));
  expect(world.records.all().filter(({ kind }) => kind === 'payment')).toMatchObject([
    { id: 'p', content: { amount } },
  ]);
  expect(world.twins.all().filter(({ kind }) => kind === 'payment')).toMatchObject([{ app: 'p', books: live[0]!.id }]);
  expect([...world.conflicts.all(), ...world.problems.all()]).toEqual([]);
};

const HABITS: readonly (readonly [string, Partial<Traits>])[] = [
  ['is looked for by its mark', {}],
  ['is looked for by its mark where old versions are overwritten', { guardsVersions: false }],
  ['is asked for by the same key', { traceable: false, keyWindowMs: 60_000 }],
  ['is seen late', { lagMs: 800 }],
];

describe.each(HABITS)('a replacement whose answer %s', (_, traits) => {
  test.each([
    ['the old one is not deleted', ['before']],
    ['the old one is deleted', ['after']],
    ['the new one is not made', ['not', 'before']],
    ['the new one is made', ['not', 'after']],
    ['the old one is deleted, and the new one is made', ['after', 'after']],
    ['the new one is made at the second time only', ['not', 'before', 'after']],
  ] as const)('is carried to its end when %s and no answer comes', async (_says, answers) => {
    const stage = await paid(traits);
    stage.losing(...answers, 'not');
    await stage.push('payment', 'p', payment('75.00'));
    await stage.rest();
    expectOne(stage, '75.00');
  });
});

test.each<[string, ProviderExchange]>([
  ['takes no more calls for a while', { status: 429, headers: {}, body: '' }],
  ['is down', { status: 503, headers: {}, body: '' }],
  ['cannot be reached', { unanswered: 'not_sent', message: 'connection refused' }],
])('a replacement goes on when the provider %s between the two calls', async (_, busy) => {
  const stage = await paid({});
  interrupt(stage, 2, () => Promise.resolve(busy));
  await stage.push('payment', 'p', payment('75.00'));
  await stage.rest();
  expectOne(stage, '75.00');
});

test('a replacement goes on when its worker dies between the two calls, with what the app says by then', async () => {
  const stage = await paid({});
  const { world } = stage;
  let died = false;
  interrupt(stage, 2, () => {
    world.kill('worker');
    died = true;
    return new Promise(() => undefined);
  });
  await stage.push('payment', 'p', payment('75.00'));
  await stage.rest({ until: () => died });
  await stage.push('payment', 'p', payment('80.00'));
  world.pass(31_000);
  await stage.rest();
  expectOne(stage, '80.00');
});

test('a notice of the new payment that comes before its answer makes no second record in the app', async () => {
  const stage = await paid({});
  const { world } = stage;
  stage.losing('not', 'after', 'not');
  await stage.push('payment', 'p', payment('75.00'));
  await stage.rest({ until: () => stage.inBooks('payment').length === 2 });
  world.pollEverything('poller');
  await stage.rest();
  expectOne(stage, '75.00');
});

describe('a replacement that is refused', () => {
  const REFUSED = '5000.00';

  test.each([
    ['', []],
    [', and the answer to that is lost', ['not', 'not', 'after']],
    [', and what makes it again is lost', ['not', 'not', 'before']],
    [', and the refusal is lost', ['not', 'after']],
  ] as const)('leaves the old payment there under another id, and says why%s', async (_, answers) => {
    const stage = await paid({});
    const { world } = stage;
    const [old] = stage.inBooks('payment');
    if (answers.length > 0) stage.losing(...answers, 'not');
    await stage.push('payment', 'p', payment(REFUSED));
    await stage.rest();
    const live = stage.inBooks('payment').filter(({ existence }) => existence === 'present');
    expect(live).toMatchObject([{ content: { amount: '60.00' } }]);
    expect(live[0]!.id).not.toBe(old!.id);
    expect(world.twins.all().filter(({ kind }) => kind === 'payment')).toMatchObject([
      { app: 'p', books: live[0]!.id, former: expect.arrayContaining([{ side: 'books', ref: old!.id }]) as unknown },
    ]);
    expect(world.problems.all()).toMatchObject([
      { code: 'refused_by_provider', message: 'The amount is too large.', detail: { madeAgain: live[0]!.id } },
    ]);
    expect(stage.record('payment', 'p')!.content).toMatchObject({ amount: REFUSED });
    expect(world.conflicts.all()).toEqual([]);
  });

  test.each(['review', 'books_wins'] as const)(
    'and cannot be undone either is no deletion by the accountant, whatever the policy says (%s)',
    async (rule) => {
      const stage = await paid({});
      const { world } = stage;
      await world.database.inTenant(TENANT, (tx) =>
        world.conflicts.setPolicy(tx, { kind: 'payment', rule }, 'finance:ana'),
      );
      const [old] = stage.inBooks('payment');
      world.books.edit(old!, { amount: REFUSED, memo: 'by hand' });
      await stage.poll(old!);
      await stage.push('payment', 'p', { date: '2026-03-09' });
      await stage.rest();
      expect(stage.inBooks('payment')).toMatchObject([{ id: old!.id, existence: 'deleted' }]);
      expect(stage.record('payment', 'p')).toMatchObject({ existence: 'present', content: { date: '2026-03-09' } });
      expect(world.conflicts.all()).toEqual([]);
      expect(world.problems.all()).toMatchObject([{ code: 'refused_by_provider' }]);
      const told = world.history.all().find(({ detail }) => detail.ended === old!.id);
      expect(told).toMatchObject({ type: 'books_refused', detail: { madeAgain: null, before: { memo: 'by hand' } } });

      await stage.push('payment', 'p', { amount: '65.00', memo: 'P' });
      await stage.rest();
      expectOne(stage, '65.00');
    },
  );

  test('is not tried again because the payment that was made again is heard of, and is when the app says something else', async () => {
    const stage = await paid({});
    stage.world.books.edit(stage.inBooks('payment')[0]!, { date: '2026-03-04' });
    await stage.rest();
    await stage.push('payment', 'p', { amount: REFUSED });
    await stage.rest();
    const made = stage.inBooks('payment').length;
    for (let times = 0; times < 3; times++) {
      stage.world.pollEverything('poller');
      await stage.rest();
    }
    expect(made).toBe(2);
    expect(stage.inBooks('payment')).toHaveLength(made);
    await stage.push('payment', 'p', { amount: '70.00' });
    await stage.rest();
    expectOne(stage, '70.00');
  });
});

describe('a replacement of which nobody can find out what became', () => {
  const asked = async (...answers: readonly ('before' | 'after' | 'not')[]): Promise<Stage> => {
    const stage = await paid({ traceable: false });
    stage.losing(...answers, 'not');
    await stage.push('payment', 'p', payment('75.00'));
    await stage.rest();
    expect(stage.world.conflicts.all()).toMatchObject([{ reason: 'outcome_unknown' }]);
    return stage;
  };

  test('is asked about, and made once more when a person says that it is not there', async () => {
    const stage = await asked('not', 'before');
    await stage.decide(stage.world.conflicts.all()[0]!.id, 'keep_app');
    await stage.rest();
    expect(stage.world.conflicts.all().filter(({ ended }) => ended === undefined)).toEqual([]);
    expect(stage.inBooks('payment').filter(({ existence }) => existence === 'present')).toHaveLength(1);
  });

  test('is asked about, and is what a person says that it is', async () => {
    const stage = await asked('not', 'after');
    const [, made] = stage.inBooks('payment');
    expect(await stage.link('payment', 'p', made!.id)).toMatchObject({ outcome: 'linked' });
    await stage.rest();
    expect(stage.world.records.all().filter(({ kind }) => kind === 'payment')).toHaveLength(1);
    expect(stage.inBooks('payment').filter(({ existence }) => existence === 'present')).toHaveLength(1);
  });
});

/** Something else becomes of the call to write with this number, counted from now. */
const interrupt = (
  { world }: Stage,
  number: number,
  work: (request: ProviderRequest) => Promise<ProviderExchange>,
): void => {
  const exchange = world.exchange.bind(world);
  let writes = 0;
  world.exchange = (request) => (request.path === '/write' && ++writes === number ? work(request) : exchange(request));
};
