import { Decimal } from '../../amounts.ts';
import type { Business } from '../business.ts';
import { addDays } from '../calendar.ts';
import { Problems } from '../problems.ts';
import type { Invoice, Nullable } from '../records.ts';
import { unknownReference } from '../references.ts';
import type { Write, WriteTo } from '../write.ts';
import { appearance, appearanceOf, type AppearanceInput } from './form-fields.ts';
import { compute, draftsOf, readDiscount, readLines, type DiscountInput, type LineInput } from './form-lines.ts';
import { tellOfInvoice } from './invoice-status.ts';

export interface InvoiceInput extends AppearanceInput {
  customerId?: string | null;
  status?: 'DRAFT' | 'SAVED' | null;
  currency?: string | null;
  invoiceNumber?: string | null;
  invoiceDate?: string | null;
  exchangeRate?: Decimal | null;
  dueDate?: string | null;
  items?: LineInput[] | null;
  discounts?: DiscountInput[] | null;
}

const TITLE = 'Invoice';

export function createInvoice(write: Write<InvoiceInput & { customerId: string }>): Invoice | undefined {
  const { business, input, problems } = write;
  if (refusedAsClassic(business, problems)) return undefined;
  const customer = business.customers.get(input.customerId);
  if (!customer) unknownReference(business, problems, ['customerId'], 'Customer', input.customerId);
  const usual =
    business.switches.invoiceCurrency === 'customer' && customer ? customer.currency : business.settings.currency;
  const currency = input.currency ?? usual;
  const invoiceDate = input.invoiceDate ?? business.today();
  const invoiceNumber = input.invoiceNumber ?? business.invoiceNumbers.next();
  refuseTakenNumber(business, problems, invoiceNumber);
  const lines = readLines(business, input.items ?? [], problems);
  const discount = readDiscount(business, input.discounts ?? [], problems);
  const computed = compute(business, { currency, day: invoiceDate, lines, discount }, problems);
  const exchangeRate = readRate(business, input.exchangeRate, currency, problems);
  if (problems.any) return undefined;
  const invoice: Invoice = {
    ...business.newRow('Invoice'),
    ...appearance(input, undefined, TITLE),
    ...computed,
    ...UNSENT,
    stage: input.status ?? 'DRAFT',
    customerId: input.customerId,
    currency,
    exchangeRate,
    invoiceNumber,
    invoiceDate,
    dueDate: input.dueDate ?? addDays(invoiceDate, business.settings.termsDays),
    sourceId: null,
  };
  business.putInvoice(invoice);
  if (invoice.stage === 'SAVED') tellOfInvoice(business, invoice, 'invoice.approved');
  business.noteOverdue();
  return business.invoices.get(invoice.id);
}

const UNSENT = {
  amountPaid: '0',
  lastSentAt: null,
  lastSentVia: null,
  lastViewedAt: null,
  wasPaid: false,
  overdueTold: false,
} as const;

