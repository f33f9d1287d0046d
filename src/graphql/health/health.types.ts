import { Field, GraphQLISODateTime, Int, ObjectType } from '@nestjs/graphql';
import type { ConnectionState } from '../../modules/auth/index.js';
import type { Counted, Lane } from '../../modules/sync/index.js';
import { ConnectionStateEnum, CountedEnum, LaneEnum } from '../vocabulary.js';

@ObjectType()
export class LaneFigure {
  @Field(() => LaneEnum)
  lane!: Lane;

  @Field(() => Int, { description: 'Records that may be walked now.' })
  due!: number;
}

@ObjectType()
export class StateFigure {
  @Field(() => ConnectionStateEnum)
  state!: ConnectionState;

  @Field(() => Int)
  connections!: number;
}

@ObjectType({ description: 'How webhook deliveries of one provider came in.' })
export class DeliveryFigure {
  @Field(() => String)
  provider!: string;

  @Field(() => CountedEnum)
  what!: Counted;

  @Field(() => Int)
  count!: number;

  @Field(() => GraphQLISODateTime)
  lastAt!: Date;
}

@ObjectType({ description: 'What belongs to no tenant; for the platform’s own people.' })
export class PlatformHealth {
  @Field(() => Int, { description: 'Places of all workers that gave a sign of life lately; 0: nobody works.' })
  workerPlaces!: number;

  @Field(() => Int, { description: 'Webhook deliveries that are stored and not read yet.' })
  waitingDeliveries!: number;

  @Field(() => GraphQLISODateTime, { nullable: true })
  oldestDeliveryAt!: Date | null;

  @Field(() => [DeliveryFigure], { description: 'Since the beginning, by provider.' })
  deliveries!: readonly DeliveryFigure[];
}

@ObjectType({ description: 'How busy the engine is, for the tenant of this request or else across all of them.' })
export class Health {
  @Field(() => GraphQLISODateTime, { description: 'The database’s time; it answered.' })
  at!: Date;

  @Field(() => [LaneFigure])
  due!: readonly LaneFigure[];

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Since when the oldest of them may be walked.' })
  oldestDueAt!: Date | null;

  @Field(() => Int, { description: 'Records that wait for a time of their own: a limit, an outage, a back-off.' })
  later!: number;

  @Field(() => Int)
  openWalks!: number;

  @Field(() => Int, { description: 'For how many seconds the oldest opened walk waits for a worker: the queue’s lag.' })
  queueLagSeconds!: number;

  @Field(() => Int, { description: 'Events that are committed and not numbered yet.' })
  unnumberedEvents!: number;

  @Field(() => [StateFigure])
  connections!: readonly StateFigure[];

  @Field(() => PlatformHealth, { nullable: true, description: 'For platform-wide keys that name no tenant.' })
  platform!: PlatformHealth | null;
}
