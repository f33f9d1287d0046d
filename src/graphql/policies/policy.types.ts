import { createUnionType, Field, GraphQLISODateTime, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Granularity } from '../../domain/comparison/index.js';
import type { Rule } from '../../domain/conflict/index.js';
import type { KindName } from '../../domain/contract/index.js';
import { Refused } from '../errors/refused.js';
import { GranularityEnum, KindEnum, RuleEnum } from '../vocabulary.js';

export const PolicyOriginEnum = { group: 'group', kind: 'kind', default: 'default' } as const;
registerEnumType(PolicyOriginEnum, {
  name: 'PolicyOrigin',
  description: 'Which rule counts; the narrowest one does.',
  valuesMap: {
    group: { description: 'One set for the field group.' },
    kind: { description: 'One set for the whole kind.' },
    default: { description: 'None is set: a person decides.' },
  },
});

@ObjectType({ description: 'A rule that somebody has set.' })
export class RuleSet {
  @Field(() => RuleEnum)
  rule!: Rule;

  @Field(() => String)
  setBy!: string;

  @Field(() => GraphQLISODateTime)
  setAt!: Date;
}

@ObjectType({ description: 'What counts when both sides changed this field group.' })
export class GroupPolicy {
  @Field(() => String)
  group!: string;

  @Field(() => [String], { description: 'The fields that move together; none for `existence`.' })
  fields!: readonly string[];

  @Field(() => RuleEnum, { description: 'The rule that counts.' })
  rule!: Rule;

  @Field(() => PolicyOriginEnum)
  origin!: keyof typeof PolicyOriginEnum;

  @Field(() => RuleSet, { nullable: true, description: 'The group’s own rule.' })
  own!: RuleSet | null;
}

@ObjectType({ description: 'The customer’s rules for one kind.' })
export class KindPolicies {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => String, { description: 'What the kind is, in one sentence.' })
  says!: string;

  @Field(() => GranularityEnum)
  granularity!: Granularity;

  @Field(() => RuleSet, { nullable: true, description: 'The rule for every group that has none of its own.' })
  own!: RuleSet | null;

  @Field(() => [GroupPolicy], { description: 'Its field groups, and `existence` for delete, void, archive and merge.' })
  groups!: readonly GroupPolicy[];
}

@ObjectType()
export class PolicyChanged {
  @Field(() => KindPolicies)
  policies!: KindPolicies;

  @Field(() => Int, { description: 'Open conflicts that may be settled by it; they are walked again at once.' })
  walkedAgain!: number;
}

export const PolicyResult = createUnionType({ name: 'PolicyResult', types: () => [PolicyChanged, Refused] as const });
