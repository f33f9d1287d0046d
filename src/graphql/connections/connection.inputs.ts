import { ArgsType, Field, ID } from '@nestjs/graphql';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import { KIND_NAMES, type KindName } from '../../domain/contract/index.js';
import { IsDay, IsOwnId, IsText } from '../arguments.js';
import { KindEnum } from '../vocabulary.js';

const RETURN_URL = 'Where the browser goes afterwards, with `result` and `connection`; one that the operator allows.';

@ArgsType()
export class BeginConnectionArgs {
  @Field(() => String, { description: 'The provider’s name, such as `quickbooks`.' })
  @IsText(1, 50)
  provider!: string;

  @Field(() => String, { description: RETURN_URL })
  @IsText(1, 2000)
  returnUrl!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Documents dated before are read and not written; today if absent.',
  })
  @IsOptional()
  @IsDay()
  goLive?: string;
}

@ArgsType()
export class ConnectionArgs {
  @Field(() => ID)
  @IsOwnId()
  connection!: string;
}

@ArgsType()
export class ReconnectArgs extends ConnectionArgs {
  @Field(() => String, { description: RETURN_URL })
  @IsText(1, 2000)
  returnUrl!: string;
}

@ArgsType()
export class SetGoLiveArgs extends ConnectionArgs {
  @Field(() => String, { description: 'Documents dated before are read and not written. `YYYY-MM-DD`.' })
  @IsDay()
  goLive!: string;
}

@ArgsType()
export class SetCreatesArgs extends ConnectionArgs {
  @Field(() => [KindEnum], { description: 'Replaces the ones before.' })
  @IsArray()
  @ArrayMaxSize(KIND_NAMES.length)
  @IsIn(KIND_NAMES, { each: true })
  kinds!: KindName[];
}
