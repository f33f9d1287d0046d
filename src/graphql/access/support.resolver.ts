import { Args, ArgsType, Context, Field, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { IsInt, Matches, Max, Min } from 'class-validator';
import { LONGEST_SUPPORT_SECONDS, SupportAccess } from '../../modules/auth/index.js';
import { answer } from '../answer.js';
import { idOrNil, IsText } from '../arguments.js';
import { ApiError } from '../errors/api-error.js';
import { notFound, type Refused } from '../errors/refused.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { EndSupportResult, SupportEnded, SupportGranted, SupportGrantType } from './support.types.js';

@ArgsType()
export class GrantSupportArgs {
  @Field(() => String, { description: 'Who may look: `key:<id>` of a platform-wide support key.' })
  @IsText(1, 200)
  @Matches(/^key:[0-9a-f-]{36}$/, { message: '$property must be key:<id of an API key>' })
  actor!: string;

  @Field(() => String, { description: 'Why, in words; it stands in the tenant’s history.' })
  @IsText(1, 500)
  reason!: string;

  @Field(() => Int, { description: 'For how long, up to eight hours.' })
  @IsInt()
  @Min(1)
  @Max(LONGEST_SUPPORT_SECONDS)
  seconds!: number;
}

@Resolver()
@ChecksArguments()
export class SupportResolver {
  constructor(private readonly support: SupportAccess) {}

  @Query(() => [SupportGrantType], {
    description: 'Who of the platform’s support may look, or could; the newest first.',
  })
  supportGrants(@Context() { tenant }: RequestContext): Promise<SupportGrantType[]> {
    return this.support.list(tenant);
  }

  @Mutation(() => SupportGranted, { description: 'Lets somebody of the platform’s support look into the tenant.' })
  async grantSupport(
    @Context() { principal, tenant }: RequestContext,
    @Args() args: GrantSupportArgs,
  ): Promise<SupportGranted> {
    const granted = await this.support.grant(principal, { tenant, ...args });
    if (granted.outcome === 'granted') return granted;
    // The guard has seen to the tenant, and the arguments were checked.
    throw new ApiError('UNKNOWN_TENANT');
  }

  @Mutation(() => EndSupportResult, { description: 'Ends such leave before its time.' })
  async endSupport(
    @Context() { principal, tenant }: RequestContext,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<SupportEnded | Refused> {
    const ended = await this.support.end(principal, tenant, idOrNil(id));
    return ended ? answer(SupportEnded, { id: idOrNil(id) }) : notFound();
  }
}
