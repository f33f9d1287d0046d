import { Injectable } from '@nestjs/common';
import { Timers } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { type Attempt, type Step, Superseded, WorkStore } from '../store/index.js';
import { Apply } from './apply.js';
import { ObserveApp } from './observe-app.js';
import { ObserveBooks } from './observe-books.js';
import { PlanStep } from './plan.js';
import { SettleStep } from './settle.js';

/** How often a working step extends its walk's lease (ENGINE E1). */
export const HEARTBEAT_MS = 5_000;

/** Runs one attempt at one step of a walk. Throws only for infrastructure; outcomes are per item (ENGINE E3). */
@Injectable()
export class Steps {
  private readonly run: Readonly<Record<Step, { run(attempt: Attempt): Promise<void> }>>;

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

  /** The job names the tenant too: a worker takes it from the row and compares (ENGINE G1). */
  async attempt(walk: string, tenant: string, step: Step): Promise<'done' | 'nothing_to_do' | 'superseded'> {
    const attempt = await this.transactions.dispatching((tx) => this.work.begin(tx, walk, step));
    if (!attempt) return 'nothing_to_do';
    if (attempt.tenant !== tenant) throw new Error(`the job of walk ${walk} names another tenant than its row`);
    const rest = this.timers.every(HEARTBEAT_MS, () => {
      void this.transactions.dispatching((tx) => this.work.extend(tx, attempt)).catch(() => undefined);
    });
    try {
      await this.run[step].run(attempt);
      return 'done';
    } catch (error) {
      if (error instanceof Superseded) return 'superseded';
      throw error;
    } finally {
      rest();
    }
  }
}
