import type { Business } from '../business.ts';
import { businessIdIn } from '../ids.ts';
import { archiveAccount, createAccount, patchAccount } from '../objects/accounts.ts';
import * as estimates from '../objects/estimates.ts';
import * as payments from '../objects/invoice-payments.ts';
import * as invoices from '../objects/invoices.ts';
import { createDepositTransaction, createTransaction, createTransactions } from '../objects/money-transactions.ts';
import { createCustomer, deleteCustomer, patchCustomer } from '../objects/parties.ts';
import { archiveProduct, createProduct, patchProduct } from '../objects/products.ts';
import { addRate, archiveSalesTax, createSalesTax, patchSalesTax } from '../objects/sales-taxes.ts';
import { Problems } from '../problems.ts';
import type { Write, WriteTo } from '../write.ts';
import { authenticated, businessFor, requireScopes, type Context } from './context.ts';
import { notFound } from './failure.ts';
import type { FieldTable } from './objects.ts';

type Kept = Business['kept'];
type RowOf<Kind extends keyof Kept> = Kept[Kind] extends { get(id: string): infer R | undefined } ? R : never;

/** One mutation: whose business it is about, what it needs, what it does and under which name the result goes out. */
export interface MutationRule {
  scopes: readonly string[];
  /** What it makes or changes, for fault rules and counts. */
  entity: keyof Kept;
  /** Finds the business, and what the mutation is about, from the input. */
  run(context: Context, input: Record<string, unknown>, problems: Problems): unknown;
  /** The member of the payload that holds the result; nothing but success is told without one. */
  returns?: string;
}

/** A mutation that names its business. */
function within<Input>(
  scope: string,
  entity: keyof Kept,
  run: (write: Write<Input>) => unknown,
  returns?: string,
): MutationRule {
  return {
    scopes: [scope],
    entity,
    returns,
    run(context, input, problems) {
      const business = businessFor(context, String(input.businessId));
      return run({ business, input: input as Input, problems });
    },
  };
}

/** A mutation that names what it changes, and only thereby the business. */
function about<Kind extends keyof Kept, Input>(
  scopes: readonly string[],
  [kind, field, type = kind]: [kind: Kind, field: string, type?: string],
  run: (write: WriteTo<RowOf<Kind>, Input>) => unknown,
  returns?: string,
): MutationRule {
  return {
    scopes,
    entity: kind,
    returns,
    run(context, input, problems) {
      const id = String(input[field]);
      const business = ownerOf(context, id);
      const target = business?.kept[kind].get(id) as RowOf<Kind> | undefined;
      if (!business || !target) throw notFound(type, id);
      return run({ business, target, input: input as Input, problems });
    },
  };
}

/** The business an id belongs to, if the token reaches it. */
function ownerOf(context: Context, id: string): Business | undefined {
  const { businesses } = authenticated(context);
  const owner = businessIdIn(id);
  if (owner === undefined || !context.vendor.businesses.has(owner)) return undefined;
  return businesses && !businesses.includes(owner) ? undefined : businessFor(context, owner);
}

const ESTIMATE: ['Estimate', string, string] = ['Estimate', 'estimateId', 'AREstimate'];
const INVOICE: ['Invoice', string] = ['Invoice', 'invoiceId'];

