import { createUnionType, Field, GraphQLISODateTime, ID, ObjectType } from '@nestjs/graphql';
import type { Side } from '../../domain/comparison/index.js';
import type { ConflictReason, Take } from '../../domain/conflict/index.js';
import type { Content, Existence, KindName, Value } from '../../domain/contract/index.js';
import type { ConflictEnding, ConflictView } from '../../modules/conflicts/index.js';
import type { Verb } from '../../modules/sync/index.js';
import { Refused } from '../errors/refused.js';
import { JsonScalar } from '../json.scalar.js';
import { pageType } from '../paging.js';
import { ConflictEndingEnum, ConflictReasonEnum, ExistenceEnum, KindEnum, SideEnum, VerbEnum } from '../vocabulary.js';

@ObjectType({ description: 'What one side says in a conflict.' })
export class TestimonyType {
  @Field(() => ExistenceEnum, { nullable: true })
  existence!: Existence | null;

  @Field(() => JsonScalar, { description: 'The fields of the clashing groups, in that side’s ids.' })
  content!: Content;
}

@ObjectType({ description: 'One field of a clashing group, as each side has it.' })
export class ConflictField {
  @Field(() => String)
  group!: string;

  @Field(() => String)
  field!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'What both sides last agreed on.' })
  base!: Value;

  @Field(() => JsonScalar, { nullable: true })
  app!: Value;

  @Field(() => JsonScalar, { nullable: true })
  books!: Value;
}

@ObjectType({ description: 'A record of the other side that seems to be the same.' })
export class Candidate {
  @Field(() => SideEnum)
  side!: Side;

  @Field(() => ID)
  id!: string;
}

@ObjectType({ description: 'What was chosen for one field group.' })
export class GroupChoice {
  @Field(() => String)
  group!: string;

  @Field(() => String, { description: 'app, books, apart or edited.' })
  take!: Take;

  @Field(() => JsonScalar, { nullable: true, description: 'The edited values.' })
  content!: Content | null;
}

@ObjectType('Decision', { description: 'A person’s answer to a conflict.' })
export class DecisionType {
  @Field(() => ID)
  id!: string;

  @Field(() => VerbEnum)
  verb!: Verb;

  @Field(() => [GroupChoice])
  choices!: readonly GroupChoice[];

  @Field(() => String)
  actor!: string;

  @Field(() => GraphQLISODateTime)
  at!: Date;

  @Field(() => String, { description: 'Of the clash that it answers; it counts only while the clash is that one.' })
  fingerprint!: string;
}

@ObjectType({ description: 'When and by whom a side was changed last.' })
export class LastChange {
  @Field(() => SideEnum)
  side!: Side;

  @Field(() => String, { nullable: true, description: 'Where it is known: a person, an API key, a name over there.' })
  by!: string | null;

  @Field(() => String, { nullable: true })
  at!: string | null;
}

@ObjectType('Conflict', { description: 'A clash that the policy leaves to a person.' })
export class ConflictType {
  @Field(() => ID)
  id!: string;

  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ConflictReasonEnum)
  reason!: ConflictReason;

  @Field(() => [String], { description: 'The clashing field groups; `existence` where it is about delete or void.' })
  groups!: readonly string[];

  @Field(() => TestimonyType, { nullable: true, description: 'What both sides last agreed on.' })
  base!: TestimonyType | null;

  @Field(() => TestimonyType, { nullable: true })
  app!: TestimonyType | null;

  @Field(() => TestimonyType, { nullable: true })
  books!: TestimonyType | null;

  @Field(() => [ConflictField], { description: 'The same, field by field.' })
  fields!: readonly ConflictField[];

  @Field(() => [Candidate], {
    description: 'For linkRecords, where a record seems to exist on the other side already.',
  })
  candidates!: readonly Candidate[];

  @Field(() => String, { nullable: true, description: 'By how much the books’ amount is above the app’s.' })
  moneyEffect!: string | null;

  @Field(() => String, { description: 'Give it back with the decision: a clash that changed is not decided blindly.' })
  fingerprint!: string;

  @Field(() => Boolean)
  open!: boolean;

  @Field(() => Boolean, { description: 'A person has answered, and the answer is not carried out yet.' })
  decided!: boolean;

  @Field(() => GraphQLISODateTime)
  raisedAt!: Date;

  @Field(() => GraphQLISODateTime)
  updatedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  closedAt!: Date | null;

  @Field(() => ConflictEndingEnum, { nullable: true })
  ending!: ConflictEnding | null;

  /** For the fields that are looked up. */
  readonly view!: ConflictView;
  readonly contract!: number;
}

@ObjectType()
export class ConflictPage extends pageType<ConflictType>('Conflict', () => ConflictType) {}

@ObjectType({ description: 'The answer is an input to the next walk, which begins at once.' })
export class DecisionAccepted {
  @Field(() => ID)
  decision!: string;

  @Field(() => ConflictType)
  conflict!: ConflictType;
}

@ObjectType({ description: 'The clash is another one by now; look at it again.' })
export class ConflictChanged extends Refused {
  @Field(() => ConflictType)
  conflict: ConflictType;

  constructor(conflict: ConflictType) {
    super('CONFLICT_CHANGED');
    this.conflict = conflict;
  }
}

export const DecideConflictResult = createUnionType({
  name: 'DecideConflictResult',
  types: () => [DecisionAccepted, ConflictChanged, Refused] as const,
});
