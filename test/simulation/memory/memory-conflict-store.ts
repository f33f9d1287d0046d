import type { ConflictDraft, Decision, Policy } from '../../../src/domain/conflict/index.js';
import type { KindName } from '../../../src/domain/contract/index.js';
import type { Granularity } from '../../../src/domain/comparison/index.js';
import {
  type ConflictEnding,
  type ConflictRaise,
  ConflictStore,
  type OpenConflict,
  type PolicySet,
} from '../../../src/modules/conflicts/index.js';
import type { Tx } from '../../../src/platform/database/index.js';
import type { MemoryDatabase } from './memory-database.js';

type Answer = Decision & { readonly actor: string; readonly verb: string };
interface Row extends OpenConflict {
  readonly tenant: string;
  readonly ended: ConflictEnding | undefined;
}

export class MemoryConflictStore extends ConflictStore {
  private readonly conflicts;
  private readonly rules;
  private readonly granularities;
  private readonly drafts;

  constructor(
    database: MemoryDatabase,
    private readonly newId: () => string,
  ) {
    super();
    this.conflicts = database.table<Row>();
    this.rules = database.table<Policy & { tenant: string }>();
    this.drafts = database.table<ConflictDraft>();
    this.granularities = database.table<{ tenant: string; kind: KindName; granularity: Granularity }>();
  }

  override async policies(tx: Tx): Promise<PolicySet> {
    return {
      policies: this.rules
        .all()
        .filter(({ tenant }) => tenant === tx.tenant)
        .map(({ tenant: _tenant, ...policy }) => policy),
      granularities: Object.fromEntries(
        this.granularities
          .all()
          .filter(({ tenant }) => tenant === tx.tenant)
          .map(({ kind, granularity }) => [kind, granularity]),
      ),
    };
  }

  override async openOf(tx: Tx, twins: readonly string[]): Promise<OpenConflict[]> {
    return this.open(tx).filter(({ twin }) => twins.includes(twin));
  }

  override async get(tx: Tx, id: string): Promise<OpenConflict | undefined> {
    return this.open(tx).find((conflict) => conflict.id === id);
  }

  override async raise(
    tx: Tx,
    raises: readonly ConflictRaise[],
  ): Promise<{ twin: string; id: string; was: 'opened' | 'updated' | 'unchanged' }[]> {
    return raises.map(({ draft, ...raise }) => {
      const open = this.open(tx).find(({ twin }) => twin === raise.twin);
      if (open?.fingerprint === draft.fingerprint) return { twin: raise.twin, id: open.id, was: 'unchanged' };
      const id = open?.id ?? this.newId();
      const decision = open?.decision;
      this.drafts.set(`${id}/${draft.fingerprint}`, draft);
      this.conflicts.set(id, { ...draft, ...raise, id, decision, tenant: tx.tenant, ended: undefined });
      return { twin: raise.twin, id, was: open ? 'updated' : 'opened' };
    });
  }

  override async close(tx: Tx, twins: readonly { twin: string; how: ConflictEnding }[]): Promise<string[]> {
    return twins.flatMap(({ twin, how }) => {
      const open = this.open(tx).find((conflict) => conflict.twin === twin);
      if (!open) return [];
      this.conflicts.set(open.id, { ...open, ended: how });
      return [twin];
    });
  }

  override async decide(tx: Tx, conflict: string, { id, fingerprint, choices, actor }: Answer): Promise<void> {
    const open = this.open(tx).find((one) => one.id === conflict);
    if (open) this.conflicts.set(conflict, { ...open, decision: { id, fingerprint, choices, actor } });
  }

  override async reopen(tx: Tx, twins: readonly string[]): Promise<void> {
    for (const open of await this.openOf(tx, twins)) {
      this.conflicts.set(open.id, { ...this.conflicts.get(open.id)!, decision: undefined });
    }
  }

  override async setPolicy(tx: Tx, policy: Policy, _actor: string): Promise<void> {
    this.rules.set(`${tx.tenant}/${policy.kind}/${policy.group ?? ''}`, { ...policy, tenant: tx.tenant });
  }

  override async clearPolicy(tx: Tx, kind: KindName, group: string | undefined): Promise<boolean> {
    const key = `${tx.tenant}/${kind}/${group ?? ''}`;
    const known = this.rules.get(key) !== undefined;
    this.rules.delete(key);
    return known;
  }

  override async setGranularity(tx: Tx, kind: KindName, granularity: Granularity, _actor: string): Promise<void> {
    this.granularities.set(`${tx.tenant}/${kind}`, { tenant: tx.tenant, kind, granularity });
  }

  all(): Row[] {
    return this.conflicts.all();
  }

  /** Every clash that ever stood before a person. */
  everRaised(): ConflictDraft[] {
    return this.drafts.all();
  }

  private open(tx: Tx): Row[] {
    return this.conflicts.all().filter(({ tenant, ended }) => tenant === tx.tenant && ended === undefined);
  }
}
