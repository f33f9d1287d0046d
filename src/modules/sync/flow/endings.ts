import { Injectable } from '@nestjs/common';
import { SIDES, type Base } from '../../../domain/comparison/index.js';
import { type Existence, type Ref, referencesIn, refKey, sameRef } from '../../../domain/contract/index.js';
import type { Hold, Plan } from '../../../domain/planning/index.js';
import { isAbsent, type Operation } from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';
import { type AppRecord, RecordStore } from '../../records/index.js';
import { type PlannedWait, SnapshotStore, TwinStore, WaitStore } from '../store/index.js';
import { existenceOf } from './facets.js';
import type { Entry, Scene } from './scene.js';

const ENDINGS: ReadonlySet<Operation> = new Set<Operation>(['archive', 'void', 'delete']);

/**
 * Delete, void and archive go dependents first (ENGINE E5): what refers to a record ends in the books before the record
 * itself does, for most products refuse it the other way round.
 */
@Injectable()
export class Endings {
  constructor(
    private readonly records: RecordStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
    private readonly waits: WaitStore,
  ) {}

  /**
   * The records that must end in the books before this plan may end its own there: those that refer to it and have ended
   * in the app too. Whatever waits, directly or not, for this very record is left out; the provider has the last word
   * about such circles.
   */
  async first(tx: Tx, scene: Scene, { twin, facet }: Entry, plan: Plan): Promise<readonly PlannedWait[]> {
    const ends = plan.writes.some(({ side, operation }) => side === 'books' && ENDINGS.has(operation));
    if (!ends || twin.app === undefined) return [];
    const named: Ref = { kind: twin.kind, id: twin.app };
    const paths = new Map<string, string>();
    const records = new Map<string, AppRecord>();
    for (const record of await this.records.endedNaming(tx, named)) {
      const reference = referencesIn(record.kind, record.content).find(
        ({ ref, role }) => sameRef(ref, named) && (facet === undefined || role === undefined || role === facet.name),
      );
      if (!reference) continue;
      paths.set(refKey(record), reference.path);
      records.set(refKey(record), record);
    }
    if (records.size === 0) return [];
    const met = await this.twins.byRefs(tx, twin.connection, 'app', [...records.values()]);
    const dependents = met.filter(
      ({ twin: { id, books }, former }) => !former && books !== undefined && id !== twin.id,
    );
    const snapshots = await this.snapshots.get(
      tx,
      twin.connection,
      dependents.map(({ twin: { kind, books } }) => ({ kind, id: books! })),
    );
    const seen = new Map(snapshots.map((snapshot) => [refKey(snapshot), snapshot.existence]));
    const toEnd = dependents.filter(({ ref, twin: { kind, facet: name, books, base, holds } }) => {
      const ability = scene.definition.kinds[kind];
      const card = isAbsent(ability) ? undefined : ability.facets?.find((one) => one.name === name);
      const app = existenceOf(records.get(refKey(ref))!, card);
      return isToEnd({ base, holds, app, books: seen.get(refKey({ kind, id: books! })) });
    });
    const circle = await this.waits.waitingFor(
      tx,
      twin.id,
      toEnd.map(({ twin: dependent }) => dependent.id),
    );
    return toEnd
      .filter(({ twin: dependent }) => !circle.includes(dependent.id))
      .map(({ ref, twin: dependent }) => ({
        twin: dependent.id,
        side: 'books',
        until: 'ended',
        path: paths.get(refKey(ref))!,
      }));
  }

  /**
   * A record has ended in the books. What it referred to, and what the provider refused to write before that, perhaps
   * because of it, may be tried again; so may what is about to end itself, for its refusal may be under way. Returns
   * those twins.
   */
  async unblocked(tx: Tx, { twin, record, snapshot, meeting }: Entry): Promise<string[]> {
    const contents = { app: record?.content, books: snapshot?.content };
    const named = SIDES.flatMap((side) =>
      referencesIn(twin.kind, contents[side] ?? {}).flatMap(
        ({ ref, role }) => meeting.refs.twinOf(side, ref, role) ?? [],
      ),
    );
    const twins = [...new Set(named)];
    const refused = await this.twins.forgetRefusals(tx, twins, snapshot!.endedAt!);
    return [...refused, ...(await this.endingOf(tx, twins))];
  }

  /** Of these twins, those whose record has ended in the app, and not yet in the books as far as was settled. */
  private async endingOf(tx: Tx, ids: readonly string[]): Promise<string[]> {
    const twins = (await this.twins.get(tx, ids)).filter(
      ({ app, base, refusal }) =>
        app !== undefined && refusal === undefined && (base.existence?.books ?? 'present') === 'present',
    );
    const records = await this.records.get(
      tx,
      twins.map(({ kind, app }) => ({ kind, id: app! })),
    );
    const ended = new Set(records.filter(({ existence }) => existence !== 'present').map(refKey));
    return twins.filter(({ kind, app }) => ended.has(refKey({ kind, id: app! }))).map(({ id }) => id);
  }
}

/** What tells whether a record is on its way to end in the books. */
export interface Standing {
  readonly base: Base;
  readonly holds: readonly Hold[];
  /** As the app has it, and as the books showed it last. */
  readonly app: Existence | undefined;
  readonly books: Existence | undefined;
}

/**
 * Whether a record that has ended in the app will end in the books too: both sides agreed that it was there, the books
 * still show it, and neither a hold nor a person's word keeps it so. Reviews and refusals may pass.
 */
export const isToEnd = ({ base, holds, app, books }: Standing): boolean =>
  app !== undefined &&
  app !== 'present' &&
  books === 'present' &&
  base.apart !== true &&
  base.existence?.app === 'present' &&
  base.existence.books === 'present' &&
  !holds.some(({ side }) => side === 'books');

/** Whether a record that was there in the books, as far as was settled before, shows as ended by now. */
export const hasEnded = ({ twin, snapshot }: Pick<Entry, 'twin' | 'snapshot'>): boolean =>
  snapshot?.endedAt !== undefined && (twin.base.existence?.books ?? 'present') === 'present';
