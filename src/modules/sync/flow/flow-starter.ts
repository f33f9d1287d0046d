import { Injectable } from '@nestjs/common';
import { Identifiers } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { BATCH, WorkStore } from '../store/index.js';
import { FlowQueue } from './flow-queue.js';

/** Opens walks over due work and hands them to the queue; woken after commits, and by a timer anyway. */
@Injectable()
export class FlowStarter {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly work: WorkStore,
    private readonly queue: FlowQueue,
  ) {}

  /** Opens as many walks as there is room for over all processes (ENGINE E4), of `batch` records at most; returns how many. */
  async start(batch = BATCH): Promise<number> {
    const opened = await this.transactions.dispatching(async (tx) => {
      const room = await this.work.room(tx);
      return room <= 0 ? [] : this.work.open(tx, room, () => this.identifiers.id(), batch);
    });
    if (opened.length > 0) await this.queue.add(opened);
    return opened.length;
  }

  /** A worker's sign of life; without any, nothing is opened. */
  async present(worker: string, places: number): Promise<void> {
    await this.transactions.dispatching((tx) => this.work.present(tx, worker, places));
  }

  /** Frees the items of walks whose worker is gone and whose queue entry is lost. */
  async sweep(): Promise<number> {
    return this.transactions.dispatching((tx) => this.work.sweep(tx));
  }
}
