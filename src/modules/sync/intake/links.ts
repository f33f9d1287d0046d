import { Injectable } from '@nestjs/common';
import type { KindName } from '../../../domain/contract/index.js';
import { NO_BASE } from '../../../domain/comparison/index.js';
import { isAbsent } from '../../../domain/provider/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { ConnectionStore } from '../../auth/index.js';
import { type Cause, HistoryStore } from '../../history/index.js';
import { ProviderRegistry } from '../../providers/index.js';
import { RecordStore } from '../../records/index.js';
import { facetOf } from '../flow/facets.js';
import { Absorption } from '../flow/absorption.js';
import {
  isOpen,
  isReplacing,
  SnapshotStore,
  type Twin,
  TwinStore,
  WaitStore,
  WorkStore,
  WriteStore,
} from '../store/index.js';

export interface LinkInput {
  readonly connection: string;
  readonly kind: KindName;
  readonly appId: string;
  readonly booksId: string;
}

export type LinkOutcome =
  | { readonly outcome: 'linked'; readonly twin: string }
  | { readonly outcome: 'not_found'; readonly what: 'connection' | 'kind' | 'app_record' | 'books_record' }
  /** One of the two is linked with another record already; unlink that first. */
  | { readonly outcome: 'taken'; readonly appId: string | undefined; readonly booksId: string | undefined };

/** A person says that two records are the same, or that they are not (ENGINE C4). */
@Injectable()
export class Links {
  constructor(
    private readonly transactions: Transactions,
    private readonly registry: ProviderRegistry,
    private readonly connections: ConnectionStore,
    private readonly records: RecordStore,
    private readonly twins: TwinStore,
    private readonly snapshots: SnapshotStore,
    private readonly writes: WriteStore,
    private readonly waits: WaitStore,
    private readonly work: WorkStore,
    private readonly history: HistoryStore,
    private readonly absorption: Absorption,
  ) {}

  /** From now on the two are compared; where they differ, policy or a person decides, for they never agreed before. */
  async linkRecords(tenant: string, actor: string, input: LinkInput): Promise<LinkOutcome> {
    const { connection: id, kind, appId, booksId } = input;
    return this.transactions.inTenant(tenant, async (tx) => {
      const connection = await this.connections.get(tx, id);
      if (!connection || connection.state === 'disconnected') return { outcome: 'not_found', what: 'connection' };
      const ability = this.registry.of(connection.provider).kinds[kind];
      if (isAbsent(ability)) return { outcome: 'not_found', what: 'kind' };
      const [record] = await this.records.get(tx, [{ kind, id: appId }]);
      if (!record) return { outcome: 'not_found', what: 'app_record' };
      const [snapshot] = await this.snapshots.get(tx, id, [{ kind, id: booksId }]);
      if (!snapshot) return { outcome: 'not_found', what: 'books_record' };

      const facet = facetOf(ability, booksId, undefined);
      const half = { connection: id, kind, facet };
      const [app, books] = await this.twins.ensure(tx, [
        { ...half, side: 'app', ref: appId },
        { ...half, side: 'books', ref: booksId },
      ]);
      // What is being replaced has ended, and the person may know what has taken its place.
      const ownsBooks = app!.books !== undefined && !(await this.writes.unfinishedOf(tx, [app!.id])).some(isReplacing);
      if (app!.id !== books!.id && (ownsBooks || books!.app !== undefined)) {
        return { outcome: 'taken', appId: books!.app, booksId: app!.books };
      }
      const cause: Cause = { by: 'person', actor };
      if (app!.id !== books!.id) {
        const { absorbed } = await this.twins.tell(tx, app!.id, 'books', booksId);
        if (absorbed !== undefined) await this.absorption.into(tx, absorbed, app!.id);
        await this.answerLostCreates(tx, app!, snapshot);
      }
      await this.begin(tx, app!, cause);
      await this.history.append(tx, [
        { type: 'linked', cause, connection: id, twin: app!.id, kind, appId, booksId, detail: {} },
      ]);
      return { outcome: 'linked', twin: app!.id };
    });
  }

  /** The two records live apart from now on, and neither is made anew on the other side. */
  async unlinkRecords(tenant: string, actor: string, twinId: string): Promise<boolean> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const [twin] = await this.twins.get(tx, [twinId]);
      if (twin?.app === undefined || twin.books === undefined) return false;
      const half = await this.twins.part(tx, twinId);
      const apart = { base: { ...NO_BASE, apart: true }, holds: [], refusal: undefined };
      await this.twins.settle(tx, [
        { twin: twinId, ...apart },
        { twin: half.id, ...apart },
      ]);
      await this.absorption.relinked(tx, twinId);
      const { connection, kind, app, books } = twin;
      const cause: Cause = { by: 'person', actor };
      // Whatever was to end after it does not wait for it any more: it will not end there.
      const freed = await this.waits.end(tx, [{ twin: twinId, side: 'books', until: 'ended' }]);
      await this.work.raise(
        tx,
        freed.map((one) => ({ twin: one, lane: 'interactive', look: false, cause: { by: 'dependency' } })),
      );
      await this.history.append(tx, [
        {
          type: 'unlinked',
          cause,
          connection,
          twin: twinId,
          kind,
          appId: app,
          booksId: books,
          detail: { half: half.id },
        },
      ]);
      return true;
    });
  }

  /** A create whose answer was lost has made, so the person says, this very record. */
  private async answerLostCreates(
    tx: Tx,
    twin: Twin,
    snapshot: Parameters<SnapshotStore['save']>[2][number]['sighting'],
  ): Promise<void> {
    const open = (await this.writes.unfinishedOf(tx, [twin.id])).filter(({ state }) => isOpen(state));
    await this.writes.record(
      tx,
      undefined,
      undefined,
      open.map(({ id }) => ({ intent: id, state: 'confirmed', answer: { sighting: snapshot, exact: false } })),
    );
  }

  private async begin(tx: Tx, twin: Twin, cause: Cause): Promise<void> {
    await this.absorption.relinked(tx, twin.id);
    await this.twins.settle(tx, [
      { twin: twin.id, base: { ...twin.base, apart: false }, holds: [], refusal: undefined },
    ]);
    await this.work.raise(tx, [{ twin: twin.id, lane: 'interactive', look: true, cause }]);
  }
}
