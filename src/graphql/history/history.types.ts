import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { Rule } from '../../domain/conflict/index.js';
import type { Content, KindName } from '../../domain/contract/index.js';
import type { EventType, EventView } from '../../modules/history/index.js';
import { CauseType } from '../cause.types.js';
import { JsonScalar } from '../json.scalar.js';
import { pageType } from '../paging.js';
import type { RecordKey } from '../records/record.inputs.js';
import { EventTypeEnum, KindEnum, RuleEnum } from '../vocabulary.js';

@ObjectType({ description: 'A policy by which a clash of a field group was decided.' })
export class AppliedPolicy {
  @Field(() => String)
  group!: string;

  @Field(() => RuleEnum)
  rule!: Rule;
}

@ObjectType({ description: 'A request to a provider that carried writes.' })
export class ProviderCall {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'What it was, without ids: `update Invoice`.' })
  label!: string;

  @Field(() => String, { description: 'in_flight, answered or unanswered.' })
  state!: 'in_flight' | 'answered' | 'unanswered';

  @Field(() => Int, { description: 'How often it was sent, always with the same bytes.' })
  attempts!: number;

  @Field(() => GraphQLISODateTime)
  sentAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  answeredAt!: Date | null;

  @Field(() => Int, { nullable: true, description: 'The HTTP status of the answer.' })
  status!: number | null;

  @Field(() => String, { nullable: true, description: 'The provider’s own id of the request, for its support.' })
  requestId!: string | null;

  @Field(() => Int, { nullable: true })
  ms!: number | null;
}

@ObjectType('HistoryEvent', { description: 'One entry of the append-only history.' })
export class HistoryEventType {
  @Field(() => ID)
  id!: string;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => EventTypeEnum)
  type!: EventType;

  @Field(() => CauseType, { description: 'Who or what caused it.' })
  cause!: CauseType;

  @Field(() => String, {
    nullable: true,
    description: 'Its number in the tenant’s chain; absent for a moment after it happened.',
  })
  sequence!: string | null;

  @Field(() => String, { nullable: true, description: 'SHA-256 of the previous entry’s hash and this entry.' })
  hash!: string | null;

  @Field(() => KindEnum, { nullable: true })
  kind!: KindName | null;

  @Field(() => String, { nullable: true })
  appId!: string | null;

  @Field(() => String, { nullable: true })
  booksId!: string | null;

  @Field(() => String, { nullable: true, description: 'The document’s number.' })
  number!: string | null;

  @Field(() => [String], { description: 'The field groups that it is about.' })
  groups!: readonly string[];

  @Field(() => JsonScalar, { nullable: true, description: 'What those groups said before.' })
  before!: Content | null;

  @Field(() => JsonScalar, { nullable: true, description: 'What they say since.' })
  after!: Content | null;

  @Field(() => [AppliedPolicy], { description: 'The policies that it carried out.' })
  policies!: readonly AppliedPolicy[];

  @Field(() => JsonScalar, { description: 'Whatever else explains it: an operation, a reason, holds, a failure.' })
  detail!: Readonly<Record<string, unknown>>;

  /** For the fields that are looked up. */
  readonly view!: EventView;
  readonly contract!: number;
}

@ObjectType()
export class HistoryPage extends pageType<HistoryEventType>('History', () => HistoryEventType) {
  /** For the field that is looked up. */
  readonly about!: readonly RecordKey[];
  readonly contract!: number;
}
