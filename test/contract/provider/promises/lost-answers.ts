import { fieldOf, KINDS, type Content } from '../../../../src/domain/contract/index.js';
import type {
  CallDraft,
  Operation,
  ProviderExchange,
  ProviderFailure,
  Sighting,
  Trace,
  Write,
  WriteAnswer,
} from '../../../../src/domain/provider/index.js';
import { type Bench, goingOn } from '../bench.js';
import { cardsThat, isReadable, type Card } from '../card.js';
import { cutAfter, cutBefore, type Way } from '../line.js';
import { forEachOf, type Promises } from './grounds.js';

export const lostAnswers: Promises = (trial, grounds) => {
  const bench = () => grounds().first;

  describe('a lost answer', () => {
    const creatable = cardsThat(trial.definition, 'create');

    forEachOf(creatable)(
      'to a new %s that never arrived: nothing is found of it, and sent again there is one',
      async (_, card) => {
        const { write, call } = await firstCall(bench(), card, 'lost before');
        let lost: Lost | undefined;
        const none = await bench().newIn(card.kind, async () => (lost = await lose(bench(), cutBefore, call, write)));
        expect([lost?.failure?.is, none]).toEqual(['lost_answer', []]);
        const trace = await traceOf(bench(), card, write);
        if (trace) expect(trace).toEqual({ trace: 'absent' });
        const born = await bench().newIn(card.kind, () => finish(bench(), call, write));
        expect(born).toHaveLength(1);
      },
    );

    forEachOf(creatable)(
      'to a new %s that was carried out: it is found, and there is never a second one',
      async (_, card) => {
        const { write, call } = await firstCall(bench(), card, 'lost after');
        let lost: Lost | undefined;
        const born = await bench().newIn(card.kind, async () => (lost = await lose(bench(), cutAfter, call, write)));
        expect([lost?.failure?.is, born.length]).toEqual(['lost_answer', 1]);

        const trace = await traceOf(bench(), card, write);
        if (trace) {
          const { sighting, more } = found(trace);
          expect(sighting).toMatchObject({ id: born[0], kind: card.kind });
          const [seen] = await bench().look(card.kind, born);
          expect(seen).toMatchObject({ found: 'record', sighting: { version: sighting.version } });
          expect(more ?? false).toBe(lost?.more);
          if (more) {
            const [whole, others] = await goOnFrom(bench(), write, sighting);
            expect([whole?.id, others]).toEqual([born[0], []]);
            expect(bench().normal(card, whole!.content)).toEqual(bench().normal(card, write.content));
            return;
          }
        }
        const { keyWindowMs, untraceable } = card.ability.recovery;
        expect(trace !== undefined || keyWindowMs !== undefined || (untraceable ?? false)).toBe(true);

        if (card.ability.recovery.keyWindowMs === undefined) return;
        const more = await bench().newIn(card.kind, async () => {
          const shown = await finish(bench(), call, write);
          if (isReadable(card)) expect(shown?.id).toBe(born[0]);
        });
        expect(more).toEqual([]);
      },
    );

    forEachOf(creatable.filter(([, card]) => isReadable(card)))(
      'to a new %s is not explained by what somebody else made alike',
      async (_, card) => {
        const { write, call } = await firstCall(bench(), card, 'lost alike', withoutNaturalKey);
        const own = await bench().newIn(card.kind, () => lose(bench(), cutAfter, call, write));
        const alike = bench().write(card, 'create', write.content);
        if ((await bench().carryOut([alike])).get(alike.intent)!.answer.outcome === 'failed') return;
        const trace = await traceOf(bench(), card, write);
        if (!trace) return;
        if (trace.trace === 'several') expect(trace.ids).toEqual(expect.arrayContaining(own));
        else expect(trace).toMatchObject({ trace: 'found', sighting: { id: own[0] } });
      },
    );

    describe.each([
      ['never arrived', cutBefore],
      ['was carried out', cutAfter],
    ] as const)('to any call of a replacement, which %s', (_says, way) => {
      forEachOf(cardsThat(trial.definition, 'replace'))(
        'a %s is traced call by call, and there is one in the end that says what was wanted',
        async (_, card) => {
          const record = await bench().createdOne(card, 'lost replaced');
          const [content] = await bench().contents(card, 1, 'lost replacing');
          let write: Write = {
            ...bench().write(card, 'replace', content!, record),
            sentAt: bench().line.now().toISOString(),
          };
          let shown: Sighting | undefined;
          const born = await bench().newIn(card.kind, async () => {
            for (let more = true; more;) {
              const [call] = bench().adapter.draft([write], bench().newKey);
              const lost = await lose(bench(), way, call!, write);
              expect(lost.failure).toMatchObject({ is: 'lost_answer' });
              const trace = await traceOf(bench(), card, write);
              const answer = trace && way === cutAfter ? found(trace) : undefined;
              if (trace && !answer) expect(trace).toEqual({ trace: 'absent' });
              if (answer) expect(answer.more ?? false).toBe(lost.more);
              const known = answer ?? (await sent(bench(), call!, write));
              shown = known.sighting;
              more = known.more ?? false;
              if (more) write = goingOn(write, { intent: write.intent, outcome: 'done', ...known });
            }
          });
          expect(born).toEqual([shown!.id]);
          expect(bench().normal(card, shown!.content)).toEqual(bench().normal(card, content!));
          expect(await bench().entry(card.kind, record.id)).toBeUndefined();
        },
      );
    });

    it('is looked for with the patience that it takes', () => {
      for (const [, { ability }] of creatable) {
        const { keyWindowMs, settleMs, lookUp } = ability.recovery;
        expect(keyWindowMs ?? 1).toBeGreaterThan(0);
        expect(keyWindowMs ?? 1).toBeLessThanOrEqual(DAY_MS);
        expect(settleMs).toBeGreaterThanOrEqual(0);
        expect(lookUp).toMatch(/\S+ \S+/);
      }
    });

    describe.each(['update', 'delete', 'void', 'archive'] as const)('to %s', (operation) => {
      forEachOf(changeable(trial.definition, operation))(
        'a %s is traced on the record, and sent again it changes nothing more',
        async (_, card) => {
          const record = await bench().createdOne(card, `lost ${operation}`);
          const [content] = operation === 'update' ? await bench().contentsOver(card, [record], 'lost') : [{}];
          const write = {
            ...bench().write(card, operation, content!, record),
            sentAt: bench().line.now().toISOString(),
          };
          const [call] = bench().adapter.draft([write], bench().newKey);

          const before = await bench().entry(card.kind, record.id);
          const unsent = await lose(bench(), cutBefore, call!, write);
          expect(unsent.failure).toMatchObject({ is: 'lost_answer' });
          expect(await bench().entry(card.kind, record.id)).toEqual(before);
          const none = await traceOf(bench(), card, write);
          if (none) expect(none).toEqual({ trace: 'absent' });

          const lost = await lose(bench(), cutAfter, call!, write);
          expect(lost.failure).toMatchObject({ is: 'lost_answer' });
          const done = await bench().entry(card.kind, record.id);
          expect(done).not.toEqual(before);
          const trace = await traceOf(bench(), card, write);
          if (trace && !lost.more) expect(trace).toMatchObject({ trace: 'found' });
          // What only some of its calls have changed is not yet what was wanted.
          else if (trace) expect(trace.trace === 'absent' || found(trace).more).toBe(true);
          if (card.ability.recovery.keyWindowMs === undefined) return;
          await finish(bench(), call!, write);
          expect(await bench().entry(card.kind, record.id)).toEqual(done);
        },
      );
    });
  });
};

