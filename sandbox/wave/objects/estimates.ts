import { Decimal, sum, zero } from '../../amounts.ts';
import type { Business } from '../business.ts';
import { addDays } from '../calendar.ts';
import { plain, rounded } from '../currencies.ts';
import type { Problems } from '../problems.ts';
import type { Estimate, EstimatePayment, EstimateStage, EstimateStatus, Invoice } from '../records.ts';
import { unknownReference } from '../references.ts';
import { given, type Write, type WriteTo } from '../write.ts';
import { ANCHORS } from '../account-types.ts';
import type { WebhookEvent } from '../webhook-events.ts';
import { appearance, appearanceOf, type AppearanceInput } from './form-fields.ts';
import { compute, draftsOf, readDiscount, readLines, type DiscountInput, type LineInput } from './form-lines.ts';
import { amountDue } from './invoice-status.ts';
import { canMail, noteMail, readRate, refusedAsClassic, type MarkSentInput, type SendInput } from './invoices.ts';

interface EstimateInput extends AppearanceInput {
  customerId: string;
  currency?: string | null;
  estimateNumber?: string | null;
  estimateDate?: string | null;
  dueDate?: string | null;
  exchangeRate?: Decimal | null;
  items?: LineInput[] | null;
  discounts?: DiscountInput[] | null;
  depositStatus?: Estimate['depositStatus'] | null;
  depositUnit?: Estimate['depositUnit'] | null;
  depositValue?: Decimal | null;
}

const TITLE = 'Estimate';

export function createEstimate({ business, input, problems }: Write<EstimateInput>): Estimate | undefined {
  if (refusedAsClassic(business, problems)) return undefined;
  checkCustomer(business, input.customerId, problems);
  const currency = input.currency ?? business.settings.currency;
  const estimateDate = input.estimateDate ?? business.today();
  const lines = readLines(business, input.items ?? [], problems);
  const discount = readDiscount(business, input.discounts ?? [], problems);
  const computed = compute(business, { currency, day: estimateDate, lines, discount }, problems);
  const exchangeRate = readRate(business, input.exchangeRate, currency, problems);
  if (problems.any) return undefined;
  return store(business, {
    ...business.newRow('AREstimate'),
    ...appearance(input, undefined, TITLE),
    ...computed,
    ...deposit(input, undefined),
    stage: 'DRAFT',
    stageBeforeAnswer: null,
    customerId: input.customerId,
    currency,
    exchangeRate,
    estimateNumber: input.estimateNumber ?? business.estimateNumbers.next(),
    estimateDate,
    dueDate: input.dueDate ?? addDays(estimateDate, business.settings.termsDays),
    amountPaid: '0',
    lastSentAt: null,
    lastSentVia: null,
    lastViewedAt: null,
    events: [],
  });
}

export interface EstimatePatchInput extends EstimateInput {
  status: EstimateStatus | 'DELETED';
  title: string;
  estimateDate: string;
  currency: string;
  exchangeRate: Decimal;
  dueDate: string;
}

export function patchEstimate(write: WriteTo<Estimate, EstimatePatchInput>): Estimate | undefined {
  const { business, target, input, problems } = write;
  if (target.stage === 'CONVERTED') problems.add(['id'], 'A converted estimate cannot be changed.');
  checkCustomer(business, input.customerId, problems);
  const stage = stageAfter(write);
  const { currency, estimateDate, dueDate } = input;
  const lines =
    input.items === undefined ? draftsOf(business, target.items) : readLines(business, input.items ?? [], problems);
  const discount =
    input.discounts === undefined ? target.discounts[0] : readDiscount(business, input.discounts ?? [], problems);
  const computed = compute(business, { currency, day: estimateDate, lines, discount }, problems);
  const exchangeRate = readRate(business, input.exchangeRate, currency, problems);
  if (problems.any) return undefined;
  const changed = store(business, {
    ...target,
    ...appearance(input, target, TITLE),
    ...computed,
    ...deposit(input, target),
    stage,
    customerId: input.customerId,
    currency,
    exchangeRate,
    estimateNumber: input.estimateNumber ?? target.estimateNumber,
    estimateDate,
    dueDate,
    modifiedAt: business.now(),
  });
  const event = TOLD_STAGES[stage];
  if (stage !== target.stage && event) tell(business, changed, event);
  return changed;
}

const TOLD_STAGES: Partial<Record<EstimateStage, WebhookEvent>> = {
  APPROVED: 'estimate.approved',
  SENT: 'estimate.sent',
  VIEWED: 'estimate.viewed',
  ACCEPTED: 'estimate.accepted',
  REJECTED: 'estimate.rejected',
};

