import { registerEnumType } from '@nestjs/graphql';
import type { Granularity, Side, Verdict } from '../domain/comparison/index.js';
import type { ConflictReason, Rule, Take } from '../domain/conflict/index.js';
import { EXISTENCES, KIND_NAMES, KINDS, type Existence } from '../domain/contract/index.js';
import { REASON_CODES, type Hold } from '../domain/planning/index.js';
import { OPERATIONS, type KindDefinition } from '../domain/provider/index.js';
import {
  BROWSER_ROLES,
  CONNECTION_STATES,
  ROLES,
  type BrowserRole,
  type ConnectionState,
  type Role,
} from '../modules/auth/index.js';
import type { ConflictEnding } from '../modules/conflicts/index.js';
import { EVENT_TYPES, type Cause } from '../modules/history/index.js';
import {
  INTENT_STATES,
  LANES,
  PROBLEM_CODES,
  STEPS,
  VERBS,
  WAITS_UNTIL,
  type Counted,
  type IntentState,
  type Lane,
  type ProblemCode,
  type Step,
  type Verb,
  type WaitsUntil,
} from '../modules/sync/index.js';

/**
 * The product's own words as enums of the schema. They are spelled as everywhere else in Concord, in lower case, so that
 * a kind in an argument and a kind in a reference inside a content are one word.
 */
const words = <Word extends string>(
  name: string,
  description: string,
  of: readonly Word[] | Readonly<Record<Word, string>>,
): Readonly<Record<Word, Word>> => {
  const names = (Array.isArray(of) ? of : Object.keys(of)) as Word[];
  const said = (Array.isArray(of) ? {} : of) as Readonly<Partial<Record<Word, string>>>;
  const values = Object.fromEntries(names.map((word) => [word, word])) as Record<Word, Word>;
  registerEnumType(values, {
    name,
    description,
    valuesMap: Object.fromEntries(names.map((word) => [word, { description: said[word] }])) as Record<
      Word,
      { description: string | undefined }
    >,
  });
  return values;
};

export const KindEnum = words(
  'Kind',
  'One of the 18 entity kinds of the contract.',
  Object.fromEntries(KIND_NAMES.map((kind) => [kind, KINDS[kind].says])) as Record<(typeof KIND_NAMES)[number], string>,
);

export const ExistenceEnum = words<Existence>(
  'Existence',
  'How a record exists at a side. Delete, void, archive and merge are four different things.',
  EXISTENCES,
);

export const SideEnum = words<Side>('Side', 'One of the two sides that are kept in agreement.', {
  app: 'The SaaS’s own records.',
  books: 'The accounting product.',
});

export const WaitsUntilEnum = words<WaitsUntil>('WaitsUntil', 'What is waited for.', {
  exists: 'That the record exists there.',
  ended: 'That it has ended there: voided, deleted or archived.',
} satisfies Record<(typeof WAITS_UNTIL)[number], string>);

export const ConnectionStateEnum = words<ConnectionState>('ConnectionState', 'Whether a connection can be used.', {
  active: 'It works.',
  needs_reconnect: 'The consent is gone; only a person can renew it.',
  suspended: 'The provider paused the company; it is tried again by itself.',
  disconnected: 'Ended by a person; its history stays.',
} satisfies Record<(typeof CONNECTION_STATES)[number], string>);

export const RoleEnum = words<Role>('Role', 'What a key or a token may do.', {
  app: 'The SaaS backend: pushes records, reads, makes browser tokens.',
  connect: 'A person who connects companies.',
  finance: 'A person who decides conflicts and sets policies.',
  support: 'A person who reads.',
  admin: 'Keys, tenants, everything.',
} satisfies Record<(typeof ROLES)[number], string>);

export const BrowserRoleEnum = words<BrowserRole>('BrowserRole', 'What a person in a browser may do.', BROWSER_ROLES);

export const OperationEnum = words('Operation', 'What can be done with a record at a provider.', OPERATIONS);

export const NoticedByEnum = words<KindDefinition['noticedBy']>('NoticedBy', 'How edits in the books are noticed.', {
  webhook: 'The provider tells at once.',
  feed: 'A change feed of the provider is read at an interval.',
  poll: 'Records are asked for at an interval.',
  none: 'Not at all.',
});

export const VerdictEnum = words<Verdict>('Verdict', 'Who changed a field group since both sides last agreed.', {
  same: 'Nobody.',
  app_changed: 'The app.',
  books_changed: 'The books.',
  both_alike: 'Both, to the same.',
  clash: 'Both, to different values.',
});

export const RuleEnum = words<Rule>('Rule', 'Who decides when both sides changed the same.', {
  app_wins: 'The app’s version counts.',
  books_wins: 'The books’ version counts.',
  review: 'A person decides. The default.',
});

export const GranularityEnum = words<Granularity>('Granularity', 'What counts as the same change.', {
  group: 'Edits of different field groups are merged. The default.',
  record: 'Any edit on both sides is a clash.',
});

export const ConflictReasonEnum = words<ConflictReason>('ConflictReason', 'Why a person is asked.', {
  both_edited: 'Both sides edited the same field group to different values.',
  never_agreed: 'Both sides have the record, they differ, and nothing tells who changed what.',
  ended_and_edited: 'One side ended the record while the other one edited it or ended it differently.',
  push_on_old_version: 'The app pushed an edit without knowing what the books had changed in the same field group.',
  namesake: 'The record to be created seems to exist on the other side already.',
  outcome_unknown: 'The answer to a create was lost and nothing tells what became of it.',
});

