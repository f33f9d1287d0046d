/** What webhooks may tell, and the scopes without which it is skipped (sheet 5.2). Names of estimate events are a guess. */
export const WEBHOOK_EVENTS = [
  'invoice.approved',
  'invoice.sent',
  'invoice.viewed',
  'invoice.paid',
  'invoice.partially_paid',
  'invoice.overpaid',
  'invoice.overdue',
  'estimate.approved',
  'estimate.sent',
  'estimate.viewed',
  'estimate.accepted',
  'estimate.rejected',
  'estimate.converted',
] as const;

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Something that happened to an invoice or an estimate. */
export interface Happening {
  type: WebhookEvent;
  businessId: string;
  /** Id of the invoice or estimate. */
  id: string;
  customerId: string;
  currency: string;
  total: string;
  amountPaid: string;
  amountDue: string;
  dueDate: string;
  at: number;
}
