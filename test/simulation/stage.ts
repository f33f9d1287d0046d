import type { Content, Existence, KindName, Ref } from '../../src/domain/contract/index.js';
import type { AppRecord } from '../../src/modules/records/index.js';
import { ProviderRegistry } from '../../src/modules/providers/index.js';
import { Absorption } from '../../src/modules/sync/flow/absorption.js';
import type { PushOutcome } from '../../src/modules/sync/intake/app-edits.js';
import type { Verb } from '../../src/modules/sync/intake/decisions.js';
import { type LinkOutcome, Links } from '../../src/modules/sync/intake/links.js';
import type { Step } from '../../src/modules/sync/store/index.js';
import type { Stored, Traits } from './model-books.js';
import { CONNECTION, NO_FAULTS, TENANT, World } from './world.js';

/** The habits of the model that a story does not speak of: the friendliest ones. */
export const EASY: Traits = {
  guardsVersions: true,
  keyWindowMs: undefined,
  traceable: true,
  replaces: [],
  lagMs: 0,
  ordered: true,
  namesVersions: true,
  keepsNamed: false,
};

/** A world in which a test tells a story step by step; between two steps everything comes to rest. */
export class Stage {
  readonly world: World;
  private pushes = 0;

  constructor(traits: Partial<Traits> = {}, seed = 1) {
    this.world = new World(seed, { ...EASY, ...traits });
  }

  /** Carries out a task of one process to its end, together with whatever else is under way. */
  async act<T>(owner: string, work: () => Promise<T>): Promise<T> {
    let done: { readonly result: T } | undefined;
    this.world.scheduler.spawn(owner, 'act', async () => {
      done = { result: await work() };
    });
    while (!done && (await this.world.scheduler.step()));
    if (!done) throw new Error(`${owner} did not come to an end`);
    return done.result;
  }

  /** The SaaS pushes one record, based on its present version unless told otherwise. */
  async push(
    kind: KindName,
    id: string,
    content: Content,
    more: { readonly existence?: 'present' | 'archived' | 'voided'; readonly basedOn?: number } = {},
  ): Promise<PushOutcome> {
    const basedOn = this.record(kind, id)?.version ?? 0;
    const records = [{ kind, id, basedOn, content, ...more }];
    const push = { key: `push-${++this.pushes}`, records };
    const [outcome] = await this.act('saas', () => this.world.edits.upsertRecords(TENANT, 'key:saas', push));
    return outcome!;
  }

  async delete(kind: KindName, id: string): Promise<void> {
    await this.act('saas', () => this.world.edits.deleteRecord(TENANT, 'key:saas', kind, id));
  }

  async decide(conflict: string, verb: Verb): Promise<void> {
    await this.act('reviewer', () => this.world.decisions.decideConflict(TENANT, 'finance:ana', { conflict, verb }));
  }

  /** A person says that the two are the same. */
  async link(kind: KindName, appId: string, booksId: string): Promise<LinkOutcome> {
    const { database, connections, records, twins, snapshots, writes, waits, work, history } = this.world;
    const { conflicts, problems, definition } = this.world;
    const absorption = new Absorption(work, writes, waits, conflicts, problems);
    const registry = new ProviderRegistry([definition]);
    const links = new Links(
      ...([database, registry, connections, records, twins, snapshots, writes, waits, work, history] as const),
      absorption,
    );
    const input = { connection: CONNECTION, kind, appId, booksId };
    return this.act('reviewer', () => links.linkRecords(TENANT, 'finance:ana', input));
  }

  /** For each write that is sent from now on, what becomes of its answer; the last word goes for all that follow. */
  losing(...answers: readonly ('before' | 'after' | 'not')[]): void {
    const { world } = this;
    const exchange = world.exchange.bind(world);
    let writes = 0;
    world.exchange = (request) => {
      const lost = request.path === '/write' ? answers[Math.min(writes++, answers.length - 1)] : 'not';
      world.faults = {
        ...NO_FAULTS,
        ...(lost === 'before' && { lostBeforeCommit: 1 }),
        ...(lost === 'after' && { lostAfterCommit: 1 }),
      };
      return exchange(request);
    };
  }

  /** How often a write of this operation has reached the books. */
  written(operation: string): number {
    return this.world.books.served.filter((what) => what === `write ${operation}`).length;
  }

  record(kind: KindName, id: string): AppRecord | undefined {
    return this.world.records.all().find((one) => one.kind === kind && one.id === id);
  }

  /** The books' records of a kind, in the order in which they came to be. */
  inBooks(kind: KindName): Stored[] {
    return this.world.books.all().filter((one) => one.kind === kind);
  }

  /** `voided contact`-like words for the records of the books, sorted. */
  get booksShow(): string[] {
    return this.world.books
      .all()
      .map(({ kind, existence }): `${Existence} ${KindName}` => `${existence} ${kind}`)
      .sort();
  }

  /** The newest state of a record in the books becomes known, as a poll makes it known. */
  async poll(ref: Ref): Promise<void> {
    const { database, snapshots, connections, raising, books } = this.world;
    await this.act('poller', () =>
      database.inTenant(TENANT, async (tx) => {
        const { sighting } = books.observe(ref);
        await snapshots.save(tx, CONNECTION, [{ sighting: sighting!, asOf: tx.now }], () => undefined);
        const connection = await connections.get(tx, CONNECTION);
        await raising.booksSeen(tx, connection!, [sighting!], 'routine', { by: 'poll' });
      }),
    );
  }

  /** Opens walks over what is due, and works until one of them has come through a step. */
  async workThrough(step: Step): Promise<void> {
    const { world } = this;
    const { trace } = world.scheduler;
    const before = trace.length;
    world.startWalks('starter');
    while (await world.scheduler.step());
    while (!trace.slice(before).some((what) => what.includes(`/${step}:`))) {
      if (!world.hasJobs) throw new Error(`no walk comes through ${step}`);
      world.workOn('worker');
      while (await world.scheduler.step());
    }
  }

  /** Hears what has happened in the books, unless nobody tells, and works until nothing is due any more, or until told. */
  async rest({ deaf = false, until = () => false }: { deaf?: boolean; until?: () => boolean } = {}): Promise<void> {
    const { world } = this;
    for (let round = 0; round < 60; round++) {
      if (!deaf) world.deliver('webhooks', 0);
      world.startWalks('starter');
      world.sweep('sweeper');
      do world.workOn('worker');
      while (await world.scheduler.step());
      if (until() || (!world.hasJobs && world.work.unfinished().length === 0 && round > 2)) return;
      world.pass(2_000);
    }
    throw new Error(`not at rest: ${JSON.stringify(world.work.unfinished())}`);
  }
}
