import type { KindName, Ref } from '../../src/domain/contract/index.js';
import {
  answered,
  type ProviderExchange,
  type ProviderRequest,
  type Session,
} from '../../src/domain/provider/index.js';
import { type BooksLine, BooksLines, type Connection, type ExchangeNote } from '../../src/modules/auth/index.js';
import { ProviderRegistry } from '../../src/modules/providers/index.js';
import { Absorption } from '../../src/modules/sync/flow/absorption.js';
import { Answers } from '../../src/modules/sync/flow/answers.js';
import { Apply } from '../../src/modules/sync/flow/apply.js';
import { Endings } from '../../src/modules/sync/flow/endings.js';
import { FlowQueue } from '../../src/modules/sync/flow/flow-queue.js';
import { FlowStarter } from '../../src/modules/sync/flow/flow-starter.js';
import { LostAnswers } from '../../src/modules/sync/flow/lost-answers.js';
import { ObserveApp } from '../../src/modules/sync/flow/observe-app.js';
import { ObserveBooks } from '../../src/modules/sync/flow/observe-books.js';
import { Reactions } from '../../src/modules/sync/flow/reactions.js';
import { PlanStep } from '../../src/modules/sync/flow/plan.js';
import { Scenes } from '../../src/modules/sync/flow/scene.js';
import { SettleStep } from '../../src/modules/sync/flow/settle.js';
import { Steps } from '../../src/modules/sync/flow/steps.js';
import { AppEdits } from '../../src/modules/sync/intake/app-edits.js';
import { Decisions } from '../../src/modules/sync/intake/decisions.js';
import { Raising } from '../../src/modules/sync/intake/raising.js';
import type { OpenedWalk, Step } from '../../src/modules/sync/store/index.js';
import { Identifiers, Timers } from '../../src/platform/clock/index.js';
import {
  MemoryConflictStore,
  MemoryConnectionStore,
  MemoryDatabase,
  MemoryHistoryStore,
  MemoryProblemStore,
  MemoryRecordStore,
  MemorySnapshotStore,
  MemoryTwinStore,
  MemoryWaitStore,
  MemoryWorkStore,
  MemoryWriteStore,
} from './memory/index.js';
import { ModelBooks, type ModelWrite, type Traits } from './model-books.js';
import { modelProvider } from './model-provider.js';
import { Scheduler } from './scheduler.js';
import { Seeded } from './seeded.js';

export const TENANT = 'tenant-1';
export const CONNECTION = 'connection-1';

/** How often each thing goes wrong, per exchange with the books. */
export interface Faults {
  readonly refusedConnection: number;
  readonly lostBeforeCommit: number;
  readonly lostAfterCommit: number;
  readonly error500AfterCommit: number;
  readonly tooMany: number;
  readonly maintenance: number;
}

export const NO_FAULTS: Faults = {
  refusedConnection: 0,
  lostBeforeCommit: 0,
  lostAfterCommit: 0,
  error500AfterCommit: 0,
  tooMany: 0,
  maintenance: 0,
};

class CountedIdentifiers extends Identifiers {
  private count = 0;

  override id(): string {
    return `id-${String(++this.count).padStart(6, '0')}`;
  }

  override secret(): string {
    return `secret-${++this.count}`;
  }
}

class NoTimers extends Timers {
  override every(): () => void {
    return () => undefined;
  }
}

interface Job {
  readonly walk: string;
  readonly tenant: string;
  readonly step: Step;
  /** A dead worker's job comes back after the queue has noticed; a failed one after a while. */
  readonly notBefore: number;
}

const AFTER: Readonly<Record<Step, Step | undefined>> = {
  observe_app: 'plan',
  observe_books: 'plan',
  plan: 'apply',
  apply: 'settle',
  settle: undefined,
};

/** The whole engine on memory, one company of model books, held time, and a queue that forgets when told to. */
export class World {
  readonly random: Seeded;
  readonly scheduler: Scheduler;
  readonly books: ModelBooks;
  readonly database: MemoryDatabase;
  readonly records;
  readonly twins;
  readonly snapshots;
  readonly work;
  readonly writes;
  readonly waits;
  readonly problems;
  readonly conflicts;
  readonly history;
  readonly connections;
  readonly edits: AppEdits;
  readonly decisions: Decisions;
  readonly raising: Raising;
  readonly scenes: Scenes;
  readonly definition;
  faults: Faults = NO_FAULTS;
  private readonly steps: Steps;
  private readonly starter: FlowStarter;
  private jobs: Job[] = [];
  private readonly running = new Map<string, Job>();
  private time = Date.parse('2026-03-02T09:00:00Z');
  /** How many of the books' changes have been offered to the webhooks. */
  delivered = 0;

