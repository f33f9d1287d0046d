import { relink } from './applications.ts';
import type { Entity } from './entity.ts';
import type { Draft } from './rules.ts';
import { faults } from './vendor-fault.ts';
import type { Work } from './work.ts';

/**
 * Bills made from purchase orders: by the header link for the whole order, or line by line with TxnLineId. An order
 * whose lines are all billed closes; when a bill goes away it opens again (sheet 3.15).
 */

/** For each order a bill names, the order lines it covers; none named means all of them. */
function ordersOf(bill: Entity | undefined): Map<string, Set<string>> {
  const orders = new Map<string, Set<string>>();
  const add = (link: { TxnId: string; TxnType: string; TxnLineId?: string }) => {
    if (link.TxnType !== 'PurchaseOrder') return;
    const lines = orders.get(link.TxnId) ?? new Set();
    if (link.TxnLineId !== undefined) lines.add(link.TxnLineId);
    orders.set(link.TxnId, lines);
  };
  for (const link of bill?.LinkedTxn ?? []) add(link);
  for (const line of bill?.Line ?? []) for (const link of line.LinkedTxn ?? []) add(link);
  return orders;
}

export function linkPurchaseOrders(draft: Draft): void {
  const { object, previous, work } = draft;
  const before = ordersOf(previous);
  const after = ordersOf(object);
  for (const id of before.keys()) if (!after.has(id)) uncover(work, object, id);
  for (const [id, lines] of after) {
    const order = work.peek('PurchaseOrder', id);
    if (!order || order.VendorRef?.value !== object.VendorRef?.value) throw faults.notLinkable('PurchaseOrder', id);
    const own = new Set((order.Line ?? []).map((line) => line.Id));
    if ([...lines].some((line) => !own.has(line))) throw faults.notLinkable('PurchaseOrder', id);
    const known = work.peekHidden('PurchaseOrder', id)?.billed?.[object.Id];
    if (known && known.join() === [...lines].join()) continue;
    const step = work.edit('PurchaseOrder', id);
    step.hidden.billed = { ...step.hidden.billed, [object.Id]: [...lines] };
    const others = (step.hidden.linkedBy ?? []).filter((link) => link.TxnId !== object.Id);
    relink(step, [...others, { TxnId: object.Id, TxnType: 'Bill' }]);
    showStatus(step.object, step.hidden.billed);
  }
}

export function unlinkPurchaseOrders(draft: Draft): void {
  for (const id of ordersOf(draft.object).keys()) uncover(draft.work, draft.object, id);
}

function uncover(work: Work, bill: Entity, orderId: string): void {
  if (!work.peek('PurchaseOrder', orderId)) return;
  const step = work.edit('PurchaseOrder', orderId);
  const billed = { ...step.hidden.billed };
  delete billed[bill.Id];
  step.hidden.billed = billed;
  relink(
    step,
    (step.hidden.linkedBy ?? []).filter((link) => link.TxnId !== bill.Id),
  );
  showStatus(step.object, billed);
}

function showStatus(order: Entity, billed: Record<string, string[]>): void {
  const covers = Object.values(billed);
  const lines = (order.Line ?? []).filter((line) => line.DetailType !== 'DescriptionOnly');
  const covered = (id: string | undefined) =>
    covers.some((ids) => ids.length === 0 || (id !== undefined && ids.includes(id)));
  order.POStatus = covers.length > 0 && lines.every((line) => covered(line.Id)) ? 'Closed' : 'Open';
}
