import { Injectable } from '@nestjs/common';
import { type Content, CONTRACT_VERSION, type Issue, malformed, overlay } from '../../domain/contract/index.js';
import { ConflictViews, type ConflictView } from '../../modules/conflicts/index.js';
import { type DecisionInput, type DecisionOutcome, Decisions } from '../../modules/sync/index.js';
import { Transactions } from '../../platform/database/index.js';
import { answer } from '../answer.js';
import { invalid, notFound, type Refused } from '../errors/refused.js';
import { conflictShown } from './conflict-shown.js';
import type { ConflictDecisionInput } from './conflict.inputs.js';
import { ConflictChanged, DecisionAccepted } from './conflict.types.js';

export type Decided = DecisionAccepted | ConflictChanged | Refused;

/** Decisions as callers word them: in their contract version, and each for itself. */
@Injectable()
export class Deciding {
  constructor(
    private readonly transactions: Transactions,
    private readonly views: ConflictViews,
    private readonly decisions: Decisions,
  ) {}

  /** In the order of the inputs. */
  async decide(
    tenant: string,
    actor: string,
    inputs: readonly ConflictDecisionInput[],
    contract: number,
  ): Promise<Decided[]> {
    const ids = inputs.map(({ conflict }) => conflict);
    const before = await this.viewsOf(tenant, ids);
    const worded = inputs.map((input) => wordedIn(input, before.get(input.conflict), contract));
    const possible = worded.flatMap((one) => ('issues' in one ? [] : [one.input]));
    const outcomes = (await this.decisions.decideConflicts(tenant, actor, possible)).values();
    const after = await this.viewsOf(tenant, ids);
    return worded.map((one) =>
      'issues' in one
        ? invalid(one.issues)
        : decidedOf(outcomes.next().value!, after.get(one.input.conflict), contract),
    );
  }

  private async viewsOf(tenant: string, ids: readonly string[]): Promise<ReadonlyMap<string, ConflictView>> {
    const views = await this.transactions.inTenant(tenant, (tx) => this.views.get(tx, ids));
    return new Map(views.map((view) => [view.id, view]));
  }
}

/** Edited values of an older contract version are laid over what it does not know. */
const wordedIn = (
  { conflict, fingerprint, verb, groups, content, always }: ConflictDecisionInput,
  view: ConflictView | undefined,
  contract: number,
): { readonly input: DecisionInput } | { readonly issues: readonly Issue[] } => {
  const input: DecisionInput = {
    ...{ conflict, verb, always },
    ...(fingerprint !== undefined && { fingerprint }),
    ...(groups && { groups: Object.fromEntries(groups.map(({ group, take }) => [group, take])) }),
  };
  if (!content || !view) return { input };
  const issues = malformed(view.kind, content.value, contract).map((issue) => ({
    ...issue,
    path: `content.${issue.path}`,
  }));
  if (issues.length > 0) return { issues };
  const written = content.value as Content;
  const laid = contract === CONTRACT_VERSION ? written : overlay(view.kind, view.app?.content ?? {}, written, contract);
  return {
    input: {
      ...input,
      content: Object.fromEntries(Object.keys(written).map((name) => [name, laid[name] ?? null])),
    },
  };
};

const decidedOf = (outcome: DecisionOutcome, after: ConflictView | undefined, contract: number): Decided => {
  switch (outcome.outcome) {
    case 'accepted':
      return answer(DecisionAccepted, {
        decision: outcome.decision,
        conflict: conflictShown(after!, contract),
      });
    case 'changed':
      return new ConflictChanged(conflictShown(after!, contract));
    case 'not_found':
      return notFound();
    case 'invalid':
      return invalid(outcome.issues);
  }
};