  constructor(
    seed: number,
    readonly traits: Traits,
  ) {
    this.random = new Seeded(seed);
    this.scheduler = new Scheduler(this.random);
    const clock = (): Date => new Date(this.time);
    this.books = new ModelBooks(traits, clock);
    const identifiers = new CountedIdentifiers();
    const newId = (): string => identifiers.id();
    const database = new MemoryDatabase(clock, this.scheduler.checkpoint);
    this.database = database;
    this.definition = modelProvider(traits);
    const registry = new ProviderRegistry([this.definition]);
    this.connections = new MemoryConnectionStore(database);
    this.connections.add(connection());
    this.records = new MemoryRecordStore(database);
    this.waits = new MemoryWaitStore(database);
    this.twins = new MemoryTwinStore(database, newId, this.waits);
    this.snapshots = new MemorySnapshotStore(database);
    this.work = new MemoryWorkStore(database, this.twins, this.connections);
    this.writes = new MemoryWriteStore(database);
    this.problems = new MemoryProblemStore(database);
    this.conflicts = new MemoryConflictStore(database, newId);
    this.history = new MemoryHistoryStore(database, newId);
    const { connections, records, twins, snapshots, work, writes, waits, problems, conflicts, history } = this;
    const lines = new ModelLines(this);
    const scenes = new Scenes(registry, connections, twins, records, snapshots, writes, conflicts);
    this.scenes = scenes;
    const absorption = new Absorption(work, writes, waits, conflicts, problems);
    const answers = new Answers(database, registry, connections, writes, twins, snapshots, absorption, history);
    const lost = new LostAnswers(database, writes, twins, answers);
    const endings = new Endings(records, twins, snapshots, waits);
    this.steps = new Steps(
      database,
      new NoTimers(),
      work,
      new ObserveApp(work, twins, records),
      new ObserveBooks(database, work, twins, snapshots, scenes, lines),
      new PlanStep(work, twins, writes, waits, records, conflicts, scenes, lines, endings),
      new Apply(database, identifiers, work, writes, snapshots, scenes, lines, answers, lost),
      new SettleStep(
        database,
        identifiers,
        work,
        twins,
        writes,
        waits,
        problems,
        records,
        conflicts,
        history,
        scenes,
        new Reactions(connections, problems, history),
        endings,
      ),
    );
    this.starter = new FlowStarter(database, identifiers, work, new MemoryQueue(this));
    this.raising = new Raising(registry, connections, twins, snapshots, work);
    this.edits = new AppEdits(database, identifiers, records, history, this.raising);
    this.decisions = new Decisions(database, identifiers, conflicts, work, history);
  }

  get now(): Date {
    return new Date(this.time);
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
  }

  // What processes do.

  startWalks(owner: string): void {
    this.scheduler.spawn(owner, 'start', async () => {
      await this.starter.present('workers', 3);
      await this.starter.start();
    });
  }

  sweep(owner: string): void {
    this.scheduler.spawn(owner, 'sweep', async () => {
      await this.starter.sweep();
    });
  }

  /** A worker takes a job that is due, unless it is busy. */
  workOn(owner: string): void {
    if (this.running.has(owner)) return;
    const due = this.jobs.filter((job) => job.notBefore <= this.time);
    if (due.length === 0) return;
    const job = this.random.pick(due);
    this.jobs = this.jobs.filter((one) => one !== job);
    this.running.set(owner, job);
    this.scheduler.spawn(owner, `${job.step}:${job.walk}`, async () => {
      try {
        await this.steps.attempt(job.walk, job.tenant, job.step);
        this.completed(job);
      } catch (error) {
        this.failures.push(error);
        this.jobs.push({ ...job, notBefore: this.time + 1_000 });
      } finally {
        this.running.delete(owner);
      }
    });
  }

  readonly failures: unknown[] = [];

  /** Kills a worker wherever it stands; the queue notices some seconds later. */
  kill(owner: string): void {
    this.scheduler.kill(owner);
    const job = this.running.get(owner);
    this.running.delete(owner);
    if (job) this.jobs.push({ ...job, notBefore: this.time + 5_000 });
  }

  forgetQueue(): void {
    this.jobs = [];
  }

  private readonly finished = new Set<string>();

  private completed(job: Job): void {
    this.finished.add(`${job.walk}/${job.step}`);
    const next = AFTER[job.step];
    if (!next) return;
    const ready =
      next !== 'plan' ||
      (['observe_app', 'observe_books'] as const).every((step) => this.finished.has(`${job.walk}/${step}`));
    if (ready) this.jobs.push({ walk: job.walk, tenant: job.tenant, step: next, notBefore: this.time });
  }

