import { Injectable } from '@nestjs/common';
import { sameNormal, normalGroup, groupNames } from '../../../domain/contract/index.js';
import { readingOf } from '../../../domain/comparison/index.js';
import {
  type CallDraft,
  type Observation,
  type ProviderFailure,
  ProviderFailureError,
  type Write,
  type WriteAnswer,
} from '../../../domain/provider/index.js';
import { Identifiers } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { type BooksLine, BooksLines } from '../../auth/index.js';
import {
  type Attempt,
  type EndedByWrite,
  hasBegun,
  type Intent,
  isOpen,
  type ItemPlan,
  type NewIntent,
  refusalBeingUndone,
  type Release,
  SnapshotStore,
  type WalkItem,
  type Written,
  WorkStore,
  WriteStore,
} from '../store/index.js';
import { Answers } from './answers.js';
import type { Begin } from './beginning.js';
import { markOf, writeOf } from './books-write.js';
import { LostAnswers } from './lost-answers.js';
import { versionOrders } from './observe-books.js';
import { releaseAfter, releaseOfOpen } from './releases.js';
import { type Entry, type Scene, Scenes } from './scene.js';

type CarryOut = Extract<ItemPlan, { do: 'carry_out' }>;

/** Carries out the writes to the books. Writes to the app's own records are part of settling (ENGINE B2). */
@Injectable()
export class Apply {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly work: WorkStore,
    private readonly writes: WriteStore,
    private readonly snapshots: SnapshotStore,
    private readonly scenes: Scenes,
    private readonly lines: BooksLines,
    private readonly answers: Answers,
    private readonly lostAnswers: LostAnswers,
  ) {}

  async run(begin: Begin): Promise<void> {
    const loaded = await this.load(begin);
    if (!loaded) return;
    const { attempt, items, scene } = loaded;
    const line = this.lines.open(scene.connection);
    const written = new Map<string, Written>();
    const fresh: { item: WalkItem; entry: Entry; plan: CarryOut }[] = [];

    for (const item of items) {
      const entry = scene.entries.get(item.twin);
      if (!entry || !item.plan || item.plan.do === 'release') continue;
      const open = item.plan.do === 'recover' ? item.plan.intents : openIntents(entry);
      if (open.length > 0) {
        written.set(item.twin, await this.recover(attempt, line, scene, entry, item, open));
      } else if (item.plan.do === 'carry_out' && isWriting(item.plan)) {
        const done = confirmedBefore(entry, attempt);
        if (done) written.set(item.twin, { outcome: 'confirmed', intent: done.id, again: false });
        else if (hasMovedOn(item.plan, entry)) written.set(item.twin, releasedAsStale(item));
        else fresh.push({ item, entry, plan: item.plan });
      }
    }
    for (const [twin, outcome] of await this.writeAll(attempt, line, scene, fresh)) written.set(twin, outcome);

    await this.transactions.inTenant(attempt.tenant, async (tx) => {
      await this.work.fence(tx, attempt);
      await this.work.saveWritten(
        tx,
        attempt.walk,
        [...written].map(([twin, outcome]) => ({ twin, written: outcome })),
      );
      await this.work.finishStep(tx, attempt, { calls: line.notes });
    });
  }

  /** Undefined when nothing is to be written, which is where most walks of the books' own edits end. */
  private load(begin: Begin): Promise<{ attempt: Attempt; items: WalkItem[]; scene: Scene } | undefined> {
    return begin(async (tx, attempt) => {
      const items = await this.work.items(tx, attempt.walk);
      if (!items.some(({ plan }) => plan && concernsBooks(plan))) {
        await this.work.finishStep(tx, attempt, { calls: [] });
        return undefined;
      }
      const twins = items.map(({ twin }) => twin);
      return { attempt, items, scene: await this.scenes.load(tx, attempt.connection, twins) };
    });
  }

  private async recover(
    attempt: Attempt,
    line: BooksLine,
    scene: Scene,
    entry: Entry,
    item: WalkItem,
    intents: readonly string[],
  ): Promise<Written> {
    let refused: Written | undefined;
    for (const intent of intents) {
      const recovered = await this.lostAnswers.recover(attempt, line, scene, entry, intent);
      const release =
        recovered.then === 'wait'
          ? recovered.release
          : recovered.then === 'go_on'
            ? await this.goOn(attempt, line, scene, entry, item, intent)
            : undefined;
      if (release) return { outcome: 'release', release };
      const [after] = await this.reload(attempt, [intent]);
      if (after?.state === 'refused') refused = writtenOf({ intent: after, held: undefined }, item);
    }
    return refused ?? { outcome: 'recovered', intents };
  }

  /** Carries out what remains of a write that stopped between two calls; says when to try again if it stops once more. */
  private async goOn(
    attempt: Attempt,
    line: BooksLine,
    scene: Scene,
    entry: Entry,
    item: WalkItem,
    id: string,
  ): Promise<Release | undefined> {
    const entries = new Map([[entry.twin.id, entry]]);
    const outcomes = new Map<string, Written>();
    const begun = await this.reload(attempt, [id]);
    const pending = await this.stillAsPlanned(attempt, line, scene, entries, begun, outcomes);
    const [carried] = await this.carryOut(attempt, line, entries, pending);
    if (!carried || !isOpen(carried.intent.state)) return undefined;
    const written = writtenOf(carried, item);
    return written.outcome === 'release' ? written.release : undefined;
  }

  private async writeAll(
    attempt: Attempt,
    line: BooksLine,
    scene: Scene,
    fresh: readonly { item: WalkItem; entry: Entry; plan: CarryOut }[],
  ): Promise<Map<string, Written>> {
    const outcomes = new Map<string, Written>();
    if (fresh.length === 0) return outcomes;
    const entries = new Map(fresh.map(({ entry }) => [entry.twin.id, entry]));
    const planned = fresh.map(({ entry, plan }) => this.intentOf(attempt, entry, plan));
    const stored = await this.transactions.inTenant(attempt.tenant, async (tx) => {
      await this.work.fence(tx, attempt);
      return new Set(await this.writes.plan(tx, planned));
    });
    let pending = await this.reload(
      attempt,
      planned.filter(({ id }) => stored.has(id)).map(({ id }) => id),
    );
    pending = await this.stillAsPlanned(attempt, line, scene, entries, pending, outcomes);

    for (const carried of await this.carryOut(attempt, line, entries, pending)) {
      const { twin } = carried.intent;
      outcomes.set(twin, writtenOf(carried, fresh.find(({ item }) => item.twin === twin)!.item));
    }
    await this.lookAgain(attempt, line, scene, entries, outcomes);
    return outcomes;
  }

  /**
   * Sends what these writes consist of, call by call: a write of several calls comes back as planned after each of them
   * (ENGINE D1). One that could not be sent stops there, and stays planned.
   */
  private async carryOut(
    attempt: Attempt,
    line: BooksLine,
    entries: ReadonlyMap<string, Entry>,
    intents: readonly Intent[],
  ): Promise<readonly Carried[]> {
    const held = new Map<string, ProviderFailure>();
    let pending = intents;
    while (pending.length > 0) {
      const writes = new Map(pending.map((intent) => [intent.id, writeOf(intent, entries.get(intent.twin)!.snapshot)]));
      for (const draft of line.adapter.draft([...writes.values()], () => this.identifiers.id())) {
        const carried = draft.intents.map((id) => writes.get(id)!);
        for (const answer of await this.sendCall(attempt, line, draft, carried)) {
          if (answer.outcome === 'failed' && !answer.more) held.set(answer.intent, answer.failure);
        }
      }
      const after = await this.reload(attempt, [...writes.keys()]);
      pending = after.filter(({ id, state }) => state === 'planned' && !held.has(id));
    }
    const after = await this.reload(
      attempt,
      intents.map(({ id }) => id),
    );
    return after.map((intent) => ({ intent, held: held.get(intent.id) }));
  }

  private intentOf(attempt: Attempt, { twin, snapshot }: Entry, { plan, decision }: CarryOut): NewIntent {
    const write = plan.writes.find(({ side }) => side === 'books')!;
    return {
      id: this.identifiers.id(),
      connection: attempt.connection,
      twin: twin.id,
      walk: attempt.walk,
      kind: twin.kind,
      facet: twin.facet,
      write,
      target:
        write.operation === 'create' || !snapshot
          ? undefined
          : { id: snapshot.id, version: snapshot.version, existence: snapshot.existence, content: snapshot.content },
      marker: this.identifiers.secret(9),
      decision,
    };
  }

  private async sendCall(
    attempt: Attempt,
    line: BooksLine,
    draft: CallDraft,
    writes: readonly Write[],
  ): Promise<readonly WriteAnswer[]> {
    const call = { id: this.identifiers.id(), connection: attempt.connection, walk: attempt.walk, draft };
    await this.transactions.inTenant(attempt.tenant, async (tx) => {
      await this.work.fence(tx, attempt);
      await this.writes.send(tx, call);
    });
    const exchange = await line.send(draft.request);
    return this.answers.take(attempt, line, call, writes, exchange);
  }

  /**
   * Where the provider does not refuse a write to an old version, the record is read once more just before it
   * (ENGINE D6). What changed in the meantime is planned anew.
   */
  private async stillAsPlanned(
    attempt: Attempt,
    line: BooksLine,
    scene: Scene,
    entries: ReadonlyMap<string, Entry>,
    pending: readonly Intent[],
    outcomes: Map<string, Written>,
  ): Promise<Intent[]> {
    const unguarded = pending.filter(
      (intent) =>
        writtenOver(intent) &&
        !entries.get(intent.twin)!.ability.guardsVersions &&
        !entries.get(intent.twin)!.ability.unreadable,
    );
    if (unguarded.length === 0) return [...pending];
    const seen = await this.observeAgain(attempt, line, scene, unguarded);
    const changed = new Map<string, ProviderFailure>();
    for (const intent of unguarded) {
      const { id, version } = writtenOver(intent)!;
      const observation = seen.get(id);
      if (observation?.found === 'record' && observation.sighting.version === version) continue;
      changed.set(
        intent.id,
        observation?.found === 'unreadable'
          ? observation.failure
          : { is: 'stale', message: 'the record changed between planning and writing' },
      );
    }
    await this.answers.record(
      attempt,
      undefined,
      undefined,
      [...changed].map(([intent, failure]) => ({ intent, state: 'void', failure })),
    );
    for (const intent of unguarded) {
      const failure = changed.get(intent.id);
      if (failure) outcomes.set(intent.twin, { outcome: 'release', release: releaseAfter(failure, 0) });
    }
    return pending.filter(({ id }) => !changed.has(id));
  }

  /** And once more just after: what slipped in between becomes an edit of the books, with both images kept. */
  private async lookAgain(
    attempt: Attempt,
    line: BooksLine,
    scene: Scene,
    entries: ReadonlyMap<string, Entry>,
    outcomes: Map<string, Written>,
  ): Promise<void> {
    const confirmed = [...outcomes.values()].flatMap((outcome) =>
      outcome.outcome === 'confirmed' ? [outcome.intent] : [],
    );
    const unguarded = (await this.reload(attempt, confirmed)).filter(({ twin, target, answer }) => {
      const { ability } = entries.get(twin)!;
      return target && answer?.sighting && !ability.guardsVersions && !ability.unreadable;
    });
    if (unguarded.length === 0) return;
    const seen = await this.observeAgain(attempt, line, scene, unguarded);
    for (const intent of unguarded) {
      const observation = seen.get(intent.answer!.sighting!.id);
      if (observation?.found !== 'record') continue;
      const { meeting } = entries.get(intent.twin)!;
      const reading = readingOf(meeting, 'books');
      const slipped = groupNames(intent.kind).some(
        (group) =>
          !sameNormal(
            normalGroup(intent.kind, group, observation.sighting.content, reading),
            normalGroup(intent.kind, group, intent.answer!.sighting!.content, reading),
          ),
      );
      if (slipped) outcomes.set(intent.twin, { outcome: 'confirmed', intent: intent.id, again: true });
    }
  }

  private async observeAgain(
    attempt: Attempt,
    line: BooksLine,
    scene: Scene,
    intents: readonly Intent[],
  ): Promise<Map<string, Observation>> {
    const began = await this.transactions.inTenant(attempt.tenant, (tx) => Promise.resolve(tx.now));
    const targets = intents.map((intent) => ({
      candidates: [intent.kind],
      id: intent.answer?.sighting?.id ?? writtenOver(intent)!.id,
    }));
    let observations: readonly Observation[];
    try {
      observations = await line.adapter.observe(targets);
    } catch (error) {
      if (!(error instanceof ProviderFailureError)) throw error;
      const { failure } = error;
      observations = targets.map((target) => ({ found: 'unreadable', target, failure }));
    }
    const records = observations.flatMap((one) =>
      one.found === 'record' ? [{ sighting: one.sighting, asOf: began }] : [],
    );
    await this.transactions.inTenant(attempt.tenant, (tx) =>
      this.snapshots.save(tx, attempt.connection, records, versionOrders(scene.definition)),
    );
    return new Map(observations.map((observation) => [observation.target.id, observation]));
  }

  private async reload(attempt: Attempt, ids: readonly string[]): Promise<Intent[]> {
    return ids.length === 0 ? [] : this.transactions.inTenant(attempt.tenant, (tx) => this.writes.get(tx, ids));
  }
}

