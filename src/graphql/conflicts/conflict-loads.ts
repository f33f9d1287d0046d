import { Injectable } from '@nestjs/common';
import type DataLoader from 'dataloader';
import { ConflictViews, type ConflictView, type DecisionView } from '../../modules/conflicts/index.js';
import type { HistoryEvent } from '../../modules/history/index.js';
import { Transactions } from '../../platform/database/index.js';
import { loading } from '../request/loading.js';
import { PerRequest, type RequestContext } from '../request/request-context.js';

/** The newest closed conflicts of the records of one answer; whoever reads an old feed may not see all of them. */
const CLOSED_MOST = 500;

/** What answers read of conflicts, once for each request. */
@Injectable()
export class ConflictLoads {
  private readonly loaders = new PerRequest((request) => ({
    conflicts: this.conflicts(request),
    openOfTwins: this.openOfTwins(request),
    closedOfTwins: this.closedOfTwins(request),
    decisions: this.decisions(request),
    decisionsOf: this.decisionsByConflict(request),
  }));

  constructor(
    private readonly transactions: Transactions,
    private readonly views: ConflictViews,
  ) {}

  conflict(request: RequestContext, id: string): Promise<ConflictView | undefined> {
    return this.loaders.of(request).conflicts.load(id);
  }

  openOf(request: RequestContext, twin: string): Promise<ConflictView | undefined> {
    return this.loaders.of(request).openOfTwins.load(twin);
  }

  /** The conflict that an event tells of. */
  async ofEvent(request: RequestContext, { type, twin, at, detail }: HistoryEvent): Promise<ConflictView | undefined> {
    if (typeof detail.conflict === 'string') return this.conflict(request, detail.conflict);
    if (type !== 'conflict_closed' || twin === undefined) return undefined;
    // The event was written in the transaction that closed it.
    return (await this.loaders.of(request).closedOfTwins.load(twin))?.find(
      ({ closedAt }) => closedAt?.getTime() === at.getTime(),
    );
  }

  decision(request: RequestContext, id: string): Promise<DecisionView | undefined> {
    return this.loaders.of(request).decisions.load(id);
  }

  async decisionsOf(request: RequestContext, conflict: string): Promise<readonly DecisionView[]> {
    return (await this.loaders.of(request).decisionsOf.load(conflict)) ?? [];
  }

  private conflicts(request: RequestContext): DataLoader<string, ConflictView | undefined, string> {
    return loading(this.transactions, request, async (tx, ids) => byId(await this.views.get(tx, ids)));
  }

  private openOfTwins(request: RequestContext): DataLoader<string, ConflictView | undefined, string> {
    return loading(this.transactions, request, async (tx, twins) => {
      const open = await this.views.page(tx, { open: true, twins }, twins.length, undefined);
      return new Map(open.map((conflict) => [conflict.twin, conflict]));
    });
  }

  private closedOfTwins(request: RequestContext): DataLoader<string, ConflictView[] | undefined, string> {
    return loading(this.transactions, request, async (tx, twins) =>
      Map.groupBy(await this.views.page(tx, { open: false, twins }, CLOSED_MOST, undefined), ({ twin }) => twin),
    );
  }

  private decisions(request: RequestContext): DataLoader<string, DecisionView | undefined, string> {
    return loading(this.transactions, request, async (tx, ids) => byId(await this.views.decisions(tx, ids)));
  }

  private decisionsByConflict(request: RequestContext): DataLoader<string, DecisionView[] | undefined, string> {
    return loading(this.transactions, request, async (tx, conflicts) =>
      Map.groupBy(await this.views.decisionsOf(tx, conflicts), ({ conflict }) => conflict),
    );
  }
}

const byId = <Value extends { readonly id: string }>(values: readonly Value[]): ReadonlyMap<string, Value> =>
  new Map(values.map((value) => [value.id, value]));
