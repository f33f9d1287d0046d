import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { Side, Verdict } from '../../domain/comparison/index.js';
import type { Content, Existence, KindName } from '../../domain/contract/index.js';
import type { Hold, ReasonCode } from '../../domain/planning/index.js';
import type { WaitsUntil } from '../../modules/sync/index.js';
import { CauseType } from '../cause.types.js';
import { JsonScalar } from '../json.scalar.js';
import { pageType } from '../paging.js';
import {
  ExistenceEnum,
  HoldCodeEnum,
  KindEnum,
  ReasonCodeEnum,
  SideEnum,
  VerdictEnum,
  WaitsUntilEnum,
} from '../vocabulary.js';
import { Subject } from './subject.types.js';

@ObjectType({ description: 'An edit that came on too old a version, and awaits an answer.' })
export class WaitingPush {
  @Field(() => String)
  group!: string;

  @Field(() => JsonScalar, { description: 'The group as it was pushed.' })
  pushed!: Content;

  @Field(() => JsonScalar, { description: 'The group as it was in the version that the push was based on.' })
  ancestor!: Content;
}

@ObjectType({ description: 'A field group as both sides showed it when it was last settled.' })
export class SettledGroup {
  @Field(() => String)
  group!: string;

  @Field(() => JsonScalar)
  app!: Content;

  @Field(() => JsonScalar)
  books!: Content;
}

@ObjectType({ description: 'What both sides last agreed on.' })
export class SettledBase {
  @Field(() => ExistenceEnum, { nullable: true })
  appExistence!: Existence | null;

  @Field(() => ExistenceEnum, { nullable: true })
  booksExistence!: Existence | null;

  @Field(() => [SettledGroup])
  groups!: readonly SettledGroup[];

  @Field(() => Boolean, { description: 'A person decided that the record lives apart on each side.' })
  apart!: boolean;
}

@ObjectType({ description: 'Why the two sides differ, or what stands in the way.' })
export class DifferenceReason {
  @Field(() => ReasonCodeEnum)
  code!: ReasonCode;

  @Field(() => String, { description: 'One sentence for people.' })
  says!: string;

  @Field(() => [String], { description: 'The fields it is about; none where it is about the record.' })
  fields!: readonly string[];
}

@ObjectType({ description: 'Why the two sides differ at this moment, the most pressing reason first.' })
export class Difference {
  @Field(() => Boolean, { description: 'Nothing has to move, nothing is under way, nobody has to do anything.' })
  inStep!: boolean;

  @Field(() => [String], { description: 'Fields in which both sides differ, of those that both can hold.' })
  differs!: readonly string[];

  @Field(() => [DifferenceReason])
  reasons!: readonly DifferenceReason[];
}

@ObjectType({ description: 'Who changed a field group since both sides last agreed.' })
export class GroupVerdict {
  @Field(() => String)
  group!: string;

  @Field(() => VerdictEnum)
  verdict!: Verdict;
}

@ObjectType('Hold', { description: 'Something that stays where it is.' })
export class HoldType {
  @Field(() => HoldCodeEnum)
  code!: Hold['code'];

  @Field(() => SideEnum, { description: 'The side that is not written.' })
  side!: Side;

  @Field(() => String, { description: 'One sentence for people.' })
  says!: string;
}

@ObjectType({
  description:
    'A record that must exist at a side before this one can be written there, or must end there before this one can.',
})
export class WaitFor {
  @Field(() => Subject)
  record!: Subject;

  @Field(() => SideEnum)
  side!: Side;

  @Field(() => WaitsUntilEnum)
  until!: WaitsUntil;

  @Field(() => String, {
    description: 'Where it is referred to, such as `lines[2].item`; until it has ended, where it refers to this one.',
  })
  path!: string;

  @Field(() => String, { nullable: true, description: 'Why that has not come yet.' })
  because!: string | null;
}

@ObjectType({ description: 'A record of the app as one company’s books have it.' })
export class BooksSide {
  @Field(() => ID, { nullable: true, description: 'The pair of the two sides’ records; absent before they met.' })
  twin!: string | null;

  @Field(() => String, { nullable: true, description: 'Which card, where the provider keeps several for one record.' })
  card!: string | null;

  @Field(() => String, { nullable: true, description: 'The books’ own id.' })
  id!: string | null;

  @Field(() => ExistenceEnum, { nullable: true })
  existence!: Existence | null;

  @Field(() => JsonScalar, { nullable: true, description: 'As it was last seen, in the books’ own ids.' })
  content!: Content | null;

  @Field(() => String, { nullable: true, description: 'The provider’s version.' })
  version!: string | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'It certainly looked like this or newer from then on.',
  })
  asOf!: Date | null;

  @Field(() => String, { nullable: true, description: 'When it was changed over there, where the provider tells.' })
  changedAt!: string | null;

  @Field(() => String, { nullable: true, description: 'Who changed it over there, where the provider tells.' })
  changedBy!: string | null;

  @Field(() => SettledBase, { nullable: true })
  base!: SettledBase | null;

  @Field(() => [GroupVerdict])
  verdicts!: readonly GroupVerdict[];

  @Field(() => [HoldType])
  holds!: readonly HoldType[];

  @Field(() => [WaitFor])
  waits!: readonly WaitFor[];

  @Field(() => Difference)
  difference!: Difference;

  /** For the fields that are looked up. */
  readonly connectionId!: string;
  readonly contract!: number;
}

@ObjectType('Record', { description: 'One of the SaaS’s records, with every company’s books beside it.' })
export class RecordType {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ID, { nullable: true, description: 'The app’s id; absent for a record that only the books have.' })
  id!: string | null;

  @Field(() => String, { description: 'As people know it: its name or number, else an id.' })
  name!: string;

  @Field(() => Int, { description: 'For `basedOn` of the next push; 0 where the app does not have it.' })
  version!: number;

  @Field(() => ExistenceEnum, { nullable: true })
  existence!: Existence | null;

  @Field(() => JsonScalar, { nullable: true })
  content!: Content | null;

  @Field(() => JsonScalar, { description: 'What the books computed or chose: totals, balance, an assigned number.' })
  facts!: Content;

  @Field(() => [WaitingPush], { description: 'Edits that came on too old a version, and await an answer.' })
  waitingPushes!: readonly WaitingPush[];

  @Field(() => GraphQLISODateTime, { nullable: true })
  updatedAt!: Date | null;

  @Field(() => CauseType, { nullable: true, description: 'Who or what changed it last.' })
  changedBy!: CauseType | null;

  /** For the fields that are looked up. */
  readonly contract!: number;
  readonly onlyBooks!: { readonly connection: string; readonly id: string } | undefined;
}

@ObjectType()
export class RecordPage extends pageType<RecordType>('Record', () => RecordType) {}

@ObjectType({ description: 'A record of the books as it was last seen, and what it is linked with.' })
export class BooksRecord {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ID, { description: 'The books’ own id.' })
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => ExistenceEnum)
  existence!: Existence;

  @Field(() => JsonScalar)
  content!: Content;

  @Field(() => GraphQLISODateTime)
  asOf!: Date;

  @Field(() => String, { nullable: true, description: 'The app’s record that it is the same as.' })
  appId!: string | null;

  @Field(() => ID, { nullable: true })
  twin!: string | null;
}

@ObjectType()
export class BooksRecordPage extends pageType<BooksRecord>('BooksRecord', () => BooksRecord) {}