/** Writes to the books, or has to find out what became of a write. */
const concernsBooks = (plan: ItemPlan): boolean =>
  plan.do === 'recover' || (plan.do === 'carry_out' && isWriting(plan));

const isWriting = ({ plan, findings, refusedBefore }: CarryOut): boolean =>
  findings.length === 0 && !refusedBefore && plan.writes.some(({ side }) => side === 'books');

/**
 * The record was seen anew since it was compared, by a poll, a namesake look or an earlier attempt at this step: a
 * write that names the new version would pass the provider's guard and overwrite what nobody has compared.
 */
const hasMovedOn = ({ booksVersion }: CarryOut, { snapshot }: Entry): boolean => snapshot?.version !== booksVersion;

const releasedAsStale = ({ attempts }: WalkItem): Written => ({
  outcome: 'release',
  release: releaseAfter({ is: 'stale', message: 'the record was seen anew after it was compared' }, attempts),
});

/** Left behind by an earlier attempt at this step, whose worker died in mid-write. */
const openIntents = ({ intents }: Entry): readonly string[] =>
  intents.filter(({ state }) => isOpen(state)).map(({ id }) => id);

/** Confirmed by an earlier attempt at this very step, and only to be settled. */
const confirmedBefore = ({ intents }: Entry, { walk }: Attempt): Intent | undefined =>
  intents.find((intent) => intent.walk === walk && intent.state === 'confirmed');

