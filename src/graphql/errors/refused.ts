import { Field, ObjectType } from '@nestjs/graphql';
import type { Issue } from '../../domain/contract/index.js';
import { ERROR_CODES, type ErrorCode, ErrorCodeEnum } from './error-code.js';

@ObjectType('Issue', { description: 'What is wrong with a value: where, which rule, and the rule in words.' })
export class IssueType implements Issue {
  @Field(() => String, { description: 'Such as `lines[2].quantity`.' })
  path!: string;

  @Field(() => String, { description: 'Such as `decimal` or `required`.' })
  rule!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType({ description: 'The call changed nothing, for a reason that the caller can act upon.' })
export class Refused {
  @Field(() => ErrorCodeEnum)
  code: ErrorCode;

  @Field(() => String)
  message: string;

  @Field(() => [IssueType], { description: 'Where the values are at fault; empty where they are not.' })
  issues: IssueType[];

  constructor(code: ErrorCode, message: string = ERROR_CODES[code], issues: readonly Issue[] = []) {
    this.code = code;
    this.message = message;
    this.issues = [...issues];
  }
}

/** A missing thing and another tenant's thing: one answer, to the byte. */
export const notFound = (): Refused => new Refused('NOT_FOUND');

export const invalid = (issues: readonly Issue[]): Refused => new Refused('INVALID', undefined, issues);
