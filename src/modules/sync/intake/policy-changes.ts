import { Injectable } from '@nestjs/common';
import type { Granularity } from '../../../domain/comparison/index.js';
import type { Policy } from '../../../domain/conflict/index.js';
import type { KindName } from '../../../domain/contract/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { ConflictStore, ConflictViews } from '../../conflicts/index.js';
import { type Cause, HistoryStore } from '../../history/index.js';
import { type Lane, WorkStore } from '../store/index.js';

/** A customer's rules for kinds and field groups. What they can settle now is walked again at once. */
@Injectable()
export class PolicyChanges {
  constructor(
    private readonly transactions: Transactions,
    private readonly conflicts: ConflictStore,
    private readonly views: ConflictViews,
    private readonly work: WorkStore,
    private readonly history: HistoryStore,
  ) {}

  /** Returns how many open conflicts the rule may settle; they are walked again. */
  async setPolicy(tenant: string, actor: string, policy: Policy): Promise<number> {
    const { kind, group, rule } = policy;
    const cause: Cause = { by: 'person', actor };
    return this.transactions.inTenant(tenant, async (tx) => {
      await this.conflicts.setPolicy(tx, policy, actor);
      await this.history.append(tx, [{ type: 'policy_set', cause, kind, detail: { group: group ?? null, rule } }]);
      return rule === 'review' ? 0 : this.walkAsked(tx, kind, group === undefined ? undefined : [group], cause);
    });
  }

  /** The next wider rule counts again; false when there was none to clear. */
  async clearPolicy(tenant: string, actor: string, kind: KindName, group: string | undefined): Promise<boolean> {
    const cause: Cause = { by: 'person', actor };
    return this.transactions.inTenant(tenant, async (tx) => {
      if (!(await this.conflicts.clearPolicy(tx, kind, group))) return false;
      await this.history.append(tx, [{ type: 'policy_cleared', cause, kind, detail: { group: group ?? null } }]);
      return true;
    });
  }

  /** With `group`, what was a clash of the whole record may fall apart into changes that do not touch each other. */
  async setGranularity(tenant: string, actor: string, kind: KindName, granularity: Granularity): Promise<number> {
    const cause: Cause = { by: 'person', actor };
    return this.transactions.inTenant(tenant, async (tx) => {
      await this.conflicts.setGranularity(tx, kind, granularity, actor);
      await this.history.append(tx, [{ type: 'policy_set', cause, kind, detail: { granularity } }]);
      return granularity === 'record' ? 0 : this.walkAsked(tx, kind, undefined, cause);
    });
  }

  private async walkAsked(
    tx: Tx,
    kind: KindName,
    groups: readonly string[] | undefined,
    cause: Cause,
  ): Promise<number> {
    const twins = await this.views.askedOf(tx, kind, groups);
    const lane: Lane = twins.length <= 20 ? 'interactive' : 'routine';
    await this.work.raise(
      tx,
      twins.map((twin) => ({ twin, lane, look: false, cause })),
    );
    return twins.length;
  }
}
