import { KIND_NAMES, type KindName } from '../../../src/domain/contract/index.js';
import {
  isAbsent,
  type FacetDefinition,
  type KindDefinition,
  type Operation,
  type ProviderDefinition,
} from '../../../src/domain/provider/index.js';

/** A kind of a provider, or one of the cards that it keeps for the kind. */
export interface Card {
  readonly kind: KindName;
  readonly facet: FacetDefinition | undefined;
  readonly ability: KindDefinition;
  /** For the titles of tests. */
  readonly title: string;
}

/** All that a provider has, in the order in which references come before what refers to them. */
export const cardsOf = ({ kinds }: ProviderDefinition): Card[] =>
  KIND_NAMES.flatMap((kind): Card[] => {
    const ability = kinds[kind];
    if (isAbsent(ability)) return [];
    return ability.facets
      ? ability.facets.map((facet) => ({
          kind,
          facet,
          // A card may allow less than its kind.
          ability: facet.operations ? { ...ability, operations: facet.operations } : ability,
          title: `${kind} (${facet.name})`,
        }))
      : [{ kind, facet: undefined, ability, title: kind }];
  });

/** Cards with which something can be done, as rows for `it.each`. */
export const cardsThat = (
  definition: ProviderDefinition,
  can: Operation | ((card: Card) => boolean),
): (readonly [string, Card])[] =>
  cardsOf(definition)
    .filter((card) => (typeof can === 'string' ? card.ability.operations.includes(can) : can(card)))
    .map((card) => [card.title, card]);

export const isReadable = ({ ability }: Card): boolean => ability.unreadable === undefined;
