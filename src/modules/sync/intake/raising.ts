import { Injectable } from '@nestjs/common';
import { KINDS, type Ref, refKey } from '../../../domain/contract/index.js';
import { type ChangeNotice, isAbsent, type Sighting } from '../../../domain/provider/index.js';
import type { Tx } from '../../../platform/database/index.js';
import { type Connection, ConnectionStore } from '../../auth/index.js';
import type { Cause } from '../../history/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import type { AppRecord } from '../../records/index.js';
import { facetOf, facetsOf } from '../flow/facets.js';
import {
  type HalfTwin,
  type Lane,
  type Raise,
  SnapshotStore,
  type Snapshot,
  TwinStore,
  WorkStore,
} from '../store/index.js';

/** For how long notices of what we probably know already are gathered before one look at all of them (ENGINE F3). */
export const ECHO_FOLD_MS = 20_000;

/** Turns what was heard into wanted work: half twins for records nobody has met, and a raised counter for each. */
@Injectable()
export class Raising {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
    private readonly work: WorkStore,
  ) {}

  /** Records of the app changed: every connection that can hold them is told. Returns the twins raised. */
  async appChanged(
    tx: Tx,
    records: readonly Pick<AppRecord, 'kind' | 'id' | 'content'>[],
    lane: Lane,
    cause: Cause,
  ): Promise<readonly string[]> {
    const connections = (await this.connections.all(tx)).filter(({ state }) => state !== 'disconnected');
    const halves = records.flatMap((record) => connections.flatMap((connection) => this.halvesOf(connection, record)));
    const refs: Ref[] = records.map(({ kind, id }) => ({ kind, id }));
    const known = await this.twins.ofRecords(tx, refs);
    const twins = [...known, ...(await this.twins.ensure(tx, halves))].filter(({ connection }) =>
      connections.some(({ id }) => id === connection),
    );
    const ids = [...new Set(twins.map(({ id }) => id))];
    await this.work.raise(
      tx,
      ids.map((twin) => ({ twin, lane, look: false, cause })),
    );
    return ids;
  }

  /** Records of the books may have changed. */
  async booksNoticed(
    tx: Tx,
    connection: Connection,
    notices: readonly Omit<ChangeNotice, 'company'>[],
    lane: Lane,
    cause: Cause,
  ): Promise<void> {
    const { kinds } = this.registry.of(connection.provider);
    const heard = notices.flatMap((notice) => {
      const kind = notice.candidates.find((one) => !isAbsent(kinds[one]) && KINDS[one].nature !== 'company');
      return kind === undefined ? [] : [{ notice, kind }];
    });
    const snapshots = await this.snapshots.get(
      tx,
      connection.id,
      heard.map(({ notice, kind }) => ({ kind, id: notice.id })),
    );
    const known = new Map(snapshots.map((snapshot) => [refKey(snapshot), snapshot]));
    for (const { notice, kind } of heard) {
      if (notice.mergedInto === undefined) continue;
      await this.snapshots.hintMerged(tx, connection.id, { kind, id: notice.id }, notice.mergedInto);
    }
    const fresh = heard.filter(({ notice, kind }) => !isKnown(notice, known.get(refKey({ kind, id: notice.id }))));
    const twins = await this.twins.ensure(
      tx,
      fresh.map(({ notice, kind }): HalfTwin => {
        const facet = facetOf(kinds[kind], notice.id, undefined);
        return { connection: connection.id, kind, facet, side: 'books', ref: notice.id };
      }),
    );
    await this.work.raise(
      tx,
      fresh.map(({ notice, kind }, index): Raise => {
        const raise = { twin: twins[index]!.id, look: true, cause };
        return isProbablyKnown(notice, known.get(refKey({ kind, id: notice.id })))
          ? { ...raise, lane: 'routine', notBefore: nextFold(tx.now) }
          : { ...raise, lane };
      }),
    );
  }

  /** Records of the books were seen whole, and differ from what was known; no look is needed. */
  async booksSeen(
    tx: Tx,
    connection: Connection,
    sightings: readonly Sighting[],
    lane: Lane,
    cause: Cause,
  ): Promise<void> {
    const { kinds } = this.registry.of(connection.provider);
    const seen = sightings.filter(({ kind }) => !isAbsent(kinds[kind]) && KINDS[kind].nature !== 'company');
    const twins = await this.twins.ensure(
      tx,
      seen.map(({ kind, id, facet }): HalfTwin => {
        const card = facet ?? facetOf(kinds[kind], id, undefined);
        return { connection: connection.id, kind, facet: card, side: 'books', ref: id };
      }),
    );
    await this.work.raise(
      tx,
      twins.map(({ id }) => ({ twin: id, lane, look: false, cause })),
    );
  }

  private halvesOf(
    connection: Connection,
    { kind, id, content }: Pick<AppRecord, 'kind' | 'id' | 'content'>,
  ): HalfTwin[] {
    const ability = this.registry.of(connection.provider).kinds[kind];
    if (isAbsent(ability) || KINDS[kind].nature === 'company') return [];
    return facetsOf(content, ability.facets).map((facet) => ({
      connection: connection.id,
      kind,
      facet,
      side: 'app',
      ref: id,
    }));
  }
}

/** The notice names the very version that we know: our own echo, or an event that a look has overtaken. */
const isKnown = (notice: Omit<ChangeNotice, 'company'>, snapshot: Snapshot | undefined): boolean =>
  notice.version !== undefined && notice.mergedInto === undefined && notice.version === snapshot?.version;

/**
 * The notice tells of no later second than the record's last change that we know of. It is most likely our echo, but two
 * changes fit into one second, so it is looked at all the same, only together with others like it; a second one like it
 * is looked at at once, because one write has one echo.
 */
const isProbablyKnown = (notice: Omit<ChangeNotice, 'company'>, snapshot: Snapshot | undefined): boolean =>
  notice.at !== undefined &&
  notice.mergedInto === undefined &&
  snapshot?.changedAt !== undefined &&
  Math.floor(Date.parse(notice.at) / 1000) <= Math.floor(Date.parse(snapshot.changedAt) / 1000);

/** All that is put off until the same moment is looked at together. */
const nextFold = (now: Date): Date => new Date((Math.floor(now.getTime() / ECHO_FOLD_MS) + 1) * ECHO_FOLD_MS);
