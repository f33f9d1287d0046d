import type { ContactRole, Content, Existence } from '../../../domain/contract/index.js';
import type { View } from '../../../domain/comparison/index.js';
import type { PlannedWrite } from '../../../domain/planning/index.js';
import {
  type AbsentKind,
  type FacetDefinition,
  isAbsent,
  type KindDefinition,
} from '../../../domain/provider/index.js';
import type { AppRecord } from '../../records/index.js';

/**
 * Where a provider keeps several cards for one record (customer and vendor of a contact), each card is a twin of its
 * own. The record has a facet exactly while its flag is set: a facet that ends is archived, the record lives on.
 */

/** The app's record as the twin of one facet sees it. */
export const viewOfRecord = (record: AppRecord, facet: FacetDefinition | undefined): View => ({
  existence: existenceOf(record, facet),
  content: record.content,
  version: String(record.version),
});

export const existenceOf = (
  { existence, content }: Pick<AppRecord, 'existence' | 'content'>,
  facet: FacetDefinition | undefined,
): Existence => (existence === 'present' && facet && content[facet.flag] !== true ? 'archived' : existence);

/** The card that a books id belongs to, or the one that a role asks for; the empty text where there are no cards. */
export const facetOf = (
  ability: KindDefinition | AbsentKind,
  booksId: string | undefined,
  role: ContactRole | undefined,
): string => {
  const facets = isAbsent(ability) ? undefined : ability.facets;
  if (!facets) return '';
  const owner = booksId === undefined ? undefined : facets.find((facet) => facet.owns(booksId));
  return (owner ?? facets.find(({ name }) => name === role) ?? facets[0]!).name;
};

/** The facets that a record has or once had a card for. */
export const facetsOf = (content: Content, facets: readonly FacetDefinition[] | undefined): readonly string[] =>
  facets === undefined ? [''] : facets.filter(({ flag }) => content[flag] === true).map(({ name }) => name);

/** The app's record after a planned write to it. */
export const applyToRecord = (
  current: Pick<AppRecord, 'existence' | 'content'> | undefined,
  write: PlannedWrite,
  facet: FacetDefinition | undefined,
  facets: readonly FacetDefinition[],
  newId: () => string,
): { existence: Existence; content: Content } => {
  const before = current?.content ?? {};
  const content = named(overlaid(before, write.content), newId);
  if (!facet) return { existence: write.existence?.app ?? current?.existence ?? 'present', content };

  const wanted = write.existence?.app;
  const others = facets.some(({ name, flag }) => name !== facet.name && before[flag] === true);
  if (wanted === undefined) return { existence: current?.existence ?? 'present', content };
  if (wanted === 'present') return { existence: 'present', content: { ...content, [facet.flag]: true } };
  return others
    ? { existence: current?.existence ?? 'present', content: { ...content, [facet.flag]: false } }
    : { existence: wanted, content };
};

const overlaid = (before: Content, written: Content): Content =>
  Object.fromEntries(Object.entries({ ...before, ...written }).filter(([, value]) => value !== null));

/** Lines are told apart by ids of their side; those born in the books get one of ours. */
const named = (content: Content, newId: () => string): Content =>
  Array.isArray(content.lines)
    ? {
        ...content,
        lines: (content.lines as Content[]).map((line) =>
          typeof line.id === 'string' ? line : { ...line, id: newId() },
        ),
      }
    : content;
