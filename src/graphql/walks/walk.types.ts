import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { KindName } from '../../domain/contract/index.js';
import type { Operation } from '../../domain/provider/index.js';
import type { IntentState, Lane, Step, WalkItemView, WalkView } from '../../modules/sync/index.js';
import { ProviderCall } from '../history/history.types.js';
import { pageType } from '../paging.js';
import { IntentStateEnum, KindEnum, LaneEnum, OperationEnum, StepEnum } from '../vocabulary.js';

@ObjectType({ description: 'A request to a provider within a step.' })
export class ProviderRequest {
  @Field(() => String, { description: 'What it was, without ids.' })
  label!: string;

  @Field(() => Int, { nullable: true, description: 'The HTTP status; absent where no answer came.' })
  status!: number | null;

  @Field(() => String, { nullable: true, description: 'The provider’s own id of the request, for its support.' })
  requestId!: string | null;

  @Field(() => Int)
  ms!: number;
}

@ObjectType()
export class WalkStep {
  @Field(() => StepEnum)
  step!: Step;

  @Field(() => Int, { description: 'How often it was begun.' })
  attempts!: number;

  @Field(() => Boolean)
  done!: boolean;

  @Field(() => GraphQLISODateTime)
  startedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => [ProviderRequest], {
    description: 'What was asked of the provider; writes are told once more with the record that they were for.',
  })
  requests!: readonly ProviderRequest[];
}

@ObjectType({ description: 'A write to the books, with the requests that carried it.' })
export class WalkWrite {
  @Field(() => OperationEnum)
  operation!: Operation;

  @Field(() => IntentStateEnum)
  state!: IntentState;

  @Field(() => String, { nullable: true, description: 'Where it was refused: why, in the provider’s words.' })
  failure!: string | null;

  @Field(() => [ProviderCall])
  calls!: readonly ProviderCall[];
}

@ObjectType('WalkItem', { description: 'What one walk did with one record.' })
export class WalkItemType {
  @Field(() => String, { description: 'In words: what was found, what was done, how it ended.' })
  says!: string;

  @Field(() => String, { nullable: true, description: '`settled` or `released`; absent while it is walked.' })
  outcome!: 'settled' | 'released' | null;

  @Field(() => [WalkWrite])
  writes!: readonly WalkWrite[];

  /** For the fields that are looked up. */
  readonly view!: WalkItemView;
}

@ObjectType('Walk', { description: 'One pass of observe, plan, apply, settle over records of one company and kind.' })
export class WalkType {
  @Field(() => ID)
  id!: string;

  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => LaneEnum)
  lane!: Lane;

  @Field(() => Boolean)
  open!: boolean;

  @Field(() => Int, { description: 'How many records it is over.' })
  size!: number;

  @Field(() => GraphQLISODateTime)
  startedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  endedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: '`done`, or `dropped`: its worker died, and its records were walked again.',
  })
  ending!: 'done' | 'dropped' | null;

  /** For the fields that are looked up. */
  readonly view!: WalkView;
}

@ObjectType()
export class WalkPage extends pageType<WalkType>('Walk', () => WalkType) {}

export const walkShown = (view: WalkView): WalkType => {
  const { id, kind, lane, open, items, startedAt, endedAt, ending } = view;
  return { id, kind, lane, open, size: items, startedAt, endedAt: endedAt ?? null, ending: ending ?? null, view };
};
