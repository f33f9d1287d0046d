import { ArgsType, Field, ID } from '@nestjs/graphql';
import { IsIn, IsOptional } from 'class-validator';
import { KIND_NAMES, type KindName } from '../../domain/contract/index.js';
import { IsOwnId, IsText } from '../arguments.js';
import { ContentPageArgs } from '../contract-args.js';
import { ApiError } from '../errors/api-error.js';
import { KindEnum } from '../vocabulary.js';

@ArgsType()
export class HistoryArgs extends ContentPageArgs {
  @Field(() => KindEnum, { nullable: true, description: 'Needed with an id; narrows a number.' })
  @IsOptional()
  @IsIn(KIND_NAMES)
  kind?: KindName;

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

  @Field(() => String, { nullable: true, description: 'A document number that it has or once had.' })
  @IsOptional()
  @IsText(1, 200)
  number?: string;
}

/** A trail is asked for in exactly one way. */
export const checkHistoryArgs = ({ kind, id, connection, booksId, number }: HistoryArgs): void => {
  const byBooks = connection !== undefined && booksId !== undefined;
  const ways = [id !== undefined, byBooks, number !== undefined].filter(Boolean).length;
  const stray = !byBooks && (connection !== undefined || booksId !== undefined);
  if (ways === 1 && !stray && (number !== undefined || kind !== undefined)) return;
  const message = 'give kind and id; or kind, connection and booksId; or number';
  throw new ApiError('BAD_INPUT', undefined, [{ path: '', rule: 'one_of', message }]);
};
