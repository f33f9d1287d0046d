import { Injectable } from '@nestjs/common';
import { type AwaitedRecord, explain, type MetSituation, type ReasonCode } from '../../domain/planning/index.js';
import type { Tx } from '../../platform/database/index.js';
import {
  type Entry,
  isOpen,
  ProblemViews,
  type ProblemView,
  type Scene,
  Scenes,
  type Wait,
  WaitStore,
  type WorkView,
  WorkViews,
} from '../../modules/sync/index.js';
import { nameOf } from './names.js';

/** A twin with all that is known of it at this moment. */
export interface KnownTwin {
  readonly entry: Entry;
  readonly situation: MetSituation;
  readonly waits: readonly KnownWait[];
}

export interface KnownWait extends Wait {
  readonly entry: Entry | undefined;
  readonly because: string | undefined;
}

/** Puts together what `explain` needs to know of twins. */
@Injectable()
export class Situations {
  constructor(
    private readonly scenes: Scenes,
    private readonly waits: WaitStore,
    private readonly work: WorkViews,
    private readonly problems: ProblemViews,
  ) {}

  /** By twin; all of one connection. Twins of kinds that the provider no longer offers are left out. */
  async of(tx: Tx, connection: string, twins: readonly string[]): Promise<ReadonlyMap<string, KnownTwin>> {
    if (twins.length === 0) return new Map();
    const waits = await this.waits.of(tx, twins);
    const everybody = [...new Set([...twins, ...waits.map(({ needs }) => needs)])];
    const scene = await this.scenes.load(tx, connection, everybody);
    const work = new Map((await this.work.of(tx, everybody)).map((one) => [one.twin, one]));
    const problems = await this.problems.openOfTwins(tx, everybody);

    const known = new Map<string, KnownTwin>();
    for (const twin of twins) {
      const entry = scene.entries.get(twin);
      if (!entry) continue;
      const mine = waits
        .filter((wait) => wait.twin === twin)
        .map((wait): KnownWait => {
          const needed = scene.entries.get(wait.needs);
          const situation = needed && situationOf(tx, scene, needed, work.get(wait.needs), problems, []);
          return { ...wait, entry: needed, because: situation && obstacleOf(situation) };
        });
      known.set(twin, {
        entry,
        waits: mine,
        situation: situationOf(tx, scene, entry, work.get(twin), problems, mine),
      });
    }
    return known;
  }
}

const situationOf = (
  tx: Tx,
  { connection, definition, policies }: Scene,
  { twin, ability, meeting, conflict, intents }: Entry,
  work: WorkView | undefined,
  problems: readonly ProblemView[],
  waits: readonly KnownWait[],
): MetSituation => {
  const write = intents.find(({ state }) => isOpen(state));
  const decision = conflict?.decision?.fingerprint === conflict?.fingerprint ? conflict?.decision : undefined;
  return {
    is: 'met',
    meeting,
    provider: definition.title,
    now: tx.now,
    policies,
    connection: { state: connection.state, why: connection.stateReason, pausedUntil: connection.notBefore },
    namedInBooks: twin.books !== undefined,
    holds: twin.holds,
    waits: waits.map(awaitedOf),
    conflict: conflict && { reason: conflict.reason, groups: conflict.groups, decidedBy: decision?.actor },
    refusal: twin.refusal?.failure.message,
    problems: problems
      // A refusal is told by itself.
      .filter(({ code, twin: of }) => of === twin.id && !(twin.refusal && code === 'refused_by_provider'))
      .map(({ message }) => message),
    write: write && {
      answer: write.state === 'uncertain' ? 'lost' : 'awaited',
      since: write.sentAt ?? write.createdAt,
    },
    work: workOf(work),
    cardFlags: new Set((ability.facets ?? []).map(({ flag }) => flag)),
  };
};

const workOf = (work: WorkView | undefined): MetSituation['work'] => {
  const state = work?.state ?? 'none';
  return state === 'due' ? { state, notBefore: work!.notBefore } : { state };
};

const awaitedOf = ({ entry, side, until, path, because }: KnownWait): AwaitedRecord => ({
  kind: entry?.twin.kind ?? 'contact',
  name: entry ? nameOf(entry) : 'that it refers to',
  side,
  until,
  path,
  because,
});

/** What merely says that the record is on its way is no obstacle. */
const ON_ITS_WAY: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  ...([
    'only_in_app',
    'only_in_books',
    'not_looked',
    'walking',
    'due',
    'sending',
    'app_ahead',
    'books_ahead',
    'existence_ahead',
  ] as const),
  ...(['chosen_by_provider', 'settled_so', 'not_carried', 'in_step'] as const),
]);

const obstacleOf = (situation: MetSituation): string | undefined =>
  explain(situation)
    .reasons.find(({ code }) => !ON_ITS_WAY.has(code))
    ?.says.replace(/\.$/, '');
