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
    this.events = database.table<HistoryEvent>();
  }

  override async append(tx: Tx, events: readonly NewEvent[]): Promise<void> {
    for (const event of events) {
      const id = this.newId();
      this.events.set(id, { ...event, id, at: tx.now });
    }
  }

  all(): HistoryEvent[] {
    return this.events.all();
  }
}
