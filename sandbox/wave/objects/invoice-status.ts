import { Decimal, zero } from '../../amounts.ts';
import type { Business } from '../business.ts';
import type { Invoice, InvoiceStatus, SalesForm } from '../records.ts';
import type { WebhookEvent } from '../webhook-events.ts';

export function amountDue(form: SalesForm): Decimal {
  return new Decimal(form.total).minus(form.amountPaid);
}

/** What is shown follows from the stage, the money and the day (sheet 3.5). */
export function invoiceStatus(business: Business, invoice: Invoice, today = business.today()): InvoiceStatus {
  if (invoice.stage === 'DRAFT') return 'DRAFT';
  const due = amountDue(invoice);
  const isPaid = new Decimal(invoice.amountPaid).gt(zero);
  if (isPaid && due.lt(zero)) return 'OVERPAID';
  if (isPaid && due.isZero()) return 'PAID';
  if (due.gt(zero) && invoice.dueDate < today) return 'OVERDUE';
  if (isPaid) return 'PARTIAL';
  return invoice.wasPaid && business.switches.unpaidAgain === 'UNPAID' ? 'UNPAID' : invoice.stage;
}

export function tellOfInvoice(business: Business, invoice: Invoice, type: WebhookEvent): void {
  business.emit({
    type,
    id: invoice.id,
    customerId: invoice.customerId,
    currency: invoice.currency,
    total: invoice.total,
    amountPaid: invoice.amountPaid,
    amountDue: amountDue(invoice).toFixed(),
    dueDate: invoice.dueDate,
  });
}

/** Tells what a changed amount paid means; a smaller one is not told at all. */
export function tellOfPayment(business: Business, before: Invoice, after: Invoice): void {
  if (!new Decimal(after.amountPaid).gt(before.amountPaid)) return;
  const due = amountDue(after);
  if (due.lt(zero)) tellOfInvoice(business, after, 'invoice.overpaid');
  else tellOfInvoice(business, after, due.isZero() ? 'invoice.paid' : 'invoice.partially_paid');
}
