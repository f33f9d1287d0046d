import {
  fieldsOf,
  groupFields,
  groupNames,
  normalGroup,
  refKey,
  type Content,
  type NormalGroup,
  type Reading,
} from '../../../src/domain/contract/index.js';
import type { Card } from './card.js';

/** The groups of a content as they are compared, with the books' own refs as names. */
export type Normal = Readonly<Record<string, NormalGroup>>;

export interface Comparing {
  readonly carries: ReadonlySet<string>;
  /** Compares what the provider decides by itself, too. */
  readonly decidedToo?: boolean;
}

export const normalOf = (
  { kind, facet, ability }: Card,
  content: Content,
  { carries, decidedToo }: Comparing,
): Normal => {
  const lacks = new Set(facet?.lacks);
  const reading: Reading = {
    nameOf: refKey,
    carries: (path) =>
      carries.has(path) && !lacks.has(path) && (decidedToo === true || !isBelow(path, ability.decides)),
    lacks: (path) => lacks.has(path),
  };
  return Object.fromEntries(groupNames(kind).map((group) => [group, normalGroup(kind, group, content, reading)]));
};

/** Whether a path is one of those or a part of one. */
export const isBelow = (path: string, paths: readonly string[]): boolean =>
  paths.some((one) => path === one || path.startsWith(`${one}.`));

/** The fields of a group that can be written here. */
export const carriedFields = ({ kind }: Card, group: string, carries: ReadonlySet<string>): string[] =>
  Object.entries(groupFields(kind, group))
    .filter(([name, field]) => !field.readOnly && carries.has(name))
    .map(([name]) => name);

/** Without what only the provider says. */
export const writable = ({ kind }: Pick<Card, 'kind'>, content: Content): Content =>
  Object.fromEntries(Object.entries(content).filter(([name]) => fieldsOf(kind)[name]?.readOnly === false));
