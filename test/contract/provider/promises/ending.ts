import type { Operation, WriteAnswer } from '../../../../src/domain/provider/index.js';
import { cardsThat, isReadable } from '../card.js';
import { forEachOf, type Promises } from './grounds.js';

const ENDS = [
  ['delete', 'deleted'],
  ['void', 'voided'],
  ['archive', 'archived'],
] as const;

export const ending: Promises = (trial, grounds) => {
  const bench = () => grounds().first;
  const cards = (operation: Operation) =>
    cardsThat(trial.definition, (card) => card.ability.operations.includes(operation) && isReadable(card));

  describe.each(ENDS.filter(([operation]) => cards(operation).length > 0))('to %s', (operation, existence) => {
    forEachOf(cards(operation))('a record of %s: afterwards it is seen as what it is', async (_, card) => {
      const record = await bench().createdOne(card, operation);
      const shown = await bench().doneOne(bench().write(card, operation, {}, record));
      const [seen] = await bench().look(card.kind, [record.id]);
      if (operation === 'delete') {
        expect(shown?.existence ?? 'deleted').toBe('deleted');
        expect(seen?.found).toBe('gone');
        expect((await bench().entry(card.kind, record.id))?.existence ?? 'deleted').toBe('deleted');
        return;
      }
      expect(shown).toMatchObject({ id: record.id, existence });
      expect(seen).toMatchObject({ found: 'record', sighting: { id: record.id, existence, version: shown!.version } });
      expect(await bench().entry(card.kind, record.id)).toMatchObject({ existence });
      if (operation === 'archive')
        expect(bench().normal(card, shown!.content)).toEqual(bench().normal(card, record.content));
    });

    forEachOf(cards(operation).filter(([, { ability }]) => ability.guardsVersions))(
      'a record of %s is refused where somebody else changed it since it was looked at',
      async (_, card) => {
        const record = await bench().createdOne(card, `${operation} stale`);
        expect(await bench().accountant.edit({ kind: card.kind, id: record.id })).toBe(true);
        const before = await bench().entry(card.kind, record.id);
        expect(await bench().failed(bench().write(card, operation, {}, record))).toMatchObject({ is: 'stale' });
        expect(await bench().entry(card.kind, record.id)).toEqual(before);
      },
    );
  });

  describe.each(['update', 'delete', 'void'] as const)('to %s', (operation) => {
    forEachOf(cards(operation).filter(([, { ability }]) => ability.operations.includes('delete')))(
      'a record of %s that somebody deleted is told as gone',
      async (_, card) => {
        const record = await bench().createdOne(card, `${operation} gone`);
        if (!(await bench().accountant.end({ kind: card.kind, id: record.id }, 'deleted'))) return;
        const [content] = operation === 'update' ? await bench().contentsOver(card, [record], 'gone') : [{}];
        expect(await bench().failed(bench().write(card, operation, content!, record))).toMatchObject({ is: 'gone' });
        expect(await bench().look(card.kind, [record.id])).toMatchObject([{ found: 'gone' }]);
      },
    );
  });

  if (cards('restore').length > 0) {
    describe('to restore', () => {
      forEachOf(cards('restore'))('a record of %s makes it again what it was', async (_, card) => {
        const record = await bench().createdOne(card, 'restore');
        const archived = await bench().doneOne(bench().write(card, 'archive', {}, record));
        const restored = await bench().doneOne(bench().write(card, 'restore', {}, archived));
        expect(restored).toMatchObject({ id: record.id, existence: 'present' });
        expect(restored!.content).toEqual(record.content);
        expect(await bench().entry(card.kind, record.id)).toMatchObject({ existence: 'present' });
      });

      forEachOf(cards('restore'))('a record of %s that somebody switched off makes it present', async (_, card) => {
        const record = await bench().createdOne(card, 'restore other');
        if (!(await bench().accountant.end({ kind: card.kind, id: record.id }, 'archived'))) return;
        const archived = await bench().see(card.kind, record.id);
        expect(archived.existence).toBe('archived');
        expect(await bench().doneOne(bench().write(card, 'restore', {}, archived))).toMatchObject({
          existence: 'present',
        });
      });
    });
  }

  const replaced = cardsThat(trial.definition, 'replace');
  if (replaced.length > 0) {
    describe('to replace', () => {
      forEachOf(replaced)(
        'a record of %s leaves one that says what was wanted, and the old one ended',
        async (_, card) => {
          const record = await bench().createdOne(card, 'replace');
          const [content] = await bench().contents(card, 1, 'replace with');
          const born = await bench().newIn(card.kind, async () => {
            const shown = await bench().doneOne(bench().write(card, 'replace', content!, record));
            expect(shown!.id).not.toBe(record.id);
            expect(bench().normal(card, shown!.content)).toEqual(bench().normal(card, content!));
          });
          expect(born).toHaveLength(1);
          const [old] = await bench().look(card.kind, [record.id]);
          expect(old!.found === 'gone' || (old!.found === 'record' && old!.sighting.existence !== 'present')).toBe(
            true,
          );
        },
      );

      forEachOf(replaced)(
        'a record of %s by one that is refused leaves it there as it was, under another id, and says why',
        async (_, card) => {
          const refusals = (await bench().company.refusals()).filter(
            ({ kind, operation }) => kind === card.kind && operation === 'replace',
          );
          expect(refusals.length).toBeGreaterThan(0);
          for (const { content, target, failure } of refusals) {
            const record = await bench().see(card.kind, target!.id);
            const before = await bench().entry(card.kind, record.id);
            const write = bench().write(card, 'replace', content, record);
            let answer: WriteAnswer | undefined;
            const born = await bench().newIn(card.kind, async () => {
              answer = (await bench().carryOut([write])).get(write.intent)?.answer;
            });
            expect(answer).toMatchObject({
              ...{ outcome: 'failed', sighting: { id: born[0], existence: 'present' } },
              failure: { is: failure.is, message: expect.stringMatching(failure.message) as string },
            });
            expect([born.length, answer!.more ?? false]).toEqual([1, false]);
            expect(bench().normal(card, answer!.sighting!.content)).toEqual(bench().normal(card, record.content));
            expect((await bench().entry(card.kind, born[0]!))?.record).toEqual(before?.record);
            expect(await bench().entry(card.kind, record.id)).toBeUndefined();
          }
        },
      );
    });
  }
};
