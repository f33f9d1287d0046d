import { KINDS, type Content } from '../../../../src/domain/contract/index.js';
import type { Sighting } from '../../../../src/domain/provider/index.js';
import { cardsThat, isReadable, type Card } from '../card.js';
import { forEachOf, type Promises } from './grounds.js';

/** Texts that quoting, searching and comparing are known to stumble over. */
const ODD_NAMES = ["O'Neil's", 'Müller & Söhne', '100 % wool', 'a_b*c', 'back\\slash', "'", 'ÉTÉ', 'two  spaces'];

export const namesakes: Promises = (trial, grounds) => {
  const bench = () => grounds().first;
  const cards = cardsThat(
    trial.definition,
    (card) => card.ability.operations.includes('create') && KINDS[card.kind].naturalKeys.length > 0 && isReadable(card),
  );

  describe('namesakes', () => {
    const ask = (card: Card, ...contents: Content[]): Promise<readonly (readonly Sighting[])[]> =>
      bench().adapter.namesakes(
        contents.map((content) => ({ kind: card.kind, content, ...(card.facet && { facet: card.facet.name }) })),
      );
    /** New records that people could know by some natural key. */
    const named = async (card: Card, purpose: string): Promise<Sighting[]> =>
      (await bench().created(card, 8, purpose)).filter(({ content }) =>
        KINDS[card.kind].naturalKeys.some(([field]) => content[field!] !== undefined),
      );
    const idsOf = (sightings: readonly Sighting[]): string[] => sightings.map(({ id }) => id);

    forEachOf(cards)('of %s are found by each of its natural keys, whoever asks for what besides', async (_, card) => {
      const habit = trial.namesakes[card.kind];
      expect([card.kind, habit]).toEqual([card.kind, expect.anything()]);
      if (!habit || 'never' in habit) return expect(habit?.never).toMatch(/\.$/);
      const [one, other] = await named(card, 'namesakes');
      const keys = KINDS[card.kind].naturalKeys.filter(([field]) => one!.content[field!] !== undefined);
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys) {
        const [ours, theirs] = [keyOf(one!, key), keyOf(other!, key)];
        const stranger = { ...ours, [key[0]!]: `nobody ${card.kind}` };
        const found = await ask(card, stranger, ours, ...(other!.content[key[0]!] === undefined ? [] : [theirs]));
        expect(idsOf(found[0]!)).toEqual([]);
        expect(idsOf(found[1]!)).toContain(one!.id);
        expect(idsOf(found[1]!)).not.toContain(other!.id);
        if (found[2]) expect(idsOf(found[2])).toContain(other!.id);
        const [twin] = found[1]!.filter(({ id }) => id === one!.id);
        expect(twin!.content).toEqual(one!.content);
      }
      expect(await ask(card)).toEqual([]);
    });

    forEachOf(cards)(
      'of %s are found whatever the case of the letters, where the provider does not look at it',
      async (_, card) => {
        const habit = trial.namesakes[card.kind];
        if (!habit || 'never' in habit || !habit.anyCase) return;
        const [record] = await named(card, 'cases');
        for (const key of KINDS[card.kind].naturalKeys) {
          const ours = keyOf(record!, key);
          const [first] = key;
          if (typeof ours[first!] !== 'string') continue;
          for (const spelt of [String(ours[first!]).toUpperCase(), String(ours[first!]).toLowerCase()]) {
            const [found] = await ask(card, { ...ours, [first!]: spelt });
            expect([spelt, idsOf(found!)]).toEqual([spelt, expect.arrayContaining([record!.id])]);
          }
        }
      },
    );

    forEachOf(cards)(
      'of %s are found though they are switched off, where that keeps the key taken',
      async (_, card) => {
        const habit = trial.namesakes[card.kind];
        if (!habit || 'never' in habit || !habit.inactiveToo) return;
        const [record] = await named(card, 'inactive');
        expect(await bench().accountant.end({ kind: card.kind, id: record!.id }, 'archived')).toBe(true);
        const [key] = KINDS[card.kind].naturalKeys.filter(([field]) => record!.content[field!] !== undefined);
        const [found] = await ask(card, keyOf(record!, key!));
        expect(found).toContainEqual(expect.objectContaining({ id: record!.id, existence: 'archived' }));
      },
    );

    forEachOf(cards)('of %s are found under odd names', async (_, card) => {
      const habit = trial.namesakes[card.kind];
      if (!habit || 'never' in habit) return;
      const isText = (field: string) => ['name', 'displayName', 'number'].includes(field);
      const key = KINDS[card.kind].naturalKeys.find((fields) => fields.some(isText))!;
      const named = key.find(isText)!;
      const contents = (await bench().contents(card, ODD_NAMES.length, 'odd')).map((content, at) => ({
        ...content,
        [named]: ODD_NAMES[at]! + (card.facet?.name ?? ''),
      }));
      const takes = contents.filter(
        (content) => bench().adapter.preflight(bench().write(card, 'create', content)).length === 0,
      );
      expect(takes.length).toBeGreaterThan(ODD_NAMES.length / 2);
      const records = await bench().done(takes.map((content) => bench().write(card, 'create', content)));
      const found = await ask(
        card,
        ...takes.map((content) => Object.fromEntries(key.map((field) => [field, content[field] ?? null]))),
      );
      records.forEach((record, at) => {
        expect([takes[at]![named], idsOf(found[at]!)]).toEqual([
          takes[at]![named],
          expect.arrayContaining([record!.id]),
        ]);
      });
    });
  });
};

const keyOf = ({ content }: Sighting, key: readonly string[]): Content =>
  Object.fromEntries(key.flatMap((field) => (content[field] === undefined ? [] : [[field, content[field]!]])));
