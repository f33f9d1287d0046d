import { Injectable } from '@nestjs/common';
import { type Content, type KindName, KINDS, refKey } from '../../../domain/contract/index.js';
import {
  isAbsent,
  type Namesake,
  type Observation,
  type ProviderDefinition,
  ProviderFailureError,
  type ProviderFailure,
  type Sighting,
  type Target,
} from '../../../domain/provider/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { type BooksLine, BooksLines, type Connection } from '../../auth/index.js';
import {
  type Attempt,
  type Seen,
  SnapshotStore,
  TwinStore,
  type VersionOrder,
  type WalkItem,
  WorkStore,
} from '../store/index.js';
import type { Begin } from './beginning.js';
import { naturalKeysIn } from './natural-key.js';
import { type Entry, type Outline, Scenes } from './scene.js';

type SeenOf = Seen & { readonly twin: string };

/**
 * Second half of observe: looks at the books where something may have changed there, and asks for namesakes of what is
 * about to be created. What no notice has questioned since the last look is taken as known; a write to it is guarded by
 * the provider's version all the same (ENGINE D6).
 */
@Injectable()
export class ObserveBooks {
  constructor(
    private readonly transactions: Transactions,
    private readonly work: WorkStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
    private readonly scenes: Scenes,
    private readonly lines: BooksLines,
  ) {}

  async run(begin: Begin): Promise<void> {
    const { attempt, began, connection, definition, targets, namesakes } = await this.whatToAsk(begin);
    const line = this.lines.open(connection);
    const observations = await this.observe(line, [...targets.values()]);
    const doubles = await this.askNamesakes(line, [...namesakes.values()]);
    await this.transactions.inTenant(attempt.tenant, async (tx) => {
      await this.work.fence(tx, attempt);
      const seen = new Map<string, SeenOf>();
      const looked = [...targets].map(([twin, target]) => ({
        twin,
        observation: observations.get(refKeyOfTarget(target)) ?? missing(target),
      }));
      const sightings = [
        ...looked.flatMap(({ observation }) => (observation.found === 'record' ? [observation.sighting] : [])),
        ...('is' in doubles ? [] : doubles.flat()),
      ];
      const receptions = await this.snapshots.save(
        tx,
        attempt.connection,
        sightings.map((sighting) => ({ sighting, asOf: began })),
        versionOrders(definition),
      );
      const older = new Set(sightings.filter((_, index) => receptions[index] === 'older'));
      for (const { twin, observation } of looked) {
        seen.set(twin, { twin, ...(await this.understand(tx, attempt, twin, observation, began, older)) });
      }
      for (const [index, twin] of [...namesakes.keys()].entries()) {
        seen.set(twin, { twin, ...namesakesSeen(doubles, index) });
      }
      await this.work.saveSeen(tx, attempt.walk, [...seen.values()]);
      await this.work.finishStep(tx, attempt, { calls: line.notes });
    });
  }

  private whatToAsk(begin: Begin): Promise<Questions> {
    return begin(async (tx, attempt) => {
      const items = await this.work.items(tx, attempt.walk);
      const { connection, definition, outlines } = await this.scenes.outline(
        tx,
        attempt.connection,
        items.map(({ twin }) => twin),
      );
      const targets = new Map<string, Target>();
      const unmet: string[] = [];
      for (const item of items) {
        const outline = outlines.get(item.twin);
        if (!outline) continue;
        const target = targetOf(outline, item, definition);
        if (target) targets.set(item.twin, target);
        if (outline.twin.books === undefined) unmet.push(item.twin);
      }
      const namesakes = await this.namesakesOf(tx, attempt, unmet);
      return { attempt, began: tx.now, connection, definition, targets, namesakes };
    });
  }

  /** What to ask about those that the books may get a record for. */
  private async namesakesOf(tx: Tx, attempt: Attempt, twins: readonly string[]): Promise<Map<string, Namesake>> {
    const namesakes = new Map<string, Namesake>();
    if (twins.length === 0) return namesakes;
    const { entries } = await this.scenes.load(tx, attempt.connection, twins);
    for (const [twin, entry] of entries) {
      const namesake = namesakeOf(entry);
      if (namesake) namesakes.set(twin, namesake);
    }
    return namesakes;
  }

