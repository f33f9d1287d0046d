import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { KindName } from '../../domain/contract/index.js';
import type { KindDefinition, Operation } from '../../domain/provider/index.js';
import { KindEnum, NoticedByEnum, OperationEnum } from '../vocabulary.js';

@ObjectType({ description: 'Something that people would expect and the provider does not offer.' })
export class Impossibility {
  @Field(() => String, { description: 'An operation, or `draft`.' })
  what!: string;

  @Field(() => String)
  why!: string;
}

@ObjectType({ description: 'What can be done with one kind at a provider, and why the rest cannot.' })
export class Capability {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => String, { nullable: true, description: 'Set where the provider has no API for the kind: why.' })
  absent!: string | null;

  @Field(() => [OperationEnum], { description: 'Reading goes without saying, unless `unreadable` is set.' })
  operations!: readonly Operation[];

  @Field(() => [Impossibility])
  impossible!: readonly Impossibility[];

  @Field(() => NoticedByEnum)
  noticedBy!: KindDefinition['noticedBy'];

  @Field(() => [String], { nullable: true, description: 'Document states that it can hold; absent: all.' })
  states!: readonly string[] | null;

  @Field(() => [String], { description: 'Cards that the provider keeps for one record, such as customer and vendor.' })
  cards!: readonly string[];

  @Field(() => [String], { description: 'Contract paths that it has a place for.' })
  carries!: readonly string[];

  @Field(() => [String], { description: 'Fields that it may choose or reshape by itself; that is nobody’s edit.' })
  decides!: readonly string[];

  @Field(() => String, { nullable: true, description: 'Set where what was written cannot be read back: why.' })
  unreadable!: string | null;

  @Field(() => Boolean, { description: 'It refuses a write to a version that is not the newest.' })
  guardsVersions!: boolean;

  @Field(() => String, { description: 'How a write whose answer was lost is looked for.' })
  lookUp!: string;
}

@ObjectType({ description: 'A source of changes that is asked at an interval.' })
export class StreamDeclaration {
  @Field(() => String)
  name!: string;

  @Field(() => [KindEnum])
  kinds!: readonly KindName[];

  @Field(() => Int, { description: 'The usual interval in seconds.' })
  everySeconds!: number;

  @Field(() => String)
  why!: string;
}

@ObjectType({ description: 'An accounting product that Concord speaks with.' })
export class Provider {
  @Field(() => String, { description: 'As in arguments: `quickbooks`.' })
  name!: string;

  @Field(() => String, { description: 'As people call it.' })
  title!: string;

  @Field(() => Boolean, { description: 'The operator has given its credentials, so companies can be connected.' })
  setUp!: boolean;

  @Field(() => Boolean)
  webhooks!: boolean;

  @Field(() => [StreamDeclaration])
  streams!: readonly StreamDeclaration[];

  @Field(() => [Capability], { description: 'One for each of the 18 kinds.' })
  capabilities!: readonly Capability[];
}
