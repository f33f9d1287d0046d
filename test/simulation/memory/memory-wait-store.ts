import { type Reached, type Wait, WaitStore } from '../../../src/modules/sync/store/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

export class MemoryWaitStore extends WaitStore {
  private readonly waits;

  constructor(database: MemoryDatabase) {
    super();
    this.waits = database.table<Wait>();
  }

  override async of(_tx: Tx, twins: readonly string[]): Promise<Wait[]> {
    return this.waits.all().filter(({ twin }) => twins.includes(twin));
  }

  override async replace(_tx: Tx, twins: readonly string[], waits: readonly Wait[]): Promise<Wait[]> {
    const before = new Set<string>();
    for (const [key, wait] of this.waits.entries()) {
      if (!twins.includes(wait.twin)) continue;
      before.add(key);
      this.waits.delete(key);
    }
    const wanted = new Map(waits.map((wait) => [keyOf(wait), wait]));
    for (const [key, wait] of wanted) this.waits.set(key, wait);
    return [...wanted].flatMap(([key, wait]) => (before.has(key) ? [] : [wait]));
  }

  override async end(_tx: Tx, reached: readonly Reached[]): Promise<string[]> {
    const freed = new Set<string>();
    for (const [key, wait] of this.waits.entries()) {
      const is = ({ twin, side, until }: Reached): boolean =>
        twin === wait.needs && side === wait.side && until === wait.until;
      if (!reached.some(is)) continue;
      this.waits.delete(key);
      freed.add(wait.twin);
    }
    return [...freed];
  }

  override async waitingFor(_tx: Tx, twin: string, among: readonly string[]): Promise<string[]> {
    return among.filter((start) => {
      const seen = new Set<string>([start]);
      for (const one of seen) {
        if (one === twin) return true;
        for (const wait of this.waits.all()) if (wait.twin === one) seen.add(wait.needs);
      }
      return false;
    });
  }

  all(): Wait[] {
    return this.waits.all();
  }

  override async absorb(_tx: Tx, gone: string, survivor: string): Promise<void> {
    for (const [key, wait] of this.waits.entries()) {
      if (wait.twin !== gone && wait.needs !== gone) continue;
      this.waits.delete(key);
      if (wait.twin === gone) continue;
      const moved = { ...wait, needs: survivor };
      this.waits.set(keyOf(moved), moved);
    }
  }
}

const keyOf = ({ twin, needs, side, until }: Wait): string => `${twin}/${needs}/${side}/${until}`;
