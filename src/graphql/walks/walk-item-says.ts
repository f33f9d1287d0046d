import type { Side } from '../../domain/comparison/index.js';
import type { PlannedWrite } from '../../domain/planning/index.js';
import type { ItemPlan, Release, WalkItemView } from '../../modules/sync/index.js';

/** What one walk did with one record, in sentences for people. */
export const walkItemSays = ({ plan, written, outcome }: WalkItemView): string =>
  [
    ...(plan ? planSays(plan) : ['Its sides are still to be compared.']),
    ...(written?.outcome === 'refused' ? [`The provider refused the write: ${ended(written.failure.message)}`] : []),
    ...(outcome ? [outcomeSays(outcome)] : []),
  ].join(' ');

const planSays = (plan: ItemPlan): string[] => {
  switch (plan.do) {
    case 'recover':
      return ['The answer to an earlier write was lost, so what became of it was looked for first.'];
    case 'release':
      return ['It could not be compared now.'];
    case 'carry_out':
      return carryOutSays(plan);
  }
};

const carryOutSays = ({
  plan,
  findings,
  refusedBefore,
  waits,
  circle,
}: Extract<ItemPlan, { do: 'carry_out' }>): string[] => {
  const said = [
    ...plan.writes.map(writeSays),
    ...(plan.conflict ? [`A person is asked about ${listed(plan.conflict.groups)}.`] : []),
    ...(waits.length > 0
      ? [`It waits for ${waits.length === 1 ? 'another record' : `${waits.length} other records`}.`]
      : []),
    ...(circle ? ['The records that it waits for wait for it.'] : []),
    ...(plan.holds.length > 0 ? ['Something is held back.'] : []),
    ...(findings.length > 0 ? ['The provider would certainly refuse the write, so it was not sent.'] : []),
    ...(refusedBefore ? ['The provider has refused this very write before, so it was not sent again.'] : []),
  ];
  return said.length > 0 ? said : ['Nothing had to move.'];
};

const NAMES: Readonly<Record<Side, string>> = { app: 'the app', books: 'the books' };

const writeSays = ({ side, operation, groups }: PlannedWrite): string =>
  `The plan: ${operation} in ${NAMES[side]}${groups.length > 0 ? ` (${groups.join(', ')})` : ''}.`;

const outcomeSays = (outcome: NonNullable<WalkItemView['outcome']>): string => {
  if (outcome.leave === 'settled')
    return outcome.again ? 'It is settled, and walked again for the rest.' : 'It is settled.';
  const { why, message } = outcome.release;
  return message === undefined ? RELEASED[why] : `${RELEASED[why]} The provider’s words: ${ended(message)}`;
};

const RELEASED: Readonly<Record<Release['why'], string>> = {
  rate_limited: 'The provider’s limit is reached; it is walked again when there is room.',
  unavailable: 'The provider did not answer; it is walked again later.',
  access_revoked: 'The consent is gone; it waits until somebody reconnects.',
  suspended: 'The provider has paused the company; it is tried again by itself.',
  stale: 'Somebody edited it meanwhile; it is looked at anew.',
  lost_answer: 'The answer to the write was lost; what became of it is looked for.',
  create_in_flight:
    'A record of its kind is being created and might be this one; it is walked again when that is known.',
  overtaken: 'What was read is older than what is known; it is looked at again.',
  other_kind: 'It turned out to be of another kind, and is walked as that.',
  unreadable: 'The provider could not show it; it is tried again later.',
  superseded: 'The walk was taken over; it is walked again.',
};

const listed = (groups: readonly string[]): string => (groups.length === 0 ? 'it' : groups.join(', '));

const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
