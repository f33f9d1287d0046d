import { Decimal, sum } from '../../amounts.ts';
import { ANCHORS } from '../account-types.ts';
import type { Business } from '../business.ts';
import { plain, rounded } from '../currencies.ts';
import { childId } from '../ids.ts';
import type { Problems } from '../problems.ts';
import type { Invoice, InvoicePayment } from '../records.ts';
import { unknownReference } from '../references.ts';
import { given, type Write, type WriteTo } from '../write.ts';
import { tellOfPayment } from './invoice-status.ts';
import { canMail, noteMail, type SendInput } from './invoices.ts';

export interface PaymentInput {
  paymentAccountId: string;
  amount: Decimal;
  paymentDate: string;
  paymentMethod: string;
  exchangeRate: Decimal;
  memo?: string | null;
}

export function createPayment({ business, target: invoice, input, problems }: WriteTo<Invoice, PaymentInput>) {
  if (invoice.stage === 'DRAFT') {
    problems.add(['invoiceId'], 'A payment cannot be added to a draft invoice');
    return undefined;
  }
  checkPayment(business, invoice, input, problems);
  if (problems.any) return undefined;
  return addPayment(business, invoice, input, {});
}

/** What the vendor's own card processing records. */
export interface ProviderFacts {
  provider?: string;
  providerTransactionId?: string;
}

export function addPayment(
  business: Business,
  invoice: Invoice,
  input: PaymentInput,
  { provider, providerTransactionId }: ProviderFacts,
): InvoicePayment {
  const payment: InvoicePayment = {
    ...business.newRow('InvoicePayment'),
    invoiceId: invoice.id,
    accountId: input.paymentAccountId,
    amount: plain(rounded(input.amount, invoice.currency), invoice.currency),
    paymentDate: input.paymentDate,
    paymentMethod: input.paymentMethod,
    exchangeRate: input.exchangeRate.toFixed(),
    memo: input.memo ?? null,
    provider: provider ?? null,
    providerTransactionId: providerTransactionId ?? null,
    accountingTransactionId: childId(business.uuid, 'Transaction', business.nextNumber()),
  };
  business.putInvoicePayment(payment);
  settle(business, invoice.id);
  return payment;
}

export type PaymentPatch = { [Field in keyof PaymentInput]?: PaymentInput[Field] | null };

export function patchPayment(write: WriteTo<InvoicePayment, PaymentPatch>): InvoicePayment | undefined {
  const { business, target, input, problems } = write;
  const invoice = business.invoices.get(target.invoiceId);
  if (!invoice || refusedAsProcessed(write)) return undefined;
  const wanted: PaymentInput = {
    paymentAccountId: input.paymentAccountId ?? target.accountId,
    amount: input.amount ?? new Decimal(target.amount),
    paymentDate: input.paymentDate ?? target.paymentDate,
    paymentMethod: input.paymentMethod ?? target.paymentMethod,
    exchangeRate: input.exchangeRate ?? new Decimal(target.exchangeRate),
  };
  checkPayment(business, invoice, wanted, problems);
  if (problems.any) return undefined;
  const payment: InvoicePayment = {
    ...target,
    ...given(input as { memo?: string | null }, ['memo']),
    accountId: wanted.paymentAccountId,
    amount: plain(rounded(wanted.amount, invoice.currency), invoice.currency),
    paymentDate: wanted.paymentDate,
    paymentMethod: wanted.paymentMethod,
    exchangeRate: wanted.exchangeRate.toFixed(),
    modifiedAt: business.now(),
  };
  business.putInvoicePayment(payment);
  settle(business, invoice.id);
  return payment;
}

export function deletePayment(write: WriteTo<InvoicePayment, object>): InvoicePayment | undefined {
  if (refusedAsProcessed(write)) return undefined;
  write.business.remove(write.business.invoicePayments, write.target.id);
  settle(write.business, write.target.invoiceId);
  return write.target;
}

export function sendReceipt({
  business,
  target: invoice,
  input,
  problems,
}: WriteTo<Invoice, SendInput & { invoicePaymentId: string }>): Invoice | undefined {
  const payment = business.invoicePayments.get(input.invoicePaymentId);
  if (payment?.invoiceId !== invoice.id) {
    unknownReference(business, problems, ['invoicePaymentId'], 'InvoicePayment', input.invoicePaymentId);
  }
  if (!canMail(business, input.to, problems)) return undefined;
  noteMail(business, 'receipt', input.invoicePaymentId, input);
  return invoice;
}

function checkPayment(business: Business, invoice: Invoice, input: PaymentInput, problems: Problems): void {
  const { paymentAccountId: id } = input;
  const account = business.accounts.get(id);
  if (!account) unknownReference(business, problems, ['paymentAccountId'], 'Account', id);
  else if (!ANCHORS.includes(account.subtype) || account.isArchived) {
    problems.add(['paymentAccountId'], 'The account has to be one that money can be paid into.');
  } else if (![invoice.currency, business.settings.currency].includes(account.currency)) {
    problems.add(['paymentAccountId'], 'The account has to be in the currency of the invoice or of the business.');
  }
  if (!rounded(input.amount, invoice.currency).gt(0)) problems.add(['amount'], 'The amount has to be positive.');
  if (!input.exchangeRate.gt(0)) problems.add(['exchangeRate'], 'The exchange rate has to be positive.');
}

function refusedAsProcessed({ business, target, problems }: Write<object> & { target: InvoicePayment }): boolean {
  const isLocked = target.provider !== null && business.switches.providerPayments === 'locked';
  if (isLocked) problems.add(['id'], 'A payment that Wave processed cannot be changed.');
  return isLocked;
}

/** The invoice after its payments changed: amount paid, status, and whether that counts as a change of it. */
function settle(business: Business, invoiceId: string): void {
  const before = business.invoices.get(invoiceId);
  if (!before) return;
  const paid = sum(business.invoicePayments.having('invoice', invoiceId).map((payment) => new Decimal(payment.amount)));
  const touched = business.switches.paymentsTouchInvoice ? { modifiedAt: business.now() } : {};
  const after = { ...before, amountPaid: plain(paid, before.currency), wasPaid: true, ...touched };
  business.putInvoice(after);
  tellOfPayment(business, before, after);
}