const DAY_MS = 24 * 3_600_000;

const changeable = (definition: Parameters<typeof cardsThat>[0], operation: Operation) =>
  cardsThat(definition, (card) => card.ability.operations.includes(operation) && isReadable(card));

/** A new record's write with its first call. */
const firstCall = async (
  bench: Bench,
  card: Card,
  purpose: string,
  change: (card: Card, content: Content) => Content = (_, content) => content,
): Promise<{ write: Write; call: CallDraft }> => {
  const [content] = await bench.contents(card, 1, purpose);
  const write = { ...bench.write(card, 'create', change(card, content!)), sentAt: bench.line.now().toISOString() };
  const [call] = bench.adapter.draft([write], bench.newKey);
  return { write, call: call! };
};

/** A record may be like another one in all but the key that the provider gives once only. */
const withoutNaturalKey = ({ kind }: Card, content: Content): Content => {
  const keys = new Set(KINDS[kind].naturalKeys.map(([first]) => first!));
  return Object.fromEntries(
    Object.entries(content).filter(([name]) => !keys.has(name) || fieldOf(kind, name)!.required),
  );
};

interface Lost {
  /** How the loss is read. */
  readonly failure: ProviderFailure | undefined;
  /** Whether the answer that nobody got asked for further calls. */
  readonly more: boolean;
}

/** Sends a call and loses the answer. */
const lose = async (bench: Bench, way: Way, call: CallDraft, write: Write): Promise<Lost> => {
  let real: ProviderExchange | undefined;
  const listening: Way = (request, pass) => way(request, async () => (real = await pass()));
  const exchange = await bench.line.meanwhile(listening, () => bench.line.send(call.request));
  const [answer] = bench.adapter.interpret(call, [write], exchange);
  const [missed] = real ? bench.adapter.interpret(call, [write], real) : [];
  return {
    failure: answer?.outcome === 'failed' ? answer.failure : undefined,
    more: missed?.outcome === 'done' && missed.more === true,
  };
};

/** What a look finds, where there is a way to look. */
const traceOf = async (bench: Bench, { ability }: Card, write: Write): Promise<Trace | undefined> =>
  ability.recovery.untraceable ? undefined : bench.adapter.trace?.(write);

const found = (trace: Trace): Extract<Trace, { trace: 'found' }> => {
  if (trace.trace !== 'found') throw new Error(`nothing is found of what was carried out: ${JSON.stringify(trace)}`);
  return trace;
};

/** Sends the identical call, and goes on until the write is complete. */
const finish = async (bench: Bench, call: CallDraft, write: Write): Promise<Sighting | undefined> => {
  const answer = await sent(bench, call, write);
  return answer.more ? bench.doneOne(goingOn(write, answer)) : answer.sighting;
};

/** Sends a call that must succeed. */
const sent = async (
  bench: Bench,
  call: CallDraft,
  write: Write,
): Promise<Extract<WriteAnswer, { outcome: 'done' }>> => {
  const [answer] = bench.adapter.interpret(call, [write], await bench.line.send(call.request));
  if (answer?.outcome !== 'done') throw new Error(`${write.operation} ${write.kind} fails: ${JSON.stringify(answer)}`);
  return answer;
};

/** Completes a write of which one more call turned out to be done; answers with the ids of other records that came. */
const goOnFrom = async (
  bench: Bench,
  write: Write,
  sighting: Sighting,
): Promise<readonly [shown: Sighting | undefined, others: readonly string[]]> => {
  let shown: Sighting | undefined;
  const others = await bench.newIn(write.kind, async () => {
    shown = await bench.doneOne(goingOn(write, { intent: write.intent, outcome: 'done', sighting, more: true }));
  });
  return [shown, others];
};
