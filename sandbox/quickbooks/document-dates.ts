import { addDays, dayOfMonth } from './calendar.ts';
import type { Entity } from './entity.ts';
import { gives, type Draft } from './rules.ts';

/** The date the transaction gets when it has none. */
export function settleDate(draft: Draft): void {
  draft.object.TxnDate ??= draft.company.today();
}

/** DueDate follows from the term when it is not given (sheet 3.6). */
export function settleDueDate(draft: Draft): void {
  const { object, company, sparse } = draft;
  const termChanged = sparse && gives(draft, 'SalesTermRef') && !gives(draft, 'DueDate');
  if (object.DueDate !== undefined && !termChanged) return;
  const term = company.object('Term', object.SalesTermRef?.value);
  const due = term ? dueDateOf(term, object.TxnDate as string) : undefined;
  object.DueDate = due ?? object.DueDate ?? object.TxnDate;
}

function dueDateOf(term: Entity, from: string): string {
  if (term.DueDays !== undefined) return addDays(from, Number(term.DueDays));
  const wanted = Number(term.DayOfMonthDue);
  const sameMonth = dayOfMonth(from, 0, wanted);
  // Too close to the day, the document falls due in the month after.
  const enoughTime = addDays(from, Number(term.DueNextMonthDays ?? 0)) <= sameMonth;
  return enoughTime ? sameMonth : dayOfMonth(from, 1, wanted);
}
