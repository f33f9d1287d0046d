import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { Content, Existence, KindName } from '../../domain/contract/index.js';
import type { ChainedEvent, EventType } from '../../modules/history/index.js';
import { CauseType } from '../cause.types.js';
import { JsonScalar } from '../json.scalar.js';
import { pageType } from '../paging.js';
import { EventTypeEnum, ExistenceEnum, KindEnum } from '../vocabulary.js';

@ObjectType({ description: 'One entry of the feed by which the SaaS keeps its own records up to date.' })
export class Change {
  @Field(() => String, {
    description: 'Counts up without gaps over all events of the tenant; the feed shows some of them.',
  })
  sequence!: string;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => EventTypeEnum)
  type!: EventType;

  @Field(() => CauseType)
  cause!: CauseType;

  @Field(() => KindEnum, { nullable: true })
  kind!: KindName | null;

  @Field(() => ID, { nullable: true, description: 'The app’s id of the record.' })
  id!: string | null;

  @Field(() => ID, { nullable: true, description: 'The books’ id of the record.' })
  booksId!: string | null;

  @Field(() => Int, { nullable: true, description: 'With app_written: the record’s version since, for `basedOn`.' })
  version!: number | null;

  @Field(() => ExistenceEnum, { nullable: true, description: 'With app_written: how the record exists since.' })
  existence!: Existence | null;

  @Field(() => JsonScalar, { nullable: true, description: 'With app_written: the whole record as it is since.' })
  content!: Content | null;

  @Field(() => JsonScalar, { nullable: true, description: 'With app_facts: what the books computed or chose.' })
  facts!: Content | null;

  @Field(() => [String], { description: 'The field groups that it is about.' })
  groups!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description: 'In words, where there is something to say: a problem, a reason.',
  })
  says!: string | null;

  /** For the fields that are looked up. */
  readonly event!: ChainedEvent;
  readonly contract!: number;
}

@ObjectType()
export class ChangePage extends pageType<Change>('Change', () => Change) {}
