import { isKindName, type KindName } from '../../../domain/contract/index.js';
import type { ChangeNotice, ListPage, PollPage, UnreadableRecord } from '../../../domain/provider/index.js';
import type { Stream } from '../store/index.js';

/**
 * A recount reads all records of a kind once, because a stream of changes may have missed deletions. It is kept as a
 * stream of its own that ends with its last page, so that it resumes where it was cut off. What the list did not show is
 * not taken for deleted, it is looked at.
 */
export interface Recount {
  readonly kind: KindName;
  readonly standing: Standing;
}

/** How far a recount has come. */
interface Standing {
  /** Database time at which it began. */
  readonly began: string;
  readonly next?: string;
}

const PREFIX = 'recount:';

export const recountStreams = (kinds: readonly KindName[]): Pick<Stream, 'name' | 'everyMs' | 'why'>[] =>
  kinds.map((kind) => ({
    name: `${PREFIX}${kind}`,
    everyMs: 0,
    why: 'The stream of changes may have missed deletions: all records of this kind are listed once.',
  }));

export const recountOf = ({ name, cursor }: Pick<Stream, 'name' | 'cursor'>, now: Date): Recount | undefined => {
  const kind = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
  if (kind === undefined || !isKindName(kind)) return undefined;
  return { kind, standing: cursor === undefined ? { began: now.toISOString() } : (JSON.parse(cursor) as Standing) };
};

/** What a look at a stream brought, whether it was polled or listed. */
export type StreamPage = Omit<PollPage, 'notices'> & {
  readonly notices: readonly Omit<ChangeNotice, 'company'>[];
  /** Records without a known id that the provider fails to show. */
  readonly unreadable?: readonly UnreadableRecord[];
};

export const recountPage = (
  { standing: { began } }: Recount,
  { sightings, unreadable, next }: ListPage,
): StreamPage => ({
  sightings,
  notices: (unreadable ?? []).flatMap(({ kind, id }) => (id === undefined ? [] : [{ candidates: [kind], id }])),
  unreadable: (unreadable ?? []).filter(({ id }) => id === undefined),
  cursor: JSON.stringify({ began, ...(next !== undefined && { next }) } satisfies Standing),
  more: next !== undefined,
});
