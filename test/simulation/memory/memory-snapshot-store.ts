import { type Existence, type KindName, type Ref, refKey } from '../../../src/domain/contract/index.js';
import {
  inLightOf,
  type NewSnapshot,
  receive,
  type Reception,
  type Snapshot,
  SnapshotStore,
  type VersionOrder,
} from '../../../src/modules/sync/store/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemorySnapshotStore extends SnapshotStore {
  private readonly snapshots;
  private readonly hints;

  constructor(database: MemoryDatabase) {
    super();
    this.snapshots = database.table<Snapshot>();
    this.hints = database.table<string>();
  }

  override async get(_tx: Tx, connection: string, refs: readonly Ref[]): Promise<Snapshot[]> {
    const keys = new Set(refs.map((ref) => keyOf(connection, ref)));
    return [...keys].flatMap((key) => this.snapshots.get(key) ?? []);
  }

  override async save(
    _tx: Tx,
    connection: string,
    snapshots: readonly NewSnapshot[],
    orderOf: (kind: KindName) => VersionOrder,
  ): Promise<Reception[]> {
    return snapshots.map((offered) => {
      const key = keyOf(connection, offered.sighting);
      const known = this.snapshots.get(key);
      const reception = receive(known, offered, orderOf(offered.sighting.kind));
      if (reception === 'older') return reception;
      const mergedInto = this.hints.get(key) ?? offered.sighting.mergedInto;
      const light = mergedInto === undefined ? undefined : { mergedInto };
      const existence = inLightOf(light, offered.sighting.existence);
      this.snapshots.set(key, { ...offered.sighting, ...light, existence, asOf: offered.asOf });
      return reception;
    });
  }

  override async hintMerged(_tx: Tx, connection: string, ref: Ref, into: string): Promise<void> {
    this.hints.set(keyOf(connection, ref), into);
  }

  override async end(_tx: Tx, connection: string, ref: Ref, existence: Existence, asOf: Date): Promise<Reception> {
    const key = keyOf(connection, ref);
    const known = this.snapshots.get(key);
    if (known && asOf < known.asOf) return 'older';
    const mergedInto = this.hints.get(key) ?? known?.mergedInto;
    const light = mergedInto === undefined ? undefined : { mergedInto };
    const before: Snapshot = known ?? { ...ref, existence, content: {}, version: '', raw: null, asOf };
    this.snapshots.set(key, {
      ...before,
      ...light,
      existence: inLightOf(light, existence),

      asOf,
    });
    return known ? 'changed' : 'new';
  }

  all(): Snapshot[] {
    return this.snapshots.all();
  }
}

const keyOf = (connection: string, ref: Ref): string => `${connection}/${refKey(ref)}`;
