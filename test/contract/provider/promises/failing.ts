import fc from 'fast-check';
import {
  answered,
  type ProviderExchange,
  type ProviderFailure,
  type ProviderResponse,
  type Write,
} from '../../../../src/domain/provider/index.js';
import { Bench, failureOf, SEED } from '../bench.js';
import { cardsOf, isReadable } from '../card.js';
import { FAULTS } from '../faults.js';
import { laidOverJson } from './garbage.js';
import type { Promises } from './grounds.js';

export const failing: Promises = (trial, grounds) => {
  const { definition } = trial;
  const cards = cardsOf(definition);
  /** What is written while everything fails: a document where there is one, for that is where it hurts. */
  const written =
    [...cards].reverse().find(({ kind, ability }) => kind === 'invoice' && ability.operations.includes('create')) ??
    cards.find((card) => card.ability.operations.includes('create') && isReadable(card))!;
  const spare = () => Bench.open(trial, grounds().stand, grounds().stand.spare, grounds().clock);

  describe.each(FAULTS)('%s', (fault) => {
    const meaning = trial.faults[fault];
    if ('never' in meaning) {
      it('cannot happen here, and it is said why', () => expect(meaning.never).toMatch(/\.$/));
      return;
    }

    it('is told by every read, and never as a record that is gone', async () => {
      const bench = await spare();
      const [one, other] = await bench.created(written, 2, fault);
      await bench.accountant.end({ kind: written.kind, id: other!.id }, 'deleted');
      await grounds().stand.provoke(fault, bench.company);
      const seen = await bench.look(written.kind, [one!.id, other!.id]);
      expect(seen.map((one) => (one.found === 'unreadable' ? one.failure.is : one.found))).toEqual([
        meaning.read,
        meaning.read,
      ]);
      const reads: Record<string, () => Promise<unknown>> = {
        company: () => bench.see('company', bench.company.id),
        list: () => bench.adapter.list(written.kind, undefined),
        namesakes: () => bench.adapter.namesakes([{ kind: 'contact', content: { displayName: 'nobody' } }]),
      };
      for (const { name } of definition.streams) reads[`poll ${name}`] = () => bench.adapter.poll(name, undefined);
      for (const [name, read] of Object.entries(reads).slice(1)) {
        const failure = await failureOf(read);
        expect([name, failure?.is]).toEqual([name, meaning.read]);
        wellWorded(failure!);
      }
      await grounds().stand.calm();
    });

    it(`is told by every write, which ${meaning.carriedOut ? 'was carried out' : 'nothing came of'}`, async () => {
      const bench = await spare();
      const contents = await bench.contents(written, 3, `write under ${fault}`);
      const writes = contents.map((content) => bench.write(written, 'create', content));
      const calls = [
        ...bench.adapter.draft(writes.slice(0, 1), bench.newKey),
        ...bench.adapter.draft(writes.slice(1), bench.newKey),
      ];
      const count = async () => (await bench.accountant.all(written.kind)).length;
      const before = await count();
      await grounds().stand.provoke(fault, bench.company);
      const failures: ProviderFailure[] = [];
      for (const call of calls) {
        const carried = call.intents.map((intent) => writes.find((write) => write.intent === intent)!);
        for (const answer of bench.adapter.interpret(call, carried, await bench.line.send(call.request))) {
          expect(answer.outcome).toBe('failed');
          if (answer.outcome === 'failed') failures.push(answer.failure);
        }
      }
      await grounds().stand.calm();
      expect(failures.map(({ is }) => is)).toEqual(writes.map(() => meaning.write));
      failures.forEach(wellWorded);
      expect((await count()) - before).toBe(meaning.carriedOut ? writes.length : 0);
      if (meaning.carriedOut || meaning.write === 'access_revoked') return;
      await bench.done(writes);
      expect((await count()) - before).toBe(writes.length);
    });
  });

  describe('a failure', () => {
    it('of a token says so, so that it can be renewed', async () => {
      const { stand, clock } = grounds();
      const bench = await Bench.open(trial, stand, stand.spare, clock, false);
      const { id } = await bench.createdOne(written, 'token');
      clock.pass((bench.line.tokens.accessExpiresIn + 60) * 1000);
      const [seen] = await bench.look(written.kind, [id]);
      expect(seen).toMatchObject({ found: 'unreadable', failure: { is: 'token_refused' } });
      const last = bench.line.exchanges.at(-1)!.exchange;
      expect(answered(last) && definition.tokenRefused(last)).toBe(true);
    });

    it('that the session already knows is taken as it is', async () => {
      const bench = grounds().first;
      const failure: ProviderFailure = { is: 'rate_limited', waitMs: 4321, message: 'no room now' };
      const held = () => ({ held: failure });
      const { id } = await bench.createdOne(written, 'known');
      await bench.line.meanwhile(held, async () => {
        const [seen] = await bench.look(written.kind, [id]);
        expect(seen).toMatchObject({ found: 'unreadable', failure });
        expect(await failureOf(() => bench.adapter.list(written.kind, undefined))).toEqual(failure);
        const [content] = await bench.contents(written, 1, 'held');
        expect(await bench.failed(bench.write(written, 'create', content!))).toEqual(failure);
      });
    });

    it('to reach the provider at all leaves no doubt about a write', async () => {
      const bench = grounds().first;
      const notSent = (): ProviderExchange => ({ unanswered: 'not_sent', message: 'the connection was refused' });
      const [content] = await bench.contents(written, 1, 'not sent');
      const failure = await bench.line.meanwhile(notSent, () => bench.failed(bench.write(written, 'create', content!)));
      expect(failure.is).toBe('unavailable');
    });

    it('that only the provider can know is told in its own words', async () => {
      const bench = grounds().first;
      const refusals = await bench.company.refusals();
      expect(refusals.length).toBeGreaterThan(0);
      for (const { says, kind, facet, operation, content, target, failure } of refusals) {
        const card = cards.find((one) => one.kind === kind && one.facet?.name === facet)!;
        const seen = target && (await bench.see(target.kind, target.id));
        const write = bench.write(card, operation, content, seen);
        expect([says, bench.adapter.preflight(write)]).toEqual([says, []]);
        const told = await bench.failed(write);
        expect([says, told]).toMatchObject([
          says,
          { is: failure.is, message: expect.stringMatching(failure.message) as string },
        ]);
        if (failure.field)
          expect([says, 'field' in told && told.field]).toEqual([says, expect.stringMatching(failure.field)]);
        if (failure.candidates) expect('candidates' in told && told.candidates).toEqual(failure.candidates);
        wellWorded(told);
      }
    });
  });

  describe('an answer of any kind', () => {
    const garbage = (): fc.Arbitrary<ProviderExchange> => {
      const bodies = realBodies(grounds().first);
      expect(bodies.length).toBeGreaterThan(10);
      const real = fc.constantFrom(...bodies);
      const body = fc.oneof(
        real.chain((text) => fc.nat({ max: text.length }).map((end) => text.slice(0, end))),
        real.chain((text) => laidOverJson(text)),
        fc.json(),
        fc.string(),
        fc.constantFrom(
          '',
          'null',
          '[]',
          '{}',
          '<html><body>Sorry</body></html>',
          '<?xml version="1.0"?><a>',
          '"',
          '\u0000',
        ),
      );
      const status = fc.constantFrom(
        200,
        200,
        200,
        200,
        201,
        204,
        301,
        302,
        400,
        404,
        409,
        415,
        422,
        500,
        502,
        503,
        504,
      );
      return fc
        .record({ status, body })
        .map((exchange): ProviderResponse => ({ ...exchange, headers: { 'content-type': 'application/json' } }));
    };

    it('is read as an outcome of every write, whatever it says', async () => {
      const bench = grounds().first;
      const sets: Write[][] = [];
      for (const card of cards.filter(({ ability }) => ability.operations.includes('create'))) {
        const contents = await bench.contents(card, 2, 'garbage');
        sets.push(contents.map((content) => bench.write(card, 'create', content)));
      }
      const calls = sets.flatMap((writes) =>
        bench.adapter.draft(writes, bench.newKey).map((call) => ({ call, writes })),
      );
      fc.assert(
        fc.property(fc.constantFrom(...calls), garbage(), ({ call, writes }, exchange) => {
          const answers = bench.adapter.interpret(call, writes, exchange);
          expect(answers.map(({ intent }) => intent)).toEqual(call.intents);
          for (const answer of answers) {
            if (answer.outcome === 'failed') wellWorded(answer.failure);
            else expect(typeof (answer.sighting?.id ?? '')).toBe('string');
          }
          expect(bench.adapter.interpret(call, writes, exchange)).toEqual(answers);
        }),
        { seed: SEED, numRuns: 400 },
      );
    });

    it('is read as an observation of every target, and never as the end of a record', async () => {
      const bench = grounds().first;
      const targets = cards.filter(isReadable).map(({ kind }) => ({ candidates: [kind], id: '7' }));
      await fc.assert(
        fc.asyncProperty(garbage(), async (exchange) => {
          const adapter = definition.connect({ ...sessionOf(bench), send: () => Promise.resolve(exchange) });
          const seen = await adapter.observe(targets);
          expect(seen).toHaveLength(targets.length);
          expect(seen.filter(({ found }) => found === 'gone')).toEqual([]);
        }),
        { seed: SEED, numRuns: 150 },
      );
    });

    it('ends every other read with a value or a failure that is told', async () => {
      const bench = grounds().first;
      const [content] = await bench.contents(written, 1, 'garbage');
      const write = { ...bench.write(written, 'create', content!), sentAt: bench.line.now().toISOString() };
      await fc.assert(
        fc.asyncProperty(garbage(), async (exchange) => {
          let calls = 0;
          // The same answer for ever would be a list without end; after some, nobody answers any more.
          const send = () =>
            Promise.resolve<ProviderExchange>(calls++ < 20 ? exchange : { unanswered: 'maybe_sent', message: 'cut' });
          const adapter = definition.connect({ ...sessionOf(bench), send });
          await failureOf(() => adapter.list(written.kind, undefined));
          for (const { name } of definition.streams) await failureOf(() => adapter.poll(name, undefined));
          await failureOf(() => adapter.namesakes([{ kind: written.kind, content: content! }]));
          await failureOf(async () => adapter.trace?.(write));
        }),
        { seed: SEED, numRuns: 100 },
      );
    });
  });
};

const wellWorded = (failure: ProviderFailure): void => {
  expect(failure.message).toMatch(/\S/);
  expect(failure.message).not.toMatch(/Bearer|\[object Object\]|undefined/);
  if ('waitMs' in failure) expect(failure.waitMs).toBeGreaterThanOrEqual(0);
};

const sessionOf = ({ line }: Bench) => ({
  company: line.company,
  features: line.features,
  baseCurrency: line.baseCurrency,
  now: () => line.now(),
});

/** Bodies that the provider really answered, one of each sort of request. */
const realBodies = ({ line }: Bench): string[] => {
  const byLabel = new Map<string, string>();
  for (const { request, exchange } of line.exchanges) {
    if (answered(exchange) && exchange.body.length < 20_000)
      byLabel.set(`${request.label} ${exchange.status}`, exchange.body);
  }
  return [...byLabel.values()];
};
