import { malformed } from '../../../../src/domain/contract/index.js';
import type { Sighting } from '../../../../src/domain/provider/index.js';
import { RUNS } from '../bench.js';
import { cardsThat, isReadable } from '../card.js';
import { writable } from '../normal.js';
import { forEachOf, type Promises } from './grounds.js';

export const creating: Promises = (trial, grounds) => {
  describe.each(trial.companies.map((says, index) => [says, index] as const))('a new record, in %s,', (_, index) => {
    const bench = () => grounds().benches[index]!;

    forEachOf(cardsThat(trial.definition, 'create'))('of %s: is there once and says what was sent', async (_, card) => {
      const contents = await bench().contents(card, RUNS, 'create');
      if (index === 0) expect(contents).toHaveLength(RUNS);
      const writes = contents.map((content) => bench().write(card, 'create', content));
      let answers: (Sighting | undefined)[] = [];
      const born = await bench().newIn(card.kind, async () => (answers = await bench().done(writes)));

      if (!isReadable(card)) {
        expect(answers).toEqual(writes.map(() => undefined));
        expect(born).toHaveLength(writes.length);
        return;
      }
      expect(answers.map((sighting) => sighting?.id).sort()).toEqual(born.sort());
      answers.forEach((sighting, at) => {
        expect(sighting).toMatchObject({ kind: card.kind, existence: 'present' });
        expect(sighting!.facet).toBe(card.facet?.name);
        expect(card.facet?.owns(sighting!.id) ?? true).toBe(true);
        expect(bench().normal(card, sighting!.content)).toEqual(bench().normal(card, contents[at]!));
        expect(malformed(card.kind, writable(card, sighting!.content))).toEqual([]);
      });
    });

    forEachOf(cardsThat(trial.definition, (card) => isReadable(card) && card.ability.operations.includes('create')))(
      'of %s: looks the same when it is looked at',
      async (_, card) => {
        const made = await bench().created(card, 2, 'look');
        const seen = await bench().look(
          card.kind,
          made.map(({ id }) => id),
        );
        seen.forEach((observation, at) => {
          const { content, version, existence } = made[at]!;
          expect(observation).toMatchObject({ found: 'record', sighting: { existence } });
          if (observation.found !== 'record') return;
          expect(observation.sighting.version).toBe(version);
          expect(observation.sighting.content).toEqual(content);
        });
      },
    );
  });
};
