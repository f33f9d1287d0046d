import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { CONFLICT_REASONS, type ConflictReason } from '../../domain/conflict/index.js';
import { KIND_NAMES, type KindName } from '../../domain/contract/index.js';
import { VERBS, type Verb } from '../../modules/sync/index.js';
import { IsOwnId, IsText } from '../arguments.js';
import { ContentPageArgs, ContractArgs } from '../contract-args.js';
import { IsJson, Json, JsonScalar } from '../json.scalar.js';
import { ConflictReasonEnum, KindEnum, TakeEnum, VerbEnum } from '../vocabulary.js';

/** Decisions of one call. */
export const DECISIONS_MOST = 100;

@InputType()
export class ConflictFilterInput {
  @Field(() => Boolean, { nullable: true, description: 'Left out: the open ones.' })
  @IsOptional()
  @IsBoolean()
  open?: boolean;

  @Field(() => ID, { nullable: true })
  @IsOptional()
  @IsOwnId()
  connection?: string;

  @Field(() => [KindEnum], { nullable: true })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(KIND_NAMES, { each: true })
  kinds?: KindName[];

  @Field(() => [ConflictReasonEnum], { nullable: true })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(CONFLICT_REASONS, { each: true })
  reasons?: ConflictReason[];

  @Field(() => Boolean, { nullable: true, description: 'Whether a person has answered.' })
  @IsOptional()
  @IsBoolean()
  decided?: boolean;
}

@ArgsType()
export class ConflictsArgs extends ContentPageArgs {
  @Field(() => ConflictFilterInput, { nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => ConflictFilterInput)
  filter?: ConflictFilterInput;
}

@ArgsType()
export class ConflictArgs extends ContractArgs {
  @Field(() => ID)
  @IsOwnId()
  id!: string;
}

@InputType({ description: 'Whose version of a field group counts.' })
export class GroupTake {
  @Field(() => String)
  @IsText(1, 50)
  group!: string;

  @Field(() => TakeEnum)
  @IsIn(['app', 'books', 'apart'])
  take!: 'app' | 'books' | 'apart';
}

@InputType()
export class ConflictDecisionInput {
  @Field(() => ID)
  @IsOwnId()
  conflict!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Of the clash that the person saw. Left out: whatever the clash is by now is decided.',
  })
  @IsOptional()
  @IsText(1, 200)
  fingerprint?: string;

  @Field(() => VerbEnum)
  @IsIn(VERBS)
  verb!: Verb;

  @Field(() => [GroupTake], { nullable: true, description: 'With by_group: one for each clashing group.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => GroupTake)
  groups?: GroupTake[];

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'With edit: the values that both sides shall have, in the app’s ids. Fields left out are the app’s.',
  })
  @IsOptional()
  @IsJson()
  content?: Json;

  @Field(() => Boolean, { defaultValue: false, description: 'Turn the answer into the policy of these groups.' })
  @IsBoolean()
  always: boolean = false;
}

@ArgsType()
export class DecideConflictArgs extends ContractArgs {
  @Field(() => ConflictDecisionInput)
  @ValidateNested()
  @Type(() => ConflictDecisionInput)
  decision!: ConflictDecisionInput;
}

@ArgsType()
export class DecideConflictsArgs extends ContractArgs {
  @Field(() => [ConflictDecisionInput], { description: `1 to ${DECISIONS_MOST} decisions, each for itself.` })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(DECISIONS_MOST)
  @ValidateNested({ each: true })
  @Type(() => ConflictDecisionInput)
  decisions!: ConflictDecisionInput[];
}
