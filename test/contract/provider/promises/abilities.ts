import { KIND_NAMES, KINDS, type KindName } from '../../../../src/domain/contract/index.js';
import { isAbsent, type Operation } from '../../../../src/domain/provider/index.js';
import { declaredAbilities, inOrder } from '../ability-table.js';
import { cardsOf } from '../card.js';
import { isContractPath } from '../contents.js';
import type { Promises } from './grounds.js';

export const abilities: Promises = (trial, grounds) => {
  const { definition } = trial;
  const cards = cardsOf(definition);

  describe('its abilities', () => {
    it('are those that the fact sheets promise', () => {
      const expected = Object.entries(trial.abilities).map(([kind, cell]) => [kind, inOrder(cell)]);
      expect(declaredAbilities(definition)).toEqual(Object.fromEntries(expected));
    });

    it.each(KIND_NAMES)('of %s: what people would expect and cannot have is explained', (kind) => {
      const ability = definition.kinds[kind];
      if (isAbsent(ability)) {
        expect(ability.absent).toMatch(SENTENCE);
        return;
      }
      const unexplained = expectedOf(kind, ability.operations).filter(
        (operation) => !SENTENCE.test(ability.impossible[operation] ?? ''),
      );
      expect(unexplained).toEqual([]);
      const contradicted = Object.keys(ability.impossible).filter((one) =>
        ability.operations.includes(one as Operation),
      );
      expect(contradicted).toEqual([]);
      if (ability.states && hasDrafts(kind)) {
        expect(ability.states.includes('draft') || SENTENCE.test(ability.impossible.draft ?? '')).toBe(true);
      }
    });

    it('come with one way of noticing changes for each kind', () => {
      for (const { kind, ability } of cards) {
        const polled = definition.streams.some(({ kinds }) => kinds.includes(kind));
        const expected =
          ability.noticedBy === 'webhook'
            ? definition.webhook !== undefined
            : ability.noticedBy === 'none'
              ? !polled
              : polled;
        expect([kind, ability.noticedBy, expected]).toEqual([kind, ability.noticedBy, true]);
      }
      for (const { kinds } of definition.streams) {
        expect(kinds.filter((kind) => isAbsent(definition.kinds[kind]))).toEqual([]);
      }
      expect(trial.webhookFormats.length > 0).toBe(definition.webhook !== undefined);
    });

    it('speak of fields and states of the contract only', () => {
      for (const { kind, ability } of cards) {
        const paths = [
          ...grounds().benches.flatMap((bench) => [...ability.carries(bench.line.features)]),
          ...ability.decides,
        ];
        expect([kind, paths.filter((path) => !isContractPath(kind, path))]).toEqual([kind, []]);
        const { shape } = KINDS[kind].groups.state?.state ?? {};
        if (ability.states)
          expect(shape?.is === 'choice' && ability.states.every((one) => shape.of.includes(one))).toBe(true);
      }
    });

    it('keep the cards of a kind apart', () => {
      for (const { kind, facet } of cards) {
        if (!facet) continue;
        expect(isContractPath(kind, facet.flag)).toBe(true);
        const [field] = [...new Set((facet.lacks ?? []).map((path) => path.split('.')[0]!))];
        expect(field === undefined || isContractPath(kind, field)).toBe(true);
      }
    });

    it('name settings once, with secrets marked, and everything that the sandbox needs', () => {
      const names = definition.settings.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toEqual(
        expect.arrayContaining([definition.oauth.clientIdSetting, definition.oauth.clientSecretSetting]),
      );
      for (const { name, secret, says } of definition.settings) {
        expect([name, secret]).toEqual([name, /SECRET|TOKEN|KEY$/.test(name)]);
        expect(says).toMatch(SENTENCE);
      }
    });
  });
};

/** Some words that end as sentences do. */
const SENTENCE = /^\S.* .*[.!]$/s;

/** What people would look for. A record that cannot be deleted is switched off or voided, and the reverse. */
const expectedOf = (kind: KindName, operations: readonly Operation[]): readonly Operation[] => {
  const missing = (operation: Operation): boolean => !operations.includes(operation);
  switch (KINDS[kind].nature) {
    case 'company':
      return ['update'];
    case 'reference':
      return (['create', 'update', 'delete', 'archive'] as const)
        .filter(missing)
        .filter((operation) => operation !== 'archive' || missing('delete'));
    case 'document':
      return (['create', 'update', 'delete', 'void'] as const)
        .filter(missing)
        .filter((operation) => operation !== 'update' || missing('replace'));
  }
};

const hasDrafts = (kind: KindName): boolean => {
  const shape = KINDS[kind].groups.state?.state?.shape;
  return shape?.is === 'choice' && shape.of.includes('draft');
};
