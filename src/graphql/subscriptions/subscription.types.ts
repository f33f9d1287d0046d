import { Field, ObjectType } from '@nestjs/graphql';
import { ConflictType } from '../conflicts/conflict.types.js';
import { ConnectionType } from '../connections/connection.types.js';
import { HistoryEventType } from '../history/history.types.js';
import { RecordType } from '../records/record.types.js';

const SEQUENCE = 'Give the last one as `after` when you come back, and you have missed nothing.';

@ObjectType()
export class ConflictRaised {
  @Field(() => String, { description: SEQUENCE })
  sequence!: string;

  @Field(() => Boolean, { description: 'It was open already, and is about something else now.' })
  updated!: boolean;

  @Field(() => ConflictType)
  conflict!: ConflictType;
}

@ObjectType()
export class RecordChanged {
  @Field(() => String, { description: SEQUENCE })
  sequence!: string;

  @Field(() => HistoryEventType)
  event!: HistoryEventType;

  @Field(() => RecordType, { nullable: true, description: 'As it is known now.' })
  record!: RecordType | null;
}

@ObjectType()
export class ConnectionChanged {
  @Field(() => String, { description: SEQUENCE })
  sequence!: string;

  @Field(() => HistoryEventType)
  event!: HistoryEventType;

  @Field(() => ConnectionType)
  connection!: ConnectionType;
}
