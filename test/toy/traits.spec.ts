import { isAbsent, type ProviderDefinition, type Write } from '../../src/domain/provider/index.js';
import { Bench } from '../contract/provider/bench.js';
import { cardsOf, type Card } from '../contract/provider/card.js';
import { giveConsent } from '../contract/provider/consent.js';
import { pollAll } from '../contract/provider/promises/following.js';
import type { Stand } from '../contract/provider/trial.js';
import { TrialClock } from '../contract/provider/trial-clock.js';
import { PLAIN, type ToyTraits } from './traits.js';
import { toyTrial } from './trial/toy.trial.js';

const stands: Stand[] = [];
afterEach(async () => {
  for (const stand of stands.splice(0)) await stand.close();
});

/** A company of a toy that is plain but for one trait. */
const withTrait = async (trait: keyof ToyTraits): Promise<Bench> => benchOf({ ...PLAIN, [trait]: true });
const plain = (): Promise<Bench> => benchOf(PLAIN);

const benchOf = async (traits: ToyTraits): Promise<Bench> => {
  const trial = toyTrial(traits);
  const clock = new TrialClock();
  const stand = await trial.start(clock);
  stands.push(stand);
  return Bench.open(trial, stand, stand.companies[0]!, clock);
};

const cardOf = (definition: ProviderDefinition, kind: Card['kind']): Card =>
  cardsOf(definition).find((card) => card.kind === kind)!;

/** How many requests of each label were made while something happened. */
const labelsOf = async ({ line }: Bench, work: () => Promise<unknown>): Promise<string[]> => {
  const before = line.exchanges.length;
  await work();
  return line.exchanges.slice(before).map(({ request }) => request.label);
};

const invoiceOf = async (bench: Bench): Promise<{ document: { kind: 'invoice'; id: string }; amount: string }> => {
  const id = await bench.accountant.enter('invoice');
  return { document: { kind: 'invoice', id }, amount: '25' };
};

const creditFor = async (bench: Bench): Promise<Write> => {
  const part = await invoiceOf(bench);
  const { content } = await bench.see('invoice', part.document.id);
  return bench.write(cardOf(bench.definition, 'credit_note'), 'create', {
    contact: content.contact!,
    issueDate: '2026-02-03',
    lines: [{ description: 'Returned', amount: '40' }],
    allocations: [part],
  });
};

const paymentFor = async (bench: Bench): Promise<Write> => {
  const part = await invoiceOf(bench);
  const { content } = await bench.see('invoice', part.document.id);
  return bench.write(cardOf(bench.definition, 'payment'), 'create', {
    contact: content.contact!,
    date: '2026-02-03',
    amount: '25',
    allocations: [part],
  });
};

