import { type HistoryEvent, HistoryStore, type NewEvent } from '../../../src/modules/history/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryHistoryStore extends HistoryStore {
  private readonly events;

  constructor(
    database: MemoryDatabase,
    private readonly newId: () => string,
  ) {
    super();
    this.events = database.table<HistoryEvent & { readonly tenant: string }>();
  }

  override async append(tx: Tx, events: readonly NewEvent[]): Promise<void> {
    if (events.length > 0) tx.wakes.add('history');
    for (const event of events) {
      const id = this.newId();
      this.events.set(id, { ...event, id, at: tx.now, tenant: tx.tenant });
    }
  }

  all(): (HistoryEvent & { readonly tenant: string })[] {
    return this.events.all();
  }
}
