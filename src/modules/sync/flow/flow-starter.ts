import { Injectable } from '@nestjs/common';
import { Identifiers } from '../../../platform/clock/index.js';
import { Transactions } from '../../../platform/database/index.js';
import { WorkStore } from '../store/index.js';
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

  /** `slots`: how many walks may be open at once, over all processes (ENGINE E4). Returns how many were opened. */
  async start(slots: number): Promise<number> {
    const opened = await this.transactions.dispatching(async (tx) => {
      const room = slots - (await this.work.countOpen(tx));
      return room <= 0 ? [] : this.work.open(tx, room, () => this.identifiers.id());
    });
    if (opened.length > 0) await this.queue.add(opened);
    return opened.length;
  }

  /** Frees the items of walks whose worker is gone and whose queue entry is lost. */
  async sweep(): Promise<number> {
    return this.transactions.dispatching((tx) => this.work.sweep(tx));
  }
}