  enqueue(walks: readonly OpenedWalk[]): void {
    for (const { walk, tenant } of walks) {
      for (const step of ['observe_app', 'observe_books'] as const)
        this.jobs.push({ walk, tenant, step, notBefore: this.time });
    }
  }

  get hasJobs(): boolean {
    return this.jobs.length > 0 || this.running.size > 0;
  }

  // What happens outside.

  /** Delivers webhooks: some doubled, some out of order, some never. */
  deliver(owner: string, drop: number): void {
    const fresh = this.books.outbox.slice(this.delivered);
    this.delivered = this.books.outbox.length;
    const sent = fresh.flatMap((notice) =>
      this.random.chance(drop) ? [] : this.random.chance(0.15) ? [notice, notice] : [notice],
    );
    if (sent.length === 0) return;
    if (this.random.chance(0.3)) sent.reverse();
    this.notice(owner, sent);
  }

  /** The safety sweep that finds what webhooks did not tell. */
  pollEverything(owner: string): void {
    const every = this.books.all().map(({ kind, id }) => ({ candidates: [kind] as KindName[], id }));
    if (every.length > 0) this.notice(owner, every);
  }

  private notice(owner: string, notices: Parameters<Raising['booksNoticed']>[2]): void {
    this.scheduler.spawn(owner, 'notices', () =>
      this.database.inTenant(TENANT, async (tx) => {
        const known = await this.connections.get(tx, CONNECTION);
        await this.raising.booksNoticed(tx, known!, notices, 'routine', { by: 'webhook' });
      }),
    );
  }

  /** Carries one request to the books, or fails on the way, before or after they have done what it asks. */
  async exchange(request: ProviderRequest): Promise<ProviderExchange> {
    await this.scheduler.checkpoint(`request ${request.label}`);
    const { faults, random } = this;
    if (random.chance(faults.refusedConnection)) return { unanswered: 'not_sent', message: 'connection refused' };
    if (random.chance(faults.tooMany)) return { status: 429, headers: {}, body: '' };
    if (random.chance(faults.maintenance)) return { status: 503, headers: {}, body: '' };
    if (random.chance(faults.lostBeforeCommit)) return { unanswered: 'maybe_sent', message: 'timed out' };
    const body = JSON.stringify(this.serve(request));
    await this.scheduler.checkpoint(`answer ${request.label}`);
    if (random.chance(faults.lostAfterCommit)) return { unanswered: 'maybe_sent', message: 'connection reset' };
    if (random.chance(faults.error500AfterCommit)) return { status: 500, headers: {}, body: 'oops' };
    return { status: 200, headers: {}, body };
  }

  private serve(request: ProviderRequest): unknown {
    const question = JSON.parse(request.body ?? 'null') as unknown;
    switch (request.path) {
      case '/observe':
        return (question as Ref[]).map((ref) => this.books.observe(ref));
      case '/namesakes':
        return (question as { kind: KindName; name?: string }[]).map(({ kind, name }) =>
          name === undefined ? [] : this.books.named(kind, name),
        );
      case '/trace': {
        const { kind, marker } = question as { kind: KindName; marker: string };
        return this.books.marked(kind, marker);
      }
      default: {
        const { key, writes } = question as { key: string; writes: ModelWrite[] };
        return this.books.write(key, writes);
      }
    }
  }
}

class MemoryQueue extends FlowQueue {
  constructor(private readonly world: World) {
    super();
  }

  override async add(walks: readonly OpenedWalk[]): Promise<void> {
    this.world.enqueue(walks);
  }
}

class ModelLines extends BooksLines {
  constructor(private readonly world: World) {
    super();
  }

  override open(of: Connection): BooksLine {
    const notes: ExchangeNote[] = [];
    const send = async (request: ProviderRequest): Promise<ProviderExchange> => {
      const exchange = await this.world.exchange(request);
      const status = answered(exchange) ? exchange.status : undefined;
      notes.push({ label: request.label, status, requestId: undefined, ms: 0 });
      return exchange;
    };
    const { company, features, baseCurrency } = of;
    const session: Session = { company, features, baseCurrency, send, now: () => this.world.now };
    return { adapter: this.world.definition.connect(session), send, notes };
  }
}

const connection = (): Connection => ({
  id: CONNECTION,
  tenant: TENANT,
  provider: 'model',
  company: 'company-1',
  companyName: 'Model company',
  grant: undefined,
  state: 'active',
  stateReason: undefined,
  goLive: '2026-01-01',
  creates: ['contact'],
  features: {},
  baseCurrency: 'USD',
  notBefore: undefined,
});
