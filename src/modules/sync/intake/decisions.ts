import { Injectable } from '@nestjs/common';
import { type Choice, EXISTENCE_GROUP, type Rule } from '../../../domain/conflict/index.js';
import { type Content, groupFields, type Issue, malformed } from '../../../domain/contract/index.js';
import { Identifiers } from '../../../platform/clock/index.js';
import { Transactions, type Tx } from '../../../platform/database/index.js';
import { ConflictStore, type OpenConflict } from '../../conflicts/index.js';
import { type Cause, HistoryStore } from '../../history/index.js';
import { WorkStore } from '../store/index.js';

/** What people can say of a conflict. */
export const VERBS = ['keep_app', 'keep_books', 'by_group', 'edit', 'leave_apart'] as const;
export type Verb = (typeof VERBS)[number];

export interface DecisionInput {
  readonly conflict: string;
  /** The fingerprint that the person saw; a clash that has changed since is not decided blindly. */
  readonly fingerprint?: string;
  readonly verb: Verb;
  /** With `by_group`: whose version counts, for each clashing group. */
  readonly groups?: Readonly<Record<string, 'app' | 'books' | 'apart'>>;
  /** With `edit`: the values that both sides shall have, in the app's refs. */
  readonly content?: Content;
  /** Turn the answer into the policy for this kind and these groups. */
  readonly always?: boolean;
}

export type DecisionOutcome =
  | { readonly outcome: 'accepted'; readonly decision: string; readonly conflict: OpenConflict }
  | { readonly outcome: 'not_found' }
  /** The clash is another one by now; look at it again. */
  | { readonly outcome: 'changed'; readonly conflict: OpenConflict }
  | { readonly outcome: 'invalid'; readonly issues: readonly Issue[] };

/** A person's answers to conflicts. An answer is an input to the next plan, not a write. */
@Injectable()
export class Decisions {
  constructor(
    private readonly transactions: Transactions,
    private readonly identifiers: Identifiers,
    private readonly conflicts: ConflictStore,
    private readonly work: WorkStore,
    private readonly history: HistoryStore,
  ) {}

  async decideConflict(tenant: string, actor: string, input: DecisionInput): Promise<DecisionOutcome> {
    return this.transactions.inTenant(tenant, (tx) => this.decideIn(tx, actor, input));
  }

  /** Each of them for itself, in one transaction; outcomes are in order. */
  async decideConflicts(
    tenant: string,
    actor: string,
    inputs: readonly DecisionInput[],
  ): Promise<readonly DecisionOutcome[]> {
    return this.transactions.inTenant(tenant, async (tx) => {
      const outcomes: DecisionOutcome[] = [];
      for (const input of inputs) outcomes.push(await this.decideIn(tx, actor, input));
      return outcomes;
    });
  }

  private async decideIn(tx: Tx, actor: string, input: DecisionInput): Promise<DecisionOutcome> {
    const conflict = await this.conflicts.get(tx, input.conflict);
    if (!conflict) return { outcome: 'not_found' };
    if (input.fingerprint !== undefined && input.fingerprint !== conflict.fingerprint) {
      return { outcome: 'changed', conflict };
    }
    const issues = issuesOf(input, conflict);
    if (issues.length > 0) return { outcome: 'invalid', issues };

    const id = this.identifiers.id();
    const choices = choicesOf(input, conflict);
    const { fingerprint, twin, kind } = conflict;
    await this.conflicts.decide(tx, conflict.id, { id, fingerprint, choices, actor, verb: input.verb });
    const cause: Cause = { by: 'person', actor, id };
    const about = { cause, twin, kind, connection: conflict.connection };
    await this.history.append(tx, [
      {
        ...about,
        type: 'conflict_decided',
        detail: { conflict: conflict.id, verb: input.verb, choices, always: input.always ?? false },
      },
    ]);
    if (input.always) await this.alwaysDoThis(tx, conflict, choices, about);
    await this.work.raise(tx, [{ twin, lane: 'interactive', look: true, cause }]);
    return { outcome: 'accepted', decision: id, conflict };
  }

  /** The answer becomes the policy of each group it was given for. */
  private async alwaysDoThis(
    tx: Tx,
    { kind }: OpenConflict,
    choices: Readonly<Record<string, Choice>>,
    about: { cause: Cause; twin: string; connection: string },
  ): Promise<void> {
    for (const [group, choice] of Object.entries(choices)) {
      const rule: Rule | undefined =
        choice.take === 'app' ? 'app_wins' : choice.take === 'books' ? 'books_wins' : undefined;
      if (!rule) continue;
      await this.conflicts.setPolicy(tx, { kind, group, rule }, about.cause.actor ?? '');
      await this.history.append(tx, [{ ...about, kind, type: 'policy_set', detail: { group, rule } }]);
    }
  }
}

const choicesOf = (input: DecisionInput, conflict: OpenConflict): Record<string, Choice> => {
  const all = (choice: (group: string) => Choice): Record<string, Choice> =>
    Object.fromEntries(conflict.groups.map((group) => [group, choice(group)]));
  switch (input.verb) {
    case 'keep_app':
      return all(() => ({ take: 'app' }));
    case 'keep_books':
      return all(() => ({ take: 'books' }));
    case 'leave_apart':
      return all(() => ({ take: 'apart' }));
    case 'by_group':
      return all((group) => ({ take: input.groups![group]! }));
    case 'edit':
      return all((group) => ({ take: 'edited', content: editedIn(conflict, group, input.content!) }));
  }
};

/** The app's version of the group with the edited values laid over it; a conflict about existence takes all of them. */
const editedIn = ({ app, kind }: OpenConflict, group: string, edited: Content): Content => {
  if (group === EXISTENCE_GROUP) return edited;
  const own = Object.fromEntries(Object.entries({ ...app?.content, ...edited }).filter(([, value]) => value !== null));
  return Object.fromEntries(Object.entries(own).filter(([name]) => name in groupFields(kind, group)));
};

const issuesOf = (input: DecisionInput, conflict: OpenConflict): Issue[] => {
  const { verb, groups = {}, content, always } = input;
  switch (verb) {
    case 'by_group':
      return [
        ...conflict.groups
          .filter((group) => groups[group] === undefined)
          .map((group) => issue(`groups.${group}`, 'required', 'each clashing group needs an answer')),
        ...Object.keys(groups)
          .filter((group) => !conflict.groups.includes(group))
          .map((group) => issue(`groups.${group}`, 'clashing_group', 'is not in conflict')),
      ];
    case 'edit': {
      if (!content) return [issue('content', 'required', 'says what both sides shall have')];
      const creating = conflict.reason === 'namesake';
      if (!creating && conflict.groups.includes(EXISTENCE_GROUP)) {
        return [
          issue('verb', 'applicable', 'values cannot decide whether a record lives on: keep one side, or leave apart'),
        ];
      }
      const foreign = Object.keys(content).filter(
        (name) => !creating && !conflict.groups.some((group) => name in groupFields(conflict.kind, group)),
      );
      return [
        ...malformed(conflict.kind, content).map((one) => ({ ...one, path: `content.${one.path}` })),
        ...foreign.map((name) => issue(`content.${name}`, 'clashing_group', 'is in no group that is in conflict')),
        ...(always ? [issue('always', 'repeatable', 'edited values cannot become a policy')] : []),
      ];
    }
    case 'leave_apart':
      return always ? [issue('always', 'repeatable', 'leaving apart cannot become a policy')] : [];
    case 'keep_app':
    case 'keep_books':
      return [];
  }
};

const issue = (path: string, rule: string, message: string): Issue => ({ path, rule, message });
