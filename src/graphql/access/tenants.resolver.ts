import { Args, ArgsType, Context, Field, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import { Tenants } from '../../modules/auth/index.js';
import { answer } from '../answer.js';
import { idOrNil, IsText } from '../arguments.js';
import { ApiError } from '../errors/api-error.js';
import { notFound, type Refused } from '../errors/refused.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { DeleteTenantResult, TenantCreated, TenantDeleted, tenantShown, TenantType } from './tenant.types.js';

@ArgsType()
export class CreateTenantArgs {
  @Field(() => String)
  @IsText(1, 200)
  name!: string;

  @Field(() => String, { nullable: true, description: 'The SaaS’s own id of it; with it the call may be repeated.' })
  @IsOptional()
  @IsText(1, 200)
  externalId?: string;
}

@Resolver()
@ChecksArguments()
export class TenantsResolver {
  constructor(private readonly tenants: Tenants) {}

  @Query(() => TenantType, { description: 'The tenant of this request.' })
  async tenant(@Context() { tenant }: RequestContext): Promise<TenantType> {
    const found = await this.tenants.get(tenant);
    if (!found) throw new ApiError('UNKNOWN_TENANT');
    return tenantShown(found);
  }

  @Mutation(() => TenantCreated, { description: 'Makes a tenant; for the platform’s own administrators.' })
  async createTenant(@Context() { principal }: RequestContext, @Args() args: CreateTenantArgs): Promise<TenantCreated> {
    const created = await this.tenants.create(principal, args);
    if (created.outcome !== 'refused')
      return { tenant: tenantShown(created.tenant), known: created.outcome === 'known' };
    throw new ApiError(created.why === 'forbidden' ? 'FORBIDDEN' : 'TENANT_DELETED');
  }

  @Mutation(() => DeleteTenantResult, {
    description:
      'Deletes a tenant for good, for the platform’s own administrators: connections are ended and revoked, records, ' +
      'tokens and keys removed. What stays is its id, and the hashes of its history.',
  })
  async deleteTenant(
    @Context() { principal }: RequestContext,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<TenantDeleted | Refused> {
    const deleted = await this.tenants.delete(principal, idOrNil(id));
    if (deleted.outcome === 'deleted') return answer(TenantDeleted, { id: idOrNil(id) });
    if (deleted.why === 'forbidden') throw new ApiError('FORBIDDEN');
    return notFound();
  }
}
