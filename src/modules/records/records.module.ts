import { Module } from '@nestjs/common';
import { PostgresRecordStore } from './store/postgres-record-store.js';
import { PostgresRecordViews } from './store/postgres-record-views.js';
import { RecordStore } from './store/record-store.js';
import { RecordViews } from './store/record-views.js';

const STORES = [
  { provide: RecordStore, useClass: PostgresRecordStore },
  { provide: RecordViews, useClass: PostgresRecordViews },
];

/** The app side: the SaaS's own records. */
@Module({ providers: STORES, exports: STORES })
export class RecordsModule {}
