import { Injectable } from '@nestjs/common';
import type DataLoader from 'dataloader';
import { type CallView, WalkViews } from '../../modules/sync/index.js';
import type { EventView } from '../../modules/history/index.js';
import { Transactions } from '../../platform/database/index.js';
import { loading } from '../request/loading.js';
import { PerRequest, type RequestContext } from '../request/request-context.js';

/** What answers read about events, once for each request. */
@Injectable()
export class HistoryLoads {
  private readonly callsOfEvents = new PerRequest((request) => this.calls(request));

  constructor(
    private readonly transactions: Transactions,
    private readonly walks: WalkViews,
  ) {}

  /** The provider's requests that an event tells of; kept as long as walks are. */
  async callsOf(request: RequestContext, event: EventView): Promise<readonly CallView[]> {
    return (await this.callsOfEvents.of(request).load(event)) ?? [];
  }

  private calls(request: RequestContext): DataLoader<EventView, CallView[] | undefined, string> {
    return loading(
      this.transactions,
      request,
      async (tx, events) => {
        const intents = new Map<string, string>();
        for (const { id, type, twin, at, detail } of events) {
          const refused = type === 'books_refused' && twin !== undefined;
          const intent = refused ? await this.walks.refusedAt(tx, twin, at) : detail.intent;
          if (typeof intent === 'string') intents.set(id, intent);
        }
        const calls = await this.walks.callsWith(tx, [...new Set(intents.values())]);
        return new Map(
          [...intents].map(([event, intent]) => [event, calls.filter((call) => call.intents.includes(intent))]),
        );
      },
      ({ id }) => id,
    );
  }
}
