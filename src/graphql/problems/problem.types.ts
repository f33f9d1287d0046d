import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { ProblemCode, ProblemView } from '../../modules/sync/index.js';
import { JsonScalar } from '../json.scalar.js';
import { pageType } from '../paging.js';
import { ProblemCodeEnum } from '../vocabulary.js';

@ObjectType('Problem', { description: 'Something that a person must see to.' })
export class ProblemType {
  @Field(() => ID)
  id!: string;

  @Field(() => ProblemCodeEnum)
  code!: ProblemCode;

  @Field(() => String, { description: 'In words; where a provider refused, in its words.' })
  message!: string;

  @Field(() => JsonScalar, { description: 'The provider’s code and field, the findings before sending.' })
  detail!: Readonly<Record<string, unknown>>;

  @Field(() => Boolean)
  open!: boolean;

  @Field(() => Int, { description: 'How often it was met.' })
  times!: number;

  @Field(() => GraphQLISODateTime)
  raisedAt!: Date;

  @Field(() => GraphQLISODateTime)
  lastAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  closedAt!: Date | null;

  /** For the fields that are looked up. */
  readonly view!: ProblemView;
}

@ObjectType()
export class ProblemPage extends pageType<ProblemType>('Problem', () => ProblemType) {}

export const problemShown = (view: ProblemView): ProblemType => {
  const { id, code, message, detail, open, times, raisedAt, lastAt, closedAt } = view;
  return { id, code, message, detail, open, times, raisedAt, lastAt, closedAt: closedAt ?? null, view };
};
