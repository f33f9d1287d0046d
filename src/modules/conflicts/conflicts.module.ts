import { Module } from '@nestjs/common';
import { ConflictStore } from './store/conflict-store.js';
import { PostgresConflictStore } from './store/postgres-conflict-store.js';

/** Conflicts, decisions and policies. */
@Module({ providers: [{ provide: ConflictStore, useClass: PostgresConflictStore }], exports: [ConflictStore] })
export class ConflictsModule {}
