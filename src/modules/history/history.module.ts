import { Global, Module } from '@nestjs/common';
import { Sequencer } from './sequencer.js';
import { ChainStore } from './store/chain-store.js';
import { HistoryStore } from './store/history-store.js';
import { HistoryViews } from './store/history-views.js';
import { PostgresChainStore } from './store/postgres-chain-store.js';
import { PostgresHistoryStore } from './store/postgres-history-store.js';
import { PostgresHistoryViews } from './store/postgres-history-views.js';

/** The append-only history; every module writes to it. */
@Global()
@Module({
  providers: [
    Sequencer,
    { provide: HistoryStore, useClass: PostgresHistoryStore },
    { provide: HistoryViews, useClass: PostgresHistoryViews },
    { provide: ChainStore, useClass: PostgresChainStore },
  ],
  exports: [Sequencer, HistoryStore, HistoryViews, ChainStore],
})
export class HistoryModule {}