export function patchInvoice(write: WriteTo<Invoice, InvoiceInput>): Invoice | undefined {
  const { business, target, input, problems } = write;
  refuseFixed(write);
  const customerId = input.customerId ?? target.customerId;
  if (!business.customers.get(customerId)) {
    unknownReference(business, problems, ['customerId'], 'Customer', customerId);
  }
  const currency = input.currency ?? target.currency;
  const invoiceDate = input.invoiceDate ?? target.invoiceDate;
  const invoiceNumber = input.invoiceNumber ?? target.invoiceNumber;
  if (invoiceNumber !== target.invoiceNumber) refuseTakenNumber(business, problems, invoiceNumber);
  if (input.status === 'DRAFT' && target.stage !== 'DRAFT') {
    problems.add(['status'], 'An approved invoice cannot become a draft again.');
  }
  const change: Partial<Invoice> = {};
  const isComputedAnew = input.items !== undefined || input.discounts !== undefined || currency !== target.currency;
  if (isComputedAnew) {
    const lines =
      input.items === undefined ? draftsOf(business, target.items) : readLines(business, input.items ?? [], problems);
    const discount =
      input.discounts === undefined ? target.discounts[0] : readDiscount(business, input.discounts ?? [], problems);
    Object.assign(change, compute(business, { currency, day: invoiceDate, lines, discount }, problems));
  }
  const isOther = input.exchangeRate !== undefined || currency !== target.currency;
  if (isOther) change.exchangeRate = readRate(business, input.exchangeRate, currency, problems);
  if (problems.any) return undefined;
  const approves = input.status === 'SAVED' && target.stage === 'DRAFT';
  const dueDate = input.dueDate ?? target.dueDate;
  const invoice = store(business, {
    ...target,
    ...appearance(input, target, TITLE),
    ...change,
    stage: approves ? 'SAVED' : target.stage,
    customerId,
    currency,
    invoiceDate,
    invoiceNumber,
    dueDate,
    // A due date put off may pass again.
    overdueTold: target.overdueTold && dueDate === target.dueDate,
  });
  if (approves) tellOfInvoice(business, invoice, 'invoice.approved');
  business.noteOverdue();
  return business.invoices.get(invoice.id);
}

/** What can no longer be changed once an invoice was sent or paid (sheet 3.5, uncertain). */
function refuseFixed({ business, target, input, problems }: WriteTo<Invoice, InvoiceInput>): void {
  const isSent = target.stage === 'SENT' || target.stage === 'VIEWED';
  if (isSent && business.switches.sentInvoicePatch === 'refuse') {
    problems.add(['id'], 'An invoice that was sent cannot be changed.');
  }
  const hasPayments = business.invoicePayments.having('invoice', target.id).length > 0;
  if (!hasPayments || business.switches.paidInvoicePatch === 'free') return;
  for (const field of ['customerId', 'currency', 'exchangeRate', 'items', 'discounts'] as const) {
    const isRepeated =
      (field === 'customerId' || field === 'currency') && (input[field] ?? target[field]) === target[field];
    if (input[field] !== undefined && !isRepeated) {
      problems.add([field], 'This cannot be changed on an invoice that has payments.');
    }
  }
}

export function cloneInvoice({ business, target }: WriteTo<Invoice, object>): Invoice {
  return addInvoice(business, {
    ...business.newRow('Invoice'),
    ...appearanceOf(target),
    ...UNSENT,
    ...recomputed(business, target),
    stage: 'DRAFT',
    customerId: target.customerId,
    currency: target.currency,
    exchangeRate: target.exchangeRate,
    invoiceNumber: business.invoiceNumbers.next(),
    invoiceDate: business.today(),
    dueDate: addDays(business.today(), business.settings.termsDays),
    sourceId: null,
  });
}

function recomputed(business: Business, form: Invoice) {
  const lines = draftsOf(business, form.items).map((line) => ({ ...line, id: String(business.nextNumber()) }));
  const draft = { currency: form.currency, day: business.today(), lines, discount: form.discounts[0] };
  // A form that was accepted once is accepted again.
  return compute(business, draft, new Problems());
}

export function addInvoice(business: Business, invoice: Invoice): Invoice {
  business.putInvoice(invoice);
  business.noteOverdue();
  return invoice;
}

export function approveInvoice({ business, target, problems }: WriteTo<Invoice, object>): Invoice | undefined {
  if (target.stage !== 'DRAFT') {
    if (business.switches.approveAgain === 'harmless') return target;
    problems.add(['invoiceId'], 'The invoice is approved already.');
    return undefined;
  }
  const invoice = store(business, { ...target, stage: 'SAVED' });
  tellOfInvoice(business, invoice, 'invoice.approved');
  business.noteOverdue();
  return business.invoices.get(invoice.id);
}

export interface MarkSentInput {
  sendMethod: string;
  sentAt?: number | null;
}

