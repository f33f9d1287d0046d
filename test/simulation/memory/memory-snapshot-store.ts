import { type Existence, type KindName, type Ref, refKey } from '../../../src/domain/contract/index.js';
import {
  inLightOf,
  keptOf,
  type NewSnapshot,
  receive,
  type Reception,
  type Snapshot,
  SnapshotStore,
  understood,
  type VersionOrder,
} from '../../../src/modules/sync/store/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemorySnapshotStore extends SnapshotStore {
  private readonly snapshots;

  constructor(database: MemoryDatabase) {
    super();
    this.snapshots = database.table<Snapshot>();
  }

  override async get(_tx: Tx, connection: string, refs: readonly Ref[]): Promise<Snapshot[]> {
    const keys = new Set(refs.map((ref) => keyOf(connection, ref)));
    return [...keys].flatMap((key) => this.snapshots.get(key) ?? []);
  }

  override async save(
    tx: Tx,
    connection: string,
    snapshots: readonly NewSnapshot[],
    orderOf: (kind: KindName) => VersionOrder,
  ): Promise<Reception[]> {
    return snapshots.map(({ sighting, asOf }) => {
      const key = keyOf(connection, sighting);
      const known = this.snapshots.get(key);
      const look = { sighting: understood(known, sighting), asOf };
      const reception = receive(known, look, orderOf(sighting.kind));
      if (reception !== 'older') this.snapshots.set(key, keptOf(known, look, tx.now));
      return reception;
    });
  }

  override async hintMerged(_tx: Tx, connection: string, ref: Ref, into: string): Promise<void> {
    const key = keyOf(connection, ref);
    const known = this.snapshots.get(key);
    if (known) this.snapshots.set(key, { ...known, mergedInto: into });
  }

  override async unseenSince(_tx: Tx, connection: string, kind: KindName, since: Date): Promise<Ref[]> {
    return this.snapshots
      .entries()
      .filter(
        ([key, { kind: its, id, existence, asOf }]) =>
          key === keyOf(connection, { kind, id }) &&
          its === kind &&
          asOf < since &&
          !['deleted', 'merged'].includes(existence),
      )
      .map(([, { id }]) => ({ kind, id }));
  }

  override async end(tx: Tx, connection: string, ref: Ref, existence: Existence, asOf: Date): Promise<Reception> {
    const key = keyOf(connection, ref);
    const known = this.snapshots.get(key);
    if (known && asOf < known.asOf) return 'older';
    const before: Snapshot = known ?? { ...ref, existence, content: {}, version: '', raw: null, asOf };
    const ended = keptOf(known, { sighting: { ...before, existence: inLightOf(known, existence) }, asOf }, tx.now);
    this.snapshots.set(key, ended);
    return !known ? 'new' : known.existence === ended.existence ? 'same' : 'changed';
  }

  all(): Snapshot[] {
    return this.snapshots.all();
  }
}

const keyOf = (connection: string, ref: Ref): string => `${connection}/${refKey(ref)}`;