describe('the traits of the toy, one by one', () => {
  test('indistinct: what changed may be an invoice or a bill, and only a look tells', async () => {
    for (const [bench, expected] of [
      [await withTrait('indistinct'), ['invoice', 'bill']],
      [await plain(), ['bill']],
    ] as const) {
      const { cursor } = await pollAll(bench, 'books', undefined);
      const id = await bench.accountant.enter('bill');
      const { notices } = await pollAll(bench, 'books', cursor);
      expect(notices).toContainEqual({ company: bench.company.id, candidates: expected, id });
      const [seen] = await bench.adapter.observe([{ candidates: ['invoice', 'bill'], id }]);
      expect(seen).toMatchObject({ found: 'record', sighting: { kind: 'bill', id } });
    }
  });

  test('several companies: one consent reaches all that the person has', async () => {
    for (const [bench, expected] of [
      [await withTrait('severalCompanies'), ['one', 'two']],
      [await plain(), ['one']],
    ] as const) {
      const { companies } = await giveConsent(bench.definition, bench.stand, bench.company);
      expect(companies.map(({ id }) => id)).toEqual(expected);
    }
  });

  test('write-only: what was entered is never shown', async () => {
    for (const [bench, shows] of [
      [await withTrait('writeOnly'), false],
      [await plain(), true],
    ] as const) {
      const card = cardOf(bench.definition, 'expense');
      expect(card.ability.unreadable === undefined).toBe(shows);
      const [content] = await bench.contents(card, 1, 'write-only');
      const shown = await bench.doneOne(bench.write(card, 'create', content!));
      expect(shown !== undefined).toBe(shows);
      expect(await bench.accountant.all('expense')).toHaveLength(1);
    }
  });

  test('replaces: another payment takes the place of the old one, by two calls', async () => {
    const bench = await withTrait('replaces');
    const write = await paymentFor(bench);
    const old = (await bench.doneOne(write))!;
    const changed = bench.write(
      cardOf(bench.definition, 'payment'),
      'replace',
      { ...write.content, amount: '30' },
      old,
    );
    let shown: { id: string } | undefined;
    const labels = await labelsOf(bench, async () => (shown = await bench.doneOne(changed)));
    expect(labels).toEqual(['delete receipts', 'create receipts']);
    expect(await bench.look('payment', [old.id, shown!.id])).toMatchObject([
      { found: 'gone' },
      { found: 'record', sighting: { content: { amount: '30' } } },
    ]);
    expect(cardOf((await plain()).definition, 'payment').ability.operations).toContain('update');
  });

  test('derived terms: they follow from the contacts that have them, and go with them', async () => {
    const bench = await withTrait('derivesTerms');
    const id = await bench.accountant.enter('payment_term');
    expect(await bench.see('payment_term', id)).toMatchObject({ existence: 'present' });
    const contact = await bench.see('contact', (await bench.accountant.all('contact'))[0]!.id);
    const card = cardOf(bench.definition, 'contact');
    await bench.doneOne(bench.write(card, 'update', { paymentTerm: { kind: 'payment_term', id: 'days-7' } }, contact));
    expect((await bench.adapter.list('payment_term', undefined)).sightings.map((one) => one.id)).toEqual(['days-7']);
    expect(await bench.look('payment_term', [id])).toMatchObject([{ found: 'gone' }]);
    expect(isAbsent((await plain()).definition.kinds.payment_term)).toBe(true);
  });

  test('polled only: there are no webhooks, and the streams tell all the same', async () => {
    const bench = await withTrait('pollOnly');
    expect(bench.definition.webhook).toBeUndefined();
    const { cursor } = await pollAll(bench, 'books', undefined);
    const id = await bench.accountant.enter('invoice');
    expect((await pollAll(bench, 'books', cursor)).notices.map((notice) => notice.id)).toContain(id);
    expect((await plain()).definition.webhook).toBeDefined();
  });

  test('several calls: a credit is made by one and applied by another, and goes on from in between', async () => {
    const bench = await withTrait('severalCalls');
    const write = await creditFor(bench);
    const [first] = bench.adapter.draft([write], bench.newKey);
    const [half] = bench.adapter.interpret(first!, [write], await bench.line.send(first!.request));
    expect(half).toMatchObject({ outcome: 'done', more: true });
    const made = half?.outcome === 'done' ? half.sighting! : undefined;
    expect(made!.content.allocations).toBeUndefined();

    let whole: { id: string; content: object } | undefined;
    const labels = await labelsOf(bench, async () => (whole = await bench.doneOne({ ...write, done: [made!] })));
    expect(labels).toEqual(['apply credits']);
    expect(whole).toMatchObject({ id: made!.id, content: { allocations: write.content.allocations } });

    const simple = await plain();
    const atOnce = await creditFor(simple);
    expect(await labelsOf(simple, () => simple.doneOne(atOnce))).toEqual(['create credits']);
  });

  test('silent rotation: new tokens come with an ordinary answer, and are the ones to go on with', async () => {
    const bench = await withTrait('rotatesTokens');
    const before = bench.line.tokens;
    bench.clock.pass(11 * 60_000);
    await bench.see('company', bench.company.id);
    expect(bench.line.tokens.accessToken).not.toBe(before.accessToken);
    expect(bench.line.tokens.refreshToken).not.toBe(before.refreshToken);
    bench.clock.pass(25 * 60_000);
    await bench.see('company', bench.company.id);

    const steady = await plain();
    const { accessToken } = steady.line.tokens;
    steady.clock.pass(11 * 60_000);
    await steady.see('company', steady.company.id);
    expect(steady.line.tokens.accessToken).toBe(accessToken);
  });

  test('keyless: the same call again makes a second record, so it is looked for by its mark first', async () => {
    for (const [bench, copies] of [
      [await withTrait('keyless'), 2],
      [await plain(), 1],
    ] as const) {
      const write = { ...(await paymentFor(bench)), sentAt: bench.line.now().toISOString() };
      const content = { ...write.content };
      delete content.allocations;
      const single = { ...write, content };
      const [call] = bench.adapter.draft([single], bench.newKey);
      const born = await bench.newIn('payment', async () => {
        await bench.line.send(call!.request);
        expect(await bench.adapter.trace!(single)).toMatchObject({ trace: 'found' });
        await bench.line.send(call!.request);
      });
      expect(born).toHaveLength(copies);
      expect((await bench.adapter.trace!(single)).trace).toBe(copies === 2 ? 'several' : 'found');
    }
  });

  test('unguarded: a write over what nobody has seen is taken', async () => {
    for (const [bench, outcome] of [
      [await withTrait('unguarded'), 'done'],
      [await plain(), 'failed'],
    ] as const) {
      const card = cardOf(bench.definition, 'contact');
      expect(card.ability.guardsVersions).toBe(outcome === 'failed');
      const record = await bench.createdOne(card, 'unguarded');
      await bench.accountant.edit({ kind: 'contact', id: record.id });
      const write = bench.write(card, 'update', { email: 'new@x.example' }, record);
      expect((await bench.carryOut([write])).get(write.intent)!.answer.outcome).toBe(outcome);
    }
  });
});
