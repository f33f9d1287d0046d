import type { KindName } from '../../../src/domain/contract/index.js';
import {
  type Attempt,
  BATCH,
  GRAPH_VERSION,
  type ItemOutcome,
  type ItemPlan,
  type Lane,
  LANES,
  LEASE_MS,
  PRESENCE_MS,
  leavingOf,
  type OpenedWalk,
  type Raise,
  type Seen,
  type Step,
  type StepNote,
  STEPS,
  Superseded,
  type WalkItem,
  WorkStore,
  type Written,
} from '../../../src/modules/sync/store/index.js';
import type { Cause } from '../../../src/modules/history/index.js';
import type { DispatchTx, Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';
import type { MemoryConnectionStore } from './memory-connection-store.js';
import type { MemoryTwinStore } from './memory-twin-store.js';

interface WorkItem {
  readonly twin: string;
  readonly tenant: string;
  readonly connection: string;
  readonly kind: KindName;
  readonly lane: Lane;
  readonly wanted: number;
  readonly done: number;
  readonly look: boolean;
  readonly notBefore: Date;
  readonly walk: string | undefined;
  readonly attempts: number;
  readonly cause: Cause;
}

interface Walk {
  readonly id: string;
  readonly tenant: string;
  readonly connection: string;
  readonly kind: KindName;
  readonly lane: Lane;
  readonly graph: number;
  readonly open: boolean;
  readonly leaseUntil: Date;
  readonly steps: Readonly<Partial<Record<Step, { epoch: number; done: boolean; note?: StepNote }>>>;
}

export class MemoryWorkStore extends WorkStore {
  private readonly work;
  private readonly walks;
  private readonly walkItems;
  private readonly workers;
  private readonly served;

  constructor(
    database: MemoryDatabase,
    private readonly twins: MemoryTwinStore,
    private readonly connections: MemoryConnectionStore,
  ) {
    super();
    this.work = database.table<WorkItem>();
    this.walks = database.table<Walk>();
    this.workers = database.table<{ places: number; seenAt: Date }>();
    this.served = database.table<Date>();
    this.walkItems = database.table<WalkItem & { walk: string }>();
  }

  override async raise(tx: Tx, raises: readonly Raise[]): Promise<void> {
    if (raises.length > 0) tx.wakes.add('work');
    for (const { twin, lane, look, cause, notBefore = tx.now } of raises) {
      const [known] = await this.twins.get(tx, [twin]);
      if (!known) continue;
      const item = this.work.get(twin);
      const idle = !item || item.wanted === item.done;
      this.work.set(twin, {
        twin,
        tenant: tx.tenant,
        connection: known.connection,
        kind: known.kind,
        lane: idle ? lane : firstLane(item.lane, lane),
        wanted: (item?.wanted ?? 0) + 1,
        done: item?.done ?? 0,
        look: look || (item?.look ?? false),
        notBefore: idle ? notBefore : dueOf(item.notBefore, notBefore, tx.now),
        walk: item?.walk,
        attempts: item?.attempts ?? 0,
        cause,
      });
    }
  }

  override async open(tx: DispatchTx, room: number, newId: () => string, most = BATCH): Promise<OpenedWalk[]> {
    const due = this.work
      .all()
      .filter((item) => item.wanted > item.done && item.walk === undefined && item.notBefore <= tx.now)
      .filter((item) => this.connections.isOpen(item.connection, tx.now));
    const opened: OpenedWalk[] = [];
    for (const items of this.inTurn(due).slice(0, room)) {
      const batch = items.slice(0, most);
      const { tenant, connection, kind, lane } = batch[0]!;
      const id = newId();
      const leaseUntil = new Date(tx.now.getTime() + LEASE_MS);
      this.walks.set(id, {
        id,
        tenant,
        connection,
        kind,
        lane,
        graph: GRAPH_VERSION,
        open: true,
        leaseUntil,
        steps: {},
      });
      for (const item of batch) {
        const { twin, wanted, look, cause, attempts } = item;
        this.work.set(twin, { ...item, walk: id, look: false, notBefore: NEVER });
        const fresh = { seen: undefined, plan: undefined, written: undefined };
        this.walkItems.set(`${id}/${twin}`, { walk: id, twin, wanted, look, cause, attempts, ...fresh });
      }
      this.served.set(connection, tx.now);
      opened.push({ walk: id, tenant, connection, kind, lane, items: batch.length });
    }
    return opened;
  }

  /** Due items of one connection, kind and lane together, longest due first, and the groups in the order of opening. */
  private inTurn(due: readonly WorkItem[]): WorkItem[][] {
    const byTime = [...due].sort((one, other) => one.notBefore.getTime() - other.notBefore.getTime());
    const groups = [...Map.groupBy(byTime, ({ connection, kind, lane }) => `${connection}/${kind}/${lane}`).values()];
    const laneOf = ([first]: readonly WorkItem[]): number => LANES.indexOf(first!.lane);
    const dueSince = ([first]: readonly WorkItem[]): number => first!.notBefore.getTime();
    const servedAt = ([first]: readonly WorkItem[]): number => this.served.get(first!.connection)?.getTime() ?? 0;
    const turns = new Map<WorkItem[], number>();
    for (const [, own] of Map.groupBy(groups, ([first]) => first!.tenant)) {
      own.sort((one, other) => laneOf(one) - laneOf(other) || dueSince(one) - dueSince(other));
      own.forEach((group, index) => turns.set(group, index));
    }
    return groups.sort(
      (one, other) =>
        laneOf(one) - laneOf(other) ||
        turns.get(one)! - turns.get(other)! ||
        servedAt(one) - servedAt(other) ||
        dueSince(one) - dueSince(other),
    );
  }

  override async room(tx: DispatchTx): Promise<number> {
    const alive = this.workers.all().filter(({ seenAt }) => seenAt.getTime() > tx.now.getTime() - PRESENCE_MS);
    const places = alive.reduce((sum, worker) => sum + worker.places, 0);
    return 2 * places - this.walks.all().filter(({ open }) => open).length;
  }

  override async present(tx: DispatchTx, worker: string, places: number): Promise<void> {
    this.workers.set(worker, { places, seenAt: tx.now });
  }

  override async begin(tx: DispatchTx | Tx, id: string, step: Step): Promise<Attempt | undefined> {
    const walk = this.walks.get(id);
    if ('tenant' in tx && walk?.tenant !== tx.tenant) return undefined;
    if (!walk?.open || walk.graph !== GRAPH_VERSION || walk.steps[step]?.done) return undefined;
    const epoch = (walk.steps[step]?.epoch ?? 0) + 1;
    const leaseUntil = new Date(tx.now.getTime() + LEASE_MS);
    this.walks.set(id, { ...walk, leaseUntil, steps: { ...walk.steps, [step]: { epoch, done: false } } });
    const { tenant, connection, kind, lane } = walk;
    return { walk: id, step, epoch, tenant, connection, kind, lane };
  }

  override async extend(tx: DispatchTx, attempt: Attempt): Promise<boolean> {
    if (!this.holds(attempt)) return false;
    const walk = this.walks.get(attempt.walk)!;
    this.walks.set(walk.id, { ...walk, leaseUntil: new Date(tx.now.getTime() + LEASE_MS) });
    return true;
  }

  override async fence(_tx: Tx, attempt: Attempt): Promise<void> {
    if (!this.holds(attempt)) throw new Superseded(attempt);
  }

  override async items(_tx: Tx, walk: string): Promise<WalkItem[]> {
    return this.walkItems
      .all()
      .filter((item) => item.walk === walk)
      .map((item) => ({ ...item, cause: this.work.get(item.twin)?.cause ?? item.cause }));
  }

  override async saveSeen(_tx: Tx, walk: string, seen: readonly (Seen & { twin: string })[]): Promise<void> {
    for (const { twin, ...rest } of seen)
      this.change(walk, twin, (item) => ({ ...item, seen: { ...item.seen, ...rest } }));
  }

  override async savePlans(_tx: Tx, walk: string, plans: readonly { twin: string; plan: ItemPlan }[]): Promise<void> {
    for (const { twin, plan } of plans) this.change(walk, twin, (item) => ({ ...item, plan }));
  }

  override async saveWritten(
    _tx: Tx,
    walk: string,
    written: readonly { twin: string; written: Written }[],
  ): Promise<void> {
    for (const { twin, written: what } of written) this.change(walk, twin, (item) => ({ ...item, written: what }));
  }

  override async finishStep(_tx: Tx, { walk: id, step, epoch }: Attempt, note: StepNote): Promise<void> {
    const walk = this.walks.get(id)!;
    this.walks.set(id, { ...walk, steps: { ...walk.steps, [step]: { epoch, done: true, note } } });
  }

  override async close(tx: Tx, attempt: Attempt, outcomes: readonly ItemOutcome[]): Promise<void> {
    tx.wakes.add('work');
    this.walks.set(attempt.walk, { ...this.walks.get(attempt.walk)!, open: false });
    for (const outcome of outcomes) {
      const claimed = this.walkItems.get(`${attempt.walk}/${outcome.twin}`);
      const item = this.work.get(outcome.twin);
      if (!item || !claimed || item.walk !== attempt.walk) continue;
      const { settled, again, look, notBefore } = leavingOf(outcome, tx.now);
      this.work.set(item.twin, {
        ...item,
        walk: undefined,
        done: settled ? claimed.wanted : item.done,
        wanted: item.wanted + (again ? 1 : 0),
        look: item.look || look,
        attempts: settled && !again ? 0 : claimed.attempts + 1,
        notBefore: notBefore ? earlier(item.notBefore, notBefore) : item.notBefore,
      });
    }
  }

  override async sweep(tx: DispatchTx): Promise<number> {
    const expired = this.walks
      .all()
      .filter((walk) => walk.open && (walk.leaseUntil < tx.now || walk.graph !== GRAPH_VERSION));
    for (const walk of expired) {
      this.walks.set(walk.id, { ...walk, open: false });
      for (const item of this.work.all().filter((one) => one.walk === walk.id)) {
        const claimed = this.walkItems.get(`${walk.id}/${item.twin}`);
        const look = item.look || (claimed?.look ?? true);
        this.work.set(item.twin, { ...item, walk: undefined, look, notBefore: earlier(item.notBefore, tx.now) });
      }
    }
    return expired.length;
  }

  override async absorb(tx: Tx, gone: string, survivor: string): Promise<void> {
    const item = this.work.get(gone);
    if (!item) return;
    this.work.delete(gone);
    if (item.wanted === item.done) return;
    const { lane, cause } = item;
    await this.raise(tx, [{ twin: survivor, lane, look: item.look || item.walk !== undefined, cause }]);
  }

  /** Open walks and the step each of them is at, for rebuilding the queue. */
  openWalks(): { walk: string; next: Step | undefined }[] {
    return this.walks
      .all()
      .filter(({ open }) => open)
      .map(({ id, steps }) => ({ walk: id, next: STEPS.find((step) => !steps[step]?.done) }));
  }

  unfinished(): WorkItem[] {
    return this.work.all().filter(({ wanted, done }) => wanted > done);
  }

  private holds({ walk: id, step, epoch }: Attempt): boolean {
    const walk = this.walks.get(id);
    return walk !== undefined && walk.open && walk.steps[step]?.epoch === epoch && !walk.steps[step].done;
  }

  private change(walk: string, twin: string, to: (item: WalkItem) => WalkItem): void {
    const key = `${walk}/${twin}`;
    const item = this.walkItems.get(key);
    if (item) this.walkItems.set(key, { ...to(item), walk });
  }
}

/** While a walk holds the item, only a raise says when it is due again. */
const NEVER = new Date(8.64e15);

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

/** Two that are put off until the same time are not one write's echo. */
const dueOf = (one: Date, other: Date, now: Date): Date =>
  one.getTime() === other.getTime() ? earlier(one, now) : earlier(one, other);

const firstLane = (one: Lane, other: Lane): Lane => (LANES.indexOf(one) <= LANES.indexOf(other) ? one : other);
