import { cardsThat, isReadable } from '../card.js';
import { writable } from '../normal.js';
import { forEachOf, type Promises } from './grounds.js';
import { pagesOf, sampled } from './reading.js';

export const lensLaws: Promises = (trial, grounds) => {
  const past = () => grounds().past;

  describe('to write what was read', () => {
    forEachOf(cardsThat(trial.definition, (card) => card.ability.operations.includes('update') && isReadable(card)))(
      'of %s changes nothing',
      async (_, card) => {
        const all = (await pagesOf(past(), card.kind)).flatMap((page) => page.sightings);
        const own = all.filter(({ id, existence }) => existence === 'present' && (card.facet?.owns(id) ?? true));
        const records = sampled(own, 30);
        const writes = records.map((record) => past().write(card, 'update', writable(card, record.content), record));
        const taken = writes.filter((write) => past().adapter.preflight(write).length === 0);
        expect(taken.length).toBeGreaterThan(own.length === 0 ? -1 : 0);
        const before = new Map((await past().accountant.all(card.kind)).map((entry) => [entry.id, entry.record]));
        const outcomes = await past().carryOut(taken);
        const now = new Map((await past().accountant.all(card.kind)).map((entry) => [entry.id, entry.record]));
        let done = 0;
        for (const { intent, target } of taken) {
          const { id, content } = target!;
          const { answer } = outcomes.get(intent)!;
          expect(now.get(id)).toEqual(before.get(id));
          // What the provider has locked, it does not take even unchanged.
          if (answer.outcome === 'failed') expect(answer.failure.is).toBe('invalid');
          else expect(answer.sighting!.content).toEqual(content);
          if (answer.outcome === 'done') done++;
        }
        expect(done).toBeGreaterThanOrEqual(taken.length / 2);
      },
    );
  });
};
