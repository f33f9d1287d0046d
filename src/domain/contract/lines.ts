import type { Content } from './content.js';

/** The same line as each side names it (ENGINE A3). */
export interface LinePair {
  readonly app: string;
  readonly books: string;
}

/** Which element of the other list each element corresponds to, by position; unmatched elements are absent. */
export type Matching = ReadonlyMap<number, number>;

/**
 * Matches the elements of two lists: first by identity (`known` names the partner's id of an id), then by equal
 * content. With `inOrder`, what is left over is matched by position if both lists have equally many left: an answer
 * to a write returns the lines that were sent, though perhaps reshaped.
 */
export const matchElements = (
  from: readonly Content[],
  to: readonly Content[],
  options: {
    partner(id: string): string | undefined;
    text(element: Content, side: 'from' | 'to'): string;
    inOrder?: boolean;
  },
): Matching => {
  const matching = new Map<number, number>();
  const free = new Set(to.keys());
  const match = (one: number, other: number | undefined): void => {
    if (other === undefined || !free.has(other)) return;
    matching.set(one, other);
    free.delete(other);
  };

  const positions = new Map(to.map((element, position) => [idOf(element), position]));
  from.forEach((element, position) => {
    const id = idOf(element);
    const partner = id === undefined ? undefined : options.partner(id);
    if (partner !== undefined) match(position, positions.get(partner));
  });

  const byText = new Map<string, number[]>();
  for (const position of free) {
    const text = options.text(to[position]!, 'to');
    byText.set(text, [...(byText.get(text) ?? []), position]);
  }
  from.forEach((element, position) => {
    if (!matching.has(position)) match(position, byText.get(options.text(element, 'from'))?.shift());
  });

  const left = [...from.keys()].filter((position) => !matching.has(position));
  if (options.inOrder && left.length === free.size) {
    const rest = [...free];
    left.forEach((position, index) => match(position, rest[index]));
  }
  return matching;
};

const idOf = (element: Content): string | undefined => (typeof element.id === 'string' ? element.id : undefined);
