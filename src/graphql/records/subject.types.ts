import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { KindName } from '../../domain/contract/index.js';
import { KindEnum } from '../vocabulary.js';

@ObjectType({ description: 'The record that something is about, by all its names.' })
export class Subject {
  @Field(() => ID, { description: 'The pair of the two sides’ records, for unlinkRecords.' })
  twin!: string;

  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => String, { nullable: true, description: 'The app’s id; absent while only the books have it.' })
  appId!: string | null;

  @Field(() => String, { nullable: true, description: 'The books’ id; absent while only the app has it.' })
  booksId!: string | null;

  @Field(() => String, { description: 'As people know it: its name or number, else an id.' })
  name!: string;
}
