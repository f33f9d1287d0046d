import { ArgsType, Field, GraphQLISODateTime, ID, InputType, Int, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { type Existence, EXISTENCES, KIND_NAMES, type KindName } from '../../domain/contract/index.js';
import type { PushedRecord } from '../../modules/sync/index.js';
import { IsOwnId, IsText } from '../arguments.js';
import { ContentPageArgs, ContractArgs } from '../contract-args.js';
import { IsJson, Json, JsonScalar } from '../json.scalar.js';
import { ExistenceEnum, KindEnum } from '../vocabulary.js';

/** Records of one push. */
export const PUSH_MOST = 500;

@InputType({ description: 'Names a record: by the app’s id, or by a connection and the books’ id.' })
export class RecordKey {
  @Field(() => KindEnum)
  @IsIn(KIND_NAMES)
  kind!: KindName;

  @Field(() => ID, { nullable: true, description: 'The app’s id.' })
  @IsOptional()
  @IsText(1, 200)
  id?: string;

  @Field(() => ID, { nullable: true })
  @IsOptional()
  @IsOwnId()
  connection?: string;

  @Field(() => ID, { nullable: true, description: 'The books’ id, together with a connection.' })
  @IsOptional()
  @IsText(1, 200)
  booksId?: string;
}

export const RecordOrderEnum = { id: 'id', changed: 'changed' } as const;
registerEnumType(RecordOrderEnum, {
  name: 'RecordOrder',
  valuesMap: {
    id: { description: 'By kind and id: the same order for ever.' },
    changed: { description: 'The last one to change first; a record that changes moves to the front.' },
  },
});

@InputType()
export class RecordFilterInput {
  @Field(() => KindEnum, { nullable: true })
  @IsOptional()
  @IsIn(KIND_NAMES)
  kind?: KindName;

  @Field(() => ExistenceEnum, { nullable: true })
  @IsOptional()
  @IsIn(EXISTENCES)
  existence?: Existence;

  @Field(() => String, { nullable: true, description: 'The document’s number.' })
  @IsOptional()
  @IsText(1, 200)
  number?: string;

  @Field(() => String, {
    nullable: true,
    description: 'The name that people know it by, caseless. Give a kind with it.',
  })
  @IsOptional()
  @IsText(1, 500)
  name?: string;

  @Field(() => GraphQLISODateTime, { nullable: true })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  changedAfter?: Date;
}

@ArgsType()
export class RecordsArgs extends ContentPageArgs {
  @Field(() => RecordFilterInput, { nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => RecordFilterInput)
  filter?: RecordFilterInput;

  @Field(() => RecordOrderEnum, { defaultValue: 'id' })
  @IsIn(Object.keys(RecordOrderEnum))
  order: keyof typeof RecordOrderEnum = 'id';
}

@ArgsType()
export class BooksRecordsArgs extends ContentPageArgs {
  @Field(() => KindEnum)
  @IsIn(KIND_NAMES)
  kind!: KindName;

  @Field(() => ExistenceEnum, { nullable: true })
  @IsOptional()
  @IsIn(EXISTENCES)
  existence?: Existence;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is linked with a record of the app.' })
  @IsOptional()
  @IsBoolean()
  linked?: boolean;

  @Field(() => String, { nullable: true, description: 'Part of its name, number or code, caseless.' })
  @IsOptional()
  @IsText(1, 200)
  search?: string;
}

const PUSHED_EXISTENCES = ['present', 'archived', 'voided'] as const satisfies readonly Existence[];

@InputType('RecordInput', { description: 'A record as the SaaS has it.' })
export class RecordInput implements Omit<PushedRecord, 'content'> {
  @Field(() => KindEnum)
  @IsIn(KIND_NAMES)
  kind!: KindName;

  @Field(() => ID, { description: 'The SaaS’s own id.' })
  @IsText(1, 200)
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the SaaS had before its edit; left out for a record that it creates.',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  basedOn?: number;

  @Field(() => JsonScalar, { description: 'Fields left out stay as they are; null clears a field.' })
  @IsJson()
  content!: Json;

  @Field(() => ExistenceEnum, { nullable: true, description: 'present, archived or voided; deleting is deleteRecord.' })
  @IsOptional()
  @IsIn(PUSHED_EXISTENCES)
  existence?: (typeof PUSHED_EXISTENCES)[number];
}

@ArgsType()
export class UpsertRecordsArgs extends ContractArgs {
  @Field(() => String, {
    description: 'The caller’s own key: the same key again is the same push, and is not carried out twice.',
  })
  @IsText(1, 200)
  key!: string;

  @Field(() => [RecordInput], { description: `1 to ${PUSH_MOST} records; one bad record does not refuse the others.` })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(PUSH_MOST)
  @ValidateNested({ each: true })
  @Type(() => RecordInput)
  records!: RecordInput[];
}

@InputType()
export class AppRecordKey {
  @Field(() => KindEnum)
  @IsIn(KIND_NAMES)
  kind!: KindName;

  @Field(() => ID, { description: 'The app’s id.' })
  @IsText(1, 200)
  id!: string;
}

@ArgsType()
export class SyncNowArgs {
  @Field(() => ID, { nullable: true, description: 'Asks for the changes of a whole connection.' })
  @IsOptional()
  @IsOwnId()
  connection?: string;

  @Field(() => AppRecordKey, { nullable: true, description: 'Looks at one record of the app on both sides.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => AppRecordKey)
  record?: AppRecordKey;
}

@ArgsType()
export class LinkRecordsArgs {
  @Field(() => ID)
  @IsOwnId()
  connection!: string;

  @Field(() => KindEnum)
  @IsIn(KIND_NAMES)
  kind!: KindName;

  @Field(() => ID)
  @IsText(1, 200)
  appId!: string;

  @Field(() => ID)
  @IsText(1, 200)
  booksId!: string;
}

@ArgsType()
export class RecordArgs extends ContractArgs {
  @Field(() => RecordKey)
  @ValidateNested()
  @Type(() => RecordKey)
  key!: RecordKey;
}

@ArgsType()
export class DeleteRecordArgs {
  @Field(() => KindEnum)
  @IsIn(KIND_NAMES)
  kind!: KindName;

  @Field(() => ID, { description: 'The SaaS’s own id.' })
  @IsText(1, 200)
  id!: string;
}
