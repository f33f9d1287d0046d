import type { Content } from '../contract/content.js';
import { fieldsOf, groupNames } from '../contract/kinds.js';
import type { KindName } from '../contract/kind-names.js';
import { differingFields, lackedElement, normalGroup } from '../contract/normal-form.js';
import { compare, type Comparison, masks, type Verdict } from '../comparison/compare.js';
import { readingOf, type Meeting, type Side } from '../comparison/meeting.js';
import type { ConflictReason } from '../conflict/conflict.js';
import { EXISTENCE_GROUP, type PolicyBook, type Rule } from '../conflict/policy.js';
import type { Hold } from './plan.js';

/** Everything that can be said about why two sides differ, the most pressing first; documented in docs/api.md. */
export const REASON_CODES = [
  'absent',
  'unmet',
  'disconnected',
  'needs_reconnect',
  'suspended',
  'paused',
  'left_apart',
  'both_edited',
  'never_agreed',
  'ended_and_edited',
  'push_on_old_version',
  'namesake',
  'outcome_unknown',
  'decided',
  'refused',
  'problem',
  'state_not_held',
  'cannot',
  'before_go_live',
  'creation_off',
  'ended_for_good',
  'waits',
  'sending',
  'lost_answer',
  'not_looked',
  'only_in_app',
  'only_in_books',
  'ended_alone',
  'existence_ahead',
  'app_ahead',
  'books_ahead',
  'policy_decides',
  'to_be_asked',
  'walking',
  'due',
  'later',
  'not_carried',
  'chosen_by_provider',
  'settled_so',
  'in_step',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export interface Reason {
  readonly code: ReasonCode;
  /** One sentence for people. */
  readonly says: string;
  /** The fields it is about, as contract paths; none where it is about the record. */
  readonly fields: readonly string[];
}

export interface Explanation {
  /** Nothing has to move, nothing is under way and nobody has to do anything. What still differs may stay so. */
  readonly inStep: boolean;
  /** Fields in which the two sides differ now, of those that both can hold. */
  readonly differs: readonly string[];
  readonly reasons: readonly Reason[];
}

/** What is known at this moment about a record and one connection. */
export type Situation =
  /** The provider has no API for the kind. */
  | { readonly is: 'absent'; readonly kind: KindName; readonly provider: string; readonly why: string }
  /** Only one side is known, and nobody has asked for it on the other one. */
  | { readonly is: 'unmet'; readonly knownAt: Side; readonly provider: string }
  | MetSituation;

export interface MetSituation {
  readonly is: 'met';
  readonly meeting: Meeting;
  /** The provider as people call it. */
  readonly provider: string;
  readonly now: Date;
  readonly policies: PolicyBook;
  readonly connection: {
    readonly state: 'active' | 'needs_reconnect' | 'suspended' | 'disconnected';
    readonly why: string | undefined;
    /** No calls before this time. */
    readonly pausedUntil: Date | undefined;
  };
  /** The books' record has been named, whether or not it was looked at. */
  readonly namedInBooks: boolean;
  readonly holds: readonly Hold[];
  readonly waits: readonly AwaitedRecord[];
  readonly conflict:
    | {
        readonly reason: ConflictReason;
        readonly groups: readonly string[];
        /** Who has answered it, where the answer still counts. */
        readonly decidedBy: string | undefined;
      }
    | undefined;
  /** The provider's refusal of the last write, in its words. */
  readonly refusal: string | undefined;
  /** What else a person must see to, in words. */
  readonly problems: readonly string[];
  /** A write to the books whose outcome is not known yet. */
  readonly write: { readonly answer: 'awaited' | 'lost'; readonly since: Date } | undefined;
  readonly work: { readonly state: 'none' | 'walking' } | { readonly state: 'due'; readonly notBefore: Date };
  /** Fields that only say which cards a record has at a provider that keeps several. */
  readonly cardFlags: ReadonlySet<string>;
}

/** A record that must exist at a side before this one can be written there, or must end there before this one does. */
export interface AwaitedRecord {
  readonly kind: KindName;
  /** As people know it: its name, number or id. */
  readonly name: string;
  readonly side: Side;
  readonly until: 'exists' | 'ended';
  /** Where it is referred to, such as `lines[2].item`; until it has ended, where it refers to this one. */
  readonly path: string;
  /** Why that has not come yet, where that is known. */
  readonly because: string | undefined;
}

/**
 * Says in words why the two sides differ at this moment, the most pressing reason first. It decides nothing: it reads
 * the same comparison that the planner reads.
 */
export const explain = (situation: Situation): Explanation => {
  switch (situation.is) {
    case 'absent': {
      const { provider, kind, why } = situation;
      return only(
        'absent',
        `${provider} offers no ${inWords(kind)} to programs (${why}); the record stays in the app.`,
      );
    }
    case 'unmet': {
      const { provider, knownAt } = situation;
      return only(
        'unmet',
        knownAt === 'app'
          ? `The record was not brought to ${provider} yet: nothing has changed it since the company was connected.`
          : `The record was read in ${provider} for reference; it is linked with no record of the app.`,
      );
    }
    case 'met':
      return explainMeeting(situation);
  }
};

const only = (code: ReasonCode, says: string): Explanation => ({
  inStep: false,
  differs: [],
  reasons: [{ code, says, fields: [] }],
});

const explainMeeting = (situation: MetSituation): Explanation => {
  const { meeting, policies } = situation;
  const differing = differingByGroup(meeting);
  const comparison = meeting.app && meeting.books && compare(meeting, policies.granularityOf(meeting.kind));
  const pressing = [
    ...accessReasons(situation),
    ...apartReasons(situation),
    ...askedReasons(situation, differing),
    ...failedReasons(situation),
    ...situation.holds.map((hold) => holdReason(hold, situation)),
    ...situation.waits.map((wait) => waitReason(wait, situation)),
    ...writeReasons(situation),
    ...(meeting.base.apart
      ? []
      : comparison
        ? verdictReasons(situation, comparison, differing)
        : oneSidedReasons(situation)),
    ...workReasons(situation),
  ];
  const standing = [
    ...notCarriedReasons(situation),
    ...(comparison && !meeting.base.apart ? settledReasons(situation, comparison, differing) : []),
  ];
  const differs = Object.values(differing).flat();
  const inStep = pressing.length === 0;
  return {
    inStep,
    differs,
    reasons: [
      ...pressing,
      ...(inStep && differs.length === 0 ? [reason('in_step', 'Both sides show the same.')] : []),
      ...standing,
    ],
  };
};

const reason = (code: ReasonCode, says: string, fields: readonly string[] = []): Reason => ({ code, says, fields });

type Differing = Readonly<Record<string, readonly string[]>>;

/** Per group, the fields in which both sides differ, of those that both can hold; an ended record shows nothing. */
const differingByGroup = (meeting: Meeting): Differing => {
  const { kind, app, books } = meeting;
  if (!app || !books || masks(app.existence) || masks(books.existence)) return {};
  return Object.fromEntries(
    groupNames(kind).map((group) => [
      group,
      differingFields(
        normalGroup(kind, group, app.content, readingOf(meeting, 'app')),
        normalGroup(kind, group, books.content, readingOf(meeting, 'books')),
      ),
    ]),
  );
};

const accessReasons = ({ connection, provider, now, work }: MetSituation): Reason[] => {
  const { state, why, pausedUntil } = connection;
  const because = why === undefined ? '' : ` (${why})`;
  switch (state) {
    case 'disconnected':
      return [reason('disconnected', `${provider} is disconnected; nothing moves between the two sides any more.`)];
    case 'needs_reconnect':
      return [
        reason(
          'needs_reconnect',
          `${provider} no longer accepts the consent${because}; nothing moves until somebody reconnects it.`,
        ),
      ];
    case 'suspended':
      return [reason('suspended', `${provider} has suspended the company${because}; Concord tries again by itself.`)];
    case 'active':
      return pausedUntil && pausedUntil > now && work.state !== 'none'
        ? [reason('paused', `${provider} takes no calls before ${inUtc(pausedUntil)}; then it goes on by itself.`)]
        : [];
  }
};

const apartReasons = ({ meeting }: MetSituation): Reason[] =>
  meeting.base.apart
    ? [reason('left_apart', 'A person decided that the record lives apart on each side; Concord leaves both alone.')]
    : [];

const askedReasons = ({ conflict, provider }: MetSituation, differing: Differing): Reason[] => {
  if (!conflict) return [];
  if (conflict.decidedBy !== undefined) {
    return [reason('decided', `${conflict.decidedBy} has decided the conflict; the next walk carries it out.`)];
  }
  const fields = conflict.groups.flatMap((group) => differing[group] ?? []);
  const what = fields.length === 0 ? 'the record' : listed(fields);
  const sentences: Readonly<Record<ConflictReason, string>> = {
    both_edited: `Both sides changed ${what} to different values; a person must decide.`,
    never_agreed: `Both sides differ in ${what} and never agreed on it; a person must decide which side is right.`,
    ended_and_edited: `One side ended the record while the other one changed it or ended it differently; a person must decide.`,
    push_on_old_version: `The app changed ${what} without knowing what ${provider} had changed there; a person must decide.`,
    namesake: `The other side already has a record with this name or number; a person must say whether it is the same one.`,
    outcome_unknown: `The answer to a write was lost and ${provider} offers no way to find out what became of it; a person must look and say.`,
  };
  return [reason(conflict.reason, sentences[conflict.reason], fields)];
};

const failedReasons = ({ refusal, problems, provider }: MetSituation): Reason[] => [
  ...(refusal === undefined
    ? []
    : [
        reason(
          'refused',
          `${provider} refused the last write: “${refusal}” It is sent again once a side changes or somebody asks for it.`,
        ),
      ]),
  ...problems.map((problem) => reason('problem', `A person must see to this: ${problem}`)),
];

/** Why something is not moved, in words. */
export const holdReason = (hold: Hold, { provider }: Pick<MetSituation, 'provider'>): Reason => {
  const there = sideName(hold.side, provider);
  const from = sideName(hold.side === 'app' ? 'books' : 'app', provider);
  switch (hold.code) {
    case 'state_not_held':
      return reason(hold.code, `It is ${inWords(hold.state)} in ${from}, which ${there} cannot hold; it is not sent.`, [
        'state',
      ]);
    case 'cannot':
      return reason(
        hold.code,
        `${capital(there)} does not let programs ${hold.operation} such a record.${hold.reason === undefined ? '' : ` ${hold.reason}`}`,
      );
    case 'before_go_live':
      return reason(
        hold.code,
        `It is dated ${hold.date}, before the go-live date ${hold.goLive}; ${there} is not written.`,
      );
    case 'creation_off':
      return reason(
        hold.code,
        `Records of this kind are not created in ${there} until that is switched on; link it with one that is there.`,
      );
    case 'ended_for_good':
      return reason(hold.code, `It was ${hold.existence} on one side, which ${there} can neither follow nor undo.`);
  }
};

const waitReason = ({ kind, name, side, until, path, because }: AwaitedRecord, { provider }: MetSituation): Reason => {
  const verb = until === 'exists' ? 'exists' : 'has ended';
  return reason(
    'waits',
    `It waits until the ${inWords(kind)} ${name} ${verb} in ${sideName(side, provider)}${because === undefined ? '' : ` (${because})`}.`,
    // Until that one has ended, the path is one of its fields and not of this record's.
    path === '' || until === 'ended' ? [] : [path],
  );
};

const writeReasons = ({ write, provider }: MetSituation): Reason[] => {
  if (!write) return [];
  return [
    write.answer === 'awaited'
      ? reason('sending', `A write to ${provider} is under way since ${inUtc(write.since)}.`)
      : reason(
          'lost_answer',
          `The answer to the write of ${inUtc(write.since)} was lost; Concord finds out whether ${provider} carried it out before it writes again.`,
        ),
  ];
};

/** What only one side has. */
const oneSidedReasons = ({ meeting, provider, namedInBooks }: MetSituation): Reason[] => {
  const { app, books } = meeting;
  if (!books && namedInBooks) return [reason('not_looked', `Concord has not looked at the record in ${provider} yet.`)];
  const view = app ?? books;
  if (!view) return [];
  const here = sideName(app ? 'app' : 'books', provider);
  const there = sideName(app ? 'books' : 'app', provider);
  return [
    view.existence === 'present'
      ? reason(app ? 'only_in_app' : 'only_in_books', `The record is in ${here} and not in ${there} yet.`)
      : reason('ended_alone', `The record is ${inWords(view.existence)} in ${here} and never was in ${there}.`),
  ];
};

/** What one side has and the other one has not learnt yet. */
const verdictReasons = (
  { meeting, provider, policies, conflict }: MetSituation,
  comparison: Comparison,
  differing: Differing,
): Reason[] => {
  const { kind } = meeting;
  const verdicts: Readonly<Record<string, Verdict>> = {
    ...comparison.groups,
    [EXISTENCE_GROUP]: comparison.existence,
  };
  const groupsWith = (verdict: Verdict): string[] =>
    Object.keys(verdicts).filter((group) => verdicts[group] === verdict);
  const fieldsOfGroups = (groups: readonly string[]): string[] => groups.flatMap((group) => differing[group] ?? []);

  const ahead = (verdict: 'app_changed' | 'books_changed', side: Side): Reason[] => {
    const groups = groupsWith(verdict);
    const fields = fieldsOfGroups(groups.filter((group) => group !== EXISTENCE_GROUP));
    const here = sideName(side, provider);
    const there = sideName(side === 'app' ? 'books' : 'app', provider);
    return [
      ...(groups.includes(EXISTENCE_GROUP)
        ? [
            reason(
              'existence_ahead',
              `It is ${inWords(meeting[side]!.existence)} in ${here}, which ${there} has not learnt yet.`,
            ),
          ]
        : []),
      ...(fields.length > 0
        ? [
            reason(
              side === 'app' ? 'app_ahead' : 'books_ahead',
              `${capital(here)} changed ${listed(fields)}, which ${there} has not learnt yet.`,
              fields,
            ),
          ]
        : []),
    ];
  };

  const clashing = groupsWith('clash').filter((group) => !conflict?.groups.includes(group));
  const byRule = Map.groupBy(clashing, (group) => policies.ruleFor(kind, group));
  return [
    ...ahead('app_changed', 'app'),
    ...ahead('books_changed', 'books'),
    ...[...byRule].map(([rule, groups]) => clashReason(rule, fieldsOfGroups(groups), provider)),
  ];
};

const clashReason = (rule: Rule, fields: readonly string[], provider: string): Reason => {
  const what = fields.length === 0 ? 'the record' : listed(fields);
  return rule === 'review'
    ? reason('to_be_asked', `Both sides changed ${what} differently; a person will be asked.`, fields)
    : reason(
        'policy_decides',
        `Both sides changed ${what} differently; by policy the version of ${sideName(rule === 'app_wins' ? 'app' : 'books', provider)} wins.`,
        fields,
      );
};

const workReasons = ({ work, now }: MetSituation): Reason[] => {
  switch (work.state) {
    case 'none':
      return [];
    case 'walking':
      return [reason('walking', 'Concord is comparing both sides right now.')];
    case 'due':
      return work.notBefore > now
        ? [reason('later', `Concord looks at it again at ${inUtc(work.notBefore)}.`)]
        : [reason('due', 'Concord looks at it as soon as a worker is free.')];
  }
};

/** What the app says and the provider has no place for. */
const notCarriedReasons = ({ meeting, provider, cardFlags }: MetSituation): Reason[] => {
  const { kind, app } = meeting;
  if (!app) return [];
  const paths = new Set<string>();
  for (const [name, { shape, readOnly }] of Object.entries(fieldsOf(kind))) {
    const value = app.content[name] ?? null;
    if (value === null || readOnly || cardFlags.has(name)) continue;
    if (!meeting.carries(name)) paths.add(name);
    else if (shape.is === 'list' || shape.is === 'object') {
      for (const element of (shape.is === 'list' ? value : [value]) as Content[]) {
        if (shape.is === 'list' && lackedElement(shape.key, name, element, meeting)) {
          paths.add(`${name}.${String(element[shape.key!])}`);
        } else {
          for (const inner of Object.keys(element)) {
            if (inner !== 'id' && (element[inner] ?? null) !== null && !meeting.carries(`${name}.${inner}`)) {
              paths.add(`${name}.${inner}`);
            }
          }
        }
      }
    }
  }
  if (paths.size === 0) return [];
  const fields = [...paths];
  return [reason('not_carried', `${provider} has no place for ${listed(fields)}; the app keeps it.`, fields)];
};

/** Differences that are nobody's edit and stay: what the provider chose, and what was settled as it is. */
const settledReasons = (
  { meeting, provider }: MetSituation,
  { groups, existence }: Comparison,
  differing: Differing,
): Reason[] => {
  const settled = Object.keys(differing)
    .filter((group) => groups[group] === 'same' || groups[group] === 'both_alike')
    .flatMap((group) => differing[group]!);
  const alikeOtherwise = alikeButForChoices(meeting);
  const [chosen, kept] = [settled.filter(alikeOtherwise), settled.filter((field) => !alikeOtherwise(field))];
  const [app, books] = [meeting.app!.existence, meeting.books!.existence];
  return [
    ...(chosen.length > 0
      ? [
          reason(
            'chosen_by_provider',
            `${provider} chooses ${listed(chosen)} by itself; that is nobody’s edit.`,
            chosen,
          ),
        ]
      : []),
    ...(kept.length > 0
      ? [reason('settled_so', `It was settled that each side keeps its own ${listed(kept)}.`, kept)]
      : []),
    ...(app !== books && existence === 'same'
      ? [reason('settled_so', `It was settled that the record is ${app} in the app and ${books} in ${provider}.`)]
      : []),
  ];
};

/** Whether a field differs in nothing but what the provider chooses by itself, in the field or inside it. */
const alikeButForChoices = (meeting: Meeting): ((field: string) => boolean) => {
  const { decides } = meeting;
  const others = { ...meeting, carries: (path: string) => meeting.carries(path) && !decides.has(path) };
  const differing = new Set(Object.values(differingByGroup(others)).flat());
  return (field) => !differing.has(field);
};

const sideName = (side: Side, provider: string): string => (side === 'app' ? 'the app' : provider);

const inWords = (name: string): string => name.replaceAll('_', ' ');

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;

/** `2026-03-02 09:00 UTC`. */
const inUtc = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
