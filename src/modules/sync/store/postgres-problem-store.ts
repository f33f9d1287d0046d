import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Identifiers } from '../../../platform/clock/index.js';
import { rowsOf, type Tx } from '../../../platform/database/index.js';
import { type Problem, type ProblemCode, ProblemStore } from './problem-store.js';
import type { SyncTables } from './tables.js';

/** In the words of the partial index; a parameter would hide from the planner that it applies. */
const OPEN = sql.lit(true);

@Injectable()
export class PostgresProblemStore extends ProblemStore {
  constructor(private readonly identifiers: Identifiers) {
    super();
  }

  override async raise(tx: Tx, problems: readonly Problem[]): Promise<Problem[]> {
    const opened: Problem[] = [];
    for (const problem of problems) {
      const { code, message, connection, twin, detail } = problem;
      const row = await rowsOf<SyncTables>(tx)
        .insertInto('problem')
        .values({
          id: this.identifiers.id(),
          tenantId: tx.tenant,
          connectionId: connection ?? null,
          twinId: twin ?? null,
          subject: twin ?? connection ?? '',
          code,
          message,
          detail,
          open: true,
          times: 1,
          raisedAt: tx.now,
          lastAt: tx.now,
          closedAt: null,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['tenantId', 'subject', 'code'])
            .where('open', '=', OPEN)
            .doUpdateSet(({ eb }) => ({ message, detail, lastAt: tx.now, times: eb('problem.times', '+', 1) })),
        )
        .returning('times')
        .executeTakeFirstOrThrow();
      if (row.times === 1) opened.push(problem);
    }
    return opened;
  }

  override async closeOfTwins(tx: Tx, twins: readonly string[], but: readonly ProblemCode[] = []): Promise<string[]> {
    if (twins.length === 0) return [];
    let query = rowsOf<SyncTables>(tx)
      .updateTable('problem')
      .set({ open: false, closedAt: tx.now })
      .where('open', '=', OPEN)
      .where('twinId', 'in', [...twins]);
    if (but.length > 0) query = query.where('code', 'not in', [...but]);
    const rows = await query.returning('twinId').execute();
    return [...new Set(rows.flatMap(({ twinId }) => twinId ?? []))];
  }

  override async closeOfConnection(tx: Tx, connection: string, codes: readonly ProblemCode[]): Promise<void> {
    if (codes.length === 0) return;
    await rowsOf<SyncTables>(tx)
      .updateTable('problem')
      .set({ open: false, closedAt: tx.now })
      .where('open', '=', OPEN)
      .where('connectionId', '=', connection)
      .where('twinId', 'is', null)
      .where('code', 'in', [...codes])
      .execute();
  }
}
