import { createUnionType, Field, GraphQLISODateTime, ID, ObjectType } from '@nestjs/graphql';
import { Refused } from '../errors/refused.js';

@ObjectType('SupportGrant', { description: 'Leave for somebody of the platform’s support to look into the tenant.' })
export class SupportGrantType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'Who may look: `key:<id>` of a platform-wide support key.' })
  actor!: string;

  @Field(() => String)
  reason!: string;

  @Field(() => String)
  grantedBy!: string;

  @Field(() => GraphQLISODateTime)
  grantedAt!: Date;

  @Field(() => GraphQLISODateTime)
  until!: Date;
}

@ObjectType({ description: 'Each use of it leaves an event in the tenant’s history.' })
export class SupportGranted {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime)
  until!: Date;
}

@ObjectType()
export class SupportEnded {
  @Field(() => ID)
  id!: string;
}

export const EndSupportResult = createUnionType({
  name: 'EndSupportResult',
  types: () => [SupportEnded, Refused] as const,
});
