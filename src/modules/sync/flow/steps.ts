import { Injectable } from '@nestjs/common';
import { Timers } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { type Attempt, type Step, Superseded, WorkStore } from '../store/index.js';
import { Apply } from './apply.js';
import { type Begin, NothingToDo } from './beginning.js';
import { ObserveApp } from './observe-app.js';
import { ObserveBooks } from './observe-books.js';
import { PlanStep } from './plan.js';
import { SettleStep } from './settle.js';

/** How often a working step extends its walk's lease (ENGINE E1). */
export const HEARTBEAT_MS = 5_000;

/** Runs one attempt at one step of a walk. Throws only for infrastructure; outcomes are per item (ENGINE E3). */
@Injectable()
export class Steps {
  private readonly run: Readonly<Record<Step, { run(begin: Begin): Promise<void> }>>;

  constructor(
    private readonly transactions: Transactions,
    private readonly timers: Timers,
    private readonly work: WorkStore,
    observeApp: ObserveApp,
    observeBooks: ObserveBooks,
    plan: PlanStep,
    apply: Apply,
    settle: SettleStep,
  ) {
    this.run = { observe_app: observeApp, observe_books: observeBooks, plan, apply, settle };
  }

  /** The job names the tenant too: in a transaction of that tenant no other one's walk is to be seen (ENGINE G1). */
  async attempt(walk: string, tenant: string, step: Step): Promise<'done' | 'nothing_to_do' | 'superseded'> {
    let rest = (): void => undefined;
    const begin: Begin = async (work) => {
      const begun = await this.transactions.inTenant(tenant, async (tx) => {
        const attempt = await this.work.begin(tx, walk, step);
        return attempt && { attempt, result: await work(tx, attempt) };
      });
      if (!begun) throw new NothingToDo();
      rest = this.keepAlive(begun.attempt);
      return begun.result;
    };
    try {
      await this.run[step].run(begin);
      return 'done';
    } catch (error) {
      if (error instanceof NothingToDo) return 'nothing_to_do';
      if (error instanceof Superseded) return 'superseded';
      throw error;
    } finally {
      rest();
    }
  }

  private keepAlive(attempt: Attempt): () => void {
    return this.timers.every(HEARTBEAT_MS, () => {
      void this.transactions.dispatching((tx) => this.work.extend(tx, attempt)).catch(() => undefined);
    });
  }
}
