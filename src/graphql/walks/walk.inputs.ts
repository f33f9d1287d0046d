import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { KIND_NAMES, type KindName } from '../../domain/contract/index.js';
import { IsOwnId } from '../arguments.js';
import { PageArgs } from '../paging.js';
import { AppRecordKey } from '../records/record.inputs.js';
import { KindEnum } from '../vocabulary.js';

@InputType()
export class WalkFilterInput {
  @Field(() => Boolean, { nullable: true })
  @IsOptional()
  @IsBoolean()
  open?: boolean;

  @Field(() => ID, { nullable: true })
  @IsOptional()
  @IsOwnId()
  connection?: string;

  @Field(() => KindEnum, { nullable: true })
  @IsOptional()
  @IsIn(KIND_NAMES)
  kind?: KindName;

  @Field(() => AppRecordKey, { nullable: true, description: 'Walks over this record of the app.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => AppRecordKey)
  record?: AppRecordKey;
}

@ArgsType()
export class WalksArgs extends PageArgs {
  @Field(() => WalkFilterInput, { nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => WalkFilterInput)
  filter?: WalkFilterInput;
}
