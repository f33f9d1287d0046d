import { NO_BASE, type Side } from '../../../src/domain/comparison/index.js';
import { type KindName, type Ref, refKey } from '../../../src/domain/contract/index.js';
import {
  type HalfTwin,
  type Twin,
  type TwinByRef,
  type TwinSettlement,
  TwinStore,
} from '../../../src/modules/sync/store/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';
import type { MemoryWaitStore } from './memory-wait-store.js';

interface Row extends Twin {
  readonly tenant: string;
  readonly former: readonly { readonly side: Side; readonly ref: string }[];
}

export class MemoryTwinStore extends TwinStore {
  private readonly twins;

  constructor(
    database: MemoryDatabase,
    private readonly newId: () => string,
    private readonly waits: Pick<MemoryWaitStore, 'all'>,
  ) {
    super();
    this.twins = database.table<Row>();
  }

  override async get(tx: Tx, ids: readonly string[]): Promise<Twin[]> {
    return ids.flatMap((id) => {
      const twin = this.twins.get(id);
      return twin?.tenant === tx.tenant ? [twin] : [];
    });
  }

  override async byRefs(tx: Tx, connection: string, side: Side, refs: readonly Ref[]): Promise<TwinByRef[]> {
    const wanted = new Map(refs.map((ref) => [refKey(ref), ref]));
    return this.own(tx).flatMap((twin): TwinByRef[] => {
      if (twin.connection !== connection) return [];
      const now = twin[side];
      const current = now === undefined ? undefined : wanted.get(refKey({ kind: twin.kind, id: now }));
      if (current) return [{ ref: current, twin, former: false }];
      return twin.former.flatMap((former) => {
        const ref = former.side === side ? wanted.get(refKey({ kind: twin.kind, id: former.ref })) : undefined;
        return ref ? [{ ref, twin, former: true }] : [];
      });
    });
  }

  override async ofRecords(tx: Tx, refs: readonly Ref[]): Promise<Twin[]> {
    return this.own(tx).filter(({ kind, app }) => refs.some((ref) => ref.kind === kind && ref.id === app));
  }

  override async restless(tx: Tx, connection: string): Promise<Twin[]> {
    const waiting = new Set((await this.waits.all()).map(({ twin }) => twin));
    return this.own(tx)
      .filter((twin) => twin.connection === connection)
      .filter(({ id, holds, refusal }) => holds.length > 0 || refusal !== undefined || waiting.has(id));
  }

  override async ensure(tx: Tx, halves: readonly HalfTwin[]): Promise<Twin[]> {
    return halves.map((half) => {
      const known = this.find(tx, half.connection, half.kind, half.facet, half.side, half.ref);
      if (known) return known;
      const { side, ref, ...rest } = half;
      const id = this.newId();
      const twin: Row = {
        ...rest,
        id,
        app: side === 'app' ? ref : undefined,
        books: side === 'books' ? ref : undefined,
        base: NO_BASE,
        holds: [],
        refusal: undefined,
        createdAt: tx.now,
        tenant: tx.tenant,
        former: [],
      };
      this.twins.set(id, twin);
      return twin;
    });
  }

  override async tell(tx: Tx, id: string, side: Side, ref: string): Promise<{ absorbed: string | undefined }> {
    const twin = this.twins.get(id)!;
    if (twin[side] === ref) return { absorbed: undefined };
    const other = this.find(tx, twin.connection, twin.kind, twin.facet, side, ref);
    if (other && other.id !== id) {
      if (other.app !== undefined && other.books !== undefined) throw new Error(`${ref} belongs to another full twin`);
      this.twins.delete(other.id);
    }
    const before = twin[side];
    const former = before === undefined ? twin.former : [...twin.former, { side, ref: before }];
    this.twins.set(id, { ...twin, [side]: ref, former });
    return { absorbed: other && other.id !== id ? other.id : undefined };
  }

  override async part(tx: Tx, id: string): Promise<Twin> {
    const twin = this.twins.get(id)!;
    const half: Row = {
      ...twin,
      id: this.newId(),
      app: undefined,
      base: NO_BASE,
      holds: [],
      former: [],
      createdAt: tx.now,
    };
    this.twins.set(half.id, half);
    this.twins.set(id, { ...twin, books: undefined, base: NO_BASE, holds: [], refusal: undefined });
    return half;
  }

  override async settle(_tx: Tx, settled: readonly TwinSettlement[]): Promise<void> {
    for (const { twin, ...rest } of settled) this.twins.set(twin, { ...this.twins.get(twin)!, ...rest });
  }

  override async rekind(
    tx: Tx,
    id: string,
    kind: KindName,
    facet: string,
  ): Promise<{ absorbedBy: string | undefined }> {
    const twin = this.twins.get(id)!;
    const known = this.find(tx, twin.connection, kind, facet, 'books', twin.books!);
    if (known) {
      this.twins.delete(id);
      return { absorbedBy: known.id };
    }
    this.twins.set(id, { ...twin, kind, facet });
    return { absorbedBy: undefined };
  }

  all(): Row[] {
    return this.twins.all();
  }

  private own(tx: Tx): Row[] {
    return this.twins.all().filter(({ tenant }) => tenant === tx.tenant);
  }

  private find(tx: Tx, connection: string, kind: KindName, facet: string, side: Side, ref: string): Row | undefined {
    const same = (twin: Row): boolean => twin.connection === connection && twin.kind === kind && twin.facet === facet;
    const own = this.own(tx).filter(same);
    return (
      own.find((twin) => twin[side] === ref) ??
      own.find(({ former }) => former.some((one) => one.side === side && one.ref === ref))
    );
  }
}