export function markInvoiceSent({ business, target, input, problems }: WriteTo<Invoice, MarkSentInput>) {
  if (refusedAsDraft(target, problems)) return undefined;
  return sent(business, target, input.sendMethod, input.sentAt ?? business.now());
}

export interface SendInput {
  to: string[];
  subject?: string | null;
}

/** No mail leaves, but it is noted that one would have. */
export function sendInvoice({ business, target, input, problems }: WriteTo<Invoice, SendInput>): Invoice | undefined {
  if (refusedAsDraft(target, problems)) return undefined;
  if (!canMail(business, input.to, problems)) return undefined;
  noteMail(business, 'invoice', target.id, input);
  return sent(business, target, 'WAVE', business.now());
}

export function canMail(business: Business, to: readonly string[], problems: Problems): boolean {
  if (!business.settings.emailSendEnabled) problems.add(null, 'Sending e-mail is not enabled for this business.');
  if (to.length === 0) problems.required(['to']);
  to.forEach((address, index) => {
    if (!/^[^@\s]+@[^@\s]+$/.test(address)) problems.add(['to', index], 'Enter a valid email address.');
  });
  return !problems.any;
}

export function noteMail(business: Business, about: string, id: string, { to, subject }: SendInput): void {
  business.outbox.push({ about, id, to, subject: subject ?? null, at: business.now() });
}

function sent(business: Business, invoice: Invoice, via: string, at: number): Invoice {
  const stage = invoice.stage === 'VIEWED' || via === 'NOT_SENT' ? invoice.stage : 'SENT';
  const changed = store(business, { ...invoice, stage, lastSentAt: at, lastSentVia: via });
  if (via !== 'NOT_SENT') tellOfInvoice(business, changed, 'invoice.sent');
  return changed;
}

/** As when the customer opens the link. */
export function viewInvoice(business: Business, invoice: Invoice): Invoice {
  if (invoice.stage === 'DRAFT') return invoice;
  const changed = store(business, { ...invoice, stage: 'VIEWED', lastViewedAt: business.now() });
  tellOfInvoice(business, changed, 'invoice.viewed');
  return changed;
}

export function deleteInvoice({ business, target, problems }: WriteTo<Invoice, object>): Invoice | undefined {
  if (business.invoicePayments.having('invoice', target.id).length > 0) {
    problems.add(['invoiceId'], 'An invoice with payments cannot be deleted.');
    return undefined;
  }
  business.remove(business.invoices, target.id);
  return target;
}

export function refusedAsClassic(business: Business, problems: Problems): boolean {
  if (business.settings.isClassicInvoicing) problems.add(['businessId'], 'This business uses classic invoicing.');
  return business.settings.isClassicInvoicing;
}

function refusedAsDraft(invoice: Invoice, problems: Problems): boolean {
  if (invoice.stage === 'DRAFT') problems.add(['invoiceId'], 'A draft has to be approved before it is sent.');
  return invoice.stage === 'DRAFT';
}

function refuseTakenNumber(business: Business, problems: Problems, number: string): void {
  if (business.switches.invoiceNumbersUnique && business.invoices.having('number', number).length > 0) {
    problems.add(['invoiceNumber'], `An invoice with the number '${number}' already exists.`, 'UNIQUE');
  }
}

export function readRate(
  business: Business,
  given: Nullable<Decimal> | undefined,
  currency: string,
  problems: Problems,
): string {
  const rate = given ?? business.rateOf(currency);
  if (!rate.gt(0)) problems.add(['exchangeRate'], 'An exchange rate has to be positive.');
  if (currency === business.settings.currency && !rate.eq(1)) {
    problems.add(['exchangeRate'], 'The rate of the currency of the business itself is 1.');
  }
  return rate.toFixed();
}

function store(business: Business, invoice: Invoice): Invoice {
  const changed = { ...invoice, modifiedAt: business.now() };
  business.putInvoice(changed);
  return changed;
}
