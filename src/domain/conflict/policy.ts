import type { KindName } from '../contract/kind-names.js';
import type { Granularity } from '../comparison/compare.js';

export const RULES = ['app_wins', 'books_wins', 'review'] as const;
export type Rule = (typeof RULES)[number];

/** The field group under which rules about delete, void, archive and merge are set. */
export const EXISTENCE_GROUP = 'existence';

/** One customer's rule for a kind, or for one field group of it. */
export interface Policy {
  readonly kind: KindName;
  /** Absent: for every group that has no rule of its own. */
  readonly group?: string;
  readonly rule: Rule;
}

export interface PolicyBook {
  ruleFor(kind: KindName, group: string): Rule;
  granularityOf(kind: KindName): Granularity;
}

/** The narrowest rule counts; without any, a person decides. */
export const policyBook = (
  policies: readonly Policy[],
  granularities: Readonly<Partial<Record<KindName, Granularity>>>,
): PolicyBook => {
  const rules = new Map(policies.map((policy) => [`${policy.kind}/${policy.group ?? ''}`, policy.rule]));
  return {
    ruleFor: (kind, group) => rules.get(`${kind}/${group}`) ?? rules.get(`${kind}/`) ?? 'review',
    granularityOf: (kind) => granularities[kind] ?? 'group',
  };
};
