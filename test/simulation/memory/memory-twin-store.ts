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
    const own = this.own(tx).filter((twin) => twin.connection === connection);
    const named = (twin: Row, id: string | undefined): Ref | undefined =>
      id === undefined ? undefined : wanted.get(refKey({ kind: twin.kind, id }));
    const present = own.flatMap((twin) => {
      const ref = named(twin, twin[side]);
      return ref ? [{ ref, twin, former: false }] : [];
    });
    const former = own.flatMap((twin) =>
      twin.former.flatMap((one) => {
        const ref = one.side === side ? named(twin, one.ref) : undefined;
        return ref ? [{ ref, twin, former: true }] : [];
      }),
    );
    return [...present, ...former];
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
    const twin = this.there(id);
    const before = twin[side];
    if (before === ref) return { absorbed: undefined };
    const { connection, kind, facet } = twin;
    const other = this.holder(tx, connection, kind, facet, side, ref);
    if (other) {
      if (other.app !== undefined && other.books !== undefined) throw new Error(`${ref} belongs to another full twin`);
      this.twins.delete(other.id);
    }
    const releasing = this.find(tx, connection, kind, facet, side, ref);
    if (releasing && releasing.id !== id) {
      this.twins.set(releasing.id, { ...releasing, former: without(releasing.former, side, ref) });
    }
    const former = without([...twin.former, ...(other?.former ?? [])], side, ref);
    this.twins.set(id, {
      ...twin,
      [side]: ref,
      former: before === undefined ? former : [...former, { side, ref: before }],
    });
    return { absorbed: other?.id };
  }

  override async loseBooks(_tx: Tx, id: string, ref: string): Promise<void> {
    const twin = this.twins.get(id);
    if (twin?.app === undefined || twin.books !== ref) return;
    const bare = { base: NO_BASE, holds: [], refusal: undefined };
    this.twins.set(id, { ...twin, ...bare, books: undefined, former: [...twin.former, { side: 'books', ref }] });
  }

  override async part(tx: Tx, id: string): Promise<Twin> {
    const twin = this.there(id);
    const bare = { base: NO_BASE, holds: [], refusal: undefined };
    const formerAt = (side: Side): Row['former'] => twin.former.filter((one) => one.side === side);
    const half: Row = {
      ...twin,
      ...bare,
      id: this.newId(),
      app: undefined,
      former: formerAt('books'),
      createdAt: tx.now,
    };
    this.twins.set(half.id, half);
    this.twins.set(id, { ...twin, ...bare, books: undefined, former: formerAt('app') });
    return half;
  }

  override async forgetRefusals(tx: Tx, twins: readonly string[], upTo: Date): Promise<string[]> {
    const refused = this.own(tx).filter(
      ({ id, refusal }) => twins.includes(id) && refusal !== undefined && refusal.at <= upTo.toISOString(),
    );
    for (const twin of refused) this.twins.set(twin.id, { ...twin, refusal: undefined });
    return refused.map(({ id }) => id);
  }

  override async settle(_tx: Tx, settled: readonly TwinSettlement[]): Promise<void> {
    for (const { twin: id, ...rest } of settled) {
      const twin = this.twins.get(id);
      if (twin) this.twins.set(id, { ...twin, ...rest });
    }
  }

  override async rekind(
    tx: Tx,
    id: string,
    kind: KindName,
    facet: string,
  ): Promise<{ absorbedBy: string | undefined }> {
    const twin = this.there(id);
    const known = this.find(tx, twin.connection, kind, facet, 'books', twin.books!);
    if (known?.id === id) return { absorbedBy: undefined };
    if (known) {
      this.twins.set(known.id, { ...known, former: [...known.former, ...twin.former] });
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

  private there(id: string): Row {
    const twin = this.twins.get(id);
    if (!twin) throw new Error(`twin ${id} is not there`);
    return twin;
  }

  /** Whoever has the ref now, or else whoever gave it up. */
  private find(tx: Tx, connection: string, kind: KindName, facet: string, side: Side, ref: string): Row | undefined {
    return (
      this.holder(tx, connection, kind, facet, side, ref) ??
      this.own(tx).find(
        (twin) =>
          isOf(twin, connection, kind, facet) && twin.former.some((one) => one.side === side && one.ref === ref),
      )
    );
  }

  private holder(tx: Tx, connection: string, kind: KindName, facet: string, side: Side, ref: string): Row | undefined {
    return this.own(tx).find((twin) => isOf(twin, connection, kind, facet) && twin[side] === ref);
  }
}

const isOf = (twin: Row, connection: string, kind: KindName, facet: string): boolean =>
  twin.connection === connection && twin.kind === kind && twin.facet === facet;

const without = (former: Row['former'], side: Side, ref: string): Row['former'] =>
  former.filter((one) => one.side !== side || one.ref !== ref);
