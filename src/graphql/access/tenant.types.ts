import { createUnionType, Field, GraphQLISODateTime, ID, ObjectType } from '@nestjs/graphql';
import type { Tenant } from '../../modules/auth/index.js';
import { Refused } from '../errors/refused.js';

@ObjectType('Tenant', { description: 'A customer of the SaaS.' })
export class TenantType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: 'The SaaS’s own id of it.' })
  externalId!: string | null;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;
}

@ObjectType()
export class TenantCreated {
  @Field(() => TenantType)
  tenant!: TenantType;

  @Field(() => Boolean, { description: 'There was a tenant of that external id already; it is left as it is.' })
  known!: boolean;
}

@ObjectType({ description: 'The tenant is gone, with everything that was its.' })
export class TenantDeleted {
  @Field(() => ID)
  id!: string;
}

export const DeleteTenantResult = createUnionType({
  name: 'DeleteTenantResult',
  types: () => [TenantDeleted, Refused] as const,
});

export const tenantShown = ({ id, name, externalId, createdAt }: Tenant): TenantType => ({
  ...{ id, name, createdAt },
  externalId: externalId ?? null,
});
