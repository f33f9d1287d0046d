import { Injectable } from '@nestjs/common';
import { type StepView, WalkViews } from '../../modules/sync/index.js';
import { Transactions, type Tx } from '../../platform/database/index.js';
import { callShown } from '../history/event-shown.js';
import { loading } from '../request/loading.js';
import { PerRequest, type RequestContext } from '../request/request-context.js';
import { walkItemSays } from './walk-item-says.js';
import type { WalkItemType, WalkStep } from './walk.types.js';

/** What answers read of walks, once for each request. */
@Injectable()
export class WalkLoads {
  private readonly loaders = new PerRequest((request) => ({
    steps: loading<string, WalkStep[]>(this.transactions, request, async (tx, walks) =>
      grouped(await this.views.stepsOf(tx, walks), stepShown),
    ),
    items: loading<string, WalkItemType[]>(this.transactions, request, (tx, walks) => this.items(tx, walks)),
  }));

  constructor(
    private readonly transactions: Transactions,
    private readonly views: WalkViews,
  ) {}

  async stepsOf(request: RequestContext, walk: string): Promise<readonly WalkStep[]> {
    return (await this.loaders.of(request).steps.load(walk)) ?? [];
  }

  async itemsOf(request: RequestContext, walk: string): Promise<readonly WalkItemType[]> {
    return (await this.loaders.of(request).items.load(walk)) ?? [];
  }

  private async items(tx: Tx, walks: readonly string[]): Promise<ReadonlyMap<string, WalkItemType[]>> {
    const items = await this.views.itemsOf(tx, walks);
    const calls = await this.views.callsOf(tx, walks);
    const intents = await this.views.intents(tx, [...new Set(calls.flatMap((call) => call.intents))]);
    return grouped(items, (view) => ({
      says: walkItemSays(view),
      outcome: view.outcome?.leave ?? null,
      writes: intents
        .filter(({ twin }) => twin === view.twin)
        .map(({ id, operation, state, failure }) => ({
          ...{ operation, state },
          failure: failure ?? null,
          calls: calls.filter((call) => call.walk === view.walk && call.intents.includes(id)).map(callShown),
        }))
        .filter((write) => write.calls.length > 0),
      view,
    }));
  }
}

const grouped = <View extends { readonly walk: string }, Shown>(
  views: readonly View[],
  shown: (view: View) => Shown,
): ReadonlyMap<string, Shown[]> =>
  new Map([...Map.groupBy(views, ({ walk }) => walk)].map(([walk, of]) => [walk, of.map(shown)]));

const stepShown = ({ step, attempts, done, startedAt, finishedAt, calls }: StepView): WalkStep => ({
  ...{ step, attempts, done, startedAt },
  finishedAt: finishedAt ?? null,
  requests: calls.map(({ label, status, requestId, ms }) => ({
    ...{ label, ms },
    status: status ?? null,
    requestId: requestId ?? null,
  })),
});