/** Every mutation there is (sheet 3.4). */
export const MUTATIONS: Readonly<Record<string, MutationRule>> = {
  accountCreate: within('account:write', 'Account', createAccount, 'account'),
  accountPatch: about(['account:write'], ['Account', 'id'], patchAccount, 'account'),
  accountArchive: about(['account:write'], ['Account', 'id'], archiveAccount),

  customerCreate: within('customer:write', 'Customer', createCustomer, 'customer'),
  customerPatch: about(['customer:write'], ['Customer', 'id'], patchCustomer, 'customer'),
  customerDelete: about(['customer:write'], ['Customer', 'id'], deleteCustomer),

  productCreate: within('product:write', 'Product', createProduct, 'product'),
  productPatch: about(['product:write'], ['Product', 'id'], patchProduct, 'product'),
  productArchive: about(['product:write'], ['Product', 'id'], archiveProduct, 'product'),

  salesTaxCreate: within('sales_tax:write', 'SalesTax', createSalesTax, 'salesTax'),
  salesTaxPatch: about(['sales_tax:write'], ['SalesTax', 'id'], patchSalesTax, 'salesTax'),
  salesTaxArchive: about(['sales_tax:write'], ['SalesTax', 'id'], archiveSalesTax, 'salesTax'),
  salesTaxRateCreate: about(['sales_tax:write'], ['SalesTax', 'id'], addRate),

  invoiceCreate: within('invoice:write', 'Invoice', invoices.createInvoice, 'invoice'),
  invoicePatch: about(['invoice:write'], ['Invoice', 'id'], invoices.patchInvoice, 'invoice'),
  invoiceClone: about(['invoice:write'], INVOICE, invoices.cloneInvoice, 'invoice'),
  invoiceDelete: about(['invoice:write'], INVOICE, invoices.deleteInvoice),
  invoiceSend: about(['invoice:send'], INVOICE, invoices.sendInvoice, 'invoice'),
  invoiceApprove: about(['invoice:write'], INVOICE, invoices.approveInvoice, 'invoice'),
  invoiceMarkSent: about(['invoice:write'], INVOICE, invoices.markInvoiceSent, 'invoice'),

  invoicePaymentCreateManual: about(['invoice:write'], INVOICE, payments.createPayment, 'invoicePayment'),
  invoicePaymentPatch: about(['invoice:write'], ['InvoicePayment', 'id'], payments.patchPayment, 'invoicePayment'),
  invoicePaymentDelete: about(['invoice:write'], ['InvoicePayment', 'id'], payments.deletePayment),
  invoicePaymentReceiptSend: about(['invoice:send'], INVOICE, payments.sendReceipt),

  estimateCreate: within('estimate:write', 'Estimate', estimates.createEstimate, 'estimate'),
  estimatePatch: about(['estimate:write'], ['Estimate', 'id', 'AREstimate'], estimates.patchEstimate, 'estimate'),
  estimateClone: about(['estimate:write'], ESTIMATE, estimates.cloneEstimate, 'estimate'),
  estimateDelete: about(['estimate:write'], ESTIMATE, estimates.deleteEstimate),
  estimateApprove: about(['estimate:write'], ESTIMATE, estimates.approveEstimate, 'estimate'),
  estimateSend: about(['estimate:send'], ESTIMATE, estimates.sendEstimate, 'estimate'),
  estimateMarkSent: about(['estimate:write'], ESTIMATE, estimates.markEstimateSent, 'estimate'),
  estimateMarkAccepted: about(['estimate:write'], ESTIMATE, estimates.acceptEstimate, 'estimate'),
  estimateResetAcceptance: about(['estimate:write'], ESTIMATE, estimates.resetAcceptance, 'estimate'),
  estimateSendAcceptanceCustomerEmail: about(['estimate:send'], ESTIMATE, estimates.mailAcceptance, 'estimate'),
  estimateGeneratePdf: about(['estimate:write'], ESTIMATE, ({ target }) => target, 'pdfUrl'),
  convertEstimateToInvoice: about(
    ['estimate:write', 'invoice:write'],
    ESTIMATE,
    estimates.convertEstimate,
    'invoiceId',
  ),
  estimateDepositPaymentCreateManual: about(['estimate:write'], ESTIMATE, estimates.createDeposit, 'estimatePayment'),
  estimateDepositPaymentUpdateManual: about(
    ['estimate:write'],
    ['EstimatePayment', 'id'],
    estimates.updateDeposit,
    'estimatePayment',
  ),
  estimateDepositPaymentReceiptSend: about(['estimate:send'], ESTIMATE, estimates.sendDepositReceipt),
  estimatePaymentDelete: about(['estimate:write'], ['EstimatePayment', 'id'], estimates.deleteDeposit),

  moneyTransactionCreate: within('transaction:write', 'Transaction', createTransaction, 'transaction'),
  moneyTransactionsCreate: within('transaction:write', 'Transaction', createTransactions, 'transactions'),
  moneyDepositTransactionCreate: within('transaction:write', 'Transaction', createDepositTransaction),
};

/** What went wrong is told in the payload, with HTTP 200 and no `errors` (sheet 2.2). */
function payloadOf(rule: MutationRule, result: unknown, problems: Problems, context: Context): object {
  const isPartial = Array.isArray(result) && result.some((each) => each !== null);
  if (problems.any && !isPartial) {
    return { didSucceed: false, inputErrors: problems.list, ...(rule.returns && { [rule.returns]: null }) };
  }
  const none = context.vendor.switches.inputErrorsOnSuccess === 'null' ? null : [];
  return {
    didSucceed: !problems.any,
    inputErrors: problems.any ? problems.list : none,
    ...(rule.returns && { [rule.returns]: result }),
  };
}

export function mutationFields(): FieldTable {
  const fields = Object.entries(MUTATIONS).map(([name, rule]) => [
    name,
    (_source: unknown, { input }: { input: Record<string, unknown> }, context: Context) => {
      requireScopes(context, rule.scopes);
      const problems = new Problems();
      const result = rule.run(context, input, problems);
      return payloadOf(rule, result, problems, context);
    },
  ]);
  return { _: () => null, ...(Object.fromEntries(fields) as FieldTable) };
}
