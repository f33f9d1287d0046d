import { type Problem, type ProblemCode, ProblemStore } from '../../../src/modules/sync/store/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

type Open = Problem & { readonly tenant: string; readonly times: number };

export class MemoryProblemStore extends ProblemStore {
  private readonly open;

  constructor(database: MemoryDatabase) {
    super();
    this.open = database.table<Open>();
  }

  override async raise(tx: Tx, problems: readonly Problem[]): Promise<Problem[]> {
    return problems.filter((problem) => {
      const key = `${tx.tenant}/${problem.twin ?? problem.connection}/${problem.code}`;
      const known = this.open.get(key);
      this.open.set(key, { ...problem, tenant: tx.tenant, times: (known?.times ?? 0) + 1 });
      return !known;
    });
  }

  override async closeOfTwins(_tx: Tx, twins: readonly string[], but: readonly ProblemCode[] = []): Promise<string[]> {
    const closed = new Set<string>();
    for (const [key, problem] of this.open.entries()) {
      if (problem.twin === undefined || !twins.includes(problem.twin) || but.includes(problem.code)) continue;
      this.open.delete(key);
      closed.add(problem.twin);
    }
    return [...closed];
  }

  override async closeOfConnection(_tx: Tx, connection: string, codes: readonly ProblemCode[]): Promise<void> {
    for (const [key, problem] of this.open.entries()) {
      const own = problem.connection === connection && problem.twin === undefined;
      if (own && codes.includes(problem.code)) this.open.delete(key);
    }
  }

  all(): Open[] {
    return this.open.all();
  }
}
