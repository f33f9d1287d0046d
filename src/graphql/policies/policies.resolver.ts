import { Args, ArgsType, Context, Field, Mutation, Query, Resolver } from '@nestjs/graphql';
import { IsIn, IsOptional } from 'class-validator';
import type { Granularity } from '../../domain/comparison/index.js';
import { type Rule, RULES } from '../../domain/conflict/index.js';
import { type Issue, type KindName } from '../../domain/contract/index.js';
import { PolicyChanges } from '../../modules/sync/index.js';
import { answer } from '../answer.js';
import { IsText } from '../arguments.js';
import { invalid, notFound, type Refused } from '../errors/refused.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { GranularityEnum, KindEnum, RuleEnum } from '../vocabulary.js';
import { PolicyQueries, RULED_KINDS, ruledGroups } from './policy-queries.js';
import { KindPolicies, PolicyChanged, PolicyResult } from './policy.types.js';

const MESSAGE = { message: '$property must be a kind that both sides can edit' };

@ArgsType()
export class ClearPolicyArgs {
  @Field(() => KindEnum)
  @IsIn(RULED_KINDS, MESSAGE)
  kind!: KindName;

  @Field(() => String, { nullable: true, description: 'Left out: the rule of the whole kind.' })
  @IsOptional()
  @IsText(1, 50)
  group?: string;
}

@ArgsType()
export class SetPolicyArgs extends ClearPolicyArgs {
  @Field(() => RuleEnum)
  @IsIn(RULES)
  rule!: Rule;
}

@ArgsType()
export class SetGranularityArgs {
  @Field(() => KindEnum)
  @IsIn(RULED_KINDS, MESSAGE)
  kind!: KindName;

  @Field(() => GranularityEnum)
  @IsIn(Object.keys(GranularityEnum))
  granularity!: Granularity;
}

@Resolver()
@ChecksArguments()
export class PoliciesResolver {
  constructor(
    private readonly queries: PolicyQueries,
    private readonly changes: PolicyChanges,
  ) {}

  @Query(() => [KindPolicies], {
    description: 'Who decides when both sides changed the same: every kind and group, set or not.',
  })
  policies(@Context() { tenant }: RequestContext): Promise<KindPolicies[]> {
    return this.queries.all(tenant);
  }

  @Mutation(() => PolicyResult, { description: 'Sets a rule; open conflicts that it can settle are walked again.' })
  async setPolicy(
    @Context() { tenant, actor }: RequestContext,
    @Args() { kind, group, rule }: SetPolicyArgs,
  ): Promise<PolicyChanged | Refused> {
    const issues = unknownGroup(kind, group);
    if (issues.length > 0) return invalid(issues);
    const policy = { kind, rule, ...(group !== undefined && { group }) };
    const walkedAgain = await this.changes.setPolicy(tenant, actor, policy);
    return answer(PolicyChanged, { policies: await this.queries.ofKind(tenant, kind), walkedAgain });
  }

  @Mutation(() => PolicyResult, { description: 'Takes a rule back; the next wider one counts again.' })
  async clearPolicy(
    @Context() { tenant, actor }: RequestContext,
    @Args() { kind, group }: ClearPolicyArgs,
  ): Promise<PolicyChanged | Refused> {
    if (!(await this.changes.clearPolicy(tenant, actor, kind, group))) return notFound();
    return answer(PolicyChanged, { policies: await this.queries.ofKind(tenant, kind), walkedAgain: 0 });
  }

  @Mutation(() => PolicyResult, { description: 'What counts as the same change.' })
  async setGranularity(
    @Context() { tenant, actor }: RequestContext,
    @Args() { kind, granularity }: SetGranularityArgs,
  ): Promise<PolicyChanged | Refused> {
    const walkedAgain = await this.changes.setGranularity(tenant, actor, kind, granularity);
    return answer(PolicyChanged, { policies: await this.queries.ofKind(tenant, kind), walkedAgain });
  }
}

const unknownGroup = (kind: KindName, group: string | undefined): Issue[] =>
  group === undefined || ruledGroups(kind).includes(group)
    ? []
    : [{ path: 'group', rule: 'group_of_kind', message: `is one of ${ruledGroups(kind).join(', ')}` }];