/** The status has to be restated; what it cannot be set to is what other mutations are for. */
function stageAfter({ business, target, input, problems }: WriteTo<Estimate, EstimatePatchInput>): EstimateStage {
  const { status } = input;
  if (status === estimateStatus(business, target)) return target.stage;
  if (status === 'EXPIRED' || status === 'DELETED' || status === 'CONVERTED') {
    problems.add(['status'], `An estimate cannot be set to ${status}.`);
    return target.stage;
  }
  return status;
}

/** Past its last day an estimate that nobody answered is shown as expired. */
export function estimateStatus(business: Business, { stage, dueDate }: Estimate): EstimateStatus {
  const isOpen = stage === 'APPROVED' || stage === 'SENT' || stage === 'VIEWED';
  return isOpen && dueDate < business.today() ? 'EXPIRED' : stage;
}

export function cloneEstimate({ business, target }: WriteTo<Estimate, object>): Estimate {
  const today = business.today();
  return store(business, {
    ...target,
    ...business.newRow('AREstimate'),
    items: target.items.map((line) => ({ ...line, id: String(business.nextNumber()) })),
    stage: 'DRAFT',
    stageBeforeAnswer: null,
    estimateNumber: business.estimateNumbers.next(),
    estimateDate: today,
    dueDate: addDays(today, business.settings.termsDays),
    amountPaid: '0',
    lastSentAt: null,
    lastSentVia: null,
    lastViewedAt: null,
    events: [],
  });
}

export function deleteEstimate({ business, target, problems }: WriteTo<Estimate, object>): Estimate | undefined {
  if (business.estimatePayments.having('estimate', target.id).length > 0) {
    problems.add(['estimateId'], 'An estimate with payments cannot be deleted.');
    return undefined;
  }
  business.remove(business.estimates, target.id);
  return target;
}

export function approveEstimate({ business, target, problems }: WriteTo<Estimate, object>): Estimate | undefined {
  if (target.stage !== 'DRAFT') {
    if (business.switches.approveAgain === 'harmless') return target;
    problems.add(['estimateId'], 'The estimate is approved already.');
    return undefined;
  }
  return moved(business, target, 'APPROVED', 'estimate.approved');
}

export function sendEstimate({ business, target, input, problems }: WriteTo<Estimate, SendInput>) {
  if (refusedAsDraft(target, problems) || !canMail(business, input.to, problems)) return undefined;
  noteMail(business, 'estimate', target.id, input);
  return sent(business, target, 'WAVE', business.now());
}

export function markEstimateSent({ business, target, input, problems }: WriteTo<Estimate, MarkSentInput>) {
  if (refusedAsDraft(target, problems)) return undefined;
  return sent(business, target, input.sendMethod, input.sentAt ?? business.now());
}

function sent(business: Business, estimate: Estimate, via: string, at: number): Estimate {
  const stage = estimate.stage === 'APPROVED' && via !== 'NOT_SENT' ? 'SENT' : estimate.stage;
  const changed = store(business, {
    ...estimate,
    stage,
    lastSentAt: at,
    lastSentVia: via,
    modifiedAt: business.now(),
  });
  if (via !== 'NOT_SENT') tell(business, changed, 'estimate.sent');
  return changed;
}

/** As when the customer opens the link. */
export function viewEstimate(business: Business, estimate: Estimate): Estimate {
  const stage = estimate.stage === 'SENT' || estimate.stage === 'APPROVED' ? 'VIEWED' : estimate.stage;
  const now = business.now();
  const changed = store(business, { ...estimate, stage, lastViewedAt: now, modifiedAt: now });
  tell(business, changed, 'estimate.viewed');
  return changed;
}

export function acceptEstimate(write: WriteTo<Estimate, object>): Estimate | undefined {
  return answered(write, 'ACCEPTED');
}

/** Only the customer can say no; the API has no mutation for it. */
export function rejectEstimate(write: WriteTo<Estimate, object>): Estimate | undefined {
  return answered(write, 'REJECTED');
}

function answered({ business, target, problems }: WriteTo<Estimate, object>, stage: 'ACCEPTED' | 'REJECTED') {
  if (target.stage === 'DRAFT' || target.stage === 'CONVERTED') {
    problems.add(['estimateId'], `A ${target.stage.toLowerCase()} estimate cannot be answered.`);
    return undefined;
  }
  const customer = business.customers.get(target.customerId);
  const event = { state: stage, name: customer?.name ?? null, email: customer?.email ?? null, at: business.now() };
  const isFirst = target.stage !== 'ACCEPTED' && target.stage !== 'REJECTED';
  const changed = {
    ...target,
    events: [...target.events, event],
    stageBeforeAnswer: isFirst ? target.stage : target.stageBeforeAnswer,
  };
  return moved(business, changed, stage, stage === 'ACCEPTED' ? 'estimate.accepted' : 'estimate.rejected');
}

