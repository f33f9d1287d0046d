import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { KindName } from '../../domain/contract/index.js';
import type { ConnectionState } from '../../modules/auth/index.js';
import { JsonScalar } from '../json.scalar.js';
import { pageType } from '../paging.js';
import { ConnectionStateEnum, KindEnum } from '../vocabulary.js';

@ObjectType('Connection', { description: 'One authorised company of one provider.' })
export class ConnectionType {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'The provider’s name, such as `quickbooks`.' })
  provider!: string;

  @Field(() => String, { description: 'As people call it.' })
  providerTitle!: string;

  @Field(() => String, { description: 'The provider’s id of the company.' })
  company!: string;

  @Field(() => String, { nullable: true })
  companyName!: string | null;

  @Field(() => ConnectionStateEnum)
  state!: ConnectionState;

  @Field(() => String, { nullable: true, description: 'Why it is in that state, in words.' })
  stateReason!: string | null;

  @Field(() => String, { description: 'Documents dated before are read and not written. `YYYY-MM-DD`.' })
  goLive!: string;

  @Field(() => [KindEnum], { description: 'Reference kinds that may be created in the books; all others are linked.' })
  creates!: readonly KindName[];

  @Field(() => String, { nullable: true })
  baseCurrency!: string | null;

  @Field(() => JsonScalar, { description: 'What the company can do, as its own record last said.' })
  features!: Readonly<Record<string, string>>;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'No calls before this time: a limit or an outage.' })
  pausedUntil!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  connectedAt!: Date | null;

  @Field(() => String, { nullable: true })
  connectedBy!: string | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When the company and its reference records had been read for the first time.',
  })
  firstLookAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  disconnectedAt!: Date | null;
}

@ObjectType({ description: 'A source of changes of one connection, and when it was last looked at.' })
export class ConnectionStream {
  @Field(() => String)
  name!: string;

  @Field(() => [KindEnum])
  kinds!: readonly KindName[];

  @Field(() => Int)
  everySeconds!: number;

  @Field(() => String, { description: 'Why it is read at that interval.' })
  why!: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  lookedAt!: Date | null;

  @Field(() => GraphQLISODateTime)
  dueAt!: Date;

  @Field(() => Int, { description: 'How many changes the last look found.' })
  found!: number;

  @Field(() => String, { nullable: true, description: 'Why the last look failed, if it did.' })
  failure!: string | null;
}

@ObjectType({ description: 'What there is to do about a connection.' })
export class ConnectionCounts {
  @Field(() => Int, { description: 'Records that are still to be compared.' })
  pending!: number;

  @Field(() => Int, { description: 'Open conflicts.' })
  conflicts!: number;

  @Field(() => Int, { description: 'Open problems.' })
  problems!: number;
}

@ObjectType()
export class ConnectionPage extends pageType<ConnectionType>('Connection', () => ConnectionType) {}
