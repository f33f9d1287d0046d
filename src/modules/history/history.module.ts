import { Global, Module } from '@nestjs/common';
import { Sequencer } from './sequencer.js';
import { ChainStore } from './store/chain-store.js';
import { HistoryStore } from './store/history-store.js';
import { PostgresChainStore } from './store/postgres-chain-store.js';
import { PostgresHistoryStore } from './store/postgres-history-store.js';

/** The append-only history; every module writes to it. */
@Global()
@Module({
  providers: [
    Sequencer,
    { provide: HistoryStore, useClass: PostgresHistoryStore },
    { provide: ChainStore, useClass: PostgresChainStore },
  ],
  exports: [Sequencer, HistoryStore, ChainStore],
})
export class HistoryModule {}
