import { Args, ArgsType, Context, Field, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import {
  ApiKeys,
  BROWSER_ROLES,
  type BrowserRole,
  BrowserTokens,
  LONGEST_BROWSER_TOKEN_SECONDS,
  type Role,
  ROLES,
} from '../../modules/auth/index.js';
import { answer } from '../answer.js';
import { idOrNil, IsText } from '../arguments.js';
import { ApiError } from '../errors/api-error.js';
import { notFound, type Refused } from '../errors/refused.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { BrowserRoleEnum, RoleEnum } from '../vocabulary.js';
import {
  ApiKeyCreated,
  ApiKeyRevoked,
  ApiKeyScope,
  apiKeyShown,
  ApiKeyType,
  BrowserTokenType,
  RevokeApiKeyResult,
} from './key.types.js';

@ArgsType()
export class CreateApiKeyArgs {
  @Field(() => ApiKeyScope)
  @IsIn(Object.keys(ApiKeyScope))
  scope!: keyof typeof ApiKeyScope;

  @Field(() => RoleEnum)
  @IsIn(ROLES)
  role!: Role;

  @Field(() => String, { description: 'What it is for, in words.' })
  @IsText(1, 200)
  name!: string;
}

@ArgsType()
export class CreateBrowserTokenArgs {
  @Field(() => String, { description: 'The person as the SaaS knows them; the history names them so.' })
  @IsText(1, 200)
  @Matches(/^\S.*$/u, { message: '$property must not begin with white space' })
  actor!: string;

  @Field(() => BrowserRoleEnum)
  @IsIn(BROWSER_ROLES)
  role!: BrowserRole;

  @Field(() => Int, { defaultValue: LONGEST_BROWSER_TOKEN_SECONDS, description: 'For how long it is good, 1 to 900.' })
  @IsInt()
  @Min(1)
  @Max(LONGEST_BROWSER_TOKEN_SECONDS)
  seconds: number = LONGEST_BROWSER_TOKEN_SECONDS;
}

@Resolver()
@ChecksArguments()
export class KeysResolver {
  constructor(
    private readonly keys: ApiKeys,
    private readonly browserTokens: BrowserTokens,
  ) {}

  @Query(() => [ApiKeyType], {
    description:
      'The tenant’s keys, or without a tenant those of the platform; the newest 500 first, ended ones included.',
  })
  async apiKeys(@Context() { tenantIfNamed }: RequestContext): Promise<ApiKeyType[]> {
    return (await this.keys.list(tenantIfNamed)).map(apiKeyShown);
  }

  @Mutation(() => ApiKeyCreated)
  async createApiKey(
    @Context() request: RequestContext,
    @Args() { scope, role, name }: CreateApiKeyArgs,
  ): Promise<ApiKeyCreated> {
    if (scope === 'tenant' && request.tenantIfNamed === undefined) throw new ApiError('TENANT_REQUIRED');
    const tenant = scope === 'tenant' ? request.tenant : undefined;
    const created = await this.keys.create(request.principal, { tenant, role, name });
    if (created.outcome === 'created') return created;
    throw new ApiError(created.why === 'forbidden' ? 'FORBIDDEN' : 'UNKNOWN_TENANT');
  }

  @Mutation(() => RevokeApiKeyResult, { description: 'Ends a key at once.' })
  async revokeApiKey(
    @Context() request: RequestContext,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<ApiKeyRevoked | Refused> {
    const revoked = await this.keys.revoke(request.principalWithin, idOrNil(id));
    return revoked ? answer(ApiKeyRevoked, { id: idOrNil(id) }) : notFound();
  }

  @Mutation(() => BrowserTokenType, { description: 'Lets one person’s browser in for a short time.' })
  createBrowserToken(
    @Context() { tenant }: RequestContext,
    @Args() args: CreateBrowserTokenArgs,
  ): Promise<BrowserTokenType> {
    return this.browserTokens.create({ tenant, ...args });
  }
}
