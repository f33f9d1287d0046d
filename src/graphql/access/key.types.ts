import { createUnionType, Field, GraphQLISODateTime, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { ApiKey, Role } from '../../modules/auth/index.js';
import { Refused } from '../errors/refused.js';
import { RoleEnum } from '../vocabulary.js';

export const ApiKeyScope = { tenant: 'tenant', platform: 'platform' } as const;
registerEnumType(ApiKeyScope, {
  name: 'ApiKeyScope',
  description: 'Where a key works.',
  valuesMap: {
    tenant: { description: 'In the tenant of this request.' },
    platform: { description: 'In every tenant, named by the header x-concord-tenant.' },
  },
});

@ObjectType('ApiKey', { description: 'A key as people see it; the key itself is shown once and stored nowhere.' })
export class ApiKeyType {
  @Field(() => ID)
  id!: string;

  @Field(() => ApiKeyScope)
  scope!: keyof typeof ApiKeyScope;

  @Field(() => RoleEnum)
  role!: Role;

  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => String, { description: 'The part by which people tell it from others.' })
  prefix!: string;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => String)
  createdBy!: string;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'To the minute.' })
  lastUsedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  revokedAt!: Date | null;
}

@ObjectType()
export class ApiKeyCreated {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  prefix!: string;

  @Field(() => String, { description: 'The key itself; it is shown this once.' })
  secret!: string;
}

@ObjectType({ description: 'The key ended at once.' })
export class ApiKeyRevoked {
  @Field(() => ID)
  id!: string;
}

export const RevokeApiKeyResult = createUnionType({
  name: 'RevokeApiKeyResult',
  types: () => [ApiKeyRevoked, Refused] as const,
});

@ObjectType('BrowserToken', { description: 'For one person’s browser, in one tenant, for a short time.' })
export class BrowserTokenType {
  @Field(() => String)
  token!: string;

  @Field(() => GraphQLISODateTime)
  expiresAt!: Date;
}

export const apiKeyShown = ({ tenant, lastUsedAt, revokedAt, ...key }: ApiKey): ApiKeyType => ({
  ...key,
  scope: tenant === undefined ? 'platform' : 'tenant',
  lastUsedAt: lastUsedAt ?? null,
  revokedAt: revokedAt ?? null,
});