export function resetAcceptance({ business, target, problems }: WriteTo<Estimate, object>): Estimate | undefined {
  if (target.stageBeforeAnswer === null || target.stage === 'CONVERTED') {
    problems.add(['estimateId'], 'The estimate was not answered.');
    return undefined;
  }
  const event = { state: 'RESET', name: null, email: null, at: business.now() };
  return store(business, {
    ...target,
    stage: target.stageBeforeAnswer,
    stageBeforeAnswer: null,
    events: [...target.events, event],
    modifiedAt: business.now(),
  });
}

export function mailAcceptance({ business, target, problems }: WriteTo<Estimate, object>): Estimate | undefined {
  const email = business.customers.get(target.customerId)?.email;
  if (!email) {
    problems.add(['estimateId'], 'The customer has no e-mail address.');
    return undefined;
  }
  if (!canMail(business, [email], problems)) return undefined;
  noteMail(business, 'acceptance', target.id, { to: [email] });
  return target;
}

/** The invoice is a draft with the same lines, and knows where it came from. */
export function convertEstimate({ business, target, problems }: WriteTo<Estimate, object>): string | undefined {
  if (target.stage === 'CONVERTED') problems.add(['estimateId'], 'The estimate is converted already.');
  if (refusedAsClassic(business, problems) || problems.any) return undefined;
  const today = business.today();
  const invoice: Invoice = {
    ...business.newRow('Invoice'),
    ...appearanceOf(target),
    title: 'Invoice',
    stage: 'DRAFT',
    customerId: target.customerId,
    currency: target.currency,
    exchangeRate: target.exchangeRate,
    items: target.items.map((line) => ({ ...line, id: String(business.nextNumber()) })),
    discounts: target.discounts,
    subtotal: target.subtotal,
    discountTotal: target.discountTotal,
    taxTotal: target.taxTotal,
    total: target.total,
    amountPaid: '0',
    invoiceNumber: business.invoiceNumbers.next(),
    invoiceDate: today,
    dueDate: addDays(today, business.settings.termsDays),
    sourceId: target.id,
    lastSentAt: null,
    lastSentVia: null,
    lastViewedAt: null,
    wasPaid: false,
    overdueTold: false,
  };
  business.putInvoice(invoice);
  moved(business, target, 'CONVERTED', 'estimate.converted');
  return invoice.id;
}

export interface DepositInput {
  amount?: Decimal | null;
  paymentDate?: string | null;
  paymentMethod?: string | null;
  paymentAccountId?: string | null;
  memo?: string | null;
}

export function createDeposit({ business, target, input, problems }: WriteTo<Estimate, DepositInput>) {
  if (refusedAsDraft(target, problems)) return undefined;
  const account = input.paymentAccountId ?? business.accountOf('CASH_AND_BANK')?.id ?? '';
  const amount = checkDeposit(business, target, { ...input, paymentAccountId: account }, problems);
  if (problems.any) return undefined;
  const payment: EstimatePayment = {
    ...business.newRow('EstimatePayment'),
    estimateId: target.id,
    paymentAccountId: account,
    amount: plain(amount, target.currency),
    paymentDate: input.paymentDate ?? business.today(),
    paymentMethod: input.paymentMethod ?? 'OTHER',
    memo: input.memo ?? null,
  };
  business.putEstimatePayment(payment);
  settle(business, target.id);
  return payment;
}

export function updateDeposit({
  business,
  target,
  input,
  problems,
}: WriteTo<EstimatePayment, DepositInput & { estimateId: string }>): EstimatePayment | undefined {
  const estimate = business.estimates.get(target.estimateId);
  if (!estimate || input.estimateId !== target.estimateId) {
    problems.add(['estimateId'], 'The payment belongs to another estimate.');
    return undefined;
  }
  const paymentAccountId = input.paymentAccountId ?? target.paymentAccountId;
  const wanted = { paymentAccountId, amount: input.amount ?? new Decimal(target.amount) };
  const amount = checkDeposit(business, estimate, wanted, problems);
  if (problems.any) return undefined;
  const payment: EstimatePayment = {
    ...target,
    ...given(input as { memo?: string | null }, ['memo']),
    paymentAccountId,
    amount: plain(amount, estimate.currency),
    paymentDate: input.paymentDate ?? target.paymentDate,
    paymentMethod: input.paymentMethod ?? target.paymentMethod,
    modifiedAt: business.now(),
  };
  business.putEstimatePayment(payment);
  settle(business, estimate.id);
  return payment;
}

