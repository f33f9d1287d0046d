import { ArgsType, Field, ID } from '@nestjs/graphql';
import { ArrayMinSize, IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { KIND_NAMES, type KindName } from '../../domain/contract/index.js';
import { IsOwnId, IsText } from '../arguments.js';
import { ContractArgs } from '../contract-args.js';
import { KindEnum } from '../vocabulary.js';

@ArgsType()
export class SubscriptionArgs extends ContractArgs {
  @Field(() => String, { nullable: true, description: 'A sequence after which to begin; left out: from now on.' })
  @IsOptional()
  @IsString()
  @MaxLength(20)
  after?: string;

  @Field(() => ID, { nullable: true, description: 'Only about this company.' })
  @IsOptional()
  @IsOwnId()
  connection?: string;
}

@ArgsType()
export class ConflictRaisedArgs extends SubscriptionArgs {
  @Field(() => [KindEnum], { nullable: true })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(KIND_NAMES, { each: true })
  kinds?: KindName[];
}

@ArgsType()
export class RecordChangedArgs extends ConflictRaisedArgs {
  @Field(() => ID, { nullable: true, description: 'Only the record of the app with this id.' })
  @IsOptional()
  @IsText(1, 200)
  id?: string;
}
