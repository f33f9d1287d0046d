import { Injectable } from '@nestjs/common';
import { EXISTENCE_GROUP } from '../../domain/conflict/index.js';
import { compare } from '../../domain/comparison/index.js';
import { type Content, downcast, type KindName, KINDS, type Ref, refKey } from '../../domain/contract/index.js';
import { explain, type Explanation, holdReason, type Situation } from '../../domain/planning/index.js';
import { isAbsent } from '../../domain/provider/index.js';
import { type Connection, ConnectionStore } from '../../modules/auth/index.js';
import { ProviderRegistry } from '../../modules/providers/index.js';
import { type Snapshot, type Twin, TwinStore } from '../../modules/sync/index.js';
import type { Tx } from '../../platform/database/index.js';
import { subjectOf } from './names.js';
import type { BooksSide, SettledBase, WaitFor } from './record.types.js';
import { type KnownTwin, Situations } from './situations.js';

/** The books' sides of records: one for each company, and one for each card where a provider keeps several. */
@Injectable()
export class Sides {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly situations: Situations,
  ) {}

  /** By record of the app; companies that have nothing of it say why. */
  async ofRecords(tx: Tx, refs: readonly Ref[], contract: number): Promise<ReadonlyMap<string, BooksSide[]>> {
    const connections = await this.connections.all(tx);
    const twins = await this.twins.ofRecords(tx, refs);
    const sides = new Map(refs.map((ref) => [refKey(ref), [] as BooksSide[]]));
    for (const connection of connections) {
      const here = twins.filter((twin) => twin.connection === connection.id);
      const known = await this.situations.of(
        tx,
        connection.id,
        here.map(({ id }) => id),
      );
      for (const ref of refs) {
        const mine = here.filter(({ kind, app }) => kind === ref.kind && app === ref.id);
        const met = mine.flatMap(({ id }) => known.get(id) ?? []);
        const shown = met.map((one) => metSide(connection, one, contract));
        if (shown.length === 0 && connection.state !== 'disconnected') {
          shown.push(this.unmetSide(connection, ref.kind, contract));
        }
        sides.get(refKey(ref))!.push(...shown);
      }
    }
    return sides;
  }

  /** Of one record that only the books have, twin or not. */
  async ofBooks(
    tx: Tx,
    connection: Connection,
    snapshot: Snapshot | undefined,
    twin: Twin | undefined,
    contract: number,
  ): Promise<BooksSide> {
    const known = twin && (await this.situations.of(tx, connection.id, [twin.id])).get(twin.id);
    if (known) return metSide(connection, known, contract);
    const provider = this.registry.of(connection.provider).title;
    return {
      ...unknownSide(connection, { is: 'unmet', knownAt: 'books', provider }, contract),
      ...(snapshot && lookOf(snapshot, contract)),
    };
  }

  private unmetSide(connection: Connection, kind: KindName, contract: number): BooksSide {
    const { title: provider, kinds } = this.registry.of(connection.provider);
    const ability = kinds[kind];
    return unknownSide(
      connection,
      isAbsent(ability)
        ? { is: 'absent', kind, provider, why: ability.absent }
        : { is: 'unmet', knownAt: 'app', provider },
      contract,
    );
  }
}

const unknownSide = ({ id }: Connection, situation: Situation, contract: number): BooksSide => ({
  ...{ twin: null, card: null, id: null, existence: null, content: null, version: null, asOf: null },
  ...{ changedAt: null, changedBy: null, base: null, verdicts: [], holds: [], waits: [] },
  difference: differenceOf(explain(situation)),
  connectionId: id,
  contract,
});

const differenceOf = ({ inStep, differs, reasons }: Explanation): BooksSide['difference'] => ({
  inStep,
  differs,
  reasons,
});

const metSide = (connection: Connection, { entry, situation, waits }: KnownTwin, contract: number): BooksSide => {
  const { twin, snapshot, meeting } = entry;
  return {
    ...unknownSide(connection, situation, contract),
    twin: twin.id,
    card: twin.facet === '' ? null : twin.facet,
    id: twin.books ?? null,
    ...(snapshot && lookOf(snapshot, contract)),
    base: baseOf(entry.meeting.base, twin.kind, contract),
    verdicts: verdictsOf(meeting, situation),
    holds: twin.holds.map((hold) => ({ code: hold.code, side: hold.side, says: holdReason(hold, situation).says })),
    waits: waits.flatMap(({ entry: needed, side, until, path, because }): WaitFor[] =>
      needed ? [{ record: subjectOf(needed), side, until, path, because: because ?? null }] : [],
    ),
  };
};

const lookOf = (snapshot: Snapshot, contract: number): Partial<BooksSide> => ({
  id: snapshot.id,
  existence: snapshot.existence,
  content: downcast(snapshot.kind, snapshot.content, contract),
  version: snapshot.version,
  asOf: snapshot.asOf,
  changedAt: snapshot.changedAt ?? null,
  changedBy: snapshot.changedBy ?? null,
});

const baseOf = (
  { existence, groups, apart }: KnownTwin['entry']['meeting']['base'],
  kind: KindName,
  contract: number,
): SettledBase => {
  const shown = (content: Content): Content => downcast(kind, content, contract);
  return {
    appExistence: existence?.app ?? null,
    booksExistence: existence?.books ?? null,
    groups: Object.entries(groups).map(([group, { app, books }]) => ({
      group,
      app: shown(app),
      books: shown(books),
    })),
    apart: apart ?? false,
  };
};

const verdictsOf = (
  meeting: KnownTwin['entry']['meeting'],
  { policies }: KnownTwin['situation'],
): BooksSide['verdicts'] => {
  if (KINDS[meeting.kind].nature === 'company') return [];
  const { existence, groups } = compare(meeting, policies.granularityOf(meeting.kind));
  return Object.entries({ [EXISTENCE_GROUP]: existence, ...groups }).map(([group, verdict]) => ({ group, verdict }));
};
