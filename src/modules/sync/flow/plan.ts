import { Injectable } from '@nestjs/common';
import type { Side } from '../../../domain/comparison/index.js';
import { moneyEffect } from '../../../domain/conflict/index.js';
import { fingerprint, KINDS, type KindName, type Value } from '../../../domain/contract/index.js';
import {
  EMPTY_PLAN,
  makePlan,
  type Hold,
  type Need,
  type Plan,
  type SideAbility,
} from '../../../domain/planning/index.js';
import {
  OPERATIONS,
  type Operation,
  type ProviderAdapter,
  type ProviderFailure,
} from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';
import { BooksLines, type Connection } from '../../auth/index.js';
import { ConflictStore } from '../../conflicts/index.js';
import { RecordStore } from '../../records/index.js';
import {
  type Attempt,
  type Finding,
  type Intent,
  isOpen,
  type ItemPlan,
  type PlannedWait,
  type Release,
  type Twin,
  TwinStore,
  type HalfTwin,
  WaitStore,
  type WalkItem,
  WorkStore,
  WriteStore,
} from '../store/index.js';
import type { Begin } from './beginning.js';
import { markOf, previewOf } from './books-write.js';
import { Endings } from './endings.js';
import { naturalKeysIn } from './natural-key.js';
import { facetOf } from './facets.js';
import { releaseAfter } from './releases.js';
import { type Entry, type Scene, Scenes } from './scene.js';

/** Decides what to do with each item: the pure planner, between loading what it needs and storing what it says. */
@Injectable()
export class PlanStep {
  constructor(
    private readonly work: WorkStore,
    private readonly twins: TwinStore,
    private readonly writes: WriteStore,
    private readonly waits: WaitStore,
    private readonly records: RecordStore,
    private readonly conflicts: ConflictStore,
    private readonly scenes: Scenes,
    private readonly lines: BooksLines,
    private readonly endings: Endings,
  ) {}

  async run(begin: Begin): Promise<void> {
    await begin(async (tx, attempt) => {
      const items = await this.work.items(tx, attempt.walk);
      const scene = await this.scenes.load(
        tx,
        attempt.connection,
        items.map(({ twin }) => twin),
      );
      const { adapter } = this.lines.open(scene.connection);
      const creates = await this.underWay(tx, attempt);
      const plans: { twin: string; plan: ItemPlan }[] = [];
      for (const item of items) {
        const entry = scene.entries.get(item.twin);
        plans.push({ twin: item.twin, plan: await this.planOrRelease(tx, scene, item, entry, creates, adapter) });
      }
      await this.work.savePlans(tx, attempt.walk, plans);
      await this.work.finishStep(tx, attempt, { calls: [] });
    });
  }

  /** Creates of this kind whose outcome is not known yet. */
  private async underWay(tx: Tx, attempt: Attempt): Promise<readonly UnderWay[]> {
    const creates = await this.writes.openCreates(tx, attempt.connection, attempt.kind);
    if (creates.length === 0) return [];
    const asked = await this.conflicts.openOf(
      tx,
      creates.map(({ twin }) => twin),
    );
    return creates.map((intent) => ({
      intent,
      askedAbout: asked.some(({ twin, reason }) => twin === intent.twin && reason === 'outcome_unknown'),
    }));
  }

  private async planOrRelease(
    tx: Tx,
    scene: Scene,
    item: WalkItem,
    entry: Entry | undefined,
    creates: readonly UnderWay[],
    adapter: ProviderAdapter,
  ): Promise<ItemPlan> {
    const release = entry ? notNow(item, entry, creates) : { why: 'superseded' as const, waitMs: 0, look: false };
    if (release) return { do: 'release', release };
    const asked = creates.find((create) => create.askedAbout && couldBe(entry!, create.intent));
    return asked ? awaiting(entry!, asked.intent) : this.planItem(tx, scene, item, entry!, adapter);
  }

