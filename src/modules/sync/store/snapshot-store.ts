import type { Existence, KindName, Ref } from '../../../domain/contract/index.js';
import type { Sighting } from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';

/** A record as the books showed it when we last looked. */
export interface Snapshot extends Sighting {
  /** Database time from which on the books certainly looked like this or newer. */
  readonly asOf: Date;
  /** Database time at which we learnt that it is not present any more. */
  readonly endedAt?: Date;
}

export interface NewSnapshot {
  readonly sighting: Sighting;
  /** For a read, when it began; for a write, when its answer came. */
  readonly asOf: Date;
}

/** What became of a snapshot that was offered. */
export type Reception = 'new' | 'changed' | 'same' | 'older';

export type VersionOrder = ((one: string, other: string) => number) | undefined;

/** A record that an event called merged away is that once it no longer is present. */
export const inLightOf = (known: Pick<Snapshot, 'mergedInto'> | undefined, existence: Existence): Existence =>
  known?.mergedInto !== undefined && (existence === 'archived' || existence === 'deleted') ? 'merged' : existence;

/** A look as it is kept, by what was known before and the present database time. */
export const keptOf = (known: Snapshot | undefined, { sighting, asOf }: NewSnapshot, now: Date): Snapshot => {
  if (sighting.existence === 'present') return { ...sighting, asOf };
  return { ...sighting, asOf, endedAt: known?.endedAt ?? now };
};

/** A look in that light: the survivor is whom the look itself names, or else whom an event or an earlier look named. */
export const understood = (known: Pick<Snapshot, 'mergedInto'> | undefined, sighting: Sighting): Sighting => {
  const mergedInto = sighting.mergedInto ?? known?.mergedInto;
  if (mergedInto === undefined) return sighting;
  return { ...sighting, mergedInto, existence: inLightOf({ mergedInto }, sighting.existence) };
};

const isGone = (existence: Existence): boolean => existence === 'deleted' || existence === 'merged';

/** Which of two looks at a record is kept: the later one, unless its version shows that it lags behind. */
export const receive = (
  known: Pick<Snapshot, 'version' | 'existence' | 'asOf'> | undefined,
  offered: NewSnapshot,
  order: VersionOrder,
): Reception => {
  if (!known) return 'new';
  const { version, existence } = offered.sighting;
  const ordered = order?.(version, known.version) ?? 0;
  if (ordered < 0) return 'older';
  // What is deleted or merged away stays so: a list that still shows the same version only lags.
  if (isGone(known.existence) && !isGone(existence) && version === known.version) return 'older';
  if (ordered === 0 && offered.asOf < known.asOf) return 'older';
  return version === known.version && existence === known.existence ? 'same' : 'changed';
};

export abstract class SnapshotStore {
  abstract get(tx: Tx, connection: string, refs: readonly Ref[]): Promise<Snapshot[]>;
  /** Keeps of each record the look that `receive` chooses; in order of the input, what became of each. */
  abstract save(
    tx: Tx,
    connection: string,
    snapshots: readonly NewSnapshot[],
    orderOf: (kind: KindName) => VersionOrder,
  ): Promise<Reception[]>;
  /**
   * An event said that the record was merged away; what reading it shows is understood in that light. Of a record that
   * was never seen nothing is kept: it has no other side that the merge could mean anything to.
   */
  abstract hintMerged(tx: Tx, connection: string, ref: Ref, into: string): Promise<void>;
  /** Records of a kind that were there when last seen, and were last seen before that time. */
  abstract unseenSince(tx: Tx, connection: string, kind: KindName, since: Date): Promise<Ref[]>;
  /** The record ended over there, unless it was seen later than `asOf`: its last content is kept under the new existence. */
  abstract end(tx: Tx, connection: string, ref: Ref, existence: Existence, asOf: Date): Promise<Reception>;
}
