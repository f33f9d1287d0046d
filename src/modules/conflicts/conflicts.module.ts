import { Module } from '@nestjs/common';
import { ConflictStore } from './store/conflict-store.js';
import { ConflictViews } from './store/conflict-views.js';
import { PostgresConflictStore } from './store/postgres-conflict-store.js';
import { PostgresConflictViews } from './store/postgres-conflict-views.js';

const STORES = [
  { provide: ConflictStore, useClass: PostgresConflictStore },
  { provide: ConflictViews, useClass: PostgresConflictViews },
];

/** Conflicts, decisions and policies. */
@Module({ providers: STORES, exports: STORES })
export class ConflictsModule {}