  private async planItem(
    tx: Tx,
    scene: Scene,
    item: WalkItem,
    entry: Entry,
    adapter: ProviderAdapter,
  ): Promise<ItemPlan> {
    const open = entry.intents.filter(({ state }) => isOpen(state));
    if (open.length > 0) return { do: 'recover', intents: open.map(({ id }) => id) };

    const { twin, meeting, conflict } = entry;
    const namesakes = { app: await this.appNamesakes(tx, entry), books: item.seen?.namesakes ?? [] };
    const planWith = (cut: ReadonlySet<string>): Plan =>
      makePlan({
        meeting,
        policies: scene.policies,
        decision: conflict?.decision,
        abilities: { app: APP_ABILITY, books: booksAbility(entry) },
        permissions: permissionsOf(scene.connection, entry),
        namesakes,
        cut,
      });

    let plan = planWith(new Set());
    // A reference to a record that waits for this one would make both wait for ever: an optional one may follow in a
    // second walk, a required one is a problem (ENGINE E5).
    const needed = plan.needs.flatMap((need) => (need.twin === undefined ? [] : [need.twin]));
    const circle = needed.length === 0 ? [] : await this.waits.waitingFor(tx, twin.id, needed);
    if (circle.length > 0) plan = planWith(new Set(circle));
    const endings = await this.endings.first(tx, scene, entry, plan);
    if (endings.length > 0) plan = { ...plan, writes: plan.writes.filter(({ side }) => side !== 'books') };
    const write = plan.writes.find(({ side }) => side === 'books');
    const findings: readonly Finding[] = write ? adapter.preflight(previewOf(twin, write, entry.snapshot)) : [];
    const mark = write && markOf(twin.kind, write, entry.snapshot);
    return {
      do: 'carry_out',
      plan,
      appVersion: entry.record?.version ?? 0,
      booksVersion: entry.snapshot?.version,
      decision: conflict?.decision?.fingerprint === conflict?.fingerprint ? conflict?.decision?.id : undefined,
      findings,
      mark,
      refusedBefore: mark === undefined ? undefined : refusedBefore(item, entry, mark),
      waits: [...(await this.standIns(tx, scene, plan.needs)), ...endings],
      circle: plan.needs.some((need) => need.twin !== undefined && circle.includes(need.twin)),
    };
  }

  /** App records that look like the one about to be created there, the record's own half excluded. */
  private async appNamesakes(tx: Tx, { twin, meeting }: Entry): Promise<readonly string[]> {
    if (twin.app !== undefined || meeting.books?.existence !== 'present') return [];
    const found = new Set<string>();
    for (const key of naturalKeysIn(meeting, 'app')) {
      for (const id of await this.records.withNaturalKey(tx, twin.kind, key)) found.add(id);
    }
    return [...found];
  }

  /** The twins that stand for what is needed; half twins are made for records nobody has met yet. */
  private async standIns(tx: Tx, scene: Scene, needs: readonly Need[]): Promise<readonly PlannedWait[]> {
    const waits: PlannedWait[] = [];
    for (const need of needs) {
      const twin = need.twin ?? (await this.meetFirst(tx, scene, need));
      waits.push({ twin, side: need.side, until: 'exists', path: need.path });
    }
    return waits;
  }

  private async meetFirst(tx: Tx, { connection, definition }: Scene, { side, ref, role }: Need): Promise<string> {
    const from: Side = side === 'app' ? 'books' : 'app';
    const facet = facetOf(definition.kinds[ref.kind], from === 'books' ? ref.id : undefined, role);
    const half: HalfTwin = { connection: connection.id, kind: ref.kind, facet, side: from, ref: ref.id };
    const [twin] = await this.twins.ensure(tx, [half]);
    return twin!.id;
  }
}

const APP_ABILITY: SideAbility = {
  operations: new Set(OPERATIONS),
  revives: new Set(['voided', 'deleted', 'merged']),
  impossible: {},
};

const booksAbility = ({ ability }: Entry): SideAbility => ({
  operations: new Set<Operation>(ability.operations),
  // What a provider has voided or merged away stays so; what it has deleted can be made anew.
  revives: new Set(['deleted']),
  impossible: ability.impossible,
  ...(ability.states && { states: new Set(ability.states) }),
});

