import { Injectable, Logger } from '@nestjs/common';
import { Identifiers } from '../../../platform/clock/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { told } from '../../../platform/log/index.js';
import { ConflictStore } from '../../conflicts/index.js';
import { HistoryStore, type NewEvent } from '../../history/index.js';
import { RecordStore } from '../../records/index.js';
import {
  type Attempt,
  type ItemOutcome,
  ProblemStore,
  type Raise,
  Superseded,
  TwinStore,
  WaitStore,
  type WalkItem,
  WorkStore,
  WriteStore,
} from '../store/index.js';
import { type Begin, NothingToDo } from './beginning.js';
import { Endings } from './endings.js';
import { Reactions } from './reactions.js';
import { type Scene, Scenes } from './scene.js';
import { settlementOf, type Settlement } from './settlement.js';

/**
 * The end of a walk: what was observed, sent and answered becomes the new base, the app's records are written by
 * compare-and-set, and everything that follows from it (conflicts, waits, problems, events, dependents) is stored in the
 * same transaction. Items that cannot be settled are released alone (ENGINE E3).
 */
@Injectable()
export class SettleStep {
  private readonly logger = new Logger('settle');

  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly work: WorkStore,
    private readonly twins: TwinStore,
    private readonly writes: WriteStore,
    private readonly waits: WaitStore,
    private readonly problems: ProblemStore,
    private readonly records: RecordStore,
    private readonly conflicts: ConflictStore,
    private readonly history: HistoryStore,
    private readonly scenes: Scenes,
    private readonly reactions: Reactions,
    private readonly endings: Endings,
  ) {}

  async run(begin: Begin): Promise<void> {
    try {
      await begin(async (tx, attempt) => {
        const items = await this.work.items(tx, attempt.walk);
        await this.close(tx, attempt, await this.settleItems(tx, attempt, items));
      });
    } catch (error) {
      if (error instanceof NothingToDo) throw error;
      await this.settleOneByOne(begin, error);
    }
  }

  /** One item that the database refuses must not hold the others of its batch. */
  private async settleOneByOne(begin: Begin, problem: unknown): Promise<void> {
    const { attempt, items } = await begin(async (tx, attempt) => ({
      attempt,
      items: await this.work.items(tx, attempt.walk),
    }));
    this.logger.warn(`walk ${attempt.walk} is settled item by item: ${told(problem)}`);
    const outcomes: ItemOutcome[] = [];
    let refused: unknown;
    for (const item of items) {
      try {
        const settled = await this.transactions.inTenant(attempt.tenant, async (tx) => {
          await this.work.fence(tx, attempt);
          return this.settleItems(tx, attempt, [item]);
        });
        outcomes.push(...settled);
      } catch (error) {
        if (error instanceof Superseded) throw error;
        refused = error;
        const message = 'Concord could not settle this record; its log says more.';
        outcomes.push({ twin: item.twin, leave: 'released', release: { ...ENGINE_ERROR, message } });
      }
    }
    // When not a single item could be settled, the fault lies elsewhere: the step is tried again.
    if (refused !== undefined && outcomes.every(({ leave }) => leave === 'released')) throw refused;
    await this.transactions.inTenant(attempt.tenant, async (tx) => {
      await this.work.fence(tx, attempt);
      await this.close(tx, attempt, outcomes);
    });
  }

  private async close(tx: Tx, attempt: Attempt, outcomes: readonly ItemOutcome[]): Promise<void> {
    await this.work.finishStep(tx, attempt, { calls: [] });
    await this.work.close(tx, attempt, outcomes);
  }

  private async settleItems(tx: Tx, attempt: Attempt, items: readonly WalkItem[]): Promise<ItemOutcome[]> {
    const scene = await this.scenes.load(
      tx,
      attempt.connection,
      items.map(({ twin }) => twin),
    );
    const settlements = items.map((item) => settlementOf(scene, item, () => this.identifiers.id()));
    const lost = await this.writeToApp(tx, settlements);
    const final = settlements.map((settlement) => (lost.has(settlement.twin) ? settlement.withoutApp() : settlement));

    await this.twins.settle(
      tx,
      final.flatMap(({ twin, base, holds, refusal }) => (base ? [{ twin, base, holds, refusal }] : [])),
    );
    await this.writes.settle(
      tx,
      final.flatMap(({ intents }) => intents),
    );
    const raises = [
      ...(await this.keepWaits(tx, attempt, final)),
      ...(await this.endWaits(tx, attempt, final)),
      ...(await this.retryUnblocked(tx, attempt, scene, final)),
    ];
    const events = [
      ...final.flatMap((settlement) => settlement.events),
      ...(await this.keepFacts(tx, final)),
      ...(await this.keepConflicts(tx, attempt, final)),
      ...(await this.keepProblems(tx, final)),
    ];
    await this.history.append(tx, events);
    await this.work.raise(tx, raises);
    if (scene.connection.state === 'suspended' && final.some(({ outcome }) => outcome.leave === 'settled')) {
      await this.reactions.recovered(tx, attempt.connection);
    }
    for (const settlement of final) {
      if (settlement.outcome.leave === 'released')
        await this.reactions.to(tx, attempt.connection, settlement.outcome.release);
    }
    return final.map(({ outcome }) => outcome);
  }

  /** Writes the app's records by compare-and-set; returns the twins whose record has moved on meanwhile. */
  private async writeToApp(tx: Tx, settlements: readonly Settlement[]): Promise<Set<string>> {
    const writing = settlements.flatMap(({ twin, kind, app }) => (app ? [{ twin, kind, ...app }] : []));
    const lostRefs = await this.records.save(
      tx,
      writing.map(({ record }) => record),
    );
    const lost = new Set(
      writing
        .filter(({ record }) => lostRefs.some((ref) => ref.kind === record.kind && ref.id === record.id))
        .map(({ twin }) => twin),
    );
    for (const { twin, born, record } of writing) {
      if (born && !lost.has(twin)) await this.twins.tell(tx, twin, 'app', record.id);
    }
    return lost;
  }

  private async keepFacts(tx: Tx, settlements: readonly Settlement[]): Promise<NewEvent[]> {
    const known = settlements.flatMap(({ facts }) => (facts ? [facts] : []));
    const changed = await this.records.saveFacts(tx, known);
    return settlements.flatMap(({ facts, about }) =>
      facts && changed.some((ref) => ref.kind === facts.ref.kind && ref.id === facts.ref.id)
        ? [{ ...about, type: 'app_facts' as const, cause: { by: 'books' as const }, detail: { facts: facts.facts } }]
        : [],
    );
  }

  private async keepConflicts(tx: Tx, attempt: Attempt, settlements: readonly Settlement[]): Promise<NewEvent[]> {
    const raised = await this.conflicts.raise(
      tx,
      settlements.flatMap(({ twin, kind, conflict }) =>
        conflict ? [{ ...conflict, twin, kind, connection: attempt.connection }] : [],
      ),
    );
    await this.conflicts.reopen(
      tx,
      settlements.filter(({ reopensConflict }) => reopensConflict).map(({ twin }) => twin),
    );
    const closing = settlements.flatMap(({ twin, closesConflict }) =>
      closesConflict ? [{ twin, how: closesConflict }] : [],
    );
    const closed = await this.conflicts.close(tx, closing);
    return settlements.flatMap(({ twin, about, conflict, closesConflict }): NewEvent[] => {
      const news = raised.find((one) => one.twin === twin);
      if (conflict && news && news.was !== 'unchanged') {
        const type = news.was === 'opened' ? 'conflict_raised' : 'conflict_updated';
        const { reason, groups } = conflict.draft;
        return [{ ...about, type, detail: { conflict: news.id, reason, groups, moneyEffect: conflict.moneyEffect } }];
      }
      return closesConflict && closed.includes(twin)
        ? [{ ...about, type: 'conflict_closed', detail: { how: closesConflict } }]
        : [];
    });
  }

  private async keepProblems(tx: Tx, settlements: readonly Settlement[]): Promise<NewEvent[]> {
    const raised = await this.problems.raise(
      tx,
      settlements.flatMap(({ problems }) => problems),
    );
    const clear = settlements.filter(({ clearsProblems }) => clearsProblems).map(({ twin }) => twin);
    const closed = await this.problems.closeOfTwins(tx, clear);
    return settlements.flatMap(({ twin, about }): NewEvent[] => [
      ...raised
        .filter((problem) => problem.twin === twin)
        .map(({ code, message, detail }) => ({
          ...about,
          type: 'problem_raised' as const,
          detail: { code, message, ...detail },
        })),
      ...(closed.includes(twin) ? [{ ...about, type: 'problem_closed' as const, detail: {} }] : []),
    ]);
  }

  /** What a record newly waits for is raised, so that it comes first. */
  private async keepWaits(tx: Tx, attempt: Attempt, settlements: readonly Settlement[]): Promise<Raise[]> {
    const planned = settlements.filter(({ waits }) => waits !== undefined);
    const fresh = await this.waits.replace(
      tx,
      planned.map(({ twin }) => twin),
      planned.flatMap(({ twin, waits }) => waits!.map(({ twin: needs, ...wait }) => ({ twin, needs, ...wait }))),
    );
    return [...new Set(fresh.map(({ needs }) => needs))].map((twin) => ({
      twin,
      lane: attempt.lane,
      look: false,
      cause: { by: 'dependency' },
    }));
  }

  /** What waited for a record that now exists, or has ended, goes on by itself. */
  private async endWaits(tx: Tx, attempt: Attempt, settlements: readonly Settlement[]): Promise<Raise[]> {
    const freed = await this.waits.end(
      tx,
      settlements.flatMap(({ twin, reached }) => reached.map((what) => ({ twin, ...what }))),
    );
    return freed.map((twin) => ({ twin, lane: attempt.lane, look: false, cause: { by: 'dependency' } }));
  }

  /** What was refused, perhaps because of a record that has ended now, is tried again. */
  private async retryUnblocked(
    tx: Tx,
    attempt: Attempt,
    scene: Scene,
    settlements: readonly Settlement[],
  ): Promise<Raise[]> {
    const freed: string[] = [];
    for (const { twin, ended } of settlements) {
      if (ended) freed.push(...(await this.endings.unblocked(tx, scene.entries.get(twin)!)));
    }
    return freed.map((twin) => ({ twin, lane: attempt.lane, look: false, cause: { by: 'dependency' } }));
  }
}

const ENGINE_ERROR = { why: 'superseded', waitMs: 60_000, look: true } as const;
