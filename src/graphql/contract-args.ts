import { ArgsType, Field, Int } from '@nestjs/graphql';
import { IsInt, Max, Min } from 'class-validator';
import { CONTRACT_VERSION } from '../domain/contract/index.js';
import { PageArgs } from './paging.js';

const SAYS = 'The version of the entity contract that the caller speaks; contents are shown and read in it.';

/** For every operation in which contents go in or out: old callers keep seeing what they know. */
@ArgsType()
export class ContractArgs {
  @Field(() => Int, { defaultValue: CONTRACT_VERSION, description: SAYS })
  @IsInt()
  @Min(1)
  @Max(CONTRACT_VERSION)
  contractVersion: number = CONTRACT_VERSION;
}

@ArgsType()
export class ContentPageArgs extends PageArgs {
  @Field(() => Int, { defaultValue: CONTRACT_VERSION, description: SAYS })
  @IsInt()
  @Min(1)
  @Max(CONTRACT_VERSION)
  contractVersion: number = CONTRACT_VERSION;
}