const permissionsOf = (
  connection: Connection,
  { twin, meeting }: Entry,
): Record<Side, { write?: Hold; create?: Hold }> => {
  const { nature } = KINDS[twin.kind];
  const creationOff = nature === 'reference' && !connection.creates.includes(twin.kind);
  return {
    app: { ...beforeGoLive(connection, meeting.books?.content[datedBy(twin.kind)], 'app') },
    books: {
      ...beforeGoLive(connection, meeting.app?.content[datedBy(twin.kind)], 'books'),
      ...(creationOff && { create: { code: 'creation_off', side: 'books' } as const }),
    },
  };
};

const datedBy = (kind: KindName): string => KINDS[kind].dated ?? '';

const beforeGoLive = (connection: Connection, date: unknown, side: Side): { write?: Hold } =>
  typeof date === 'string' && date < connection.goLive
    ? { write: { code: 'before_go_live', side, date, goLive: connection.goLive } }
    : {};

/** Hearing of a record again is no reason to repeat what was refused; somebody's act is. */
const refusedBefore = (
  { cause }: WalkItem,
  { twin: { refusal } }: Entry,
  mark: string,
): ProviderFailure | undefined => {
  const heard = cause.by === 'webhook' || cause.by === 'poll' || cause.by === 'sweep';
  return heard && refusal?.write === mark ? refusal.failure : undefined;
};

interface UnderWay {
  readonly intent: Intent;
  /** A person was asked what became of it. */
  readonly askedAbout: boolean;
}

/** Why an item cannot be planned now, if it cannot. */
const notNow = (item: WalkItem, { twin }: Entry, creates: readonly UnderWay[]): Release | undefined => {
  const { seen, attempts } = item;
  if (seen?.otherKind) return { why: 'other_kind', waitMs: 0, look: false };
  if (seen?.overtaken) return { why: 'overtaken', waitMs: 2_000, look: true };
  if (seen?.failure) return releaseAfter(seen.failure, attempts);
  // A record born in the books may be the answer, overtaken by its own webhook, to a create that is under way (C3).
  const mayBeAnswer = creates.some(({ intent, askedAbout }) => !askedAbout && sentBefore(intent, twin));
  return twin.app === undefined && mayBeAnswer
    ? { why: 'create_in_flight', waitMs: Math.min(500 * 2 ** attempts, 30_000), look: false }
    : undefined;
};

const sentBefore = ({ sentAt }: Intent, { createdAt }: Twin): boolean => sentAt !== undefined && sentAt <= createdAt;

/**
 * Whether a record born in the books may be what a create, of which nobody knows the outcome, has made: by its natural
 * key, its sum, or because it came to be at that time. It may have been edited since.
 */
const couldBe = ({ twin, snapshot }: Entry, intent: Intent): boolean => {
  if (twin.app !== undefined || !snapshot || !sentBefore(intent, twin)) return false;
  const { kind, write, sentAt } = intent;
  const sameKey = KINDS[kind].naturalKeys.some((names) =>
    names.every((name) => sameText(write.content[name], snapshot.content[name])),
  );
  const sameSum = moneyEffect(kind, write.content, snapshot.content) === '0';
  const born = snapshot.createdAt === undefined ? twin.createdAt.getTime() : Date.parse(snapshot.createdAt);
  return sameKey || sameSum || Math.abs(born - sentAt!.getTime()) < ABOUT_THEN_MS;
};

const ABOUT_THEN_MS = 10 * 60_000;

const sameText = (one: Value | undefined, other: Value | undefined): boolean =>
  one !== undefined && one !== null && fingerprint(one) === fingerprint(other ?? null);

/** It waits until that create's record exists in the books, whatever way that comes about. */
const awaiting = ({ record, snapshot }: Entry, { twin }: Intent): ItemPlan => ({
  do: 'carry_out',
  plan: EMPTY_PLAN,
  appVersion: record?.version ?? 0,
  booksVersion: snapshot?.version,
  decision: undefined,
  findings: [],
  mark: undefined,
  refusedBefore: undefined,
  waits: [{ twin, side: 'books', until: 'exists', path: '' }],
  circle: false,
});
