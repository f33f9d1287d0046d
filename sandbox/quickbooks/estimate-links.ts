import { relink } from './applications.ts';
import type { Entity } from './entity.ts';
import type { Draft } from './rules.ts';
import { faults } from './vendor-fault.ts';

/** An invoice made from an estimate: the estimate lists the invoice and is closed (sheet 3.10). Lines are not copied. */

function estimateOf(invoice: Entity | undefined): string | undefined {
  const links = (invoice?.LinkedTxn ?? []).filter((link) => link.TxnType === 'Estimate');
  if (links.length > 1) throw faults.notLinkable('Estimate', String(links[1]?.TxnId));
  return links[0]?.TxnId;
}

export function linkEstimate(draft: Draft): void {
  const { object, previous, work, company } = draft;
  const before = estimateOf(previous);
  const after = estimateOf(object);
  if (before === after) return;
  if (before !== undefined) release(draft, before);
  if (after === undefined) return;
  const estimate = work.peek('Estimate', after);
  if (!estimate || estimate.CustomerRef?.value !== object.CustomerRef?.value) {
    throw faults.notLinkable('Estimate', after);
  }
  if ((work.peekHidden('Estimate', after)?.linkedBy ?? []).length > 0) throw faults.notLinkable('Estimate', after);
  const step = work.edit('Estimate', after);
  step.hidden.statusBeforeInvoice = String(step.object.TxnStatus);
  step.object.TxnStatus = company.switches.estimateStatusOnInvoice;
  relink(step, [{ TxnId: object.Id, TxnType: 'Invoice' }]);
}

export function unlinkEstimate(draft: Draft): void {
  const estimate = estimateOf(draft.object);
  if (estimate === undefined) return;
  release(draft, estimate);
  draft.object.LinkedTxn = (draft.object.LinkedTxn ?? []).filter((link) => link.TxnType !== 'Estimate');
}

function release({ work, object }: Draft, estimateId: string): void {
  if (!work.peek('Estimate', estimateId)) return;
  const step = work.edit('Estimate', estimateId);
  relink(
    step,
    (step.hidden.linkedBy ?? []).filter((link) => link.TxnId !== object.Id),
  );
  step.object.TxnStatus = step.hidden.statusBeforeInvoice ?? 'Pending';
  step.hidden.statusBeforeInvoice = undefined;
}
