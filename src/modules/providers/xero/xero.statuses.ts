import type { KindName } from '../../../domain/contract/index.js';

/** From which status a quote or an order can be taken to which (sheet 3.12, 3.13); `new` is before it is made. */
const MOVES: Readonly<Partial<Record<KindName, Readonly<Record<string, readonly string[]>>>>> = {
  quote: {
    new: ['DRAFT', 'SENT'],
    DRAFT: ['SENT'],
    SENT: ['ACCEPTED', 'DECLINED'],
    DECLINED: ['SENT'],
    ACCEPTED: ['INVOICED', 'SENT'],
    INVOICED: ['SENT'],
  },
  purchase_order: {
    new: ['DRAFT', 'SUBMITTED', 'AUTHORISED'],
    DRAFT: ['SUBMITTED'],
    SUBMITTED: ['AUTHORISED'],
    AUTHORISED: ['BILLED'],
  },
};

/** The statuses through which a record goes to the wanted one; none for what is there, or is said in one step anyway. */
export const movesOf = (kind: KindName, from: string | undefined, to: string | undefined): readonly string[] => {
  const moves = MOVES[kind];
  if (!moves || to === undefined || from === to) return [];
  const ways: (readonly string[])[] = [[from ?? 'new']];
  const met = new Set(ways[0]);
  for (const way of ways) {
    for (const next of moves[way.at(-1)!] ?? []) {
      if (next === to) return [...way.slice(1), next];
      if (!met.has(next)) ways.push([...way, next]);
      met.add(next);
    }
  }
  // No way leads there: the vendor says so in its own words.
  return [to];
};
