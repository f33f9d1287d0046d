import { Injectable } from '@nestjs/common';
import { EXISTENCE_GROUP, policyBook } from '../../domain/conflict/index.js';
import { groupFields, groupNames, KIND_NAMES, type KindName, KINDS } from '../../domain/contract/index.js';
import { ConflictViews, type GranularityView, type PolicyView } from '../../modules/conflicts/index.js';
import { Transactions } from '../../platform/database/index.js';
import type { GroupPolicy, KindPolicies, RuleSet } from './policy.types.js';

/** Kinds about which sides can clash at all: a company's own record is only read. */
export const RULED_KINDS = KIND_NAMES.filter((kind) => KINDS[kind].nature !== 'company');

/** The groups for which a rule can be set. */
export const ruledGroups = (kind: KindName): readonly string[] => [...groupNames(kind), EXISTENCE_GROUP];

/** The tenant's policies, set or not, as one table. */
@Injectable()
export class PolicyQueries {
  constructor(
    private readonly transactions: Transactions,
    private readonly views: ConflictViews,
  ) {}

  all(tenant: string): Promise<KindPolicies[]> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const policies = await this.views.policies(tx);
      const granularities = await this.views.granularities(tx);
      return RULED_KINDS.map((kind) => policiesOf(kind, policies, granularities));
    });
  }

  async ofKind(tenant: string, kind: KindName): Promise<KindPolicies> {
    return (await this.all(tenant)).find((one) => one.kind === kind)!;
  }
}

const policiesOf = (
  kind: KindName,
  policies: readonly PolicyView[],
  granularities: readonly GranularityView[],
): KindPolicies => {
  const book = policyBook(policies, {});
  const own = (group: string | undefined): RuleSet | null => {
    const found = policies.find((policy) => policy.kind === kind && policy.group === group);
    return found ? { rule: found.rule, setBy: found.setBy, setAt: found.setAt } : null;
  };
  return {
    kind,
    says: KINDS[kind].says,
    granularity: granularities.find((one) => one.kind === kind)?.granularity ?? 'group',
    own: own(undefined),
    groups: ruledGroups(kind).map((group): GroupPolicy => ({
      group,
      fields: Object.keys(groupFields(kind, group)),
      rule: book.ruleFor(kind, group),
      origin: own(group) ? 'group' : own(undefined) ? 'kind' : 'default',
      own: own(group),
    })),
  };
};
