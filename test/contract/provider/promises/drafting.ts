import { KINDS } from '../../../../src/domain/contract/index.js';
import type { CallDraft, Write } from '../../../../src/domain/provider/index.js';
import { SEED, type Bench } from '../bench.js';
import { cardsOf, cardsThat, isReadable } from '../card.js';
import { isContractPath, madeUp, seedOf } from '../contents.js';
import { forEachOf, type Promises } from './grounds.js';

export const drafting: Promises = (trial, grounds) => {
  const { definition } = trial;
  const bench = () => grounds().first;
  const creatable = cardsThat(definition, 'create');

  describe('the drafting of calls', () => {
    it('is pure: the same writes and keys give the same bytes, and nothing is changed or sent', async () => {
      const writes = deepFrozen(await oneOfEach(bench()));
      const before = bench().line.exchanges.length;
      const [one, other] = [bench().adapter.draft(writes, counting()), bench().adapter.draft(writes, counting())];
      expect(JSON.stringify(one)).toBe(JSON.stringify(other));
      for (const write of writes) {
        expect(bench().adapter.preflight(write)).toEqual(bench().adapter.preflight(write));
      }
      expect(bench().line.exchanges).toHaveLength(before);
    });

    it('puts every write into exactly one call, of which each has a key of its own', async () => {
      const writes = await oneOfEach(bench());
      const calls = bench().adapter.draft(writes, counting());
      expect(calls.flatMap(({ intents }) => intents).sort()).toEqual(writes.map(({ intent }) => intent).sort());
      const keys = calls.flatMap(({ key }) => (key === undefined ? [] : [key]));
      expect(new Set(keys).size).toBe(keys.length);
      for (const call of calls) wellFormed(call, writes);
    });

    it('leaves nothing to chance for kinds that trust in a key', async () => {
      const writes = await oneOfEach(bench());
      for (const call of bench().adapter.draft(writes, counting())) {
        const trusting = call.intents.filter((intent) => {
          const { kind } = writes.find((write) => write.intent === intent)!;
          const ability = definition.kinds[kind];
          return 'recovery' in ability && ability.recovery.keyWindowMs !== undefined;
        });
        if (trusting.length === 0) continue;
        expect(trusting).toEqual(call.intents);
        expect(JSON.stringify(call.request)).toContain(call.key);
      }
    });

    it('keeps to the number of writes that a call can carry, and all of many are carried out', async () => {
      const card = cardsThat(definition, (one) => one.ability.operations.includes('create') && isReadable(one)).find(
        ([, { kind }]) => KINDS[kind].nature === 'reference',
      )![1];
      const contents = await bench().contents(card, trial.batchSize * 2 + 1, 'many');
      const writes = contents.map((content) => bench().write(card, 'create', content));
      const calls = bench().adapter.draft(writes, counting());
      expect(Math.max(...calls.map(({ intents }) => intents.length))).toBe(trial.batchSize);
      const born = await bench().newIn(card.kind, () => bench().done(writes));
      expect(born).toHaveLength(writes.length);
    });

    it('mixes kinds and operations, and one that is refused holds no other back', async () => {
      const [refusal] = await bench().company.refusals();
      const { kind, facet, operation, content } = refusal!;
      const card = cardsOf(definition).find((one) => one.kind === kind && one.facet?.name === facet)!;
      const refused = bench().write(card, operation, content);
      const writes = [refused, ...(await oneOfEach(bench()))];
      const outcomes = await bench().carryOut(writes);
      expect(writes.filter(({ intent }) => outcomes.get(intent)?.answer.outcome !== 'done')).toEqual([refused]);
    });
  });

  describe('the preflight', () => {
    forEachOf(creatable)('of %s names fields of the contract, and takes whatever it is given', (_, card) => {
      const contents = madeUp(card.kind, {}, 60, seedOf(SEED, card.title, 'preflight'));
      let found = 0;
      for (const content of contents) {
        const findings = bench().adapter.preflight(bench().write(card, 'create', content));
        found += findings.length;
        expect(findings.filter(({ path }) => !isContractPath(card.kind, path))).toEqual([]);
        for (const { rule, message } of findings) {
          expect(rule).toMatch(/^[a-z_]+$/);
          expect(message).toMatch(/^\S.*\S$/s);
        }
      }
      expect(found).toBeGreaterThanOrEqual(0);
    });

    forEachOf(cardsThat(definition, (card) => card.ability.operations.includes('update') && isReadable(card)))(
      'of a change of %s does so as well',
      async (_, card) => {
        const record = await bench().createdOne(card, 'preflight');
        for (const content of madeUp(card.kind, {}, 40, seedOf(SEED, card.title, 'preflight change'))) {
          const findings = bench().adapter.preflight(bench().write(card, 'update', content, record));
          expect(findings.filter(({ path }) => !isContractPath(card.kind, path))).toEqual([]);
        }
      },
    );
  });

  /** A new record of every kind, and of every kind one change of each sort. */
  const oneOfEach = async (on: Bench): Promise<Write[]> => {
    const writes: Write[] = [];
    for (const card of cardsOf(definition)) {
      for (const operation of card.ability.operations) {
        if (operation === 'create') {
          const [content] = await on.contents(card, 1, 'each');
          writes.push(on.write(card, operation, content!));
          continue;
        }
        const record = await on.createdOne(card, `each ${operation}`);
        if (operation === 'restore') {
          const archived = await on.doneOne(on.write(card, 'archive', {}, record));
          writes.push(on.write(card, operation, {}, archived));
        } else if (operation === 'update' || operation === 'replace') {
          const [content] =
            operation === 'update'
              ? await on.contentsOver(card, [record], 'each')
              : await on.contents(card, 1, 'each replaced');
          writes.push(on.write(card, operation, content!, record));
        } else writes.push(on.write(card, operation, {}, record));
      }
    }
    return writes;
  };

  const wellFormed = ({ request, intents }: CallDraft, writes: readonly Write[]): void => {
    expect(request.path).toMatch(/^\//);
    expect(request.label).toMatch(/^[A-Za-z][A-Za-z ,_-]*$/);
    for (const name of request.draws ?? []) expect(definition.limits.map((limit) => limit.name)).toContain(name);
    for (const intent of intents) expect(writes.some((write) => write.intent === intent)).toBe(true);
  };
};

const counting = () => {
  let made = 0;
  return () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
};

const deepFrozen = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFrozen);
  }
  return value;
};
