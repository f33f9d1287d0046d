import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import type { Granularity } from '../../../domain/comparison/index.js';
import type { Decision, Policy } from '../../../domain/conflict/index.js';
import type { KindName } from '../../../domain/contract/index.js';
import { Identifiers } from '../../../platform/clock/index.js';
import { Collision, rowsOf, type Tx } from '../../../platform/database/index.js';
import type { ConflictEnding, OpenConflict } from '../open-conflict.js';
import { type ConflictRaise, ConflictStore, type PolicySet } from './conflict-store.js';
import type { ConflictTables } from './tables.js';

/** In the words of the partial index; a parameter would hide from the planner that it applies. */
const OPEN = sql.lit(true);

@Injectable()
export class PostgresConflictStore extends ConflictStore {
  constructor(private readonly identifiers: Identifiers) {
    super();
  }

  override async policies(tx: Tx): Promise<PolicySet> {
    const { rows } = await sql<PolicyRow>`
      select kind, field_group as "fieldGroup", rule, null as granularity from policy
      union all
      select kind, null, null, granularity from granularity`.execute(rowsOf<ConflictTables>(tx));
    return {
      policies: rows.flatMap(({ kind, fieldGroup, rule }) =>
        rule === null ? [] : [{ kind, rule, ...(fieldGroup && { group: fieldGroup }) }],
      ),
      granularities: Object.fromEntries(
        rows.flatMap(({ kind, granularity }) => (granularity === null ? [] : [[kind, granularity]])),
      ),
    };
  }

  override async openOf(tx: Tx, twins: readonly string[]): Promise<OpenConflict[]> {
    if (twins.length === 0) return [];
    const rows = await rowsOf<ConflictTables>(tx)
      .selectFrom('conflict')
      .selectAll()
      .where('open', '=', OPEN)
      .where('twinId', 'in', [...twins])
      .execute();
    return rows.map(openConflictOf);
  }

  override async get(tx: Tx, id: string): Promise<OpenConflict | undefined> {
    const row = await rowsOf<ConflictTables>(tx)
      .selectFrom('conflict')
      .selectAll()
      .where('id', '=', id)
      .where('open', '=', OPEN)
      .forUpdate()
      .executeTakeFirst();
    return row && openConflictOf(row);
  }

  override async raise(
    tx: Tx,
    raises: readonly ConflictRaise[],
  ): Promise<{ twin: string; id: string; was: 'opened' | 'updated' | 'unchanged' }[]> {
    const open = new Map<string, Pick<OpenConflict, 'id' | 'fingerprint'>>();
    for (const one of await this.openOf(
      tx,
      raises.map(({ twin }) => twin),
    )) {
      open.set(one.twin, one);
    }
    const results: { twin: string; id: string; was: 'opened' | 'updated' | 'unchanged' }[] = [];
    for (const { draft, twin, kind, connection, moneyEffect } of raises) {
      const known = open.get(twin);
      if (known?.fingerprint === draft.fingerprint) {
        results.push({ twin, id: known.id, was: 'unchanged' });
        continue;
      }
      const { base = null, app = null, books = null, groups, candidates, reason, fingerprint } = draft;
      const testimony = { base, app, books, groups: [...groups], candidates, reason, fingerprint };
      const values = { ...testimony, moneyEffect: moneyEffect ?? null, updatedAt: tx.now };
      const rows = rowsOf<ConflictTables>(tx);
      const id = known?.id ?? this.identifiers.id();
      if (known) await rows.updateTable('conflict').set(values).where('id', '=', id).execute();
      else {
        const opened = await rows
          .insertInto('conflict')
          .values({
            ...values,
            ...{ id, tenantId: tx.tenant, connectionId: connection, twinId: twin, kind, open: true, raisedAt: tx.now },
            ...{ decision: null, closedAt: null, ending: null },
          })
          .onConflict((conflict) => conflict.column('twinId').where('open', '=', OPEN).doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!opened) throw new Collision('another conflict of this twin was opened just now');
      }
      open.set(twin, { id, fingerprint });
      results.push({ twin, id, was: known ? 'updated' : 'opened' });
    }
    return results;
  }

