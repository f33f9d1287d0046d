import { Field, ObjectType } from '@nestjs/graphql';
import type { Cause } from '../modules/history/index.js';
import { CauseEnum } from './vocabulary.js';

@ObjectType('Cause', { description: 'Who or what set something in motion.' })
export class CauseType {
  @Field(() => CauseEnum)
  by!: Cause['by'];

  @Field(() => String, { nullable: true, description: 'The person or API key, where there is one.' })
  actor!: string | null;

  @Field(() => String, { nullable: true, description: 'What to look up for more: a delivery, a push key, a decision.' })
  id!: string | null;
}

export const causeOf = ({ by, actor, id }: Cause): CauseType => ({ by, actor: actor ?? null, id: id ?? null });
