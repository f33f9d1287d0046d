import { Module } from '@nestjs/common';
import { PostgresRecordStore } from './store/postgres-record-store.js';
import { RecordStore } from './store/record-store.js';

/** The app side: the SaaS's own records. */
@Module({ providers: [{ provide: RecordStore, useClass: PostgresRecordStore }], exports: [RecordStore] })
export class RecordsModule {}