  override async close(
    tx: Tx,
    twins: readonly { readonly twin: string; readonly how: ConflictEnding }[],
  ): Promise<string[]> {
    const closed: string[] = [];
    for (const [ending, group] of Map.groupBy(twins, ({ how }) => how)) {
      const rows = await rowsOf<ConflictTables>(tx)
        .updateTable('conflict')
        .set({ open: false, ending, closedAt: tx.now })
        .where('open', '=', OPEN)
        .where(
          'twinId',
          'in',
          group.map(({ twin }) => twin),
        )
        .returning('twinId')
        .execute();
      closed.push(...rows.map(({ twinId }) => twinId));
    }
    return closed;
  }

  override async decide(
    tx: Tx,
    conflict: string,
    { verb, ...decision }: Decision & { readonly actor: string; readonly verb: string },
  ): Promise<void> {
    const { id, choices, fingerprint, actor } = decision;
    const rows = rowsOf<ConflictTables>(tx);
    const [answered] = await rows
      .updateTable('conflict')
      .set({ decision, updatedAt: tx.now })
      .where('id', '=', conflict)
      .where('open', '=', OPEN)
      .execute();
    if ((answered?.numUpdatedRows ?? 0n) === 0n) return;
    await rows
      .insertInto('decision')
      .values({ id, tenantId: tx.tenant, conflictId: conflict, verb, choices, fingerprint, actor, at: tx.now })
      .execute();
  }

  override async reopen(tx: Tx, twins: readonly string[]): Promise<void> {
    if (twins.length === 0) return;
    await rowsOf<ConflictTables>(tx)
      .updateTable('conflict')
      .set({ decision: null, updatedAt: tx.now })
      .where('open', '=', OPEN)
      .where('twinId', 'in', [...twins])
      .execute();
  }

  override async setPolicy(tx: Tx, { kind, group, rule }: Policy, actor: string): Promise<void> {
    const set = { rule, setBy: actor, setAt: tx.now };
    await rowsOf<ConflictTables>(tx)
      .insertInto('policy')
      .values({ tenantId: tx.tenant, kind, fieldGroup: group ?? '', ...set })
      .onConflict((conflict) => conflict.columns(['tenantId', 'kind', 'fieldGroup']).doUpdateSet(set))
      .execute();
  }

  override async clearPolicy(tx: Tx, kind: KindName, group: string | undefined): Promise<boolean> {
    const [cleared] = await rowsOf<ConflictTables>(tx)
      .deleteFrom('policy')
      .where('kind', '=', kind)
      .where('fieldGroup', '=', group ?? '')
      .execute();
    return (cleared?.numDeletedRows ?? 0n) > 0n;
  }

  override async setGranularity(tx: Tx, kind: KindName, granularity: Granularity, actor: string): Promise<void> {
    const set = { granularity, setBy: actor, setAt: tx.now };
    await rowsOf<ConflictTables>(tx)
      .insertInto('granularity')
      .values({ tenantId: tx.tenant, kind, ...set })
      .onConflict((conflict) => conflict.columns(['tenantId', 'kind']).doUpdateSet(set))
      .execute();
  }
}

/** A rule for a kind or one of its field groups, or the granularity of a kind. */
interface PolicyRow {
  readonly kind: KindName;
  readonly fieldGroup: string | null;
  readonly rule: Policy['rule'] | null;
  readonly granularity: Granularity | null;
}

/** What a row says of a conflict while it is open. */
export const openConflictOf = (row: Selectable<ConflictTables['conflict']>): OpenConflict => ({
  id: row.id,
  connection: row.connectionId,
  twin: row.twinId,
  kind: row.kind,
  reason: row.reason,
  groups: row.groups,
  base: row.base ?? undefined,
  app: row.app ?? undefined,
  books: row.books ?? undefined,
  candidates: row.candidates,
  fingerprint: row.fingerprint,
  moneyEffect: row.moneyEffect ?? undefined,
  decision: row.decision ?? undefined,
});