export const ConflictEndingEnum = words<ConflictEnding>('ConflictEnding', 'How a conflict ended.', {
  decided: 'A person’s decision was carried out.',
  resolved_itself: 'Both sides came to agree, or a policy settled it.',
  relinked: 'The records were linked or unlinked.',
});

export const VerbEnum = words<Verb>('DecisionVerb', 'What a person can say of a conflict.', {
  keep_app: 'The app’s version counts.',
  keep_books: 'The books’ version counts.',
  by_group: 'Each clashing field group has its own answer.',
  edit: 'Both sides get the given values.',
  leave_apart: 'Each side keeps its own, and it is no difference any more.',
} satisfies Record<(typeof VERBS)[number], string>);

export const TakeEnum = words<Exclude<Take, 'edited'>>('Take', 'Whose version of a field group counts.', {
  app: 'The app’s.',
  books: 'The books’.',
  apart: 'Each side keeps its own.',
});

export const LaneEnum = words<Lane>('Lane', 'How urgent work is.', {
  interactive: 'Somebody is looking.',
  routine: 'The ordinary flow.',
  bulk: 'Imports.',
} satisfies Record<(typeof LANES)[number], string>);

export const CountedEnum = words<Counted>('DeliveryCount', 'What came of a webhook delivery.', {
  accepted: 'Read; its notices were taken in.',
  forged: 'Its signature is not the provider’s.',
  orphan: 'A notice about a company that no tenant has connected.',
  unreadable: 'Signed, and in no form that is known.',
});

export const StepEnum = words<Step>('Step', 'One step of a walk.', {
  observe_app: 'The app’s side is read.',
  observe_books: 'The books’ side is read.',
  plan: 'Both are compared with what was last agreed.',
  apply: 'The books are written.',
  settle: 'The app is written, and what both sides agree on is kept.',
} satisfies Record<(typeof STEPS)[number], string>);

export const IntentStateEnum = words<IntentState>('IntentState', 'What became of a write to the books.', {
  planned: 'No call carries it yet.',
  in_flight: 'It was sent; the answer is awaited.',
  uncertain: 'The answer never came.',
  confirmed: 'It was carried out.',
  refused: 'The provider refused it.',
  void: 'It was certainly not carried out, and is planned anew.',
} satisfies Record<(typeof INTENT_STATES)[number], string>);

export const ProblemCodeEnum = words<ProblemCode>('ProblemCode', 'What a person must see to.', {
  refused_by_provider: 'The provider refused a write; the message is in its words.',
  refused_before_sending: 'The provider would certainly refuse the write; it was not sent.',
  outcome_unknown: 'Nobody knows what became of a write.',
  unreadable_record: 'The provider cannot show a record.',
  unreadable_delivery: 'A signed webhook delivery cannot be read.',
  access_revoked: 'The consent is gone.',
  suspended: 'The provider paused the company.',
  waits_in_a_circle: 'Records wait for each other.',
  engine_error: 'Concord itself failed with a record.',
} satisfies Record<(typeof PROBLEM_CODES)[number], string>);

export const EventTypeEnum = words('EventType', 'What happened, as the history tells it.', {
  record_pushed: 'The app pushed a record.',
  push_refused: 'A push was refused.',
  record_deleted: 'The app deleted a record.',
  books_seen: 'A record of the books was seen changed.',
  books_written: 'Concord wrote a record of the books.',
  books_refused: 'The provider refused a write.',
  books_uncertain: 'The answer to a write was lost.',
  app_written: 'Concord wrote a record of the app.',
  app_facts: 'What the books computed or chose for a record was learnt.',
  base_settled: 'Both sides were found to agree.',
  conflict_raised: 'A person was asked.',
  conflict_updated: 'What a person is asked about changed.',
  conflict_decided: 'A person answered.',
  conflict_closed: 'A conflict ended.',
  held: 'A record is held back, or no longer.',
  waiting: 'A record waits for others.',
  problem_raised: 'A problem arose.',
  problem_closed: 'A problem ended.',
  linked: 'A person linked two records.',
  unlinked: 'A person unlinked two records.',
  policy_set: 'A policy was set.',
  policy_cleared: 'A policy was cleared.',
  connection_made: 'A company was connected.',
  connection_changed: 'A connection changed.',
  connection_ended: 'A company was disconnected.',
  key_created: 'An API key was made.',
  key_revoked: 'An API key was revoked.',
  support_granted: 'Support was let in, or looked.',
  tenant_created: 'The tenant was made.',
  tenant_deleted: 'The tenant was deleted, with everything that was its.',
} satisfies Record<(typeof EVENT_TYPES)[number], string>);

export const CauseEnum = words<Cause['by']>('CausedBy', 'Who or what set something in motion.', {
  push: 'The SaaS’s own edit.',
  books: 'An edit seen in the books.',
  webhook: 'A notice of the provider.',
  poll: 'A look at an interval.',
  person: 'A decision, a policy, a link.',
  sync_now: 'Somebody wanted to see the present state.',
  dependency: 'A record that this one waited for was settled.',
  sweep: 'A search for what was missed.',
  system: 'Concord itself.',
});

export const HoldCodeEnum = words<Hold['code']>('HoldCode', 'Why something is not moved.', {
  state_not_held: 'The side cannot hold the record’s state; a draft is never posted.',
  cannot: 'The provider offers no such operation.',
  before_go_live: 'The document is older than the go-live date.',
  creation_off: 'Creating this kind in the books is switched off.',
  ended_for_good: 'The record ended in a way that cannot be followed or undone there.',
});

export const ReasonCodeEnum = words(
  'ReasonCode',
  'Why two sides differ at this moment; each comes with a sentence.',
  REASON_CODES,
);