export function deleteDeposit({ business, target }: WriteTo<EstimatePayment, object>): EstimatePayment {
  business.remove(business.estimatePayments, target.id);
  settle(business, target.estimateId);
  return target;
}

export function sendDepositReceipt({
  business,
  target,
  input,
  problems,
}: WriteTo<Estimate, SendInput & { estimatePaymentId: string }>): Estimate | undefined {
  const payment = business.estimatePayments.get(input.estimatePaymentId);
  if (payment?.estimateId !== target.id) {
    unknownReference(business, problems, ['estimatePaymentId'], 'EstimatePayment', input.estimatePaymentId);
  }
  if (!canMail(business, input.to, problems)) return undefined;
  noteMail(business, 'receipt', input.estimatePaymentId, input);
  return target;
}

/** What the customer is asked to pay ahead. */
export function depositTotal(estimate: Estimate): Decimal {
  const { depositStatus, depositUnit, depositValue, currency, total } = estimate;
  if (depositStatus === 'DISABLED' || depositValue === null) return zero;
  const value = new Decimal(depositValue);
  return rounded(depositUnit === 'AMOUNT' ? value : new Decimal(total).times(value).div(100), currency);
}

/** UNPAID, PARTIAL or PAID, by what was asked ahead or, when nothing was, by the whole. */
export function depositPaymentStatus(estimate: Estimate): 'PAID' | 'PARTIAL' | 'UNPAID' {
  const paid = new Decimal(estimate.amountPaid);
  if (paid.isZero()) return 'UNPAID';
  const asked = depositTotal(estimate);
  return paid.gte(asked.isZero() ? estimate.total : asked) ? 'PAID' : 'PARTIAL';
}

function deposit(input: EstimateInput, before: Estimate | undefined) {
  return {
    depositStatus: input.depositStatus ?? before?.depositStatus ?? 'DISABLED',
    depositUnit: input.depositUnit ?? before?.depositUnit ?? 'PERCENTAGE',
    depositValue: input.depositValue?.toFixed() ?? before?.depositValue ?? null,
  } as const;
}

function checkDeposit(
  business: Business,
  estimate: Estimate,
  { amount, paymentAccountId }: DepositInput,
  problems: Problems,
): Decimal {
  const account = business.accounts.get(paymentAccountId);
  if (!account) unknownReference(business, problems, ['paymentAccountId'], 'Account', paymentAccountId ?? '');
  else if (!ANCHORS.includes(account.subtype)) {
    problems.add(['paymentAccountId'], 'The account has to be one that money can be paid into.');
  }
  const value = rounded(amount ?? zero, estimate.currency);
  if (!value.gt(zero)) problems.add(['amount'], 'The amount has to be positive.');
  return value;
}

function settle(business: Business, estimateId: string): void {
  const estimate = business.estimates.get(estimateId);
  if (!estimate) return;
  const payments = business.estimatePayments.having('estimate', estimateId);
  const paid = sum(payments.map((payment) => new Decimal(payment.amount)));
  const touched = business.switches.paymentsTouchInvoice ? { modifiedAt: business.now() } : {};
  business.putEstimate({ ...estimate, amountPaid: plain(paid, estimate.currency), ...touched });
}

function checkCustomer(business: Business, id: string, problems: Problems): void {
  if (!business.customers.get(id)) unknownReference(business, problems, ['customerId'], 'Customer', id);
}

function refusedAsDraft(estimate: Estimate, problems: Problems): boolean {
  if (estimate.stage === 'DRAFT') problems.add(['estimateId'], 'A draft has to be approved first.');
  return estimate.stage === 'DRAFT';
}

function moved(business: Business, estimate: Estimate, stage: EstimateStage, type: WebhookEvent): Estimate {
  const changed = store(business, { ...estimate, stage, modifiedAt: business.now() });
  tell(business, changed, type);
  return changed;
}

function tell(business: Business, estimate: Estimate, type: WebhookEvent): void {
  business.emit({
    type,
    id: estimate.id,
    customerId: estimate.customerId,
    currency: estimate.currency,
    total: estimate.total,
    amountPaid: estimate.amountPaid,
    amountDue: amountDue(estimate).toFixed(),
    dueDate: estimate.dueDate,
  });
}

function store(business: Business, estimate: Estimate): Estimate {
  business.putEstimate(estimate);
  return estimate;
}
