import { createUnionType, Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Issue, KindName } from '../../domain/contract/index.js';
import type { PushOutcome } from '../../modules/sync/index.js';
import { answer } from '../answer.js';
import { IssueType, Refused } from '../errors/refused.js';
import { KindEnum } from '../vocabulary.js';

type Stored = Extract<PushOutcome, { outcome: 'created' | 'updated' | 'unchanged' | 'merged' }>['outcome'];

const StoredAs = { created: 'created', updated: 'updated', unchanged: 'unchanged', merged: 'merged' } as const;
registerEnumType(StoredAs, {
  name: 'StoredAs',
  valuesMap: {
    merged: { description: 'Laid over an edit of another field group that was made meanwhile.' },
    unchanged: { description: 'It said nothing new.' },
  },
});

@ObjectType()
export class RecordStored {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ID)
  id!: string;

  @Field(() => Int, { description: 'For `basedOn` of the next push.' })
  version!: number;

  @Field(() => StoredAs)
  as!: Stored;
}

@ObjectType({
  description: 'Stored; but some groups were edited in the books, too: a policy or a person decides those.',
})
export class RecordInReview {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => [String])
  groups!: readonly string[];
}

@ObjectType({ description: 'Not stored: another push changed the same groups since `basedOn`. Read it and push anew.' })
export class RecordStale {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ID)
  id!: string;

  @Field(() => Int, { description: 'The version that it has now.' })
  version!: number;

  @Field(() => [String])
  groups!: readonly string[];
}

@ObjectType({ description: 'Not stored: it does not keep to the contract.' })
export class RecordInvalid {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ID)
  id!: string;

  @Field(() => [IssueType])
  issues!: readonly Issue[];
}

type PushOutcomeValue = RecordStored | RecordInReview | RecordStale | RecordInvalid;

export const PushOutcomeUnion = createUnionType({
  name: 'PushOutcome',
  description: 'What came of one pushed record.',
  types: () => [RecordStored, RecordInReview, RecordStale, RecordInvalid] as const,
});

/** The outcome as a member of its union. */
export const outcomeShown = (outcome: PushOutcome): PushOutcomeValue => {
  const { kind, id } = outcome;
  switch (outcome.outcome) {
    case 'created':
    case 'updated':
    case 'unchanged':
    case 'merged':
      return answer(RecordStored, { kind, id, version: outcome.version, as: outcome.outcome });
    case 'in_review':
      return answer(RecordInReview, { kind, id, version: outcome.version, groups: outcome.groups });
    case 'stale':
      return answer(RecordStale, { kind, id, version: outcome.version, groups: outcome.groups });
    case 'invalid':
      return answer(RecordInvalid, { kind, id, issues: outcome.issues });
  }
};

@ObjectType()
export class RecordsPushed {
  @Field(() => [PushOutcomeUnion], { description: 'In the order of the records.' })
  outcomes!: PushOutcomeValue[];
}

export const UpsertRecordsResult = createUnionType({
  name: 'UpsertRecordsResult',
  types: () => [RecordsPushed, Refused] as const,
});

@ObjectType()
export class RecordDeleted {
  @Field(() => KindEnum)
  kind!: KindName;

  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  version!: number;
}

export const DeleteRecordResult = createUnionType({
  name: 'DeleteRecordResult',
  types: () => [RecordDeleted, Refused] as const,
});

@ObjectType()
export class SyncRequested {
  @Field(() => Int, { description: 'How many records are walked for it at once; polls follow by themselves.' })
  raised!: number;
}

export const SyncNowResult = createUnionType({
  name: 'SyncNowResult',
  types: () => [SyncRequested, Refused] as const,
});

@ObjectType({ description: 'From now on the two are compared.' })
export class RecordsLinked {
  @Field(() => ID)
  twin!: string;
}

@ObjectType({ description: 'One of the two is linked with another record already; unlink that first.' })
export class AlreadyLinked extends Refused {
  @Field(() => ID, { nullable: true, description: 'What the books’ record is linked with.' })
  appId: string | null;

  @Field(() => ID, { nullable: true, description: 'What the app’s record is linked with.' })
  booksId: string | null;

  constructor(appId: string | undefined, booksId: string | undefined) {
    super('ALREADY_LINKED');
    this.appId = appId ?? null;
    this.booksId = booksId ?? null;
  }
}

export const LinkRecordsResult = createUnionType({
  name: 'LinkRecordsResult',
  types: () => [RecordsLinked, AlreadyLinked, Refused] as const,
});

@ObjectType({ description: 'The two live apart from now on.' })
export class RecordsUnlinked {
  @Field(() => ID)
  twin!: string;
}

export const UnlinkRecordsResult = createUnionType({
  name: 'UnlinkRecordsResult',
  types: () => [RecordsUnlinked, Refused] as const,
});
