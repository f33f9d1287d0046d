import { Injectable } from '@nestjs/common';
import { Transactions } from '../../platform/database/index.js';
import { ChainStore } from './store/chain-store.js';

const MOST = 500;

/** Numbers and chains committed events, tenant by tenant; nobody who writes an event waits for it (ENGINE G5). */
@Injectable()
export class Sequencer {
  constructor(
    private readonly transactions: Transactions,
    private readonly chain: ChainStore,
  ) {}

  /** Everything that waits now; safe in any number of processes. */
  async run(): Promise<void> {
    for (const tenant of await this.transactions.dispatching((tx) => this.chain.waiting(tx))) await this.runFor(tenant);
  }

  async runFor(tenant: string): Promise<void> {
    let chained: number | undefined;
    do chained = await this.transactions.inTenant(tenant, (tx) => this.chain.chain(tx, MOST));
    while (chained === MOST);
  }
}
