import { decimal, sum, zero, type Decimal } from '../amounts.ts';
import { atMidnight, dayOf } from './calendar.ts';
import { refusal } from './problem.ts';
import type { Hidden } from './record.ts';
import type { Draft } from './rules.ts';
import type { Members } from './shape.ts';

/** What payments, settlements and refunds take up of documents, and how documents show it (sheet 6.7 to 6.14). */

/** One document that a payment or settlement takes something up of; the amount is signed like the document's total. */
export interface Target {
  uid: string;
  amount: Decimal;
  /** Where the amount stands in the request. */
  path: string;
}

/** What is left of a document: negative on credits. */
export function balanceOf(members: Members, hidden: Hidden): Decimal {
  const applied = sum(Object.values(hidden.applied ?? {}).map(({ amount }) => decimal(amount)));
  return decimal(members.TotalAmount).minus(applied);
}

/** Shows balance, status and last payment on a document. */
export function showBalance(members: Members, hidden: Hidden): void {
  const applications = Object.values(hidden.applied ?? {});
  const balance = balanceOf(members, hidden);
  const days = applications.map(({ day }) => day).sort();
  members.BalanceDueAmount = balance.toNumber();
  members.AppliedToDate = sum(applications.map(({ amount }) => decimal(amount))).toNumber();
  members.LastPaymentDate = days.length === 0 ? null : atMidnight(days.at(-1) as string);
}

export function isApplied(hidden: Hidden): boolean {
  return Object.keys(hidden.applied ?? {}).length > 0;
}

/** Takes up of each target what the draft says, after everything was checked to be there. */
export function apply(draft: Draft, targets: readonly Target[], status: StatusOf): void {
  const day = dayOf(draft.members.Date);
  for (const { uid, amount } of merged(targets)) {
    const { members, hidden, rules } = draft.work.edit(uid);
    hidden.applied = { ...hidden.applied, [draft.uid]: { amount: amount.toString(), day } };
    showBalance(members, hidden);
    members.Status = status(rules.name, balanceOf(members, hidden), members);
  }
}

/** Gives back what the draft's record took up. */
export function giveBack(draft: Draft, targets: readonly Target[], status: StatusOf): void {
  for (const { uid } of merged(targets)) {
    const { members, hidden, rules } = draft.work.edit(uid);
    hidden.applied = Object.fromEntries(Object.entries(hidden.applied ?? {}).filter(([by]) => by !== draft.uid));
    showBalance(members, hidden);
    members.Status = status(rules.name, balanceOf(members, hidden), members);
  }
}

export type StatusOf = (resource: string, balance: Decimal, members: Members) => unknown;

/** No more can be taken up than is left, and only of the sign that is left. */
export function refuseOverApplication(draft: Draft, targets: readonly Target[]): void {
  for (const { uid, amount, path } of merged(targets)) {
    const document = draft.file.find(uid);
    if (!document) throw refusal('NotFound', path);
    const left = balanceOf(document.members, document.hidden);
    const fits = amount.isNegative() ? amount.greaterThanOrEqualTo(left) : amount.lessThanOrEqualTo(left);
    if (!fits) throw refusal('AmountAppliedExceedsBalance', path);
  }
}

/** One target per document, however many lines point to it. */
function merged(targets: readonly Target[]): Target[] {
  const byUid = new Map<string, Target>();
  for (const target of targets) {
    const known = byUid.get(target.uid);
    byUid.set(target.uid, known ? { ...known, amount: known.amount.plus(target.amount) } : target);
  }
  return [...byUid.values()].filter(({ amount }) => !amount.equals(zero));
}