/** What came of a write after the last of its calls that could be sent, and why the next one could not. */
interface Carried {
  readonly intent: Intent;
  readonly held: ProviderFailure | undefined;
}

/** The record, as last shown, over which the next call of a write goes; none where that one makes a new record. */
const writtenOver = (intent: Intent): { readonly id: string; readonly version: string } | undefined => {
  const { target, done, write } = intent;
  const last = done.at(-1);
  if (!last) return target;
  return write.operation === 'replace' || refusalBeingUndone(intent) ? undefined : last;
};

const writtenOf = ({ intent, held }: Carried, item: WalkItem): Written => {
  switch (intent.state) {
    case 'confirmed':
      return { outcome: 'confirmed', intent: intent.id, again: false };
    case 'refused':
      return refusedOf(intent, intent.failure!);
    case 'void':
      // It was seen again after such an answer before, so it is something else that is not there: a reference.
      if (intent.failure?.is === 'gone' && item.attempts >= 2) {
        return refusedOf(intent, { ...intent.failure, is: 'invalid' });
      }
      return { outcome: 'release', release: releaseOfOpen(intent, item.attempts) };
    case 'planned':
    case 'uncertain':
    case 'in_flight':
      return {
        outcome: 'release',
        release: held ? releaseAfter(held, item.attempts) : releaseOfOpen(intent, item.attempts),
      };
  }
};

const refusedOf = (intent: Intent, failure: ProviderFailure): Written => {
  const ended = endedBy(intent);
  return {
    ...{ outcome: 'refused', intent: intent.id, failure },
    at: (intent.sentAt ?? intent.createdAt).toISOString(),
    ...(ended && { ended }),
  };
};

/** What a replacement has ended before it was refused. */
const endedBy = ({ kind, write, target, done, answer }: Intent): EndedByWrite | undefined => {
  if (write.operation !== 'replace' || !target || !hasBegun({ done })) return undefined;
  const again = answer?.sighting;
  return {
    id: target.id,
    ...(again && { madeAgain: { id: again.id, mark: markOf(kind, write, again) } }),
  };
};