  private async observe(line: BooksLine, targets: readonly Target[]): Promise<Map<string, Observation>> {
    if (targets.length === 0) return new Map();
    try {
      const observations = await line.adapter.observe(targets);
      return new Map(observations.map((observation) => [refKeyOfTarget(observation.target), observation]));
    } catch (error) {
      const failure = failureOf(error);
      return new Map(targets.map((target) => [refKeyOfTarget(target), { found: 'unreadable', target, failure }]));
    }
  }

  private async askNamesakes(
    line: BooksLine,
    wanted: readonly Namesake[],
  ): Promise<readonly (readonly Sighting[])[] | ProviderFailure> {
    if (wanted.length === 0) return [];
    try {
      return await line.adapter.namesakes(wanted);
    } catch (error) {
      return failureOf(error);
    }
  }

  /** What an observation means for its item; whatever it shows has been stored. */
  private async understand(
    tx: Tx,
    attempt: Attempt,
    twin: string,
    observation: Observation,
    began: Date,
    older: ReadonlySet<Sighting>,
  ): Promise<Seen> {
    switch (observation.found) {
      case 'unreadable':
        return { failure: observation.failure };
      case 'gone': {
        const ref = { kind: attempt.kind, id: observation.target.id };
        await this.snapshots.end(tx, attempt.connection, ref, 'deleted', began);
        return {};
      }
      case 'record': {
        const { sighting } = observation;
        if (sighting.kind === attempt.kind) return older.has(sighting) ? { overtaken: true } : {};
        const { absorbedBy } = await this.twins.rekind(tx, twin, sighting.kind, sighting.facet ?? '');
        await this.work.raise(tx, [
          { twin: absorbedBy ?? twin, lane: attempt.lane, look: false, cause: { by: 'books' } },
        ]);
        return { otherKind: true };
      }
    }
  }
}

interface Questions {
  readonly attempt: Attempt;
  readonly began: Date;
  readonly connection: Connection;
  readonly definition: ProviderDefinition;
  /** By twin. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly namesakes: ReadonlyMap<string, Namesake>;
}

export const versionOrders =
  (definition: ProviderDefinition) =>
  (kind: KindName): VersionOrder => {
    const ability = definition.kinds[kind];
    return isAbsent(ability) ? undefined : ability.compareVersions?.bind(ability);
  };

const targetOf = (
  { twin, ability, snapshot }: Outline,
  item: WalkItem,
  definition: ProviderDefinition,
): Target | undefined => {
  if (twin.books === undefined || ability.unreadable !== undefined) return undefined;
  if (!item.look && snapshot) return undefined;
  // A half twin may have been noticed under a guess of its kind.
  const guessed = snapshot === undefined && twin.app === undefined;
  return { candidates: guessed ? candidatesOf(twin.kind, definition) : [twin.kind], id: twin.books };
};

/** Kinds that this provider's notices cannot tell from the given one. */
const candidatesOf = (kind: KindName, definition: ProviderDefinition): readonly KindName[] =>
  definition.indistinctKinds?.find((kinds) => kinds.includes(kind)) ?? [kind];

const namesakeOf = ({ twin, ability, record, intents, meeting }: Entry): Namesake | undefined => {
  const creatable = ability.operations.includes('create') && KINDS[twin.kind].naturalKeys.length > 0;
  if (!creatable || twin.books !== undefined || meeting.base.apart || intents.length > 0) return undefined;
  if (meeting.app?.existence !== 'present' || !record) return undefined;
  const keys = naturalKeysIn(meeting, 'books');
  if (keys.length === 0) return undefined;
  const content = Object.assign({}, ...keys) as Content;
  return { kind: twin.kind, content, ...(twin.facet !== '' && { facet: twin.facet }) };
};

const namesakesSeen = (doubles: readonly (readonly Sighting[])[] | ProviderFailure, index: number): Seen =>
  'is' in doubles ? { failure: doubles } : { namesakes: (doubles[index] ?? []).map(({ id }) => id) };

const refKeyOfTarget = (target: Target): string => refKey({ kind: target.candidates[0]!, id: target.id });

const missing = (target: Target): Observation => ({
  found: 'unreadable',
  target,
  failure: { is: 'unreadable', message: 'the provider said nothing about this record' },
});

const failureOf = (error: unknown): ProviderFailure => {
  if (error instanceof ProviderFailureError) return error.failure;
  throw error;
};
